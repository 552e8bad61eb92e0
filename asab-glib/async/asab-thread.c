/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <asab-glib/async/asab-thread.h>

#include <asab-glib/async/asab-future-private.h>
#include <asab-glib/core/asab-error.h>

/*
 * Work that blocks, in a bounded pool of threads.
 *
 * A job goes through three hands: the caller's, a thread of the pool, and the caller's context again, where its data is
 * dropped and its future completed. Cancelling the future rejects it at once; the work itself ends when it looks at its
 * cancellable, and its result is dropped.
 */
typedef struct
{
  AsabReadyItem item;
  AsabContext *context;      /* kept alive by a reference on its GMainContext */
  AsabPromise *promise;      /* (owned) */
  GCancellable *cancellable; /* (owned): cancelled with the future, and with the caller's */
  GCancellable *parent;      /* (owned) (nullable): the caller's */
  gulong parent_id;
  AsabThreadFunc func;
  gpointer user_data;
  GDestroyNotify destroy;
  GValue result;
  GError *error;
  gboolean succeeded;
} Job;

static void
job_end (AsabReadyItem *item)
{
  Job *job = (Job *) item;
  AsabFuture *future = asab_promise_get_future (job->promise);

  if (job->destroy != NULL)
    job->destroy (job->user_data);
  if (job->parent != NULL)
    g_cancellable_disconnect (job->parent, job->parent_id);

  if (job->succeeded)
    {
      asab_future_complete (future, &job->result, NULL, NULL);
      g_clear_error (&job->error);
    }
  else
    {
      asab_promise_take_error (job->promise, g_steal_pointer (&job->error));
    }

  if (G_VALUE_TYPE (&job->result) != 0)
    g_value_unset (&job->result);
  asab_promise_unref (job->promise);
  g_object_unref (job->cancellable);
  g_clear_object (&job->parent);
  g_main_context_unref (job->context->context);
  g_free (job);
}

/* In a thread of the pool. */
static void
job_run (gpointer data,
         gpointer user_data G_GNUC_UNUSED)
{
  Job *job = data;

  if (!g_cancellable_set_error_if_cancelled (job->cancellable, &job->error))
    job->succeeded = job->func (job->user_data, job->cancellable, &job->result, &job->error);
  asab_ready_queue_push (job->context->ready, &job->item);
}

static GThreadPool *
get_pool (void)
{
  static gsize pool;

  if (g_once_init_enter (&pool))
    g_once_init_leave (&pool, (gsize) g_thread_pool_new (job_run, NULL, (gint) MIN (g_get_num_processors () + 4, 32),
                                                         FALSE, NULL));

  return (GThreadPool *) pool;
}

static void
parent_cancelled_cb (GCancellable *parent G_GNUC_UNUSED,
                     gpointer      user_data)
{
  g_cancellable_cancel (user_data);
}

/**
 * asab_run_in_thread: (skip)
 * @func: work that blocks
 * @user_data: data for @func
 * @destroy: (nullable): called with @user_data, in the thread of the caller, when the work has ended
 * @cancellable: (nullable): cancels the work
 *
 * Calls @func in a thread of a pool.
 *
 * More work than there are threads waits for its turn, first in, first out; it is not begun if it was cancelled
 * meanwhile.
 *
 * Returns: (transfer full): the future of the result, completed in the thread-default main context of the caller
 */
AsabFuture *
asab_run_in_thread (AsabThreadFunc  func,
                    gpointer        user_data,
                    GDestroyNotify  destroy,
                    GCancellable   *cancellable)
{
  AsabFuture *future;
  Job *job;

  g_return_val_if_fail (func != NULL, NULL);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), NULL);

  job = g_new0 (Job, 1);
  job->item.run = job_end;
  job->context = asab_context_get_current ();
  g_main_context_ref (job->context->context);
  job->promise = asab_promise_new ();
  job->cancellable = g_object_ref (asab_promise_get_cancellable (job->promise));
  job->func = func;
  job->user_data = user_data;
  job->destroy = destroy;
  if (cancellable != NULL)
    {
      job->parent = g_object_ref (cancellable);
      job->parent_id = g_cancellable_connect (cancellable, G_CALLBACK (parent_cancelled_cb),
                                              g_object_ref (job->cancellable), g_object_unref);
    }

  future = asab_future_ref (asab_promise_get_future (job->promise));
  g_thread_pool_push (get_pool (), job, NULL);

  return future;
}

static gboolean
invoke_closure (gpointer       closure,
                GCancellable  *cancellable G_GNUC_UNUSED,
                GValue        *result G_GNUC_UNUSED,
                GError       **error G_GNUC_UNUSED)
{
  g_closure_invoke (closure, NULL, 0, NULL, NULL);

  return TRUE;
}

/**
 * asab_run_in_thread_closure: (rename-to asab_run_in_thread)
 * @closure: work that blocks, without arguments and without a result
 * @cancellable: (nullable): cancels the work
 *
 * Calls a function of a language in a thread of the pool; for languages whose functions can be called there.
 *
 * In Python `run_in_thread ()` and `make_async ()` are made of it, which take arguments and give results. JavaScript
 * cannot run in threads: there both call the function in the main context, when that has nothing else to do.
 *
 * Returns: (transfer full): a future that is done when the work is
 */
AsabFuture *
asab_run_in_thread_closure (GClosure     *closure,
                            GCancellable *cancellable)
{
  g_return_val_if_fail (closure != NULL, NULL);

  g_closure_ref (closure);
  g_closure_sink (closure);

  return asab_run_in_thread (invoke_closure, closure, (GDestroyNotify) g_closure_unref, cancellable);
}

/**
 * asab_set_max_threads:
 * @max_threads: 1 or more
 *
 * Sets how many threads `asab_run_in_thread ()` uses at most; four more than there are processors, and at most 32,
 * otherwise.
 */
void
asab_set_max_threads (guint max_threads)
{
  g_return_if_fail (max_threads > 0 && max_threads <= G_MAXINT);

  g_thread_pool_set_max_threads (get_pool (), (gint) max_threads, NULL);
}

/**
 * asab_get_max_threads:
 *
 * Gets how many threads `asab_run_in_thread ()` uses at most.
 *
 * Returns: the number of threads
 */
guint
asab_get_max_threads (void)
{
  return (guint) g_thread_pool_get_max_threads (get_pool ());
}
