/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/async/asab-fiber.h>

G_BEGIN_DECLS

#define ASAB_TYPE_COROUTINE (asab_coroutine_get_type ())
ASAB_AVAILABLE_IN_ALL
G_DECLARE_DERIVABLE_TYPE (AsabCoroutine, asab_coroutine, ASAB, COROUTINE, GObject)

struct _AsabCoroutineClass
{
  GObjectClass parent_class;

  /**
   * AsabCoroutineClass::run: (skip)
   * @self: a coroutine
   * @result: an unset value, to be set to the result if there is one
   * @error: return location for an error
   *
   * The body, as a function that may wait: it runs on a fiber.
   *
   * Returns: true if the coroutine's future is to be resolved with @result, false if it is to be rejected with @error
   */
  gboolean    (*run)  (AsabCoroutine  *self,
                       GValue         *result,
                       GError        **error);

  /**
   * AsabCoroutineClass::work:
   * @self: a coroutine
   *
   * The body, as a function that gives a future; for languages whose functions can wait by themselves.
   *
   * By default it runs `run` on a fiber, or calls the function that the coroutine was made of.
   *
   * Returns: (transfer full) (nullable): a future of the result, or %NULL if the work is done and has no result
   */
  AsabFuture *(*work) (AsabCoroutine  *self);

  /*< private >*/
  gpointer padding[8];
};

ASAB_AVAILABLE_IN_ALL
AsabCoroutine *asab_coroutine_new           (const char       *name,
                                             AsabAsyncFunc     func,
                                             gpointer          user_data,
                                             GDestroyNotify    destroy) G_GNUC_WARN_UNUSED_RESULT;
ASAB_AVAILABLE_IN_ALL
AsabCoroutine *asab_coroutine_new_for_fiber (const char       *name,
                                             AsabFiberFunc     func,
                                             gpointer          user_data,
                                             GDestroyNotify    destroy) G_GNUC_WARN_UNUSED_RESULT;

ASAB_AVAILABLE_IN_ALL
const char    *asab_coroutine_get_name      (AsabCoroutine    *self);
ASAB_AVAILABLE_IN_ALL
AsabFuture    *asab_coroutine_start         (AsabCoroutine    *self);
ASAB_AVAILABLE_IN_ALL
AsabFuture    *asab_coroutine_get_future    (AsabCoroutine    *self);
ASAB_AVAILABLE_IN_ALL
AsabFuture    *asab_coroutine_close         (AsabCoroutine    *self) G_GNUC_WARN_UNUSED_RESULT;
ASAB_AVAILABLE_IN_ALL
gboolean       asab_coroutine_throw         (AsabCoroutine    *self,
                                             const GError     *exception,
                                             GError          **error);
ASAB_AVAILABLE_IN_ALL
AsabFuture    *asab_coroutine_send          (AsabCoroutine    *self,
                                             const GValue     *value) G_GNUC_WARN_UNUSED_RESULT;
ASAB_AVAILABLE_IN_ALL
gboolean       asab_coroutine_yield         (AsabCoroutine    *self,
                                             const GValue     *value,
                                             GValue           *sent,
                                             GError          **error);

G_END_DECLS
