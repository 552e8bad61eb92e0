/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The tasks of a nursery: how they come, end, and are stopped. The sentinel is the first of them. */

#include "config.h"

#include <asab-glib/async/asab-task-nursery.h>

#include <asab-glib/async/asab-future-set.h>
#include <asab-glib/async/asab-registrable.h>
#include <asab-glib/async/asab-task-nursery-private.h>
#include <asab-glib/core/asab-error.h>

#include <glib/gi18n-lib.h>

/* Kept by our callback on its future. */
typedef struct
{
  GList link;               /* in the nursery's tasks; its data is this while it is there */
  AsabTaskNursery *nursery; /* (owned) */
  AsabFuture *future;       /* (owned) */
  guint id;                 /* of our callback */
} Task;

static GQueue *
get_tasks (AsabTaskNursery *self)
{
  return &asab_task_nursery_get_private (self)->tasks;
}

static void
task_leave (Task *self)
{
  if (self->link.data == NULL)
    return;

  g_queue_unlink (get_tasks (self->nursery), &self->link);
  self->link.data = NULL;
}

static void
task_free (gpointer data)
{
  Task *self = data;

  task_leave (self);
  asab_future_unref (self->future);
  g_object_unref (self->nursery);
  g_free (self);
}

static void
task_done_cb (AsabFuture *future,
              gpointer    user_data)
{
  Task *task = user_data;
  g_autoptr(GError) error = asab_future_dup_error (future);

  /* Those who hear of the failure shall see the task gone. */
  task_leave (task);
  if (error != NULL && !asab_future_is_cancelled (future))
    asab_task_nursery_emit_task_failed (task->nursery, future, error);
}

static Task *
lookup_task (AsabTaskNursery *self,
             AsabFuture      *future)
{
  for (GList *l = get_tasks (self)->head; l != NULL; l = l->next)
    {
      Task *task = l->data;

      if (task->future == future)
        return task;
    }

  return NULL;
}

/* Manages @future from now until it is done. */
void
asab_task_nursery_add_task (AsabTaskNursery *self,
                            AsabFuture      *future,
                            const char      *name)
{
  g_autofree char *key = asab_registrable_dup_registry_key (ASAB_REGISTRABLE (self));
  g_autofree char *full_name = g_strconcat (name, ":", key, NULL);
  Task *task = g_new0 (Task, 1);

  asab_future_set_name (future, full_name);
  asab_future_observe (future);
  task->link.data = task;
  task->nursery = g_object_ref (self);
  task->future = asab_future_ref (future);
  g_queue_push_tail_link (get_tasks (self), &task->link);
  task->id = asab_future_when_done (future, task_done_cb, task, task_free);
}

/* Gets the task that is running, if it is a fiber. Returns: (transfer none) (nullable): the task */
AsabFuture *
asab_task_nursery_get_current_task (AsabTaskNursery *self)
{
  AsabFiber *fiber = asab_fiber_get_current ();
  AsabFuture *future = fiber != NULL ? asab_fiber_get_future (fiber) : NULL;

  return future != NULL && lookup_task (self, future) != NULL ? future : NULL;
}

/* Hands all tasks over to another nursery. */
void
asab_task_nursery_move_tasks (AsabTaskNursery *self,
                              AsabTaskNursery *target)
{
  GList *l;

  while ((l = g_queue_pop_head_link (get_tasks (self))) != NULL)
    {
      Task *task = l->data;

      g_object_unref (task->nursery);
      task->nursery = g_object_ref (target);
      g_queue_push_tail_link (get_tasks (target), l);
    }
}

/* The task has not ended in time: nobody waits for it any longer. */
static void
abandon_task (AsabTaskNursery *self,
              AsabFuture      *future)
{
  g_autofree char *name = asab_task_nursery_dup_name (self);
  Task *task = lookup_task (self, future);

  if (task == NULL)
    return;

  g_critical ("The task “%s” does not end within %g seconds; the nursery “%s” leaves it behind",
              asab_future_get_name (future), asab_task_nursery_get_stop_timeout (self), name);
  asab_future_disconnect (future, task->id);
}

static void
call_cancel (gpointer data)
{
  asab_future_cancel (data);
}

/* Cancels the task. Returns: (transfer full): its own future, or one that is rejected when it took too long */
static AsabFuture *
cancel_task (AsabTaskNursery *self,
             AsabFuture      *future)
{
  AsabFuture *end;

  /* A sentinel ends when its nursery is closed; what that does has its own limits. */
  if (asab_task_nursery_is_sentinel (future))
    end = asab_future_ref (future);
  else
    end = asab_future_with_timeout (future, asab_task_nursery_get_stop_timeout (self), FALSE);

  asab_main_stack_call (call_cancel, future);

  return end;
}

