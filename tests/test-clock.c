/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "async-fixture.h"

static void
test_time (AsyncFixture  *fixture,
           gconstpointer  data G_GNUC_UNUSED)
{
  g_assert_cmpint (asab_clock_get_time (fixture->clock), ==, 0);
  g_assert_cmpint (asab_get_time (), ==, 0);
  asab_clock_advance (fixture->clock, 1.5);
  asab_clock_advance (fixture->clock, 0);
  asab_clock_advance (fixture->clock, 0.000001);
  g_assert_cmpint (asab_get_time (), ==, 1500001);
}

static void
test_system (void)
{
  gint64 before = g_get_monotonic_time ();
  gint64 now = asab_get_time ();

  g_assert_cmpint (before, <=, now);
  g_assert_cmpint (now, <=, g_get_monotonic_time ());
}

static void
test_install (AsyncFixture  *fixture,
              gconstpointer  data G_GNUC_UNUSED)
{
  AsabClock *other = asab_clock_new ();

  asab_clock_advance (other, 5);
  asab_clock_install (other, fixture->context);
  asab_clock_install (other, fixture->context);
  g_assert_cmpint (asab_get_time (), ==, 5 * G_USEC_PER_SEC);

  /* It is not this one's context any more. */
  asab_clock_uninstall (fixture->clock, fixture->context);
  g_assert_cmpint (asab_get_time (), ==, 5 * G_USEC_PER_SEC);
  asab_clock_uninstall (other, fixture->context);
  g_assert_cmpint (asab_get_time (), >=, g_get_monotonic_time () - 60 * G_USEC_PER_SEC);
  g_assert_finalize_object (other);
}

static gpointer
advance_thread (gpointer data)
{
  asab_clock_advance (data, 1);

  return NULL;
}

/* A context that sleeps notices that its clock was moved. */
static void
test_wake_up (AsyncFixture  *fixture,
              gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabFuture) sleep = asab_sleep (1);
  GThread *thread = g_thread_new ("advance", advance_thread, fixture->clock);

  g_assert_true (asab_run_until_complete (sleep, NULL, NULL));
  g_thread_join (thread);
}

static void
test_shared (AsyncFixture  *fixture,
             gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(GMainContext) other = g_main_context_new ();
  g_autoptr(AsabFuture) here = asab_sleep (1);
  g_autoptr(AsabFuture) there = NULL;

  asab_clock_install (fixture->clock, other);
  g_main_context_push_thread_default (other);
  there = asab_sleep (1);
  g_main_context_pop_thread_default (other);

  async_advance (fixture, 1);
  g_assert_true (asab_future_is_resolved (here));
  g_assert_false (asab_future_is_done (there));
  while (g_main_context_iteration (other, FALSE))
    ;
  g_assert_true (asab_future_is_resolved (there));
}

static void
add_tests (void)
{
  async_test_add ("/asab/clock/time", test_time);
  g_test_add_func ("/asab/clock/system", test_system);
  async_test_add ("/asab/clock/install", test_install);
  async_test_add ("/asab/clock/wake-up", test_wake_up);
  async_test_add ("/asab/clock/shared", test_shared);
}

int
main (int    argc,
      char **argv)
{
  return async_test_run (argc, argv, add_tests);
}
