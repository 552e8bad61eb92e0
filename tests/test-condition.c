/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "async-fixture.h"

typedef struct
{
  AsabCondition *condition;
  const char *name;
} Waiter;

static gboolean
wait_for_notification (gpointer   data,
                       GValue    *result G_GNUC_UNUSED,
                       GError   **error)
{
  Waiter *waiter = data;
  g_autoptr(AsabLock) lock = g_object_ref (asab_condition_get_lock (waiter->condition));
  g_auto(AsabLockGuard) guard = asab_lock_guard (lock, error);
  gboolean notified;

  if (guard.lock == NULL)
    return FALSE;

  notified = asab_condition_await (waiter->condition, error);
  g_assert_true (asab_lock_is_locked (lock));
  async_trace (notified ? waiter->name : "!");

  return notified;
}

static void
acquire (AsabCondition *condition)
{
  g_autoptr(AsabFuture) future = asab_lock_acquire (asab_condition_get_lock (condition));

  g_assert_true (asab_future_is_resolved (future));
}

static void
notify (AsabCondition *condition,
        guint          n)
{
  g_autoptr(GError) error = NULL;

  acquire (condition);
  g_assert_true (asab_condition_notify (condition, n, &error));
  g_assert_no_error (error);
}

static void
release (AsabCondition *condition)
{
  asab_lock_release (asab_condition_get_lock (condition));
}

static void
test_notify (AsyncFixture  *fixture,
             gconstpointer  data G_GNUC_UNUSED)
{
  AsabCondition *condition = asab_condition_new (NULL);
  Waiter waiters[] = { { condition, "A" }, { condition, "B" }, { condition, "C" }, { condition, "D" } };
  AsabFuture *futures[G_N_ELEMENTS (waiters)];

  /* Nobody waits: it is lost. */
  notify (condition, 1);
  release (condition);

  for (gsize i = 0; i < G_N_ELEMENTS (waiters); i++)
    futures[i] = asab_spawn (wait_for_notification, &waiters[i], NULL);
  async_run_ready (fixture);
  g_assert_false (asab_lock_is_locked (asab_condition_get_lock (condition)));

  notify (condition, 1);
  async_run_ready (fixture);
  async_assert_trace (fixture, "");
  release (condition);
  async_run_ready (fixture);
  async_assert_trace (fixture, "A");
  notify (condition, 2);
  release (condition);
  async_run_ready (fixture);
  async_assert_trace (fixture, "BC");
  acquire (condition);
  g_assert_true (asab_condition_notify_all (condition, NULL));
  release (condition);
  async_run_ready (fixture);
  async_assert_trace (fixture, "D");

  for (gsize i = 0; i < G_N_ELEMENTS (futures); i++)
    asab_future_unref (futures[i]);
  g_assert_finalize_object (condition);
}

static gboolean
await_without_lock (gpointer   data,
                    GValue    *result G_GNUC_UNUSED,
                    GError   **error)
{
  return asab_condition_await (data, error);
}

static gboolean
always (gpointer user_data G_GNUC_UNUSED)
{
  return TRUE;
}

static void
test_without_lock (AsyncFixture  *fixture,
                   gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabCondition) condition = asab_condition_new (NULL);
  g_autoptr(AsabFuture) fiber = asab_spawn (await_without_lock, condition, NULL);
  g_autoptr(AsabFuture) wait = asab_condition_wait (condition);
  g_autoptr(AsabFuture) wait_for = asab_condition_wait_for (condition, always, NULL, NULL);
  g_autoptr(GError) error = NULL;

  async_run_ready (fixture);
  async_assert_error (fiber, ASAB_ERROR, ASAB_ERROR_FAILED);
  async_assert_error (wait, ASAB_ERROR, ASAB_ERROR_FAILED);
  async_assert_error (wait_for, ASAB_ERROR, ASAB_ERROR_FAILED);
  g_assert_false (asab_condition_notify (condition, 1, &error));
  g_assert_error (error, ASAB_ERROR, ASAB_ERROR_FAILED);
  g_clear_error (&error);
  g_assert_false (asab_condition_notify_all (condition, &error));
  g_assert_error (error, ASAB_ERROR, ASAB_ERROR_FAILED);
  g_clear_error (&error);
  g_assert_false (asab_condition_await (condition, &error));
  g_assert_error (error, ASAB_ERROR, ASAB_ERROR_NOT_FIBER);
}

