/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What nurseries do when they are closed, and with which errors. */

#include "async-fixture.h"
#include "nursery-tasks.h"
#include "sample-context.h"

static GError *
new_error (const char *message)
{
  return g_error_new_literal (ASAB_ERROR, ASAB_ERROR_FAILED, message);
}

static AsabFuture *
new_boolean_future (gboolean value)
{
  g_autoptr(AsabPromise) promise = asab_promise_new ();

  asab_promise_resolve_boolean (promise, value);

  return asab_future_ref (asab_promise_get_future (promise));
}

/* What an exit handler does: traces its name and the error that it gets, then fails or deals with it or not. */
typedef struct
{
  const char *name;
  const char *failure;
  gboolean suppresses;
} Handler;

static AsabFuture *
handler_cb (const GError  *error,
            gpointer       data,
            GError       **failure)
{
  Handler *self = data;

  g_assert_null (asab_fiber_get_current ());
  async_trace (self->name);
  async_trace (error != NULL ? error->message : "-");
  if (self->failure != NULL)
    {
      g_set_error_literal (failure, ASAB_ERROR, ASAB_ERROR_FAILED, self->failure);
      return NULL;
    }

  return new_boolean_future (self->suppresses);
}

static void
push_handler (AsabTaskNursery *nursery,
              Handler         *handler)
{
  g_assert_true (asab_task_nursery_push_exit (nursery, handler_cb, handler, NULL, NULL));
}

static AsabFuture *
close_with_error (AsabTaskNursery *nursery,
                  const char      *message)
{
  g_autoptr(GError) error = new_error (message);

  return asab_async_context_exit (ASAB_ASYNC_CONTEXT (nursery), error);
}

static void
assert_errors (AsabFuture *future,
               const char *expected)
{
  g_autoptr(GError) error = asab_future_dup_error (future);
  g_autoptr(GPtrArray) errors = NULL;
  g_autoptr(GString) messages = g_string_new (NULL);

  g_assert_nonnull (error);
  errors = asab_error_get_errors (error);
  for (guint i = 0; i < errors->len; i++)
    g_string_append_printf (messages, "%s ", ((GError *) g_ptr_array_index (errors, i))->message);
  g_string_append (messages, error->message);
  g_assert_cmpstr (messages->str, ==, expected);
}

/* Each handler sees the error that is the current one when its turn comes. */
static void
test_error_is_replaced (AsyncFixture  *fixture,
                        gconstpointer  data G_GNUC_UNUSED)
{
  AsabTaskNursery *nursery = asab_task_nursery_new (NULL);
  Handler outer = { "outer", NULL, FALSE };
  Handler middle = { " middle", "rep", FALSE };
  Handler inner = { " inner", NULL, FALSE };
  g_autoptr(AsabFuture) closed = NULL;

  push_handler (nursery, &outer);
  push_handler (nursery, &middle);
  push_handler (nursery, &inner);
  closed = close_with_error (nursery, "E");
  async_assert_trace (fixture, "");
  async_run_ready (fixture);
  async_assert_trace (fixture, " innerE middleEouterrep");
  async_assert_error (closed, ASAB_ERROR, ASAB_ERROR_MULTIPLE);
  assert_errors (closed, "E rep rep");
  g_assert_finalize_object (nursery);
}

static void
test_error_is_suppressed (AsyncFixture  *fixture,
                          gconstpointer  data G_GNUC_UNUSED)
{
  AsabTaskNursery *nursery = asab_task_nursery_new (NULL);
  Handler outer = { "outer", NULL, FALSE };
  Handler middle = { " middle", NULL, TRUE };
  Handler inner = { " inner", NULL, FALSE };
  g_autoptr(AsabFuture) closed = NULL;

  push_handler (nursery, &outer);
  push_handler (nursery, &middle);
  push_handler (nursery, &inner);
  closed = close_with_error (nursery, "E");
  async_run_ready (fixture);
  async_assert_trace (fixture, " innerE middleEouter-");
  g_assert_true (asab_future_get_boolean (closed, NULL));
  g_assert_null (asab_task_nursery_get_sentinel_task (nursery));
  g_assert_finalize_object (nursery);
}