typedef struct
{
  AsabTaskNursery *nursery; /* (owned) */
  AsabFuture *task;         /* (owned) */
} Stop;

static void
stop_free (gpointer data)
{
  Stop *self = data;

  g_object_unref (self->nursery);
  asab_future_unref (self->task);
  g_free (self);
}

static void
stopped_cb (AsabFuture *end G_GNUC_UNUSED,
            gpointer    user_data)
{
  Stop *stop = user_data;

  if (!asab_future_is_done (stop->task))
    abandon_task (stop->nursery, stop->task);
}

/* Cancels the task, and leaves it behind when it does not end in time. Returns: (transfer full): a future of its end */
static AsabFuture *
end_task (AsabTaskNursery *self,
          AsabFuture      *future)
{
  Stop *stop = g_new (Stop, 1);
  AsabFuture *end;

  stop->nursery = g_object_ref (self);
  stop->task = asab_future_ref (future);
  end = cancel_task (self, future);
  asab_future_when_done (end, stopped_cb, stop, stop_free);

  return end;
}

/* Stops all tasks at the same time, but not the one that closes the nursery, and whatever the sentinel does: that
 * waits for the others. Returns: (transfer full): a future of their end */
AsabFuture *
asab_task_nursery_stop_all (AsabTaskNursery *self)
{
  AsabTaskNurseryPrivate *priv = asab_task_nursery_get_private (self);
  g_autoptr(GPtrArray) tasks = asab_task_nursery_list_tasks (self);
  g_autoptr(GPtrArray) ends = g_ptr_array_new_with_free_func ((GDestroyNotify) asab_future_unref);

  for (guint i = 0; i < tasks->len; i++)
    {
      AsabFuture *task = g_ptr_array_index (tasks, i);

      if (task != priv->closer && task != asab_task_nursery_get_sentinel_task (self))
        g_ptr_array_add (ends, end_task (self, task));
    }

  return asab_future_all_settled ((AsabFuture **) ends->pdata, ends->len);
}

/* Stops the task that was created last. Returns: (transfer full) (nullable): a future of its end, NULL without tasks */
AsabFuture *
asab_task_nursery_stop_newest (AsabTaskNursery *self)
{
  Task *task = g_queue_peek_tail (get_tasks (self));

  return task != NULL ? end_task (self, task->future) : NULL;
}

/**
 * asab_task_nursery_list_tasks:
 * @self: a nursery
 *
 * Gets the tasks that have not ended, in the order of their creation. The first one is the sentinel.
 *
 * Returns: (transfer container) (element-type AsabFuture): the tasks
 */
GPtrArray *
asab_task_nursery_list_tasks (AsabTaskNursery *self)
{
  GPtrArray *tasks;

  g_return_val_if_fail (ASAB_IS_TASK_NURSERY (self), NULL);

  tasks = g_ptr_array_new_with_free_func ((GDestroyNotify) asab_future_unref);
  for (GList *l = get_tasks (self)->head; l != NULL; l = l->next)
    g_ptr_array_add (tasks, asab_future_ref (((Task *) l->data)->future));

  return tasks;
}

/**
 * asab_task_nursery_create_task:
 * @self: a nursery
 * @coroutine: a coroutine that was not started
 * @name: (nullable): the name of the task, %NULL for that of the coroutine
 * @error: return location for %ASAB_ERROR_CLOSED, if the nursery or @coroutine is closed, and
 *   %ASAB_ERROR_ALREADY_STARTED; @coroutine is not started then
 *
 * Starts a coroutine as a task of the nursery.
 *
 * Returns: (transfer full): the task
 */
