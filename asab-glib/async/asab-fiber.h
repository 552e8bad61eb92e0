/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/async/asab-future.h>

G_BEGIN_DECLS

/**
 * AsabFiber: (skip)
 *
 * A function with a stack of its own, which may wait.
 */
typedef struct _AsabFiber AsabFiber;

/**
 * AsabFiberFunc: (skip)
 * @user_data: the data given to `asab_spawn ()`
 * @result: an unset value, to be set to the result if there is one
 * @error: return location for an error
 *
 * The body of a fiber.
 *
 * Returns: true if the fiber's future is to be resolved with @result, false if it is to be rejected with @error
 */
typedef gboolean (*AsabFiberFunc) (gpointer   user_data,
                                   GValue    *result,
                                   GError   **error);

/**
 * AsabThunk: (skip)
 * @user_data: the data given with the function
 *
 * A plain function, see `asab_main_stack_call ()`.
 */
typedef void (*AsabThunk) (gpointer user_data);

ASAB_AVAILABLE_IN_ALL
AsabFuture   *asab_spawn_at               (const char      *site,
                                           const char      *name,
                                           AsabFiberFunc    func,
                                           gpointer         user_data,
                                           GDestroyNotify   destroy);
ASAB_AVAILABLE_IN_ALL
AsabFuture   *asab_spawn_full             (GMainContext    *context,
                                           const char      *name,
                                           int              priority,
                                           gsize            stack_size,
                                           GCancellable    *parent,
                                           AsabFiberFunc    func,
                                           gpointer         user_data,
                                           GDestroyNotify   destroy);

/**
 * asab_spawn: (skip)
 * @func: the body of the fiber
 * @user_data: data for @func
 * @destroy: (nullable): called with @user_data when the fiber has ended
 *
 * Starts a fiber in the thread-default main context. It runs for the first time after the caller has returned to the
 * main loop.
 *
 * Returns: (transfer full): the future of the fiber's result
 */
#define asab_spawn(func, user_data, destroy) asab_spawn_at (G_STRLOC, #func, (func), (user_data), (destroy))

ASAB_AVAILABLE_IN_ALL
AsabFiber    *asab_fiber_get_current      (void);
ASAB_AVAILABLE_IN_ALL
const char   *asab_fiber_get_name         (AsabFiber       *self);
ASAB_AVAILABLE_IN_ALL
AsabFuture   *asab_fiber_get_future       (AsabFiber       *self);
ASAB_AVAILABLE_IN_ALL
GCancellable *asab_fiber_get_cancellable  (AsabFiber       *self);
ASAB_AVAILABLE_IN_ALL
gboolean      asab_fiber_is_cancelled     (void);
ASAB_AVAILABLE_IN_ALL
gboolean      asab_fiber_yield            (GError         **error);
ASAB_AVAILABLE_IN_ALL
gboolean      asab_fiber_sleep            (double           seconds,
                                           GError         **error);
ASAB_AVAILABLE_IN_ALL
void          asab_fiber_set_deadline     (double           seconds);

ASAB_AVAILABLE_IN_ALL
gboolean      asab_await                  (AsabFuture      *future,
                                           GError         **error);
ASAB_AVAILABLE_IN_ALL
const GValue *asab_await_value            (AsabFuture      *future,
                                           GError         **error);
ASAB_AVAILABLE_IN_ALL
gboolean      asab_await_boolean          (AsabFuture      *future,
                                           GError         **error);
ASAB_AVAILABLE_IN_ALL
gint64        asab_await_int64            (AsabFuture      *future,
                                           GError         **error);
ASAB_AVAILABLE_IN_ALL
double        asab_await_double           (AsabFuture      *future,
                                           GError         **error);
ASAB_AVAILABLE_IN_ALL
char         *asab_await_string           (AsabFuture      *future,
                                           GError         **error);
ASAB_AVAILABLE_IN_ALL
gpointer      asab_await_object           (AsabFuture      *future,
                                           GError         **error);
ASAB_AVAILABLE_IN_ALL
gpointer      asab_await_boxed            (AsabFuture      *future,
                                           GType            type,
                                           GError         **error);
ASAB_AVAILABLE_IN_ALL
GVariant     *asab_await_variant          (AsabFuture      *future,
                                           GError         **error);
ASAB_AVAILABLE_IN_ALL
AsabFuture   *asab_fiber_take_temp        (AsabFuture      *future);

/**
 * ASAB_TEMP: (skip)
 * @future: (transfer full): a future, or an expression that gives one
 *
 * Hands a future to the fiber, which drops it when the await on it was cancelled, at the next await on another one, or
 * when the fiber ends.
 */
#define ASAB_TEMP(future) (asab_fiber_take_temp (future))

/**
 * AsabShield: (skip)
 *
 * The scope in which a fiber does not notice that it was cancelled.
 */
typedef struct
{
  /*< private >*/
  AsabFiber *fiber;
} AsabShield;

ASAB_AVAILABLE_IN_ALL
AsabShield    asab_shield_begin           (void);
ASAB_AVAILABLE_IN_ALL
void          asab_shield_end             (AsabShield      *shield);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (AsabShield, asab_shield_end)

ASAB_AVAILABLE_IN_ALL
void          asab_main_stack_call        (AsabThunk        func,
                                           gpointer         user_data);

ASAB_AVAILABLE_IN_ALL
gboolean      asab_run_until_complete     (AsabFuture      *future,
                                           GCancellable    *cancellable,
                                           GError         **error);
ASAB_AVAILABLE_IN_ALL
gboolean      asab_context_drain          (GMainContext    *context,
                                           double           timeout);
ASAB_AVAILABLE_IN_ALL
void          asab_context_set_stack_size (GMainContext    *context,
                                           gsize            stack_size);

G_END_DECLS
