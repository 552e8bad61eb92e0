/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Fibers: functions with a stack of their own, which may wait.
 *
 * A fiber belongs to one GMainContext. It is run by the ready queue of that context, which calls resume_cb() on the
 * native stack; that switches to the fiber's stack and comes back when the fiber waits, has ended, or wants a function
 * called on the native stack:
 *
 *   native stack:  main loop → ready queue → resume_cb ─┐            ┌→ thunk (language code) ─┐
 *   fiber stack:                                        └→ func … ───┘                         └→ … await
 *
 * So code of a language never runs on a fiber's stack, and a nested main loop that such code runs makes other fibers
 * progress. Cancelling a fiber sets a flag and queues an item that ends its wait, if that can still be ended.
 *
 * While a fiber waits exactly one party wakes it: whoever completes what it waits for, or the cancellation that has
 * withdrawn the wait first.
 */

#include "config.h"

#include <asab-glib/async/asab-fiber.h>

#include <asab-glib/async/asab-fiber-private.h>
#include <asab-glib/core/asab-error.h>

#include <glib/gi18n-lib.h>

/* The fiber that this thread runs; NULL also while its resumer calls a function for it. */
ASAB_THREAD_LOCAL AsabFiber *current;

static inline AsabFiber *
fiber_from_item (AsabReadyItem *item,
                 gsize          offset)
{
  return (AsabFiber *) ((guint8 *) item - offset);
}

AsabFiber *
asab_fiber_ref (AsabFiber *self)
{
  g_atomic_int_inc (&self->n_refs);

  return self;
}

void
asab_fiber_unref (AsabFiber *self)
{
  if (g_atomic_int_get (&self->n_refs) != 1 && !g_atomic_int_dec_and_test (&self->n_refs))
    return;

  g_clear_object (&self->cancellable);
  g_clear_error (&self->thrown);
  g_free (self->owned_name);
  g_main_context_unref (self->context->context);
  g_free (self);
}

static void
link_fiber (AsabFiber *self)
{
  AsabContext *context = self->context;
  AsabFiber *first;

  g_mutex_lock (&context->fibers_lock);
  first = context->fibers;
  self->next = first;
  if (first != NULL)
    first->prev = self;
  context->fibers = self;
  g_mutex_unlock (&context->fibers_lock);
}

static void
unlink_fiber (AsabFiber *self)
{
  AsabContext *context = self->context;

  g_mutex_lock (&context->fibers_lock);
  if (self->prev != NULL)
    self->prev->next = self->next;
  else
    context->fibers = self->next;
  if (self->next != NULL)
    self->next->prev = self->prev;
  g_mutex_unlock (&context->fibers_lock);
}

/* The bottom frame of the fiber, on its stack. */
static void
call_func (gpointer data)
{
  AsabFiber *self = data;

  self->succeeded = self->func (self->user_data, &self->result, &self->error);
}

static void
complete_future (AsabFiber *self)
{
  AsabFuture *future = asab_promise_as_future (self->promise);

  if (self->succeeded)
    {
      asab_future_complete (future, &self->result, NULL, NULL);
      g_clear_error (&self->error);
    }
  else if (self->cause != NULL)
    {
      asab_future_copy_outcome (self->cause, self->promise);
      g_clear_error (&self->error);
    }
  else
    {
      if (self->error == NULL)
        self->error = g_error_new (ASAB_ERROR, ASAB_ERROR_FAILED, _("The fiber “%s” failed without an error"),
                                   self->name);
      asab_future_complete (future, NULL, g_steal_pointer (&self->error), NULL);
    }

  g_clear_pointer (&self->cause, asab_future_unref);
  if (G_VALUE_TYPE (&self->result) != 0)
    g_value_unset (&self->result);
}

/* On the native stack, after the function has returned or because it will never be called. */
static void
end (AsabFiber *self)
{
  self->state = FIBER_ENDED;
  if (self->stack != NULL)
    asab_stack_pool_release (&self->context->stacks, g_steal_pointer (&self->stack));

  asab_fiber_end_cancel (self);
  asab_fiber_drop_temps (self);
  g_clear_pointer (&self->temps, g_ptr_array_unref);
  g_clear_object (&self->op_result);
  unlink_fiber (self);

  if (self->destroy != NULL)
    self->destroy (self->user_data);
  complete_future (self);
  asab_promise_unref (g_steal_pointer (&self->promise));

  asab_fiber_unref (self);
}

