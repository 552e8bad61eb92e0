/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "async-fixture.h"
#include "nursery-tasks.h"
#include "sample-context.h"

#include <signal.h>
#include <sysexits.h>

static int exit_codes[4];
static guint n_exit_codes;

static void
note_exit_code (int      exit_code,
                gpointer data G_GNUC_UNUSED)
{
  exit_codes[n_exit_codes++] = exit_code;
}

/* Lets the context do its work until what ends the main loop is called. */
static void
wait_for_exit_code (AsyncFixture *fixture,
                    int           exit_code)
{
  while (n_exit_codes == 0)
    g_main_context_iteration (fixture->context, TRUE);
  async_run_ready (fixture);
  g_assert_cmpuint (n_exit_codes, ==, 1);
  g_assert_cmpint (exit_codes[0], ==, exit_code);
  n_exit_codes = 0;
}

static void
enter (AsabTaskNursery *nursery,
       const char      *name)
{
  g_autoptr(SampleContext) context = sample_context_new (name);

  asab_future_unref (asab_task_nursery_enter_context (nursery, ASAB_ASYNC_CONTEXT (context)));
}

typedef struct
{
  AsabFuture *task;
  AsabFuture *sentinel;
} Failure;

static void
note_failure (const char   *message,
              const GError *error,
              AsabFuture   *task,
              AsabFuture   *sentinel,
              gpointer      data)
{
  Failure *failure = data;

  failure->task = task;
  failure->sentinel = sentinel;
  async_trace (message);
  async_trace (": ");
  async_trace (error->message);
}

/* With a handler that does nothing else the nursery goes on. */
static void
test_custom_handler (AsyncFixture  *fixture,
                     gconstpointer  data G_GNUC_UNUSED)
{
  AsabTaskNursery *nursery = asab_task_nursery_new ("Foo");
  g_autoptr(AsabFuture) task = NULL;
  Failure failure = { NULL, NULL };

  asab_set_exception_handler (NULL, note_failure, &failure, NULL);
  asab_set_shutdown_func (fixture->context, note_exit_code, NULL, NULL);
  task = spawn_task (nursery, task_fail, "oops");
  async_run_ready (fixture);
  async_assert_trace (fixture, "The task “oops:Foo” of the nursery “Foo” has failed: oops");
  g_assert_true (failure.task == task);
  g_assert_true (failure.sentinel == asab_task_nursery_get_sentinel_task (nursery));
  g_assert_true (asab_task_nursery_is_open (nursery));
  g_assert_cmpuint (n_exit_codes, ==, 0);

  asab_future_unref (asab_task_nursery_close (nursery));
  async_run_ready (fixture);
  g_assert_finalize_object (nursery);
}

/* By default the nursery of the task is closed, then the tasks of the others are stopped, then the loop is ended. */
static void
test_default_handler (AsyncFixture  *fixture,
                      gconstpointer  data G_GNUC_UNUSED)
{
  AsabTaskNursery *bystander = asab_task_nursery_new ("Bar");
  AsabTaskNursery *nursery = asab_task_nursery_new ("Foo");

  asab_set_shutdown_func (NULL, note_exit_code, NULL, NULL);
  asab_future_unref (spawn_task (bystander, task_sleep, "1"));
  asab_future_unref (spawn_task (bystander, task_sleep, "2"));
  asab_future_unref (spawn_task (nursery, task_clean_up, "3"));
  enter (bystander, "bar");
  enter (nursery, "foo");
  async_run_ready (fixture);
  async_assert_trace (fixture, "bar+foo+");

  asab_future_unref (spawn_task (nursery, task_fail, "oops"));
  async_run_ready (fixture);
  async_assert_log (fixture, "*The task “oops:Foo” of the nursery “Foo” has failed: oops*");
  async_assert_trace (fixture, "foo-");
  async_advance (fixture, 1);
  async_assert_trace (fixture, "321bar-");
  wait_for_exit_code (fixture, 1);
  g_assert_finalize_object (bystander);
  g_assert_finalize_object (nursery);
}

/* There is one shutdown, however many failures there are. */
static void
test_two_failures (AsyncFixture  *fixture,
                   gconstpointer  data G_GNUC_UNUSED)
{
  AsabTaskNursery *nursery = asab_task_nursery_new ("Foo");

  asab_set_shutdown_func (NULL, note_exit_code, NULL, NULL);
  asab_future_unref (spawn_task (nursery, task_fail, "a"));
  asab_future_unref (spawn_task (nursery, task_fail, "b"));
  asab_future_unref (spawn_task (nursery, task_fail_late, "c"));
  async_run_ready (fixture);
  async_assert_log (fixture, "*: a*: b*: c*");
  wait_for_exit_code (fixture, 1);
  g_assert_finalize_object (nursery);
}

