/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "async-fixture.h"

#include <math.h>

typedef struct
{
  int value;
  int n_asked;
  int n_freed;
  gboolean fails;
  AsabFuture *to_cancel;               /* (nullable): while it is asked */
  AsabAwaitablePredicate *to_drop;     /* (nullable): while it is asked */
} Zero;

static gboolean
is_zero (gpointer   user_data,
         GError   **error)
{
  Zero *zero = user_data;

  g_assert_null (asab_fiber_get_current ());
  zero->n_asked++;
  if (zero->to_cancel != NULL)
    asab_future_cancel (zero->to_cancel);
  g_clear_object (&zero->to_drop);
  if (zero->fails)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_BUSY, "Ask later");

  return zero->value == 0;
}

static void
count_free_cb (gpointer user_data)
{
  ((Zero *) user_data)->n_freed++;
}

static AsabAwaitablePredicate *
new_predicate (Zero   *zero,
               double  timeout)
{
  g_autoptr(GError) error = NULL;
  AsabAwaitablePredicate *predicate;

  predicate = asab_awaitable_predicate_new (is_zero, zero, count_free_cb, NULL, timeout, &error);
  g_assert_no_error (error);

  return predicate;
}

static void
acquire (AsabAwaitablePredicate *predicate)
{
  AsabCondition *condition = asab_awaitable_predicate_get_condition (predicate);
  g_autoptr(AsabFuture) future = asab_lock_acquire (asab_condition_get_lock (condition));

  g_assert_true (asab_future_is_resolved (future));
}

static void
release (AsabAwaitablePredicate *predicate)
{
  asab_lock_release (asab_condition_get_lock (asab_awaitable_predicate_get_condition (predicate)));
}

static void
notify (AsyncFixture           *fixture,
        AsabAwaitablePredicate *predicate,
        guint                   n)
{
  acquire (predicate);
  g_assert_true (asab_condition_notify (asab_awaitable_predicate_get_condition (predicate), n, NULL));
  release (predicate);
  async_run_ready (fixture);
}

static gboolean
is_locked (AsabAwaitablePredicate *predicate)
{
  return asab_lock_is_locked (asab_condition_get_lock (asab_awaitable_predicate_get_condition (predicate)));
}

static void
test_is_true (AsyncFixture  *fixture,
              gconstpointer  data G_GNUC_UNUSED)
{
  Zero zero = { 0 };
  AsabAwaitablePredicate *predicate = new_predicate (&zero, INFINITY);
  g_autoptr(AsabCondition) condition = NULL;
  double timeout;

  g_assert_true (asab_awaitable_predicate_is_true (predicate, NULL));
  zero.value = 1;
  g_assert_false (asab_awaitable_predicate_is_true (predicate, NULL));

  g_object_get (predicate, "condition", &condition, "timeout", &timeout, NULL);
  g_assert_true (condition == asab_awaitable_predicate_get_condition (predicate));
  g_assert_true (isinf (timeout));
  g_assert_finalize_object (predicate);
  g_assert_cmpint (zero.n_freed, ==, 1);
  async_run_ready (fixture);
}

static void
set_to_next (gpointer user_data)
{
  ((Zero *) user_data)->value--;
}

static void
test_wait (AsyncFixture  *fixture,
           gconstpointer  data G_GNUC_UNUSED)
{
  Zero zero = { .value = 3 };
  g_autoptr(AsabAwaitablePredicate) predicate = new_predicate (&zero, INFINITY);
  g_autoptr(AsabFuture) wait = asab_awaitable_predicate_wait (predicate);

  while (zero.value > 0)
    {
      g_autoptr(AsabFuture) update = asab_awaitable_predicate_update (predicate, set_to_next, &zero, NULL);

      g_assert_false (asab_future_is_done (wait));
      async_run_ready (fixture);
      g_assert_true (asab_future_is_resolved (update));
    }

  g_assert_true (asab_future_is_resolved (wait));
  g_assert_cmpint (zero.n_asked, ==, 4);
  g_assert_false (is_locked (predicate));
}

