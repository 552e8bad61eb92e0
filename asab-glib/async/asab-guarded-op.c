/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What is done with the lock of a condition held, now or after a notification.
 *
 *                 ┌────────── notified ────────────┐
 *                 ↓                                │
 *   held back → locking → running ── not yet → waiting
 *                             └── has a result → ended
 *
 * An operation is a fiber without a stack: each arrow is a step on the stack of whoever starts the operation, or an
 * item in the ready queue. What is free to run is run at once. An operation does not keep its object. Its future is
 * completed at the end, or by others before: who cancels it, its timeout, its object that goes. These need not know
 * where the operation waits: it notices that its future is done, gives back what it was given meanwhile, and ends.
 */

#include "config.h"

#include <asab-glib/async/asab-guarded-op-private.h>

#include <asab-glib/async/asab-lock-private.h>
#include <asab-glib/core/asab-error.h>

#include <glib/gi18n-lib.h>
#include <math.h>

static inline AsabGuardedOp *
op_from_place (AsabWaiter *waiter)
{
  return (AsabGuardedOp *) ((guint8 *) waiter - G_STRUCT_OFFSET (AsabGuardedOp, place));
}

static inline AsabFuture *
get_future (AsabGuardedOp *op)
{
  return asab_promise_as_future (op->promise);
}

/* The first field of the structure is the operation. */
static void
clear_op (gpointer data)
{
  AsabGuardedOp *op = data;

  if (op->funcs->clear != NULL)
    op->funcs->clear (op);
  if (G_VALUE_TYPE (&op->value) != 0)
    g_value_unset (&op->value);
  g_clear_pointer (&op->failure, asab_future_unref);
  if (op->outlives_object)
    g_object_unref (op->condition);
}

static void
op_unref (AsabGuardedOp *op)
{
  if (--op->n_refs > 0)
    return;

  asab_main_stack_call (clear_op, op);
  if (op->outlives_object)
    g_main_context_unref (op->context->context);
  g_free (op);
}

static void
link_op (AsabGuardedOp *op)
{
  AsabGuardedOps *ops = op->ops;

  op->prev = ops->last;
  if (ops->last != NULL)
    ops->last->next = op;
  else
    ops->first = op;
  ops->last = op;
}

static void
unlink_op (AsabGuardedOp *op)
{
  AsabGuardedOps *ops = op->ops;

  if (ops == NULL)
    return;

  if (op->prev != NULL)
    op->prev->next = op->next;
  else
    ops->first = op->next;
  if (op->next != NULL)
    op->next->prev = op->prev;
  else
    ops->last = op->prev;
  op->prev = op->next = NULL;
  op->ops = NULL;
  op->object = NULL;
}

/* Keeps what an operation needs that its object would keep. */
static void
outlive_object (AsabGuardedOp *op)
{
  if (op->outlives_object)
    return;

  op->outlives_object = TRUE;
  g_object_ref (op->condition);
  g_main_context_ref (op->context->context);
}

static void
stop_listening (AsabGuardedOp *op)
{
  if (!op->listens)
    return;

  op->listens = FALSE;
  if (asab_future_remove_waiter (get_future (op), &op->done))
    op_unref (op);
  else
    outlive_object (op); /* its item comes still */
}

static void
notify_settled (AsabGuardedOp *op)
{
  if (op->funcs->settled != NULL && op->object != NULL)
    op->funcs->settled (op);
}

static void
end (AsabGuardedOp *op)
{
  op->state = ASAB_GUARDED_OP_ENDED;
  if (op->place.queue != NULL)
    asab_wait_queue_take_off (&op->place);
  asab_timeout_stop (&op->timeout, op->context);
  stop_listening (op);
  notify_settled (op);
  unlink_op (op);

  if (op->failure != NULL)
    asab_future_copy_outcome (op->failure, op->promise);
  else
    asab_future_complete (get_future (op), op->lent_value != NULL ? op->lent_value : &op->value, NULL, NULL);
  g_clear_pointer (&op->promise, asab_promise_unref);
  op_unref (op);
}

/* In whatever thread completes the future. */
static void
done_cb (AsabFutureWaiter *waiter)
{
  AsabGuardedOp *op = (AsabGuardedOp *) ((guint8 *) waiter - G_STRUCT_OFFSET (AsabGuardedOp, done));

  asab_ready_queue_push (op->context->ready, &op->done_item);
}

