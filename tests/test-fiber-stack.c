/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What runs on which stack: functions that a fiber has called on the native one, and main loops. */

#include "async-fixture.h"

typedef struct
{
  AsyncFixture *fixture;
  AsabPromise *promise;  /* (nullable) */
  AsabFuture *fiber;     /* (nullable) */
} Scene;

static gboolean
await_it (gpointer   data,
          GValue    *result G_GNUC_UNUSED,
          GError   **error)
{
  return asab_await (data, error);
}

static void
check_native (gpointer data)
{
  g_autoptr(AsabPromise) promise = asab_promise_new ();
  g_autoptr(GError) error = NULL;

  g_assert_null (asab_fiber_get_current ());
  g_assert_false (asab_await (asab_promise_get_future (promise), &error));
  g_assert_error (error, ASAB_ERROR, ASAB_ERROR_NOT_FIBER);
  async_trace (data);
}

static gboolean
call_native (gpointer   data G_GNUC_UNUSED,
             GValue    *result G_GNUC_UNUSED,
             GError   **error)
{
  AsabFiber *fiber = asab_fiber_get_current ();

  g_assert_nonnull (fiber);
  asab_main_stack_call (check_native, (gpointer) "A");
  g_assert_true (asab_fiber_get_current () == fiber);
  if (!asab_fiber_yield (error))
    return FALSE;
  asab_main_stack_call (check_native, (gpointer) "B");
  asab_main_stack_call (check_native, (gpointer) "C");

  return TRUE;
}

static void
test_call (AsyncFixture  *fixture,
           gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabFuture) future = asab_spawn (call_native, NULL, NULL);

  async_run_ready (fixture);
  async_assert_trace (fixture, "ABC");
  g_assert_true (asab_future_is_resolved (future));

  asab_main_stack_call (check_native, (gpointer) "D");
  async_assert_trace (fixture, "D");
}

static void
run_nested_loop (gpointer data)
{
  Scene *scene = data;
  g_autoptr(AsabFuture) other = asab_spawn (call_native, NULL, NULL);

  async_trace ("<");
  g_assert_true (asab_run_until_complete (other, NULL, NULL));
  async_run_ready (scene->fixture);
  async_trace (">");
}

static gboolean
call_nested_loop (gpointer   data,
                  GValue    *result G_GNUC_UNUSED,
                  GError   **error)
{
  asab_main_stack_call (run_nested_loop, data);

  return asab_fiber_yield (error);
}

/* A main loop that runs on behalf of a fiber makes all other fibers progress, those that were ready before too. */
static void
test_nested_loop (AsyncFixture  *fixture,
                  gconstpointer  data G_GNUC_UNUSED)
{
  Scene scene = { fixture, NULL, NULL };
  g_autoptr(AsabFuture) future = asab_spawn (call_nested_loop, &scene, NULL);
  g_autoptr(AsabFuture) ready = asab_spawn (call_native, NULL, NULL);

  async_run_ready (fixture);
  async_assert_trace (fixture, "<AABCBC>");
  g_assert_true (asab_future_is_resolved (future));
  g_assert_true (asab_future_is_resolved (ready));
}

static void
loop_in_callback_cb (AsabFuture *future G_GNUC_UNUSED,
                     gpointer    user_data)
{
  Scene *scene = user_data;

  async_trace ("<");
  while (!asab_future_is_done (scene->fiber))
    g_main_context_iteration (scene->fixture->context, TRUE);
  async_trace (">");
}

static void
test_loop_in_callback (AsyncFixture  *fixture,
                       gconstpointer  data G_GNUC_UNUSED)
{
  Scene scene = { fixture, NULL, NULL };
  g_autoptr(AsabFuture) done = async_new_int_future (1);
  g_autoptr(AsabFuture) fiber = NULL;

  asab_future_when_done (done, loop_in_callback_cb, &scene, NULL);
  scene.fiber = fiber = asab_spawn (call_native, NULL, NULL);
  async_trace_done (done, "D");
  async_run_ready (fixture);
  async_assert_trace (fixture, "<ADBC>");
}

static void
resolve_own_wait (gpointer data)
{
  Scene *scene = data;

  asab_promise_resolve_int64 (scene->promise, 5);
  async_trace ("R");
}

static gboolean
await_what_is_resolved (gpointer   data,
                        GValue    *result G_GNUC_UNUSED,
                        GError   **error)
{
  Scene *scene = data;

  asab_main_stack_call (resolve_own_wait, scene);
  async_trace ("A");

  return asab_await_int64 (asab_promise_get_future (scene->promise), error) == 5;
}

static void
test_resolve (AsyncFixture  *fixture,
              gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabPromise) promise = asab_promise_new ();
  Scene scene = { fixture, promise, NULL };
  g_autoptr(AsabFuture) future = asab_spawn (await_what_is_resolved, &scene, NULL);

  async_run_ready (fixture);
  async_assert_trace (fixture, "RA");
  g_assert_true (asab_future_is_resolved (future));
}

static void
cancel_own_fiber (gpointer data)
{
  Scene *scene = data;

  asab_future_cancel (scene->fiber);
  async_run_ready (scene->fixture);
  async_trace ("C");
}

static gboolean
call_cancel (gpointer   data,
             GValue    *result G_GNUC_UNUSED,
             GError   **error)
{
  asab_main_stack_call (cancel_own_fiber, data);
  async_trace ("A");

  return asab_fiber_sleep (1, error);
}

