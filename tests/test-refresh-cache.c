/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cache-fixture.h"

static void
assert_state (AsabRefreshCache *cache,
              const char       *key,
              double            time_past,
              gboolean          should_refresh,
              gboolean          is_expired)
{
  g_autoptr(GError) error = NULL;

  g_assert_true (asab_refresh_cache_contains (cache, key));
  g_assert_cmpfloat (asab_refresh_cache_time_past (cache, key, &error), ==, time_past);
  g_assert_no_error (error);
  g_assert_cmpint (asab_refresh_cache_should_refresh (cache, key), ==, should_refresh);
  g_assert_cmpint (asab_refresh_cache_is_expired (cache, key, &error), ==, is_expired);
  g_assert_no_error (error);
}

static void
test_miss (AsyncFixture  *fixture,
           gconstpointer  data G_GNUC_UNUSED)
{
  AsabRefreshCache *cache = cache_new_loading ();
  g_autoptr(AsabFuture) future = asab_refresh_cache_get (cache, "a");

  async_assert_trace (fixture, ""); /* not called from there */
  async_run_ready (fixture);
  async_assert_int (future, 1);
  async_assert_trace (fixture, "a");
  assert_state (cache, "a", 0, FALSE, FALSE);

  cache_assert_hit (cache, "a", 1);
  g_assert_finalize_object (cache);
}

static void
test_join (AsyncFixture  *fixture,
           gconstpointer  data G_GNUC_UNUSED)
{
  AsabRefreshCache *cache = cache_new_loading ();
  AsabFuture *futures[10];
  const char *names[] = { "0", "1", "2", "3", "4", "5", "6", "7", "8", "9" };

  for (guint i = 0; i < G_N_ELEMENTS (futures); i++)
    {
      futures[i] = asab_refresh_cache_get (cache, "a");
      async_trace_done (futures[i], names[i]);
    }
  async_run_ready (fixture);
  async_assert_trace (fixture, "a0123456789");
  for (guint i = 0; i < G_N_ELEMENTS (futures); i++)
    {
      async_assert_int (futures[i], 1);
      asab_future_unref (futures[i]);
    }
  g_assert_finalize_object (cache);
}

static void
test_window (AsyncFixture  *fixture,
             gconstpointer  data G_GNUC_UNUSED)
{
  AsabRefreshCache *cache = cache_new_loading ();

  cache_load (fixture, cache, "a", 1);
  async_advance (fixture, 45);
  assert_state (cache, "a", 45, FALSE, FALSE);
  async_advance (fixture, 0.1);
  assert_state (cache, "a", 45.1, TRUE, FALSE);
  async_assert_trace (fixture, "a");

  async_advance (fixture, 4.9);
  cache_assert_hit (cache, "a", 1);
  async_assert_trace (fixture, "");
  async_run_ready (fixture);
  async_assert_trace (fixture, "a");
  assert_state (cache, "a", 0, FALSE, FALSE);
  cache_assert_hit (cache, "a", 2);
  g_assert_finalize_object (cache);
}

static void
test_expired (AsyncFixture  *fixture,
              gconstpointer  data G_GNUC_UNUSED)
{
  AsabRefreshCache *cache = cache_new_loading ();

  cache_load (fixture, cache, "a", 1);
  async_advance (fixture, 60);
  assert_state (cache, "a", 60, TRUE, FALSE);
  async_advance (fixture, 0.1);
  assert_state (cache, "a", 60.1, TRUE, TRUE);
  cache_load (fixture, cache, "a", 2);
  g_assert_finalize_object (cache);
}

