/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "async-fixture.h"

/* An object with what an accumulator takes for methods. */
typedef GObject Door;
typedef GObjectClass DoorClass;

static GType door_get_type (void);

G_DEFINE_TYPE (Door, door, G_TYPE_OBJECT)

static void
door_exit_cb (Door         *self G_GNUC_UNUSED,
              const GError *error)
{
  async_trace (error != NULL ? error->message : "-");
}

static void
door_close_cb (Door *self)
{
  async_trace (g_object_get_data (self, "name"));
}

static gboolean
door_paint_cb (Door       *self G_GNUC_UNUSED,
               int         coats,
               const char *colour)
{
  g_autofree char *text = g_strdup_printf ("%d %s ", coats, colour);

  async_trace (text);

  return TRUE;
}

static void
door_class_init (DoorClass *klass)
{
  GType type = G_TYPE_FROM_CLASS (klass);

  g_signal_new_class_handler ("close", type, G_SIGNAL_RUN_LAST | G_SIGNAL_ACTION, G_CALLBACK (door_close_cb),
                              NULL, NULL, NULL, G_TYPE_NONE, 0);
  g_signal_new_class_handler ("exit", type, G_SIGNAL_RUN_LAST | G_SIGNAL_ACTION, G_CALLBACK (door_exit_cb),
                              NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_ERROR);
  g_signal_new_class_handler ("paint", type, G_SIGNAL_RUN_LAST | G_SIGNAL_ACTION, G_CALLBACK (door_paint_cb),
                              NULL, NULL, NULL, G_TYPE_BOOLEAN, 2, G_TYPE_INT, G_TYPE_STRING);
  g_signal_new_class_handler ("opened", type, G_SIGNAL_RUN_LAST, NULL,
                              NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
door_init (Door *self G_GNUC_UNUSED)
{
}

static GObject *
door_new (const char *name)
{
  GObject *door = g_object_new (door_get_type (), NULL);

  g_object_set_data (door, "name", (gpointer) name);

  return door;
}

static gboolean
trace_it (GVariant      *args G_GNUC_UNUSED,
          const GError  *scope_error G_GNUC_UNUSED,
          gpointer       user_data,
          GVariant     **result,
          GError       **error G_GNUC_UNUSED)
{
  async_trace (user_data);
  *result = g_variant_new_string (user_data);

  return TRUE;
}

static gboolean
fail_it (GVariant      *args G_GNUC_UNUSED,
         const GError  *scope_error G_GNUC_UNUSED,
         gpointer       user_data G_GNUC_UNUSED,
         GVariant     **result G_GNUC_UNUSED,
         GError       **error)
{
  async_trace ("!");
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "not found");

  return FALSE;
}

static gboolean
fail_silently (GVariant      *args G_GNUC_UNUSED,
               const GError  *scope_error G_GNUC_UNUSED,
               gpointer       user_data G_GNUC_UNUSED,
               GVariant     **result G_GNUC_UNUSED,
               GError       **error G_GNUC_UNUSED)
{
  return FALSE;
}

static gboolean
trace_args (GVariant      *args,
            const GError  *scope_error,
            gpointer       user_data G_GNUC_UNUSED,
            GVariant     **result G_GNUC_UNUSED,
            GError       **error G_GNUC_UNUSED)
{
  g_autofree char *text = args != NULL ? g_variant_print (args, FALSE) : g_strdup ("none");

  async_trace (text);
  if (scope_error != NULL)
    async_trace (scope_error->message);

  return TRUE;
}

static void
trace_destroy_cb (gpointer what)
{
  async_trace (what);
}

static void
add (AsabCallbackAccumulator *accumulator,
     const char              *what)
{
  asab_callback_accumulator_add_callback (accumulator, trace_it, (gpointer) what, NULL);
}

static void
invoke (AsabCallbackAccumulator *accumulator)
{
  g_autoptr(GError) error = NULL;

  g_assert_true (asab_callback_accumulator_invoke (accumulator, NULL, NULL, &error));
  g_assert_no_error (error);
}

static void
exit_scope (AsabCallbackAccumulator *accumulator,
            const GError            *scope_error,
            const char              *expected)
{
  g_autoptr(GVariant) result = NULL;
  g_autoptr(GError) error = NULL;

  g_assert_true (asab_callback_accumulator_exit (accumulator, scope_error, &result, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (result != NULL ? g_variant_get_string (result, NULL) : NULL, ==, expected);
}

static void
test_invoke (AsyncFixture  *fixture,
             gconstpointer  data G_GNUC_UNUSED)
{
  AsabCallbackAccumulator *accumulator = asab_callback_accumulator_new ("close", -1, TRUE);
  g_autoptr(GVariant) result = NULL;

  add (accumulator, "1");
  add (accumulator, "2");
  add (accumulator, "3");
  g_assert_cmpuint (asab_callback_accumulator_get_n_callbacks (accumulator), ==, 3);
  g_assert_true (asab_callback_accumulator_invoke (accumulator, NULL, &result, NULL));
  async_assert_trace (fixture, "123");
  g_assert_cmpstr (g_variant_get_string (result, NULL), ==, "3");
  g_assert_cmpuint (asab_callback_accumulator_get_n_callbacks (accumulator), ==, 0);
  invoke (accumulator);
  async_assert_trace (fixture, "");
  g_assert_finalize_object (accumulator);
}

static void
test_call_again (AsyncFixture  *fixture,
                 gconstpointer  data G_GNUC_UNUSED)
{
  AsabCallbackAccumulator *accumulator = asab_callback_accumulator_new ("close", -1, FALSE);

  asab_callback_accumulator_set_default_value (accumulator, g_variant_new_string ("default"));
  add (accumulator, "1");
  add (accumulator, "2");
  add (accumulator, "3");
  exit_scope (accumulator, NULL, "default");
  exit_scope (accumulator, NULL, "default");
  async_assert_trace (fixture, "123123");
  g_assert_cmpuint (asab_callback_accumulator_get_n_callbacks (accumulator), ==, 3);
  asab_callback_accumulator_clear (accumulator);
  g_assert_cmpuint (asab_callback_accumulator_get_n_callbacks (accumulator), ==, 0);
  g_assert_finalize_object (accumulator);
}

static void
test_max_length (AsyncFixture  *fixture,
                 gconstpointer  data G_GNUC_UNUSED)
{
  AsabCallbackAccumulator *accumulator = asab_callback_accumulator_new ("close", 2, TRUE);
  g_autoptr(GObject) first = door_new ("1");
  g_autoptr(GObject) second = door_new ("2");
  g_autoptr(GError) error = NULL;

  g_assert_true (asab_callback_accumulator_add (accumulator, first, NULL));
  g_assert_true (asab_callback_accumulator_offer_last (accumulator, second, NULL));
  g_assert_false (asab_callback_accumulator_offer_last (accumulator, first, &error));
  g_assert_no_error (error);
  g_assert_false (asab_callback_accumulator_offer_callback (accumulator, trace_it, (gpointer) "refused ",
                                                            trace_destroy_cb));
  async_assert_trace (fixture, "refused ");
  add (accumulator, "4");
  invoke (accumulator);
  async_assert_trace (fixture, "24");
  g_assert_true (asab_callback_accumulator_offer_callback (accumulator, trace_it, (gpointer) "5", NULL));
  g_assert_finalize_object (accumulator);
}

static void
test_nothing_kept (AsyncFixture  *fixture,
                   gconstpointer  data G_GNUC_UNUSED)
{
  AsabCallbackAccumulator *accumulator = asab_callback_accumulator_new ("close", 0, TRUE);
  g_autoptr(GObject) door = door_new ("door");

  asab_callback_accumulator_add_callback (accumulator, trace_it, (gpointer) "gone", trace_destroy_cb);
  async_assert_trace (fixture, "gone");
  g_assert_true (asab_callback_accumulator_add (accumulator, door, NULL));
  g_assert_false (asab_callback_accumulator_offer_callback (accumulator, trace_it, (gpointer) "1", NULL));
  g_assert_cmpuint (asab_callback_accumulator_get_n_callbacks (accumulator), ==, 0);
  g_assert_finalize_object (accumulator);
}

static void
check_no_method (const char *name)
{
  g_autoptr(AsabCallbackAccumulator) accumulator = asab_callback_accumulator_new (name, -1, TRUE);
  g_autoptr(GObject) door = door_new ("door");
  g_autoptr(GError) error = NULL;

  g_assert_false (asab_callback_accumulator_add (accumulator, door, &error));
  g_assert_error (error, ASAB_ERROR, ASAB_ERROR_NO_SUCH_METHOD);
  g_clear_error (&error);
  g_assert_false (asab_callback_accumulator_offer_last (accumulator, door, &error));
  g_assert_error (error, ASAB_ERROR, ASAB_ERROR_NO_SUCH_METHOD);
}

static void
test_no_method (AsyncFixture  *fixture,
                gconstpointer  data G_GNUC_UNUSED)
{
  AsabCallbackAccumulator *accumulator = asab_callback_accumulator_new ("missing", -1, TRUE);
  g_autoptr(GObject) door = door_new ("door");

  check_no_method ("missing");
  check_no_method ("opened");
  check_no_method ("");
  check_no_method ("__exit__");

  asab_callback_accumulator_set_default_callback (accumulator, trace_it, (gpointer) "default", trace_destroy_cb);
  g_assert_true (asab_callback_accumulator_add (accumulator, door, NULL));
  asab_callback_accumulator_set_default_callback (accumulator, NULL, NULL, NULL);
  async_assert_trace (fixture, "");
  invoke (accumulator);
  async_assert_trace (fixture, "defaultdefault");
  g_assert_finalize_object (accumulator);
}

static void
test_fails (AsyncFixture  *fixture,
            gconstpointer  data G_GNUC_UNUSED)
{
  AsabCallbackAccumulator *accumulator = asab_callback_accumulator_new ("close", -1, TRUE);
  g_autoptr(GVariant) result = NULL;
  g_autoptr(GError) error = NULL;

  add (accumulator, "1");
  asab_callback_accumulator_add_callback (accumulator, fail_it, NULL, NULL);
  add (accumulator, "3");
  g_assert_false (asab_callback_accumulator_invoke (accumulator, NULL, &result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_assert_null (result);
  async_assert_trace (fixture, "1!");
  g_assert_cmpuint (asab_callback_accumulator_get_n_callbacks (accumulator), ==, 1);
  invoke (accumulator);
  async_assert_trace (fixture, "3");

  g_clear_error (&error);
  asab_callback_accumulator_add_callback (accumulator, fail_silently, NULL, NULL);
  g_assert_false (asab_callback_accumulator_invoke (accumulator, NULL, NULL, &error));
  g_assert_error (error, ASAB_ERROR, ASAB_ERROR_CALLBACK_FAILED);
  g_assert_finalize_object (accumulator);
}

static void
test_fails_again (AsyncFixture  *fixture,
                  gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabCallbackAccumulator) accumulator = asab_callback_accumulator_new ("close", -1, FALSE);

  add (accumulator, "1");
  asab_callback_accumulator_add_callback (accumulator, fail_it, NULL, NULL);
  add (accumulator, "3");
  g_assert_false (asab_callback_accumulator_invoke (accumulator, NULL, NULL, NULL));
  g_assert_false (asab_callback_accumulator_invoke (accumulator, NULL, NULL, NULL));
  async_assert_trace (fixture, "1!1!");
  g_assert_cmpuint (asab_callback_accumulator_get_n_callbacks (accumulator), ==, 3);
}

typedef struct
{
  AsabCallbackAccumulator *accumulator;
  int n_left;
} Again;

static gboolean
add_again (GVariant      *args G_GNUC_UNUSED,
           const GError  *scope_error G_GNUC_UNUSED,
           gpointer       user_data,
           GVariant     **result G_GNUC_UNUSED,
           GError       **error G_GNUC_UNUSED)
{
  Again *again = user_data;

  async_trace (".");
  if (again->n_left-- > 0)
    asab_callback_accumulator_add_callback (again->accumulator, add_again, again, NULL);

  return TRUE;
}

static void
check_added_meanwhile (AsyncFixture *fixture,
                       gboolean      call_once,
                       const char   *first,
                       const char   *second)
{
  g_autoptr(AsabCallbackAccumulator) accumulator = asab_callback_accumulator_new ("close", -1, call_once);
  Again again = { accumulator, 2 };

  asab_callback_accumulator_add_callback (accumulator, add_again, &again, NULL);
  invoke (accumulator);
  async_assert_trace (fixture, first);
  invoke (accumulator);
  async_assert_trace (fixture, second);
}

static void
test_added_meanwhile (AsyncFixture  *fixture,
                      gconstpointer  data G_GNUC_UNUSED)
{
  check_added_meanwhile (fixture, TRUE, "...", "");
  check_added_meanwhile (fixture, FALSE, ".", "..");
}

static gboolean
clear_all (GVariant      *args G_GNUC_UNUSED,
           const GError  *scope_error G_GNUC_UNUSED,
           gpointer       user_data,
           GVariant     **result G_GNUC_UNUSED,
           GError       **error G_GNUC_UNUSED)
{
  AsabCallbackAccumulator **accumulator = user_data;

  asab_callback_accumulator_clear (*accumulator);
  g_clear_object (accumulator);

  return TRUE;
}

/* A callback may even drop the accumulator. */
static void
test_dropped_meanwhile (AsyncFixture  *fixture,
                        gconstpointer  data G_GNUC_UNUSED)
{
  AsabCallbackAccumulator *accumulator = asab_callback_accumulator_new ("close", -1, TRUE);

  asab_callback_accumulator_add_callback (accumulator, clear_all, &accumulator, NULL);
  add (accumulator, "never");
  invoke (accumulator);
  g_assert_null (accumulator);
  async_assert_trace (fixture, "");
}

static void
test_scope_error (AsyncFixture  *fixture,
                  gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabCallbackAccumulator) accumulator = asab_callback_accumulator_new ("exit", -1, FALSE);
  g_autoptr(AsabCallbackAccumulator) other = asab_callback_accumulator_new ("close", -1, FALSE);
  g_autoptr(GError) scope_error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED, "E");
  g_autoptr(GObject) door = door_new ("door");

  g_assert_true (asab_callback_accumulator_add (accumulator, door, NULL));
  asab_callback_accumulator_add_callback (accumulator, trace_args, NULL, NULL);
  exit_scope (accumulator, scope_error, NULL);
  async_assert_trace (fixture, "EnoneE");
  exit_scope (accumulator, NULL, NULL);
  async_assert_trace (fixture, "-none");
  g_assert_error (scope_error, G_IO_ERROR, G_IO_ERROR_FAILED);

  asab_callback_accumulator_add_callback (other, trace_args, NULL, NULL);
  exit_scope (other, scope_error, NULL);
  async_assert_trace (fixture, "none");
}

static GVariant *
get_args (gpointer   user_data G_GNUC_UNUSED,
          GError   **error G_GNUC_UNUSED)
{
  return g_variant_new ("(is)", 1, "a");
}

static GVariant *
get_no_tuple (gpointer   user_data G_GNUC_UNUSED,
              GError   **error G_GNUC_UNUSED)
{
  return g_variant_new_int32 (1);
}

static GVariant *
fail_to_get (gpointer   user_data G_GNUC_UNUSED,
             GError   **error)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "not found");

  return NULL;
}

