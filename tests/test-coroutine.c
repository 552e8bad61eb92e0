/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "async-fixture.h"

/* A class whose body has helpers: collects the even ones of the numbers in [0], [0, 1], [0, 1, 2] and so on. */
#define EVEN_TYPE_COLLECTOR (even_collector_get_type ())
G_DECLARE_FINAL_TYPE (EvenCollector, even_collector, EVEN, COLLECTOR, AsabCoroutine)

struct _EvenCollector
{
  AsabCoroutine parent_instance;

  int n_ranges;
  int range;  /* the one that it is in … */
  int number; /* … and the next number of that */
  int n_collected;
};

G_DEFINE_FINAL_TYPE (EvenCollector, even_collector, ASAB_TYPE_COROUTINE)

/* Returns: true if there is one more number; it takes time to go from one range to the next */
static gboolean
even_collector_next (EvenCollector  *self,
                     int            *number,
                     GError        **error)
{
  while (self->number == self->range)
    {
      if (self->range == self->n_ranges || !asab_fiber_yield (error))
        return FALSE;
      self->range++;
      self->number = 0;
    }

  *number = self->number++;

  return TRUE;
}

static void
even_collector_process (EvenCollector *self,
                        int            number)
{
  g_autofree char *text = g_strdup_printf ("%d ", number);

  async_trace (text);
  self->n_collected++;
}

static gboolean
even_collector_run (AsabCoroutine  *coroutine,
                    GValue         *result,
                    GError        **error)
{
  EvenCollector *self = EVEN_COLLECTOR (coroutine);
  int number;

  while (even_collector_next (self, &number, error))
    if (number % 2 == 0)
      even_collector_process (self, number);

  g_value_init (result, G_TYPE_INT);
  g_value_set_int (result, self->n_collected);

  return *error == NULL;
}

static void
even_collector_class_init (EvenCollectorClass *klass)
{
  ASAB_COROUTINE_CLASS (klass)->run = even_collector_run;
}

static void
even_collector_init (EvenCollector *self)
{
  self->n_ranges = 4;
}

static void
test_subclass (AsyncFixture  *fixture,
               gconstpointer  data G_GNUC_UNUSED)
{
  AsabCoroutine *self = g_object_new (EVEN_TYPE_COLLECTOR, NULL);
  g_autoptr(AsabFuture) future = asab_coroutine_start (self);

  g_assert_cmpstr (asab_coroutine_get_name (self), ==, "EvenCollector");
  async_assert_trace (fixture, "");
  async_run_ready (fixture);
  async_assert_trace (fixture, "0 0 0 2 0 2 ");
  async_assert_int (future, 6);

  g_assert_finalize_object (self);
}

static gboolean
await_it (gpointer   data,
          GValue    *result,
          GError   **error)
{
  GError *local_error = NULL;
  gint64 number;

  async_trace ("(");
  number = asab_await_int64 (data, &local_error);
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

/* A coroutine keeps itself while it runs, and is gone when nobody else has it. */
static void
test_lifetime (AsyncFixture  *fixture,
               gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabPromise) promise = asab_promise_new ();
  AsabCoroutine *self = asab_coroutine_new_for_fiber (NULL, await_it, asab_promise_get_future (promise), NULL);
  g_autoptr(AsabFuture) future = NULL;
  gpointer alive = self;

  g_object_add_weak_pointer (G_OBJECT (self), &alive);
  g_assert_null (asab_coroutine_get_future (self));
  future = asab_coroutine_start (self);
  g_assert_true (asab_coroutine_get_future (self) == future);
  g_object_unref (self);
  async_run_ready (fixture);
  async_assert_trace (fixture, "(");
  g_assert_nonnull (alive);

  asab_promise_resolve_int64 (promise, 3);
  async_run_ready (fixture);
  async_assert_int (future, 3);
  g_assert_null (alive);
}

static void
test_start_twice (AsyncFixture  *fixture,
                  gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabFuture) seven = async_new_int_future (7);
  AsabCoroutine *self = asab_coroutine_new_for_fiber (NULL, await_it, seven, NULL);
  g_autoptr(AsabFuture) future = asab_coroutine_start (self);
  g_autoptr(AsabFuture) again = asab_coroutine_start (self);
  g_autoptr(AsabFuture) late = NULL;

  async_assert_error (again, ASAB_ERROR, ASAB_ERROR_ALREADY_STARTED);
  async_run_ready (fixture);
  async_assert_trace (fixture, "()");
  async_assert_int (future, 7);

  late = asab_coroutine_start (self);
  async_assert_error (late, ASAB_ERROR, ASAB_ERROR_ALREADY_STARTED);
  g_assert_finalize_object (self);
}

