/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "async-fixture.h"

#include <string.h>

/* An operation in the style of GIO, which the test completes. */
typedef struct
{
  GTask *task;
  char *buffer;  /* written to when the operation ends, cancelled or not */
  int n_finished;
} Operation;

static Operation first, second;

static void
operation_async (Operation           *self,
                 char                *buffer,
                 GCancellable        *cancellable,
                 GAsyncReadyCallback  callback,
                 gpointer             user_data)
{
  self->task = g_task_new (NULL, cancellable, callback, user_data);
  self->buffer = buffer;
  self->n_finished = 0;
}

static int
operation_finish (Operation     *self,
                  GAsyncResult  *result,
                  GError       **error)
{
  self->n_finished++;

  return (int) g_task_propagate_int (G_TASK (result), error);
}

static void
operation_end (Operation *self,
               int        value)
{
  g_autoptr(GTask) task = g_steal_pointer (&self->task);

  strcpy (self->buffer, "written");
  g_task_return_int (task, value);
}

static gboolean
end_first_cb (gpointer user_data)
{
  operation_end (&first, GPOINTER_TO_INT (user_data));

  return G_SOURCE_REMOVE;
}

/* Lets the main loop end the first operation, as the end of a cancelled one comes. */
static void
end_first_soon (AsyncFixture *fixture,
                int           value)
{
  g_autoptr(GSource) source = g_idle_source_new ();

  g_source_set_callback (source, end_first_cb, GINT_TO_POINTER (value), NULL);
  g_source_attach (source, fixture->context);
}

static gboolean
load_file (gpointer   data,
           GValue    *result,
           GError   **error)
{
  g_autofree char *contents = NULL;
  gsize length;

  g_file_load_contents_async (data, ASAB_READY);
  if (!g_file_load_contents_finish (data, ASAB_RESULT, &contents, &length, NULL, error))
    return FALSE;

  g_value_init (result, G_TYPE_UINT64);
  g_value_set_uint64 (result, length);

  return TRUE;
}

/* In the default context, which the threads of GIO may use longer than the test. */
static void
test_file (void)
{
  g_autoptr(GFile) there = g_file_new_for_path ("/proc/self/exe");
  g_autoptr(GFile) missing = g_file_new_for_path ("/nonexistent/file");
  g_autoptr(AsabFuture) loaded = asab_spawn (load_file, there, NULL);
  g_autoptr(AsabFuture) failed = asab_spawn (load_file, missing, NULL);
  g_autoptr(GError) error = NULL;

  g_assert_true (asab_run_until_complete (loaded, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpint (asab_future_get_int64 (loaded, NULL), >, 1000);
  g_assert_false (asab_run_until_complete (failed, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
}

static gboolean
operate (gpointer   data G_GNUC_UNUSED,
         GValue    *result,
         GError   **error)
{
  char buffer[16] = "";
  GError *local_error = NULL;
  int value;

  operation_async (&first, buffer, ASAB_READY);
  async_trace ("S");
  value = operation_finish (&first, ASAB_RESULT, &local_error);
  g_assert_cmpstr (buffer, ==, "written");
  async_trace ("E");
  if (local_error != NULL)
    {
      g_propagate_error (error, local_error);
      return FALSE;
    }

  g_value_init (result, G_TYPE_INT);
  g_value_set_int (result, value);

  return TRUE;
}

static void
test_result (AsyncFixture  *fixture,
             gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabFuture) future = asab_spawn (operate, NULL, NULL);

  async_run_ready (fixture);
  async_assert_trace (fixture, "S");
  operation_end (&first, 3);
  async_run_ready (fixture);
  async_assert_trace (fixture, "E");
  async_assert_int (future, 3);
  g_assert_cmpint (first.n_finished, ==, 1);
}

/* Whatever happens, the buffer stays until the operation has ended. */
static void
test_cancel (AsyncFixture  *fixture,
             gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabFuture) future = asab_spawn (operate, NULL, NULL);

  async_run_ready (fixture);
  asab_future_cancel (future);
  async_run_ready (fixture);
  async_assert_trace (fixture, "S");
  g_assert_true (g_cancellable_is_cancelled (g_task_get_cancellable (first.task)));
  operation_end (&first, 3);
  async_run_ready (fixture);
  async_assert_trace (fixture, "E");
  g_assert_true (asab_future_is_cancelled (future));
  g_assert_cmpint (first.n_finished, ==, 1);
}

static gboolean
operate_shielded (gpointer   data,
                  GValue    *result,
                  GError   **error)
{
  g_auto(AsabShield) shield G_GNUC_UNUSED = asab_shield_begin ();

  return operate (data, result, error);
}

static void
test_shield (AsyncFixture  *fixture,
             gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabFuture) future = asab_spawn (operate_shielded, NULL, NULL);

  async_run_ready (fixture);
  g_assert_null (g_task_get_cancellable (first.task));
  asab_future_cancel (future);
  async_run_ready (fixture);
  operation_end (&first, 3);
  async_run_ready (fixture);
  async_assert_trace (fixture, "SE");
  async_assert_int (future, 3);
}

static void
call_back_at_once (GCancellable        *cancellable,
                   GAsyncReadyCallback  callback,
                   gpointer             user_data)
{
  g_autoptr(GTask) task = g_task_new (NULL, cancellable, NULL, NULL);

  callback (NULL, G_ASYNC_RESULT (task), user_data);
}

static gboolean
use_synchronous (gpointer   data G_GNUC_UNUSED,
                 GValue    *result G_GNUC_UNUSED,
                 GError   **error G_GNUC_UNUSED)
{
  GAsyncResult *got;

  call_back_at_once (ASAB_READY);
  got = ASAB_RESULT;
  g_assert_true (G_IS_TASK (got));
  g_assert_true (ASAB_RESULT == got);
  call_back_at_once (ASAB_CANCELLABLE, ASAB_CALLBACK);
  g_assert_true (G_IS_TASK (ASAB_RESULT));
  async_trace ("A");

  return TRUE;
}

static void
test_synchronous (AsyncFixture  *fixture,
                  gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabFuture) future G_GNUC_UNUSED = asab_spawn (use_synchronous, NULL, NULL);
  g_autoptr(AsabFuture) other G_GNUC_UNUSED = asab_spawn (use_synchronous, NULL, NULL);

  g_main_context_iteration (fixture->context, FALSE);
  async_assert_trace (fixture, "AA");
}

