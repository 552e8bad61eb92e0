/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The order in which ready fibers and callbacks run, and who else gets a turn. */

#include "async-fixture.h"

typedef struct
{
  gboolean stop;
  guint n_turns;
} Spinner;

static gboolean
spin (gpointer   data,
      GValue    *result G_GNUC_UNUSED,
      GError   **error)
{
  Spinner *spinner = data;

  while (!spinner->stop)
    {
      spinner->n_turns++;
      if (!asab_fiber_yield (error))
        return FALSE;
    }

  return TRUE;
}

static gboolean
stop_cb (gpointer user_data)
{
  ((Spinner *) user_data)->stop = TRUE;

  return G_SOURCE_REMOVE;
}

/* A fiber that is always ready leaves the other sources of its priority their turn. */
static void
test_budget (AsyncFixture  *fixture,
             gconstpointer  data G_GNUC_UNUSED)
{
  Spinner spinner = { FALSE, 0 };
  g_autoptr(AsabFuture) future = asab_spawn (spin, &spinner, NULL);
  g_autoptr(GSource) source = g_idle_source_new ();

  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, stop_cb, &spinner, NULL);
  g_main_context_iteration (fixture->context, FALSE);
  g_source_attach (source, fixture->context);
  g_assert_true (asab_run_until_complete (future, NULL, NULL));
  g_assert_cmpuint (spinner.n_turns, >, 1);
}

/* What becomes ready meanwhile runs in the same turn of the main loop, within the budget. */
static void
test_rounds (AsyncFixture  *fixture,
             gconstpointer  data G_GNUC_UNUSED)
{
  Spinner spinner = { FALSE, 0 };
  g_autoptr(AsabFuture) future G_GNUC_UNUSED = asab_spawn (spin, &spinner, NULL);

  g_main_context_iteration (fixture->context, FALSE);
  g_assert_cmpuint (spinner.n_turns, >, 1);
  g_assert_cmpuint (spinner.n_turns, <, 1000);
  spinner.stop = TRUE;
}

static gboolean
trace_twice (gpointer   data,
             GValue    *result G_GNUC_UNUSED,
             GError   **error)
{
  async_trace (data);
  if (!asab_fiber_yield (error))
    return FALSE;
  async_trace (data);

  return TRUE;
}

/* Fibers and callbacks stand in one queue. */
static void
test_order (AsyncFixture  *fixture,
            gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabFuture) done = async_new_int_future (1);
  g_autoptr(AsabFuture) a G_GNUC_UNUSED = asab_spawn (trace_twice, (gpointer) "A", NULL);
  g_autoptr(AsabFuture) b = NULL;

  async_trace_done (done, "1");
  b = asab_spawn (trace_twice, (gpointer) "B", NULL);
  async_trace_done (done, "2");
  async_run_ready (fixture);
  async_assert_trace (fixture, "A1B2AB");
}

static void
start_more_cb (AsabFuture *future,
               gpointer    user_data)
{
  AsyncFixture *fixture = user_data;

  async_trace_done (future, "C");
  async_trace ("<");
  async_run_ready (fixture);
  async_trace (">");
  async_trace_done (future, "D");
}

/* A nested loop takes the rest of the queue over, in order. */
static void
test_nested (AsyncFixture  *fixture,
             gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabFuture) done = async_new_int_future (1);

  async_trace_done (done, "A");
  asab_future_when_done (done, start_more_cb, fixture, NULL);
  async_trace_done (done, "B");
  async_run_ready (fixture);
  async_assert_trace (fixture, "A<BC>D");
}

static gpointer
spawn_thread (gpointer data)
{
  for (guint i = 0; i < 1000; i++)
    asab_future_unref (asab_spawn_full (data, NULL, G_PRIORITY_DEFAULT, 0, NULL, trace_twice, (gpointer) ".", NULL));

  return NULL;
}

/* Many threads queue at once, and nothing is lost. */
static void
test_threads (AsyncFixture  *fixture,
              gconstpointer  data G_GNUC_UNUSED)
{
  GThread *threads[4];

  for (gsize i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("spawn", spawn_thread, fixture->context);
  while (fixture->trace->len < 2 * 1000 * G_N_ELEMENTS (threads))
    g_main_context_iteration (fixture->context, TRUE);
  for (gsize i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
  async_run_ready (fixture);
  g_assert_cmpuint (fixture->trace->len, ==, 2 * 1000 * G_N_ELEMENTS (threads));
  g_string_truncate (fixture->trace, 0);
}

static gpointer
resolve_thread (gpointer data)
{
  asab_promise_resolve (data, NULL);

  return NULL;
}

/* A loop that was about to sleep is woken. */
static void
test_wake_up (AsyncFixture  *fixture G_GNUC_UNUSED,
              gconstpointer  data G_GNUC_UNUSED)
{
  for (guint i = 0; i < 200; i++)
    {
      g_autoptr(AsabPromise) promise = asab_promise_new ();
      GThread *thread = g_thread_new ("resolve", resolve_thread, promise);

      g_assert_true (asab_run_until_complete (asab_promise_get_future (promise), NULL, NULL));
      g_thread_join (thread);
    }
}

static void
add_tests (void)
{
  async_test_add ("/asab/ready-queue/budget", test_budget);
  async_test_add ("/asab/ready-queue/rounds", test_rounds);
  async_test_add ("/asab/ready-queue/order", test_order);
  async_test_add ("/asab/ready-queue/nested", test_nested);
  async_test_add ("/asab/ready-queue/threads", test_threads);
  async_test_add ("/asab/ready-queue/wake-up", test_wake_up);
}

int
main (int    argc,
      char **argv)
{
  return async_test_run (argc, argv, add_tests);
}