static void
test_default_getter (AsyncFixture  *fixture,
                     gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabCallbackAccumulator) accumulator = asab_callback_accumulator_new ("exit", -1, FALSE);
  g_autoptr(GError) scope_error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED, "E");
  g_autoptr(AsabFuture) future = NULL;
  g_autoptr(GError) error = NULL;

  asab_callback_accumulator_set_default_getter (accumulator, get_args, (gpointer) "dropped", trace_destroy_cb);
  asab_callback_accumulator_add_callback (accumulator, trace_args, NULL, NULL);
  exit_scope (accumulator, scope_error, NULL);
  async_assert_trace (fixture, "(1, 'a')");

  asab_callback_accumulator_set_default_getter (accumulator, get_no_tuple, NULL, NULL);
  async_assert_trace (fixture, "dropped");
  g_assert_false (asab_callback_accumulator_exit (accumulator, NULL, NULL, &error));
  g_assert_error (error, ASAB_ERROR, ASAB_ERROR_TYPE_MISMATCH);
  g_clear_error (&error);

  asab_callback_accumulator_set_default_getter (accumulator, fail_to_get, NULL, NULL);
  g_assert_false (asab_callback_accumulator_exit (accumulator, NULL, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  future = asab_callback_accumulator_exit_async (accumulator, NULL);
  async_assert_error (future, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  async_assert_trace (fixture, "");
}

static void
check_signal_args (AsyncFixture *fixture,
                   GVariant     *args,
                   const char   *expected)
{
  g_autoptr(AsabCallbackAccumulator) accumulator = asab_callback_accumulator_new ("paint", -1, TRUE);
  g_autoptr(GObject) door = door_new ("door");
  g_autoptr(GError) error = NULL;

  g_assert_true (asab_callback_accumulator_add (accumulator, door, NULL));
  if (asab_callback_accumulator_invoke (accumulator, args, NULL, &error))
    g_assert_no_error (error);
  else
    g_assert_error (error, ASAB_ERROR, ASAB_ERROR_TYPE_MISMATCH);
  async_assert_trace (fixture, expected);
}

static void
test_signal_args (AsyncFixture  *fixture,
                  gconstpointer  data G_GNUC_UNUSED)
{
  check_signal_args (fixture, g_variant_new ("(is)", 2, "green"), "2 green ");
  check_signal_args (fixture, g_variant_new ("(xs)", G_GINT64_CONSTANT (3), "red"), "3 red ");
  check_signal_args (fixture, g_variant_new ("(i)", 2), "");
  check_signal_args (fixture, g_variant_new ("(iss)", 2, "green", "red"), "");
  check_signal_args (fixture, g_variant_new ("(sas)", "two", NULL), "");
  check_signal_args (fixture, NULL, "");
}

static void
test_default_value (AsyncFixture  *fixture G_GNUC_UNUSED,
                    gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabCallbackAccumulator) accumulator = asab_callback_accumulator_new ("close", -1, TRUE);
  g_autoptr(GVariant) value = NULL;

  exit_scope (accumulator, NULL, NULL);
  g_object_set (accumulator, "default-value", g_variant_new_string ("default"), NULL);
  g_object_get (accumulator, "default-value", &value, NULL);
  g_assert_cmpstr (g_variant_get_string (value, NULL), ==, "default");
  exit_scope (accumulator, NULL, "default");
  add (accumulator, "said");
  exit_scope (accumulator, NULL, "said");
  exit_scope (accumulator, NULL, "default");
}

static void
test_copy (AsyncFixture  *fixture,
           gconstpointer  data G_GNUC_UNUSED)
{
  AsabCallbackAccumulator *accumulator = asab_callback_accumulator_new ("close", 2, FALSE);
  AsabCallbackAccumulator *copy;

  add (accumulator, "1");
  copy = asab_callback_accumulator_dup_callbacks (accumulator);
  add (accumulator, "2");
  g_assert_cmpuint (asab_callback_accumulator_get_n_callbacks (copy), ==, 1);
  g_assert_cmpstr (asab_callback_accumulator_get_name (copy), ==, "close");
  g_assert_cmpint (asab_callback_accumulator_get_max_length (copy), ==, 2);
  g_assert_false (asab_callback_accumulator_get_call_once (copy));
  asab_callback_accumulator_clear (copy);
  invoke (accumulator);
  async_assert_trace (fixture, "12");
  g_assert_finalize_object (copy);
  g_assert_finalize_object (accumulator);
}

static void
test_steal_next (AsyncFixture  *fixture,
                 gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabCallbackAccumulator) accumulator = asab_callback_accumulator_new ("close", -1, FALSE);
  g_autoptr(GVariant) result = NULL;
  g_autoptr(GVariant) none = NULL;

  add (accumulator, "1");
  add (accumulator, "2");
  g_assert_true (asab_callback_accumulator_steal_next (accumulator, NULL, &result, NULL));
  g_assert_cmpstr (g_variant_get_string (result, NULL), ==, "1");
  g_assert_cmpuint (asab_callback_accumulator_get_n_callbacks (accumulator), ==, 1);
  g_assert_true (asab_callback_accumulator_steal_next (accumulator, NULL, NULL, NULL));
  g_assert_true (asab_callback_accumulator_steal_next (accumulator, NULL, &none, NULL));
  g_assert_null (none);
  async_assert_trace (fixture, "12");
}

