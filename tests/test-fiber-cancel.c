/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Cancellation of fibers, shields, deadlines, and the end of a context. */

#include "async-fixture.h"

#include <math.h>

static gboolean
await_it (gpointer   data,
          GValue    *result G_GNUC_UNUSED,
          GError   **error)
{
  async_trace ("(");
  if (!asab_await (data, error))
    {
      async_trace ("!");
      return FALSE;
    }
  async_trace (")");

  return TRUE;
}

static void
trace_destroy_cb (gpointer what)
{
  async_trace (what);
}

static gboolean
never_entered (gpointer   data G_GNUC_UNUSED,
               GValue    *result G_GNUC_UNUSED,
               GError   **error G_GNUC_UNUSED)
{
  g_assert_not_reached ();
}

static void
test_before_first_run (AsyncFixture  *fixture,
                       gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabFuture) future = asab_spawn (never_entered, (gpointer) "D", trace_destroy_cb);

  asab_future_cancel (future);
  g_assert_false (asab_future_is_done (future));
  async_run_ready (fixture);
  async_assert_trace (fixture, "D");
  async_assert_error (future, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
test_await (AsyncFixture  *fixture,
            gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabPromise) promise = asab_promise_new ();
  g_autoptr(AsabFuture) future = asab_spawn (await_it, asab_promise_get_future (promise), NULL);
  g_autoptr(AsabFuture) other = asab_spawn (await_it, asab_promise_get_future (promise), NULL);

  async_run_ready (fixture);
  async_assert_trace (fixture, "((");
  asab_future_cancel (future);
  async_assert_trace (fixture, "");
  asab_future_cancel (future);
  async_run_ready (fixture);
  async_assert_trace (fixture, "!");
  async_assert_error (future, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_false (asab_future_is_done (asab_promise_get_future (promise)));

  asab_promise_resolve (promise, NULL);
  async_run_ready (fixture);
  async_assert_trace (fixture, ")");
  asab_future_cancel (other);
  async_run_ready (fixture);
  g_assert_true (asab_future_is_resolved (other));
}

/* The result was there first. */
static void
test_after_completion (AsyncFixture  *fixture,
                       gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabPromise) promise = asab_promise_new ();
  g_autoptr(AsabFuture) future = asab_spawn (await_it, asab_promise_get_future (promise), NULL);

  async_run_ready (fixture);
  asab_promise_resolve (promise, NULL);
  asab_future_cancel (future);
  async_run_ready (fixture);
  async_assert_trace (fixture, "()");
  g_assert_true (asab_future_is_resolved (future));
}

static gboolean
await_after_cancel (gpointer   data,
                    GValue    *result G_GNUC_UNUSED,
                    GError   **error)
{
  g_autoptr(AsabFuture) done = async_new_int_future (1);
  AsabFuture *pending = data;

  g_assert_false (asab_fiber_is_cancelled ());
  g_assert_false (asab_await (pending, NULL));
  g_assert_true (asab_fiber_is_cancelled ());
  g_assert_true (g_cancellable_is_cancelled (asab_fiber_get_cancellable (asab_fiber_get_current ())));
  g_assert_cmpint (asab_await_int64 (done, NULL), ==, 1);
  g_assert_false (asab_await (pending, NULL));
  g_assert_false (asab_fiber_yield (NULL));
  g_assert_false (asab_fiber_sleep (1, NULL));

  return asab_await (pending, error);
}

static void
test_level_triggered (AsyncFixture  *fixture,
                      gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabPromise) promise = asab_promise_new ();
  g_autoptr(AsabFuture) future = asab_spawn (await_after_cancel, asab_promise_get_future (promise), NULL);

  async_run_ready (fixture);
  asab_future_cancel (future);
  async_run_ready (fixture);
  async_assert_error (future, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static gboolean
sleep_it (gpointer   data,
          GValue    *result G_GNUC_UNUSED,
          GError   **error)
{
  return asab_fiber_sleep (*(double *) data, error);
}

static void
test_sleep (AsyncFixture  *fixture,
            gconstpointer  data G_GNUC_UNUSED)
{
  double seconds = 1;
  g_autoptr(AsabFuture) future = asab_spawn (sleep_it, &seconds, NULL);

  async_run_ready (fixture);
  asab_future_cancel (future);
  async_run_ready (fixture);
  g_assert_true (asab_future_is_cancelled (future));
  async_advance (fixture, 2);
}

static gboolean
clean_up_shielded (gpointer   data,
                   GValue    *result G_GNUC_UNUSED,
                   GError   **error)
{
  gboolean completed = asab_await (data, error);

  if (!completed)
    {
      g_auto(AsabShield) outer G_GNUC_UNUSED = asab_shield_begin ();
      g_auto(AsabShield) inner = asab_shield_begin ();

      asab_shield_end (&inner);
      g_assert_true (asab_fiber_is_cancelled ());
      g_assert_true (asab_fiber_yield (NULL));
      g_assert_true (asab_fiber_sleep (0.1, NULL));
      async_trace ("C");
    }
  g_assert_false (asab_fiber_sleep (0.1, NULL));

  return completed;
}

static void
test_shield (AsyncFixture  *fixture,
             gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabPromise) promise = asab_promise_new ();
  g_autoptr(AsabFuture) future = asab_spawn (clean_up_shielded, asab_promise_get_future (promise), NULL);

  async_run_ready (fixture);
  asab_future_cancel (future);
  async_run_ready (fixture);
  g_assert_false (asab_future_is_done (future));
  async_advance (fixture, 0.1);
  async_assert_trace (fixture, "C");
  g_assert_true (asab_future_is_cancelled (future));
}

