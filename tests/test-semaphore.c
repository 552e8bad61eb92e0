/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "async-fixture.h"

static gboolean
hold (gpointer   data,
      GValue    *result G_GNUC_UNUSED,
      GError   **error)
{
  if (!asab_semaphore_hold (data, error))
    return FALSE;
  async_trace ("F");

  return TRUE;
}

static void
test_permits (AsyncFixture  *fixture,
              gconstpointer  data G_GNUC_UNUSED)
{
  AsabSemaphore *semaphore = asab_semaphore_new (2);
  g_autoptr(AsabFuture) fiber G_GNUC_UNUSED = asab_spawn (hold, semaphore, NULL);
  g_autoptr(AsabFuture) first = NULL;
  g_autoptr(AsabFuture) second = NULL;
  guint permits;

  async_run_ready (fixture);
  async_assert_trace (fixture, "F");
  g_assert_cmpuint (asab_semaphore_get_permits (semaphore), ==, 1);
  first = asab_semaphore_acquire (semaphore);
  g_assert_true (asab_future_is_resolved (first));
  second = asab_semaphore_acquire (semaphore);
  g_assert_false (asab_future_is_done (second));

  asab_semaphore_release (semaphore);
  g_assert_true (asab_future_is_resolved (second));
  g_assert_cmpuint (asab_semaphore_get_permits (semaphore), ==, 0);
  asab_semaphore_release (semaphore);
  asab_semaphore_release (semaphore);
  g_object_get (semaphore, "permits", &permits, NULL);
  g_assert_cmpuint (permits, ==, 2);
  g_assert_finalize_object (semaphore);
}

static void
test_order (AsyncFixture  *fixture,
            gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabSemaphore) semaphore = asab_semaphore_new (0);
  g_autoptr(AsabFuture) first = asab_semaphore_acquire (semaphore);
  g_autoptr(AsabFuture) fiber G_GNUC_UNUSED = asab_spawn (hold, semaphore, NULL);
  g_autoptr(AsabFuture) last = NULL;

  async_run_ready (fixture);
  last = asab_semaphore_acquire (semaphore);
  async_trace_done (first, "A");
  async_trace_done (last, "B");
  for (guint i = 0; i < 3; i++)
    asab_semaphore_release (semaphore);
  async_assert_trace (fixture, "");
  async_run_ready (fixture);
  async_assert_trace (fixture, "AFB");
  g_assert_cmpuint (asab_semaphore_get_permits (semaphore), ==, 0);
}

static void
test_passed_over (AsyncFixture  *fixture,
                  gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabSemaphore) semaphore = asab_semaphore_new (0);
  g_autoptr(AsabFuture) fiber = asab_spawn (hold, semaphore, NULL);
  g_autoptr(AsabFuture) cancelled = asab_semaphore_acquire (semaphore);

  async_run_ready (fixture);
  asab_future_unref (asab_semaphore_acquire (semaphore));
  asab_future_cancel (fiber);
  asab_future_cancel (cancelled);
  async_run_ready (fixture);
  asab_semaphore_release (semaphore);
  g_assert_cmpuint (asab_semaphore_get_permits (semaphore), ==, 1);
  async_assert_trace (fixture, "");
}

static void
test_cancelled_holder (AsyncFixture  *fixture,
                       gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabSemaphore) semaphore = asab_semaphore_new (0);
  g_autoptr(AsabFuture) fiber = asab_spawn (hold, semaphore, NULL);

  async_run_ready (fixture);
  asab_semaphore_release (semaphore);
  asab_future_cancel (fiber);
  async_run_ready (fixture);
  async_assert_trace (fixture, "F");
  g_assert_true (asab_future_is_resolved (fiber));
}

static void
test_close (AsyncFixture  *fixture,
            gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabSemaphore) semaphore = asab_semaphore_new (1);
  g_autoptr(AsabFuture) holder G_GNUC_UNUSED = asab_semaphore_acquire (semaphore);
  g_autoptr(AsabFuture) waiting = asab_semaphore_acquire (semaphore);
  g_autoptr(AsabFuture) fiber = asab_spawn (hold, semaphore, NULL);
  g_autoptr(AsabFuture) late = NULL;
  g_autoptr(AsabFuture) late_fiber = NULL;

  async_run_ready (fixture);
  asab_semaphore_close (semaphore);
  asab_semaphore_close (semaphore);
  asab_semaphore_release (semaphore);
  late = asab_semaphore_acquire (semaphore);
  late_fiber = asab_spawn (hold, semaphore, NULL);
  async_run_ready (fixture);
  async_assert_error (waiting, ASAB_ERROR, ASAB_ERROR_CLOSED);
  async_assert_error (fiber, ASAB_ERROR, ASAB_ERROR_CLOSED);
  async_assert_error (late, ASAB_ERROR, ASAB_ERROR_CLOSED);
  async_assert_error (late_fiber, ASAB_ERROR, ASAB_ERROR_CLOSED);
  g_assert_cmpuint (asab_semaphore_get_permits (semaphore), ==, 1);
}

static void
test_finalize (AsyncFixture  *fixture,
               gconstpointer  data G_GNUC_UNUSED)
{
  AsabSemaphore *semaphore = asab_semaphore_new (0);
  g_autoptr(AsabFuture) waiting = asab_semaphore_acquire (semaphore);
  g_autoptr(AsabFuture) fiber = asab_spawn (hold, semaphore, NULL);

  async_run_ready (fixture);
  g_assert_finalize_object (semaphore);
  async_run_ready (fixture);
  async_assert_error (waiting, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  async_assert_error (fiber, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
add_tests (void)
{
  async_test_add ("/asab/semaphore/permits", test_permits);
  async_test_add ("/asab/semaphore/order", test_order);
  async_test_add ("/asab/semaphore/passed-over", test_passed_over);
  async_test_add ("/asab/semaphore/cancelled-holder", test_cancelled_holder);
  async_test_add ("/asab/semaphore/close", test_close);
  async_test_add ("/asab/semaphore/finalize", test_finalize);
}

int
main (int    argc,
      char **argv)
{
  return async_test_run (argc, argv, add_tests);
}
