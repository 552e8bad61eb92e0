/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "async-fixture.h"
#include "nursery-tasks.h"

#include <math.h>

static void
close_nursery (AsyncFixture    *fixture,
               AsabTaskNursery *nursery)
{
  g_autoptr(AsabFuture) closed = asab_task_nursery_close (nursery);

  async_run_ready (fixture);
  g_assert_true (asab_future_is_resolved (closed));
  g_assert_finalize_object (nursery);
}

static void
assert_registered (const char *name,
                   gpointer    expected)
{
  g_autoptr(AsabRegistrable) found = asab_registrable_lookup (ASAB_TYPE_TASK_NURSERY, name);

  g_assert_true ((gpointer) found == expected);
}

static void
test_names (AsyncFixture  *fixture,
            gconstpointer  data G_GNUC_UNUSED)
{
  AsabTaskNursery *foo = asab_task_nursery_new ("Foo");
  AsabTaskNursery *first = asab_task_nursery_new (NULL);
  AsabTaskNursery *second = g_object_new (ASAB_TYPE_TASK_NURSERY, NULL);

  assert_registered ("Foo", foo);
  assert_registered ("TaskNursery-0", first);
  assert_registered ("TaskNursery-1", second);
  assert_n_tasks (foo, 1);
  g_assert_true (asab_task_nursery_is_open (foo));
  g_assert_cmpstr (asab_future_get_name (asab_task_nursery_get_sentinel_task (foo)), ==, "sentinel:Foo");

  close_nursery (fixture, foo);
  close_nursery (fixture, first);
  close_nursery (fixture, second);
  assert_registered ("Foo", NULL);
}

static void
test_duplicate_name (AsyncFixture  *fixture,
                     gconstpointer  data G_GNUC_UNUSED)
{
  AsabTaskNursery *older = asab_task_nursery_new ("Foo");
  AsabTaskNursery *newer = asab_task_nursery_new ("Foo");

  async_assert_log (fixture, "*open nursery “Foo” already*");
  assert_registered ("Foo", newer);
  close_nursery (fixture, newer);
  assert_registered ("Foo", older);
  close_nursery (fixture, older);
}

static char *
make_name (gpointer data)
{
  g_assert_null (asab_fiber_get_current ());

  return g_strdup (*(const char **) data);
}

/* The name is asked for whenever it is needed. */
static void
test_name_func (AsyncFixture  *fixture,
                gconstpointer  data G_GNUC_UNUSED)
{
  const char *name = "Foo";
  AsabTaskNursery *nursery = asab_task_nursery_new (NULL);
  g_autofree char *default_name = NULL;

  asab_task_nursery_set_name_func (nursery, make_name, &name, NULL);
  assert_registered ("Foo", nursery);
  name = "Bar";
  assert_registered ("Foo", NULL);
  assert_registered ("Bar", nursery);

  name = NULL;
  default_name = asab_task_nursery_dup_name (nursery);
  g_assert_true (g_str_has_prefix (default_name, "TaskNursery-"));
  close_nursery (fixture, nursery);
}

static void
test_properties (AsyncFixture  *fixture,
                 gconstpointer  data G_GNUC_UNUSED)
{
  AsabTaskNursery *nursery = g_object_new (ASAB_TYPE_TASK_NURSERY, "name", "Foo", "stop-timeout", 3.0,
                                           "stop-tasks-first", TRUE, NULL);
  g_autofree char *name = NULL;
  g_autoptr(AsabFuture) sentinel = NULL;
  double stop_timeout;
  gboolean stop_tasks_first;

  g_object_get (nursery, "name", &name, "sentinel-task", &sentinel, "stop-timeout", &stop_timeout,
                "stop-tasks-first", &stop_tasks_first, NULL);
  g_assert_cmpstr (name, ==, "Foo");
  g_assert_true (sentinel == asab_task_nursery_get_sentinel_task (nursery));
  g_assert_cmpfloat (stop_timeout, ==, 3);
  g_assert_true (stop_tasks_first);

  asab_task_nursery_set_stop_timeout (nursery, INFINITY);
  g_test_expect_message ("asab", G_LOG_LEVEL_CRITICAL, "*seconds >= 0*");
  asab_task_nursery_set_stop_timeout (nursery, NAN);
  g_test_assert_expected_messages ();
  g_assert_cmpfloat (asab_task_nursery_get_stop_timeout (nursery), ==, INFINITY);
  close_nursery (fixture, nursery);
}