static gboolean
await_shielded (gpointer   data,
                GValue    *result G_GNUC_UNUSED,
                GError   **error)
{
  g_auto(AsabShield) shield G_GNUC_UNUSED = asab_shield_begin ();

  return asab_await (data, error);
}

static void
test_shielded_wait (AsyncFixture  *fixture,
                    gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabPromise) promise = asab_promise_new ();
  g_autoptr(AsabFuture) future = asab_spawn (await_shielded, asab_promise_get_future (promise), NULL);

  async_run_ready (fixture);
  asab_future_cancel (future);
  async_run_ready (fixture);
  g_assert_false (asab_future_is_done (future));
  asab_promise_resolve (promise, NULL);
  async_run_ready (fixture);
  g_assert_true (asab_future_is_resolved (future));
}

static gpointer
cancel_thread (gpointer data)
{
  asab_future_cancel (data);

  return NULL;
}

static void
test_other_thread (AsyncFixture  *fixture,
                   gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabPromise) promise = asab_promise_new ();
  g_autoptr(AsabFuture) future = asab_spawn (await_it, asab_promise_get_future (promise), NULL);
  GThread *thread;

  async_run_ready (fixture);
  async_assert_trace (fixture, "(");
  thread = g_thread_new ("cancel", cancel_thread, future);
  while (!asab_future_is_done (future))
    g_main_context_iteration (fixture->context, TRUE);
  g_thread_join (thread);
  async_assert_trace (fixture, "!");
  g_assert_true (asab_future_is_cancelled (future));
}

/* A fiber that waits for another one does not own it. */
static void
test_awaited_fiber (AsyncFixture  *fixture,
                    gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabPromise) promise = asab_promise_new ();
  g_autoptr(AsabFuture) inner = asab_spawn (await_it, asab_promise_get_future (promise), NULL);
  g_autoptr(AsabFuture) outer = asab_spawn (await_it, inner, NULL);

  async_run_ready (fixture);
  asab_future_cancel (outer);
  async_run_ready (fixture);
  g_assert_true (asab_future_is_cancelled (outer));
  g_assert_false (asab_future_is_done (inner));
  asab_promise_resolve (promise, NULL);
  async_run_ready (fixture);
  g_assert_true (asab_future_is_resolved (inner));
  async_assert_trace (fixture, "((!)");
}

static gboolean
swallow (gpointer   data,
         GValue    *result G_GNUC_UNUSED,
         GError   **error G_GNUC_UNUSED)
{
  g_assert_false (asab_await (data, NULL));

  return TRUE;
}

static void
test_swallowed (AsyncFixture  *fixture,
                gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabPromise) promise = asab_promise_new ();
  g_autoptr(AsabFuture) future = asab_spawn (swallow, asab_promise_get_future (promise), NULL);

  async_run_ready (fixture);
  asab_future_cancel (future);
  async_run_ready (fixture);
  g_assert_true (asab_future_is_resolved (future));
}

static void
test_parent (AsyncFixture  *fixture,
             gconstpointer  data G_GNUC_UNUSED)
{
  GCancellable *parent = g_cancellable_new ();
  g_autoptr(AsabPromise) promise = asab_promise_new ();
  g_autoptr(AsabFuture) done = async_new_int_future (1);
  g_autoptr(AsabFuture) early = asab_spawn_full (NULL, NULL, G_PRIORITY_DEFAULT, 0, parent, await_it, done, NULL);
  g_autoptr(AsabFuture) future = asab_spawn_full (NULL, NULL, G_PRIORITY_DEFAULT, 0, parent, await_it,
                                                  asab_promise_get_future (promise), NULL);
  g_autoptr(AsabFuture) late = NULL;

  async_run_ready (fixture);
  g_assert_true (asab_future_is_resolved (early));
  g_cancellable_cancel (parent);
  g_assert_false (asab_future_is_done (future));
  late = asab_spawn_full (NULL, NULL, G_PRIORITY_DEFAULT, 0, parent, never_entered, NULL, NULL);
  async_run_ready (fixture);
  g_assert_true (asab_future_is_cancelled (future));
  g_assert_true (asab_future_is_cancelled (late));
  async_assert_trace (fixture, "()(!");
  g_assert_finalize_object (parent);
}