static void
test_close_before_start (AsyncFixture  *fixture,
                         gconstpointer  data G_GNUC_UNUSED)
{
  AsabCoroutine *self = asab_coroutine_new_for_fiber (NULL, never_entered, NULL, NULL);
  g_autoptr(AsabFuture) closed = asab_coroutine_close (self);
  g_autoptr(AsabFuture) again = asab_coroutine_close (self);
  g_autoptr(AsabFuture) future = asab_coroutine_start (self);

  g_assert_true (asab_future_is_resolved (closed));
  g_assert_true (asab_future_is_resolved (again));
  async_assert_error (future, ASAB_ERROR, ASAB_ERROR_CLOSED);
  async_run_ready (fixture);
  g_assert_finalize_object (self);
}

static gboolean
clean_up (gpointer   data,
          GValue    *result G_GNUC_UNUSED,
          GError   **error)
{
  if (!asab_await (data, error))
    {
      g_auto(AsabShield) shield G_GNUC_UNUSED = asab_shield_begin ();

      asab_fiber_sleep (1, NULL);
      async_trace ("C");
      return FALSE;
    }

  return TRUE;
}

static void
test_close_while_running (AsyncFixture  *fixture,
                          gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabPromise) promise = asab_promise_new ();
  AsabCoroutine *self = asab_coroutine_new_for_fiber (NULL, clean_up, asab_promise_get_future (promise), NULL);
  g_autoptr(AsabFuture) future = asab_coroutine_start (self);
  g_autoptr(AsabFuture) closed = NULL;
  g_autoptr(AsabFuture) late = NULL;

  async_run_ready (fixture);
  closed = asab_coroutine_close (self);
  async_run_ready (fixture);
  g_assert_false (asab_future_is_done (closed));
  async_advance (fixture, 1);
  async_assert_trace (fixture, "C");
  g_assert_true (asab_future_is_resolved (closed));
  async_assert_error (future, G_IO_ERROR, G_IO_ERROR_CANCELLED);

  late = asab_coroutine_close (self);
  g_assert_true (asab_future_is_resolved (late));
  g_assert_finalize_object (self);
}

/* What is not on a fiber cannot be thrown into. */
static void
assert_no_throw (AsabCoroutine *self)
{
  g_autoptr(GError) busy = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_BUSY, "busy");
  g_autoptr(GError) error = NULL;

  g_assert_false (asab_coroutine_throw (self, busy, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED);
}

static AsabFuture *
return_future (gpointer   data,
               GError   **error G_GNUC_UNUSED)
{
  async_trace ("F");

  return data != NULL ? asab_future_ref (data) : NULL;
}

static void
trace_destroy_cb (gpointer data G_GNUC_UNUSED)
{
  async_trace ("D");
}

/* The body gives a future; its data goes before anybody is told that it has ended. */
static void
test_function (AsyncFixture  *fixture,
               gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabPromise) promise = asab_promise_new ();
  AsabCoroutine *self = asab_coroutine_new ("function", return_future, asab_promise_get_future (promise),
                                            trace_destroy_cb);
  g_autofree char *name = NULL;
  g_autoptr(AsabFuture) future = NULL;

  g_object_get (self, "name", &name, NULL);
  g_assert_cmpstr (name, ==, "function");
  future = asab_coroutine_start (self);
  async_trace_done (future, "A");
  async_run_ready (fixture);
  async_assert_trace (fixture, "F");
  assert_no_throw (self);

  asab_promise_resolve_int64 (promise, 6);
  async_run_ready (fixture);
  async_assert_trace (fixture, "DA");
  async_assert_int (future, 6);
  g_assert_finalize_object (self);
}

static void
test_function_without_future (AsyncFixture  *fixture,
                              gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabCoroutine) self = asab_coroutine_new (NULL, return_future, NULL, trace_destroy_cb);
  g_autoptr(AsabFuture) future = asab_coroutine_start (self);

  async_run_ready (fixture);
  async_assert_trace (fixture, "FD");
  g_assert_true (asab_future_is_resolved (future));
}

static AsabFuture *
fail (gpointer   data,
      GError   **error)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_BUSY, "busy");

  return data != NULL ? asab_future_ref (data) : NULL;
}

static void
test_function_fails (AsyncFixture  *fixture,
                     gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabFuture) ignored = async_new_int_future (1);
  g_autoptr(AsabCoroutine) self = asab_coroutine_new (NULL, fail, NULL, NULL);
  g_autoptr(AsabCoroutine) other = asab_coroutine_new (NULL, fail, ignored, NULL);
  g_autoptr(AsabFuture) future = asab_coroutine_start (self);
  g_autoptr(AsabFuture) other_future = asab_coroutine_start (other);

  async_run_ready (fixture);
  async_assert_error (future, G_IO_ERROR, G_IO_ERROR_BUSY);
  async_assert_error (other_future, G_IO_ERROR, G_IO_ERROR_BUSY);
}