/* An error that goes through is that of the scope, not of the nursery. */
static void
test_error_goes_through (AsyncFixture  *fixture,
                         gconstpointer  data G_GNUC_UNUSED)
{
  AsabTaskNursery *nursery = asab_task_nursery_new (NULL);
  g_autoptr(AsabFuture) closed = close_with_error (nursery, "E");
  g_autoptr(GError) error = NULL;

  async_run_ready (fixture);
  g_assert_false (asab_future_get_boolean (closed, &error));
  g_assert_no_error (error);
  g_assert_finalize_object (nursery);
}

/* A suppressed error is forgotten: what fails later stands alone. */
static void
test_error_after_suppressed (AsyncFixture  *fixture,
                             gconstpointer  data G_GNUC_UNUSED)
{
  AsabTaskNursery *nursery = asab_task_nursery_new (NULL);
  Handler inner = { "inner", NULL, TRUE };
  g_autoptr(AsabFuture) closed = NULL;

  asab_task_nursery_push_callback (nursery, fail_exit_cb, (gpointer) "1", NULL, NULL);
  push_handler (nursery, &inner);
  closed = close_with_error (nursery, "E");
  async_run_ready (fixture);
  async_assert_trace (fixture, "innerE1");
  async_assert_error (closed, ASAB_ERROR, ASAB_ERROR_FAILED);
  assert_errors (closed, "1 1");
  g_assert_finalize_object (nursery);
}

/* All callbacks are called, whatever happens in one of them. */
static void
test_failing_callbacks (AsyncFixture  *fixture,
                        gconstpointer  data G_GNUC_UNUSED)
{
  AsabTaskNursery *nursery = asab_task_nursery_new (NULL);
  g_autoptr(AsabFuture) closed = NULL;

  asab_task_nursery_push_callback (nursery, fail_exit_cb, (gpointer) "1", NULL, NULL);
  asab_task_nursery_push_callback (nursery, trace_exit_cb, (gpointer) "2", NULL, NULL);
  asab_task_nursery_push_callback (nursery, fail_exit_cb, (gpointer) "3", NULL, NULL);
  asab_task_nursery_push_callback (nursery, fail_exit_cb, (gpointer) "4", NULL, NULL);
  closed = asab_task_nursery_close (nursery);
  async_run_ready (fixture);
  async_assert_trace (fixture, "4321");
  assert_errors (closed, "4 3 1 1");
  g_assert_finalize_object (nursery);
}

/* Without anybody who waits for the nursery its sentinel says what went wrong. */
static void
test_failing_sentinel (AsyncFixture  *fixture,
                       gconstpointer  data G_GNUC_UNUSED)
{
  AsabTaskNursery *nursery = asab_task_nursery_new (NULL);
  g_autoptr(AsabFuture) sentinel = asab_future_ref (asab_task_nursery_get_sentinel_task (nursery));

  asab_set_exception_handler (NULL, trace_exception, NULL, NULL);
  asab_task_nursery_push_callback (nursery, fail_exit_cb, (gpointer) "1", NULL, NULL);
  asab_future_cancel (sentinel);
  async_run_ready (fixture);
  async_assert_trace (fixture, "1!1");
  async_assert_error (sentinel, ASAB_ERROR, ASAB_ERROR_FAILED);
  g_assert_finalize_object (nursery);
}

static AsabFuture *
sleep_cb (gpointer   data G_GNUC_UNUSED,
          GError   **error G_GNUC_UNUSED)
{
  async_trace ("zz");

  return asab_sleep (1);
}

/* Each one is waited for before the next is called. */
static void
test_waits (AsyncFixture  *fixture,
            gconstpointer  data G_GNUC_UNUSED)
{
  AsabTaskNursery *nursery = asab_task_nursery_new (NULL);
  g_autoptr(AsabFuture) closed = NULL;

  asab_task_nursery_push_callback (nursery, trace_exit_cb, (gpointer) "1", NULL, NULL);
  asab_task_nursery_push_callback (nursery, sleep_cb, NULL, NULL, NULL);
  closed = asab_task_nursery_close (nursery);
  async_run_ready (fixture);
  async_assert_trace (fixture, "zz");
  async_advance (fixture, 1);
  async_assert_trace (fixture, "1");
  g_assert_true (asab_future_is_resolved (closed));
  g_assert_finalize_object (nursery);
}