static gboolean
abandon (gpointer   data,
         GValue    *result G_GNUC_UNUSED,
         GError   **error G_GNUC_UNUSED)
{
  operation_async (&first, data, ASAB_READY);

  return TRUE;
}

/* An operation whose result nobody wants may end after the fiber. */
static void
test_abandoned (AsyncFixture  *fixture,
                gconstpointer  data G_GNUC_UNUSED)
{
  char buffer[16];
  g_autoptr(AsabFuture) future = asab_spawn (abandon, buffer, NULL);

  async_run_ready (fixture);
  g_assert_true (asab_future_is_resolved (future));
  operation_end (&first, 1);
}

static gboolean
operate_twice (gpointer   data G_GNUC_UNUSED,
               GValue    *result G_GNUC_UNUSED,
               GError   **error)
{
  char one[16] = "", two[16] = "";
  g_auto(AsabPending) pending = ASAB_PENDING_INIT;
  g_auto(AsabPending) other = ASAB_PENDING_INIT;

  operation_async (&first, one, ASAB_START (&pending));
  operation_async (&second, two, ASAB_START (&other));
  g_assert_cmpint (operation_finish (&first, ASAB_JOIN (&pending), error), ==, 1);
  async_trace ("1");
  g_assert_cmpint (operation_finish (&second, ASAB_JOIN (&other), error), ==, 2);
  async_trace ("2");
  g_assert_cmpstr (one, ==, "written");
  g_assert_cmpstr (two, ==, "written");

  /* A token can be used again. */
  operation_async (&first, one, ASAB_START (&pending));
  g_assert_cmpint (operation_finish (&first, ASAB_JOIN (&pending), error), ==, 3);

  return TRUE;
}

static void
test_pending (AsyncFixture  *fixture,
              gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabFuture) future = asab_spawn (operate_twice, NULL, NULL);

  async_run_ready (fixture);
  operation_end (&second, 2);
  async_run_ready (fixture);
  async_assert_trace (fixture, "");
  operation_end (&first, 1);
  async_run_ready (fixture);
  async_assert_trace (fixture, "12");
  operation_end (&first, 3);
  async_run_ready (fixture);
  g_assert_true (asab_future_is_resolved (future));
}

static gboolean
leave_pending (gpointer   data,
               GValue    *result G_GNUC_UNUSED,
               GError   **error)
{
  char buffer[16];
  g_auto(AsabPending) pending = ASAB_PENDING_INIT;

  operation_async (&first, buffer, ASAB_START (&pending));
  if (!asab_fiber_sleep (0.1, error))
    return FALSE;
  end_first_soon (data, 1);

  return TRUE;
}

