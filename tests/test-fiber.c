/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "async-fixture.h"

#include <errno.h>

static gboolean
return_seven (gpointer   data G_GNUC_UNUSED,
              GValue    *result,
              GError   **error G_GNUC_UNUSED)
{
  g_value_init (result, G_TYPE_INT);
  g_value_set_int (result, 7);

  return TRUE;
}

static void
test_result (AsyncFixture  *fixture,
             gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabFuture) future = asab_spawn (return_seven, NULL, NULL);

  g_assert_false (asab_future_is_done (future));
  async_run_ready (fixture);
  async_assert_int (future, 7);
}

static gboolean
return_nothing (gpointer   data G_GNUC_UNUSED,
                GValue    *result G_GNUC_UNUSED,
                GError   **error G_GNUC_UNUSED)
{
  return TRUE;
}

static gboolean
fail (gpointer   data G_GNUC_UNUSED,
      GValue    *result G_GNUC_UNUSED,
      GError   **error)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_BUSY, "busy");

  return FALSE;
}

static gboolean
fail_silently (gpointer   data G_GNUC_UNUSED,
               GValue    *result G_GNUC_UNUSED,
               GError   **error G_GNUC_UNUSED)
{
  return FALSE;
}

static void
test_outcomes (AsyncFixture  *fixture,
               gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabFuture) nothing = asab_spawn (return_nothing, NULL, NULL);
  g_autoptr(AsabFuture) failed = asab_spawn (fail, NULL, NULL);
  g_autoptr(AsabFuture) silent = asab_spawn (fail_silently, NULL, NULL);

  async_run_ready (fixture);
  g_assert_true (asab_future_is_resolved (nothing));
  g_assert_null (asab_future_get_value (nothing, NULL));
  async_assert_error (failed, G_IO_ERROR, G_IO_ERROR_BUSY);
  async_assert_error (silent, ASAB_ERROR, ASAB_ERROR_FAILED);
}

static void
trace_destroy_cb (gpointer what)
{
  g_assert_null (asab_fiber_get_current ());
  async_trace (what);
}

/* The data is gone when the future is completed; a fiber goes on when nobody wants its result. */
static void
test_destroy (AsyncFixture  *fixture,
              gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabFuture) future = asab_spawn (return_nothing, (gpointer) "D", trace_destroy_cb);

  async_trace_done (future, "A");
  asab_future_unref (asab_spawn (return_nothing, (gpointer) "E", trace_destroy_cb));
  async_run_ready (fixture);
  async_assert_trace (fixture, "DEA");
}

static gboolean
await_it (gpointer   data,
          GValue    *result,
          GError   **error)
{
  gint64 value = asab_await_int64 (data, error);

  if (*error != NULL)
    return FALSE;
  g_value_init (result, G_TYPE_INT64);
  g_value_set_int64 (result, value);

  return TRUE;
}

static void
test_await (AsyncFixture  *fixture,
            gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabPromise) promise = asab_promise_new ();
  g_autoptr(AsabFuture) first = asab_spawn (await_it, asab_promise_get_future (promise), NULL);
  g_autoptr(AsabFuture) second = asab_spawn (await_it, asab_promise_get_future (promise), NULL);
  g_autoptr(AsabFuture) of_first = asab_spawn (await_it, first, NULL);

  async_run_ready (fixture);
  g_assert_false (asab_future_is_done (first));
  asab_promise_resolve_int64 (promise, 3);
  g_assert_false (asab_future_is_done (first));
  async_run_ready (fixture);
  async_assert_int (first, 3);
  async_assert_int (second, 3);
  async_assert_int (of_first, 3);
}

static void
test_await_broken (AsyncFixture  *fixture,
                   gconstpointer  data G_GNUC_UNUSED)
{
  AsabPromise *promise = asab_promise_new ();
  g_autoptr(AsabFuture) future = asab_spawn (await_it, asab_promise_get_future (promise), NULL);

  async_run_ready (fixture);
  asab_promise_unref (promise);
  async_run_ready (fixture);
  async_assert_error (future, ASAB_ERROR, ASAB_ERROR_BROKEN_PROMISE);
}