/* A cancelled wait ends when it has the lock again. */
static void
test_cancel (AsyncFixture  *fixture,
             gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabCondition) condition = asab_condition_new (NULL);
  Waiter a = { condition, "A" }, b = { condition, "B" };
  g_autoptr(AsabFuture) cancelled = asab_spawn (wait_for_notification, &a, NULL);
  g_autoptr(AsabFuture) other = asab_spawn (wait_for_notification, &b, NULL);

  async_run_ready (fixture);
  acquire (condition);
  asab_future_cancel (cancelled);
  async_run_ready (fixture);
  g_assert_false (asab_future_is_done (cancelled));
  async_assert_trace (fixture, "");
  g_assert_true (asab_condition_notify (condition, 1, NULL));
  release (condition);
  async_run_ready (fixture);
  async_assert_trace (fixture, "!B");
  g_assert_true (asab_future_is_cancelled (cancelled));
  g_assert_true (asab_future_is_resolved (other));
  g_assert_false (asab_lock_is_locked (asab_condition_get_lock (condition)));
}

/* Who was notified first was notified, whatever comes next: the notification is not lost. */
static void
test_cancel_notified (AsyncFixture  *fixture,
                      gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabCondition) condition = asab_condition_new (NULL);
  Waiter a = { condition, "A" };
  g_autoptr(AsabFuture) future = asab_spawn (wait_for_notification, &a, NULL);

  async_run_ready (fixture);
  notify (condition, 1);
  asab_future_cancel (future);
  release (condition);
  async_run_ready (fixture);
  async_assert_trace (fixture, "A");
  g_assert_true (asab_future_is_resolved (future));
}

static void
test_wait (AsyncFixture  *fixture,
           gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabCondition) condition = asab_condition_new (NULL);
  g_autoptr(AsabFuture) wait = NULL;

  acquire (condition);
  wait = asab_condition_wait (condition);
  async_run_ready (fixture);
  g_assert_false (asab_future_is_done (wait));
  g_assert_false (asab_lock_is_locked (asab_condition_get_lock (condition)));
  notify (condition, 1);
  release (condition);
  async_run_ready (fixture);
  g_assert_true (asab_future_is_resolved (wait));
  g_assert_true (asab_lock_is_locked (asab_condition_get_lock (condition)));
  release (condition);
}

typedef struct
{
  int value;
  int n_asked;
  int n_freed;
} Guarded;

static gboolean
is_two (gpointer user_data)
{
  Guarded *guarded = user_data;

  g_assert_null (asab_fiber_get_current ());
  guarded->n_asked++;

  return guarded->value == 2;
}

static void
increase (gpointer user_data)
{
  g_assert_null (asab_fiber_get_current ());
  ((Guarded *) user_data)->value++;
}

static void
count_free_cb (gpointer user_data)
{
  ((Guarded *) user_data)->n_freed++;
}

static void
test_wait_for (AsyncFixture  *fixture,
               gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabCondition) condition = asab_condition_new (NULL);
  Guarded guarded = { 0 };
  g_autoptr(AsabFuture) wait = NULL;
  g_autoptr(AsabFuture) again = NULL;

  acquire (condition);
  wait = asab_condition_wait_for (condition, is_two, &guarded, count_free_cb);
  async_run_ready (fixture);
  g_assert_cmpint (guarded.n_asked, ==, 1);
  for (int i = 1; i <= 2; i++)
    {
      g_autoptr(AsabFuture) update = asab_condition_update (condition, increase, &guarded, count_free_cb);

      g_assert_cmpint (guarded.value, ==, i - 1);
      g_assert_false (asab_future_is_done (wait));
      async_run_ready (fixture);
      g_assert_true (asab_future_is_resolved (update));
      g_assert_cmpint (guarded.value, ==, i);
      g_assert_cmpint (guarded.n_asked, ==, i + 1);
    }
  g_assert_true (asab_future_is_resolved (wait));
  g_assert_cmpint (guarded.n_freed, ==, 3);

  /* It holds already, and so does the lock. */
  again = asab_condition_wait_for (condition, is_two, &guarded, NULL);
  async_run_ready (fixture);
  g_assert_true (asab_future_is_resolved (again));
  g_assert_true (asab_lock_is_locked (asab_condition_get_lock (condition)));
  release (condition);
}

