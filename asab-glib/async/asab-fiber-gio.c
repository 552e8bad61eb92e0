/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Awaiting GIO-style functions: the callback that wakes a fiber, and the token that it gets.
 *
 * A fiber has one implicit operation, with a serial number: a callback that comes late, after the next operation was
 * armed, finds another number and only frees its token. Waiting for a result never ends early, also when the fiber was
 * cancelled: the operation may still write into a buffer on the stack of the fiber, and its finish function has to be
 * called. It was given the cancellable of the fiber, so it will end soon.
 */

#include "config.h"

#include <asab-glib/async/asab-fiber-gio.h>

#include <asab-glib/async/asab-fiber-private.h>

typedef struct
{
  AsabFiber *fiber;    /* (owned) */
  guint serial;        /* of the implicit operation; 0 in the token of an AsabPending */
  GAsyncResult *result; /* (owned) (nullable): of an AsabPending */
  gboolean waiting;    /* the fiber waits for an AsabPending */
} Token;

static AsabFiber *
get_fiber (const char *what,
           const char *site)
{
  AsabFiber *fiber = asab_fiber_get_current ();

  if (fiber == NULL)
    g_error ("%s: %s is for fibers, and none is running", site, what);

  return fiber;
}

static Token *
token_new (AsabFiber *fiber,
           guint      serial)
{
  Token *token = g_new0 (Token, 1);

  token->fiber = asab_fiber_ref (fiber);
  token->serial = serial;

  return token;
}

static void
token_free (Token *token)
{
  asab_fiber_unref (token->fiber);
  g_clear_object (&token->result);
  g_free (token);
}

/**
 * asab_fiber_op_cancellable: (skip)
 *
 * Gets the cancellable to start an operation with; see `ASAB_READY`.
 *
 * Returns: (transfer none) (nullable): the cancellable of the running fiber, %NULL within a shield
 */
GCancellable *
asab_fiber_op_cancellable (void)
{
  AsabFiber *fiber = get_fiber ("ASAB_CANCELLABLE", G_STRFUNC);

  return fiber->shield_depth > 0 ? NULL : asab_fiber_get_cancellable (fiber);
}

/**
 * asab_fiber_op_arm: (skip)
 * @site: `file:line` of the caller
 *
 * Prepares the running fiber for an operation; see `ASAB_READY`. Aborts outside of fibers.
 *
 * Returns: the data for asab_fiber_op_ready()
 */
gpointer
asab_fiber_op_arm (const char *site)
{
  AsabFiber *fiber = get_fiber ("ASAB_READY", site);

  g_clear_object (&fiber->op_result);
  if (++fiber->op_serial == 0)
    fiber->op_serial = 1;

  return token_new (fiber, fiber->op_serial);
}

static void
token_ready (Token        *token,
             GAsyncResult *result)
{
  AsabFiber *fiber = token->fiber;

  if (token->serial == 0)
    {
      token->result = g_object_ref (result);
      if (token->waiting)
        asab_fiber_wake (fiber);
      return;
    }

  if (token->serial == fiber->op_serial && fiber->state != FIBER_ENDED)
    {
      fiber->op_result = g_object_ref (result);
      if (fiber->op_waiting)
        asab_fiber_wake (fiber);
    }
  token_free (token);
}

/**
 * asab_fiber_op_ready: (skip)
 * @source: (nullable): the object that the operation belongs to
 * @result: the result
 * @token: what asab_fiber_op_arm() returned
 *
 * The callback of an operation; see `ASAB_READY`.
 */
void
asab_fiber_op_ready (GObject      *source G_GNUC_UNUSED,
                     GAsyncResult *result,
                     gpointer      token)
{
  token_ready (token, result);
}

/**
 * asab_fiber_op_wait: (skip)
 *
 * Lets the running fiber wait for its operation; see `ASAB_RESULT`.
 *
 * Returns: (transfer none): the result, which stays until the next operation or the end of the fiber
 */
GAsyncResult *
asab_fiber_op_wait (void)
{
  AsabFiber *fiber = get_fiber ("ASAB_RESULT", G_STRFUNC);

  if (fiber->op_result == NULL)
    {
      if (fiber->op_serial == 0)
        g_error ("The fiber “%s” wants a result, and has started nothing with ASAB_READY", fiber->name);

      fiber->op_waiting = TRUE;
      asab_fiber_suspend (fiber, "an operation", NULL, NULL, NULL);
      fiber->op_waiting = FALSE;
    }

  return fiber->op_result;
}

static void
pending_cancelled_cb (GCancellable *cancellable G_GNUC_UNUSED,
                      gpointer      user_data)
{
  g_cancellable_cancel (user_data);
}

/**
 * asab_pending_cancellable: (skip)
 * @pending: an operation
 *
 * Gets the cancellable to start an operation with; see `ASAB_START ()`.
 *
 * Returns: (transfer none): a cancellable of its own, which the running fiber's cancels too, unless within a shield
 */
GCancellable *
asab_pending_cancellable (AsabPending *pending)
{
  AsabFiber *fiber = get_fiber ("ASAB_START", G_STRFUNC);

  if (pending->cancellable == NULL)
    {
      pending->cancellable = g_cancellable_new ();
      if (fiber->shield_depth == 0)
        pending->cancel_id = g_cancellable_connect (asab_fiber_get_cancellable (fiber),
                                                    G_CALLBACK (pending_cancelled_cb),
                                                    g_object_ref (pending->cancellable), g_object_unref);
    }

  return pending->cancellable;
}