AsabFuture *
asab_task_nursery_create_task (AsabTaskNursery  *self,
                               AsabCoroutine    *coroutine,
                               const char       *name,
                               GError          **error)
{
  g_autoptr(AsabFuture) task = NULL;

  g_return_val_if_fail (ASAB_IS_TASK_NURSERY (self), NULL);
  g_return_val_if_fail (ASAB_IS_COROUTINE (coroutine), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (!asab_task_nursery_check_open (self, error))
    return NULL;

  task = asab_coroutine_start (coroutine);
  if (asab_coroutine_get_future (coroutine) != task)
    {
      asab_future_get_value (task, error);
      return NULL;
    }

  asab_task_nursery_add_task (self, task, name != NULL ? name : asab_coroutine_get_name (coroutine));

  return g_steal_pointer (&task);
}

/**
 * asab_task_nursery_spawn: (skip)
 * @self: a nursery
 * @name: the name of the task
 * @func: the body of a fiber
 * @user_data: data for @func
 * @destroy: (nullable): called with @user_data when the fiber has ended, or cannot start
 * @error: return location for %ASAB_ERROR_CLOSED
 *
 * Starts a fiber as a task of the nursery.
 *
 * Returns: (transfer full): the task
 */
AsabFuture *
asab_task_nursery_spawn (AsabTaskNursery  *self,
                         const char       *name,
                         AsabFiberFunc     func,
                         gpointer          user_data,
                         GDestroyNotify    destroy,
                         GError          **error)
{
  AsabFuture *task;

  g_return_val_if_fail (ASAB_IS_TASK_NURSERY (self), NULL);
  g_return_val_if_fail (name != NULL, NULL);
  g_return_val_if_fail (func != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (!asab_task_nursery_check_open (self, error))
    {
      if (destroy != NULL)
        asab_main_stack_call (destroy, user_data);
      return NULL;
    }

  task = asab_spawn_full (NULL, name, G_PRIORITY_DEFAULT, 0, NULL, func, user_data, destroy);
  asab_task_nursery_add_task (self, task, name);

  return task;
}

/**
 * asab_task_nursery_adopt:
 * @self: a nursery
 * @task: a future of something that is under way
 * @name: (nullable): the name of the task, %NULL for that of the future
 * @error: return location for %ASAB_ERROR_CLOSED; @task goes on without the nursery then
 *
 * Makes something that is under way a task of the nursery.
 *
 * Returns: (transfer full): @task
 */
AsabFuture *
asab_task_nursery_adopt (AsabTaskNursery  *self,
                         AsabFuture       *task,
                         const char       *name,
                         GError          **error)
{
  g_autofree char *own_name = NULL;

  g_return_val_if_fail (ASAB_IS_TASK_NURSERY (self), NULL);
  g_return_val_if_fail (task != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (!asab_task_nursery_check_open (self, error))
    return NULL;

  if (name == NULL)
    name = own_name = g_strdup (asab_future_get_name (task));
  asab_task_nursery_add_task (self, task, name != NULL ? name : "task");

  return asab_future_ref (task);
}

static void
outcome_cb (AsabFuture *end,
            gpointer    user_data)
{
  AsabPromise *promise = user_data;
  GError *error = asab_future_dup_error (end);

  if (error == NULL)
    asab_future_copy_outcome (end, promise);
  else
    asab_promise_take_boxed (promise, G_TYPE_ERROR, error);
}

/**
 * asab_task_nursery_stop_task:
 * @self: a nursery
 * @task: a task of the nursery
 * @error: return location for %ASAB_ERROR_NOT_MANAGED if @task is none, or has ended; %ASAB_ERROR_DEADLOCK if it is the
 *   fiber that calls this
 *
 * Cancels a task and waits until it has ended.
 *
 * That its task fails does not concern the waiting: an error is a value here.
 *
 * Returns: (transfer full): a future of the value of the task, if it has one all the same, or of a [struct@GLib.Error]:
 *   %G_IO_ERROR_CANCELLED usually, %G_IO_ERROR_TIMED_OUT if the task goes on after [property@TaskNursery:stop-timeout]
 */
AsabFuture *
asab_task_nursery_stop_task (AsabTaskNursery  *self,
                             AsabFuture       *task,
                             GError          **error)
{
  g_autoptr(AsabPromise) promise = NULL;
  g_autoptr(AsabFuture) end = NULL;

  g_return_val_if_fail (ASAB_IS_TASK_NURSERY (self), NULL);
  g_return_val_if_fail (task != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (lookup_task (self, task) == NULL)
    {
      g_set_error_literal (error, ASAB_ERROR, ASAB_ERROR_NOT_MANAGED, _("The nursery has no such task"));
      return NULL;
    }
  if (task == asab_task_nursery_get_current_task (self))
    {
      g_set_error_literal (error, ASAB_ERROR, ASAB_ERROR_DEADLOCK, _("A task cannot wait until it is stopped"));
      return NULL;
    }

  promise = asab_promise_new ();
  end = cancel_task (self, task);
  asab_future_when_done (end, outcome_cb, asab_promise_ref (promise), (GDestroyNotify) asab_promise_unref);

  return asab_future_ref (asab_promise_get_future (promise));
}