static void
test_true_already (AsyncFixture  *fixture,
                   gconstpointer  data G_GNUC_UNUSED)
{
  Zero zero = { 0 };
  g_autoptr(AsabAwaitablePredicate) predicate = new_predicate (&zero, INFINITY);
  g_autoptr(AsabFuture) wait = asab_awaitable_predicate_wait (predicate);

  async_run_ready (fixture);
  g_assert_true (asab_future_is_resolved (wait));
  g_assert_cmpint (zero.n_asked, ==, 1);
}

static void
test_timeout (AsyncFixture  *fixture,
              gconstpointer  data G_GNUC_UNUSED)
{
  Zero zero = { .value = 1 };
  g_autoptr(AsabAwaitablePredicate) predicate = new_predicate (&zero, 0.05);
  g_autoptr(AsabFuture) late = asab_awaitable_predicate_wait (predicate);
  g_autoptr(AsabFuture) again = NULL;

  async_advance (fixture, 0.04);
  g_assert_false (asab_future_is_done (late));
  async_advance (fixture, 0.01);
  async_assert_error (late, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);

  again = asab_awaitable_predicate_wait (predicate);
  async_advance (fixture, 0.04);
  zero.value = 0;
  notify (fixture, predicate, 1);
  g_assert_true (asab_future_is_resolved (again));
  async_advance (fixture, 1);
}

