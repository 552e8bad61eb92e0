/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Coroutines as generators: send, yield and throw. */

#include "async-fixture.h"

typedef struct
{
  AsabCoroutine *self; /* (not owned) */
  AsabFuture *future;  /* (not owned) (nullable): what it waits for */
} Body;

static AsabCoroutine *
new_coroutine (AsabFiberFunc  func,
               Body          *body)
{
  body->self = asab_coroutine_new_for_fiber ("job", func, body, NULL);

  return body->self;
}

static gboolean
yield_int (AsabCoroutine  *self,
           int             number,
           GValue         *sent,
           GError        **error)
{
  g_auto(GValue) value = G_VALUE_INIT;

  g_value_init (&value, G_TYPE_INT);
  g_value_set_int (&value, number);

  return asab_coroutine_yield (self, &value, sent, error);
}

static void
throw_busy (AsabCoroutine *self)
{
  g_autoptr(GError) busy = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_BUSY, "busy");
  g_autoptr(GError) error = NULL;

  asab_coroutine_throw (self, busy, &error);
  g_assert_no_error (error);
}

static void
assert_no_throw (AsabCoroutine *self,
                 GQuark         domain,
                 int            code)
{
  g_autoptr(GError) busy = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_BUSY, "busy");
  g_autoptr(GError) error = NULL;

  g_assert_false (asab_coroutine_throw (self, busy, &error));
  g_assert_error (error, domain, code);
}

static gboolean
await_it (gpointer   data,
          GValue    *result,
          GError   **error)
{
  GError *local_error = NULL;
  gint64 number;

  async_trace ("(");
  number = asab_await_int64 (((Body *) data)->future, &local_error);
  async_trace (")");
  if (local_error != NULL)
    {
      g_propagate_error (error, local_error);
      return FALSE;
    }

  g_value_init (result, G_TYPE_INT64);
  g_value_set_int64 (result, number);

  return TRUE;
}

static gboolean
never_entered (gpointer   data G_GNUC_UNUSED,
               GValue    *result G_GNUC_UNUSED,
               GError   **error G_GNUC_UNUSED)
{
  g_assert_not_reached ();
}

static gboolean
recover (gpointer   data,
         GValue    *result,
         GError   **error)
{
  g_autoptr(GError) busy = NULL;

  g_assert_false (asab_await (((Body *) data)->future, &busy));
  g_assert_error (busy, G_IO_ERROR, G_IO_ERROR_BUSY);
  g_assert_false (asab_fiber_is_cancelled ());
  async_trace ("R");
  if (!asab_fiber_sleep (1, error))
    return FALSE;

  g_value_init (result, G_TYPE_INT);
  g_value_set_int (result, 5);

  return TRUE;
}

/* The body gets the error once, where it waits, and may go on. */
static void
test_throw (AsyncFixture  *fixture,
            gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabPromise) promise = asab_promise_new ();
  Body body = { NULL, asab_promise_get_future (promise) };
  AsabCoroutine *self = new_coroutine (recover, &body);
  g_autoptr(AsabFuture) future = asab_coroutine_start (self);

  async_run_ready (fixture);
  throw_busy (self);
  throw_busy (self);
  async_assert_trace (fixture, "");
  async_run_ready (fixture);
  async_assert_trace (fixture, "R");
  g_assert_false (asab_future_is_done (asab_promise_get_future (promise)));
  async_advance (fixture, 1);
  async_assert_int (future, 5);

  assert_no_throw (self, ASAB_ERROR, ASAB_ERROR_CLOSED);
  g_assert_finalize_object (self);
}

/* What is thrown as the wait ends waits for the next one. */
static void
test_throw_late (AsyncFixture  *fixture,
                 gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabPromise) promise = asab_promise_new ();
  Body body = { NULL, asab_promise_get_future (promise) };
  AsabCoroutine *self = new_coroutine (await_it, &body);
  g_autoptr(AsabFuture) future = asab_coroutine_start (self);

  async_run_ready (fixture);
  asab_promise_resolve_int64 (promise, 4);
  throw_busy (self);
  async_run_ready (fixture);
  async_assert_trace (fixture, "()");
  async_assert_int (future, 4);
  g_assert_finalize_object (self);
}

static gboolean
wait_in_shield (gpointer   data G_GNUC_UNUSED,
                GValue    *result G_GNUC_UNUSED,
                GError   **error)
{
  {
    g_auto(AsabShield) shield G_GNUC_UNUSED = asab_shield_begin ();

    g_assert_true (asab_fiber_sleep (1, NULL));
    async_trace ("S");
  }

  return asab_fiber_sleep (1, error);
}