/* The scope of a token ends when its operation has ended. */
static void
test_pending_left (AsyncFixture  *fixture,
                   gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabFuture) future = asab_spawn (leave_pending, fixture, NULL);

  async_run_ready (fixture);
  g_assert_false (g_cancellable_is_cancelled (g_task_get_cancellable (first.task)));
  async_advance (fixture, 0.1);
  g_assert_true (asab_future_is_resolved (future));
}

static void
test_pending_cancelled (AsyncFixture  *fixture,
                        gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabFuture) future = asab_spawn (leave_pending, fixture, NULL);

  async_run_ready (fixture);
  asab_future_cancel (future);
  async_run_ready (fixture);
  g_assert_false (asab_future_is_done (future));
  g_assert_true (g_cancellable_is_cancelled (g_task_get_cancellable (first.task)));
  operation_end (&first, 1);
  async_run_ready (fixture);
  g_assert_true (asab_future_is_cancelled (future));
}

static void
test_future (AsyncFixture  *fixture,
             gconstpointer  data G_GNUC_UNUSED)
{
  char buffer[16];
  GAsyncReadyCallback callback;
  gpointer user_data;
  g_autoptr(AsabFuture) future = asab_future_new_for_callback (&callback, &user_data);
  g_autoptr(GObject) result = NULL;

  operation_async (&first, buffer, NULL, callback, user_data);
  operation_end (&first, 6);
  async_run_ready (fixture);
  result = asab_future_dup_object (future, NULL);
  g_assert_cmpint (operation_finish (&first, G_ASYNC_RESULT (result), NULL), ==, 6);
}

static gboolean
sleep_and_return (gpointer   data G_GNUC_UNUSED,
                  GValue    *result,
                  GError   **error)
{
  if (!asab_fiber_sleep (1, error))
    return FALSE;
  g_value_init (result, G_TYPE_INT64);
  g_value_set_int64 (result, 8);

  return TRUE;
}

static void
take_result_cb (GObject      *source G_GNUC_UNUSED,
                GAsyncResult *result,
                gpointer      user_data)
{
  GTask **task = user_data;

  g_assert_null (*task);
  *task = G_TASK (g_object_ref (result));
}

static void
test_run_task (AsyncFixture  *fixture,
               gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(GTask) result = NULL;
  GTask *task = g_task_new (NULL, NULL, take_result_cb, &result);

  asab_fiber_run_task (task, sleep_and_return, NULL, NULL);
  g_object_unref (task);
  async_advance (fixture, 1);
  g_assert_cmpint (g_task_propagate_int (result, NULL), ==, 8);
}

static void
test_run_task_cancelled (AsyncFixture  *fixture,
                         gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(GTask) result = NULL;
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GError) error = NULL;
  GTask *task = g_task_new (NULL, cancellable, take_result_cb, &result);

  asab_fiber_run_task (task, sleep_and_return, NULL, NULL);
  g_object_unref (task);
  async_run_ready (fixture);
  g_assert_null (result);
  g_cancellable_cancel (cancellable);
  async_run_ready (fixture);
  g_assert_cmpint (g_task_propagate_int (result, &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
test_outside (void)
{
  if (g_test_subprocess ())
    {
      call_back_at_once (NULL, ASAB_CALLBACK);
      return;
    }

  g_test_trap_subprocess (NULL, 0, 0);
  g_test_trap_assert_failed ();
  g_test_trap_assert_stderr ("*test-fiber-gio.c:*: ASAB_READY is for fibers*");
}

static void
add_tests (void)
{
  g_test_add_func ("/asab/fiber-gio/file", test_file);
  async_test_add ("/asab/fiber-gio/result", test_result);
  async_test_add ("/asab/fiber-gio/cancel", test_cancel);
  async_test_add ("/asab/fiber-gio/shield", test_shield);
  async_test_add ("/asab/fiber-gio/synchronous", test_synchronous);
  async_test_add ("/asab/fiber-gio/abandoned", test_abandoned);
  async_test_add ("/asab/fiber-gio/pending", test_pending);
  async_test_add ("/asab/fiber-gio/pending-left", test_pending_left);
  async_test_add ("/asab/fiber-gio/pending-cancelled", test_pending_cancelled);
  async_test_add ("/asab/fiber-gio/future", test_future);
  async_test_add ("/asab/fiber-gio/run-task", test_run_task);
  async_test_add ("/asab/fiber-gio/run-task-cancelled", test_run_task_cancelled);
  g_test_add_func ("/asab/fiber-gio/outside", test_outside);
}

int
main (int    argc,
      char **argv)
{
  return async_test_run (argc, argv, add_tests);
}
