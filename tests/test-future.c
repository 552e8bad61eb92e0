/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "async-fixture.h"

static void
test_resolve (AsyncFixture  *fixture G_GNUC_UNUSED,
              gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabPromise) promise = asab_promise_new ();
  g_autoptr(AsabFuture) future = asab_future_ref (asab_promise_get_future (promise));
  g_autoptr(GError) error = NULL;

  g_assert_cmpint (asab_future_get_status (future), ==, ASAB_FUTURE_PENDING);
  g_assert_null (asab_future_get_value (future, &error));
  g_assert_error (error, ASAB_ERROR, ASAB_ERROR_PENDING);

  g_assert_true (asab_promise_resolve_int64 (promise, 7));
  g_assert_false (asab_promise_resolve_int64 (promise, 8));
  g_assert_false (asab_promise_reject_literal (promise, G_IO_ERROR, G_IO_ERROR_FAILED, "late"));
  asab_future_cancel (future);

  g_assert_true (asab_future_is_done (future));
  g_assert_true (asab_future_is_resolved (future));
  g_assert_false (asab_future_is_rejected (future));
  async_assert_int (future, 7);
}

static void
test_void (AsyncFixture  *fixture G_GNUC_UNUSED,
           gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabFuture) future = asab_future_new_resolved (NULL);
  g_autoptr(GError) error = NULL;

  g_assert_true (asab_future_is_resolved (future));
  g_assert_null (asab_future_get_value (future, &error));
  g_assert_no_error (error);
  g_assert_cmpint (asab_future_get_int64 (future, &error), ==, 0);
  g_assert_error (error, ASAB_ERROR, ASAB_ERROR_TYPE_MISMATCH);
}

static void
test_order (AsyncFixture  *fixture,
            gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabPromise) promise = asab_promise_new ();
  AsabFuture *future = asab_promise_get_future (promise);

  async_trace_done (future, "A");
  async_trace_done (future, "B");
  async_trace_done (future, "C");
  async_run_ready (fixture);
  async_assert_trace (fixture, "");

  asab_promise_resolve (promise, NULL);
  async_trace_done (future, "D");
  async_assert_trace (fixture, "");
  async_run_ready (fixture);
  async_assert_trace (fixture, "ABCD");
}

static void
test_broken_promise (AsyncFixture  *fixture,
                     gconstpointer  data G_GNUC_UNUSED)
{
  AsabPromise *promise = asab_promise_new ();
  g_autoptr(AsabFuture) future = asab_future_ref (asab_promise_get_future (promise));

  async_trace_done (future, "A");
  asab_promise_ref (promise);
  asab_promise_unref (promise);
  g_assert_false (asab_future_is_done (future));
  asab_promise_unref (promise);
  async_assert_error (future, ASAB_ERROR, ASAB_ERROR_BROKEN_PROMISE);
  async_assert_trace (fixture, "");
  async_run_ready (fixture);
  async_assert_trace (fixture, "A");

  /* Nobody is there to be told. */
  asab_promise_unref (asab_promise_new ());
}

static void
count_free_cb (gpointer data)
{
  ++*(int *) data;
}

static void
never_cb (AsabFuture *future G_GNUC_UNUSED,
          gpointer    user_data G_GNUC_UNUSED)
{
  g_assert_not_reached ();
}

static void
test_disconnect (AsyncFixture  *fixture,
                 gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabPromise) promise = asab_promise_new ();
  AsabFuture *future = asab_promise_get_future (promise);
  int n_freed = 0;
  guint pending, queued, delivered;

  pending = asab_future_when_done (future, never_cb, &n_freed, count_free_cb);
  asab_future_disconnect (future, pending);
  g_assert_cmpint (n_freed, ==, 1);
  asab_future_disconnect (future, pending);
  g_assert_cmpint (n_freed, ==, 1);

  queued = asab_future_when_done (future, never_cb, &n_freed, count_free_cb);
  delivered = async_trace_done (future, "A");
  asab_promise_resolve (promise, NULL);
  asab_future_disconnect (future, queued);
  g_assert_cmpint (n_freed, ==, 2);

  async_run_ready (fixture);
  async_assert_trace (fixture, "A");
  asab_future_disconnect (future, delivered);
  g_assert_cmpint (n_freed, ==, 2);
}

static void
disconnect_cb (AsabFuture *future,
               gpointer    user_data)
{
  async_trace ("A");
  asab_future_disconnect (future, *(guint *) user_data);
}

static void
test_disconnect_inside (AsyncFixture  *fixture,
                        gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabPromise) promise = asab_promise_new ();
  AsabFuture *future = asab_promise_get_future (promise);
  guint self, other;

  self = asab_future_when_done (future, disconnect_cb, &self, NULL);
  asab_future_when_done (future, disconnect_cb, &other, NULL);
  other = async_trace_done (future, "B");
  asab_promise_resolve (promise, NULL);
  async_run_ready (fixture);
  async_assert_trace (fixture, "AA");
}

static void
closure_cb (AsabFuture *future,
            gpointer    user_data)
{
  g_assert_true (future == user_data);
  async_trace ("A");
}