static void
test_throw_in_shield (AsyncFixture  *fixture,
                      gconstpointer  data G_GNUC_UNUSED)
{
  Body body = { NULL, NULL };
  AsabCoroutine *self = new_coroutine (wait_in_shield, &body);
  g_autoptr(AsabFuture) future = asab_coroutine_start (self);

  async_run_ready (fixture);
  throw_busy (self);
  async_run_ready (fixture);
  async_assert_trace (fixture, "");
  async_advance (fixture, 1);
  async_assert_trace (fixture, "S");
  async_assert_error (future, G_IO_ERROR, G_IO_ERROR_BUSY);
  g_assert_finalize_object (self);
}

static void
test_throw_before_start (AsyncFixture  *fixture,
                         gconstpointer  data G_GNUC_UNUSED)
{
  Body body = { NULL, NULL };
  AsabCoroutine *self = new_coroutine (never_entered, &body);
  g_autoptr(AsabFuture) future = NULL;

  throw_busy (self);
  throw_busy (self);
  future = asab_coroutine_start (self);
  async_assert_error (future, G_IO_ERROR, G_IO_ERROR_BUSY);
  async_run_ready (fixture);
  g_assert_finalize_object (self);
}

/* It was started, but its body did not begin yet. */
static void
test_throw_before_first_run (AsyncFixture  *fixture,
                             gconstpointer  data G_GNUC_UNUSED)
{
  Body body = { NULL, NULL };
  AsabCoroutine *self = new_coroutine (never_entered, &body);
  g_autoptr(AsabFuture) future = asab_coroutine_start (self);

  throw_busy (self);
  async_run_ready (fixture);
  async_assert_error (future, G_IO_ERROR, G_IO_ERROR_BUSY);
  g_assert_finalize_object (self);
}

static void
assert_yields (AsyncFixture *fixture,
               AsabFuture   *future,
               int           number)
{
  async_run_ready (fixture);
  async_assert_int (future, number);
  asab_future_unref (future);
}

static AsabFuture *
send_int (AsabCoroutine *self,
          int            number)
{
  g_auto(GValue) value = G_VALUE_INIT;

  g_value_init (&value, G_TYPE_INT);
  g_value_set_int (&value, number);

  return asab_coroutine_send (self, &value);
}

/* Yields the sum of what it was sent. */
static gboolean
yield_sums (gpointer   data,
            GValue    *result,
            GError   **error)
{
  int sum = 0;

  for (;;)
    {
      g_auto(GValue) sent = G_VALUE_INIT;

      if (!yield_int (((Body *) data)->self, sum, &sent, error))
        return FALSE;
      if (G_VALUE_TYPE (&sent) == 0)
        break;
      sum += g_value_get_int (&sent);
    }

  g_value_init (result, G_TYPE_INT);
  g_value_set_int (result, sum);

  return TRUE;
}

static void
test_send (AsyncFixture  *fixture,
           gconstpointer  data G_GNUC_UNUSED)
{
  Body body = { NULL, NULL };
  AsabCoroutine *self = new_coroutine (yield_sums, &body);
  g_autoptr(AsabFuture) early = send_int (self, 1);
  g_autoptr(AsabFuture) busy = NULL;
  g_autoptr(AsabFuture) last = NULL;
  g_autoptr(AsabFuture) late = NULL;
  AsabFuture *first;

  async_assert_error (early, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
  first = asab_coroutine_send (self, NULL);
  busy = asab_coroutine_send (self, NULL);
  async_assert_error (busy, ASAB_ERROR, ASAB_ERROR_PENDING);
  assert_yields (fixture, first, 0);
  assert_yields (fixture, send_int (self, 3), 3);
  assert_yields (fixture, send_int (self, 4), 7);

  last = asab_coroutine_send (self, NULL);
  async_run_ready (fixture);
  async_assert_error (last, ASAB_ERROR, ASAB_ERROR_CLOSED);
  async_assert_int (asab_coroutine_get_future (self), 7);
  late = asab_coroutine_send (self, NULL);
  async_assert_error (late, ASAB_ERROR, ASAB_ERROR_CLOSED);
  g_assert_finalize_object (self);
}

/* Who waits for the next value gets the error of a body that fails instead. */
static void
test_send_fails (AsyncFixture  *fixture,
                 gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabPromise) promise = asab_promise_new ();
  Body body = { NULL, asab_promise_get_future (promise) };
  AsabCoroutine *self = new_coroutine (await_it, &body);
  g_autoptr(AsabFuture) next = asab_coroutine_send (self, NULL);

  async_run_ready (fixture);
  throw_busy (self);
  async_run_ready (fixture);
  async_assert_trace (fixture, "()");
  async_assert_error (next, G_IO_ERROR, G_IO_ERROR_BUSY);
  async_assert_error (asab_coroutine_get_future (self), G_IO_ERROR, G_IO_ERROR_BUSY);
  g_assert_finalize_object (self);
}

