/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "async-fixture.h"

/* Where jobs wait until they may go on. */
typedef struct
{
  GMutex lock;
  GCond cond;
  guint n_entered;
  gboolean open;
} Gate;

static void
gate_pass (Gate *gate)
{
  g_mutex_lock (&gate->lock);
  gate->n_entered++;
  g_cond_broadcast (&gate->cond);
  while (!gate->open)
    g_cond_wait (&gate->cond, &gate->lock);
  g_mutex_unlock (&gate->lock);
}

static void
gate_open (Gate *gate)
{
  g_mutex_lock (&gate->lock);
  gate->open = TRUE;
  g_cond_broadcast (&gate->cond);
  g_mutex_unlock (&gate->lock);
}

/* Waits until @n jobs wait at the gate. */
static void
gate_await (Gate  *gate,
            guint  n)
{
  g_mutex_lock (&gate->lock);
  while (gate->n_entered < n)
    g_cond_wait (&gate->cond, &gate->lock);
  g_mutex_unlock (&gate->lock);
}

static gboolean
return_seven (gpointer       user_data,
              GCancellable  *cancellable,
              GValue        *result,
              GError       **error G_GNUC_UNUSED)
{
  g_assert_true (g_thread_self () != user_data);
  g_assert_false (g_cancellable_is_cancelled (cancellable));
  g_value_init (result, G_TYPE_INT);
  g_value_set_int (result, 7);

  return TRUE;
}

static void
check_destroy_cb (gpointer user_data)
{
  g_assert_true (g_thread_self () == user_data);
  async_trace ("D");
}

static void
run_until (AsyncFixture *fixture,
           AsabFuture   *future)
{
  while (!asab_future_is_done (future))
    g_main_context_iteration (fixture->context, TRUE);
}

static void
test_result (AsyncFixture  *fixture,
             gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabFuture) future = asab_run_in_thread (return_seven, g_thread_self (), check_destroy_cb, NULL);

  async_trace_done (future, "A");
  run_until (fixture, future);
  async_run_ready (fixture);
  async_assert_trace (fixture, "DA");
  async_assert_int (future, 7);
}

static gboolean
fail (gpointer       user_data,
      GCancellable  *cancellable G_GNUC_UNUSED,
      GValue        *result G_GNUC_UNUSED,
      GError       **error)
{
  if (user_data == NULL)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_BUSY, "busy");

  return FALSE;
}

static void
test_error (AsyncFixture  *fixture,
            gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabFuture) busy = asab_run_in_thread (fail, NULL, NULL, NULL);
  g_autoptr(AsabFuture) silent = asab_run_in_thread (fail, fixture, NULL, NULL);

  run_until (fixture, busy);
  run_until (fixture, silent);
  async_assert_error (busy, G_IO_ERROR, G_IO_ERROR_BUSY);
  async_assert_error (silent, ASAB_ERROR, ASAB_ERROR_CALLBACK_FAILED);
}

static gboolean
wait_at_gate (gpointer       user_data,
              GCancellable  *cancellable,
              GValue        *result G_GNUC_UNUSED,
              GError       **error)
{
  gate_pass (user_data);

  return !g_cancellable_set_error_if_cancelled (cancellable, error);
}

static void
trace_destroy_cb (gpointer user_data G_GNUC_UNUSED)
{
  async_trace ("D");
}

/* The future is cancelled at once, the data goes when the function has returned. */
static void
test_cancel (AsyncFixture  *fixture,
             gconstpointer  data G_GNUC_UNUSED)
{
  Gate gate = { 0 };
  g_autoptr(AsabFuture) future = asab_run_in_thread (wait_at_gate, &gate, trace_destroy_cb, NULL);

  gate_await (&gate, 1);
  asab_future_cancel (future);
  g_assert_true (asab_future_is_cancelled (future));
  async_run_ready (fixture);
  async_assert_trace (fixture, "");
  gate_open (&gate);
  while (fixture->trace->len == 0)
    g_main_context_iteration (fixture->context, TRUE);
  async_assert_trace (fixture, "D");
}

