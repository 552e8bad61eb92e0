/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/async/asab-future.h>

G_BEGIN_DECLS

#define ASAB_TYPE_CALLBACK_ACCUMULATOR (asab_callback_accumulator_get_type ())
ASAB_AVAILABLE_IN_ALL
G_DECLARE_FINAL_TYPE (AsabCallbackAccumulator, asab_callback_accumulator, ASAB, CALLBACK_ACCUMULATOR, GObject)

/**
 * AsabAccumulatedFunc:
 * @args: (nullable): the arguments, a tuple, or %NULL
 * @scope_error: (nullable): the error with which the scope ends, for those who are to know
 * @user_data: (closure): the data given with the function
 * @result: (out) (nullable): return location for what it has to say
 * @error: return location for an error
 *
 * A callback of a [class@CallbackAccumulator].
 *
 * Returns: false if it failed
 */
typedef gboolean (*AsabAccumulatedFunc) (GVariant      *args,
                                         const GError  *scope_error,
                                         gpointer       user_data,
                                         GVariant     **result,
                                         GError       **error);

/**
 * AsabArgumentsFunc:
 * @user_data: (closure): the data given with the function
 * @error: return location for an error
 *
 * Makes the arguments with which callbacks are called.
 *
 * Returns: (transfer full) (nullable): a tuple, or %NULL for no arguments
 */
typedef GVariant *(*AsabArgumentsFunc) (gpointer   user_data,
                                        GError   **error);

ASAB_AVAILABLE_IN_ALL
AsabCallbackAccumulator *asab_callback_accumulator_new  (const char               *name,
                                                         int                       max_length,
                                                         gboolean                  call_once)
                                                         G_GNUC_WARN_UNUSED_RESULT;

ASAB_AVAILABLE_IN_ALL
const char *asab_callback_accumulator_get_name          (AsabCallbackAccumulator  *self);
ASAB_AVAILABLE_IN_ALL
int         asab_callback_accumulator_get_max_length    (AsabCallbackAccumulator  *self);
ASAB_AVAILABLE_IN_ALL
gboolean    asab_callback_accumulator_get_call_once     (AsabCallbackAccumulator  *self);
ASAB_AVAILABLE_IN_ALL
GVariant   *asab_callback_accumulator_get_default_value (AsabCallbackAccumulator  *self);
ASAB_AVAILABLE_IN_ALL
void        asab_callback_accumulator_set_default_value (AsabCallbackAccumulator  *self,
                                                         GVariant                 *value);
ASAB_AVAILABLE_IN_ALL
void        asab_callback_accumulator_set_default_callback (AsabCallbackAccumulator *self,
                                                            AsabAccumulatedFunc    func,
                                                            gpointer               user_data,
                                                            GDestroyNotify         destroy);
ASAB_AVAILABLE_IN_ALL
void        asab_callback_accumulator_set_default_getter (AsabCallbackAccumulator *self,
                                                          AsabArgumentsFunc        getter,
                                                          gpointer                 user_data,
                                                          GDestroyNotify           destroy);

ASAB_AVAILABLE_IN_ALL
gboolean    asab_callback_accumulator_add               (AsabCallbackAccumulator  *self,
                                                         GObject                  *object,
                                                         GError                  **error);
ASAB_AVAILABLE_IN_ALL
gboolean    asab_callback_accumulator_offer_last        (AsabCallbackAccumulator  *self,
                                                         GObject                  *object,
                                                         GError                  **error);
ASAB_AVAILABLE_IN_ALL
void        asab_callback_accumulator_add_callback      (AsabCallbackAccumulator  *self,
                                                         AsabAccumulatedFunc       func,
                                                         gpointer                  user_data,
                                                         GDestroyNotify            destroy);
ASAB_AVAILABLE_IN_ALL
gboolean    asab_callback_accumulator_offer_callback    (AsabCallbackAccumulator  *self,
                                                         AsabAccumulatedFunc       func,
                                                         gpointer                  user_data,
                                                         GDestroyNotify            destroy);
ASAB_AVAILABLE_IN_ALL
void        asab_callback_accumulator_add_thread_callback (AsabCallbackAccumulator *self,
                                                           AsabAccumulatedFunc     func,
                                                           gpointer                user_data,
                                                           GDestroyNotify          destroy);

ASAB_AVAILABLE_IN_ALL
guint       asab_callback_accumulator_get_n_callbacks   (AsabCallbackAccumulator  *self);
ASAB_AVAILABLE_IN_ALL
AsabCallbackAccumulator *asab_callback_accumulator_dup_callbacks (AsabCallbackAccumulator *self)
                                                                  G_GNUC_WARN_UNUSED_RESULT;
ASAB_AVAILABLE_IN_ALL
void        asab_callback_accumulator_clear             (AsabCallbackAccumulator  *self);

ASAB_AVAILABLE_IN_ALL
gboolean    asab_callback_accumulator_invoke            (AsabCallbackAccumulator  *self,
                                                         GVariant                 *args,
                                                         GVariant                **result,
                                                         GError                  **error);
ASAB_AVAILABLE_IN_ALL
gboolean    asab_callback_accumulator_steal_next        (AsabCallbackAccumulator  *self,
                                                         GVariant                 *args,
                                                         GVariant                **result,
                                                         GError                  **error);
ASAB_AVAILABLE_IN_ALL
gboolean    asab_callback_accumulator_exit              (AsabCallbackAccumulator  *self,
                                                         const GError             *scope_error,
                                                         GVariant                **result,
                                                         GError                  **error);
ASAB_AVAILABLE_IN_ALL
AsabFuture *asab_callback_accumulator_exit_async        (AsabCallbackAccumulator  *self,
                                                         const GError             *scope_error)
                                                         G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
