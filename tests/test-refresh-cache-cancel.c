/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Callers who leave, loaders that misbehave, and caches that go while somebody waits. */

#include "cache-fixture.h"

static void
test_cancel (AsyncFixture  *fixture,
             gconstpointer  data G_GNUC_UNUSED)
{
  AsabRefreshCache *cache = cache_new_with (cache_load_later);
  g_autoptr(AsabFuture) first = asab_refresh_cache_get (cache, "a");
  g_autoptr(AsabFuture) second = asab_refresh_cache_get (cache, "a");

  async_run_ready (fixture);
  asab_future_cancel (first);
  async_run_ready (fixture);
  async_assert_trace (fixture, "a");
  async_advance (fixture, 5);
  g_assert_true (asab_future_is_cancelled (first));
  async_assert_int (second, 1);
  g_assert_finalize_object (cache);
}

static void
test_cancel_all (AsyncFixture  *fixture,
                 gconstpointer  data G_GNUC_UNUSED)
{
  AsabRefreshCache *cache = cache_new_with (cache_load_later);
  g_autoptr(AsabFuture) first = asab_refresh_cache_get (cache, "a");
  g_autoptr(AsabFuture) second = asab_refresh_cache_load_item (cache, "a");

  async_run_ready (fixture);
  asab_future_cancel (first);
  asab_future_cancel (second);
  async_run_ready (fixture);
  async_assert_trace (fixture, "a-a");
  g_assert_false (asab_refresh_cache_contains (cache, "a"));

  /* Another one begins afresh. */
  g_clear_pointer (&first, asab_future_unref);
  first = asab_refresh_cache_get (cache, "a");
  async_advance (fixture, 5);
  async_assert_int (first, 2);
  g_assert_finalize_object (cache);
}

static AsabFuture *
load_by_promise (const char  *key G_GNUC_UNUSED,
                 gpointer     user_data,
                 GError     **error G_GNUC_UNUSED)
{
  return asab_future_ref (asab_promise_get_future (user_data));
}

static void
test_cancellable_of_loader (AsyncFixture  *fixture,
                            gconstpointer  data G_GNUC_UNUSED)
{
  AsabRefreshCache *cache = cache_new_with (NULL);
  g_autoptr(AsabPromise) promise = asab_promise_new ();
  g_autoptr(AsabFuture) future =
    asab_refresh_cache_get_with_loader (cache, "a", load_by_promise, promise, NULL);

  async_run_ready (fixture);
  asab_future_cancel (future);
  g_assert_false (g_cancellable_is_cancelled (asab_promise_get_cancellable (promise)));
  async_run_ready (fixture);
  g_assert_true (g_cancellable_is_cancelled (asab_promise_get_cancellable (promise)));
  g_assert_finalize_object (cache);
}

/* Before the loader was called, which it then never is. */
static void
test_cancel_at_once (AsyncFixture  *fixture,
                     gconstpointer  data G_GNUC_UNUSED)
{
  AsabRefreshCache *cache = cache_new_loading ();
  g_autoptr(AsabFuture) future = asab_refresh_cache_get (cache, "a");

  asab_future_cancel (future);
  async_run_ready (fixture);
  g_assert_true (asab_future_is_cancelled (future));
  cache_load (fixture, cache, "b", 1);
  async_assert_trace (fixture, "b");
  g_assert_finalize_object (cache);
}

/* After the loader has ended, but before the cache knows. */
static void
test_cancel_at_last (AsyncFixture  *fixture,
                     gconstpointer  data G_GNUC_UNUSED)
{
  AsabRefreshCache *cache = cache_new_with (NULL);
  g_autoptr(AsabPromise) promise = asab_promise_new ();
  g_autoptr(AsabFuture) future =
    asab_refresh_cache_get_with_loader (cache, "a", load_by_promise, promise, NULL);

  async_run_ready (fixture);
  asab_promise_resolve_int64 (promise, 1);
  asab_future_cancel (future);
  async_run_ready (fixture);
  g_assert_true (asab_future_is_cancelled (future));
  cache_assert_hit (cache, "a", 1);
  g_assert_finalize_object (cache);
}