/* What was woken looks at its future when it goes on, and ends itself. */
static void
done_item_cb (AsabReadyItem *item)
{
  AsabGuardedOp *op = (AsabGuardedOp *) ((guint8 *) item - G_STRUCT_OFFSET (AsabGuardedOp, done_item));

  if (op->place.queue != NULL)
    end (op);
  op_unref (op);
}

static void
time_over_cb (AsabTimeout *timeout)
{
  AsabGuardedOp *op = (AsabGuardedOp *) ((guint8 *) timeout - G_STRUCT_OFFSET (AsabGuardedOp, timeout));

  asab_promise_take_error (op->promise, g_error_new (G_IO_ERROR, G_IO_ERROR_TIMED_OUT,
                                                     _("It did not come true within %g seconds"), op->seconds));
}

/* Prepares for a wait. Returns: false if the future is done already */
static gboolean
listen (AsabGuardedOp *op)
{
  if (op->listens)
    return !asab_future_is_done (get_future (op));

  op->n_refs++;
  op->listens = asab_future_add_waiter (get_future (op), &op->done);
  if (!op->listens)
    op_unref (op);
  else if (!isinf (op->seconds))
    asab_timeout_start (&op->timeout, op->context, op->seconds);

  return op->listens;
}

static void
run_locked (AsabGuardedOp *op)
{
  g_autoptr(GObject) kept G_GNUC_UNUSED = op->calls_out ? g_object_ref (op->object) : NULL;
  gboolean done;

  op->state = ASAB_GUARDED_OP_RUNNING;
  done = op->funcs->run (op) || !listen (op);
  if (!done)
    {
      op->state = ASAB_GUARDED_OP_WAITING;
      asab_wait_queue_append (asab_condition_get_waiters (op->condition), &op->place);
    }
  asab_lock_release (asab_condition_get_lock (op->condition));

  if (done)
    end (op);
  else
    notify_settled (op);
}

/* A fiber that holds the lock may start an operation, but not wait for it. */
typedef struct
{
  AsabReadyItem item;
  AsabGuardedOp *op; /* a reference */
  AsabFiber *fiber;  /* (owned): holds the lock */
} DeadlockCheck;

static void
check_deadlock_cb (AsabReadyItem *item)
{
  DeadlockCheck *check = (DeadlockCheck *) item;
  AsabGuardedOp *op = check->op;

  if (op->state == ASAB_GUARDED_OP_LOCKING && check->fiber->awaited == get_future (op) &&
      asab_lock_get_owner (asab_condition_get_lock (op->condition)) == check->fiber)
    asab_promise_take_error (op->promise,
                             g_error_new (ASAB_ERROR, ASAB_ERROR_DEADLOCK,
                                          _("The fiber “%s” waits for something that needs the lock it holds"),
                                          asab_fiber_get_name (check->fiber)));
  asab_fiber_unref (check->fiber);
  op_unref (op);
  g_free (check);
}

static void
check_deadlock_later (AsabGuardedOp *op)
{
  AsabFiber *fiber = asab_fiber_get_current ();
  DeadlockCheck *check;

  if (fiber == NULL || asab_lock_get_owner (asab_condition_get_lock (op->condition)) != fiber)
    return;

  check = g_new0 (DeadlockCheck, 1);
  check->item.run = check_deadlock_cb;
  check->op = op;
  op->n_refs++;
  outlive_object (op);
  check->fiber = asab_fiber_ref (fiber);
  asab_ready_queue_push (op->context->ready, &check->item);
}

static void
ask_for_lock (AsabGuardedOp *op)
{
  op->state = ASAB_GUARDED_OP_LOCKING;
  if (asab_lock_take (asab_condition_get_lock (op->condition), &op->place))
    run_locked (op);
  else if (listen (op))
    check_deadlock_later (op);
  else
    end (op);
}

/* Gives back what an operation was given whose future is done. */
static void
decline (AsabGuardedOp *op)
{
  if (op->state == ASAB_GUARDED_OP_LOCKING)
    asab_lock_release (asab_condition_get_lock (op->condition));
  else if (op->state == ASAB_GUARDED_OP_WAITING)
    asab_wait_queue_pass_on (asab_condition_get_waiters (op->condition), op->place.turn);
  end (op);
}