/* An open nursery needs nobody who holds it. */
static void
test_alive (AsyncFixture  *fixture,
            gconstpointer  data G_GNUC_UNUSED)
{
  AsabTaskNursery *nursery = asab_task_nursery_new ("Foo");

  g_object_unref (nursery);
  assert_registered ("Foo", nursery);
  asab_future_cancel (asab_task_nursery_get_sentinel_task (nursery));
  async_run_ready (fixture);
  assert_registered ("Foo", NULL);
}

static gboolean
return_seven (gpointer   data G_GNUC_UNUSED,
              GValue    *result,
              GError   **error G_GNUC_UNUSED)
{
  g_value_init (result, G_TYPE_INT);
  g_value_set_int (result, 7);

  return TRUE;
}

static void
test_create_task (AsyncFixture  *fixture,
                  gconstpointer  data G_GNUC_UNUSED)
{
  AsabTaskNursery *nursery = asab_task_nursery_new ("Foo");
  g_autoptr(AsabCoroutine) coroutine = asab_coroutine_new_for_fiber ("seven", return_seven, NULL, NULL);
  g_autoptr(AsabFuture) task = asab_task_nursery_create_task (nursery, coroutine, NULL, NULL);
  g_autoptr(GError) error = NULL;

  g_assert_cmpstr (asab_future_get_name (task), ==, "seven:Foo");
  assert_n_tasks (nursery, 2);
  async_run_ready (fixture);
  async_assert_int (task, 7);
  assert_n_tasks (nursery, 1);

  g_assert_null (asab_task_nursery_create_task (nursery, coroutine, NULL, &error));
  g_assert_error (error, ASAB_ERROR, ASAB_ERROR_ALREADY_STARTED);
  close_nursery (fixture, nursery);
}

/* A coroutine that a closed nursery refuses has not begun. */
static void
test_create_task_closed (AsyncFixture  *fixture,
                         gconstpointer  data G_GNUC_UNUSED)
{
  AsabTaskNursery *nursery = asab_task_nursery_new ("Foo");
  g_autoptr(AsabCoroutine) coroutine = asab_coroutine_new_for_fiber ("seven", return_seven, NULL, NULL);
  g_autoptr(AsabCoroutine) closed_coroutine = asab_coroutine_new_for_fiber ("seven", return_seven, NULL, NULL);
  g_autoptr(AsabFuture) refused G_GNUC_UNUSED = asab_coroutine_close (closed_coroutine);
  g_autoptr(AsabFuture) closed = NULL;
  g_autoptr(AsabFuture) task = NULL;
  g_autoptr(AsabFuture) adopted = async_new_int_future (1);
  g_autoptr(GError) error = NULL;

  g_assert_null (asab_task_nursery_create_task (nursery, closed_coroutine, NULL, &error));
  g_assert_error (error, ASAB_ERROR, ASAB_ERROR_CLOSED);
  g_clear_error (&error);

  closed = asab_task_nursery_close (nursery);
  g_assert_null (asab_task_nursery_create_task (nursery, coroutine, NULL, &error));
  g_assert_error (error, ASAB_ERROR, ASAB_ERROR_CLOSED);
  g_clear_error (&error);
  async_run_ready (fixture);
  g_assert_null (asab_task_nursery_create_task (nursery, coroutine, NULL, &error));
  g_assert_error (error, ASAB_ERROR, ASAB_ERROR_CLOSED);
  g_clear_error (&error);
  g_assert_null (asab_task_nursery_adopt (nursery, adopted, NULL, &error));
  g_assert_error (error, ASAB_ERROR, ASAB_ERROR_CLOSED);
  g_assert_null (asab_task_nursery_spawn (nursery, "x", return_seven, g_strdup ("freed"), g_free, NULL));

  task = asab_coroutine_start (coroutine);
  async_run_ready (fixture);
  async_assert_int (task, 7);
  g_assert_null (asab_task_nursery_get_sentinel_task (nursery));
  assert_n_tasks (nursery, 0);
  g_assert_finalize_object (nursery);
}