static void
replace_handler (const char   *message G_GNUC_UNUSED,
                 const GError *error G_GNUC_UNUSED,
                 AsabFuture   *task G_GNUC_UNUSED,
                 AsabFuture   *sentinel G_GNUC_UNUSED,
                 gpointer      data)
{
  asab_set_exception_handler (NULL, trace_exception, NULL, NULL);
  async_trace (data);
}

static void
trace_destroy (gpointer what)
{
  async_trace ("destroyed ");
  async_trace (what);
}

/* A handler may replace itself; its data is there until it has returned. */
static void
test_replaced_handler (AsyncFixture  *fixture,
                       gconstpointer  data G_GNUC_UNUSED)
{
  AsabTaskNursery *nursery = asab_task_nursery_new ("Foo");

  asab_set_exception_handler (NULL, replace_handler, (gpointer) "1 ", trace_destroy);
  asab_future_unref (spawn_task (nursery, task_fail, "a"));
  asab_future_unref (spawn_task (nursery, task_fail, "b"));
  async_run_ready (fixture);
  async_assert_trace (fixture, "1 destroyed 1 !b");

  asab_future_unref (asab_task_nursery_close (nursery));
  async_run_ready (fixture);
  g_assert_finalize_object (nursery);
}

static void
test_stubborn (AsyncFixture  *fixture,
               gconstpointer  data G_GNUC_UNUSED)
{
  AsabTaskNursery *bystander = asab_task_nursery_new ("Bar");
  AsabTaskNursery *nursery = asab_task_nursery_new ("Foo");
  g_autoptr(AsabPromise) promise = asab_promise_new ();

  asab_set_shutdown_func (NULL, note_exit_code, NULL, NULL);
  asab_future_unref (asab_task_nursery_spawn (bystander, "mule", task_stubborn, promise, NULL, NULL));
  async_run_ready (fixture);
  asab_future_unref (spawn_task (nursery, task_fail, "oops"));
  async_advance (fixture, 10);
  async_assert_log (fixture, "*oops*“mule:Bar” does not end within 10 seconds*“Bar”*");
  wait_for_exit_code (fixture, 1);

  asab_promise_resolve (promise, NULL);
  async_run_ready (fixture);
  g_assert_finalize_object (bystander);
  g_assert_finalize_object (nursery);
}

static void
test_close_nurseries (AsyncFixture  *fixture,
                      gconstpointer  data G_GNUC_UNUSED)
{
  AsabTaskNursery *first = asab_task_nursery_new (NULL);
  AsabTaskNursery *second = asab_task_nursery_new (NULL);
  g_autoptr(AsabFuture) closed = NULL;
  g_autoptr(AsabFuture) closed_again = NULL;
  g_autoptr(AsabFuture) nothing = NULL;

  asab_set_shutdown_func (NULL, note_exit_code, NULL, NULL);
  asab_future_unref (spawn_task (first, task_clean_up, "1"));
  asab_future_unref (spawn_task (second, task_sleep, "2"));
  async_run_ready (fixture);
  closed = asab_close_nurseries ();
  closed_again = asab_close_nurseries ();
  g_assert_true (closed == closed_again);
  asab_future_cancel (closed);
  async_run_ready (fixture);
  async_assert_trace (fixture, "2");
  g_assert_false (asab_future_is_done (closed));
  async_advance (fixture, 1);
  async_assert_trace (fixture, "1");
  g_assert_true (asab_future_is_resolved (closed));
  g_assert_cmpuint (n_exit_codes, ==, 0);
  g_assert_finalize_object (first);
  g_assert_finalize_object (second);

  nothing = asab_close_nurseries ();
  async_run_ready (fixture);
  g_assert_true (asab_future_is_resolved (nothing));
}

static gboolean
advance_cb (gpointer clock)
{
  asab_clock_advance (clock, 1);

  return G_SOURCE_REMOVE;
}

static AsabFuture *
pass_time_cb (gpointer   data,
              GError   **error G_GNUC_UNUSED)
{
  AsyncFixture *fixture = data;
  g_autoptr(GSource) source = g_idle_source_new ();

  g_source_set_callback (source, advance_cb, fixture->clock, NULL);
  g_source_attach (source, fixture->context);

  return NULL;
}

/* All nurseries are closed, and their tasks clean up, before the loop is ended; once, however often it is asked for. */
static void
test_signal (AsyncFixture  *fixture,
             gconstpointer  data G_GNUC_UNUSED)
{
  AsabTaskNursery *first = asab_task_nursery_new (NULL);
  AsabTaskNursery *second = asab_task_nursery_new (NULL);

  asab_set_shutdown_func (NULL, note_exit_code, NULL, NULL);
  asab_task_nursery_push_callback (first, pass_time_cb, fixture, NULL, NULL);
  asab_future_unref (spawn_task (first, task_clean_up, "1"));
  asab_future_unref (spawn_task (second, task_sleep, "2"));
  enter (first, "a");
  enter (second, "b");
  async_run_ready (fixture);
  async_assert_trace (fixture, "a+b+");

  raise (SIGTERM);
  wait_for_exit_code (fixture, 0);
  async_assert_trace (fixture, "a-b-21");
  g_assert_finalize_object (first);
  g_assert_finalize_object (second);
}

