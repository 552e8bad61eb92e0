/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Steps after a future, and the pair of functions for GIO-style code. */

#include "async-fixture.h"

static AsabFuture *
trace_step (AsabFuture  *future,
            gpointer     user_data,
            GError     **error G_GNUC_UNUSED)
{
  g_assert_true (asab_future_is_done (future));
  async_trace (user_data);

  return NULL;
}

static AsabFuture *
double_step (AsabFuture  *future,
             gpointer     user_data G_GNUC_UNUSED,
             GError     **error G_GNUC_UNUSED)
{
  return async_new_int_future (2 * (int) asab_future_get_int64 (future, NULL));
}

static AsabFuture *
pending_step (AsabFuture  *future G_GNUC_UNUSED,
              gpointer     user_data,
              GError     **error G_GNUC_UNUSED)
{
  return asab_future_ref (user_data);
}

static AsabFuture *
failing_step (AsabFuture  *future G_GNUC_UNUSED,
              gpointer     user_data G_GNUC_UNUSED,
              GError     **error)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "lost");

  return NULL;
}

static void
trace_destroy_cb (gpointer what)
{
  async_trace (what);
}

static AsabFuture *
new_rejected (void)
{
  return asab_future_new_take_error (g_error_new_literal (G_IO_ERROR, G_IO_ERROR_BUSY, "busy"));
}

static void
test_then (AsyncFixture  *fixture,
           gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabFuture) one = async_new_int_future (1);
  g_autoptr(AsabFuture) two = asab_future_then (one, double_step, (gpointer) "D", trace_destroy_cb);
  g_autoptr(AsabFuture) four = asab_future_then (two, double_step, NULL, NULL);
  g_autoptr(AsabFuture) nothing = asab_future_then (four, trace_step, (gpointer) "A", NULL);

  g_assert_false (asab_future_is_done (two));
  async_run_ready (fixture);
  async_assert_trace (fixture, "DA");
  async_assert_int (two, 2);
  async_assert_int (four, 4);
  g_assert_true (asab_future_is_resolved (nothing));
  g_assert_null (asab_future_get_value (nothing, NULL));
}

static void
test_then_error (AsyncFixture  *fixture,
                 gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabFuture) one = async_new_int_future (1);
  g_autoptr(AsabFuture) lost = asab_future_then (one, failing_step, NULL, NULL);
  g_autoptr(AsabFuture) skipped = asab_future_then (lost, trace_step, (gpointer) "A", trace_destroy_cb);

  async_run_ready (fixture);
  async_assert_trace (fixture, "A");
  async_assert_error (skipped, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
}

static void
test_catch (AsyncFixture  *fixture,
            gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabFuture) one = async_new_int_future (1);
  g_autoptr(AsabFuture) busy = new_rejected ();
  g_autoptr(AsabFuture) skipped = asab_future_catch (one, failing_step, NULL, NULL);
  g_autoptr(AsabFuture) handled = asab_future_catch (busy, trace_step, (gpointer) "A", NULL);
  g_autoptr(AsabFuture) worse = asab_future_catch (busy, failing_step, NULL, NULL);

  async_run_ready (fixture);
  async_assert_trace (fixture, "A");
  async_assert_int (skipped, 1);
  g_assert_true (asab_future_is_resolved (handled));
  async_assert_error (worse, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
}

static void
test_finally (AsyncFixture  *fixture,
              gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabFuture) one = async_new_int_future (1);
  g_autoptr(AsabFuture) busy = new_rejected ();
  g_autoptr(AsabPromise) cleanup = asab_promise_new ();
  g_autoptr(AsabFuture) kept = asab_future_finally (one, trace_step, (gpointer) "A", NULL);
  g_autoptr(AsabFuture) still_busy = asab_future_finally (busy, trace_step, (gpointer) "B", NULL);
  g_autoptr(AsabFuture) failed = asab_future_finally (one, failing_step, NULL, NULL);
  g_autoptr(AsabFuture) waiting = asab_future_finally (one, pending_step, asab_promise_get_future (cleanup), NULL);

  async_run_ready (fixture);
  async_assert_trace (fixture, "AB");
  async_assert_int (kept, 1);
  async_assert_error (still_busy, G_IO_ERROR, G_IO_ERROR_BUSY);
  async_assert_error (failed, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);

  g_assert_false (asab_future_is_done (waiting));
  asab_promise_resolve_int64 (cleanup, 9);
  async_run_ready (fixture);
  async_assert_int (waiting, 1);
}

