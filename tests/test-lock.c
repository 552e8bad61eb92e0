/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "async-fixture.h"

typedef struct
{
  AsabLock *lock;
  const char *name;
} Holder;

static gboolean
hold_and_yield (gpointer   data,
                GValue    *result G_GNUC_UNUSED,
                GError   **error)
{
  Holder *holder = data;
  g_auto(AsabLockGuard) guard = asab_lock_guard (holder->lock, error);

  if (guard.lock == NULL)
    return FALSE;

  async_trace (holder->name);
  if (!asab_fiber_sleep (1, error))
    return FALSE;
  async_trace (holder->name);

  return TRUE;
}

static void
test_acquire (AsyncFixture  *fixture,
              gconstpointer  data G_GNUC_UNUSED)
{
  AsabLock *lock = asab_lock_new ();
  g_autoptr(AsabFuture) first = asab_lock_acquire (lock);
  g_autoptr(AsabFuture) second = asab_lock_acquire (lock);

  g_assert_true (asab_lock_is_locked (lock));
  g_assert_true (asab_future_is_resolved (first));
  g_assert_false (asab_future_is_done (second));
  async_trace_done (second, "2");
  asab_lock_release (lock);
  g_assert_true (asab_lock_is_locked (lock));
  g_assert_true (asab_future_is_resolved (second));
  async_assert_trace (fixture, "");
  async_run_ready (fixture);
  async_assert_trace (fixture, "2");
  asab_lock_release (lock);
  g_assert_false (asab_lock_is_locked (lock));
  g_assert_finalize_object (lock);
}

/* Fibers and futures stand in one queue. */
static void
test_order (AsyncFixture  *fixture,
            gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabLock) lock = asab_lock_new ();
  Holder a = { lock, "A" }, b = { lock, "B" };
  g_autoptr(AsabFuture) first G_GNUC_UNUSED = asab_spawn (hold_and_yield, &a, NULL);
  g_autoptr(AsabFuture) second = NULL;
  g_autoptr(AsabFuture) third = NULL;

  async_run_ready (fixture);
  second = asab_lock_acquire (lock);
  async_trace_done (second, "L");
  third = asab_spawn (hold_and_yield, &b, NULL);
  async_run_ready (fixture);
  async_assert_trace (fixture, "A");
  async_advance (fixture, 1);
  async_assert_trace (fixture, "AL");
  asab_lock_release (lock);
  async_advance (fixture, 1);
  async_assert_trace (fixture, "BB");
  g_assert_false (asab_lock_is_locked (lock));
}

static gboolean
hold_twice (gpointer   data,
            GValue    *result G_GNUC_UNUSED,
            GError   **error)
{
  g_auto(AsabLockGuard) guard G_GNUC_UNUSED = asab_lock_guard (data, NULL);

  return asab_lock_hold (data, error);
}

static void
test_not_recursive (AsyncFixture  *fixture,
                    gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabLock) lock = asab_lock_new ();
  g_autoptr(AsabFuture) future = asab_spawn (hold_twice, lock, NULL);
  g_autoptr(GError) error = NULL;

  async_run_ready (fixture);
  async_assert_error (future, ASAB_ERROR, ASAB_ERROR_DEADLOCK);
  g_assert_false (asab_lock_is_locked (lock));

  g_assert_false (asab_lock_hold (lock, &error));
  g_assert_error (error, ASAB_ERROR, ASAB_ERROR_NOT_FIBER);
}

static gboolean
hold_for_ever (gpointer   data,
               GValue    *result G_GNUC_UNUSED,
               GError   **error)
{
  return asab_lock_hold (data, error);
}

/* The fiber has left the lock to somebody else; a new fiber in its place is not the owner. */
static void
test_owner_ended (AsyncFixture  *fixture,
                  gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabLock) lock = asab_lock_new ();
  g_autoptr(AsabFuture) owner = asab_spawn (hold_for_ever, lock, NULL);

  async_run_ready (fixture);
  g_assert_true (asab_future_is_resolved (owner));
  for (guint i = 0; i < 10; i++)
    {
      g_autoptr(AsabFuture) next = asab_spawn (hold_for_ever, lock, NULL);

      async_run_ready (fixture);
      g_assert_false (asab_future_is_done (next));
      asab_lock_release (lock);
      async_run_ready (fixture);
      g_assert_true (asab_future_is_resolved (next));
    }
  asab_lock_release (lock);
}

static void
test_passed_over (AsyncFixture  *fixture,
                  gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabLock) lock = asab_lock_new ();
  Holder a = { lock, "A" };
  g_autoptr(AsabFuture) owner G_GNUC_UNUSED = asab_lock_acquire (lock);
  g_autoptr(AsabFuture) fiber = asab_spawn (hold_and_yield, &a, NULL);
  g_autoptr(AsabFuture) cancelled = NULL;
  g_autoptr(AsabFuture) last = NULL;

  async_run_ready (fixture);
  asab_future_unref (asab_lock_acquire (lock));
  cancelled = asab_lock_acquire (lock);
  last = asab_lock_acquire (lock);

  asab_future_cancel (fiber);
  asab_future_cancel (cancelled);
  async_run_ready (fixture);
  g_assert_true (asab_future_is_cancelled (fiber));
  asab_lock_release (lock);
  g_assert_true (asab_future_is_resolved (last));
  asab_lock_release (lock);
  g_assert_false (asab_lock_is_locked (lock));
  async_assert_trace (fixture, "");
}