/* There is one end, and nobody can stop it. */
static void
test_close_twice (AsyncFixture  *fixture,
                  gconstpointer  data G_GNUC_UNUSED)
{
  AsabTaskNursery *nursery = asab_task_nursery_new (NULL);
  g_autoptr(AsabFuture) first = NULL;
  g_autoptr(AsabFuture) second = NULL;
  g_autoptr(AsabFuture) last = NULL;

  asab_task_nursery_push_callback (nursery, trace_exit_cb, (gpointer) "1", NULL, NULL);
  asab_task_nursery_push_callback (nursery, sleep_cb, NULL, NULL, NULL);
  first = asab_task_nursery_close (nursery);
  second = asab_task_nursery_close (nursery);
  g_assert_true (first == second);
  asab_future_cancel (first);
  async_run_ready (fixture);
  asab_future_cancel (first);
  asab_future_cancel (asab_task_nursery_get_sentinel_task (nursery));
  g_assert_false (asab_future_is_done (first));
  async_advance (fixture, 1);
  async_assert_trace (fixture, "zz1");
  g_assert_true (asab_future_is_resolved (first));

  last = asab_task_nursery_close (nursery);
  g_assert_true (last == first);
  g_assert_finalize_object (nursery);
}

static AsabFuture *
push_more_cb (gpointer   data,
              GError   **error)
{
  g_assert_true (asab_task_nursery_push_callback (data, trace_exit_cb, (gpointer) "2", NULL, error));

  return NULL;
}

/* What is pushed while the nursery is being closed comes next; what is pushed later is refused. */
static void
test_push_while_closing (AsyncFixture  *fixture,
                         gconstpointer  data G_GNUC_UNUSED)
{
  AsabTaskNursery *nursery = asab_task_nursery_new (NULL);
  Handler handler = { "never", NULL, FALSE };
  g_autoptr(AsabFuture) closed = NULL;
  g_autoptr(GError) error = NULL;

  asab_task_nursery_push_callback (nursery, trace_exit_cb, (gpointer) "1", NULL, NULL);
  asab_task_nursery_push_callback (nursery, push_more_cb, nursery, NULL, NULL);
  closed = asab_task_nursery_close (nursery);
  async_run_ready (fixture);
  async_assert_trace (fixture, "21");

  g_assert_false (asab_task_nursery_push_callback (nursery, trace_exit_cb, g_strdup ("freed"), g_free, &error));
  g_assert_error (error, ASAB_ERROR, ASAB_ERROR_CLOSED);
  g_clear_error (&error);
  g_assert_false (asab_task_nursery_push_exit (nursery, handler_cb, &handler, NULL, &error));
  g_assert_error (error, ASAB_ERROR, ASAB_ERROR_CLOSED);
  g_assert_finalize_object (nursery);
}

static void
trace_destroy (gpointer what)
{
  async_trace (what);
}

/* The data of a callback is dropped when it has ended. */
static void
test_destroy (AsyncFixture  *fixture,
              gconstpointer  data G_GNUC_UNUSED)
{
  AsabTaskNursery *nursery = asab_task_nursery_new (NULL);

  asab_task_nursery_push_callback (nursery, trace_exit_cb, (gpointer) "1", trace_destroy, NULL);
  asab_task_nursery_push_callback (nursery, sleep_cb, (gpointer) "2", trace_destroy, NULL);
  asab_future_unref (asab_task_nursery_close (nursery));
  async_run_ready (fixture);
  async_assert_trace (fixture, "zz");
  async_advance (fixture, 1);
  async_assert_trace (fixture, "211");
  g_assert_finalize_object (nursery);
}

