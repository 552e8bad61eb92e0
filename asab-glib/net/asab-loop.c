/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "asab-loop.h"

#include "asab-channel-map-private.h"
#include "asab-delayed-call-private.h"

#include <asab-glib/async/asab-timeout-private.h>
#include <asab-glib/core/asab-error.h>
#include <asab-glib/core/asab-stack-private.h>

#include <glib/gi18n-lib.h>

typedef struct
{
  AsabTimeout timeout;
  gboolean is_over;
} Deadline;

static void
over_cb (AsabTimeout *timeout)
{
  ((Deadline *) timeout)->is_over = TRUE;
}

static gboolean
has_work (AsabChannelMap *map,
          AsabTaskQueue  *tasks)
{
  return asab_channel_map_get_n_channels (map) > 0 || asab_task_queue_get_n_pending (tasks) > 0;
}

/* One pass: until channels were served, a task was run, there is nothing to wait for, or the time is over. */
static void
run_pass (double           seconds,
          AsabChannelMap  *map,
          AsabTaskQueue   *tasks,
          GError         **error)
{
  AsabContext *context = map->context;
  guint n_passes = map->n_passes;
  guint n_runs = asab_task_queue_get_n_runs (tasks);
  Deadline deadline = { .timeout.func = over_cb };

  asab_timeout_start (&deadline.timeout, context, seconds);
  while (!deadline.is_over && *error == NULL && map->n_passes == n_passes &&
         asab_task_queue_get_n_runs (tasks) == n_runs && has_work (map, tasks))
    g_main_context_iteration (context->context, TRUE);
  asab_timeout_stop (&deadline.timeout, context);
}

/* Whether the loop is to return, and with which error. */
static gboolean
take_quit (AsabChannelMap  *map,
           GError         **error)
{
  gboolean is_quitting = map->is_quitting;

  map->is_quitting = FALSE;
  if (map->exit_error != NULL && *error == NULL)
    *error = g_steal_pointer (&map->exit_error);
  g_clear_error (&map->exit_error);

  return is_quitting;
}

static gboolean
check (double    timeout,
       GError  **error)
{
  if (asab_stack_is_current ())
    {
      g_set_error_literal (error, ASAB_ERROR, ASAB_ERROR_DEADLOCK, _("A fiber cannot run the loop that runs it"));
      return FALSE;
    }

  return asab_timeout_check_seconds (timeout, error);
}

/**
 * asab_loop:
 * @timeout: for how many seconds a pass waits for something to happen, at most; 30 is usual
 * @map: (nullable): the channels, or %NULL for those of the default map
 * @tasks: (nullable): the delayed calls, or %NULL for those of the default queue
 * @count: how many passes to make, or -1 to go on
 * @error: return location for an error
 *
 * Serves channels and makes delayed calls, until all channels are closed and no call is pending, or for @count passes.
 *
 * This is for programs that have no main loop; with one, channels are served anyway. Whatever else is to be done by
 * the main context of @map is done as well. A pass in which nothing happened counts.
 *
 * The loop also ends when [method@ChannelMap.quit] is called, when a handler fails with %ASAB_ERROR_EXIT_NOW, or when a
 * delayed call fails; it returns the error of the last two. A fiber cannot run it: %ASAB_ERROR_DEADLOCK.
 *
 * Returns: false with @error set if it was ended by an error
 */
gboolean
asab_loop (double           timeout,
           AsabChannelMap  *map,
           AsabTaskQueue   *tasks,
           int              count,
           GError         **error)
{
  g_autoptr(AsabChannelMap) its_map = NULL;
  g_autoptr(AsabTaskQueue) its_tasks = NULL;
  g_autoptr(GError) failure = NULL;
  AsabTaskQueueLoop outer;
  gboolean is_quitting = FALSE;

  g_return_val_if_fail (map == NULL || ASAB_IS_CHANNEL_MAP (map), FALSE);
  g_return_val_if_fail (tasks == NULL || ASAB_IS_TASK_QUEUE (tasks), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (!check (timeout, error))
    return FALSE;

  its_map = map != NULL ? g_object_ref (map) : asab_channel_map_dup_default ();
  its_tasks = tasks != NULL ? g_object_ref (tasks) : asab_task_queue_dup_default ();

  its_map->n_loops++;
  asab_task_queue_enter (its_tasks, &failure, &outer);
  while (!is_quitting && failure == NULL && count != 0 && has_work (its_map, its_tasks))
    {
      run_pass (timeout, its_map, its_tasks, &failure);
      is_quitting = take_quit (its_map, &failure);
      if (count > 0)
        count--;
    }
  asab_task_queue_leave (&outer);
  its_map->n_loops--;

  if (failure == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&failure));

  return FALSE;
}