/* A refresh does not belong to those who wait for it. */
static void
test_cancel_refresh (AsyncFixture  *fixture,
                     gconstpointer  data G_GNUC_UNUSED)
{
  AsabRefreshCache *cache = cache_new_with (cache_load_later);
  g_autoptr(AsabFuture) loaded = asab_refresh_cache_load_item (cache, "a");
  g_autoptr(AsabFuture) refreshed = NULL;
  g_autoptr(AsabFuture) joined = NULL;

  async_advance (fixture, 5);
  g_assert_true (asab_future_is_resolved (loaded));
  refreshed = asab_refresh_cache_refresh_item (cache, "a");
  joined = asab_refresh_cache_load_item (cache, "a");
  async_run_ready (fixture);
  asab_future_cancel (refreshed);
  asab_future_cancel (joined);
  async_advance (fixture, 5);
  async_assert_trace (fixture, "aa");
  cache_assert_hit (cache, "a", 2);
  g_assert_finalize_object (cache);
}

/* A refresh that cancels itself is no error. */
static void
test_cancelled_refresh (AsyncFixture  *fixture,
                        gconstpointer  data G_GNUC_UNUSED)
{
  AsabRefreshCache *cache = cache_new_loading ();
  g_autoptr(AsabPromise) promise = asab_promise_new ();
  g_autoptr(AsabFuture) refreshed = NULL;

  cache_set_processor (cache, 60, 15);
  cache_load (fixture, cache, "a", 1);
  asab_refresh_cache_register_loader (cache, "a", load_by_promise, promise, NULL);
  refreshed = asab_refresh_cache_refresh_item (cache, "a");
  async_run_ready (fixture);
  asab_future_cancel (asab_promise_get_future (promise));
  async_run_ready (fixture);
  g_assert_true (asab_future_is_resolved (refreshed));
  async_assert_trace (fixture, "a");
  g_assert_finalize_object (cache);
}

static gboolean
get_fiber (gpointer   data,
           GValue    *result,
           GError   **error)
{
  const GValue *value = asab_await_value (ASAB_TEMP (asab_refresh_cache_get (data, "a")), error);

  if (value == NULL)
    return FALSE;

  g_value_init (result, G_VALUE_TYPE (value));
  g_value_copy (value, result);

  return TRUE;
}

/* A fiber that is cancelled leaves the load to others, and to itself. */
static void
test_cancel_fiber (AsyncFixture  *fixture,
                   gconstpointer  data G_GNUC_UNUSED)
{
  AsabRefreshCache *cache = cache_new_with (cache_load_later);
  g_autoptr(AsabFuture) first = asab_spawn (get_fiber, cache, NULL);
  g_autoptr(AsabFuture) second = asab_spawn (get_fiber, cache, NULL);

  async_run_ready (fixture);
  asab_future_cancel (first);
  async_run_ready (fixture);
  g_assert_true (asab_future_is_cancelled (first));
  async_advance (fixture, 5);
  async_assert_int (second, 1);
  g_assert_finalize_object (cache);
}