static void
test_shared_lock (AsyncFixture  *fixture,
                  gconstpointer  data G_GNUC_UNUSED)
{
  AsabLock *lock = asab_lock_new ();
  AsabCondition *filled = asab_condition_new (lock);
  AsabCondition *emptied = asab_condition_new (lock);
  Waiter a = { filled, "A" }, b = { emptied, "B" };
  g_autoptr(AsabFuture) first = asab_spawn (wait_for_notification, &a, NULL);
  g_autoptr(AsabFuture) second = asab_spawn (wait_for_notification, &b, NULL);
  AsabLock *got;

  g_object_get (filled, "lock", &got, NULL);
  g_assert_true (got == lock);
  g_object_unref (got);

  async_run_ready (fixture);
  notify (emptied, 5);
  release (emptied);
  async_run_ready (fixture);
  async_assert_trace (fixture, "B");
  notify (filled, 1);
  release (filled);
  async_run_ready (fixture);
  async_assert_trace (fixture, "A");
  g_assert_true (asab_future_is_resolved (first));
  g_assert_true (asab_future_is_resolved (second));

  g_assert_finalize_object (filled);
  g_assert_finalize_object (emptied);
  g_assert_finalize_object (lock);
}

static void
test_finalize (AsyncFixture  *fixture,
               gconstpointer  data G_GNUC_UNUSED)
{
  AsabCondition *condition = asab_condition_new (NULL);
  Guarded guarded = { 0 };
  Waiter a = { condition, "A" };
  g_autoptr(AsabFuture) fiber = asab_spawn (wait_for_notification, &a, NULL);
  g_autoptr(AsabFuture) wait = NULL;
  g_autoptr(AsabFuture) wait_for = NULL;
  g_autoptr(AsabFuture) update = NULL;
  g_autoptr(GError) error = NULL;

  async_run_ready (fixture);
  acquire (condition);
  wait = asab_condition_wait (condition);
  async_run_ready (fixture);
  acquire (condition);
  wait_for = asab_condition_wait_for (condition, is_two, &guarded, count_free_cb);
  async_run_ready (fixture);
  update = asab_condition_update (condition, increase, &guarded, count_free_cb);
  g_assert_finalize_object (condition);

  async_run_ready (fixture);
  async_assert_trace (fixture, "!");
  error = asab_future_dup_error (wait);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_nonnull (g_strstr_len (error->message, -1, "AsabCondition"));
  g_assert_true (asab_future_is_cancelled (fiber));
  g_assert_true (asab_future_is_cancelled (update));
  g_assert_cmpint (guarded.value, ==, 0);

  /* None of them holds the lock, which nobody could release. */
  g_assert_true (asab_future_is_cancelled (wait_for));
}

static void
add_tests (void)
{
  async_test_add ("/asab/condition/notify", test_notify);
  async_test_add ("/asab/condition/without-lock", test_without_lock);
  async_test_add ("/asab/condition/cancel", test_cancel);
  async_test_add ("/asab/condition/cancel-notified", test_cancel_notified);
  async_test_add ("/asab/condition/wait", test_wait);
  async_test_add ("/asab/condition/wait-for", test_wait_for);
  async_test_add ("/asab/condition/shared-lock", test_shared_lock);
  async_test_add ("/asab/condition/finalize", test_finalize);
}

int
main (int    argc,
      char **argv)
{
  return async_test_run (argc, argv, add_tests);
}
