/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Refreshes in the background, and the loop that begins them. */

#include "cache-fixture.h"

static void
advance_to (AsyncFixture *fixture,
            double        seconds)
{
  async_advance (fixture, seconds - (double) asab_clock_get_time (fixture->clock) / G_USEC_PER_SEC);
}

static void
stop (AsyncFixture     *fixture,
      AsabRefreshCache *cache)
{
  g_autoptr(AsabFuture) stopped = asab_refresh_cache_stop (cache);

  async_run_ready (fixture);
  g_assert_true (asab_future_is_resolved (stopped));
}

/* Whoever reads often enough never waits. */
static void
test_loop (AsyncFixture  *fixture,
           gconstpointer  data G_GNUC_UNUSED)
{
  AsabRefreshCache *cache = cache_new_loading ();

  asab_refresh_cache_start (cache);
  advance_to (fixture, 1);
  cache_load (fixture, cache, "a", 1);
  for (guint seconds = 2; seconds < 1000; seconds++)
    {
      g_autoptr(AsabFuture) future = NULL;

      advance_to (fixture, seconds);
      future = asab_refresh_cache_get (cache, "a");
      g_assert_true (asab_future_is_resolved (future));
    }
  g_assert_finalize_object (cache);
}

/* Without readers, an entry that was loaded just after a turn is reloaded in the fourth one, before it expires. */
static void
test_one_reload (AsyncFixture  *fixture,
                 gconstpointer  data G_GNUC_UNUSED)
{
  AsabRefreshCache *cache = cache_new_loading ();

  asab_refresh_cache_start (cache);
  advance_to (fixture, 1);
  cache_load (fixture, cache, "a", 1);
  async_assert_trace (fixture, "a");
  advance_to (fixture, 15);
  advance_to (fixture, 30);
  advance_to (fixture, 45);
  advance_to (fixture, 59.999999);
  async_assert_trace (fixture, "");
  advance_to (fixture, 60);
  async_assert_trace (fixture, "a");
  cache_assert_hit (cache, "a", 2);
  advance_to (fixture, 75);
  async_assert_trace (fixture, "");
  g_assert_finalize_object (cache);
}

static void
test_error_of_get (AsyncFixture  *fixture,
                   gconstpointer  data G_GNUC_UNUSED)
{
  AsabRefreshCache *cache = cache_new_loading ();

  cache_set_processor (cache, 60, 15);
  cache_load (fixture, cache, "a", 1);
  asab_refresh_cache_set_default_loader (cache, cache_fail_to_load, NULL, NULL);
  async_advance (fixture, 50);
  async_assert_trace (fixture, "a");
  cache_assert_hit (cache, "a", 1);
  async_run_ready (fixture);
  async_assert_trace (fixture, "![single: no a today]");
  cache_assert_hit (cache, "a", 1);
  async_run_ready (fixture);
  async_assert_trace (fixture, "![single: no a today]");
  g_assert_finalize_object (cache);
}

static void
test_errors_of_batch (AsyncFixture  *fixture,
                      gconstpointer  data G_GNUC_UNUSED)
{
  AsabRefreshCache *cache = cache_new_loading ();

  cache_set_processor (cache, 60, 15);
  asab_refresh_cache_start (cache);
  cache_load (fixture, cache, "c", 1);
  cache_load (fixture, cache, "a", 2);
  cache_load (fixture, cache, "b", 3);
  async_assert_trace (fixture, "cab");
  asab_refresh_cache_register_loader (cache, "a", cache_fail_to_load, NULL, NULL);
  asab_refresh_cache_register_loader (cache, "c", cache_fail_to_load, NULL, NULL);
  advance_to (fixture, 45);
  async_assert_trace (fixture, "");
  advance_to (fixture, 60);
  async_assert_trace (fixture, "!!b[batch: no c today][batch: no a today]");
  cache_assert_hit (cache, "a", 2);
  cache_assert_hit (cache, "b", 4);
  async_run_ready (fixture);
  async_assert_trace (fixture, "![single: no a today]");

  /* The loop goes on, also with what has expired. */
  advance_to (fixture, 75);
  async_assert_trace (fixture, "!![batch: no c today][batch: no a today]");
  g_assert_finalize_object (cache);
}

static AsabFuture *
process_for_long (const GError *error G_GNUC_UNUSED,
                  gboolean      was_batched G_GNUC_UNUSED,
                  gpointer      user_data G_GNUC_UNUSED)
{
  async_trace ("[");

  return asab_sleep (40);
}

