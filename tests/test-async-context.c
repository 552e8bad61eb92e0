/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "async-fixture.h"
#include "sample-context.h"

/* A context that overrides nothing. */
#define TEST_TYPE_IDLE_CONTEXT (test_idle_context_get_type ())
G_DECLARE_FINAL_TYPE (TestIdleContext, test_idle_context, TEST, IDLE_CONTEXT, GObject)

struct _TestIdleContext
{
  GObject parent_instance;
};

G_DEFINE_FINAL_TYPE_WITH_CODE (TestIdleContext, test_idle_context, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (ASAB_TYPE_ASYNC_CONTEXT, NULL))

static void
test_idle_context_class_init (TestIdleContextClass *klass G_GNUC_UNUSED)
{
}

static void
test_idle_context_init (TestIdleContext *self G_GNUC_UNUSED)
{
}

static void
test_defaults (AsyncFixture  *fixture G_GNUC_UNUSED,
               gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabAsyncContext) context = g_object_new (TEST_TYPE_IDLE_CONTEXT, NULL);
  g_autoptr(AsabFuture) entered = asab_async_context_enter (context);
  g_autoptr(AsabFuture) exited = asab_async_context_leave (context);

  g_assert_true (asab_future_is_resolved (entered));
  g_assert_true (asab_future_is_resolved (exited));
}

/* A virtual function that returns nothing is done. */
static void
test_null (AsyncFixture  *fixture,
           gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(GError) error = g_error_new_literal (ASAB_ERROR, ASAB_ERROR_FAILED, "E");
  g_autoptr(SampleContext) context = sample_context_new ("a");
  g_autoptr(AsabFuture) entered = asab_async_context_enter (ASAB_ASYNC_CONTEXT (context));
  g_autoptr(AsabFuture) exited = asab_async_context_exit (ASAB_ASYNC_CONTEXT (context), error);

  g_assert_true (asab_future_is_resolved (entered));
  g_assert_true (asab_future_is_resolved (exited));
  async_assert_trace (fixture, "a+a-(E)");
}

/* The futures of the virtual functions are those of the caller. */
static void
test_futures (AsyncFixture  *fixture,
              gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(SampleContext) context = sample_context_new ("a");
  g_autoptr(AsabFuture) entered = NULL;
  g_autoptr(AsabFuture) exited = NULL;

  context->entering = async_new_int_future (7);
  context->exiting = asab_future_new_take_error (g_error_new_literal (ASAB_ERROR, ASAB_ERROR_CLOSED, "late"));
  entered = asab_async_context_enter (ASAB_ASYNC_CONTEXT (context));
  exited = asab_async_context_exit (ASAB_ASYNC_CONTEXT (context), NULL);

  async_assert_int (entered, 7);
  async_assert_error (exited, ASAB_ERROR, ASAB_ERROR_CLOSED);
  async_assert_trace (fixture, "a+a-");
}

static gboolean
use_context (gpointer   data,
             GValue    *result G_GNUC_UNUSED,
             GError   **error)
{
  g_autoptr(AsabFuture) entered = asab_async_context_enter (data);
  g_autoptr(AsabFuture) exited = asab_async_context_exit (data, NULL);

  return asab_await (entered, error) && asab_await (exited, error);
}

/* A virtual function may be one of a language, which does not run on the stack of a fiber; the sample checks that. */
static void
test_fiber (AsyncFixture  *fixture,
            gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(SampleContext) context = sample_context_new ("a");
  g_autoptr(AsabFuture) fiber = asab_spawn (use_context, context, NULL);

  async_run_ready (fixture);
  g_assert_true (asab_future_is_resolved (fiber));
  async_assert_trace (fixture, "a+a-");
}

static void
add_tests (void)
{
  async_test_add ("/asab/async-context/defaults", test_defaults);
  async_test_add ("/asab/async-context/null", test_null);
  async_test_add ("/asab/async-context/futures", test_futures);
  async_test_add ("/asab/async-context/fiber", test_fiber);
}

int
main (int    argc,
      char **argv)
{
  return async_test_run (argc, argv, add_tests);
}