static void
test_timeout_for_lock (AsyncFixture  *fixture,
                       gconstpointer  data G_GNUC_UNUSED)
{
  Zero zero = { 0 };
  g_autoptr(AsabAwaitablePredicate) predicate = new_predicate (&zero, 0.05);
  g_autoptr(AsabFuture) late = NULL;

  acquire (predicate);
  late = asab_awaitable_predicate_wait (predicate);
  async_advance (fixture, 0.05);
  async_assert_error (late, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  release (predicate);
  async_run_ready (fixture);
  g_assert_false (is_locked (predicate));
  g_assert_cmpint (zero.n_asked, ==, 0);
}

static void
test_invalid_timeout (AsyncFixture  *fixture G_GNUC_UNUSED,
                      gconstpointer  data G_GNUC_UNUSED)
{
  const double timeouts[] = { -1, -INFINITY, NAN };
  Zero zero = { 0 };

  for (gsize i = 0; i < G_N_ELEMENTS (timeouts); i++)
    {
      g_autoptr(GError) error = NULL;

      g_assert_null (asab_awaitable_predicate_new (is_zero, &zero, count_free_cb, NULL, timeouts[i], &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
      g_assert_cmpint (zero.n_freed, ==, (int) i + 1);
    }
}

/* Each wait is one of its own. */
static void
test_again (AsyncFixture  *fixture,
            gconstpointer  data G_GNUC_UNUSED)
{
  Zero zero = { 0 };
  g_autoptr(AsabAwaitablePredicate) predicate = new_predicate (&zero, INFINITY);
  g_autoptr(AsabFuture) first = asab_awaitable_predicate_wait (predicate);
  g_autoptr(AsabFuture) second = NULL;

  async_run_ready (fixture);
  g_assert_true (asab_future_is_resolved (first));
  zero.value = 1;
  second = asab_awaitable_predicate_wait (predicate);
  async_run_ready (fixture);
  g_assert_false (asab_future_is_done (second));

  /* A change that nobody is told of goes unnoticed. */
  zero.value = 0;
  async_run_ready (fixture);
  g_assert_false (asab_future_is_done (second));
  notify (fixture, predicate, 1);
  g_assert_true (asab_future_is_resolved (second));
}

static void
test_notify_one (AsyncFixture  *fixture,
                 gconstpointer  data G_GNUC_UNUSED)
{
  Zero zero = { .value = 1 };
  g_autoptr(AsabAwaitablePredicate) predicate = new_predicate (&zero, INFINITY);
  g_autoptr(AsabFuture) first = asab_awaitable_predicate_wait (predicate);
  g_autoptr(AsabFuture) second = asab_awaitable_predicate_wait (predicate);

  zero.value = 0;
  notify (fixture, predicate, 1);
  g_assert_true (asab_future_is_resolved (first));
  g_assert_false (asab_future_is_done (second));
  notify (fixture, predicate, 1);
  g_assert_true (asab_future_is_resolved (second));
}

static void
test_cancel (AsyncFixture  *fixture,
             gconstpointer  data G_GNUC_UNUSED)
{
  Zero zero = { .value = 1 };
  g_autoptr(AsabAwaitablePredicate) predicate = new_predicate (&zero, INFINITY);
  g_autoptr(AsabFuture) first = asab_awaitable_predicate_wait (predicate);
  g_autoptr(AsabFuture) second = asab_awaitable_predicate_wait (predicate);

  asab_future_cancel (first);
  g_assert_true (asab_future_is_cancelled (first));
  async_run_ready (fixture);
  zero.value = 0;
  notify (fixture, predicate, 1);
  g_assert_true (asab_future_is_resolved (second));
  g_assert_false (is_locked (predicate));
}

/* Who is cancelled when he was notified already passes the notification on, but not to those who came later. */
static void
test_cancel_notified (AsyncFixture  *fixture,
                      gconstpointer  data G_GNUC_UNUSED)
{
  Zero zero = { .value = 1 };
  g_autoptr(AsabAwaitablePredicate) predicate = new_predicate (&zero, INFINITY);
  AsabCondition *condition = asab_awaitable_predicate_get_condition (predicate);
  g_autoptr(AsabFuture) first = asab_awaitable_predicate_wait (predicate);
  g_autoptr(AsabFuture) second = asab_awaitable_predicate_wait (predicate);
  g_autoptr(AsabFuture) third = NULL;
  int n_asked;

  acquire (predicate);
  g_assert_true (asab_condition_notify (condition, 1, NULL));
  release (predicate);
  asab_future_cancel (first);
  n_asked = zero.n_asked;
  async_run_ready (fixture);
  g_assert_cmpint (zero.n_asked, ==, n_asked + 1);
  g_assert_false (asab_future_is_done (second));

  acquire (predicate);
  g_assert_true (asab_condition_notify_all (condition, NULL));
  release (predicate);
  asab_future_cancel (second);
  third = asab_awaitable_predicate_wait (predicate);
  n_asked = zero.n_asked;
  async_run_ready (fixture);
  g_assert_cmpint (zero.n_asked, ==, n_asked);
  asab_future_cancel (third);
}

/* Cancelled while it waits for the lock, and when it was given the lock. */
static void
test_cancel_locking (AsyncFixture  *fixture,
                     gconstpointer  data G_GNUC_UNUSED)
{
  Zero zero = { 0 };
  g_autoptr(AsabAwaitablePredicate) predicate = new_predicate (&zero, INFINITY);
  g_autoptr(AsabFuture) first = NULL;
  g_autoptr(AsabFuture) second = NULL;
  g_autoptr(AsabFuture) third = NULL;

  acquire (predicate);
  first = asab_awaitable_predicate_wait (predicate);
  second = asab_awaitable_predicate_wait (predicate);
  third = asab_awaitable_predicate_wait (predicate);
  asab_future_cancel (first);
  async_run_ready (fixture);
  release (predicate);
  asab_future_cancel (second);
  g_assert_true (is_locked (predicate));
  async_run_ready (fixture);
  g_assert_true (asab_future_is_resolved (third));
  g_assert_cmpint (zero.n_asked, ==, 1);
  g_assert_false (is_locked (predicate));
}

/* Cancelled by the function itself. */
static void
test_cancel_running (AsyncFixture  *fixture,
                     gconstpointer  data G_GNUC_UNUSED)
{
  Zero zero = { .value = 1 };
  g_autoptr(AsabAwaitablePredicate) predicate = new_predicate (&zero, INFINITY);
  g_autoptr(AsabFuture) wait = asab_awaitable_predicate_wait (predicate);

  zero.to_cancel = wait;
  notify (fixture, predicate, 1);
  g_assert_true (asab_future_is_cancelled (wait));
  g_assert_false (is_locked (predicate));
}

static void
test_error (AsyncFixture  *fixture,
            gconstpointer  data G_GNUC_UNUSED)
{
  Zero zero = { .value = 1 };
  g_autoptr(AsabAwaitablePredicate) predicate = new_predicate (&zero, INFINITY);
  g_autoptr(AsabFuture) wait = asab_awaitable_predicate_wait (predicate);
  g_autoptr(AsabFuture) at_once = NULL;
  g_autoptr(GError) error = NULL;

  zero.fails = TRUE;
  zero.value = 0;
  g_assert_false (asab_awaitable_predicate_is_true (predicate, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_BUSY);
  g_assert_false (asab_awaitable_predicate_is_true (predicate, NULL));

  notify (fixture, predicate, 1);
  async_assert_error (wait, G_IO_ERROR, G_IO_ERROR_BUSY);
  at_once = asab_awaitable_predicate_wait (predicate);
  async_run_ready (fixture);
  async_assert_error (at_once, G_IO_ERROR, G_IO_ERROR_BUSY);
  g_assert_false (is_locked (predicate));
}

static void
test_finalize (AsyncFixture  *fixture,
               gconstpointer  data G_GNUC_UNUSED)
{
  Zero zero = { .value = 1 };
  AsabAwaitablePredicate *predicate = new_predicate (&zero, 100);
  g_autoptr(AsabCondition) condition = g_object_ref (asab_awaitable_predicate_get_condition (predicate));
  g_autoptr(AsabFuture) notified = asab_awaitable_predicate_wait (predicate);
  g_autoptr(AsabFuture) waiting = asab_awaitable_predicate_wait (predicate);
  g_autoptr(AsabFuture) locking = NULL;
  g_autoptr(GError) error = NULL;

  acquire (predicate);
  g_assert_true (asab_condition_notify (condition, 1, NULL));
  locking = asab_awaitable_predicate_wait (predicate);
  async_trace_done (waiting, "rejected");
  g_assert_finalize_object (predicate);
  async_assert_trace (fixture, "");

  asab_lock_release (asab_condition_get_lock (condition));
  async_run_ready (fixture);
  async_assert_trace (fixture, "rejected");
  error = asab_future_dup_error (waiting);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_nonnull (g_strstr_len (error->message, -1, "AsabAwaitablePredicate"));
  g_assert_true (asab_future_is_cancelled (notified));
  g_assert_true (asab_future_is_cancelled (locking));
  g_assert_cmpint (zero.n_asked, ==, 2);
  g_assert_false (asab_lock_is_locked (asab_condition_get_lock (condition)));
  g_assert_finalize_object (g_steal_pointer (&condition));
}

/* The function drops the last reference from outside. */
static void
test_drop_while_asked (AsyncFixture  *fixture,
                       gconstpointer  data G_GNUC_UNUSED)
{
  Zero zero = { .value = 1 };
  g_autoptr(AsabFuture) wait = NULL;

  zero.to_drop = new_predicate (&zero, INFINITY);
  g_assert_false (asab_awaitable_predicate_is_true (zero.to_drop, NULL));
  g_assert_cmpint (zero.n_freed, ==, 1);

  zero.to_drop = new_predicate (&zero, INFINITY);
  wait = asab_awaitable_predicate_wait (zero.to_drop);
  g_assert_cmpint (zero.n_freed, ==, 2);
  async_run_ready (fixture);
  g_assert_true (asab_future_is_cancelled (wait));
}

static gboolean
wait_holding_lock (gpointer   data,
                   GValue    *result G_GNUC_UNUSED,
                   GError   **error)
{
  AsabAwaitablePredicate *predicate = data;
  AsabCondition *condition = asab_awaitable_predicate_get_condition (predicate);
  g_auto(AsabLockGuard) guard G_GNUC_UNUSED = asab_lock_guard (asab_condition_get_lock (condition), error);
  g_autoptr(AsabFuture) wait = asab_awaitable_predicate_wait (predicate);

  return asab_await (wait, error);
}

static gboolean
wait_having_released (gpointer   data,
                      GValue    *result G_GNUC_UNUSED,
                      GError   **error)
{
  AsabAwaitablePredicate *predicate = data;
  AsabLock *lock = asab_condition_get_lock (asab_awaitable_predicate_get_condition (predicate));
  g_autoptr(AsabFuture) wait = NULL;

  if (!asab_lock_hold (lock, error))
    return FALSE;
  wait = asab_awaitable_predicate_wait (predicate);
  asab_lock_release (lock);

  return asab_await (wait, error);
}

static void
test_deadlock (AsyncFixture  *fixture,
               gconstpointer  data G_GNUC_UNUSED)
{
  Zero zero = { 0 };
  g_autoptr(AsabAwaitablePredicate) predicate = new_predicate (&zero, INFINITY);
  g_autoptr(AsabFuture) blocked = asab_spawn (wait_holding_lock, predicate, NULL);
  g_autoptr(AsabFuture) free = NULL;

  async_run_ready (fixture);
  async_assert_error (blocked, ASAB_ERROR, ASAB_ERROR_DEADLOCK);
  free = asab_spawn (wait_having_released, predicate, NULL);
  async_run_ready (fixture);
  g_assert_true (asab_future_is_resolved (free));
}

static gboolean
wait_fiber (gpointer   data,
            GValue    *result G_GNUC_UNUSED,
            GError   **error)
{
  g_autoptr(AsabFuture) wait = asab_awaitable_predicate_wait (data);

  return asab_await (wait, error);
}

/* The function is asked on the native stack, also for a fiber. */
static void
test_fiber (AsyncFixture  *fixture,
            gconstpointer  data G_GNUC_UNUSED)
{
  Zero zero = { 0 };
  g_autoptr(AsabAwaitablePredicate) predicate = new_predicate (&zero, INFINITY);
  g_autoptr(AsabFuture) fiber = asab_spawn (wait_fiber, predicate, NULL);

  async_run_ready (fixture);
  g_assert_true (asab_future_is_resolved (fiber));
  g_assert_cmpint (zero.n_asked, ==, 1);
}

static gpointer
cancel_thread (gpointer data)
{
  asab_future_cancel (data);

  return NULL;
}

static void
test_cancel_from_thread (AsyncFixture  *fixture,
                         gconstpointer  data G_GNUC_UNUSED)
{
  Zero zero = { .value = 1 };
  g_autoptr(AsabAwaitablePredicate) predicate = new_predicate (&zero, INFINITY);
  g_autoptr(AsabFuture) wait = asab_awaitable_predicate_wait (predicate);

  g_thread_join (g_thread_new ("cancel", cancel_thread, wait));
  g_assert_true (asab_future_is_cancelled (wait));
  async_run_ready (fixture);
  notify (fixture, predicate, 1);
  g_assert_cmpint (zero.n_asked, ==, 1);
}

typedef enum
{
  RETURN_NOTHING,
  RETURN_TRUE,
  RETURN_NUMBER,
  RETURN_PENDING,
  RETURN_REJECTED,
} Returns;

typedef struct
{
  Returns returns;
  AsabPromise *pending; /* (owned) (nullable) */
} Language;

static AsabFuture *
return_future (gpointer data)
{
  Language *language = data;
  g_autoptr(AsabPromise) promise = asab_promise_new ();
  AsabFuture *future = asab_future_ref (asab_promise_get_future (promise));

  switch (language->returns)
    {
    case RETURN_TRUE:
      asab_promise_resolve_boolean (promise, TRUE);
      break;
    case RETURN_NUMBER:
      asab_promise_resolve_int64 (promise, 1);
      break;
    case RETURN_REJECTED:
      asab_promise_reject_literal (promise, G_IO_ERROR, G_IO_ERROR_BUSY, "Ask later");
      break;
    case RETURN_PENDING:
      language->pending = g_steal_pointer (&promise);
      break;
    case RETURN_NOTHING:
    default:
      g_clear_pointer (&future, asab_future_unref);
    }

  return future;
}

/* A function of another language gives a future of its answer. */
static void
test_closure (AsyncFixture  *fixture,
              gconstpointer  data G_GNUC_UNUSED)
{
  Language language = { RETURN_TRUE, NULL };
  g_autoptr(AsabAwaitablePredicate) predicate =
    asab_awaitable_predicate_new_closure (g_cclosure_new_swap (G_CALLBACK (return_future), &language, NULL),
                                          NULL, INFINITY, NULL);
  const struct
  {
    Returns returns;
    GQuark domain;
    int code;
  } failures[] = {
    { RETURN_NOTHING, ASAB_ERROR, ASAB_ERROR_CALLBACK_FAILED },
    { RETURN_NUMBER, ASAB_ERROR, ASAB_ERROR_TYPE_MISMATCH },
    { RETURN_PENDING, ASAB_ERROR, ASAB_ERROR_PENDING },
    { RETURN_REJECTED, G_IO_ERROR, G_IO_ERROR_BUSY },
  };
  g_autoptr(AsabFuture) wait = asab_awaitable_predicate_wait (predicate);

  g_assert_true (asab_future_is_resolved (wait));
  g_assert_true (asab_awaitable_predicate_is_true (predicate, NULL));
  for (gsize i = 0; i < G_N_ELEMENTS (failures); i++)
    {
      g_autoptr(AsabFuture) failed = NULL;

      language.returns = failures[i].returns;
      failed = asab_awaitable_predicate_wait (predicate);
      async_run_ready (fixture);
      async_assert_error (failed, failures[i].domain, failures[i].code);
    }
  asab_promise_unref (language.pending);
}

static void
add_tests (void)
{
  async_test_add ("/asab/awaitable-predicate/is-true", test_is_true);
  async_test_add ("/asab/awaitable-predicate/wait", test_wait);
  async_test_add ("/asab/awaitable-predicate/true-already", test_true_already);
  async_test_add ("/asab/awaitable-predicate/timeout", test_timeout);
  async_test_add ("/asab/awaitable-predicate/timeout-for-lock", test_timeout_for_lock);
  async_test_add ("/asab/awaitable-predicate/invalid-timeout", test_invalid_timeout);
  async_test_add ("/asab/awaitable-predicate/again", test_again);
  async_test_add ("/asab/awaitable-predicate/notify-one", test_notify_one);
  async_test_add ("/asab/awaitable-predicate/cancel", test_cancel);
  async_test_add ("/asab/awaitable-predicate/cancel-notified", test_cancel_notified);
  async_test_add ("/asab/awaitable-predicate/cancel-locking", test_cancel_locking);
  async_test_add ("/asab/awaitable-predicate/cancel-running", test_cancel_running);
  async_test_add ("/asab/awaitable-predicate/cancel-from-thread", test_cancel_from_thread);
  async_test_add ("/asab/awaitable-predicate/error", test_error);
  async_test_add ("/asab/awaitable-predicate/finalize", test_finalize);
  async_test_add ("/asab/awaitable-predicate/drop-while-asked", test_drop_while_asked);
  async_test_add ("/asab/awaitable-predicate/deadlock", test_deadlock);
  async_test_add ("/asab/awaitable-predicate/fiber", test_fiber);
  async_test_add ("/asab/awaitable-predicate/closure", test_closure);
}

int
main (int    argc,
      char **argv)
{
  return async_test_run (argc, argv, add_tests);
}