static void
test_await_outside (AsyncFixture  *fixture G_GNUC_UNUSED,
                    gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabPromise) promise = asab_promise_new ();
  g_autoptr(AsabFuture) done = async_new_int_future (2);
  g_autoptr(GError) error = NULL;

  g_assert_null (asab_fiber_get_current ());
  g_assert_cmpint (asab_await_int64 (done, &error), ==, 2);
  g_assert_no_error (error);
  g_assert_false (asab_await (asab_promise_get_future (promise), &error));
  g_assert_error (error, ASAB_ERROR, ASAB_ERROR_NOT_FIBER);
  g_clear_error (&error);
  g_assert_false (asab_fiber_yield (&error));
  g_assert_error (error, ASAB_ERROR, ASAB_ERROR_NOT_FIBER);
  g_clear_error (&error);
  g_assert_false (asab_fiber_sleep (1, &error));
  g_assert_error (error, ASAB_ERROR, ASAB_ERROR_NOT_FIBER);
}

typedef struct
{
  AsabFuture *a;
  AsabFuture *b;
} Circle;

static gboolean
await_a (gpointer   data,
         GValue    *result G_GNUC_UNUSED,
         GError   **error)
{
  return asab_await (((Circle *) data)->a, error);
}

static gboolean
await_b (gpointer   data,
         GValue    *result G_GNUC_UNUSED,
         GError   **error)
{
  return asab_await (((Circle *) data)->b, error);
}

static void
test_deadlock (AsyncFixture  *fixture,
               gconstpointer  data G_GNUC_UNUSED)
{
  Circle circle;
  g_autoptr(AsabFuture) self = NULL;
  g_autoptr(GError) error = NULL;

  circle.a = asab_spawn (await_b, &circle, NULL);
  circle.b = asab_spawn (await_a, &circle, NULL);
  async_run_ready (fixture);
  error = asab_future_dup_error (circle.b);
  g_assert_error (error, ASAB_ERROR, ASAB_ERROR_DEADLOCK);
  g_assert_cmpstr (error->message, ==, "The fiber would wait for itself: await_a → await_b → await_a");
  async_assert_error (circle.a, ASAB_ERROR, ASAB_ERROR_DEADLOCK);
  asab_future_unref (circle.a);
  asab_future_unref (circle.b);

  circle.a = self = asab_spawn (await_a, &circle, NULL);
  async_run_ready (fixture);
  async_assert_error (self, ASAB_ERROR, ASAB_ERROR_DEADLOCK);
}

static gboolean
trace_three_times (gpointer   data,
                   GValue    *result G_GNUC_UNUSED,
                   GError   **error)
{
  async_trace (data);
  if (!asab_fiber_yield (error))
    return FALSE;
  async_trace (data);
  if (!asab_fiber_yield (error))
    return FALSE;
  async_trace (data);

  return TRUE;
}

static void
test_yield (AsyncFixture  *fixture,
            gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabFuture) a G_GNUC_UNUSED = asab_spawn (trace_three_times, (gpointer) "A", NULL);
  g_autoptr(AsabFuture) b G_GNUC_UNUSED = asab_spawn (trace_three_times, (gpointer) "B", NULL);
  g_autoptr(AsabFuture) c G_GNUC_UNUSED = asab_spawn (trace_three_times, (gpointer) "C", NULL);

  async_run_ready (fixture);
  async_assert_trace (fixture, "ABCABCABC");
}

static gboolean
sleep_twice (gpointer   data,
             GValue    *result G_GNUC_UNUSED,
             GError   **error)
{
  double *seconds = data;

  return asab_fiber_sleep (*seconds, error) && asab_fiber_sleep (*seconds, error);
}