/* What is thrown ends the wait for what is sent. */
static void
test_throw_into_yield (AsyncFixture  *fixture,
                       gconstpointer  data G_GNUC_UNUSED)
{
  Body body = { NULL, NULL };
  AsabCoroutine *self = new_coroutine (yield_sums, &body);

  assert_yields (fixture, asab_coroutine_send (self, NULL), 0);
  throw_busy (self);
  async_run_ready (fixture);
  async_assert_error (asab_coroutine_get_future (self), G_IO_ERROR, G_IO_ERROR_BUSY);
  g_assert_finalize_object (self);
}

/* A generator that is closed sees the cancellation where it yields. */
static void
test_close_generator (AsyncFixture  *fixture,
                      gconstpointer  data G_GNUC_UNUSED)
{
  Body body = { NULL, NULL };
  AsabCoroutine *self = new_coroutine (yield_sums, &body);
  g_autoptr(AsabFuture) closed = NULL;
  g_autoptr(AsabFuture) next = NULL;

  assert_yields (fixture, asab_coroutine_send (self, NULL), 0);
  closed = asab_coroutine_close (self);
  async_run_ready (fixture);
  g_assert_true (asab_future_is_resolved (closed));
  next = asab_coroutine_send (self, NULL);
  async_assert_error (next, ASAB_ERROR, ASAB_ERROR_CLOSED);
  g_assert_finalize_object (self);
}

/* What a coroutine yields that was not asked for a value is dropped. */
static void
test_yield_unasked (AsyncFixture  *fixture,
                    gconstpointer  data G_GNUC_UNUSED)
{
  Body body = { NULL, NULL };
  AsabCoroutine *self = new_coroutine (yield_sums, &body);
  g_autoptr(AsabFuture) future = asab_coroutine_start (self);
  g_autoptr(AsabFuture) closed = NULL;

  async_run_ready (fixture);
  assert_yields (fixture, send_int (self, 2), 2);
  closed = asab_coroutine_close (self);
  async_run_ready (fixture);
  g_assert_true (asab_future_is_resolved (closed));
  async_assert_error (future, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_finalize_object (self);
}

static gboolean
yield_elsewhere (gpointer   data,
                 GValue    *result G_GNUC_UNUSED,
                 GError   **error)
{
  return asab_coroutine_yield (data, NULL, NULL, error);
}

static void
test_yield_elsewhere (AsyncFixture  *fixture,
                      gconstpointer  data G_GNUC_UNUSED)
{
  Body body = { NULL, NULL };
  AsabCoroutine *self = new_coroutine (never_entered, &body);
  g_autoptr(AsabFuture) future = asab_spawn (yield_elsewhere, self, NULL);
  g_autoptr(AsabFuture) closed G_GNUC_UNUSED = asab_coroutine_close (self);
  g_autoptr(GError) error = NULL;

  g_assert_false (asab_coroutine_yield (self, NULL, NULL, &error));
  g_assert_error (error, ASAB_ERROR, ASAB_ERROR_NOT_FIBER);
  async_run_ready (fixture);
  async_assert_error (future, ASAB_ERROR, ASAB_ERROR_NOT_FIBER);
  g_assert_finalize_object (self);
}

static void
add_tests (void)
{
  async_test_add ("/asab/coroutine-send/throw", test_throw);
  async_test_add ("/asab/coroutine-send/throw-late", test_throw_late);
  async_test_add ("/asab/coroutine-send/throw-in-shield", test_throw_in_shield);
  async_test_add ("/asab/coroutine-send/throw-before-start", test_throw_before_start);
  async_test_add ("/asab/coroutine-send/throw-before-first-run", test_throw_before_first_run);
  async_test_add ("/asab/coroutine-send/send", test_send);
  async_test_add ("/asab/coroutine-send/send-fails", test_send_fails);
  async_test_add ("/asab/coroutine-send/throw-into-yield", test_throw_into_yield);
  async_test_add ("/asab/coroutine-send/close-generator", test_close_generator);
  async_test_add ("/asab/coroutine-send/yield-unasked", test_yield_unasked);
  async_test_add ("/asab/coroutine-send/yield-elsewhere", test_yield_elsewhere);
}

int
main (int    argc,
      char **argv)
{
  return async_test_run (argc, argv, add_tests);
}