static guint
count_sources (GMainContext *context)
{
  guint n_sources = 0;

  for (guint id = 1; id < 1000; id++)
    {
      GSource *source = g_main_context_find_source_by_id (context, id);

      if (source != NULL && g_strcmp0 (g_source_get_name (source), "[asab] shutdown") == 0)
        n_sources++;
    }

  return n_sources;
}

/* Signals are caught once, and only as long as there is a reason. */
static void
test_add_shutdown_handling (AsyncFixture  *fixture,
                            gconstpointer  data G_GNUC_UNUSED)
{
  AsabTaskNursery *nursery = asab_task_nursery_new (NULL);

  g_assert_cmpuint (count_sources (fixture->context), ==, 3);
  asab_future_unref (asab_task_nursery_close (nursery));
  async_run_ready (fixture);
  g_assert_finalize_object (nursery);
  g_assert_cmpuint (count_sources (fixture->context), ==, 0);

  asab_task_nursery_add_shutdown_handling (NULL);
  asab_task_nursery_add_shutdown_handling (fixture->context);
  g_assert_cmpuint (count_sources (fixture->context), ==, 3);
  nursery = asab_task_nursery_new (NULL);
  g_assert_cmpuint (count_sources (fixture->context), ==, 3);
  asab_future_unref (asab_task_nursery_close (nursery));
  async_run_ready (fixture);
  g_assert_finalize_object (nursery);
  g_assert_cmpuint (count_sources (fixture->context), ==, 3);
}

G_NORETURN static gboolean
raise_again (gpointer   data G_GNUC_UNUSED,
             GValue    *result G_GNUC_UNUSED,
             GError   **error G_GNUC_UNUSED)
{
  g_auto(AsabShield) shield = { NULL };

  asab_fiber_sleep (1000, NULL);
  shield = asab_shield_begin ();
  for (;;)
    {
      raise (SIGINT);
      asab_fiber_yield (NULL);
    }
}

static void
run_for_ever (AsabFiberFunc func)
{
  AsabTaskNursery *nursery = asab_task_nursery_new ("Foo");

  asab_future_unref (spawn_task (nursery, func, "a"));
  while (g_main_context_iteration (NULL, FALSE))
    ;
  raise (SIGTERM);
  for (;;)
    g_main_context_iteration (NULL, TRUE);
}

static gboolean
say_good_bye (gpointer   data G_GNUC_UNUSED,
              GValue    *result G_GNUC_UNUSED,
              GError   **error)
{
  gboolean woken = asab_fiber_sleep (1000, error);

  g_printerr ("Good bye\n");

  return woken;
}

/* The third signal is not as patient as the first. */
static void
test_third_signal (void)
{
  if (g_test_subprocess ())
    run_for_ever (raise_again);

  g_test_trap_subprocess (NULL, 60 * G_USEC_PER_SEC, 0);
  g_assert_false (g_test_trap_has_passed ());
  g_test_trap_assert_stderr ("*asked to end 3 times*");
}

/* Where nobody says how the main loop ends, the process ends by the signal, but only when everything is closed. */
static void
test_no_shutdown_func (void)
{
  if (g_test_subprocess ())
    run_for_ever (say_good_bye);

  g_test_trap_subprocess (NULL, 60 * G_USEC_PER_SEC, 0);
  g_assert_false (g_test_trap_has_passed ());
  g_test_trap_assert_stderr ("*Good bye*");
}

static void
add_tests (void)
{
  async_test_add ("/asab/shutdown/custom-handler", test_custom_handler);
  async_test_add ("/asab/shutdown/default-handler", test_default_handler);
  async_test_add ("/asab/shutdown/two-failures", test_two_failures);
  async_test_add ("/asab/shutdown/replaced-handler", test_replaced_handler);
  async_test_add ("/asab/shutdown/stubborn", test_stubborn);
  async_test_add ("/asab/shutdown/close-nurseries", test_close_nurseries);
  async_test_add ("/asab/shutdown/signal", test_signal);
  async_test_add ("/asab/shutdown/add-shutdown-handling", test_add_shutdown_handling);
  g_test_add_func ("/asab/shutdown/third-signal", test_third_signal);
  g_test_add_func ("/asab/shutdown/no-shutdown-func", test_no_shutdown_func);
}

int
main (int    argc,
      char **argv)
{
  return async_test_run (argc, argv, add_tests);
}