static AsabFuture *
use_itself (gpointer   data,
            GError   **error G_GNUC_UNUSED)
{
  AsabCoroutine *self = *(AsabCoroutine **) data;
  g_autoptr(AsabFuture) started = asab_coroutine_start (self);
  g_autoptr(AsabFuture) closed = asab_coroutine_close (self);

  async_assert_error (started, ASAB_ERROR, ASAB_ERROR_ALREADY_STARTED);
  async_assert_error (closed, ASAB_ERROR, ASAB_ERROR_DEADLOCK);
  assert_no_throw (self);

  return NULL;
}

static void
test_reentrancy (AsyncFixture  *fixture,
                 gconstpointer  data G_GNUC_UNUSED)
{
  AsabCoroutine *self = NULL;
  g_autoptr(AsabFuture) future = NULL;

  self = asab_coroutine_new (NULL, use_itself, &self, NULL);
  future = asab_coroutine_start (self);
  async_run_ready (fixture);
  g_assert_true (asab_future_is_resolved (future));
  g_assert_finalize_object (self);
}

static gboolean
start_on_fiber (gpointer   data,
                GValue    *result G_GNUC_UNUSED,
                GError   **error)
{
  g_autoptr(AsabFuture) future = asab_coroutine_start (data);

  return asab_await (future, error);
}

static AsabFuture *
assert_native_stack (gpointer   data G_GNUC_UNUSED,
                     GError   **error G_GNUC_UNUSED)
{
  g_assert_null (asab_fiber_get_current ());
  async_trace ("N");

  return NULL;
}

static void
assert_native_stack_cb (gpointer data)
{
  g_assert_null (asab_fiber_get_current ());
  async_trace (data);
}

static gboolean
close_on_fiber (gpointer   data,
                GValue    *result G_GNUC_UNUSED,
                GError   **error)
{
  g_autoptr(AsabFuture) future = asab_coroutine_close (data);

  return asab_await (future, error);
}

/* Code of languages is never called on the stack of a fiber. */
static void
test_native_stack (AsyncFixture  *fixture,
                   gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabCoroutine) self = asab_coroutine_new (NULL, assert_native_stack, (gpointer) "D",
                                                      assert_native_stack_cb);
  g_autoptr(AsabCoroutine) other = asab_coroutine_new (NULL, assert_native_stack, (gpointer) "C",
                                                       assert_native_stack_cb);
  g_autoptr(AsabFuture) future = asab_spawn (start_on_fiber, self, NULL);
  g_autoptr(AsabFuture) closed = asab_spawn (close_on_fiber, other, NULL);

  async_run_ready (fixture);
  async_assert_trace (fixture, "NCD");
  g_assert_true (asab_future_is_resolved (future));
  g_assert_true (asab_future_is_resolved (closed));
}

static void
test_not_implemented (AsyncFixture  *fixture,
                      gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabCoroutine) self = g_object_new (ASAB_TYPE_COROUTINE, NULL);
  g_autoptr(AsabFuture) future = asab_coroutine_start (self);

  async_run_ready (fixture);
  async_assert_error (future, ASAB_ERROR, ASAB_ERROR_NOT_IMPLEMENTED);
}

static void
test_never_started (AsyncFixture  *fixture,
                    gconstpointer  data G_GNUC_UNUSED)
{
  if (g_test_subprocess ())
    {
      g_autoptr(AsabCoroutine) closed = asab_coroutine_new (NULL, return_future, NULL, NULL);
      g_autoptr(AsabFuture) future G_GNUC_UNUSED = asab_coroutine_close (closed);
      AsabCoroutine *self = asab_coroutine_new ("lazy", return_future, NULL, trace_destroy_cb);

      g_setenv ("G_MESSAGES_DEBUG", "asab", TRUE);
      g_assert_finalize_object (self);
      async_assert_trace (fixture, "D");
      return;
    }

  g_test_trap_subprocess (NULL, 0, 0);
  g_test_trap_assert_passed ();
  g_test_trap_assert_stdout ("*lazy* was never started*");
  g_test_trap_assert_stdout_unmatched ("*was never started*was never started*");
}

static void
add_tests (void)
{
  async_test_add ("/asab/coroutine/subclass", test_subclass);
  async_test_add ("/asab/coroutine/lifetime", test_lifetime);
  async_test_add ("/asab/coroutine/start-twice", test_start_twice);
  async_test_add ("/asab/coroutine/close-before-start", test_close_before_start);
  async_test_add ("/asab/coroutine/close-while-running", test_close_while_running);
  async_test_add ("/asab/coroutine/function", test_function);
  async_test_add ("/asab/coroutine/function-without-future", test_function_without_future);
  async_test_add ("/asab/coroutine/function-fails", test_function_fails);
  async_test_add ("/asab/coroutine/reentrancy", test_reentrancy);
  async_test_add ("/asab/coroutine/native-stack", test_native_stack);
  async_test_add ("/asab/coroutine/not-implemented", test_not_implemented);
  async_test_add ("/asab/coroutine/never-started", test_never_started);
}

int
main (int    argc,
      char **argv)
{
  return async_test_run (argc, argv, add_tests);
}