/* An expired value is not served, however the load ends. */
static void
test_load_fails (AsyncFixture  *fixture,
                 gconstpointer  data G_GNUC_UNUSED)
{
  AsabRefreshCache *cache = cache_new_with (cache_fail_to_load);
  g_autoptr(AsabFuture) first = asab_refresh_cache_get (cache, "a");
  g_autoptr(AsabFuture) second = NULL;
  g_autoptr(AsabFuture) third = NULL;

  cache_set_processor (cache, 60, 15);
  async_run_ready (fixture);
  async_assert_error (first, G_IO_ERROR, G_IO_ERROR_FAILED);
  g_assert_false (asab_refresh_cache_contains (cache, "a"));
  async_assert_trace (fixture, "!");

  second = asab_refresh_cache_get (cache, "a");
  async_run_ready (fixture);
  async_assert_error (second, G_IO_ERROR, G_IO_ERROR_FAILED);
  async_assert_trace (fixture, "!");

  asab_refresh_cache_set_default_loader (cache, cache_load_next, NULL, NULL);
  cache_load (fixture, cache, "a", 1);
  asab_refresh_cache_set_default_loader (cache, cache_fail_to_load, NULL, NULL);
  async_advance (fixture, 61);
  third = asab_refresh_cache_get (cache, "a");
  async_run_ready (fixture);
  async_assert_error (third, G_IO_ERROR, G_IO_ERROR_FAILED);
  assert_state (cache, "a", 61, TRUE, TRUE);
  async_assert_trace (fixture, "a!");
  g_assert_finalize_object (cache);
}

static void
test_loaders (AsyncFixture  *fixture,
              gconstpointer  data G_GNUC_UNUSED)
{
  AsabRefreshCache *cache = cache_new_with (NULL);
  g_autoptr(AsabFuture) none = asab_refresh_cache_get (cache, "a");
  g_autoptr(AsabFuture) no_load = asab_refresh_cache_load_item (cache, "a");
  g_autoptr(AsabFuture) given = NULL;
  g_autoptr(AsabFuture) removed = NULL;
  g_autoptr(GError) error = NULL;

  async_assert_error (none, ASAB_ERROR, ASAB_ERROR_NO_LOADER);
  async_assert_error (no_load, ASAB_ERROR, ASAB_ERROR_NO_LOADER);
  g_assert_false (asab_refresh_cache_has_loader (cache, "a", &error));
  g_assert_error (error, ASAB_ERROR, ASAB_ERROR_NO_LOADER);
  g_assert_nonnull (strstr (error->message, "“a”"));

  given = asab_refresh_cache_get_with_loader (cache, "a", cache_load_constant, GINT_TO_POINTER (7), NULL);
  async_run_ready (fixture);
  async_assert_int (given, 7);
  g_assert_true (asab_refresh_cache_has_loader (cache, "a", NULL));
  g_assert_false (asab_refresh_cache_has_loader (cache, "b", NULL));

  /* It stays, is better than the default one, and is another's when it is replaced. */
  asab_refresh_cache_set_default_loader (cache, cache_load_next, NULL, NULL);
  g_assert_true (asab_refresh_cache_has_loader (cache, "b", NULL));
  g_assert_false (asab_refresh_cache_contains (cache, "b"));
  async_advance (fixture, 61);
  cache_load (fixture, cache, "a", 7);
  async_advance (fixture, 61);
  asab_refresh_cache_register_loader (cache, "a", cache_load_constant, GINT_TO_POINTER (8), NULL);
  async_run_ready (fixture);
  g_assert_true (asab_refresh_cache_is_expired (cache, "a", NULL));
  cache_load (fixture, cache, "a", 8);
  asab_refresh_cache_register_loader (cache, "a", NULL, NULL, NULL);
  removed = asab_refresh_cache_get_with_loader (cache, "a", NULL, NULL, NULL);
  async_assert_int (removed, 8);
  async_advance (fixture, 61);
  cache_load (fixture, cache, "a", 1);
  g_assert_finalize_object (cache);
}

static void
test_loader_data (AsyncFixture  *fixture,
                  gconstpointer  data G_GNUC_UNUSED)
{
  AsabRefreshCache *cache = cache_new_with (NULL);
  g_autoptr(AsabFuture) future = NULL;

  asab_refresh_cache_set_default_loader (cache, cache_load_constant, (gpointer) "A", cache_trace_destroyed);
  asab_refresh_cache_set_default_loader (cache, cache_load_constant, (gpointer) "B", cache_trace_destroyed);
  async_assert_trace (fixture, "~A");
  asab_refresh_cache_register_loader (cache, "a", cache_load_constant, (gpointer) "C", cache_trace_destroyed);
  future = asab_refresh_cache_get (cache, "a");
  asab_refresh_cache_register_loader (cache, "a", cache_load_constant, (gpointer) "D", cache_trace_destroyed);
  async_assert_trace (fixture, ""); /* it is still to be called */
  async_run_ready (fixture);
  async_assert_trace (fixture, "~C");
  asab_refresh_cache_register_loader (cache, "a", NULL, NULL, NULL);
  async_assert_trace (fixture, "~D");
  g_assert_true (asab_refresh_cache_configure (cache, 1, 0, cache_trace_error, (gpointer) "E", cache_trace_destroyed,
                                               NULL));
  g_assert_true (asab_refresh_cache_configure (cache, 1, 0, NULL, NULL, NULL, NULL));
  async_assert_trace (fixture, "~E");
  g_assert_finalize_object (cache);
  async_assert_trace (fixture, "~B");
}