static AsabFuture *
fail_to_process (const GError *error,
                 gboolean      was_batched,
                 gpointer      cache)
{
  AsabFuture *failed = asab_refresh_cache_get_failed ();
  g_autoptr(GError) own_error = asab_future_dup_error (failed);

  g_assert_cmpstr (own_error->message, ==, error->message);
  g_assert_cmpint (was_batched, ==, asab_refresh_cache_get_running (cache));

  return asab_future_new_rejected (error);
}

/* The next turn waits for the processor, and then keeps to the raster. */
static void
test_slow_processor (AsyncFixture  *fixture,
                     gconstpointer  data G_GNUC_UNUSED)
{
  AsabRefreshCache *cache = cache_new_loading ();

  g_assert_true (asab_refresh_cache_configure (cache, 60, 15, process_for_long, NULL, NULL, NULL));
  asab_refresh_cache_start (cache);
  cache_load (fixture, cache, "a", 1);
  asab_refresh_cache_set_default_loader (cache, cache_fail_to_load, NULL, NULL);
  async_assert_trace (fixture, "a");
  advance_to (fixture, 60);
  async_assert_trace (fixture, "![");
  advance_to (fixture, 99);
  async_assert_trace (fixture, "");
  advance_to (fixture, 100);
  advance_to (fixture, 104.9);
  async_assert_trace (fixture, "");
  advance_to (fixture, 105);
  async_assert_trace (fixture, "![");
  g_assert_finalize_object (cache);
  async_advance (fixture, 40);
}

static void
test_failing_processor (AsyncFixture  *fixture,
                        gconstpointer  data G_GNUC_UNUSED)
{
  AsabRefreshCache *cache = cache_new_loading ();
  g_autoptr(AsabFuture) refreshed = NULL;

  g_assert_true (asab_refresh_cache_configure (cache, 60, 15, fail_to_process, cache, NULL, NULL));
  cache_load (fixture, cache, "a", 1);
  asab_refresh_cache_set_default_loader (cache, cache_fail_to_load, NULL, NULL);
  refreshed = asab_refresh_cache_refresh_item (cache, "a");
  async_run_ready (fixture);
  g_assert_true (asab_future_is_resolved (refreshed));
  async_assert_log (fixture, "*error processor*no a today*");

  asab_refresh_cache_start (cache);
  async_advance (fixture, 60);
  async_assert_log (fixture, "*error processor*no a today*");
  async_advance (fixture, 15);
  async_assert_log (fixture, "*error processor*no a today*");
  g_assert_null (asab_refresh_cache_get_failed ());
  g_assert_finalize_object (cache);
}

static void
test_no_processor (AsyncFixture  *fixture,
                   gconstpointer  data G_GNUC_UNUSED)
{
  AsabRefreshCache *cache = cache_new_loading ();
  g_autoptr(AsabFuture) refreshed = NULL;

  cache_load (fixture, cache, "a", 1);
  asab_refresh_cache_set_default_loader (cache, cache_fail_to_load, NULL, NULL);
  refreshed = asab_refresh_cache_refresh_item (cache, "a");
  async_run_ready (fixture);
  g_assert_true (asab_future_is_resolved (refreshed));
  async_assert_log (fixture, "*no a today*");
  g_assert_finalize_object (cache);
}

typedef AsabRefreshCache OwnCache;
typedef AsabRefreshCacheClass OwnCacheClass;

static GType own_cache_get_type (void);

G_DEFINE_TYPE (OwnCache, own_cache, ASAB_TYPE_REFRESH_CACHE)

static AsabFuture *
own_cache_process_error (AsabRefreshCache *cache G_GNUC_UNUSED,
                         const GError     *error,
                         gboolean          was_batched)
{
  async_trace ("own ");

  return cache_trace_error (error, was_batched, NULL);
}

static void
own_cache_class_init (OwnCacheClass *klass)
{
  klass->process_error = own_cache_process_error;
}

static void
own_cache_init (OwnCache *self G_GNUC_UNUSED)
{
}