static void
test_keeps_object (AsyncFixture  *fixture,
                   gconstpointer  data G_GNUC_UNUSED)
{
  AsabCallbackAccumulator *accumulator = asab_callback_accumulator_new ("close", -1, TRUE);
  GObject *door = door_new ("door");

  g_assert_true (asab_callback_accumulator_add (accumulator, door, NULL));
  g_object_add_weak_pointer (door, (gpointer *) &door);
  g_object_unref (door);
  g_assert_nonnull (door);
  invoke (accumulator);
  async_assert_trace (fixture, "door");
  g_assert_null (door);

  asab_callback_accumulator_add_callback (accumulator, trace_it, (gpointer) "not called", trace_destroy_cb);
  g_assert_finalize_object (accumulator);
  async_assert_trace (fixture, "not called");
}

static gboolean
trace_thread (GVariant      *args,
              const GError  *scope_error G_GNUC_UNUSED,
              gpointer       user_data,
              GVariant     **result,
              GError       **error G_GNUC_UNUSED)
{
  g_assert_true (g_thread_self () != user_data);
  *result = g_variant_ref (args);

  return TRUE;
}

static void
test_exit_async (AsyncFixture  *fixture,
                 gconstpointer  data G_GNUC_UNUSED)
{
  AsabCallbackAccumulator *accumulator = asab_callback_accumulator_new ("exit", -1, TRUE);
  g_autoptr(AsabFuture) future = NULL;
  g_autoptr(GVariant) result = NULL;
  g_autoptr(GError) error = NULL;

  asab_callback_accumulator_set_default_getter (accumulator, get_args, NULL, NULL);
  add (accumulator, "1");
  add (accumulator, "2");
  asab_callback_accumulator_add_thread_callback (accumulator, trace_thread, g_thread_self (), NULL);
  future = asab_callback_accumulator_exit_async (accumulator, NULL);
  async_assert_trace (fixture, "");
  g_assert_true (asab_run_until_complete (future, NULL, &error));
  g_assert_no_error (error);
  async_assert_trace (fixture, "12");
  result = asab_future_dup_variant (future, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (g_variant_get_type_string (result), ==, "(is)");
  g_assert_finalize_object (accumulator);
}

static void
test_exit_async_ends (AsyncFixture  *fixture,
                      gconstpointer  data G_GNUC_UNUSED)
{
  AsabCallbackAccumulator *accumulator = asab_callback_accumulator_new ("close", -1, TRUE);
  g_autoptr(AsabFuture) empty = asab_callback_accumulator_exit_async (accumulator, NULL);
  g_autoptr(AsabFuture) failing = NULL;
  g_autoptr(AsabFuture) cancelled = NULL;

  async_run_ready (fixture);
  g_assert_true (asab_future_is_resolved (empty));
  g_assert_null (asab_future_get_value (empty, NULL));

  asab_callback_accumulator_add_callback (accumulator, fail_it, NULL, NULL);
  add (accumulator, "2");
  failing = asab_callback_accumulator_exit_async (accumulator, NULL);
  async_run_ready (fixture);
  async_assert_error (failing, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  async_assert_trace (fixture, "!");

  cancelled = asab_callback_accumulator_exit_async (accumulator, NULL);
  asab_future_cancel (cancelled);
  async_run_ready (fixture);
  g_assert_true (asab_future_is_cancelled (cancelled));
  g_assert_cmpuint (asab_callback_accumulator_get_n_callbacks (accumulator), ==, 1);
  async_assert_trace (fixture, "");
  g_assert_finalize_object (accumulator);
}

static gboolean
cancel_it (GVariant      *args G_GNUC_UNUSED,
           const GError  *scope_error G_GNUC_UNUSED,
           gpointer       user_data,
           GVariant     **result G_GNUC_UNUSED,
           GError       **error G_GNUC_UNUSED)
{
  asab_future_cancel (*(AsabFuture **) user_data);

  return TRUE;
}

static void
test_exit_async_cancel_within (AsyncFixture  *fixture,
                               gconstpointer  data G_GNUC_UNUSED)
{
  AsabCallbackAccumulator *accumulator = asab_callback_accumulator_new ("close", -1, FALSE);
  g_autoptr(AsabFuture) future = NULL;

  asab_callback_accumulator_add_callback (accumulator, cancel_it, &future, NULL);
  add (accumulator, "2");
  future = asab_callback_accumulator_exit_async (accumulator, NULL);
  async_run_ready (fixture);
  g_assert_true (asab_future_is_cancelled (future));
  async_assert_trace (fixture, "");
  g_assert_finalize_object (accumulator);
}

static gboolean
invoke_in_fiber (gpointer   data,
                 GValue    *result G_GNUC_UNUSED,
                 GError   **error)
{
  return asab_callback_accumulator_invoke (data, NULL, NULL, error);
}

static gboolean
assert_no_fiber (GVariant      *args G_GNUC_UNUSED,
                 const GError  *scope_error G_GNUC_UNUSED,
                 gpointer       user_data G_GNUC_UNUSED,
                 GVariant     **result G_GNUC_UNUSED,
                 GError       **error G_GNUC_UNUSED)
{
  g_assert_null (asab_fiber_get_current ());

  return TRUE;
}

static void
assert_no_fiber_cb (gpointer data G_GNUC_UNUSED)
{
  g_assert_null (asab_fiber_get_current ());
}

/* Functions of others are never called on the stack of a fiber. */
static void
test_fiber (AsyncFixture  *fixture,
            gconstpointer  data G_GNUC_UNUSED)
{
  AsabCallbackAccumulator *accumulator = asab_callback_accumulator_new ("close", -1, TRUE);
  g_autoptr(AsabFuture) future = NULL;

  asab_callback_accumulator_add_callback (accumulator, assert_no_fiber, NULL, assert_no_fiber_cb);
  asab_callback_accumulator_add_callback (accumulator, assert_no_fiber, NULL, assert_no_fiber_cb);
  future = asab_spawn (invoke_in_fiber, accumulator, NULL);
  async_run_ready (fixture);
  g_assert_true (asab_future_is_resolved (future));
  g_assert_finalize_object (accumulator);
}

static void
add_tests (void)
{
  async_test_add ("/asab/callback-accumulator/invoke", test_invoke);
  async_test_add ("/asab/callback-accumulator/call-again", test_call_again);
  async_test_add ("/asab/callback-accumulator/max-length", test_max_length);
  async_test_add ("/asab/callback-accumulator/nothing-kept", test_nothing_kept);
  async_test_add ("/asab/callback-accumulator/no-method", test_no_method);
  async_test_add ("/asab/callback-accumulator/fails", test_fails);
  async_test_add ("/asab/callback-accumulator/fails-again", test_fails_again);
  async_test_add ("/asab/callback-accumulator/added-meanwhile", test_added_meanwhile);
  async_test_add ("/asab/callback-accumulator/dropped-meanwhile", test_dropped_meanwhile);
  async_test_add ("/asab/callback-accumulator/scope-error", test_scope_error);
  async_test_add ("/asab/callback-accumulator/default-getter", test_default_getter);
  async_test_add ("/asab/callback-accumulator/signal-args", test_signal_args);
  async_test_add ("/asab/callback-accumulator/default-value", test_default_value);
  async_test_add ("/asab/callback-accumulator/copy", test_copy);
  async_test_add ("/asab/callback-accumulator/steal-next", test_steal_next);
  async_test_add ("/asab/callback-accumulator/keeps-object", test_keeps_object);
  async_test_add ("/asab/callback-accumulator/exit-async", test_exit_async);
  async_test_add ("/asab/callback-accumulator/exit-async-ends", test_exit_async_ends);
  async_test_add ("/asab/callback-accumulator/exit-async-cancel-within", test_exit_async_cancel_within);
  async_test_add ("/asab/callback-accumulator/fiber", test_fiber);
}

int
main (int    argc,
      char **argv)
{
  return async_test_run (argc, argv, add_tests);
}