static void
test_sleep (AsyncFixture  *fixture,
            gconstpointer  data G_GNUC_UNUSED)
{
  double one = 1, half = 0.5, negative = -1;
  g_autoptr(AsabFuture) slow = asab_spawn (sleep_twice, &one, NULL);
  g_autoptr(AsabFuture) quick = asab_spawn (sleep_twice, &half, NULL);
  g_autoptr(AsabFuture) never = asab_spawn (sleep_twice, &negative, NULL);

  async_trace_done (slow, "S");
  async_trace_done (quick, "Q");
  async_advance (fixture, 0.5);
  async_assert_error (never, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
  async_assert_trace (fixture, "");
  async_advance (fixture, 0.5);
  async_assert_trace (fixture, "Q");
  async_advance (fixture, 0.999999);
  async_assert_trace (fixture, "");
  async_advance (fixture, 0.000001);
  async_assert_trace (fixture, "S");
}

static gboolean
use_temps (gpointer   data,
           GValue    *result G_GNUC_UNUSED,
           GError   **error G_GNUC_UNUSED)
{
  g_assert_cmpint (asab_await_int64 (ASAB_TEMP (async_new_int_future (1)), NULL), ==, 1);
  g_assert_cmpint (g_value_get_int64 (asab_await_value (ASAB_TEMP (async_new_int_future (2)), NULL)), ==, 2);
  g_assert_cmpint (asab_await_int64 (ASAB_TEMP (asab_future_ref (data)), NULL), ==, 3);
  ASAB_TEMP (async_new_int_future (4));

  return TRUE;
}

static void
test_temp (AsyncFixture  *fixture,
           gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabPromise) promise = asab_promise_new ();
  g_autoptr(AsabFuture) future = asab_spawn (use_temps, asab_promise_get_future (promise), NULL);

  async_run_ready (fixture);
  asab_promise_resolve_int64 (promise, 3);
  async_run_ready (fixture);
  g_assert_true (asab_future_is_resolved (future));
}

static gboolean
check_errno (gpointer   data,
             GValue    *result G_GNUC_UNUSED,
             GError   **error)
{
  int number = GPOINTER_TO_INT (data);

  for (guint i = 0; i < 3; i++)
    {
      gboolean went_on;

      errno = number;
      went_on = asab_fiber_yield (error);
      g_assert_cmpint (errno, ==, number);
      g_assert_true (went_on);
    }

  return TRUE;
}

static void
test_errno (AsyncFixture  *fixture,
            gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabFuture) a = asab_spawn (check_errno, GINT_TO_POINTER (ENOENT), NULL);
  g_autoptr(AsabFuture) b = asab_spawn (check_errno, GINT_TO_POINTER (EPERM), NULL);

  async_run_ready (fixture);
  g_assert_true (asab_future_is_resolved (a));
  g_assert_true (asab_future_is_resolved (b));
}

static gboolean
trace_name (gpointer   data G_GNUC_UNUSED,
            GValue    *result G_GNUC_UNUSED,
            GError   **error G_GNUC_UNUSED)
{
  async_trace (asab_fiber_get_name (asab_fiber_get_current ()));

  return TRUE;
}

static AsabFuture *
spawn_traced (const char *name,
              int         priority)
{
  return asab_spawn_full (NULL, name, priority, 0, NULL, trace_name, NULL, NULL);
}

static void
test_priority (AsyncFixture  *fixture,
               gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabFuture) low G_GNUC_UNUSED = spawn_traced ("L", G_PRIORITY_LOW);
  g_autoptr(AsabFuture) usual G_GNUC_UNUSED = spawn_traced ("U", G_PRIORITY_DEFAULT);
  g_autoptr(AsabFuture) high G_GNUC_UNUSED = spawn_traced ("H", G_PRIORITY_HIGH);
  g_autoptr(AsabFuture) low2 G_GNUC_UNUSED = spawn_traced ("M", G_PRIORITY_LOW);

  async_run_ready (fixture);
  async_assert_trace (fixture, "HULM");
}