static void
test_cancel (AsyncFixture  *fixture,
             gconstpointer  data G_GNUC_UNUSED)
{
  Scene scene = { fixture, NULL, NULL };
  g_autoptr(AsabFuture) future = asab_spawn (call_cancel, &scene, NULL);

  scene.fiber = future;
  async_run_ready (fixture);
  async_assert_trace (fixture, "CA");
  g_assert_true (asab_future_is_cancelled (future));
}

static void
check_destroy_cb (gpointer data)
{
  check_native (data);
}

static gboolean
return_at_once (gpointer   data G_GNUC_UNUSED,
                GValue    *result G_GNUC_UNUSED,
                GError   **error G_GNUC_UNUSED)
{
  return TRUE;
}

static void
test_destroy (AsyncFixture  *fixture,
              gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabFuture) future G_GNUC_UNUSED = asab_spawn (return_at_once, (gpointer) "D", check_destroy_cb);

  async_run_ready (fixture);
  async_assert_trace (fixture, "D");
}

static gboolean
iterate_on_fiber (gpointer   data,
                  GValue    *result G_GNUC_UNUSED,
                  GError   **error G_GNUC_UNUSED)
{
  async_run_ready (data);
  async_run_ready (data);
  async_trace ("A");

  return TRUE;
}

/* A main loop on the stack of a fiber is a bug; it is told once and starts no fiber there. */
static void
test_loop_on_fiber (AsyncFixture  *fixture,
                    gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabFuture) future G_GNUC_UNUSED = asab_spawn (iterate_on_fiber, fixture, NULL);
  g_autoptr(AsabFuture) other G_GNUC_UNUSED = asab_spawn (call_native, NULL, NULL);

  async_run_ready (fixture);
  async_assert_log (fixture, "A main loop runs on the stack of the fiber “iterate_on_fiber”: "
                             "no fiber of its context goes on until it ends\n");
  async_assert_trace (fixture, "AABC");
}

static gboolean
run_on_fiber (gpointer   data,
              GValue    *result G_GNUC_UNUSED,
              GError   **error)
{
  return asab_run_until_complete (data, NULL, error);
}

static void
test_run_on_fiber (AsyncFixture  *fixture,
                   gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabPromise) promise = asab_promise_new ();
  g_autoptr(AsabFuture) future = asab_spawn (run_on_fiber, asab_promise_get_future (promise), NULL);

  async_run_ready (fixture);
  async_assert_error (future, ASAB_ERROR, ASAB_ERROR_DEADLOCK);
}

static void
test_no_resources (AsyncFixture  *fixture,
                   gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabFuture) future = asab_spawn_full (NULL, "huge", G_PRIORITY_DEFAULT, G_MAXSIZE / 4, NULL,
                                                  return_at_once, (gpointer) "D", check_destroy_cb);

  async_run_ready (fixture);
  async_assert_trace (fixture, "D");
  async_assert_error (future, ASAB_ERROR, ASAB_ERROR_NO_RESOURCES);
}

static gboolean
use_much_stack (gpointer   data G_GNUC_UNUSED,
                GValue    *result G_GNUC_UNUSED,
                GError   **error)
{
  volatile char buffer[700 * 1024];

  for (gsize i = 0; i < sizeof buffer; i += 1024)
    buffer[i] = 1;

  return asab_fiber_yield (error) && buffer[0] == 1;
}

static void
test_size (AsyncFixture  *fixture,
           gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabFuture) own = asab_spawn_full (NULL, NULL, G_PRIORITY_DEFAULT, 1024 * 1024, NULL, use_much_stack,
                                               NULL, NULL);
  g_autoptr(AsabFuture) usual = NULL;

  async_run_ready (fixture);
  g_assert_true (asab_future_is_resolved (own));

  asab_context_set_stack_size (fixture->context, 1024 * 1024);
  usual = asab_spawn (use_much_stack, NULL, NULL);
  async_run_ready (fixture);
  g_assert_true (asab_future_is_resolved (usual));
}

static void
test_many (AsyncFixture  *fixture,
           gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabPromise) promise = asab_promise_new ();
  AsabFuture *fibers[2000];

  for (gsize i = 0; i < G_N_ELEMENTS (fibers); i++)
    fibers[i] = asab_spawn (await_it, asab_promise_get_future (promise), NULL);
  async_run_ready (fixture);
  asab_promise_resolve (promise, NULL);
  async_run_ready (fixture);
  for (gsize i = 0; i < G_N_ELEMENTS (fibers); i++)
    {
      g_assert_true (asab_future_is_resolved (fibers[i]));
      asab_future_unref (fibers[i]);
    }
}

static void
add_tests (void)
{
  async_test_add ("/asab/fiber-stack/call", test_call);
  async_test_add ("/asab/fiber-stack/nested-loop", test_nested_loop);
  async_test_add ("/asab/fiber-stack/loop-in-callback", test_loop_in_callback);
  async_test_add ("/asab/fiber-stack/resolve", test_resolve);
  async_test_add ("/asab/fiber-stack/cancel", test_cancel);
  async_test_add ("/asab/fiber-stack/destroy", test_destroy);
  async_test_add ("/asab/fiber-stack/loop-on-fiber", test_loop_on_fiber);
  async_test_add ("/asab/fiber-stack/run-on-fiber", test_run_on_fiber);
  async_test_add ("/asab/fiber-stack/no-resources", test_no_resources);
  async_test_add ("/asab/fiber-stack/size", test_size);
  async_test_add ("/asab/fiber-stack/many", test_many);
}

int
main (int    argc,
      char **argv)
{
  return async_test_run (argc, argv, add_tests);
}
