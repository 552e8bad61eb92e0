/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Callbacks of futures, and the chains that are built on them. */

#include "config.h"

#include <asab-glib/async/asab-future.h>

#include <asab-glib/async/asab-closure-private.h>
#include <asab-glib/async/asab-future-private.h>

/* Linked into its future from its registration until it is called, so that it can be disconnected all that time; from
 * the completion of the future on it is in the ready queue too, which frees it. */
typedef struct
{
  AsabFutureWaiter waiter;
  AsabReadyItem item;
  AsabReadyQueue *queue;
  GMainContext *context;       /* (owned): keeps queue alive */
  AsabFuture *future;          /* (not owned) while it waits, (owned) once it is queued */
  AsabFutureCallback callback;
  gpointer user_data;
  GDestroyNotify destroy;
  guint id;
} Callback;

static void
callback_drop_data (Callback *self)
{
  self->callback = NULL;
  if (self->destroy != NULL)
    self->destroy (self->user_data);
}

static void
callback_free (Callback *self)
{
  g_main_context_unref (self->context);
  g_free (self);
}

static void
callback_run (AsabReadyItem *item)
{
  Callback *self = (Callback *) ((guint8 *) item - G_STRUCT_OFFSET (Callback, item));
  AsabFuture *future = self->future;

  if (self->callback != NULL)
    {
      asab_future_lock (future);
      asab_future_unlink_waiter (future, &self->waiter);
      asab_future_unlock (future);

      self->callback (future, self->user_data);
      callback_drop_data (self);
    }
  callback_free (self);
  asab_future_unref (future);
}

static void
callback_wake (AsabFutureWaiter *waiter)
{
  Callback *self = (Callback *) waiter;

  asab_future_ref (self->future);
  asab_ready_queue_push (self->queue, &self->item);
}

/**
 * asab_future_when_done:
 * @self: a future
 * @callback: (scope notified) (closure user_data) (destroy destroy): called once when the future is completed
 * @user_data: data for @callback
 * @destroy: (nullable): called with @user_data after @callback
 *
 * Registers a callback, which is called from the main context that is thread-default now.
 *
 * It is never called before this function has returned, also if the future is completed already, and in the order of
 * registration. A callback does not keep the future alive.
 *
 * Returns: an id for [method@Future.disconnect]
 */
guint
asab_future_when_done (AsabFuture         *self,
                       AsabFutureCallback  callback,
                       gpointer            user_data,
                       GDestroyNotify      destroy)
{
  AsabContext *context;
  Callback *waiter;
  guint id;

  g_return_val_if_fail (self != NULL, 0);
  g_return_val_if_fail (callback != NULL, 0);

  context = asab_context_get_current ();
  waiter = g_new (Callback, 1);
  *waiter = (Callback) {
    .waiter.wake = callback_wake,
    .waiter.stays_linked = TRUE,
    .item.run = callback_run,
    .queue = context->ready,
    .context = g_main_context_ref (context->context),
    .future = self,
    .callback = callback,
    .user_data = user_data,
    .destroy = destroy,
  };

  id = (guint) g_atomic_int_add ((gint *) &self->last_id, 1) + 1;
  waiter->id = id;
  if (!asab_future_add_waiter (self, &waiter->waiter))
    callback_wake (&waiter->waiter);

  return id;
}

static void
invoke_closure_cb (AsabFuture *future,
                   gpointer    user_data)
{
  g_auto(GValue) param = G_VALUE_INIT;

  g_value_init (&param, ASAB_TYPE_FUTURE);
  g_value_set_boxed (&param, future);
  g_closure_invoke (user_data, NULL, 1, &param, NULL);
}

/**
 * asab_future_when_done_closure:
 * @self: a future
 * @closure: called once with the future when it is completed
 *
 * As [method@Future.when_done] with a closure, for language bindings that lose memory with each callback that is none.
 *
 * Returns: an id for [method@Future.disconnect]
 */
guint
asab_future_when_done_closure (AsabFuture *self,
                               GClosure   *closure)
{
  g_return_val_if_fail (self != NULL, 0);
  g_return_val_if_fail (closure != NULL, 0);

  return asab_future_when_done (self, invoke_closure_cb, asab_closure_take (closure), (GDestroyNotify) g_closure_unref);
}

/**
 * asab_future_disconnect:
 * @self: a future
 * @id: what [method@Future.when_done] returned
 *
 * Removes a callback, which is not called any more; its data is dropped before this function returns.
 *
 * Call this in the thread that registered the callback. Inside the callback, and after it, this does nothing.
 */
void
asab_future_disconnect (AsabFuture *self,
                        guint       id)
{
  AsabFutureWaiter *waiter;
  Callback *callback;
  gboolean queued;

  g_return_if_fail (self != NULL);

  asab_future_lock (self);
  for (waiter = self->waiters; waiter != NULL; waiter = waiter->next)
    if (waiter->wake == callback_wake && ((Callback *) waiter)->id == id)
      break;
  if (waiter != NULL)
    asab_future_unlink_waiter (self, waiter);
  queued = (self->state & FUTURE_COMPLETED) != 0;
  asab_future_unlock (self);

  if (waiter == NULL)
    return;

  callback = (Callback *) waiter;
  callback_drop_data (callback);
  if (!queued)
    callback_free (callback);
}