static void
item_cb (AsabReadyItem *item)
{
  AsabGuardedOp *op = (AsabGuardedOp *) ((guint8 *) item - G_STRUCT_OFFSET (AsabGuardedOp, item));

  if (asab_future_is_done (get_future (op)))
    decline (op);
  else if (op->state == ASAB_GUARDED_OP_LOCKING)
    run_locked (op);
  else
    ask_for_lock (op);
  op_unref (op);
}

static void
wake_cb (AsabWaiter *waiter)
{
  AsabGuardedOp *op = op_from_place (waiter);

  op->n_refs++;
  asab_ready_queue_push (op->context->ready, &op->item);
}

/* Makes an operation of @object, which links it into @ops and rejects them when it goes. @size is that of the structure
 * whose first field it is. */
gpointer
asab_guarded_op_new (gsize                     size,
                     const AsabGuardedOpFuncs *funcs,
                     gpointer                  object,
                     AsabGuardedOps           *ops,
                     AsabCondition            *condition)
{
  AsabGuardedOp *op = g_malloc0 (size);

  op->funcs = funcs;
  op->object = object;
  op->condition = condition;
  op->n_refs = 1;
  op->promise = asab_promise_new_at (NULL);
  op->context = ops->context;
  op->ops = ops;
  op->item.run = item_cb;
  op->place.wake = wake_cb;
  op->done_item.run = done_item_cb;
  op->done.wake = done_cb;
  op->timeout.func = time_over_cb;
  op->seconds = INFINITY;
  link_op (op);

  return op;
}

/* Starts an operation, which may be over afterwards; once it has to wait it does so no longer than @seconds.
 * Returns: (transfer full): its future */
AsabFuture *
asab_guarded_op_start (AsabGuardedOp *op,
                       double         seconds)
{
  AsabFuture *future = asab_future_ref (get_future (op));

  op->seconds = seconds;
  ask_for_lock (op);

  return future;
}

/* Queues an operation until asab_guarded_op_let_first() starts it. Returns: (transfer full): its future */
AsabFuture *
asab_guarded_op_hold_back (AsabGuardedOp *op,
                           AsabWaitQueue *queue)
{
  AsabFuture *future = asab_future_ref (get_future (op));

  op->state = ASAB_GUARDED_OP_HELD_BACK;
  listen (op);
  asab_wait_queue_append (queue, &op->place);

  return future;
}

/* Starts the first operation that was held back, having set @let to it. */
void
asab_guarded_op_let_first (AsabWaitQueue  *queue,
                           AsabGuardedOp **let)
{
  AsabGuardedOp *op = op_from_place (queue->first);

  *let = op;
  asab_wait_queue_take_off (&op->place);
  if (asab_future_is_done (get_future (op)))
    end (op);
  else
    ask_for_lock (op);
}

/* Tells whether an operation waits for a notification, and nobody has cancelled it. */
gboolean
asab_guarded_op_is_waiting (AsabGuardedOp *op)
{
  return op->state == ASAB_GUARDED_OP_WAITING && op->place.queue != NULL && !asab_future_is_done (get_future (op));
}

/* Prepares for operations of an object that is made in the thread-default context. */
void
asab_guarded_ops_init (AsabGuardedOps *self)
{
  self->context = asab_context_get_current ();
  g_main_context_ref (self->context->context);
}

/* The queue goes with the object. */
static void
leave_queue_of_object (AsabGuardedOp *op)
{
  asab_wait_queue_take_off (&op->place);
  wake_cb (&op->place);
}

/* Rejects all operations with @error, which is taken; also in a finalizer, as nothing is freed before the next turn. */
void
asab_guarded_ops_reject (AsabGuardedOps *self,
                         GError         *error)
{
  while (self->first != NULL)
    {
      AsabGuardedOp *op = self->first;

      unlink_op (op);
      outlive_object (op);
      asab_promise_take_error (op->promise, g_error_copy (error));
      if (op->state == ASAB_GUARDED_OP_HELD_BACK)
        leave_queue_of_object (op);
    }
  g_error_free (error);
}

/* All operations have been rejected, and the object goes. */
void
asab_guarded_ops_clear (AsabGuardedOps *self)
{
  g_assert (self->first == NULL);
  g_main_context_unref (self->context->context);
}