/* Runs the fiber until it waits or ends, and what it wants to have called on this stack. Returns: true if it ended. */
static gboolean
run_slice (AsabFiber     *self,
           AsabStackFunc  func)
{
  GCancellable *pushed = self->cancellable;
  gboolean ended;

  if (pushed != NULL)
    g_cancellable_push_current (pushed);
  self->slice_cancellable = pushed != NULL ? pushed : self->context->ambient_cancellable;

  for (;;)
    {
      AsabThunk thunk;

      self->state = FIBER_RUNNING;
      current = self;
      ended = asab_stack_resume (self->stack, func, self, self->name);
      current = NULL;

      if (ended || self->thunk == NULL)
        break;

      thunk = g_steal_pointer (&self->thunk);
      self->state = FIBER_CALLING;
      thunk (self->thunk_data);
      func = NULL;
    }

  if (pushed != NULL)
    g_cancellable_pop_current (pushed);

  return ended;
}

static gboolean
prepare_first_run (AsabFiber *self)
{
  if (asab_fiber_set_cancelled (self, &self->error))
    return FALSE;

  self->stack = asab_stack_pool_acquire (&self->context->stacks, self->stack_size, &self->error);

  return self->stack != NULL;
}

static void
resume_cb (AsabReadyItem *item)
{
  AsabFiber *self = fiber_from_item (item, G_STRUCT_OFFSET (AsabFiber, item));
  AsabStackFunc func = NULL;

  if (G_UNLIKELY (self->stack == NULL))
    {
      if (!prepare_first_run (self))
        {
          end (self);
          return;
        }
      func = call_func;
    }

  if (run_slice (self, func))
    end (self);
}

static AsabFiber *
asab_fiber_new (AsabContext    *context,
                const char     *site,
                const char     *name,
                AsabFiberFunc   func,
                gpointer        user_data,
                GDestroyNotify  destroy)
{
  AsabFiber *self = g_new (AsabFiber, 1);

  *self = (AsabFiber) {
    .item.run = resume_cb,
    .n_refs = 1,
    .context = context,
    .queue = context->ready,
    .name = name,
    .site = site,
    .promise = asab_promise_new_at (site),
    .func = func,
    .user_data = user_data,
    .destroy = destroy,
  };
  g_main_context_ref (context->context);
  asab_fiber_allow_cancel (self);
  link_fiber (self);

  return self;
}

/* Returns: (transfer full): the future of the fiber, which may have run to its end in another thread already */
static AsabFuture *
start (AsabFiber *self)
{
  AsabFuture *future = asab_future_ref (asab_promise_get_future (self->promise));

  asab_ready_queue_push (self->queue, &self->item);

  return future;
}

/**
 * asab_spawn_at: (skip)
 * @site: `file:line` of the caller, a string that stays
 * @name: the name of the fiber, a string that stays
 * @func: the body of the fiber
 * @user_data: data for @func
 * @destroy: (nullable): called with @user_data, on the native stack, when the fiber has ended
 *
 * Starts a fiber in the thread-default main context; see `asab_spawn ()`, which knows the first two arguments.
 *
 * Returns: (transfer full): the future of the fiber's result
 */
AsabFuture *
asab_spawn_at (const char     *site,
               const char     *name,
               AsabFiberFunc   func,
               gpointer        user_data,
               GDestroyNotify  destroy)
{
  g_return_val_if_fail (func != NULL, NULL);

  return start (asab_fiber_new (asab_context_get_current (), site, name, func, user_data, destroy));
}

/**
 * asab_spawn_full: (skip)
 * @context: (nullable): the main context of the fiber, %NULL for the thread-default one
 * @name: (nullable): the name of the fiber
 * @priority: the priority of the source that runs it, as %G_PRIORITY_DEFAULT
 * @stack_size: bytes of its stack, 0 for the usual size
 * @parent: (nullable): cancels the fiber when it is cancelled
 * @func: the body of the fiber
 * @user_data: data for @func
 * @destroy: (nullable): called with @user_data, on the native stack, when the fiber has ended
 *
 * Starts a fiber; from any thread.
 *
 * Returns: (transfer full): the future of the fiber's result
 */
AsabFuture *
asab_spawn_full (GMainContext   *context,
                 const char     *name,
                 int             priority,
                 gsize           stack_size,
                 GCancellable   *parent,
                 AsabFiberFunc   func,
                 gpointer        user_data,
                 GDestroyNotify  destroy)
{
  AsabContext *state;
  AsabFiber *self;

  g_return_val_if_fail (func != NULL, NULL);
  g_return_val_if_fail (parent == NULL || G_IS_CANCELLABLE (parent), NULL);

  state = context != NULL ? asab_context_get (context) : asab_context_get_current ();
  self = asab_fiber_new (state, NULL, "fiber", func, user_data, destroy);
  if (name != NULL)
    self->name = self->owned_name = g_strdup (name);
  self->queue = asab_context_get_ready (state, priority);
  self->stack_size = stack_size;
  if (parent != NULL)
    asab_fiber_set_parent (self, parent);

  return start (self);
}