typedef enum
{
  STEP_THEN,
  STEP_CATCH,
  STEP_FINALLY,
} StepKind;

typedef struct
{
  StepKind kind;
  AsabFutureFunc func;
  gpointer user_data;
  GDestroyNotify destroy;
  AsabPromise *promise; /* (owned): of the future that the caller got */
} Step;

static void
step_free (gpointer data)
{
  Step *step = data;

  if (step->destroy != NULL)
    step->destroy (step->user_data);
  asab_promise_unref (step->promise);
  g_free (step);
}

static void
finally_cb (AsabFuture *cleaned_up,
            gpointer    user_data)
{
  Step *step = user_data;

  asab_future_copy_outcome (asab_future_is_rejected (cleaned_up) ? cleaned_up : step->user_data, step->promise);
}

/* Lets the promise wait for the clean-up, and then complete as the original did, or with the error of the clean-up. */
static void
follow_cleanup (Step       *step,
                AsabFuture *original,
                AsabFuture *cleanup)
{
  Step *wait = g_new0 (Step, 1);

  wait->user_data = asab_future_ref (original);
  wait->destroy = (GDestroyNotify) asab_future_unref;
  wait->promise = asab_promise_ref (step->promise);
  asab_future_when_done (cleanup, finally_cb, wait, step_free);
}

static void
step_cb (AsabFuture *future,
         gpointer    user_data)
{
  Step *step = user_data;
  gboolean rejected = asab_future_is_rejected (future);
  g_autoptr(AsabFuture) next = NULL;
  GError *error = NULL;

  if ((step->kind == STEP_THEN && rejected) || (step->kind == STEP_CATCH && !rejected))
    {
      asab_future_copy_outcome (future, step->promise);
      return;
    }

  asab_future_observe (future);
  next = step->func (future, step->user_data, &error);
  if (error != NULL)
    asab_promise_take_error (step->promise, error);
  else if (step->kind == STEP_FINALLY && next != NULL)
    follow_cleanup (step, future, next);
  else if (step->kind == STEP_FINALLY)
    asab_future_copy_outcome (future, step->promise);
  else if (next != NULL)
    asab_promise_follow (step->promise, next);
  else
    asab_promise_resolve (step->promise, NULL);
}

static AsabFuture *
add_step (AsabFuture     *self,
          StepKind        kind,
          AsabFutureFunc  func,
          gpointer        user_data,
          GDestroyNotify  destroy)
{
  Step *step = g_new (Step, 1);
  AsabFuture *next;

  step->kind = kind;
  step->func = func;
  step->user_data = user_data;
  step->destroy = destroy;
  step->promise = asab_promise_new_at (self->site);
  next = asab_future_ref (asab_promise_get_future (step->promise));

  asab_future_when_done (self, step_cb, step, step_free);

  return next;
}

/**
 * asab_future_then: (skip)
 * @self: a future
 * @func: called when the future is resolved
 * @user_data: data for @func
 * @destroy: (nullable): called with @user_data afterwards
 *
 * Goes on with @func when the future is resolved; an error is handed on.
 *
 * Returns: (transfer full): the future of what @func gives
 */
AsabFuture *
asab_future_then (AsabFuture     *self,
                  AsabFutureFunc  func,
                  gpointer        user_data,
                  GDestroyNotify  destroy)
{
  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (func != NULL, NULL);

  return add_step (self, STEP_THEN, func, user_data, destroy);
}

/**
 * asab_future_catch: (skip)
 * @self: a future
 * @func: called when the future is rejected
 * @user_data: data for @func
 * @destroy: (nullable): called with @user_data afterwards
 *
 * Goes on with @func when the future is rejected; a value is handed on.
 *
 * Returns: (transfer full): the future of what @func gives
 */
AsabFuture *
asab_future_catch (AsabFuture     *self,
                   AsabFutureFunc  func,
                   gpointer        user_data,
                   GDestroyNotify  destroy)
{
  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (func != NULL, NULL);

  return add_step (self, STEP_CATCH, func, user_data, destroy);
}

/**
 * asab_future_finally: (skip)
 * @self: a future
 * @func: called when the future is done
 * @user_data: data for @func
 * @destroy: (nullable): called with @user_data afterwards
 *
 * Cleans up with @func when the future is done, then hands on its value or error, unless the clean-up fails.
 *
 * Returns: (transfer full): a future with the outcome of @self, once the future that @func gives is done too
 */
AsabFuture *
asab_future_finally (AsabFuture     *self,
                     AsabFutureFunc  func,
                     gpointer        user_data,
                     GDestroyNotify  destroy)
{
  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (func != NULL, NULL);

  return add_step (self, STEP_FINALLY, func, user_data, destroy);
}

static void
log_failure_cb (AsabFuture *future,
                gpointer    user_data)
{
  const GError *error = asab_future_peek_error (future);

  asab_future_observe (future);
  if (error != NULL && !asab_future_is_cancelled (future))
    g_warning ("%s failed: %s", (const char *) user_data, error->message);
}

/* Logs the error of a future that nobody else waits for, unless it is a cancellation; NULL is fine. */
void
asab_future_log_failure (AsabFuture *self,
                         const char *what)
{
  if (self != NULL && !asab_future_is_resolved (self))
    asab_future_when_done (self, log_failure_cb, g_strdup (what), g_free);
}
