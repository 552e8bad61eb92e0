/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <asab-glib/async/asab-async-exit.h>

#include <asab-glib/async/asab-fiber.h>
#include <asab-glib/async/asab-shutdown-private.h>

typedef struct
{
  AsabAsyncContext *context; /* (owned) */
  AsabFuture *task;          /* (owned) */
  GError *failure;           /* (owned) (nullable): of the exit */
} ExitOnError;

static void
exit_on_error_free (gpointer data)
{
  ExitOnError *self = data;

  g_object_unref (self->context);
  asab_future_unref (self->task);
  g_clear_error (&self->failure);
  g_free (self);
}

static void
report_failure (gpointer data)
{
  ExitOnError *self = data;

  asab_shutdown_handle_exception (asab_context_get_current (), "The exit of a context has failed", self->failure,
                                  self->task, NULL);
}

static gboolean
exit_on_error (gpointer   data,
               GValue    *result,
               GError   **error)
{
  ExitOnError *self = data;
  g_autoptr(GError) reason = NULL;
  gboolean is_needed = !asab_await (self->task, &reason) && !asab_future_is_cancelled (self->task);

  if (!asab_future_is_done (self->task))
    {
      g_propagate_error (error, g_steal_pointer (&reason));
      return FALSE;
    }

  if (is_needed)
    {
      g_auto(AsabShield) shield G_GNUC_UNUSED = asab_shield_begin ();

      if (!asab_await (ASAB_TEMP (asab_async_context_exit (self->context, reason)), &self->failure))
        asab_main_stack_call (report_failure, self);
    }

  g_value_init (result, G_TYPE_BOOLEAN);
  g_value_set_boolean (result, is_needed);

  return TRUE;
}

/**
 * asab_async_exit_on_error:
 * @context: a context that was entered
 * @task: a future, which need not be done
 * @main_context: (nullable): where to exit @context, %NULL for the thread-default one
 *
 * Exits a context with the error of a task, if it has one: for something that shall not go on after a failure. A task
 * that is cancelled has not failed.
 *
 * The exit is never begun before this function has returned, and brought to its end. It is the exception handler of the
 * main context that hears of its own failure, see [func@set_exception_handler]. Until then @context is kept alive.
 *
 * Cancelling the future, before the task is done, lets @context be.
 *
 * The behaviour is that of async_exit_on_exc in codestare.async_utils.
 *
 * Returns: (transfer full): a future of whether @context was exited
 */
AsabFuture *
asab_async_exit_on_error (AsabAsyncContext *context,
                          AsabFuture       *task,
                          GMainContext     *main_context)
{
  ExitOnError *self;

  g_return_val_if_fail (ASAB_IS_ASYNC_CONTEXT (context), NULL);
  g_return_val_if_fail (task != NULL, NULL);

  self = g_new0 (ExitOnError, 1);
  self->context = g_object_ref (context);
  self->task = asab_future_ref (task);

  return asab_spawn_full (main_context, "exit on error", G_PRIORITY_DEFAULT, 0, NULL, exit_on_error, self,
                          exit_on_error_free);
}