static gboolean
await_temp (gpointer   data,
            GValue    *result G_GNUC_UNUSED,
            GError   **error)
{
  gboolean acquired = asab_await (ASAB_TEMP (asab_lock_acquire (data)), error);
  g_auto(AsabShield) shield G_GNUC_UNUSED = asab_shield_begin ();

  g_assert_true (asab_fiber_sleep (1, NULL));

  return acquired;
}

/* A fiber that was cancelled, and has still to clean up, is not given the lock. */
static void
test_cancelled_temp (AsyncFixture  *fixture,
                     gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabLock) lock = asab_lock_new ();
  g_autoptr(AsabFuture) owner G_GNUC_UNUSED = asab_lock_acquire (lock);
  g_autoptr(AsabFuture) fiber = asab_spawn (await_temp, lock, NULL);

  async_run_ready (fixture);
  asab_future_cancel (fiber);
  async_run_ready (fixture);
  asab_lock_release (lock);
  g_assert_false (asab_lock_is_locked (lock));
  async_advance (fixture, 1);
  g_assert_true (asab_future_is_cancelled (fiber));
}

/* Who was given the lock has it, also if it was cancelled before it went on. */
static void
test_cancelled_owner (AsyncFixture  *fixture,
                      gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabLock) lock = asab_lock_new ();
  Holder a = { lock, "A" };
  g_autoptr(AsabFuture) owner G_GNUC_UNUSED = asab_lock_acquire (lock);
  g_autoptr(AsabFuture) fiber = asab_spawn (hold_and_yield, &a, NULL);

  async_run_ready (fixture);
  asab_lock_release (lock);
  asab_future_cancel (fiber);
  async_run_ready (fixture);
  async_assert_trace (fixture, "A");
  g_assert_true (asab_future_is_cancelled (fiber));
  g_assert_false (asab_lock_is_locked (lock));
}

/* Those who gave up do not pile up while nobody releases. */
static void
test_abandoned (AsyncFixture  *fixture G_GNUC_UNUSED,
                gconstpointer  data G_GNUC_UNUSED)
{
  AsabLock *lock = asab_lock_new ();
  g_autoptr(AsabFuture) owner G_GNUC_UNUSED = asab_lock_acquire (lock);
  g_autoptr(AsabFuture) waiting = asab_lock_acquire (lock);

  for (guint i = 0; i < 1000; i++)
    asab_future_unref (asab_lock_acquire (lock));
  asab_lock_release (lock);
  g_assert_true (asab_future_is_resolved (waiting));
  asab_lock_release (lock);
  g_assert_false (asab_lock_is_locked (lock));
  g_assert_finalize_object (lock);
}

static void
test_finalize (AsyncFixture  *fixture,
               gconstpointer  data G_GNUC_UNUSED)
{
  AsabLock *lock = asab_lock_new ();
  g_autoptr(AsabFuture) owner G_GNUC_UNUSED = asab_lock_acquire (lock);
  g_autoptr(AsabFuture) waiting = asab_lock_acquire (lock);
  g_autoptr(AsabFuture) fiber = asab_spawn (hold_for_ever, lock, NULL);
  g_autoptr(GError) error = NULL;

  async_trace_done (waiting, "A");
  async_run_ready (fixture);
  asab_future_cancel (fiber);
  g_assert_finalize_object (lock);
  async_assert_trace (fixture, "");
  async_run_ready (fixture);
  async_assert_trace (fixture, "A");
  error = asab_future_dup_error (waiting);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_nonnull (g_strstr_len (error->message, -1, "AsabLock"));
  g_assert_true (asab_future_is_cancelled (fiber));
}

static void
add_tests (void)
{
  async_test_add ("/asab/lock/acquire", test_acquire);
  async_test_add ("/asab/lock/order", test_order);
  async_test_add ("/asab/lock/not-recursive", test_not_recursive);
  async_test_add ("/asab/lock/owner-ended", test_owner_ended);
  async_test_add ("/asab/lock/passed-over", test_passed_over);
  async_test_add ("/asab/lock/cancelled-temp", test_cancelled_temp);
  async_test_add ("/asab/lock/cancelled-owner", test_cancelled_owner);
  async_test_add ("/asab/lock/abandoned", test_abandoned);
  async_test_add ("/asab/lock/finalize", test_finalize);
}

int
main (int    argc,
      char **argv)
{
  return async_test_run (argc, argv, add_tests);
}
