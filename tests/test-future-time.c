/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Sleeps, time-outs and shields of futures. */

#include "async-fixture.h"

#include <math.h>

static void
test_sleep (AsyncFixture  *fixture,
            gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabFuture) sleep = asab_sleep (0.1);
  g_autoptr(AsabFuture) none = asab_sleep (0);
  g_autoptr(AsabFuture) cancelled = asab_sleep (0.1);

  g_assert_false (asab_future_is_done (none));
  async_run_ready (fixture);
  g_assert_true (asab_future_is_resolved (none));
  asab_future_cancel (cancelled);
  async_advance (fixture, 0.099999);
  g_assert_false (asab_future_is_done (sleep));
  async_advance (fixture, 0.000001);
  g_assert_true (asab_future_is_resolved (sleep));
  g_assert_true (asab_future_is_cancelled (cancelled));
}

static void
test_sleep_errors (AsyncFixture  *fixture,
                   gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabFuture) negative = asab_sleep (-1);
  g_autoptr(AsabFuture) not_a_number = asab_sleep (NAN);
  g_autoptr(AsabFuture) never = asab_sleep (INFINITY);
  g_autoptr(AsabFuture) longest = asab_sleep (1e300);

  async_assert_error (negative, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
  async_assert_error (not_a_number, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
  async_advance (fixture, 1e9);
  g_assert_false (asab_future_is_done (never));
  g_assert_false (asab_future_is_done (longest));
  asab_future_cancel (never);
  asab_future_cancel (longest);
}

/* What is due together happens in the order in which it was started. */
static void
test_order (AsyncFixture  *fixture,
            gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabFuture) c = asab_sleep (3);
  g_autoptr(AsabFuture) a = asab_sleep (1);
  g_autoptr(AsabFuture) d = asab_sleep (3);
  g_autoptr(AsabFuture) b = asab_sleep (2);

  async_trace_done (a, "A");
  async_trace_done (b, "B");
  async_trace_done (c, "C");
  async_trace_done (d, "D");
  async_advance (fixture, 10);
  async_assert_trace (fixture, "ABCD");
}

static void
test_timeout (AsyncFixture  *fixture,
              gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabPromise) kept = asab_promise_new ();
  g_autoptr(AsabPromise) cancelled = asab_promise_new ();
  g_autoptr(AsabFuture) first = asab_future_with_timeout (asab_promise_get_future (kept), 0.1, FALSE);
  g_autoptr(AsabFuture) second = asab_future_with_timeout (asab_promise_get_future (cancelled), 0.1, TRUE);

  async_advance (fixture, 0.09);
  g_assert_false (asab_future_is_done (first));
  async_advance (fixture, 0.01);
  async_assert_error (first, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  async_assert_error (second, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  g_assert_false (asab_future_is_done (asab_promise_get_future (kept)));
  g_assert_true (asab_future_is_cancelled (asab_promise_get_future (cancelled)));
  g_assert_true (g_cancellable_is_cancelled (asab_promise_get_cancellable (cancelled)));
}

static void
test_in_time (AsyncFixture  *fixture,
              gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabPromise) resolved = asab_promise_new ();
  g_autoptr(AsabPromise) rejected = asab_promise_new ();
  g_autoptr(AsabFuture) done = async_new_int_future (2);
  g_autoptr(AsabFuture) first = asab_future_with_timeout (asab_promise_get_future (resolved), 0.1, TRUE);
  g_autoptr(AsabFuture) second = asab_future_with_timeout (asab_promise_get_future (rejected), INFINITY, TRUE);
  g_autoptr(AsabFuture) third = asab_future_with_timeout (done, 0, TRUE);
  g_autoptr(AsabFuture) refused = asab_future_with_timeout (done, -1, TRUE);

  asab_promise_resolve_int64 (resolved, 1);
  asab_promise_reject_literal (rejected, G_IO_ERROR, G_IO_ERROR_BUSY, "busy");
  async_run_ready (fixture);
  async_assert_int (first, 1);
  async_assert_error (second, G_IO_ERROR, G_IO_ERROR_BUSY);
  async_assert_int (third, 2);
  async_assert_error (refused, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
  async_advance (fixture, 1);
  async_assert_int (first, 1);
}

static void
test_timeout_cancelled (AsyncFixture  *fixture,
                        gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabPromise) promise = asab_promise_new ();
  g_autoptr(AsabFuture) future = asab_future_with_timeout (asab_promise_get_future (promise), 0.1, TRUE);

  asab_future_cancel (future);
  async_run_ready (fixture);
  async_advance (fixture, 1);
  g_assert_true (asab_future_is_cancelled (future));
  g_assert_false (asab_future_is_done (asab_promise_get_future (promise)));
}

static void
test_timeout_dropped (AsyncFixture  *fixture,
                      gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabPromise) promise = asab_promise_new ();

  asab_future_unref (asab_sleep (1));
  asab_future_unref (asab_future_with_timeout (asab_promise_get_future (promise), INFINITY, TRUE));
  asab_future_unref (asab_future_with_timeout (asab_promise_get_future (promise), 1, TRUE));
  async_advance (fixture, 0.5);
  g_assert_false (asab_future_is_done (asab_promise_get_future (promise)));
  async_advance (fixture, 0.5);
  g_assert_true (asab_future_is_cancelled (asab_promise_get_future (promise)));
  async_assert_log (fixture, "Nobody looked at * Nothing happened within 1 seconds *");
}

static void
test_shield (AsyncFixture  *fixture,
             gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabPromise) promise = asab_promise_new ();
  g_autoptr(AsabFuture) cancelled = asab_future_shield (asab_promise_get_future (promise));
  g_autoptr(AsabFuture) kept = asab_future_shield (asab_promise_get_future (promise));

  asab_future_cancel (cancelled);
  async_run_ready (fixture);
  g_assert_true (asab_future_is_cancelled (cancelled));
  g_assert_false (asab_future_is_done (asab_promise_get_future (promise)));
  asab_promise_resolve_int64 (promise, 4);
  async_run_ready (fixture);
  async_assert_int (kept, 4);
}

static void
add_tests (void)
{
  async_test_add ("/asab/future-time/sleep", test_sleep);
  async_test_add ("/asab/future-time/sleep-errors", test_sleep_errors);
  async_test_add ("/asab/future-time/order", test_order);
  async_test_add ("/asab/future-time/timeout", test_timeout);
  async_test_add ("/asab/future-time/in-time", test_in_time);
  async_test_add ("/asab/future-time/timeout-cancelled", test_timeout_cancelled);
  async_test_add ("/asab/future-time/timeout-dropped", test_timeout_dropped);
  async_test_add ("/asab/future-time/shield", test_shield);
}

int
main (int    argc,
      char **argv)
{
  return async_test_run (argc, argv, add_tests);
}
