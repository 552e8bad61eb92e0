/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <asab-glib/async/asab-async-context.h>

#include <asab-glib/async/asab-fiber.h>

/**
 * AsabAsyncContext:
 *
 * Something that is entered before it is used and exited afterwards, where both may take time: Python's asynchronous
 * context managers as an interface.
 *
 * Whoever enters a context exits it, once, also if what happened between has failed; then with that error, which the
 * context may deal with. A context that could not be entered is not exited. A [class@TaskNursery] exits the contexts
 * that were entered with [method@TaskNursery.enter_context] when it is closed.
 *
 * Both virtual functions are called from the main context of the caller, never on the stack of a fiber. One that is not
 * overridden does nothing.
 *
 * ```c
 * iface->enter = example_connection_enter;
 * iface->exit = example_connection_exit;
 * ```
 */

G_DEFINE_INTERFACE (AsabAsyncContext, asab_async_context, G_TYPE_OBJECT)

static AsabFuture *
asab_async_context_real_enter (AsabAsyncContext *self G_GNUC_UNUSED)
{
  return asab_future_new_resolved (NULL);
}

static AsabFuture *
asab_async_context_real_exit (AsabAsyncContext *self G_GNUC_UNUSED,
                              const GError     *error G_GNUC_UNUSED)
{
  return asab_future_new_resolved (NULL);
}

static void
asab_async_context_default_init (AsabAsyncContextInterface *iface)
{
  iface->enter = asab_async_context_real_enter;
  iface->exit = asab_async_context_real_exit;
}

typedef struct
{
  AsabAsyncContext *self;
  const GError *error;
  AsabFuture *future;
} Call;

static void
call_enter (gpointer data)
{
  Call *call = data;

  call->future = ASAB_ASYNC_CONTEXT_GET_IFACE (call->self)->enter (call->self);
}

static void
call_exit (gpointer data)
{
  Call *call = data;

  call->future = ASAB_ASYNC_CONTEXT_GET_IFACE (call->self)->exit (call->self, call->error);
}

static AsabFuture *
call_vfunc (AsabAsyncContext *self,
            AsabThunk         thunk,
            const GError     *error)
{
  Call call = { self, error, NULL };

  asab_main_stack_call (thunk, &call);

  return call.future != NULL ? call.future : asab_future_new_resolved (NULL);
}

/**
 * asab_async_context_enter:
 * @self: a context
 *
 * Enters the context, which is to be exited if, and only if, this succeeds.
 *
 * Returns: (transfer full): a future of what the context is used by, if it is not the context itself
 */
AsabFuture *
asab_async_context_enter (AsabAsyncContext *self)
{
  g_return_val_if_fail (ASAB_IS_ASYNC_CONTEXT (self), NULL);

  return call_vfunc (self, call_enter, NULL);
}

/**
 * asab_async_context_exit:
 * @self: a context that was entered
 * @error: (nullable): the error of what was done within the context
 *
 * Exits the context.
 *
 * Returns: (transfer full): a future of true if the context has dealt with @error, so that it shall go no further; of
 *   false, or without a value, if not
 */
AsabFuture *
asab_async_context_exit (AsabAsyncContext *self,
                         const GError     *error)
{
  g_return_val_if_fail (ASAB_IS_ASYNC_CONTEXT (self), NULL);

  return call_vfunc (self, call_exit, error);
}

/**
 * asab_async_context_leave:
 * @self: a context that was entered
 *
 * Exits the context without an error; for Python, which cannot say that there is none.
 *
 * Returns: (transfer full): a future as of [method@AsyncContext.exit]
 */
AsabFuture *
asab_async_context_leave (AsabAsyncContext *self)
{
  return asab_async_context_exit (self, NULL);
}