/* A processor comes before the class, until it is taken away. */
static void
test_subclass (AsyncFixture  *fixture,
               gconstpointer  data G_GNUC_UNUSED)
{
  AsabRefreshCache *cache = g_object_new (own_cache_get_type (), "ttl", 20.0, "refresh", 10.0, NULL);
  g_autoptr(AsabFuture) loaded = NULL;
  g_autoptr(AsabFuture) first = NULL;
  g_autoptr(AsabFuture) second = NULL;
  g_autoptr(AsabFuture) third = NULL;

  asab_refresh_cache_set_default_loader (cache, cache_load_nothing, NULL, NULL);
  loaded = asab_refresh_cache_load_item (cache, "a");
  async_run_ready (fixture);
  asab_refresh_cache_set_default_loader (cache, cache_fail_to_load, NULL, NULL);

  first = asab_refresh_cache_refresh_item (cache, "a");
  async_run_ready (fixture);
  async_assert_trace (fixture, "!own [single: no a today]");
  cache_set_processor (cache, 20, 10);
  second = asab_refresh_cache_refresh_item (cache, "a");
  async_run_ready (fixture);
  async_assert_trace (fixture, "![single: no a today]");
  g_assert_true (asab_refresh_cache_configure (cache, 20, 10, NULL, NULL, NULL, NULL));
  third = asab_refresh_cache_refresh_item (cache, "a");
  async_run_ready (fixture);
  async_assert_trace (fixture, "!own [single: no a today]");
  g_assert_finalize_object (cache);
}

static void
test_refresh_item (AsyncFixture  *fixture,
                   gconstpointer  data G_GNUC_UNUSED)
{
  AsabRefreshCache *cache = cache_new_with (cache_load_later);
  g_autoptr(AsabFuture) absent = asab_refresh_cache_refresh_item (cache, "a");
  g_autoptr(AsabFuture) loading = NULL;
  g_autoptr(AsabFuture) first = NULL;
  g_autoptr(AsabFuture) second = NULL;

  g_assert_true (asab_future_is_resolved (absent));
  async_run_ready (fixture);
  async_assert_trace (fixture, "");

  loading = asab_refresh_cache_load_item (cache, "a");
  async_advance (fixture, 5);
  first = asab_refresh_cache_refresh_item (cache, "a");
  second = asab_refresh_cache_refresh_item (cache, "a");
  g_assert_true (asab_future_is_resolved (second)); /* it is being loaded */
  async_run_ready (fixture);
  g_assert_false (asab_future_is_done (first));
  cache_assert_hit (cache, "a", 1);
  async_advance (fixture, 5);
  g_assert_true (asab_future_is_resolved (first));
  cache_assert_hit (cache, "a", 2);
  async_assert_trace (fixture, "aa");

  asab_refresh_cache_set_default_loader (cache, NULL, NULL, NULL);
  g_clear_pointer (&first, asab_future_unref);
  first = asab_refresh_cache_refresh_item (cache, "a");
  g_assert_true (asab_future_is_resolved (first));
  g_assert_finalize_object (cache);
}

/* Whoever asks while an expired entry is refreshed waits for that, gets its error, and so does the processor. */
static void
test_join_refresh (AsyncFixture  *fixture,
                   gconstpointer  data G_GNUC_UNUSED)
{
  AsabRefreshCache *cache = cache_new_loading ();
  g_autoptr(AsabFuture) refreshed = NULL;
  g_autoptr(AsabFuture) value = NULL;

  cache_set_processor (cache, 60, 15);
  cache_load (fixture, cache, "a", 1);
  asab_refresh_cache_set_default_loader (cache, cache_fail_to_load, NULL, NULL);
  async_advance (fixture, 61);
  refreshed = asab_refresh_cache_refresh_item (cache, "a");
  value = asab_refresh_cache_get (cache, "a");
  async_run_ready (fixture);
  async_assert_trace (fixture, "a![single: no a today]");
  g_assert_true (asab_future_is_resolved (refreshed));
  async_assert_error (value, G_IO_ERROR, G_IO_ERROR_FAILED);
  g_assert_finalize_object (cache);
}

static void
test_configure_loop (AsyncFixture  *fixture,
                     gconstpointer  data G_GNUC_UNUSED)
{
  AsabRefreshCache *cache = cache_new_loading ();

  asab_refresh_cache_start (cache);
  cache_load (fixture, cache, "a", 1);
  advance_to (fixture, 14);
  async_assert_trace (fixture, "a");
  cache_set_processor (cache, 10, 1);
  advance_to (fixture, 14.9);
  async_assert_trace (fixture, "");
  advance_to (fixture, 15);
  async_assert_trace (fixture, "a");
  advance_to (fixture, 24);
  async_assert_trace (fixture, "");
  advance_to (fixture, 25);
  async_assert_trace (fixture, "a");

  /* Nothing to do for the loop, until there is again. */
  cache_set_processor (cache, 10, 0);
  advance_to (fixture, 100);
  cache_set_processor (cache, INFINITY, 1);
  advance_to (fixture, 200);
  async_assert_trace (fixture, "");
  cache_set_processor (cache, 10, 1);
  advance_to (fixture, 201);
  async_assert_trace (fixture, "a");
  g_assert_finalize_object (cache);
}