static void
test_enter_context (AsyncFixture  *fixture,
                    gconstpointer  data G_GNUC_UNUSED)
{
  AsabTaskNursery *nursery = asab_task_nursery_new (NULL);
  SampleContext *good = sample_context_new ("a");
  SampleContext *slow = sample_context_new ("b");
  SampleContext *bad = sample_context_new ("c");
  g_autoptr(AsabFuture) good_entered = NULL;
  g_autoptr(AsabFuture) slow_entered = NULL;
  g_autoptr(AsabFuture) bad_entered = NULL;
  g_autoptr(AsabFuture) closed = NULL;

  good->entering = async_new_int_future (7);
  slow->entering = asab_sleep (1);
  bad->entering = asab_future_new_take_error (new_error ("bad"));
  good_entered = asab_task_nursery_enter_context (nursery, ASAB_ASYNC_CONTEXT (good));
  slow_entered = asab_task_nursery_enter_context (nursery, ASAB_ASYNC_CONTEXT (slow));
  bad_entered = asab_task_nursery_enter_context (nursery, ASAB_ASYNC_CONTEXT (bad));
  async_advance (fixture, 1);
  async_assert_trace (fixture, "a+b+c+");
  async_assert_int (good_entered, 7);
  g_assert_true (asab_future_is_resolved (slow_entered));
  async_assert_error (bad_entered, ASAB_ERROR, ASAB_ERROR_FAILED);

  /* The context “b” deals with the error, “a” does not hear of it. */
  slow->exiting = new_boolean_future (TRUE);
  closed = close_with_error (nursery, "E");
  async_run_ready (fixture);
  async_assert_trace (fixture, "b-(E)a-");
  g_assert_true (asab_future_get_boolean (closed, NULL));

  g_assert_finalize_object (nursery);
  g_assert_finalize_object (good);
  g_assert_finalize_object (slow);
  g_assert_finalize_object (bad);
}

/* A context that is entered too late is exited at once, and one that nobody waits for in its turn. */
static void
test_enter_context_late (AsyncFixture  *fixture,
                         gconstpointer  data G_GNUC_UNUSED)
{
  AsabTaskNursery *nursery = asab_task_nursery_new ("Foo");
  g_autoptr(SampleContext) late = sample_context_new ("a");
  g_autoptr(SampleContext) cancelled = sample_context_new ("b");
  g_autoptr(SampleContext) refused = sample_context_new ("c");
  g_autoptr(AsabFuture) late_entered = NULL;
  g_autoptr(AsabFuture) cancelled_entered = NULL;
  g_autoptr(AsabFuture) refused_entered = NULL;

  late->entering = asab_sleep (1);
  late_entered = asab_task_nursery_enter_context (nursery, ASAB_ASYNC_CONTEXT (late));
  cancelled_entered = asab_task_nursery_enter_context (nursery, ASAB_ASYNC_CONTEXT (cancelled));
  asab_future_cancel (cancelled_entered);
  async_run_ready (fixture);
  async_assert_trace (fixture, "a+b+");

  asab_future_unref (asab_task_nursery_close (nursery));
  async_run_ready (fixture);
  async_assert_trace (fixture, "b-");
  async_advance (fixture, 1);
  async_assert_trace (fixture, "a-(The nursery “Foo” is closed)");
  async_assert_error (late_entered, ASAB_ERROR, ASAB_ERROR_CLOSED);

  refused_entered = asab_task_nursery_enter_context (nursery, ASAB_ASYNC_CONTEXT (refused));
  async_assert_error (refused_entered, ASAB_ERROR, ASAB_ERROR_CLOSED);
  async_run_ready (fixture);
  g_assert_finalize_object (nursery);
}

/* A nursery is itself a context, so nurseries nest. */
static void
test_nested (AsyncFixture  *fixture,
             gconstpointer  data G_GNUC_UNUSED)
{
  AsabTaskNursery *outer = asab_task_nursery_new (NULL);
  AsabTaskNursery *inner = asab_task_nursery_new (NULL);
  g_autoptr(AsabFuture) entered = asab_task_nursery_enter_context (outer, ASAB_ASYNC_CONTEXT (inner));
  g_autoptr(AsabFuture) task G_GNUC_UNUSED = spawn_task (inner, task_sleep, "a");
  g_autoptr(GObject) object = NULL;

  async_run_ready (fixture);
  object = asab_future_dup_object (entered, NULL);
  g_assert_true (object == G_OBJECT (inner));

  asab_future_unref (asab_task_nursery_close (outer));
  async_run_ready (fixture);
  async_assert_trace (fixture, "a");
  g_assert_null (asab_task_nursery_get_sentinel_task (inner));
  g_clear_object (&object);
  g_clear_pointer (&entered, asab_future_unref);
  g_assert_finalize_object (inner);
  g_assert_finalize_object (outer);
}

