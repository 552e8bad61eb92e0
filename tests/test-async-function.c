/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "async-fixture.h"

static void
run_until (AsyncFixture *fixture,
           AsabFuture   *future)
{
  while (!asab_future_is_done (future))
    g_main_context_iteration (fixture->context, TRUE);
}

static int
add (int       a,
     int       b,
     GError  **error G_GNUC_UNUSED,
     gpointer  caller)
{
  g_assert_true (g_thread_self () != caller);

  return a + b;
}

static void
check_destroy_cb (gpointer caller)
{
  g_assert_true (g_thread_self () == caller);
  async_trace ("D");
}

static void
test_call (AsyncFixture  *fixture,
           gconstpointer  data G_GNUC_UNUSED)
{
  AsabAsyncFunction *self = asab_make_async (G_CALLBACK (add), G_TYPE_INT, g_thread_self (), check_destroy_cb);
  g_autoptr(AsabFuture) future = asab_async_function_call (self, NULL, G_TYPE_INT, 1, G_TYPE_INT, 2, G_TYPE_INVALID);
  GValue args[2] = { G_VALUE_INIT, G_VALUE_INIT };
  g_autoptr(AsabFuture) again = NULL;

  for (int i = 0; i < 2; i++)
    {
      g_value_init (&args[i], G_TYPE_INT);
      g_value_set_int (&args[i], 10 + i);
    }
  run_until (fixture, future);
  async_assert_int (future, 3);

  again = asab_async_function_callv (self, args, 2, NULL);
  g_object_unref (self);
  async_assert_trace (fixture, "");
  run_until (fixture, again);
  async_assert_trace (fixture, "D");
  async_assert_int (again, 21);
}

/* A function of GLib as it is; what it gives is freed by the future. */
static void
test_foreign_function (AsyncFixture  *fixture,
                       gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabAsyncFunction) self = asab_make_async (G_CALLBACK (g_uri_unescape_string), G_TYPE_STRING, NULL, NULL);
  g_autoptr(AsabFuture) future = asab_async_function_call (self, NULL, G_TYPE_STRING, "a%20b", G_TYPE_STRING, NULL,
                                                           G_TYPE_INVALID);
  g_autofree char *text = NULL;

  run_until (fixture, future);
  text = asab_future_dup_string (future, NULL);
  g_assert_cmpstr (text, ==, "a b");
}

static void
test_error (AsyncFixture  *fixture,
            gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabAsyncFunction) self = asab_make_async (G_CALLBACK (g_file_read_link), G_TYPE_STRING, NULL, NULL);
  g_autoptr(AsabFuture) future = asab_async_function_call (self, NULL, G_TYPE_STRING, "/does/not/exist",
                                                           G_TYPE_INVALID);

  run_until (fixture, future);
  async_assert_error (future, G_FILE_ERROR, G_FILE_ERROR_NOENT);
}

static char *
fail_with_result (GError **error)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_BUSY, "busy");

  return g_strdup ("freed");
}

static void
test_error_with_result (AsyncFixture  *fixture,
                        gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabAsyncFunction) self = asab_make_async (G_CALLBACK (fail_with_result), G_TYPE_STRING, NULL, NULL);
  g_autoptr(AsabFuture) future = asab_async_function_call (self, NULL, G_TYPE_INVALID);

  run_until (fixture, future);
  async_assert_error (future, G_IO_ERROR, G_IO_ERROR_BUSY);
}

static void
count_call (GError  **error G_GNUC_UNUSED,
            gpointer  n_calls)
{
  g_atomic_int_inc ((gint *) n_calls);
}

static void
test_no_result (AsyncFixture  *fixture,
                gconstpointer  data G_GNUC_UNUSED)
{
  gint n_calls = 0;
  g_autoptr(AsabAsyncFunction) self = asab_make_async (G_CALLBACK (count_call), G_TYPE_NONE, &n_calls, NULL);
  g_autoptr(AsabFuture) future = asab_async_function_callv (self, NULL, 0, NULL);

  run_until (fixture, future);
  g_assert_true (asab_future_is_resolved (future));
  g_assert_null (asab_future_get_value (future, NULL));
  g_assert_cmpint (n_calls, ==, 1);
}

static AsabFuture *
get_future (GError   **error G_GNUC_UNUSED,
            gpointer   future)
{
  return future != NULL ? asab_future_ref (future) : NULL;
}