static void
test_finalize (AsyncFixture  *fixture,
               gconstpointer  data G_GNUC_UNUSED)
{
  AsabRefreshCache *cache = cache_new_with (cache_load_later);
  g_autoptr(AsabFuture) loaded = asab_refresh_cache_load_item (cache, "r");
  g_autoptr(AsabFuture) refreshed = NULL;
  g_autoptr(AsabFuture) first = NULL;
  g_autoptr(AsabFuture) second = NULL;
  g_autoptr(AsabFuture) outdated = NULL;
  g_autoptr(AsabFuture) fiber = NULL;
  g_autoptr(AsabFuture) late = NULL;

  async_advance (fixture, 5);
  g_assert_true (asab_future_is_resolved (loaded));
  asab_refresh_cache_start (cache);
  refreshed = asab_refresh_cache_refresh_item (cache, "r");
  outdated = asab_refresh_cache_get (cache, "o");
  asab_future_unref (asab_refresh_cache_invalidate (cache, "o"));
  first = asab_refresh_cache_get (cache, "a");
  second = asab_refresh_cache_load_item (cache, "a");
  fiber = asab_spawn (get_fiber, cache, NULL);
  async_run_ready (fixture);
  late = asab_refresh_cache_get (cache, "l");
  async_assert_trace (fixture, "rroa");
  g_assert_finalize_object (cache);
  async_assert_trace (fixture, ""); /* a garbage collector may be at work */

  async_run_ready (fixture);
  async_assert_trace (fixture, "-r-o-a");
  async_assert_error (refreshed, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  async_assert_error (outdated, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  async_assert_error (first, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  async_assert_error (second, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  async_assert_error (fiber, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  async_assert_error (late, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  async_advance (fixture, 1000);
  async_assert_trace (fixture, "");
}

/* Who waits for the end of the loop is not forgotten either. */
static void
test_finalize_while_stopping (AsyncFixture  *fixture,
                              gconstpointer  data G_GNUC_UNUSED)
{
  AsabRefreshCache *cache = cache_new_with (cache_load_later);
  g_autoptr(AsabFuture) loaded = asab_refresh_cache_load_item (cache, "a");
  g_autoptr(AsabFuture) refreshed = NULL;
  g_autoptr(AsabFuture) stopped = NULL;

  async_advance (fixture, 5);
  g_assert_true (asab_future_is_resolved (loaded));
  refreshed = asab_refresh_cache_refresh_item (cache, "a");
  async_run_ready (fixture);
  stopped = asab_refresh_cache_stop (cache);
  g_assert_finalize_object (cache);
  async_run_ready (fixture);
  g_assert_true (asab_future_is_resolved (stopped));
  async_assert_error (refreshed, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  async_assert_trace (fixture, "aa-a");
}

static AsabFuture *
load_and_drop_cache (const char  *key G_GNUC_UNUSED,
                     gpointer     user_data,
                     GError     **error G_GNUC_UNUSED)
{
  g_clear_object ((AsabRefreshCache **) user_data);

  return asab_sleep (INFINITY);
}

static void
test_loader_drops_cache (AsyncFixture  *fixture,
                         gconstpointer  data G_GNUC_UNUSED)
{
  AsabRefreshCache *cache = cache_new_with (NULL);
  g_autoptr(AsabFuture) future =
    asab_refresh_cache_get_with_loader (cache, "a", load_and_drop_cache, &cache, NULL);

  async_run_ready (fixture);
  g_assert_null (cache);
  async_assert_error (future, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* What a loader does with its own cache */

static AsabFuture *
load_by_itself (const char  *key,
                gpointer     cache,
                GError     **error G_GNUC_UNUSED)
{
  return asab_refresh_cache_get (cache, key);
}

static AsabFuture *
load_in_fiber (const char  *key G_GNUC_UNUSED,
               gpointer     cache,
               GError     **error G_GNUC_UNUSED)
{
  return asab_spawn (get_fiber, cache, NULL);
}

static void
test_deadlock (AsyncFixture  *fixture,
               gconstpointer  data G_GNUC_UNUSED)
{
  AsabRefreshCache *cache = cache_new_with (NULL);
  g_autoptr(AsabFuture) direct = asab_refresh_cache_get_with_loader (cache, "b", load_by_itself, cache, NULL);
  g_autoptr(AsabFuture) in_fiber = asab_refresh_cache_get_with_loader (cache, "a", load_in_fiber, cache, NULL);

  async_run_ready (fixture);
  async_assert_error (direct, ASAB_ERROR, ASAB_ERROR_DEADLOCK);
  async_assert_error (in_fiber, ASAB_ERROR, ASAB_ERROR_DEADLOCK);
  g_assert_finalize_object (cache);
}

/* The key of another is no problem. */
static void
test_loader_gets_other (AsyncFixture  *fixture,
                        gconstpointer  data G_GNUC_UNUSED)
{
  AsabRefreshCache *cache = cache_new_loading ();
  g_autoptr(AsabFuture) future = asab_refresh_cache_get_with_loader (cache, "b", load_in_fiber, cache, NULL);

  async_run_ready (fixture);
  async_assert_int (future, 1);
  cache_assert_hit (cache, "a", 1);
  cache_assert_hit (cache, "b", 1);
  g_assert_finalize_object (cache);
}

static AsabFuture *
load_and_invalidate (const char  *key,
                     gpointer     cache,
                     GError     **error G_GNUC_UNUSED)
{
  g_autoptr(AsabFuture) invalidated = asab_refresh_cache_invalidate (cache, key);

  g_assert_true (asab_future_is_resolved (invalidated));
  asab_refresh_cache_register_loader (cache, key, NULL, NULL, NULL);

  return async_new_int_future (5);
}

static void
test_loader_invalidates (AsyncFixture  *fixture,
                         gconstpointer  data G_GNUC_UNUSED)
{
  AsabRefreshCache *cache = cache_new_with (NULL);
  g_autoptr(AsabFuture) future = asab_refresh_cache_get_with_loader (cache, "a", load_and_invalidate, cache, NULL);

  async_run_ready (fixture);
  async_assert_int (future, 5);
  g_assert_false (asab_refresh_cache_contains (cache, "a"));
  g_assert_false (asab_refresh_cache_has_loader (cache, "a", NULL));
  g_assert_finalize_object (cache);
}

static AsabFuture *
break_promise (const char  *key G_GNUC_UNUSED,
               gpointer     user_data G_GNUC_UNUSED,
               GError     **error G_GNUC_UNUSED)
{
  g_autoptr(AsabPromise) promise = asab_promise_new ();

  return asab_future_ref (asab_promise_get_future (promise));
}

static AsabFuture *
fail_without_error (const char  *key G_GNUC_UNUSED,
                    gpointer     user_data G_GNUC_UNUSED,
                    GError     **error G_GNUC_UNUSED)
{
  g_autoptr(AsabPromise) promise = asab_promise_new ();

  asab_promise_take_error (promise, NULL);

  return asab_future_ref (asab_promise_get_future (promise));
}

static void
test_bad_loaders (AsyncFixture  *fixture,
                  gconstpointer  data G_GNUC_UNUSED)
{
  AsabRefreshCache *cache = cache_new_with (break_promise);
  g_autoptr(AsabFuture) broken = asab_refresh_cache_get (cache, "a");
  g_autoptr(AsabFuture) silent = asab_refresh_cache_get_with_loader (cache, "b", fail_without_error, NULL, NULL);

  async_run_ready (fixture);
  async_assert_error (broken, ASAB_ERROR, ASAB_ERROR_BROKEN_PROMISE);
  async_assert_error (silent, ASAB_ERROR, ASAB_ERROR_CALLBACK_FAILED);
  g_assert_false (asab_refresh_cache_contains (cache, "a"));
  g_assert_finalize_object (cache);
}

/* Whoever does not look at the error of a load is told so. */
static void
test_unhandled (AsyncFixture  *fixture,
                gconstpointer  data G_GNUC_UNUSED)
{
  AsabRefreshCache *cache = cache_new_with (cache_fail_to_load);

  asab_future_unref (asab_refresh_cache_get (cache, "a"));
  async_run_ready (fixture);
  async_assert_log (fixture, "*no a today*");
  g_assert_finalize_object (cache);
}

static void
add_tests (void)
{
  async_test_add ("/asab/refresh-cache/cancel/one", test_cancel);
  async_test_add ("/asab/refresh-cache/cancel/all", test_cancel_all);
  async_test_add ("/asab/refresh-cache/cancel/cancellable-of-loader", test_cancellable_of_loader);
  async_test_add ("/asab/refresh-cache/cancel/at-once", test_cancel_at_once);
  async_test_add ("/asab/refresh-cache/cancel/at-last", test_cancel_at_last);
  async_test_add ("/asab/refresh-cache/cancel/refresh", test_cancel_refresh);
  async_test_add ("/asab/refresh-cache/cancel/cancelled-refresh", test_cancelled_refresh);
  async_test_add ("/asab/refresh-cache/cancel/fiber", test_cancel_fiber);
  async_test_add ("/asab/refresh-cache/finalize/loads", test_finalize);
  async_test_add ("/asab/refresh-cache/finalize/stopping", test_finalize_while_stopping);
  async_test_add ("/asab/refresh-cache/finalize/loader", test_loader_drops_cache);
  async_test_add ("/asab/refresh-cache/loader/deadlock", test_deadlock);
  async_test_add ("/asab/refresh-cache/loader/gets-other", test_loader_gets_other);
  async_test_add ("/asab/refresh-cache/loader/invalidates", test_loader_invalidates);
  async_test_add ("/asab/refresh-cache/loader/fails", test_bad_loaders);
  async_test_add ("/asab/refresh-cache/loader/unhandled", test_unhandled);
}

int
main (int   argc,
      char *argv[])
{
  return async_test_run (argc, argv, add_tests);
}
