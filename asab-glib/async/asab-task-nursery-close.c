/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * How a nursery ends: its sentinel, its exit stack, and what undoes both.
 *
 * The sentinel is a promise, not a fiber that waits for ever, as that would cost a stack. Cancelling its future, from
 * any thread, queues an item that begins to close the nursery.
 *
 * From the beginning to the end of its life a nursery is in the list of its context and holds a reference on itself.
 */

#include "config.h"

#include <asab-glib/async/asab-task-nursery.h>

#include <asab-glib/async/asab-shutdown-private.h>
#include <asab-glib/async/asab-task-nursery-private.h>
#include <asab-glib/core/asab-error.h>

#include <glib/gi18n-lib.h>

struct _AsabSentinel
{
  AsabReadyItem item;        /* queued once, when it is cancelled */
  gatomicrefcount ref_count;
  gint is_cancelled;         /* (atomic) */
  AsabReadyQueue *queue;     /* used while it is open */
  AsabTaskNursery *nursery;  /* (not owned) (nullable): NULL once it is closed; only for the thread of the nursery */
  AsabPromise *promise;      /* (owned) */
};

static void
asab_sentinel_unref (AsabSentinel *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  asab_promise_unref (self->promise);
  g_free (self);
}

static void
sentinel_cancelled_cb (AsabReadyItem *item)
{
  AsabSentinel *self = (AsabSentinel *) item;

  if (self->nursery != NULL && asab_task_nursery_get_private (self->nursery)->closing == NULL)
    {
      asab_task_nursery_get_private (self->nursery)->ends_as_sentinel = TRUE;
      asab_future_unref (asab_task_nursery_begin_close (self->nursery, NULL));
    }
  asab_sentinel_unref (self);
}

/* In any thread, with the future locked: it is pending, so the sentinel is there. */
static void
cancel_sentinel (gpointer data)
{
  AsabSentinel *self = data;

  if (!g_atomic_int_compare_and_exchange (&self->is_cancelled, FALSE, TRUE))
    return;

  g_atomic_ref_count_inc (&self->ref_count);
  asab_ready_queue_push (self->queue, &self->item);
}

static AsabSentinel *
asab_sentinel_new (AsabTaskNursery *nursery)
{
  AsabSentinel *self = g_new0 (AsabSentinel, 1);

  self->item.run = sentinel_cancelled_cb;
  g_atomic_ref_count_init (&self->ref_count);
  self->queue = asab_task_nursery_get_private (nursery)->context->ready;
  self->nursery = nursery;
  self->promise = asab_promise_new ();
  asab_promise_set_cancel_func (self->promise, cancel_sentinel, self);

  return self;
}

/* Tells whether a future is that of the sentinel of some nursery. */
gboolean
asab_task_nursery_is_sentinel (AsabFuture *future)
{
  gboolean is_sentinel;

  asab_future_lock (future);
  is_sentinel = future->extra != NULL && future->extra->cancel == cancel_sentinel;
  asab_future_unlock (future);

  return is_sentinel;
}

static AsabFuture *
stop_all_cb (gpointer   data,
             GError   **error G_GNUC_UNUSED)
{
  return asab_task_nursery_stop_all (data);
}

static void
push_stop_all (AsabTaskNursery *self)
{
  asab_exit_stack_push_own (&asab_task_nursery_get_private (self)->stack, stop_all_cb);
}

/* Begins the life of the nursery. */
void
asab_task_nursery_open (AsabTaskNursery *self)
{
  AsabTaskNurseryPrivate *priv = asab_task_nursery_get_private (self);

  g_object_ref (self);
  asab_shutdown_add_nursery (priv->context, self);
  push_stop_all (self);
  priv->sentinel = asab_sentinel_new (self);
  asab_task_nursery_add_task (self, asab_promise_get_future (priv->sentinel->promise), "sentinel");
}

/* Ends the life of the nursery: the function of its exit stack. */
static void
end_life (gpointer      owner,
          const GError *error)
{
  AsabTaskNursery *self = owner;
  AsabTaskNurseryPrivate *priv = asab_task_nursery_get_private (self);
  AsabSentinel *sentinel = g_steal_pointer (&priv->sentinel);

  g_clear_pointer (&priv->closer, asab_future_unref);
  asab_shutdown_remove_nursery (priv->context, self);

  sentinel->nursery = NULL;
  if (error != NULL && priv->ends_as_sentinel)
    asab_promise_reject (sentinel->promise, error);
  else
    asab_promise_resolve_string (sentinel->promise, "Success");
  asab_sentinel_unref (sentinel);

  asab_task_nursery_emit_closed (self);
  g_object_unref (self);
}

/* The exception of a language knows the frames that it has passed, and these may know the nursery: a circle that no
 * garbage collector finds. So those who come later get the error alone. */
static void
forget_exception_cb (AsabFuture *closing,
                     gpointer    user_data)
{
  AsabTaskNurseryPrivate *priv = asab_task_nursery_get_private (user_data);

  if (asab_future_get_exception (closing) == NULL)
    return;

  asab_future_unref (priv->closing);
  priv->closing = asab_future_new_rejected (asab_future_peek_error (closing));
  asab_future_ignore (priv->closing);
}

/*
 * asab_task_nursery_begin_close:
 * @self: a nursery
 * @error: (nullable): with what its scope ends
 *
 * Lets the nursery be closed. One whose stack was handed over goes on until its sentinel is cancelled.
 *
 * Returns: (transfer full): a future of whether @error was dealt with
 */
