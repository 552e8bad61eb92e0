/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Many jobs, a few at a time.
 *
 * A job is started when another one has ended, from the callback of that one's future; futures call back from the ready
 * queue, so that jobs that end at once do not nest. What keeps a gather alive is the callbacks of the jobs that run.
 */

#include "config.h"

#include <asab-glib/async/asab-gather.h>

#include <asab-glib/async/asab-future-private.h>
#include <asab-glib/async/asab-future-set.h>

#include <glib/gi18n-lib.h>

typedef struct
{
  AsabReadyItem cancel_item;  /* queued once, when the future is cancelled */
  gatomicrefcount ref_count;
  AsabContext *context;       /* kept alive by a reference on its GMainContext */
  AsabPromise *promise;       /* (owned) */
  AsabGatherFlags flags;
  gint cancelled;             /* (atomic) */
  gboolean stopped;           /* no more jobs are started */

  AsabIndexFunc func;
  gpointer user_data;         /* until the last job was started */
  GDestroyNotify destroy;
  guint n_calls;              /* of func, under way: more than one if it runs a main loop */

  guint limit;
  guint n_running;
  guint n_started;            /* and the number of the job to start next */
  guint n_jobs;
  AsabFuture *futures[];      /* (owned) (nullable): of the jobs that were started */
} Gather;

static Gather *
gather_ref (Gather *self)
{
  g_atomic_ref_count_inc (&self->ref_count);

  return self;
}

static void
gather_unref (gpointer data)
{
  Gather *self = data;

  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  for (guint i = 0; i < self->n_jobs; i++)
    g_clear_pointer (&self->futures[i], asab_future_unref);
  asab_promise_unref (self->promise);
  g_main_context_unref (self->context->context);
  g_free (self);
}

static gboolean
has_more (Gather *self)
{
  return !self->stopped && self->n_started < self->n_jobs;
}

/* Nobody needs the data of the function once it will not be called again. */
static void
drop_user_data (Gather *self)
{
  GDestroyNotify destroy;

  if (has_more (self) || self->n_calls > 0)
    return;

  destroy = g_steal_pointer (&self->destroy);
  if (destroy != NULL)
    destroy (self->user_data);
}

static void
resolve (Gather *self)
{
  AsabFutureSet *set;

  for (guint i = self->n_started; i < self->n_jobs; i++)
    self->futures[i] = asab_future_new_take_error (asab_error_new_cancelled (NULL));

  set = asab_future_set_new (self->futures, self->n_jobs);
  asab_promise_take_boxed (self->promise, ASAB_TYPE_FUTURE_SET, set);
}

/* Completes the future when all jobs have ended, unless an error has done that. */
static void
end_if_done (Gather *self)
{
  if (self->n_running > 0 || has_more (self) || asab_future_is_done (asab_promise_get_future (self->promise)))
    return;

  if (g_atomic_int_get (&self->cancelled))
    asab_promise_take_error (self->promise, asab_error_new_cancelled (NULL));
  else
    resolve (self);
}

/* Starts no more jobs, and cancels those that run. */
static void
stop (Gather *self)
{
  self->stopped = TRUE;
  for (guint i = 0; i < self->n_started; i++)
    if (self->futures[i] != NULL)
      asab_future_cancel (self->futures[i]);
}

static void start_jobs (gpointer data);

static void
job_ended_cb (AsabFuture *future,
              gpointer    user_data)
{
  Gather *self = user_data;

  self->n_running--;

  if (asab_future_is_rejected (future) && !self->stopped)
    {
      if ((self->flags & ASAB_GATHER_RETURN_ERRORS) == 0)
        asab_future_copy_outcome (future, self->promise);
      if ((self->flags & ASAB_GATHER_CANCEL_ON_ERROR) != 0)
        stop (self);
    }

  start_jobs (self);
}

static AsabFuture *
call_func (Gather *self,
           guint   index)
{
  GError *error = NULL;
  AsabFuture *future;

  self->n_calls++;
  future = self->func (index, self->user_data, &error);
  self->n_calls--;

  if (error != NULL)
    {
      g_clear_pointer (&future, asab_future_unref);
      return asab_future_new_take_error (error);
    }

  return future != NULL ? future : asab_future_new_resolved (NULL);
}

/* Starts as many jobs as there may be; on the native stack. */
static void
start_jobs (gpointer data)
{
  Gather *self = data;

  while (has_more (self) && self->n_running < self->limit)
    {
      guint index = self->n_started++;
      AsabFuture *future;

      self->n_running++;
      future = self->futures[index] = call_func (self, index);
      asab_future_observe (future);
      asab_future_when_done (future, job_ended_cb, gather_ref (self), gather_unref);
      if (self->stopped)
        asab_future_cancel (future); /* stopped by a main loop in the function */
    }

  drop_user_data (self);
  end_if_done (self);
}

static void
cancel_cb (AsabReadyItem *item)
{
  Gather *self = (Gather *) item;

  stop (self);
  drop_user_data (self);
  end_if_done (self);
  gather_unref (self);
}