static void
test_invalidate (AsyncFixture  *fixture,
                 gconstpointer  data G_GNUC_UNUSED)
{
  AsabRefreshCache *cache = cache_new_loading ();
  g_autoptr(AsabFuture) absent = asab_refresh_cache_invalidate (cache, "a");
  g_autoptr(AsabFuture) present = NULL;
  g_autoptr(AsabFuture) expired = NULL;
  GError *error = NULL;

  g_assert_null (asab_future_get_value (absent, &error));
  g_assert_no_error (error);

  cache_load (fixture, cache, "a", 1);
  present = asab_refresh_cache_invalidate (cache, "a");
  async_assert_int (present, 1);
  g_assert_false (asab_refresh_cache_contains (cache, "a"));
  g_assert_true (asab_refresh_cache_has_loader (cache, "a", NULL));

  cache_load (fixture, cache, "a", 2);
  async_advance (fixture, 100);
  expired = asab_refresh_cache_invalidate (cache, "a");
  async_assert_int (expired, 2);
  g_assert_finalize_object (cache);
}

/* Who waits gets the value, but it is not stored; who asks afterwards gets a newer one. */
static void
test_invalidate_during_load (AsyncFixture  *fixture,
                             gconstpointer  data G_GNUC_UNUSED)
{
  AsabRefreshCache *cache = cache_new_with (cache_load_later);
  g_autoptr(AsabFuture) early = asab_refresh_cache_get (cache, "a");
  g_autoptr(AsabFuture) late = NULL;
  g_autoptr(AsabFuture) invalidated = NULL;

  async_run_ready (fixture);
  invalidated = asab_refresh_cache_invalidate (cache, "a");
  g_assert_null (asab_future_get_value (invalidated, NULL));
  late = asab_refresh_cache_get (cache, "a");
  async_advance (fixture, 5);
  async_assert_int (early, 1);
  async_assert_int (late, 2);
  cache_assert_hit (cache, "a", 2);

  g_clear_pointer (&early, asab_future_unref);
  early = asab_refresh_cache_load_item (cache, "a");
  async_run_ready (fixture);
  g_clear_pointer (&invalidated, asab_future_unref);
  invalidated = asab_refresh_cache_clear (cache);
  g_assert_true (asab_future_is_resolved (invalidated));
  async_advance (fixture, 5);
  g_assert_true (asab_future_is_resolved (early));
  g_assert_false (asab_refresh_cache_contains (cache, "a"));
  g_assert_finalize_object (cache);
}

static void
test_clear (AsyncFixture  *fixture,
            gconstpointer  data G_GNUC_UNUSED)
{
  AsabRefreshCache *cache = cache_new_loading ();
  g_autoptr(AsabFuture) cleared = NULL;

  cache_load (fixture, cache, "a", 1);
  cache_load (fixture, cache, "b", 2);
  cleared = asab_refresh_cache_clear (cache);
  g_assert_true (asab_future_is_resolved (cleared));
  g_assert_false (asab_refresh_cache_contains (cache, "a"));
  g_assert_false (asab_refresh_cache_contains (cache, "b"));
  cache_load (fixture, cache, "a", 3);
  g_assert_finalize_object (cache);
}

static void
test_absent (AsyncFixture  *fixture G_GNUC_UNUSED,
             gconstpointer  data G_GNUC_UNUSED)
{
  AsabRefreshCache *cache = cache_new_loading ();
  g_autoptr(GError) error = NULL;

  g_assert_cmpfloat (asab_refresh_cache_time_past (cache, "a", &error), ==, 0);
  g_assert_error (error, ASAB_ERROR, ASAB_ERROR_NO_SUCH_KEY);
  g_clear_error (&error);
  g_assert_false (asab_refresh_cache_is_expired (cache, "a", &error));
  g_assert_error (error, ASAB_ERROR, ASAB_ERROR_NO_SUCH_KEY);
  g_assert_false (asab_refresh_cache_should_refresh (cache, "a"));
  g_assert_false (asab_refresh_cache_contains (cache, "a"));
  g_assert_finalize_object (cache);
}

