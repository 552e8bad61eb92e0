/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The pair of functions with which code in the style of GIO waits for a future. */

#include "config.h"

#include <asab-glib/async/asab-future.h>

#include <asab-glib/async/asab-future-private.h>

typedef struct
{
  AsabFuture *future;
  guint id;               /* of the callback of the future */
  GSource *cancel_source; /* (owned) (nullable) */
} Wait;

static void
wait_free (gpointer data)
{
  Wait *wait = data;

  g_clear_pointer (&wait->cancel_source, g_source_unref);
  asab_future_unref (wait->future);
  g_free (wait);
}

static void
wait_cb (AsabFuture *future,
         gpointer    user_data)
{
  GTask *task = user_data;
  Wait *wait = g_task_get_task_data (task);
  const GError *error = asab_future_peek_error (future);

  if (wait->cancel_source != NULL)
    g_source_destroy (wait->cancel_source);

  asab_future_observe (future);
  if (error != NULL)
    g_task_return_error (task, g_error_copy (error));
  else
    g_task_return_boolean (task, TRUE);
}

static gboolean
wait_cancelled_cb (GCancellable *cancellable G_GNUC_UNUSED,
                   gpointer      user_data)
{
  g_autoptr(GTask) task = g_object_ref (user_data);
  Wait *wait = g_task_get_task_data (task);

  asab_future_disconnect (wait->future, wait->id);
  g_task_return_error_if_cancelled (task);

  return G_SOURCE_REMOVE;
}

/**
 * asab_future_wait_async:
 * @self: a future
 * @cancellable: (nullable): ends the wait, not what is waited for
 * @callback: (scope async) (closure user_data): called when the wait is over
 * @user_data: data for @callback
 *
 * Waits for the future as GIO-style code does.
 */
void
asab_future_wait_async (AsabFuture          *self,
                        GCancellable        *cancellable,
                        GAsyncReadyCallback  callback,
                        gpointer             user_data)
{
  GTask *task;
  Wait *wait;

  g_return_if_fail (self != NULL);

  task = g_task_new (NULL, cancellable, callback, user_data);
  g_task_set_source_tag (task, asab_future_wait_async);
  wait = g_new0 (Wait, 1);
  wait->future = asab_future_ref (self);
  g_task_set_task_data (task, wait, wait_free);

  if (cancellable != NULL)
    {
      wait->cancel_source = g_cancellable_source_new (cancellable);
      g_source_set_static_name (wait->cancel_source, "[asab] cancelled wait");
      g_task_attach_source (task, wait->cancel_source, G_SOURCE_FUNC (wait_cancelled_cb));
    }
  wait->id = asab_future_when_done (self, wait_cb, task, g_object_unref);
}

/**
 * asab_future_wait_finish:
 * @self: a future
 * @result: what the callback got
 * @error: return location for the error of the future, or %G_IO_ERROR_CANCELLED
 *
 * Ends what [method@Future.wait_async] began.
 *
 * Returns: (transfer none) (nullable): the value, as long as there is a reference on @self; %NULL without @error if
 *   there is none
 */
const GValue *
asab_future_wait_finish (AsabFuture    *self,
                         GAsyncResult  *result,
                         GError       **error)
{
  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);

  if (!g_task_propagate_boolean (G_TASK (result), error))
    return NULL;

  return asab_future_get_value (self, NULL);
}