static gboolean
use_cancellable (gpointer   data,
                 GValue    *result G_GNUC_UNUSED,
                 GError   **error)
{
  GCancellable *own = asab_fiber_get_cancellable (asab_fiber_get_current ());

  if (!asab_fiber_yield (error))
    return FALSE;
  g_assert_true (g_cancellable_get_current () == own);
  g_set_object ((GCancellable **) data, own);

  return asab_fiber_sleep (1, error);
}

/* Whoever gets hold of the cancellable of the fiber cancels the fiber with it. */
static void
test_cancellable (AsyncFixture  *fixture,
                  gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(GCancellable) cancellable = NULL;
  g_autoptr(AsabFuture) future = asab_spawn (use_cancellable, &cancellable, NULL);

  async_run_ready (fixture);
  g_assert_null (g_cancellable_get_current ());
  g_cancellable_cancel (cancellable);
  async_run_ready (fixture);
  g_assert_true (asab_future_is_cancelled (future));
}

static gboolean
set_deadline (gpointer   data,
              GValue    *result G_GNUC_UNUSED,
              GError   **error)
{
  asab_fiber_set_deadline (0.1);
  asab_fiber_set_deadline (*(double *) data);

  return asab_fiber_sleep (1, error);
}

static void
test_deadline (AsyncFixture  *fixture,
               gconstpointer  data G_GNUC_UNUSED)
{
  double soon = 0.5, late = 1.5, none = INFINITY;
  g_autoptr(AsabFuture) over = asab_spawn (set_deadline, &soon, NULL);
  g_autoptr(AsabFuture) in_time = asab_spawn (set_deadline, &late, NULL);
  g_autoptr(AsabFuture) unlimited = asab_spawn (set_deadline, &none, NULL);

  async_advance (fixture, 0.4);
  g_assert_false (asab_future_is_done (over));
  async_advance (fixture, 0.1);
  async_assert_error (over, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  async_advance (fixture, 0.5);
  g_assert_true (asab_future_is_resolved (in_time));
  g_assert_true (asab_future_is_resolved (unlimited));
  async_advance (fixture, 10);
}

static void
test_drain (AsyncFixture  *fixture,
            gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabPromise) promise = asab_promise_new ();
  g_autoptr(AsabFuture) waiting = asab_spawn (await_it, asab_promise_get_future (promise), NULL);
  g_autoptr(AsabFuture) fresh = NULL;

  async_run_ready (fixture);
  fresh = asab_spawn (never_entered, NULL, NULL);
  g_assert_true (asab_context_drain (fixture->context, INFINITY));
  g_assert_true (asab_future_is_cancelled (waiting));
  g_assert_true (asab_future_is_cancelled (fresh));
  g_assert_true (asab_context_drain (NULL, 0));
  async_assert_trace (fixture, "(!");
}

static void
test_drain_left (AsyncFixture  *fixture,
                 gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabPromise) promise = asab_promise_new ();
  g_autoptr(AsabFuture) future = asab_spawn (await_shielded, asab_promise_get_future (promise), NULL);

  async_run_ready (fixture);
  g_assert_false (asab_context_drain (fixture->context, 0));
  async_assert_log (fixture, "The fiber “await_shielded” started at *test-fiber-cancel.c:* does not end; "
                             "it waits for a future\n");

  asab_promise_resolve (promise, NULL);
  g_assert_true (asab_context_drain (fixture->context, INFINITY));
  g_assert_true (asab_future_is_resolved (future));
}

static void
add_tests (void)
{
  async_test_add ("/asab/fiber-cancel/before-first-run", test_before_first_run);
  async_test_add ("/asab/fiber-cancel/await", test_await);
  async_test_add ("/asab/fiber-cancel/after-completion", test_after_completion);
  async_test_add ("/asab/fiber-cancel/level-triggered", test_level_triggered);
  async_test_add ("/asab/fiber-cancel/sleep", test_sleep);
  async_test_add ("/asab/fiber-cancel/shield", test_shield);
  async_test_add ("/asab/fiber-cancel/shielded-wait", test_shielded_wait);
  async_test_add ("/asab/fiber-cancel/other-thread", test_other_thread);
  async_test_add ("/asab/fiber-cancel/awaited-fiber", test_awaited_fiber);
  async_test_add ("/asab/fiber-cancel/swallowed", test_swallowed);
  async_test_add ("/asab/fiber-cancel/parent", test_parent);
  async_test_add ("/asab/fiber-cancel/cancellable", test_cancellable);
  async_test_add ("/asab/fiber-cancel/deadline", test_deadline);
  async_test_add ("/asab/fiber-cancel/drain", test_drain);
  async_test_add ("/asab/fiber-cancel/drain-left", test_drain_left);
}

int
main (int    argc,
      char **argv)
{
  return async_test_run (argc, argv, add_tests);
}