/* The age counts from the end of the load. */
static void
test_time_of_load (AsyncFixture  *fixture,
                   gconstpointer  data G_GNUC_UNUSED)
{
  AsabRefreshCache *cache = cache_new_with (cache_load_later);
  g_autoptr(AsabFuture) future = asab_refresh_cache_get (cache, "a");

  async_advance (fixture, 5);
  async_assert_int (future, 1);
  assert_state (cache, "a", 0, FALSE, FALSE);
  g_assert_finalize_object (cache);
}

static void
test_load_item (AsyncFixture  *fixture,
                gconstpointer  data G_GNUC_UNUSED)
{
  AsabRefreshCache *cache = cache_new_with (cache_load_later);
  g_autoptr(AsabFuture) first = asab_refresh_cache_load_item (cache, "a");
  g_autoptr(AsabFuture) second = asab_refresh_cache_load_item (cache, "a");
  g_autoptr(AsabFuture) value = asab_refresh_cache_get (cache, "a");
  g_autoptr(AsabFuture) again = NULL;
  g_autoptr(GError) error = NULL;

  async_advance (fixture, 5);
  g_assert_null (asab_future_get_value (first, &error));
  g_assert_no_error (error);
  g_assert_true (asab_future_is_resolved (second));
  async_assert_int (value, 1);

  again = asab_refresh_cache_load_item (cache, "a");
  async_advance (fixture, 5);
  g_assert_true (asab_future_is_resolved (again));
  cache_assert_hit (cache, "a", 2);
  g_assert_finalize_object (cache);
}

static void
test_void_value (AsyncFixture  *fixture,
                 gconstpointer  data G_GNUC_UNUSED)
{
  AsabRefreshCache *cache = cache_new_with (cache_load_nothing);
  g_autoptr(AsabFuture) miss = asab_refresh_cache_get (cache, "a");
  g_autoptr(AsabFuture) hit = NULL;
  g_autoptr(GError) error = NULL;

  async_run_ready (fixture);
  g_assert_null (asab_future_get_value (miss, &error));
  g_assert_no_error (error);
  hit = asab_refresh_cache_get (cache, "a");
  g_assert_true (asab_future_is_resolved (hit));
  g_assert_null (asab_future_get_value (hit, NULL));
  g_assert_finalize_object (cache);
}

static void
assert_times (AsabRefreshCache *cache,
              double            ttl,
              double            refresh)
{
  g_assert_cmpfloat (asab_refresh_cache_get_ttl (cache), ==, ttl);
  g_assert_cmpfloat (asab_refresh_cache_get_refresh (cache), ==, refresh);
}

static void
test_configure (AsyncFixture  *fixture,
                gconstpointer  data G_GNUC_UNUSED)
{
  AsabRefreshCache *cache = cache_use (g_object_new (ASAB_TYPE_REFRESH_CACHE, NULL), cache_load_next);

  assert_times (cache, 60, 15);
  cache_load (fixture, cache, "a", 1);
  async_advance (fixture, 3);

  /* For what is there too. */
  g_signal_connect (cache, "notify::ttl", G_CALLBACK (cache_trace_notify_cb), NULL);
  g_signal_connect (cache, "notify::refresh", G_CALLBACK (cache_trace_notify_cb), NULL);
  async_assert_trace (fixture, "a");
  g_assert_true (asab_refresh_cache_configure (cache, 0.1, 5, NULL, NULL, NULL, NULL));
  async_assert_trace (fixture, "(refresh)(ttl)");
  assert_times (cache, 5, 0.1);
  assert_state (cache, "a", 3, FALSE, FALSE);
  g_assert_true (asab_refresh_cache_configure (cache, 4, 2, NULL, NULL, NULL, NULL));
  assert_state (cache, "a", 3, TRUE, FALSE);
  g_assert_true (asab_refresh_cache_configure (cache, 2, 0, NULL, NULL, NULL, NULL));
  assert_state (cache, "a", 3, TRUE, TRUE);
  g_assert_true (asab_refresh_cache_configure (cache, INFINITY, INFINITY, NULL, NULL, NULL, NULL));
  assert_times (cache, INFINITY, INFINITY);
  async_advance (fixture, 1e9);
  assert_state (cache, "a", 1e9 + 3, FALSE, FALSE);
  g_assert_finalize_object (cache);
}