/**
 * asab_fiber_get_current: (skip)
 *
 * Gets the fiber that is running.
 *
 * Returns: (transfer none) (nullable): the fiber, %NULL on the native stack
 */
AsabFiber *
asab_fiber_get_current (void)
{
  return current;
}

/**
 * asab_fiber_get_name: (skip)
 * @self: a fiber
 *
 * Gets the name that reports call the fiber by.
 *
 * Returns: the name
 */
const char *
asab_fiber_get_name (AsabFiber *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->name;
}

/**
 * asab_fiber_get_future: (skip)
 * @self: the running fiber
 *
 * Gets the future of the fiber's result.
 *
 * Returns: (transfer none): the future
 */
AsabFuture *
asab_fiber_get_future (AsabFiber *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return asab_promise_get_future (self->promise);
}

/* Tells whether a fiber is running, and sets @error if not. */
gboolean
asab_fiber_check_running (GError **error)
{
  if (G_LIKELY (current != NULL))
    return TRUE;

  g_set_error_literal (error, ASAB_ERROR, ASAB_ERROR_NOT_FIBER,
                       _("Only a fiber can wait here; elsewhere register a callback, or use “await” of the language"));

  return FALSE;
}

/* What is pushed during a slice would leak into the next fiber: a guard in a scope with a wait in it. */
static void
check_slice (AsabFiber *self)
{
  if (G_LIKELY (g_main_context_get_thread_default () == self->context->ambient_context &&
                g_cancellable_get_current () == self->slice_cancellable) ||
      self->slice_reported)
    return;

  self->slice_reported = TRUE;
  g_critical ("The fiber “%s” waits with a main context or a cancellable pushed that was not there when it was resumed",
              self->name);
}

/*
 * Lets the running fiber wait until asab_fiber_wake() is called, which the caller has arranged. @withdraw (nullable)
 * takes that back when the fiber is cancelled; without it the fiber waits to the end.
 *
 * Returns: false, with the error of the cancellation, if the wait was withdrawn
 */
gboolean
asab_fiber_suspend (AsabFiber         *self,
                    const char        *waits_for,
                    AsabWithdrawFunc   withdraw,
                    gpointer           wait,
                    GError           **error)
{
  check_slice (self);

  self->waits_for = waits_for;
  self->withdraw = withdraw;
  self->wait = wait;
  self->since = self->context->dispatch_time;
  self->state = FIBER_WAITING;
  asab_stack_suspend ();

  if (G_LIKELY (!self->withdrawn))
    return TRUE;

  self->withdrawn = FALSE;
  asab_fiber_set_cancelled (self, error);

  return FALSE;
}

/* Wakes a waiting fiber; from any thread, once a wait. */
void
asab_fiber_wake (AsabFiber *self)
{
  asab_ready_queue_push (self->queue, &self->item);
}

/**
 * asab_main_stack_call: (skip)
 * @func: a function
 * @user_data: data for @func
 *
 * Calls @func on the native stack of the thread and returns when it has returned; outside of fibers a plain call.
 *
 * Whatever can reach code of another language has to be called this way from a fiber: signal emissions, property
 * notifications, virtual functions, callbacks and destroy notifies of others. The library does so itself. In @func
 * there is no current fiber.
 */
void
asab_main_stack_call (AsabThunk func,
                      gpointer  user_data)
{
  AsabFiber *self = current;

  g_return_if_fail (func != NULL);

  if (self == NULL)
    {
      func (user_data);
      return;
    }

  self->thunk = func;
  self->thunk_data = user_data;
  asab_stack_suspend ();
}

/* Lets the running fiber, which is about to fail, be rejected as @rejected is: an exception does not fit into @error.
 * Returns: false */
gboolean
asab_fiber_fail_as (AsabFuture  *rejected,
                    GError     **error)
{
  AsabFuture *old = current->cause;

  current->cause = asab_future_ref (rejected);
  if (old != NULL)
    asab_future_unref (old);
  asab_future_get_value (rejected, error);

  return FALSE;
}

void
asab_fiber_drop_temps (AsabFiber *self)
{
  if (self->temps != NULL)
    g_ptr_array_set_size (self->temps, 0);
}
