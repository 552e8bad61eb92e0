/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "async-fixture.h"
#include "nursery-tasks.h"
#include "sample-context.h"

static AsabFuture *
new_rejected (GQuark      domain,
              int         code,
              const char *message)
{
  return asab_future_new_take_error (g_error_new_literal (domain, code, message));
}

static AsabFuture *
new_failed (void)
{
  return new_rejected (ASAB_ERROR, ASAB_ERROR_FAILED, "E");
}

static void
assert_exited (AsabFuture *exited,
               gboolean    expected)
{
  g_autoptr(GError) error = NULL;

  g_assert_cmpint (asab_future_get_boolean (exited, &error), ==, expected);
  g_assert_no_error (error);
}

/* A task that failed ends the context with its error, but not before the caller has returned. */
static void
test_failed (AsyncFixture  *fixture,
             gconstpointer  data G_GNUC_UNUSED)
{
  SampleContext *context = sample_context_new ("a");
  g_autoptr(AsabFuture) task = new_failed ();
  g_autoptr(AsabFuture) exited = asab_async_exit_on_error (ASAB_ASYNC_CONTEXT (context), task, NULL);

  async_assert_trace (fixture, "");
  async_run_ready (fixture);
  async_assert_trace (fixture, "a-(E)");
  assert_exited (exited, TRUE);
  g_assert_finalize_object (context);
}

static void
test_succeeded (AsyncFixture  *fixture,
                gconstpointer  data G_GNUC_UNUSED)
{
  SampleContext *context = sample_context_new ("a");
  g_autoptr(AsabFuture) task = async_new_int_future (1);
  g_autoptr(AsabFuture) exited = asab_async_exit_on_error (ASAB_ASYNC_CONTEXT (context), task, fixture->context);

  async_run_ready (fixture);
  async_assert_trace (fixture, "");
  assert_exited (exited, FALSE);
  g_assert_finalize_object (context);
}

static void
test_cancelled (AsyncFixture  *fixture,
                gconstpointer  data G_GNUC_UNUSED)
{
  SampleContext *context = sample_context_new ("a");
  g_autoptr(AsabFuture) task = asab_sleep (1);
  g_autoptr(AsabFuture) exited = asab_async_exit_on_error (ASAB_ASYNC_CONTEXT (context), task, NULL);

  asab_future_cancel (task);
  async_run_ready (fixture);
  async_assert_trace (fixture, "");
  assert_exited (exited, FALSE);
  g_assert_finalize_object (context);
}

static gboolean
exit_in_steps (gpointer   data G_GNUC_UNUSED,
               GValue    *result G_GNUC_UNUSED,
               GError   **error)
{
  if (!asab_fiber_sleep (1, error))
    return FALSE;
  async_trace ("1");
  if (!asab_fiber_sleep (1, error))
    return FALSE;
  async_trace ("2");

  return TRUE;
}

/* The exit is brought to its end, also if nobody has the context or the future any more, or takes the wish back. */
static void
test_exit_waits (AsyncFixture  *fixture,
                 gconstpointer  data G_GNUC_UNUSED)
{
  SampleContext *context = sample_context_new ("a");
  g_autoptr(AsabFuture) task = new_failed ();
  AsabFuture *exited = asab_async_exit_on_error (ASAB_ASYNC_CONTEXT (context), task, NULL);
  gpointer weak = context;

  g_object_add_weak_pointer (G_OBJECT (context), &weak);
  context->exiting = asab_spawn (exit_in_steps, NULL, NULL);
  g_object_unref (context);
  async_run_ready (fixture);
  async_assert_trace (fixture, "a-(E)");
  asab_future_cancel (exited);
  asab_future_unref (exited);
  async_advance (fixture, 1);
  async_assert_trace (fixture, "1");
  g_assert_nonnull (weak);
  async_advance (fixture, 1);
  async_assert_trace (fixture, "2");
  g_assert_null (weak);
}

static void
test_exit_fails (AsyncFixture  *fixture,
                 gconstpointer  data G_GNUC_UNUSED)
{
  SampleContext *context = sample_context_new ("a");
  g_autoptr(AsabFuture) task = new_failed ();
  g_autoptr(AsabFuture) exited = asab_async_exit_on_error (ASAB_ASYNC_CONTEXT (context), task, NULL);

  asab_set_exception_handler (NULL, trace_exception, NULL, NULL);
  context->exiting = new_rejected (ASAB_ERROR, ASAB_ERROR_CLOSED, "late");
  async_run_ready (fixture);
  async_assert_trace (fixture, "a-(E)!late");
  assert_exited (exited, TRUE);
  g_assert_finalize_object (context);
}

/* Without a handler the failure is logged, and nothing else happens. */
static void
test_exit_fails_unhandled (AsyncFixture  *fixture,
                           gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(SampleContext) context = sample_context_new ("a");
  g_autoptr(AsabFuture) task = new_failed ();

  context->exiting = new_rejected (ASAB_ERROR, ASAB_ERROR_CLOSED, "late");
  asab_future_unref (asab_async_exit_on_error (ASAB_ASYNC_CONTEXT (context), task, NULL));
  async_run_ready (fixture);
  async_assert_trace (fixture, "a-(E)");
  async_assert_log (fixture, "*exit of a context*: late*");
}

/* A task that goes on is waited for. */
static void
test_pending (AsyncFixture  *fixture,
              gconstpointer  data G_GNUC_UNUSED)
{
  SampleContext *context = sample_context_new ("a");
  g_autoptr(AsabPromise) promise = asab_promise_new ();
  g_autoptr(AsabFuture) exited = asab_async_exit_on_error (ASAB_ASYNC_CONTEXT (context),
                                                           asab_promise_get_future (promise), NULL);

  async_run_ready (fixture);
  g_assert_false (asab_future_is_done (exited));
  asab_promise_reject_literal (promise, ASAB_ERROR, ASAB_ERROR_FAILED, "E");
  async_run_ready (fixture);
  async_assert_trace (fixture, "a-(E)");
  assert_exited (exited, TRUE);
  g_assert_finalize_object (context);
}

/* The wish can be taken back as long as the task is not done. */
static void
test_taken_back (AsyncFixture  *fixture,
                 gconstpointer  data G_GNUC_UNUSED)
{
  SampleContext *context = sample_context_new ("a");
  g_autoptr(AsabPromise) promise = asab_promise_new ();
  g_autoptr(AsabFuture) exited = asab_async_exit_on_error (ASAB_ASYNC_CONTEXT (context),
                                                           asab_promise_get_future (promise), NULL);

  async_run_ready (fixture);
  asab_future_cancel (exited);
  async_run_ready (fixture);
  g_assert_true (asab_future_is_cancelled (exited));
  g_assert_finalize_object (context);
  asab_promise_resolve (promise, NULL);
  async_assert_trace (fixture, "");
}

static void
add_tests (void)
{
  async_test_add ("/asab/async-exit/failed", test_failed);
  async_test_add ("/asab/async-exit/succeeded", test_succeeded);
  async_test_add ("/asab/async-exit/cancelled", test_cancelled);
  async_test_add ("/asab/async-exit/exit-waits", test_exit_waits);
  async_test_add ("/asab/async-exit/exit-fails", test_exit_fails);
  async_test_add ("/asab/async-exit/exit-fails-unhandled", test_exit_fails_unhandled);
  async_test_add ("/asab/async-exit/pending", test_pending);
  async_test_add ("/asab/async-exit/taken-back", test_taken_back);
}

int
main (int    argc,
      char **argv)
{
  return async_test_run (argc, argv, add_tests);
}