static void
test_closure (AsyncFixture  *fixture,
              gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabPromise) promise = asab_promise_new ();
  AsabFuture *future = asab_promise_get_future (promise);
  guint removed;

  asab_future_when_done_closure (future, g_cclosure_new (G_CALLBACK (closure_cb), future, NULL));
  removed = asab_future_when_done_closure (future, g_cclosure_new (G_CALLBACK (never_cb), NULL, NULL));
  asab_future_disconnect (future, removed);
  asab_promise_resolve (promise, NULL);
  async_run_ready (fixture);
  async_assert_trace (fixture, "A");
}

static void
drop_cb (AsabFuture *future G_GNUC_UNUSED,
         gpointer    user_data)
{
  async_trace ("A");
  asab_future_unref (user_data);
}

static void
test_drop_in_callback (AsyncFixture  *fixture,
                       gconstpointer  data G_GNUC_UNUSED)
{
  AsabPromise *promise = asab_promise_new ();
  AsabFuture *future = asab_future_ref (asab_promise_get_future (promise));

  asab_future_when_done (future, drop_cb, future, NULL);
  asab_promise_resolve_int64 (promise, 1);
  asab_promise_unref (promise);
  async_run_ready (fixture);
  async_assert_trace (fixture, "A");
}

static void
test_cancel (AsyncFixture  *fixture,
             gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabPromise) promise = asab_promise_new ();
  g_autoptr(AsabPromise) late = asab_promise_new ();
  AsabFuture *future = asab_promise_get_future (promise);
  GCancellable *cancellable = asab_promise_get_cancellable (promise);

  async_trace_done (future, "A");
  asab_future_cancel (future);
  async_assert_trace (fixture, "");
  g_assert_true (g_cancellable_is_cancelled (cancellable));
  g_assert_true (asab_future_is_cancelled (future));
  async_assert_error (future, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_false (asab_promise_resolve_int64 (promise, 1));
  async_run_ready (fixture);
  async_assert_trace (fixture, "A");

  asab_future_cancel (asab_promise_get_future (late));
  g_assert_true (g_cancellable_is_cancelled (asab_promise_get_cancellable (late)));
}

/* Who waits for the future of a cautious producer waits until that has ended. */
static void
test_defer_cancel (AsyncFixture  *fixture G_GNUC_UNUSED,
                   gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabPromise) promise = asab_promise_new ();
  AsabFuture *future = asab_promise_get_future (promise);

  asab_promise_defer_cancel (promise);
  asab_future_cancel (future);
  asab_future_cancel (future);
  g_assert_true (g_cancellable_is_cancelled (asab_promise_get_cancellable (promise)));
  g_assert_false (asab_future_is_done (future));

  asab_promise_resolve_int64 (promise, 7);
  asab_future_cancel (future);
  async_assert_int (future, 7);
}

static void
test_follow (AsyncFixture  *fixture,
             gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabPromise) source = asab_promise_new ();
  g_autoptr(AsabPromise) follower = asab_promise_new ();
  g_autoptr(AsabPromise) narcissus = asab_promise_new ();

  g_assert_true (asab_promise_follow (follower, asab_promise_get_future (source)));
  asab_promise_resolve_int64 (source, 3);
  async_run_ready (fixture);
  async_assert_int (asab_promise_get_future (follower), 3);
  g_assert_false (asab_promise_follow (follower, asab_promise_get_future (source)));

  g_assert_true (asab_promise_follow (narcissus, asab_promise_get_future (narcissus)));
  async_assert_error (asab_promise_get_future (narcissus), ASAB_ERROR, ASAB_ERROR_DEADLOCK);
}

static void
test_exception (AsyncFixture  *fixture,
                gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabPromise) promise = asab_promise_new ();
  g_autoptr(AsabPromise) follower = asab_promise_new ();
  g_autoptr(GError) error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED, "raised");
  g_auto(GValue) exception = G_VALUE_INIT;
  const GValue *got;

  g_value_init (&exception, G_TYPE_STRING);
  g_value_set_static_string (&exception, "ZeroDivisionError");
  g_assert_null (asab_future_get_exception (asab_promise_get_future (promise)));
  asab_promise_reject_with_exception (promise, error, &exception);
  asab_promise_follow (follower, asab_promise_get_future (promise));
  async_run_ready (fixture);

  async_assert_error (asab_promise_get_future (follower), G_IO_ERROR, G_IO_ERROR_FAILED);
  g_assert_null (asab_future_get_value (asab_promise_get_future (follower), NULL));
  got = asab_future_get_exception (asab_promise_get_future (follower));
  g_assert_cmpstr (g_value_get_string (got), ==, "ZeroDivisionError");
}

static gpointer
resolve_thread (gpointer data)
{
  asab_promise_resolve_int64 (data, 5);

  return NULL;
}

static void
check_thread_cb (AsabFuture *future,
                 gpointer    user_data)
{
  g_assert_true (g_thread_self () == user_data);
  async_assert_int (future, 5);
  async_trace ("A");
}