static void
test_pop_all (AsyncFixture  *fixture,
              gconstpointer  data G_GNUC_UNUSED)
{
  AsabTaskNursery *old = asab_task_nursery_new ("Foo");
  g_autoptr(AsabFuture) old_sentinel = asab_future_ref (asab_task_nursery_get_sentinel_task (old));
  g_autoptr(AsabFuture) task = spawn_task (old, task_sleep, "a");
  AsabTaskNursery *new;
  g_autoptr(AsabFuture) new_sentinel = NULL;
  g_autoptr(AsabFuture) nothing = NULL;
  g_autoptr(AsabFuture) closed = NULL;
  g_autoptr(GError) error = NULL;

  asab_task_nursery_push_callback (old, trace_exit_cb, (gpointer) "1", NULL, NULL);
  async_run_ready (fixture);
  new = asab_task_nursery_pop_all (old, NULL);
  new_sentinel = asab_future_ref (asab_task_nursery_get_sentinel_task (new));
  assert_n_tasks (old, 0);
  assert_n_tasks (new, 3);

  /* The end of the scope changes nothing. */
  nothing = asab_async_context_exit (ASAB_ASYNC_CONTEXT (old), NULL);
  async_run_ready (fixture);
  g_assert_true (asab_future_is_resolved (nothing));
  g_assert_true (asab_task_nursery_get_sentinel_task (old) == old_sentinel);
  g_assert_false (asab_future_is_done (task));
  async_assert_trace (fixture, "");

  closed = asab_task_nursery_close (new);
  async_run_ready (fixture);
  async_assert_trace (fixture, "1a");
  g_assert_true (asab_future_is_resolved (closed));
  g_assert_true (asab_future_is_cancelled (task));
  g_assert_true (asab_future_is_resolved (old_sentinel));
  g_assert_true (asab_future_is_resolved (new_sentinel));
  g_assert_null (asab_task_nursery_get_sentinel_task (old));
  g_assert_null (asab_task_nursery_get_sentinel_task (new));

  g_assert_null (asab_task_nursery_pop_all (old, &error));
  g_assert_error (error, ASAB_ERROR, ASAB_ERROR_CLOSED);
  g_assert_finalize_object (old);
  g_assert_finalize_object (new);
}

/* A nursery that has handed over all it had gets a life of its own with its next task. */
static void
test_task_after_pop_all (AsyncFixture  *fixture,
                         gconstpointer  data G_GNUC_UNUSED)
{
  AsabTaskNursery *old = asab_task_nursery_new ("Foo");
  AsabTaskNursery *new = asab_task_nursery_pop_all (old, NULL);

  asab_future_unref (spawn_task (old, task_sleep, "a"));
  async_assert_log (fixture, "*“Foo” gets a task after*");
  async_run_ready (fixture);
  asab_future_unref (asab_task_nursery_close (old));
  async_run_ready (fixture);
  async_assert_trace (fixture, "a");
  assert_n_tasks (new, 1);
  g_assert_finalize_object (old);

  asab_future_unref (asab_task_nursery_close (new));
  async_run_ready (fixture);
  g_assert_finalize_object (new);
}

static void
add_tests (void)
{
  async_test_add ("/asab/task-nursery-exit/error-is-replaced", test_error_is_replaced);
  async_test_add ("/asab/task-nursery-exit/error-is-suppressed", test_error_is_suppressed);
  async_test_add ("/asab/task-nursery-exit/error-goes-through", test_error_goes_through);
  async_test_add ("/asab/task-nursery-exit/error-after-suppressed", test_error_after_suppressed);
  async_test_add ("/asab/task-nursery-exit/failing-callbacks", test_failing_callbacks);
  async_test_add ("/asab/task-nursery-exit/failing-sentinel", test_failing_sentinel);
  async_test_add ("/asab/task-nursery-exit/waits", test_waits);
  async_test_add ("/asab/task-nursery-exit/close-twice", test_close_twice);
  async_test_add ("/asab/task-nursery-exit/push-while-closing", test_push_while_closing);
  async_test_add ("/asab/task-nursery-exit/destroy", test_destroy);
  async_test_add ("/asab/task-nursery-exit/enter-context", test_enter_context);
  async_test_add ("/asab/task-nursery-exit/enter-context-late", test_enter_context_late);
  async_test_add ("/asab/task-nursery-exit/nested", test_nested);
  async_test_add ("/asab/task-nursery-exit/pop-all", test_pop_all);
  async_test_add ("/asab/task-nursery-exit/task-after-pop-all", test_task_after_pop_all);
}

int
main (int    argc,
      char **argv)
{
  return async_test_run (argc, argv, add_tests);
}
