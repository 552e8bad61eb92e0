/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "async-fixture.h"

static gboolean
await_it (gpointer   data,
          GValue    *result G_GNUC_UNUSED,
          GError   **error)
{
  return asab_await (data, error);
}

static gboolean
sleep_long (gpointer   data G_GNUC_UNUSED,
            GValue    *result G_GNUC_UNUSED,
            GError   **error)
{
  return asab_fiber_sleep (100, error);
}

static void
assert_dump (const char *pattern)
{
  g_autofree char *dump = asab_debug_dump ();

  if (!g_pattern_match_simple (pattern, dump))
    g_error ("The dump is “%s”, not “%s”", dump, pattern);
}

static void
assert_counts (guint n_fibers,
               guint n_stacks)
{
  g_assert_cmpuint (asab_debug_count_fibers (), ==, n_fibers);
  g_assert_cmpuint (asab_debug_count_stacks (), ==, n_stacks);
}

static void
test_dump (AsyncFixture  *fixture,
           gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabPromise) promise = asab_promise_new_at ("there.c:5");
  g_autoptr(AsabFuture) waiting = NULL;
  g_autoptr(AsabFuture) sleeping = NULL;

  assert_dump ("");
  asab_future_set_name (asab_promise_get_future (promise), "answer");
  waiting = asab_spawn (await_it, asab_promise_get_future (promise), NULL);
  assert_dump ("fiber “await_it” started at *test-debug.c:*: ready\n");
  assert_counts (1, 0);
  async_run_ready (fixture);
  assert_dump ("fiber “await_it” started at *: waiting for a future “answer” made at there.c:5, *.* s, "
               "* KiB of stack\n");

  sleeping = asab_spawn_full (NULL, "sleeper", G_PRIORITY_DEFAULT, 0, NULL, sleep_long, NULL, NULL);
  async_run_ready (fixture);
  assert_dump ("*fiber “sleeper” started at ?: waiting for a time, * s, * KiB of stack\n*");
  assert_counts (2, 2);

  asab_promise_resolve (promise, NULL);
  async_advance (fixture, 100);
  assert_dump ("");
  assert_counts (0, 0);
}

static void
dump_cb (gpointer user_data)
{
  assert_dump (user_data);
  async_trace ("A");
}

static gboolean
dump_in_fiber (gpointer   data G_GNUC_UNUSED,
               GValue    *result G_GNUC_UNUSED,
               GError   **error G_GNUC_UNUSED)
{
  dump_cb ((gpointer) "fiber “dump_in_fiber” *: running, * KiB of stack\n");
  asab_main_stack_call (dump_cb, (gpointer) "fiber “dump_in_fiber” *: calling, * KiB of stack\n");

  return TRUE;
}

static void
test_states (AsyncFixture  *fixture,
             gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabFuture) future G_GNUC_UNUSED = asab_spawn (dump_in_fiber, NULL, NULL);

  async_run_ready (fixture);
  async_assert_trace (fixture, "AA");
}

static void
add_tests (void)
{
  async_test_add ("/asab/debug/dump", test_dump);
  async_test_add ("/asab/debug/states", test_states);
}

int
main (int    argc,
      char **argv)
{
  return async_test_run (argc, argv, add_tests);
}