AsabFuture *
asab_task_nursery_begin_close (AsabTaskNursery *self,
                               const GError    *error)
{
  AsabTaskNurseryPrivate *priv = asab_task_nursery_get_private (self);

  if (priv->closing != NULL)
    return asab_future_ref (priv->closing);
  if (asab_exit_stack_is_empty (&priv->stack) && !priv->ends_as_sentinel)
    return asab_future_new_resolved (NULL);

  priv->closer = asab_task_nursery_get_current_task (self);
  if (priv->closer != NULL)
    asab_future_ref (priv->closer);
  if (priv->stop_tasks_first)
    push_stop_all (self);
  priv->closing = asab_exit_stack_unwind (&priv->stack, error, end_life, self);
  asab_future_when_done (priv->closing, forget_exception_cb, g_object_ref (self), g_object_unref);

  /* The sentinel hands the error on. */
  if (priv->ends_as_sentinel)
    asab_future_ignore (priv->closing);

  return asab_future_ref (priv->closing);
}

static gboolean
set_closed (AsabTaskNursery  *self,
            GError          **error)
{
  g_autofree char *name = asab_task_nursery_dup_name (self);

  g_set_error (error, ASAB_ERROR, ASAB_ERROR_CLOSED, _("The nursery “%s” is closed"), name);

  return FALSE;
}

/* Tells whether a task may be added, and prepares a nursery whose stack was handed over for that. */
gboolean
asab_task_nursery_check_open (AsabTaskNursery  *self,
                              GError          **error)
{
  AsabTaskNurseryPrivate *priv = asab_task_nursery_get_private (self);
  g_autofree char *name = NULL;

  if (priv->closing != NULL)
    return set_closed (self, error);

  if (asab_exit_stack_is_empty (&priv->stack))
    {
      name = asab_task_nursery_dup_name (self);
      g_warning ("The nursery “%s” gets a task after it has handed over all it had; it has to be closed again", name);
      push_stop_all (self);
    }

  return TRUE;
}

/* Tells whether there is still somebody to do what is pushed; while the nursery is being closed there is. */
gboolean
asab_task_nursery_check_not_closed (AsabTaskNursery  *self,
                                    GError          **error)
{
  return asab_task_nursery_get_private (self)->sentinel != NULL || set_closed (self, error);
}

/**
 * asab_task_nursery_close:
 * @self: a nursery
 *
 * Closes the nursery: exits its contexts and calls what was pushed, the last first, then stops its tasks.
 *
 * A second call gives the same future, and nobody can cancel it. A task that calls this is not stopped: it is expected
 * to end by itself. A nursery that was handed over with [method@TaskNursery.pop_all] is not closed by this.
 *
 * Returns: (transfer full): a future that is rejected if something fails: with the last error, which is an
 *   %ASAB_ERROR_MULTIPLE of all of them if there are several
 */
AsabFuture *
asab_task_nursery_close (AsabTaskNursery *self)
{
  g_return_val_if_fail (ASAB_IS_TASK_NURSERY (self), NULL);

  return asab_task_nursery_begin_close (self, NULL);
}

/**
 * asab_task_nursery_pop_all:
 * @self: a nursery
 * @error: return location for %ASAB_ERROR_CLOSED
 *
 * Hands everything over to a new nursery: contexts, callbacks and tasks, the sentinel among them.
 *
 * So @self is not closed at the end of its scope, but when the new one is.
 *
 * Returns: (transfer full): the new nursery
 */
AsabTaskNursery *
asab_task_nursery_pop_all (AsabTaskNursery  *self,
                           GError          **error)
{
  AsabTaskNursery *target;

  g_return_val_if_fail (ASAB_IS_TASK_NURSERY (self), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (asab_task_nursery_get_private (self)->closing != NULL)
    {
      set_closed (self, error);
      return NULL;
    }

  target = asab_task_nursery_new (NULL);
  asab_exit_stack_move (&asab_task_nursery_get_private (self)->stack, &asab_task_nursery_get_private (target)->stack);
  asab_task_nursery_move_tasks (self, target);

  return target;
}

/**
 * asab_task_nursery_get_sentinel_task: (get-property sentinel-task)
 * @self: a nursery
 *
 * Gets the task that does nothing, but that closes the nursery when it is cancelled.
 *
 * It is resolved with “Success” when the nursery is closed, or rejected with what failed then.
 *
 * Returns: (transfer none) (nullable): the sentinel, %NULL once the nursery is closed
 */
AsabFuture *
asab_task_nursery_get_sentinel_task (AsabTaskNursery *self)
{
  AsabSentinel *sentinel;

  g_return_val_if_fail (ASAB_IS_TASK_NURSERY (self), NULL);

  sentinel = asab_task_nursery_get_private (self)->sentinel;

  return sentinel != NULL ? asab_promise_get_future (sentinel->promise) : NULL;
}

/**
 * asab_task_nursery_is_open:
 * @self: a nursery
 *
 * Tells whether the nursery takes tasks: from the beginning until it begins to be closed.
 *
 * Returns: true if it does
 */
gboolean
asab_task_nursery_is_open (AsabTaskNursery *self)
{
  g_return_val_if_fail (ASAB_IS_TASK_NURSERY (self), FALSE);

  return asab_task_nursery_get_private (self)->closing == NULL;
}

/**
 * asab_task_nursery_add_shutdown_handling:
 * @context: (nullable): a main context, %NULL for the thread-default one
 *
 * Lets SIGINT, SIGTERM and SIGHUP close the nurseries of a main context and then end its main loop, see
 * [func@set_shutdown_func], from now on, and not only while there are nurseries.
 *
 * A second signal is ignored, a third one ends the process at once. A second call changes nothing. Where an application
 * runs, this leaves the signals to that.
 */
void
asab_task_nursery_add_shutdown_handling (GMainContext *context)
{
  asab_shutdown_add_signals (context != NULL ? asab_context_get (context) : asab_context_get_current ());
}
