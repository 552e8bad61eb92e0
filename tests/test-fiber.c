/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <asab-glib/asab.h>

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
test_fiber_result (void)
{
  g_autoptr(AsabFuture) future = asab_spawn (return_seven, NULL, NULL);
  g_autoptr(GError) error = NULL;

  g_assert_false (asab_future_is_done (future));
  g_assert_true (asab_run_until_complete (future, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpint (asab_future_get_int64 (future, NULL), ==, 7);
}

static gboolean
await_it (gpointer   data,
          GValue    *result G_GNUC_UNUSED,
          GError   **error)
{
  return asab_await (data, error);
}

static void
test_fiber_cancel (void)
{
  g_autoptr(AsabPromise) promise = asab_promise_new ();
  g_autoptr(AsabFuture) future = asab_spawn (await_it, asab_promise_get_future (promise), NULL);
  g_autoptr(GError) error = NULL;

  g_main_context_iteration (NULL, FALSE);
  asab_future_cancel (future);
  g_assert_false (asab_future_is_done (future));
  g_assert_false (asab_run_until_complete (future, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_false (asab_future_is_done (asab_promise_get_future (promise)));
}

static gboolean
load_file (gpointer   data,
           GValue    *result,
           GError   **error)
{
  g_autofree char *contents = NULL;
  gsize length;

  g_file_load_contents_async (data, ASAB_READY);
  if (!g_file_load_contents_finish (data, ASAB_RESULT, &contents, &length, NULL, error))
    return FALSE;

  g_value_init (result, G_TYPE_UINT64);
  g_value_set_uint64 (result, length);

  return TRUE;
}

static void
test_fiber_gio (void)
{
  g_autoptr(GFile) there = g_file_new_for_path ("/proc/self/exe");
  g_autoptr(GFile) missing = g_file_new_for_path ("/nonexistent/file");
  g_autoptr(AsabFuture) first = asab_spawn (load_file, there, NULL);
  g_autoptr(AsabFuture) second = asab_spawn (load_file, missing, NULL);
  g_autoptr(GError) error = NULL;

  g_assert_true (asab_run_until_complete (first, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpint (asab_future_get_int64 (first, NULL), >, 1000);
  g_assert_false (asab_run_until_complete (second, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
}

static void
check_native (gpointer data)
{
  g_assert_null (asab_fiber_get_current ());
  *(gboolean *) data = TRUE;
}

static gboolean
call_native (gpointer   data,
             GValue    *result G_GNUC_UNUSED,
             GError   **error)
{
  g_assert_nonnull (asab_fiber_get_current ());
  asab_main_stack_call (check_native, data);
  g_assert_nonnull (asab_fiber_get_current ());

  return asab_fiber_yield (error) && asab_fiber_sleep (0.5, error);
}

static void
test_fiber_main_stack (void)
{
  g_autoptr(AsabClock) clock = asab_clock_new ();
  g_autoptr(GMainContext) context = g_main_context_new ();
  g_autoptr(AsabFuture) future = NULL;
  gboolean called = FALSE;

  g_main_context_push_thread_default (context);
  asab_clock_install (clock, context);
  future = asab_spawn (call_native, &called, NULL);
  while (g_main_context_iteration (context, FALSE))
    ;
  g_assert_true (called);
  g_assert_false (asab_future_is_done (future));
  asab_clock_advance (clock, 0.5);
  g_assert_true (asab_run_until_complete (future, NULL, NULL));
  g_main_context_pop_thread_default (context);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/asab/fiber/result", test_fiber_result);
  g_test_add_func ("/asab/fiber/cancel", test_fiber_cancel);
  g_test_add_func ("/asab/fiber/gio", test_fiber_gio);
  g_test_add_func ("/asab/fiber/main-stack", test_fiber_main_stack);

  return g_test_run ();
}