/* From any thread, while the future is not completed. */
static void
future_cancel_cb (gpointer data)
{
  Gather *self = data;

  if (g_atomic_int_compare_and_exchange (&self->cancelled, FALSE, TRUE))
    asab_ready_queue_push (self->context->ready, &gather_ref (self)->cancel_item);
}

static Gather *
gather_new (guint           limit,
            guint           n_jobs,
            AsabGatherFlags flags)
{
  Gather *self = g_malloc0 (sizeof (Gather) + n_jobs * sizeof (AsabFuture *));

  self->cancel_item.run = cancel_cb;
  g_atomic_ref_count_init (&self->ref_count);
  self->context = asab_context_get_current ();
  g_main_context_ref (self->context->context);
  self->promise = asab_promise_new ();
  asab_promise_set_cancel_func (self->promise, future_cancel_cb, self);
  self->flags = flags;
  self->limit = limit;
  self->n_jobs = n_jobs;

  return self;
}

static AsabFuture *
reject_limit (int limit)
{
  return asab_future_new_take_error (g_error_new (G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                                                  _("With a limit of %d no job could ever run"), limit));
}

/**
 * asab_map_limited:
 * @limit: how many jobs to run at a time, 1 or more; see %ASAB_GATHER_DEFAULT_LIMIT
 * @n_jobs: how many jobs there are
 * @flags: what to do about errors
 * @func: (scope notified) (closure user_data) (destroy destroy): starts a job
 * @user_data: data for @func
 * @destroy: (nullable): called with @user_data when it is not needed any more
 *
 * Runs many jobs, a few at a time.
 *
 * The jobs are started in order, the first ones at once and another one whenever one has ended. Their results have the
 * same order. Unless @flags says otherwise, the first error rejects the future at once; the other jobs, also those that
 * were not started yet, run all the same.
 *
 * Cancelling the future cancels the jobs that run and starts no more; it is rejected when the last of them has ended.
 *
 * ```c
 * g_autoptr(AsabFuture) future = asab_map_limited (2, 5, ASAB_GATHER_RETURN_ERRORS, start_download, NULL, NULL);
 * g_autoptr(AsabFutureSet) set = asab_await_boxed (future, ASAB_TYPE_FUTURE_SET, error);
 * ```
 *
 * Returns: (transfer full): a future of an [struct@FutureSet] with the outcomes, or of the first error;
 *   %G_IO_ERROR_INVALID_ARGUMENT if @limit is less than 1
 */
AsabFuture *
asab_map_limited (int              limit,
                  guint            n_jobs,
                  AsabGatherFlags  flags,
                  AsabIndexFunc    func,
                  gpointer         user_data,
                  GDestroyNotify   destroy)
{
  AsabFuture *future;
  Gather *self;

  g_return_val_if_fail (func != NULL, NULL);

  if (limit < 1)
    {
      if (destroy != NULL)
        asab_main_stack_call (destroy, user_data);
      return reject_limit (limit);
    }

  self = gather_new ((guint) limit, n_jobs, flags);
  self->func = func;
  self->user_data = user_data;
  self->destroy = destroy;

  future = asab_future_ref (asab_promise_get_future (self->promise));
  asab_main_stack_call (start_jobs, self);
  gather_unref (self);

  return future;
}

static void
unref_coroutine (gpointer coroutine)
{
  if (coroutine != NULL)
    g_object_unref (coroutine);
}

/* Drops the coroutine as soon as it is started: it keeps itself while it runs. */
static AsabFuture *
start_coroutine (guint      index,
                 gpointer   user_data,
                 GError   **error G_GNUC_UNUSED)
{
  GPtrArray *coroutines = user_data;
  g_autoptr(AsabCoroutine) coroutine = g_steal_pointer (&coroutines->pdata[index]);

  return asab_coroutine_start (coroutine);
}

/**
 * asab_gather_limited:
 * @limit: how many coroutines to run at a time, 1 or more; see %ASAB_GATHER_DEFAULT_LIMIT
 * @coroutines: (array length=n_coroutines): the coroutines, none of them started
 * @n_coroutines: how many
 * @flags: what to do about errors
 *
 * Runs many coroutines, a few at a time, as [func@map_limited] does jobs.
 *
 * One that was started before, or that is there twice, gives %ASAB_ERROR_ALREADY_STARTED in its place.
 *
 * Returns: (transfer full): a future of an [struct@FutureSet] with the outcomes, or of the first error;
 *   %G_IO_ERROR_INVALID_ARGUMENT if @limit is less than 1
 */
AsabFuture *
asab_gather_limited (int               limit,
                     AsabCoroutine   **coroutines,
                     gsize             n_coroutines,
                     AsabGatherFlags   flags)
{
  GPtrArray *owned;

  g_return_val_if_fail (coroutines != NULL || n_coroutines == 0, NULL);
  g_return_val_if_fail (n_coroutines <= G_MAXUINT, NULL);

  owned = g_ptr_array_new_full ((guint) n_coroutines, unref_coroutine);
  for (gsize i = 0; i < n_coroutines; i++)
    g_ptr_array_add (owned, g_object_ref (coroutines[i]));

  return asab_map_limited (limit, (guint) n_coroutines, flags, start_coroutine, owned,
                           (GDestroyNotify) g_ptr_array_unref);
}