static void
test_adopt (AsyncFixture  *fixture,
            gconstpointer  data G_GNUC_UNUSED)
{
  AsabTaskNursery *nursery = asab_task_nursery_new ("Foo");
  g_autoptr(AsabFuture) named = asab_sleep (5);
  g_autoptr(AsabFuture) nameless = asab_sleep (5);
  g_autoptr(AsabFuture) first = NULL;
  g_autoptr(AsabFuture) second = NULL;

  asab_future_set_name (named, "nap");
  first = asab_task_nursery_adopt (nursery, named, NULL, NULL);
  second = asab_task_nursery_adopt (nursery, nameless, NULL, NULL);
  g_assert_true (first == named);
  g_assert_cmpstr (asab_future_get_name (first), ==, "nap:Foo");
  g_assert_cmpstr (asab_future_get_name (second), ==, "task:Foo");
  assert_n_tasks (nursery, 3);

  close_nursery (fixture, nursery);
  g_assert_true (asab_future_is_cancelled (named));
  g_assert_true (asab_future_is_cancelled (nameless));
}

/* Contexts and callbacks come first, then the tasks; the sentinel ends well. */
static void
test_cancel_sentinel (AsyncFixture  *fixture,
                      gconstpointer  data G_GNUC_UNUSED)
{
  AsabTaskNursery *nursery = asab_task_nursery_new ("Foo");
  g_autoptr(AsabFuture) sentinel = asab_future_ref (asab_task_nursery_get_sentinel_task (nursery));
  g_autoptr(AsabFuture) first = spawn_task (nursery, task_sleep, "a");
  g_autoptr(AsabFuture) second = spawn_task (nursery, task_sleep, "b");
  g_autofree char *result = NULL;

  asab_task_nursery_push_callback (nursery, trace_exit_cb, (gpointer) "1", NULL, NULL);
  asab_task_nursery_push_callback (nursery, trace_exit_cb, (gpointer) "2", NULL, NULL);
  async_run_ready (fixture);

  asab_future_cancel (sentinel);
  async_assert_trace (fixture, "");
  async_run_ready (fixture);
  async_assert_trace (fixture, "21ab");
  g_assert_true (asab_future_is_cancelled (first));
  g_assert_true (asab_future_is_cancelled (second));
  result = asab_future_dup_string (sentinel, NULL);
  g_assert_cmpstr (result, ==, "Success");
  g_assert_null (asab_task_nursery_get_sentinel_task (nursery));
  g_assert_false (asab_task_nursery_is_open (nursery));
  assert_n_tasks (nursery, 0);
  g_assert_finalize_object (nursery);
}

static gpointer
cancel_future (gpointer data)
{
  asab_future_cancel (data);
  asab_future_cancel (data);

  return NULL;
}

static void
test_cancel_sentinel_from_thread (AsyncFixture  *fixture,
                                  gconstpointer  data G_GNUC_UNUSED)
{
  AsabTaskNursery *nursery = asab_task_nursery_new ("Foo");
  g_autoptr(AsabFuture) sentinel = asab_future_ref (asab_task_nursery_get_sentinel_task (nursery));
  GThread *thread = g_thread_new ("cancel", cancel_future, sentinel);

  g_assert_true (asab_run_until_complete (sentinel, NULL, NULL));
  g_thread_join (thread);
  async_run_ready (fixture);
  g_assert_finalize_object (nursery);
}

static void
test_stop_tasks_first (AsyncFixture  *fixture,
                       gconstpointer  data G_GNUC_UNUSED)
{
  AsabTaskNursery *nursery = asab_task_nursery_new ("Foo");
  g_autoptr(AsabFuture) task G_GNUC_UNUSED = spawn_task (nursery, task_sleep, "a");

  asab_task_nursery_set_stop_tasks_first (nursery, TRUE);
  asab_task_nursery_push_callback (nursery, trace_exit_cb, (gpointer) "1", NULL, NULL);
  async_run_ready (fixture);
  close_nursery (fixture, nursery);
  async_assert_trace (fixture, "a1");
}

