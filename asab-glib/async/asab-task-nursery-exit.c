/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a nursery is told to do when it is closed. */

#include "config.h"

#include <asab-glib/async/asab-task-nursery.h>

#include <asab-glib/async/asab-task-nursery-private.h>

#include <glib/gi18n-lib.h>

/* Drops the data if nobody will. */
static gboolean
check_not_closed (AsabTaskNursery  *self,
                  gpointer          user_data,
                  GDestroyNotify    destroy,
                  GError          **error)
{
  if (asab_task_nursery_check_not_closed (self, error))
    return TRUE;

  if (destroy != NULL)
    asab_main_stack_call (destroy, user_data);

  return FALSE;
}

/**
 * asab_task_nursery_push_callback:
 * @self: a nursery
 * @func: (scope notified) (closure user_data) (destroy destroy): called when the nursery is closed
 * @user_data: data for @func
 * @destroy: (nullable): called with @user_data afterwards, or if this fails
 * @error: return location for %ASAB_ERROR_CLOSED
 *
 * Lets @func be called when the nursery is closed, before what was pushed earlier, and waited for.
 *
 * Returns: true if so
 */
gboolean
asab_task_nursery_push_callback (AsabTaskNursery  *self,
                                 AsabAsyncFunc     func,
                                 gpointer          user_data,
                                 GDestroyNotify    destroy,
                                 GError          **error)
{
  g_return_val_if_fail (ASAB_IS_TASK_NURSERY (self), FALSE);
  g_return_val_if_fail (func != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (!check_not_closed (self, user_data, destroy, error))
    return FALSE;

  asab_exit_stack_push_callback (&asab_task_nursery_get_private (self)->stack, func, user_data, destroy);

  return TRUE;
}

/**
 * asab_task_nursery_push_exit:
 * @self: a nursery
 * @func: (scope notified) (closure user_data) (destroy destroy): called when the nursery is closed
 * @user_data: data for @func
 * @destroy: (nullable): called with @user_data afterwards, or if this fails
 * @error: return location for %ASAB_ERROR_CLOSED
 *
 * Lets @func be called when the nursery is closed, before what was pushed earlier, with the error at that time.
 *
 * If its future is resolved with true the error goes no further; if it is rejected its error takes the place of the
 * former one.
 *
 * Returns: true if so
 */
gboolean
asab_task_nursery_push_exit (AsabTaskNursery  *self,
                             AsabExitFunc      func,
                             gpointer          user_data,
                             GDestroyNotify    destroy,
                             GError          **error)
{
  g_return_val_if_fail (ASAB_IS_TASK_NURSERY (self), FALSE);
  g_return_val_if_fail (func != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (!check_not_closed (self, user_data, destroy, error))
    return FALSE;

  asab_exit_stack_push_handler (&asab_task_nursery_get_private (self)->stack, func, user_data, destroy);

  return TRUE;
}

typedef struct
{
  AsabTaskNursery *nursery;  /* (owned) */
  AsabAsyncContext *context; /* (owned) */
  AsabPromise *promise;      /* (owned) */
} Entering;

static void
entering_free (gpointer data)
{
  Entering *self = data;

  g_object_unref (self->nursery);
  g_object_unref (self->context);
  asab_promise_unref (self->promise);
  g_free (self);
}

static void
entered_cb (AsabFuture *entered,
            gpointer    user_data)
{
  Entering *self = user_data;
  GError *error = NULL;

  if (asab_future_is_rejected (entered))
    {
      asab_future_copy_outcome (entered, self->promise);
    }
  else if (asab_task_nursery_check_not_closed (self->nursery, &error))
    {
      asab_exit_stack_push_context (&asab_task_nursery_get_private (self->nursery)->stack, self->context);
      asab_future_copy_outcome (entered, self->promise);
    }
  else
    {
      g_autoptr(AsabFuture) exited = asab_async_context_exit (self->context, error);

      asab_future_log_failure (exited, _("The exit of a context"));
      asab_promise_take_error (self->promise, error);
    }
}

/**
 * asab_task_nursery_enter_context:
 * @self: a nursery
 * @context: a context that was not entered
 *
 * Enters a context, which is exited when the nursery is closed. A context that cannot be entered is not exited.
 *
 * Returns: (transfer full): a future of what entering gives; %ASAB_ERROR_CLOSED if the nursery is closed, or was before
 *   the context was entered, which is exited then
 */
AsabFuture *
asab_task_nursery_enter_context (AsabTaskNursery  *self,
                                 AsabAsyncContext *context)
{
  g_autoptr(AsabFuture) entered = NULL;
  GError *error = NULL;
  AsabFuture *future;
  Entering *entering;

  g_return_val_if_fail (ASAB_IS_TASK_NURSERY (self), NULL);
  g_return_val_if_fail (ASAB_IS_ASYNC_CONTEXT (context), NULL);

  if (!asab_task_nursery_check_not_closed (self, &error))
    return asab_future_new_take_error (error);

  entering = g_new (Entering, 1);
  entering->nursery = g_object_ref (self);
  entering->context = g_object_ref (context);
  entering->promise = asab_promise_new ();
  future = asab_future_ref (asab_promise_get_future (entering->promise));
  entered = asab_async_context_enter (context);
  asab_future_when_done (entered, entered_cb, entering, entering_free);

  return future;
}