static void
test_start_and_stop (AsyncFixture  *fixture,
                     gconstpointer  data G_GNUC_UNUSED)
{
  AsabRefreshCache *cache = cache_new_loading ();

  g_signal_connect (cache, "notify::running", G_CALLBACK (cache_trace_notify_cb), NULL);
  stop (fixture, cache);
  g_assert_false (asab_refresh_cache_get_running (cache));
  async_assert_trace (fixture, "");
  asab_refresh_cache_start (cache);
  asab_refresh_cache_start (cache);
  g_assert_true (asab_refresh_cache_get_running (cache));
  async_assert_trace (fixture, "(running)");
  cache_load (fixture, cache, "a", 1);
  advance_to (fixture, 60);
  async_assert_trace (fixture, "aa");

  stop (fixture, cache);
  g_assert_false (asab_refresh_cache_get_running (cache));
  async_assert_trace (fixture, "(running)");
  advance_to (fixture, 1000);
  async_assert_trace (fixture, "");
  g_assert_true (asab_refresh_cache_contains (cache, "a"));
  cache_load (fixture, cache, "a", 3);

  asab_refresh_cache_start (cache);
  async_assert_trace (fixture, "a(running)");
  async_advance (fixture, 60);
  async_assert_trace (fixture, "a");
  g_assert_finalize_object (cache);
}

/* What nobody waits for is cancelled, and waited for; the rest goes on. */
static void
test_stop_during_batch (AsyncFixture  *fixture,
                        gconstpointer  data G_GNUC_UNUSED)
{
  AsabRefreshCache *cache = cache_new_loading ();
  g_autoptr(AsabFuture) joined = NULL;
  g_autoptr(AsabFuture) missed = NULL;
  g_autoptr(AsabFuture) stopped = NULL;
  g_autoptr(AsabFuture) again = NULL;

  cache_set_processor (cache, 50, 15);
  cache_load (fixture, cache, "a", 1);
  cache_load (fixture, cache, "b", 2);
  asab_refresh_cache_set_default_loader (cache, cache_load_later, NULL, NULL);
  asab_refresh_cache_start (cache);
  async_assert_trace (fixture, "ab");
  async_advance (fixture, 100);
  async_assert_trace (fixture, "ab");
  joined = asab_refresh_cache_get (cache, "b");
  missed = asab_refresh_cache_get (cache, "c");
  async_run_ready (fixture);
  async_assert_trace (fixture, "c");

  stopped = asab_refresh_cache_stop (cache);
  again = asab_refresh_cache_stop (cache);
  g_assert_false (asab_future_is_done (stopped));
  async_run_ready (fixture);
  async_assert_trace (fixture, "-a");
  g_assert_true (asab_future_is_resolved (stopped));
  g_assert_true (asab_future_is_resolved (again));
  g_assert_false (asab_future_is_done (joined));
  async_advance (fixture, 5);
  g_assert_cmpint (asab_future_get_int64 (joined, NULL), ==, 4);
  g_assert_cmpint (asab_future_get_int64 (missed, NULL), ==, 5);
  async_assert_trace (fixture, "");
  g_assert_finalize_object (cache);
}

/* A refresh that has not begun yet never does. */
static void
test_stop_at_once (AsyncFixture  *fixture,
                   gconstpointer  data G_GNUC_UNUSED)
{
  AsabRefreshCache *cache = cache_new_loading ();
  g_autoptr(AsabFuture) refreshed = NULL;

  cache_load (fixture, cache, "a", 1);
  async_assert_trace (fixture, "a");
  refreshed = asab_refresh_cache_refresh_item (cache, "a");
  stop (fixture, cache);
  g_assert_true (asab_future_is_resolved (refreshed));
  async_assert_trace (fixture, "");
  cache_assert_hit (cache, "a", 1);
  g_assert_finalize_object (cache);
}

/* Turns that were missed are not made up for; the next one is when it would have been. */
static void
test_late_turn (AsyncFixture  *fixture,
                gconstpointer  data G_GNUC_UNUSED)
{
  AsabRefreshCache *cache = cache_new_loading ();

  asab_refresh_cache_start (cache);
  cache_load (fixture, cache, "a", 1);
  advance_to (fixture, 1000);
  async_assert_trace (fixture, "aa");
  advance_to (fixture, 1045);
  advance_to (fixture, 1049.9);
  async_assert_trace (fixture, "");
  advance_to (fixture, 1050);
  async_assert_trace (fixture, "a");
  g_assert_finalize_object (cache);
}