static void
test_finally_cleanup_fails (AsyncFixture  *fixture,
                            gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabFuture) one = async_new_int_future (1);
  g_autoptr(AsabFuture) busy = new_rejected ();
  g_autoptr(AsabFuture) future = asab_future_finally (one, pending_step, busy, NULL);

  async_run_ready (fixture);
  async_assert_error (future, G_IO_ERROR, G_IO_ERROR_BUSY);
}

/* Nobody is left who wants the result; the step is done all the same. */
static void
test_drop (AsyncFixture  *fixture,
           gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabPromise) promise = asab_promise_new ();

  asab_future_unref (asab_future_then (asab_promise_get_future (promise), trace_step, (gpointer) "A",
                                       NULL));
  asab_promise_resolve (promise, NULL);
  async_run_ready (fixture);
  async_assert_trace (fixture, "A");
}

/* A step that was cancelled while it waited; its function is called, its outcome is cancelled. */
static void
test_cancel (AsyncFixture  *fixture,
             gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabFuture) one = async_new_int_future (1);
  g_autoptr(AsabFuture) two = asab_future_then (one, double_step, NULL, NULL);

  asab_future_cancel (two);
  async_run_ready (fixture);
  g_assert_true (asab_future_is_cancelled (two));
  async_assert_int (one, 1);
}

static void
wait_cb (GObject      *source,
         GAsyncResult *result,
         gpointer      user_data)
{
  g_assert_null (source);
  g_set_object ((GAsyncResult **) user_data, result);
  async_trace ("A");
}

static void
test_wait (AsyncFixture  *fixture,
           gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabPromise) promise = asab_promise_new ();
  AsabFuture *future = asab_promise_get_future (promise);
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;
  const GValue *value;

  asab_future_wait_async (future, cancellable, wait_cb, &result);
  async_run_ready (fixture);
  async_assert_trace (fixture, "");
  asab_promise_resolve_int64 (promise, 4);
  async_run_ready (fixture);
  async_assert_trace (fixture, "A");

  value = asab_future_wait_finish (future, result, &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_value_get_int64 (value), ==, 4);
}

static void
test_wait_rejected (AsyncFixture  *fixture,
                    gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabFuture) busy = new_rejected ();
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;

  asab_future_wait_async (busy, NULL, wait_cb, &result);
  async_assert_trace (fixture, "");
  async_run_ready (fixture);
  async_assert_trace (fixture, "A");
  g_assert_null (asab_future_wait_finish (busy, result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_BUSY);
}

/* Only the wait is cancelled. */
static void
test_wait_cancelled (AsyncFixture  *fixture,
                     gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabPromise) promise = asab_promise_new ();
  AsabFuture *future = asab_promise_get_future (promise);
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;

  asab_future_wait_async (future, cancellable, wait_cb, &result);
  g_cancellable_cancel (cancellable);
  async_run_ready (fixture);
  async_assert_trace (fixture, "A");
  g_assert_null (asab_future_wait_finish (future, result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);

  g_assert_false (asab_future_is_done (future));
  g_assert_true (asab_promise_resolve_int64 (promise, 4));
  async_run_ready (fixture);
  async_assert_trace (fixture, "");
}

static void
add_tests (void)
{
  async_test_add ("/asab/future-chain/then", test_then);
  async_test_add ("/asab/future-chain/then-error", test_then_error);
  async_test_add ("/asab/future-chain/catch", test_catch);
  async_test_add ("/asab/future-chain/finally", test_finally);
  async_test_add ("/asab/future-chain/finally-cleanup-fails", test_finally_cleanup_fails);
  async_test_add ("/asab/future-chain/drop", test_drop);
  async_test_add ("/asab/future-chain/cancel", test_cancel);
  async_test_add ("/asab/future-chain/wait", test_wait);
  async_test_add ("/asab/future-chain/wait-rejected", test_wait_rejected);
  async_test_add ("/asab/future-chain/wait-cancelled", test_wait_cancelled);
}

int
main (int    argc,
      char **argv)
{
  return async_test_run (argc, argv, add_tests);
}