static void
test_cancellable (AsyncFixture  *fixture,
                  gconstpointer  data G_GNUC_UNUSED)
{
  Gate gate = { 0 };
  GCancellable *cancellable = g_cancellable_new ();
  g_autoptr(AsabFuture) future = asab_run_in_thread (wait_at_gate, &gate, trace_destroy_cb, cancellable);

  gate_await (&gate, 1);
  g_cancellable_cancel (cancellable);
  gate_open (&gate);
  run_until (fixture, future);
  async_assert_trace (fixture, "D");
  g_assert_true (asab_future_is_cancelled (future));
  async_run_ready (fixture);
  g_assert_finalize_object (cancellable);
}

static gboolean
never_called (gpointer       user_data G_GNUC_UNUSED,
              GCancellable  *cancellable G_GNUC_UNUSED,
              GValue        *result G_GNUC_UNUSED,
              GError       **error G_GNUC_UNUSED)
{
  g_assert_not_reached ();
}

static void
test_cancelled_before (AsyncFixture  *fixture,
                       gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(AsabFuture) future = NULL;

  g_cancellable_cancel (cancellable);
  future = asab_run_in_thread (never_called, NULL, trace_destroy_cb, cancellable);
  run_until (fixture, future);
  async_assert_trace (fixture, "D");
  g_assert_true (asab_future_is_cancelled (future));
}

/* When all threads are busy the next job waits for its turn, and may be cancelled before that. */
static void
test_max_threads (AsyncFixture  *fixture,
                  gconstpointer  data G_GNUC_UNUSED)
{
  guint max_threads = asab_get_max_threads ();
  Gate gate = { 0 };
  g_autoptr(AsabFuture) cancelled = NULL;
  g_autoptr(AsabFuture) last = NULL;

  g_assert_cmpuint (max_threads, >=, 5);
  asab_set_max_threads (max_threads + 1);
  g_assert_cmpuint (asab_get_max_threads (), ==, max_threads + 1);
  for (guint i = 0; i < max_threads + 1; i++)
    asab_future_unref (asab_run_in_thread (wait_at_gate, &gate, trace_destroy_cb, NULL));
  gate_await (&gate, max_threads + 1);

  cancelled = asab_run_in_thread (never_called, NULL, trace_destroy_cb, NULL);
  last = asab_run_in_thread (return_seven, g_thread_self (), NULL, NULL);
  asab_future_cancel (cancelled);
  gate_open (&gate);
  run_until (fixture, last);
  while (fixture->trace->len < max_threads + 2)
    g_main_context_iteration (fixture->context, TRUE);
  g_string_truncate (fixture->trace, 0);
  asab_set_max_threads (max_threads);
}

/* Nobody wants the result, and the promise is there for the thread alone. */
static void
test_dropped (AsyncFixture  *fixture,
              gconstpointer  data G_GNUC_UNUSED)
{
  Gate gate = { 0 };

  asab_future_unref (asab_run_in_thread (wait_at_gate, &gate, trace_destroy_cb, NULL));
  gate_open (&gate);
  while (fixture->trace->len == 0)
    g_main_context_iteration (fixture->context, TRUE);
  async_assert_trace (fixture, "D");
}

static gboolean
await_thread (gpointer   data G_GNUC_UNUSED,
              GValue    *result G_GNUC_UNUSED,
              GError   **error)
{
  g_autoptr(AsabFuture) future = asab_run_in_thread (return_seven, g_thread_self (), NULL, NULL);

  return asab_await_int64 (future, error) == 7;
}

static void
test_fiber (AsyncFixture  *fixture,
            gconstpointer  data G_GNUC_UNUSED)
{
  AsabFuture *fibers[50];

  for (gsize i = 0; i < G_N_ELEMENTS (fibers); i++)
    fibers[i] = asab_spawn (await_thread, NULL, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (fibers); i++)
    {
      run_until (fixture, fibers[i]);
      g_assert_true (asab_future_is_resolved (fibers[i]));
      asab_future_unref (fibers[i]);
    }
}

static void
add_tests (void)
{
  async_test_add ("/asab/thread/result", test_result);
  async_test_add ("/asab/thread/error", test_error);
  async_test_add ("/asab/thread/cancel", test_cancel);
  async_test_add ("/asab/thread/cancellable", test_cancellable);
  async_test_add ("/asab/thread/cancelled-before", test_cancelled_before);
  async_test_add ("/asab/thread/max-threads", test_max_threads);
  async_test_add ("/asab/thread/dropped", test_dropped);
  async_test_add ("/asab/thread/fiber", test_fiber);
}

int
main (int    argc,
      char **argv)
{
  return async_test_run (argc, argv, add_tests);
}