/* The loop as a task: two who run it share it, cancelling ends it, and so does the end of the cache. */
static void
test_refresh_loop (AsyncFixture  *fixture,
                   gconstpointer  data G_GNUC_UNUSED)
{
  AsabRefreshCache *cache = cache_new_loading ();
  g_autoptr(AsabFuture) first = asab_refresh_cache_refresh_loop (cache);
  g_autoptr(AsabFuture) second = asab_refresh_cache_refresh_loop (cache);
  g_autoptr(AsabFuture) third = NULL;
  g_autoptr(AsabFuture) fourth = NULL;

  g_assert_true (asab_refresh_cache_get_running (cache));
  cache_load (fixture, cache, "a", 1);
  advance_to (fixture, 60);
  async_assert_trace (fixture, "aa");
  g_assert_false (asab_future_is_done (first));

  asab_future_cancel (second);
  async_run_ready (fixture);
  async_assert_error (first, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_false (asab_refresh_cache_get_running (cache));

  third = asab_refresh_cache_refresh_loop (cache);
  g_assert_true (asab_refresh_cache_get_running (cache));
  stop (fixture, cache);
  async_assert_error (third, G_IO_ERROR, G_IO_ERROR_CANCELLED);

  fourth = asab_refresh_cache_refresh_loop (cache);
  g_assert_finalize_object (cache);
  async_assert_error (fourth, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static gboolean
use_context_fiber (gpointer   data,
                   GValue    *result G_GNUC_UNUSED,
                   GError   **error)
{
  AsabRefreshCache *cache = data;
  AsabAsyncContext *context = ASAB_ASYNC_CONTEXT (cache);

  if (!asab_await (ASAB_TEMP (asab_async_context_enter (context)), error))
    return FALSE;
  g_assert_true (asab_refresh_cache_get_running (cache));
  g_assert_cmpint (asab_await_int64 (ASAB_TEMP (asab_refresh_cache_get (cache, "a")), error), ==, 1);
  if (!asab_await (ASAB_TEMP (asab_async_context_exit (context, NULL)), error))
    return FALSE;
  g_assert_false (asab_refresh_cache_get_running (cache));

  return TRUE;
}

static void
test_context (AsyncFixture  *fixture,
              gconstpointer  data G_GNUC_UNUSED)
{
  AsabRefreshCache *cache = cache_new_loading ();
  g_autoptr(AsabFuture) used = asab_spawn (use_context_fiber, cache, NULL);

  async_run_ready (fixture);
  g_assert_true (asab_future_is_resolved (used));
  g_assert_finalize_object (cache);
}

static void
add_tests (void)
{
  async_test_add ("/asab/refresh-cache/background/loop", test_loop);
  async_test_add ("/asab/refresh-cache/background/one-reload", test_one_reload);
  async_test_add ("/asab/refresh-cache/background/error-of-get", test_error_of_get);
  async_test_add ("/asab/refresh-cache/background/errors-of-batch", test_errors_of_batch);
  async_test_add ("/asab/refresh-cache/background/slow-processor", test_slow_processor);
  async_test_add ("/asab/refresh-cache/background/failing-processor", test_failing_processor);
  async_test_add ("/asab/refresh-cache/background/no-processor", test_no_processor);
  async_test_add ("/asab/refresh-cache/background/subclass", test_subclass);
  async_test_add ("/asab/refresh-cache/background/refresh-item", test_refresh_item);
  async_test_add ("/asab/refresh-cache/background/join-refresh", test_join_refresh);
  async_test_add ("/asab/refresh-cache/background/configure", test_configure_loop);
  async_test_add ("/asab/refresh-cache/background/start-and-stop", test_start_and_stop);
  async_test_add ("/asab/refresh-cache/background/stop-during-batch", test_stop_during_batch);
  async_test_add ("/asab/refresh-cache/background/stop-at-once", test_stop_at_once);
  async_test_add ("/asab/refresh-cache/background/late-turn", test_late_turn);
  async_test_add ("/asab/refresh-cache/background/refresh-loop", test_refresh_loop);
  async_test_add ("/asab/refresh-cache/background/context", test_context);
}

int
main (int   argc,
      char *argv[])
{
  return async_test_run (argc, argv, add_tests);
}
