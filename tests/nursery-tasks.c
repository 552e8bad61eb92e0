/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nursery-tasks.h"

#include "async-fixture.h"

#include <math.h>

gboolean
task_sleep (gpointer   name,
            GValue    *result G_GNUC_UNUSED,
            GError   **error)
{
  gboolean woken = asab_fiber_sleep (INFINITY, error);

  async_trace (name);

  return woken;
}

gboolean
task_swallow (gpointer   name,
              GValue    *result,
              GError   **error G_GNUC_UNUSED)
{
  task_sleep (name, result, NULL);
  g_value_init (result, G_TYPE_STRING);
  g_value_set_static_string (result, "ok");

  return TRUE;
}

gboolean
task_fail (gpointer   name,
           GValue    *result G_GNUC_UNUSED,
           GError   **error)
{
  g_set_error_literal (error, ASAB_ERROR, ASAB_ERROR_FAILED, name);

  return FALSE;
}

gboolean
task_fail_late (gpointer   name,
                GValue    *result,
                GError   **error)
{
  asab_fiber_sleep (INFINITY, NULL);

  return task_fail (name, result, error);
}

gboolean
task_clean_up (gpointer   name,
               GValue    *result G_GNUC_UNUSED,
               GError   **error)
{
  g_auto(AsabShield) shield = { NULL };
  gboolean woken = asab_fiber_sleep (INFINITY, error);

  shield = asab_shield_begin ();
  asab_fiber_sleep (1, NULL);
  async_trace (name);

  return woken;
}

gboolean
task_stubborn (gpointer   promise,
               GValue    *result G_GNUC_UNUSED,
               GError   **error)
{
  g_auto(AsabShield) shield G_GNUC_UNUSED = asab_shield_begin ();

  return asab_await (asab_promise_get_future (promise), error);
}

AsabFuture *
spawn_task (AsabTaskNursery *nursery,
            AsabFiberFunc    func,
            const char      *name)
{
  g_autoptr(GError) error = NULL;
  AsabFuture *task = asab_task_nursery_spawn (nursery, name, func, (gpointer) name, NULL, &error);

  g_assert_no_error (error);

  return task;
}

AsabFuture *
trace_exit_cb (gpointer   name,
               GError   **error G_GNUC_UNUSED)
{
  async_trace (name);

  return NULL;
}

AsabFuture *
fail_exit_cb (gpointer   name,
              GError   **error)
{
  async_trace (name);
  g_set_error_literal (error, ASAB_ERROR, ASAB_ERROR_FAILED, name);

  return NULL;
}

void
assert_n_tasks (AsabTaskNursery *nursery,
                guint            n_tasks)
{
  g_autoptr(GPtrArray) tasks = asab_task_nursery_list_tasks (nursery);

  g_assert_cmpuint (tasks->len, ==, n_tasks);
}

void
trace_exception (const char   *message G_GNUC_UNUSED,
                 const GError *error,
                 AsabFuture   *task G_GNUC_UNUSED,
                 AsabFuture   *sentinel G_GNUC_UNUSED,
                 gpointer      user_data G_GNUC_UNUSED)
{
  async_trace ("!");
  async_trace (error->message);
}