static void
test_other_thread (AsyncFixture  *fixture,
                   gconstpointer  data G_GNUC_UNUSED)
{
  for (guint i = 0; i < 100; i++)
    {
      g_autoptr(AsabPromise) promise = asab_promise_new ();
      GThread *thread;

      asab_future_when_done (asab_promise_get_future (promise), check_thread_cb, g_thread_self (), NULL);
      thread = g_thread_new ("resolve", resolve_thread, promise);
      while (fixture->trace->len == 0)
        g_main_context_iteration (fixture->context, TRUE);
      g_thread_join (thread);
      async_assert_trace (fixture, "A");
    }
}

static void
other_context_cb (AsabFuture *future G_GNUC_UNUSED,
                  gpointer    user_data)
{
  g_assert_true (g_main_context_get_thread_default () == user_data);
  async_trace ("A");
}

static void
test_other_context (AsyncFixture  *fixture,
                    gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(GMainContext) other = g_main_context_new ();
  g_autoptr(AsabFuture) future = asab_future_new_resolved (NULL);

  g_main_context_push_thread_default (other);
  asab_future_when_done (future, other_context_cb, other, NULL);
  g_main_context_pop_thread_default (other);

  async_run_ready (fixture);
  async_assert_trace (fixture, "");
  while (g_main_context_iteration (other, FALSE))
    ;
  async_assert_trace (fixture, "A");
}

static void
test_run_until_complete (AsyncFixture  *fixture,
                         gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabFuture) done = async_new_int_future (1);
  g_autoptr(AsabPromise) promise = asab_promise_new ();
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GSource) idle = g_idle_source_new ();
  g_autoptr(GError) error = NULL;
  GThread *thread;

  /* Not even an iteration. */
  g_source_set_callback (idle, async_trace_source_cb, (gpointer) "I", NULL);
  g_source_attach (idle, fixture->context);
  g_assert_true (asab_run_until_complete (done, NULL, &error));
  async_assert_trace (fixture, "");

  g_cancellable_cancel (cancellable);
  g_assert_false (asab_run_until_complete (asab_promise_get_future (promise), cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_false (asab_future_is_done (asab_promise_get_future (promise)));
  g_clear_error (&error);

  thread = g_thread_new ("resolve", resolve_thread, promise);
  g_assert_true (asab_run_until_complete (asab_promise_get_future (promise), NULL, &error));
  g_assert_no_error (error);
  g_thread_join (thread);
}

static gboolean
resolve_cb (gpointer user_data)
{
  asab_promise_resolve_int64 (user_data, 5);

  return G_SOURCE_REMOVE;
}

static void
note_freed_cb (gpointer user_data)
{
  *(gboolean *) user_data = TRUE;
}

/* What waited leaves nothing behind that keeps the context. */
static void
test_run_until_complete_context (AsyncFixture  *fixture G_GNUC_UNUSED,
                                 gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(GMainContext) context = g_main_context_new ();
  g_autoptr(AsabPromise) promise = asab_promise_new ();
  g_autoptr(GSource) idle = g_idle_source_new ();
  g_autoptr(GSource) never = g_timeout_source_new_seconds (1000);
  gboolean freed = FALSE;

  g_source_set_callback (never, G_SOURCE_FUNC (resolve_cb), &freed, note_freed_cb);
  g_source_attach (never, context);
  g_source_set_callback (idle, resolve_cb, promise, NULL);
  g_source_attach (idle, context);

  g_main_context_push_thread_default (context);
  g_assert_true (asab_run_until_complete (asab_promise_get_future (promise), NULL, NULL));
  g_assert_true (asab_run_until_complete (asab_promise_get_future (promise), NULL, NULL));
  g_main_context_pop_thread_default (context);
  g_clear_pointer (&context, g_main_context_unref);
  g_assert_true (freed);
}

static void
add_tests (void)
{
  async_test_add ("/asab/future/resolve", test_resolve);
  async_test_add ("/asab/future/void", test_void);
  async_test_add ("/asab/future/order", test_order);
  async_test_add ("/asab/future/broken-promise", test_broken_promise);
  async_test_add ("/asab/future/disconnect", test_disconnect);
  async_test_add ("/asab/future/disconnect-inside", test_disconnect_inside);
  async_test_add ("/asab/future/closure", test_closure);
  async_test_add ("/asab/future/drop-in-callback", test_drop_in_callback);
  async_test_add ("/asab/future/cancel", test_cancel);
  async_test_add ("/asab/future/defer-cancel", test_defer_cancel);
  async_test_add ("/asab/future/follow", test_follow);
  async_test_add ("/asab/future/exception", test_exception);
  async_test_add ("/asab/future/other-thread", test_other_thread);
  async_test_add ("/asab/future/other-context", test_other_context);
  async_test_add ("/asab/future/run-until-complete", test_run_until_complete);
  async_test_add ("/asab/future/run-until-complete/context", test_run_until_complete_context);
}

int
main (int    argc,
      char **argv)
{
  return async_test_run (argc, argv, add_tests);
}