/* The future that the function gives is waited for. */
static void
test_flatten (AsyncFixture  *fixture,
              gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabPromise) promise = asab_promise_new ();
  g_autoptr(AsabAsyncFunction) self = asab_make_async (G_CALLBACK (get_future), ASAB_TYPE_FUTURE,
                                                       asab_promise_get_future (promise), NULL);
  g_autoptr(AsabAsyncFunction) null = asab_make_async (G_CALLBACK (get_future), ASAB_TYPE_FUTURE, NULL, NULL);
  g_autoptr(AsabFuture) future = asab_async_function_call (self, NULL, G_TYPE_INVALID);
  g_autoptr(AsabFuture) empty = asab_async_function_call (null, NULL, G_TYPE_INVALID);

  run_until (fixture, empty);
  g_assert_true (asab_future_is_resolved (empty));
  g_assert_null (asab_future_get_value (empty, NULL));

  async_run_ready (fixture);
  g_assert_false (asab_future_is_done (future));
  asab_promise_resolve_int64 (promise, 7);
  run_until (fixture, future);
  async_assert_int (future, 7);
}

static AsabFuture *
fail_instead_of_future (GError **error)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_BUSY, "busy");

  return NULL;
}

static void
test_flatten_error (AsyncFixture  *fixture,
                    gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabAsyncFunction) self = asab_make_async (G_CALLBACK (fail_instead_of_future), ASAB_TYPE_FUTURE,
                                                       NULL, NULL);
  g_autoptr(AsabFuture) future = asab_async_function_call (self, NULL, G_TYPE_INVALID);

  run_until (fixture, future);
  async_assert_error (future, G_IO_ERROR, G_IO_ERROR_BUSY);
}

/* Where calls wait until they may go on. */
typedef struct
{
  GMutex lock;
  GCond cond;
  guint n_entered;
  guint n_running;
  guint n_most;    /* that were there at once */
  gboolean open;
} Gate;

static char *
pass_gate (GError   **error G_GNUC_UNUSED,
           gpointer   user_data)
{
  Gate *gate = user_data;

  g_mutex_lock (&gate->lock);
  gate->n_entered++;
  gate->n_running++;
  gate->n_most = MAX (gate->n_most, gate->n_running);
  g_cond_broadcast (&gate->cond);
  while (!gate->open)
    g_cond_wait (&gate->cond, &gate->lock);
  gate->n_running--;
  g_mutex_unlock (&gate->lock);

  return g_strdup ("passed");
}

static void
gate_open (Gate *gate)
{
  g_mutex_lock (&gate->lock);
  gate->open = TRUE;
  g_cond_broadcast (&gate->cond);
  g_mutex_unlock (&gate->lock);
}

static void
gate_await (Gate  *gate,
            guint  n)
{
  g_mutex_lock (&gate->lock);
  while (gate->n_entered < n)
    g_cond_wait (&gate->cond, &gate->lock);
  g_mutex_unlock (&gate->lock);
}

static void
trace_destroy_cb (gpointer data G_GNUC_UNUSED)
{
  async_trace ("D");
}

static void
wait_for_trace (AsyncFixture *fixture)
{
  while (fixture->trace->len == 0)
    g_main_context_iteration (fixture->context, TRUE);
}

/* Cancelled at once; what the function gives later is freed. */
static void
test_cancel (AsyncFixture  *fixture,
             gconstpointer  data G_GNUC_UNUSED)
{
  Gate gate = { 0 };
  AsabAsyncFunction *self = asab_make_async (G_CALLBACK (pass_gate), G_TYPE_STRING, &gate, trace_destroy_cb);
  g_autoptr(AsabFuture) future = asab_async_function_call (self, NULL, G_TYPE_INVALID);

  g_object_unref (self);
  gate_await (&gate, 1);
  asab_future_cancel (future);
  g_assert_true (asab_future_is_cancelled (future));
  async_assert_trace (fixture, "");
  gate_open (&gate);
  wait_for_trace (fixture);
  async_assert_trace (fixture, "D");
}

static void
test_cancel_flattened (AsyncFixture  *fixture,
                       gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabPromise) promise = asab_promise_new ();
  AsabAsyncFunction *self = asab_make_async (G_CALLBACK (get_future), ASAB_TYPE_FUTURE,
                                             asab_promise_get_future (promise), trace_destroy_cb);
  g_autoptr(AsabFuture) early = asab_async_function_call (self, NULL, G_TYPE_INVALID);
  g_autoptr(AsabFuture) future = asab_async_function_call (self, NULL, G_TYPE_INVALID);

  g_object_unref (self);
  asab_future_cancel (early);
  g_assert_true (asab_future_is_cancelled (early));
  wait_for_trace (fixture);
  async_run_ready (fixture);
  asab_future_cancel (future);
  g_assert_true (asab_future_is_cancelled (future));
  g_assert_false (asab_future_is_done (asab_promise_get_future (promise)));
  async_assert_trace (fixture, "D");
}

static void
never_called (void)
{
  g_assert_not_reached ();
}