/**
 * asab_pending_arm: (skip)
 * @pending: an operation that is not under way
 * @site: `file:line` of the caller
 *
 * Prepares an operation; see `ASAB_START ()`. Aborts outside of fibers.
 *
 * Returns: the data for asab_fiber_op_ready()
 */
gpointer
asab_pending_arm (AsabPending *pending,
                  const char  *site)
{
  AsabFiber *fiber = get_fiber ("ASAB_START", site);

  if (pending->token != NULL)
    g_error ("%s: ASAB_START for an operation that was not joined", site);
  pending->token = token_new (fiber, 0);

  return pending->token;
}

static void
pending_forget (AsabPending *pending)
{
  Token *token = g_steal_pointer (&pending->token);

  if (pending->cancel_id != 0)
    g_cancellable_disconnect (token->fiber->cancellable, pending->cancel_id);
  pending->cancel_id = 0;
  g_clear_object (&pending->cancellable);
  token_free (token);
}

/**
 * asab_pending_wait: (skip)
 * @pending: an operation that was started
 *
 * Lets the running fiber wait for an operation; see `ASAB_JOIN ()`.
 *
 * Returns: (transfer none): the result, which stays as long as @pending
 */
GAsyncResult *
asab_pending_wait (AsabPending *pending)
{
  Token *token = pending->token;

  if (token == NULL)
    g_error ("ASAB_JOIN of an operation that was not started with ASAB_START");

  if (token->result == NULL)
    {
      token->waiting = TRUE;
      asab_fiber_suspend (token->fiber, "an operation", NULL, NULL, NULL);
    }
  g_set_object (&pending->result, token->result);
  pending_forget (pending);

  return pending->result;
}

/**
 * asab_pending_clear: (skip)
 * @pending: an operation
 *
 * Cancels an operation that was not joined and waits for its end, also when the fiber was cancelled.
 *
 * What `g_auto(AsabPending)` does at the end of the scope.
 */
void
asab_pending_clear (AsabPending *pending)
{
  if (pending->token != NULL)
    {
      if (pending->cancellable != NULL)
        g_cancellable_cancel (pending->cancellable);
      asab_pending_wait (pending);
    }
  g_clear_object (&pending->result);
}

static void
callback_ready_cb (GObject      *source G_GNUC_UNUSED,
                   GAsyncResult *result,
                   gpointer      user_data)
{
  g_autoptr(AsabPromise) promise = user_data;

  asab_promise_resolve_object (promise, G_OBJECT (result));
}

/**
 * asab_future_new_for_callback: (skip)
 * @callback: (out): the callback to start a GIO-style operation with
 * @callback_data: (out): the data for it
 *
 * Makes a future of a GIO-style operation. Its value is the `GAsyncResult`, for the finish function.
 *
 * Start exactly one operation with what is returned.
 *
 * Returns: (transfer full): a new future
 */
AsabFuture *
asab_future_new_for_callback (GAsyncReadyCallback *callback,
                              gpointer            *callback_data)
{
  AsabPromise *promise = asab_promise_new ();

  g_return_val_if_fail (callback != NULL && callback_data != NULL, NULL);

  *callback = callback_ready_cb;
  *callback_data = promise;

  return asab_future_ref (asab_promise_get_future (promise));
}

static void
free_value (gpointer data)
{
  GValue *value = data;

  g_value_unset (value);
  g_free (value);
}

static void
return_through_task_cb (AsabFuture *future,
                        gpointer    user_data)
{
  GTask *task = user_data;
  const GError *error = asab_future_peek_error (future);
  const GValue *value = asab_future_get_value (future, NULL);

  if (error != NULL)
    g_task_return_error (task, g_error_copy (error));
  else if (value == NULL)
    g_task_return_boolean (task, TRUE);
  else if (G_VALUE_HOLDS_BOOLEAN (value))
    g_task_return_boolean (task, g_value_get_boolean (value));
  else if (G_VALUE_HOLDS_INT64 (value))
    g_task_return_int (task, g_value_get_int64 (value));
  else if (G_VALUE_HOLDS_INT (value))
    g_task_return_int (task, g_value_get_int (value));
  else if (G_VALUE_HOLDS_OBJECT (value))
    g_task_return_pointer (task, g_value_dup_object (value), g_object_unref);
  else if (G_VALUE_HOLDS_STRING (value))
    g_task_return_pointer (task, g_value_dup_string (value), g_free);
  else
    {
      GValue *copy = g_new0 (GValue, 1);

      g_value_init (copy, G_VALUE_TYPE (value));
      g_value_copy (value, copy);
      g_task_return_pointer (task, copy, free_value);
    }
}

/**
 * asab_fiber_run_task: (skip)
 * @task: a task
 * @func: the body of the fiber
 * @user_data: data for @func
 * @destroy: (nullable): called with @user_data when the fiber has ended
 *
 * Implements a GIO-style pair with a fiber: it runs in the context and with the priority of @task, is cancelled with
 * the task's cancellable, and its result is returned through the task.
 *
 * A boolean or no value is for g_task_propagate_boolean(), an integer for g_task_propagate_int(), an object or a string
 * for g_task_propagate_pointer(), and anything else arrives there as a `GValue` to be unset and freed.
 */
void
asab_fiber_run_task (GTask          *task,
                     AsabFiberFunc   func,
                     gpointer        user_data,
                     GDestroyNotify  destroy)
{
  g_autoptr(AsabFuture) future = NULL;

  g_return_if_fail (G_IS_TASK (task));

  future = asab_spawn_full (g_task_get_context (task), g_task_get_name (task), g_task_get_priority (task), 0,
                            g_task_get_cancellable (task), func, user_data, destroy);
  asab_future_when_done (future, return_through_task_cb, g_object_ref (task), g_object_unref);
}