static void
test_stop_task (AsyncFixture  *fixture,
                gconstpointer  data G_GNUC_UNUSED)
{
  AsabTaskNursery *nursery = asab_task_nursery_new ("Foo");
  g_autoptr(AsabFuture) sleeping = spawn_task (nursery, task_sleep, "a");
  g_autoptr(AsabFuture) swallowing = spawn_task (nursery, task_swallow, "b");
  g_autoptr(AsabFuture) foreign = asab_sleep (1);
  g_autoptr(AsabFuture) stopped_sleeping = NULL;
  g_autoptr(AsabFuture) stopped_swallowing = NULL;
  g_autoptr(GError) outcome = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *result = NULL;

  async_run_ready (fixture);
  stopped_sleeping = asab_task_nursery_stop_task (nursery, sleeping, NULL);
  stopped_swallowing = asab_task_nursery_stop_task (nursery, swallowing, NULL);
  async_run_ready (fixture);
  outcome = asab_future_dup_boxed (stopped_sleeping, G_TYPE_ERROR, NULL);
  g_assert_error (outcome, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  result = asab_future_dup_string (stopped_swallowing, NULL);
  g_assert_cmpstr (result, ==, "ok");
  async_assert_trace (fixture, "ab");
  assert_n_tasks (nursery, 1);

  g_assert_null (asab_task_nursery_stop_task (nursery, foreign, &error));
  g_assert_error (error, ASAB_ERROR, ASAB_ERROR_NOT_MANAGED);
  g_clear_error (&error);
  g_assert_null (asab_task_nursery_stop_task (nursery, sleeping, &error));
  g_assert_error (error, ASAB_ERROR, ASAB_ERROR_NOT_MANAGED);

  asab_future_cancel (foreign);
  close_nursery (fixture, nursery);
}

/* Whoever stops a task need not wait for it, and can stop a sentinel too. */
static void
test_stop_task_cancelled (AsyncFixture  *fixture,
                          gconstpointer  data G_GNUC_UNUSED)
{
  AsabTaskNursery *nursery = asab_task_nursery_new ("Foo");
  g_autoptr(AsabFuture) task = spawn_task (nursery, task_clean_up, "a");
  g_autoptr(AsabFuture) stopped = NULL;
  g_autoptr(AsabFuture) closed = NULL;

  async_run_ready (fixture);
  stopped = asab_task_nursery_stop_task (nursery, task, NULL);
  asab_future_cancel (stopped);
  async_run_ready (fixture);
  assert_n_tasks (nursery, 2);
  async_advance (fixture, 1);
  async_assert_trace (fixture, "a");
  assert_n_tasks (nursery, 1);

  closed = asab_task_nursery_stop_task (nursery, asab_task_nursery_get_sentinel_task (nursery), NULL);
  async_run_ready (fixture);
  g_assert_true (asab_future_is_resolved (closed));
  g_assert_finalize_object (nursery);
}

typedef struct
{
  AsabTaskNursery *nursery;
  AsabFuture *task;
} SelfStop;

static gboolean
stop_myself (gpointer   data,
             GValue    *result G_GNUC_UNUSED,
             GError   **error)
{
  SelfStop *self = data;

  g_assert_null (asab_task_nursery_stop_task (self->nursery, self->task, error));

  return FALSE;
}

static void
test_stop_myself (AsyncFixture  *fixture,
                  gconstpointer  data G_GNUC_UNUSED)
{
  SelfStop self = { asab_task_nursery_new ("Foo"), NULL };

  asab_set_exception_handler (NULL, trace_exception, NULL, NULL);
  self.task = asab_task_nursery_spawn (self.nursery, "x", stop_myself, &self, NULL, NULL);
  async_run_ready (fixture);
  async_assert_error (self.task, ASAB_ERROR, ASAB_ERROR_DEADLOCK);
  g_string_truncate (fixture->trace, 0);
  asab_future_unref (self.task);
  close_nursery (fixture, self.nursery);
}

/* A task that does not end is left behind, with a report, and nobody waits for ever. */
static void
test_stubborn (AsyncFixture  *fixture,
               gconstpointer  data G_GNUC_UNUSED)
{
  AsabTaskNursery *nursery = asab_task_nursery_new ("Foo");
  g_autoptr(AsabPromise) promise = asab_promise_new ();
  g_autoptr(AsabFuture) task = asab_task_nursery_spawn (nursery, "mule", task_stubborn, promise, NULL, NULL);
  g_autoptr(AsabFuture) stopped = NULL;
  g_autoptr(AsabFuture) closed = NULL;
  g_autoptr(GError) outcome = NULL;

  async_run_ready (fixture);
  asab_task_nursery_set_stop_timeout (nursery, 3);
  stopped = asab_task_nursery_stop_task (nursery, task, NULL);
  async_advance (fixture, 3);
  outcome = asab_future_dup_boxed (stopped, G_TYPE_ERROR, NULL);
  g_assert_error (outcome, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  assert_n_tasks (nursery, 2);

  closed = asab_task_nursery_close (nursery);
  async_advance (fixture, 2.9);
  g_assert_false (asab_future_is_done (closed));
  async_advance (fixture, 0.1);
  g_assert_true (asab_future_is_resolved (closed));
  async_assert_log (fixture, "*“mule:Foo” does not end within 3 seconds*“Foo”*");
  g_assert_finalize_object (nursery);

  asab_promise_resolve (promise, NULL);
  async_run_ready (fixture);
}

/* Failures go to the handler of the context, and count as looked at; cancellations do not. */
static void
test_task_failed (AsyncFixture  *fixture,
                  gconstpointer  data G_GNUC_UNUSED)
{
  AsabTaskNursery *nursery = asab_task_nursery_new ("Foo");

  asab_set_exception_handler (NULL, trace_exception, NULL, NULL);
  asab_future_unref (spawn_task (nursery, task_fail, "oops"));
  async_run_ready (fixture);
  async_assert_trace (fixture, "!oops");
  g_assert_true (asab_task_nursery_is_open (nursery));
  assert_n_tasks (nursery, 1);

  asab_future_unref (spawn_task (nursery, task_fail_late, "late"));
  asab_future_unref (spawn_task (nursery, task_sleep, "a"));
  async_run_ready (fixture);
  close_nursery (fixture, nursery);
  async_assert_trace (fixture, "a!late");
}

static void
stop_emission_cb (AsabTaskNursery *nursery,
                  AsabFuture      *task,
                  const GError    *error,
                  gpointer         data G_GNUC_UNUSED)
{
  g_assert_cmpstr (asab_future_get_name (task), ==, "oops:Foo");
  async_trace (error->message);
  g_signal_stop_emission_by_name (nursery, "task-failed");
}

static void
closed_cb (AsabTaskNursery *nursery,
           gpointer         data G_GNUC_UNUSED)
{
  g_assert_null (asab_task_nursery_get_sentinel_task (nursery));
  async_trace ("closed");
}

static void
test_signals (AsyncFixture  *fixture,
              gconstpointer  data G_GNUC_UNUSED)
{
  AsabTaskNursery *nursery = asab_task_nursery_new ("Foo");

  g_signal_connect (nursery, "task-failed", G_CALLBACK (stop_emission_cb), NULL);
  g_signal_connect (nursery, "closed", G_CALLBACK (closed_cb), NULL);
  asab_future_unref (spawn_task (nursery, task_fail, "oops"));
  async_run_ready (fixture);
  async_assert_trace (fixture, "oops");
  close_nursery (fixture, nursery);
  async_assert_trace (fixture, "closed");
}

static gboolean
spawn_in_clean_up (gpointer   data,
                   GValue    *result G_GNUC_UNUSED,
                   GError   **error)
{
  asab_fiber_sleep (INFINITY, NULL);

  return asab_task_nursery_spawn (data, "late", task_sleep, (gpointer) "never", NULL, error) != NULL;
}

/* No task comes when the nursery is already being closed. */
static void
test_spawn_while_closing (AsyncFixture  *fixture,
                          gconstpointer  data G_GNUC_UNUSED)
{
  AsabTaskNursery *nursery = asab_task_nursery_new ("Foo");
  g_autoptr(AsabFuture) task = asab_task_nursery_spawn (nursery, "x", spawn_in_clean_up, nursery, NULL, NULL);

  asab_set_exception_handler (NULL, trace_exception, NULL, NULL);
  async_run_ready (fixture);
  close_nursery (fixture, nursery);
  async_assert_error (task, ASAB_ERROR, ASAB_ERROR_CLOSED);
  async_assert_trace (fixture, "!The nursery “Foo” is closed");
}

static void
check_bookkeeping_cb (AsabFuture *future G_GNUC_UNUSED,
                      gpointer    nursery)
{
  assert_n_tasks (nursery, 1);
  async_trace ("A");
}

/* Who waits for a task finds it gone from the nursery. */
static void
test_order_of_callbacks (AsyncFixture  *fixture,
                         gconstpointer  data G_GNUC_UNUSED)
{
  AsabTaskNursery *nursery = asab_task_nursery_new ("Foo");
  g_autoptr(AsabFuture) task = asab_task_nursery_spawn (nursery, "x", return_seven, NULL, NULL, NULL);

  asab_future_when_done (task, check_bookkeeping_cb, nursery, NULL);
  async_run_ready (fixture);
  async_assert_trace (fixture, "A");
  close_nursery (fixture, nursery);
}

static gboolean
close_and_go_on (gpointer   data,
                 GValue    *result,
                 GError   **error)
{
  g_autoptr(AsabFuture) closed = asab_task_nursery_close (data);

  if (!asab_await (closed, error))
    return FALSE;

  assert_n_tasks (data, 1);
  async_trace ("A");

  return return_seven (NULL, result, error);
}

/* The task that closes its nursery is not stopped, only the others are. */
static void
test_close_from_task (AsyncFixture  *fixture,
                      gconstpointer  data G_GNUC_UNUSED)
{
  AsabTaskNursery *nursery = asab_task_nursery_new ("Foo");
  g_autoptr(AsabFuture) other G_GNUC_UNUSED = spawn_task (nursery, task_sleep, "a");
  g_autoptr(AsabFuture) task = asab_task_nursery_spawn (nursery, "x", close_and_go_on, nursery, NULL, NULL);

  async_run_ready (fixture);
  async_assert_trace (fixture, "aA");
  async_assert_int (task, 7);
  g_assert_finalize_object (nursery);
}

static void
add_tests (void)
{
  async_test_add ("/asab/task-nursery/names", test_names);
  async_test_add ("/asab/task-nursery/duplicate-name", test_duplicate_name);
  async_test_add ("/asab/task-nursery/name-func", test_name_func);
  async_test_add ("/asab/task-nursery/properties", test_properties);
  async_test_add ("/asab/task-nursery/alive", test_alive);
  async_test_add ("/asab/task-nursery/create-task", test_create_task);
  async_test_add ("/asab/task-nursery/create-task-closed", test_create_task_closed);
  async_test_add ("/asab/task-nursery/adopt", test_adopt);
  async_test_add ("/asab/task-nursery/cancel-sentinel", test_cancel_sentinel);
  async_test_add ("/asab/task-nursery/cancel-sentinel-from-thread", test_cancel_sentinel_from_thread);
  async_test_add ("/asab/task-nursery/stop-tasks-first", test_stop_tasks_first);
  async_test_add ("/asab/task-nursery/stop-task", test_stop_task);
  async_test_add ("/asab/task-nursery/stop-task-cancelled", test_stop_task_cancelled);
  async_test_add ("/asab/task-nursery/stop-myself", test_stop_myself);
  async_test_add ("/asab/task-nursery/stubborn", test_stubborn);
  async_test_add ("/asab/task-nursery/task-failed", test_task_failed);
  async_test_add ("/asab/task-nursery/signals", test_signals);
  async_test_add ("/asab/task-nursery/spawn-while-closing", test_spawn_while_closing);
  async_test_add ("/asab/task-nursery/order-of-callbacks", test_order_of_callbacks);
  async_test_add ("/asab/task-nursery/close-from-task", test_close_from_task);
}

int
main (int    argc,
      char **argv)
{
  return async_test_run (argc, argv, add_tests);
}
