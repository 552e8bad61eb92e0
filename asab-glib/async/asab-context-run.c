/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Running a main context until something has come to its end. */

#include "config.h"

#include <asab-glib/async/asab-fiber.h>

#include <asab-glib/async/asab-fiber-private.h>
#include <asab-glib/core/asab-error.h>

#include <glib/gi18n-lib.h>

static void
done_cb (AsabFuture *future G_GNUC_UNUSED,
         gpointer    user_data)
{
  *(gboolean *) user_data = TRUE;
}

static gboolean
wake_up_cb (GCancellable *cancellable G_GNUC_UNUSED,
            gpointer      user_data G_GNUC_UNUSED)
{
  return G_SOURCE_REMOVE;
}

static GSource *
attach_cancellable (GCancellable *cancellable,
                    GMainContext *context)
{
  GSource *source = g_cancellable_source_new (cancellable);

  g_source_set_static_name (source, "[asab] cancelled run");
  g_source_set_callback (source, G_SOURCE_FUNC (wake_up_cb), NULL, NULL);
  g_source_attach (source, context);

  return source;
}

/* Runs @context until @future is done. What waits for it has been called then, so that nothing of it stays queued. */
static void
run_until_done (GMainContext *context,
                AsabFuture   *future,
                GCancellable *cancellable)
{
  g_autoptr(GSource) cancel_source = NULL;
  gboolean done = FALSE;
  guint id;

  if (cancellable != NULL)
    cancel_source = attach_cancellable (cancellable, context);

  id = asab_future_when_done (future, done_cb, &done, NULL);
  while (!done && !g_cancellable_is_cancelled (cancellable))
    g_main_context_iteration (context, TRUE);
  asab_future_disconnect (future, id);

  if (cancel_source != NULL)
    g_source_destroy (cancel_source);
}

/**
 * asab_run_until_complete:
 * @future: a future
 * @cancellable: (nullable): ends the wait
 * @error: return location for the error of the future, %G_IO_ERROR_CANCELLED, or %ASAB_ERROR_DEADLOCK on a fiber
 *
 * Runs the thread-default main context until @future is done: for programs without a main loop, and for tests.
 *
 * Returns: true if the future is resolved
 */
gboolean
asab_run_until_complete (AsabFuture    *future,
                         GCancellable  *cancellable,
                         GError       **error)
{
  g_return_val_if_fail (future != NULL, FALSE);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (asab_stack_is_current ())
    {
      g_set_error_literal (error, ASAB_ERROR, ASAB_ERROR_DEADLOCK, _("A fiber cannot run the main loop; it can await"));
      return FALSE;
    }

  if (!asab_future_is_done (future))
    run_until_done (g_main_context_get_thread_default (), future, cancellable);

  if (!asab_future_is_done (future))
    {
      g_cancellable_set_error_if_cancelled (cancellable, error);
      return FALSE;
    }
  if (asab_future_is_resolved (future))
    return TRUE;

  asab_future_get_value (future, error);

  return FALSE;
}

static void
cancel_fibers (AsabContext *context)
{
  g_mutex_lock (&context->fibers_lock);
  for (AsabFiber *fiber = context->fibers; fiber != NULL; fiber = fiber->next)
    asab_fiber_cancel (fiber);
  g_mutex_unlock (&context->fibers_lock);
}

static gboolean
time_over_cb (gpointer user_data)
{
  *(gboolean *) user_data = TRUE;

  return G_SOURCE_CONTINUE;
}

static void
report_left (AsabContext *context)
{
  for (AsabFiber *fiber = context->fibers; fiber != NULL; fiber = fiber->next)
    g_critical ("The fiber “%s” started at %s does not end; it waits for %s", fiber->name,
                fiber->site != NULL ? fiber->site : "?", fiber->waits_for != NULL ? fiber->waits_for : "its turn");
}

/**
 * asab_context_drain: (skip)
 * @context: (nullable): a main context, %NULL for the thread-default one
 * @timeout: how long to wait, in seconds of the system's clock
 *
 * Cancels all fibers of a context and runs it until they have ended: before a thread or a process goes.
 *
 * Fibers that do not end in time are reported with g_critical() and left behind, with their stacks: what they wait for
 * may still write there.
 *
 * Returns: true if all fibers have ended
 */
gboolean
asab_context_drain (GMainContext *context,
                    double        timeout)
{
  AsabContext *state;
  g_autoptr(GSource) source = NULL;
  gboolean time_over = FALSE;

  g_return_val_if_fail (timeout >= 0, FALSE);
  g_return_val_if_fail (!asab_stack_is_current (), FALSE);

  state = context != NULL ? asab_context_get (context) : asab_context_get_current ();
  source = g_timeout_source_new ((guint) MIN (timeout * 1000, G_MAXUINT));
  g_source_set_static_name (source, "[asab] end of drain");
  g_source_set_callback (source, time_over_cb, &time_over, NULL);
  g_source_attach (source, state->context);

  while (state->fibers != NULL && !time_over)
    {
      cancel_fibers (state);
      g_main_context_iteration (state->context, TRUE);
    }
  g_source_destroy (source);

  report_left (state);

  return state->fibers == NULL;
}

/**
 * asab_context_set_stack_size: (skip)
 * @context: (nullable): a main context, %NULL for the thread-default one
 * @stack_size: bytes, 64 KiB or more
 *
 * Sets the size of the stacks of fibers that are started without a size of their own, 256 KiB otherwise; only touched
 * pages cost memory.
 *
 * Call this before the first fiber is started.
 */
void
asab_context_set_stack_size (GMainContext *context,
                             gsize         stack_size)
{
  AsabContext *state = context != NULL ? asab_context_get (context) : asab_context_get_current ();

  g_return_if_fail (stack_size >= 64 * 1024);
  g_return_if_fail (state->stacks.n_used == 0);

  asab_stack_pool_set_size (&state->stacks, stack_size);
}
