/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "async-fixture.h"

static gboolean
await_event (gpointer   data,
             GValue    *result G_GNUC_UNUSED,
             GError   **error)
{
  if (!asab_event_await (data, error))
    return FALSE;
  async_trace ("F");

  return TRUE;
}

static void
test_set (AsyncFixture  *fixture,
          gconstpointer  data G_GNUC_UNUSED)
{
  AsabEvent *event = asab_event_new ();
  g_autoptr(AsabFuture) first = asab_event_wait (event);
  g_autoptr(AsabFuture) fiber G_GNUC_UNUSED = asab_spawn (await_event, event, NULL);
  g_autoptr(AsabFuture) last = NULL;

  async_trace_done (first, "A");
  async_run_ready (fixture);
  last = asab_event_wait (event);
  async_trace_done (last, "B");
  g_assert_false (asab_event_is_set (event));
  async_assert_trace (fixture, "");

  asab_event_set (event);
  asab_event_set (event);
  g_assert_true (asab_event_is_set (event));
  async_assert_trace (fixture, "");
  async_run_ready (fixture);
  async_assert_trace (fixture, "AFB");
  g_assert_finalize_object (event);
}

static void
test_is_set (AsyncFixture  *fixture,
             gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabEvent) event = asab_event_new ();
  g_autoptr(AsabFuture) wait = NULL;
  g_autoptr(AsabFuture) fiber G_GNUC_UNUSED = asab_spawn (await_event, event, NULL);

  asab_event_set (event);
  wait = asab_event_wait (event);
  g_assert_true (asab_future_is_resolved (wait));
  g_assert_true (asab_event_await (event, NULL));
  async_run_ready (fixture);
  async_assert_trace (fixture, "F");
}

/* Those who waited go on, also if the event is cleared at once. */
static void
test_clear (AsyncFixture  *fixture,
            gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabEvent) event = asab_event_new ();
  g_autoptr(AsabFuture) before = asab_event_wait (event);
  g_autoptr(AsabFuture) after = NULL;

  asab_event_set (event);
  asab_event_clear (event);
  g_assert_false (asab_event_is_set (event));
  after = asab_event_wait (event);
  async_run_ready (fixture);
  g_assert_true (asab_future_is_resolved (before));
  g_assert_false (asab_future_is_done (after));
}

static void
test_cancel (AsyncFixture  *fixture,
             gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabEvent) event = asab_event_new ();
  g_autoptr(AsabFuture) fiber = asab_spawn (await_event, event, NULL);
  g_autoptr(AsabFuture) wait = asab_event_wait (event);
  g_autoptr(GError) error = NULL;

  async_run_ready (fixture);
  asab_future_cancel (fiber);
  asab_future_cancel (wait);
  async_run_ready (fixture);
  g_assert_true (asab_future_is_cancelled (fiber));
  asab_event_set (event);
  async_run_ready (fixture);
  async_assert_trace (fixture, "");

  asab_event_clear (event);
  g_assert_false (asab_event_await (event, &error));
  g_assert_error (error, ASAB_ERROR, ASAB_ERROR_NOT_FIBER);
}

static void
test_finalize (AsyncFixture  *fixture,
               gconstpointer  data G_GNUC_UNUSED)
{
  AsabEvent *event = asab_event_new ();
  g_autoptr(AsabFuture) fiber = asab_spawn (await_event, event, NULL);
  g_autoptr(AsabFuture) wait = asab_event_wait (event);

  async_run_ready (fixture);
  g_assert_finalize_object (event);
  async_run_ready (fixture);
  async_assert_error (fiber, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  async_assert_error (wait, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
add_tests (void)
{
  async_test_add ("/asab/event/set", test_set);
  async_test_add ("/asab/event/is-set", test_is_set);
  async_test_add ("/asab/event/clear", test_clear);
  async_test_add ("/asab/event/cancel", test_cancel);
  async_test_add ("/asab/event/finalize", test_finalize);
}

int
main (int    argc,
      char **argv)
{
  return async_test_run (argc, argv, add_tests);
}