static void
test_refused_times (AsyncFixture  *fixture,
                    gconstpointer  data G_GNUC_UNUSED)
{
  const struct { double ttl, refresh; } times[] = {
    { -1, 15 }, { 60, -0.001 }, { NAN, 15 }, { 60, NAN }, { -INFINITY, 0 }, { NAN, NAN },
  };
  AsabRefreshCache *cache = asab_refresh_cache_new (15, 60, NULL);
  g_autoptr(GError) error = NULL;

  assert_times (cache, 60, 15);
  for (guint i = 0; i < G_N_ELEMENTS (times); i++)
    {
      g_assert_null (asab_refresh_cache_new (times[i].ttl, times[i].refresh, &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
      g_clear_error (&error);
      g_assert_false (asab_refresh_cache_configure (cache, times[i].ttl, times[i].refresh, cache_trace_error,
                                                    (gpointer) "A", cache_trace_destroyed, &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
      g_clear_error (&error);
      async_assert_trace (fixture, "~A");
      assert_times (cache, 60, 15);
    }
  g_assert_finalize_object (cache);
}

/* No time to live: each get loads, unless the clock stands still. */
static void
test_zero_times (AsyncFixture  *fixture,
                 gconstpointer  data G_GNUC_UNUSED)
{
  AsabRefreshCache *cache = cache_use (asab_refresh_cache_new (0, 0, NULL), cache_load_next);

  asab_refresh_cache_start (cache);
  cache_load (fixture, cache, "a", 1);
  cache_assert_hit (cache, "a", 1);
  async_advance (fixture, 0.000001);
  cache_load (fixture, cache, "a", 2);
  g_assert_finalize_object (cache);
}

static void
test_clock (AsyncFixture  *fixture,
            gconstpointer  data G_GNUC_UNUSED)
{
  AsabClock *clock = asab_clock_new ();
  AsabRefreshCache *cache = cache_use (g_object_new (ASAB_TYPE_REFRESH_CACHE, "clock", clock, NULL), cache_load_next);

  g_assert_true (asab_refresh_cache_get_clock (cache) == clock);
  cache_load (fixture, cache, "a", 1);
  async_advance (fixture, 100);
  assert_state (cache, "a", 0, FALSE, FALSE);
  asab_clock_advance (clock, 50);
  assert_state (cache, "a", 50, TRUE, FALSE);
  g_assert_finalize_object (cache);
  g_assert_finalize_object (clock);
}

static void
add_tests (void)
{
  async_test_add ("/asab/refresh-cache/miss", test_miss);
  async_test_add ("/asab/refresh-cache/join", test_join);
  async_test_add ("/asab/refresh-cache/window", test_window);
  async_test_add ("/asab/refresh-cache/expired", test_expired);
  async_test_add ("/asab/refresh-cache/load-fails", test_load_fails);
  async_test_add ("/asab/refresh-cache/loaders", test_loaders);
  async_test_add ("/asab/refresh-cache/loader-data", test_loader_data);
  async_test_add ("/asab/refresh-cache/invalidate", test_invalidate);
  async_test_add ("/asab/refresh-cache/invalidate-during-load", test_invalidate_during_load);
  async_test_add ("/asab/refresh-cache/clear", test_clear);
  async_test_add ("/asab/refresh-cache/absent", test_absent);
  async_test_add ("/asab/refresh-cache/time-of-load", test_time_of_load);
  async_test_add ("/asab/refresh-cache/load-item", test_load_item);
  async_test_add ("/asab/refresh-cache/void-value", test_void_value);
  async_test_add ("/asab/refresh-cache/configure", test_configure);
  async_test_add ("/asab/refresh-cache/refused-times", test_refused_times);
  async_test_add ("/asab/refresh-cache/zero-times", test_zero_times);
  async_test_add ("/asab/refresh-cache/clock", test_clock);
}

int
main (int   argc,
      char *argv[])
{
  return async_test_run (argc, argv, add_tests);
}