static gboolean
check_thread (gpointer   data,
              GValue    *result G_GNUC_UNUSED,
              GError   **error G_GNUC_UNUSED)
{
  g_assert_true (g_thread_self () == data);
  async_trace ("A");

  return TRUE;
}

typedef struct
{
  GMainContext *context;
  GThread *target;
} Order;

static gpointer
spawn_thread (gpointer data)
{
  Order *order = data;

  for (int i = 0; i < 20; i++)
    asab_future_unref (asab_spawn_full (order->context, NULL, i % 2 == 0 ? G_PRIORITY_DEFAULT : G_PRIORITY_LOW - i, 0,
                                        NULL, check_thread, order->target, NULL));

  return NULL;
}

static void
test_other_thread (AsyncFixture  *fixture,
                   gconstpointer  data G_GNUC_UNUSED)
{
  Order order = { fixture->context, g_thread_self () };
  GThread *one = g_thread_new ("one", spawn_thread, &order);
  GThread *two = g_thread_new ("two", spawn_thread, &order);

  while (fixture->trace->len < 40)
    g_main_context_iteration (fixture->context, TRUE);
  g_thread_join (one);
  g_thread_join (two);
  g_string_truncate (fixture->trace, 0);
}

static gboolean
push_and_yield (gpointer   data,
                GValue    *result G_GNUC_UNUSED,
                GError   **error)
{
  gboolean went_on;

  g_main_context_push_thread_default (data);
  went_on = asab_fiber_yield (error) && asab_fiber_yield (error);
  g_main_context_pop_thread_default (data);

  return went_on;
}

/* What a fiber pushes must not leak into the next one: it is told, once. */
static void
test_pushed_context (AsyncFixture  *fixture,
                     gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(GMainContext) other = g_main_context_new ();
  g_autoptr(AsabFuture) future = asab_spawn (push_and_yield, other, NULL);

  async_run_ready (fixture);
  async_assert_log (fixture, "The fiber “push_and_yield” waits with a main context *\n");
  g_assert_true (asab_future_is_resolved (future));
}

/* GIO calls back in the context of the fiber, also if the loop is run by somebody who did not push it. */
static gboolean
check_context (gpointer   data,
               GValue    *result G_GNUC_UNUSED,
               GError   **error)
{
  g_assert_true (g_main_context_get_thread_default () == data);
  if (!asab_fiber_yield (error))
    return FALSE;
  g_assert_true (g_main_context_get_thread_default () == data);
  async_trace ("A");

  return TRUE;
}

static void
test_thread_default (AsyncFixture  *fixture,
                     gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabFuture) future G_GNUC_UNUSED = asab_spawn (check_context, fixture->context, NULL);

  g_main_context_pop_thread_default (fixture->context);
  async_run_ready (fixture);
  g_main_context_push_thread_default (fixture->context);
  async_assert_trace (fixture, "A");
}

static void
add_tests (void)
{
  async_test_add ("/asab/fiber/result", test_result);
  async_test_add ("/asab/fiber/outcomes", test_outcomes);
  async_test_add ("/asab/fiber/destroy", test_destroy);
  async_test_add ("/asab/fiber/await", test_await);
  async_test_add ("/asab/fiber/await-broken", test_await_broken);
  async_test_add ("/asab/fiber/await-outside", test_await_outside);
  async_test_add ("/asab/fiber/deadlock", test_deadlock);
  async_test_add ("/asab/fiber/yield", test_yield);
  async_test_add ("/asab/fiber/sleep", test_sleep);
  async_test_add ("/asab/fiber/temp", test_temp);
  async_test_add ("/asab/fiber/errno", test_errno);
  async_test_add ("/asab/fiber/priority", test_priority);
  async_test_add ("/asab/fiber/other-thread", test_other_thread);
  async_test_add ("/asab/fiber/pushed-context", test_pushed_context);
  async_test_add ("/asab/fiber/thread-default", test_thread_default);
}

int
main (int    argc,
      char **argv)
{
  return async_test_run (argc, argv, add_tests);
}