/* What waits for a thread is never called when it was cancelled meanwhile. */
static void
test_cancel_queued (AsyncFixture  *fixture,
                    gconstpointer  data G_GNUC_UNUSED)
{
  guint max_threads = asab_get_max_threads ();
  Gate gate = { 0 };
  AsabAsyncFunction *busy = asab_make_async (G_CALLBACK (pass_gate), G_TYPE_STRING, &gate, trace_destroy_cb);
  AsabAsyncFunction *never = asab_make_async (G_CALLBACK (never_called), G_TYPE_NONE, NULL, trace_destroy_cb);
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(AsabFuture) first = NULL;
  g_autoptr(AsabFuture) second = NULL;

  for (guint i = 0; i < max_threads; i++)
    asab_future_unref (asab_async_function_call (busy, NULL, G_TYPE_INVALID));
  gate_await (&gate, max_threads);

  first = asab_async_function_call (never, NULL, G_TYPE_INVALID);
  second = asab_async_function_call (never, cancellable, G_TYPE_INVALID);
  g_object_unref (busy);
  g_object_unref (never);
  asab_future_cancel (first);
  g_cancellable_cancel (cancellable);
  gate_open (&gate);
  while (fixture->trace->len < 2)
    g_main_context_iteration (fixture->context, TRUE);
  async_assert_trace (fixture, "DD");
  g_assert_true (asab_future_is_cancelled (first));
  g_assert_true (asab_future_is_cancelled (second));
}

/* Many more calls than threads. */
static void
test_bounded (AsyncFixture  *fixture,
              gconstpointer  data G_GNUC_UNUSED)
{
  guint max_threads = asab_get_max_threads ();
  Gate gate = { .open = TRUE };
  g_autoptr(AsabAsyncFunction) self = asab_make_async (G_CALLBACK (pass_gate), G_TYPE_STRING, &gate, NULL);
  AsabFuture *futures[1000];
  g_autoptr(AsabFuture) all = NULL;

  asab_set_max_threads (4);
  for (gsize i = 0; i < G_N_ELEMENTS (futures); i++)
    futures[i] = asab_async_function_call (self, NULL, G_TYPE_INVALID);
  all = asab_future_all (futures, G_N_ELEMENTS (futures));
  run_until (fixture, all);
  g_assert_true (asab_future_is_resolved (all));
  g_assert_cmpuint (gate.n_entered, ==, G_N_ELEMENTS (futures));
  g_assert_cmpuint (gate.n_most, <=, 4);

  for (gsize i = 0; i < G_N_ELEMENTS (futures); i++)
    asab_future_unref (futures[i]);
  asab_set_max_threads (max_threads);
}

typedef struct
{
  GThread *caller;
  gint n_calls;
} ClosureData;

static void
marshal (GClosure     *closure,
         GValue       *result G_GNUC_UNUSED,
         guint         n_args,
         const GValue *args G_GNUC_UNUSED,
         gpointer      hint G_GNUC_UNUSED,
         gpointer      marshal_data G_GNUC_UNUSED)
{
  ClosureData *data = closure->data;

  g_assert_cmpuint (n_args, ==, 0);
  g_assert_true (g_thread_self () != data->caller);
  g_atomic_int_inc (&data->n_calls);
}

static void
closure_gone_cb (gpointer  user_data,
                 GClosure *closure G_GNUC_UNUSED)
{
  g_assert_true (g_thread_self () == ((ClosureData *) user_data)->caller);
  async_trace ("D");
}

static void
test_closure (AsyncFixture  *fixture,
              gconstpointer  data G_GNUC_UNUSED)
{
  ClosureData closure_data = { g_thread_self (), 0 };
  GClosure *closure = g_closure_new_simple (sizeof (GClosure), &closure_data);
  g_autoptr(AsabFuture) future = NULL;

  g_closure_set_marshal (closure, marshal);
  g_closure_add_finalize_notifier (closure, &closure_data, closure_gone_cb);
  future = asab_run_in_thread_closure (closure, NULL);
  run_until (fixture, future);
  async_assert_trace (fixture, "D");
  g_assert_true (asab_future_is_resolved (future));
  g_assert_cmpint (closure_data.n_calls, ==, 1);
}

static void
add_tests (void)
{
  /* The first one: threads that wait for work stay for a while. */
  async_test_add ("/asab/async-function/bounded", test_bounded);
  async_test_add ("/asab/async-function/call", test_call);
  async_test_add ("/asab/async-function/foreign-function", test_foreign_function);
  async_test_add ("/asab/async-function/error", test_error);
  async_test_add ("/asab/async-function/error-with-result", test_error_with_result);
  async_test_add ("/asab/async-function/no-result", test_no_result);
  async_test_add ("/asab/async-function/flatten", test_flatten);
  async_test_add ("/asab/async-function/flatten-error", test_flatten_error);
  async_test_add ("/asab/async-function/cancel", test_cancel);
  async_test_add ("/asab/async-function/cancel-flattened", test_cancel_flattened);
  async_test_add ("/asab/async-function/cancel-queued", test_cancel_queued);
  async_test_add ("/asab/async-function/closure", test_closure);
}

int
main (int    argc,
      char **argv)
{
  return async_test_run (argc, argv, add_tests);
}
