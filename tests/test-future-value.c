/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "async-fixture.h"

static AsabFuture *
new_future (GType type)
{
  g_auto(GValue) value = G_VALUE_INIT;
  g_auto(GValue) one = G_VALUE_INIT;

  g_value_init (&one, G_TYPE_INT);
  g_value_set_int (&one, 1);
  g_value_init (&value, type);
  g_assert_true (g_value_transform (&one, &value));

  return asab_future_new_resolved (&value);
}

static void
test_integers (void)
{
  const GType types[] = { G_TYPE_CHAR, G_TYPE_UCHAR, G_TYPE_INT, G_TYPE_UINT, G_TYPE_LONG, G_TYPE_ULONG,
                          G_TYPE_INT64, G_TYPE_UINT64, ASAB_TYPE_FUTURE_STATUS };

  for (gsize i = 0; i < G_N_ELEMENTS (types); i++)
    {
      g_autoptr(AsabFuture) future = new_future (types[i]);
      g_autoptr(GError) error = NULL;

      async_assert_int (future, 1);
      g_assert_cmpfloat (asab_future_get_double (future, &error), ==, 1.0);
      g_assert_no_error (error);
    }
}

static void
test_too_large (void)
{
  g_auto(GValue) value = G_VALUE_INIT;
  g_autoptr(AsabFuture) future = NULL;
  g_autoptr(GError) error = NULL;

  g_value_init (&value, G_TYPE_UINT64);
  g_value_set_uint64 (&value, G_MAXUINT64);
  future = asab_future_new_resolved (&value);
  g_assert_cmpint (asab_future_get_int64 (future, &error), ==, 0);
  g_assert_error (error, ASAB_ERROR, ASAB_ERROR_TYPE_MISMATCH);
}

static void
test_floats (void)
{
  g_autoptr(AsabPromise) promise = asab_promise_new ();
  g_autoptr(AsabFuture) single = new_future (G_TYPE_FLOAT);
  g_autoptr(GError) error = NULL;

  asab_promise_resolve_double (promise, 0.25);
  g_assert_cmpfloat (asab_future_get_double (asab_promise_get_future (promise), &error), ==, 0.25);
  g_assert_cmpfloat (asab_future_get_double (single, &error), ==, 1.0);
  g_assert_no_error (error);

  g_assert_cmpint (asab_future_get_int64 (single, &error), ==, 0);
  g_assert_error (error, ASAB_ERROR, ASAB_ERROR_TYPE_MISMATCH);
}

static void
test_boolean (void)
{
  g_autoptr(AsabPromise) promise = asab_promise_new ();
  AsabFuture *future = asab_promise_get_future (promise);
  g_autoptr(GError) error = NULL;

  asab_promise_resolve_boolean (promise, TRUE);
  g_assert_true (asab_future_get_boolean (future, &error));
  g_assert_no_error (error);
  asab_future_get_double (future, &error);
  g_assert_error (error, ASAB_ERROR, ASAB_ERROR_TYPE_MISMATCH);
}

static void
test_string (void)
{
  g_autoptr(AsabPromise) promise = asab_promise_new ();
  AsabFuture *future = asab_promise_get_future (promise);
  g_autofree char *text = NULL;
  g_autoptr(GError) error = NULL;

  asab_promise_resolve_string (promise, "text");
  text = asab_future_dup_string (future, &error);
  g_assert_cmpstr (text, ==, "text");
  g_assert_no_error (error);

  g_assert_cmpint (asab_future_get_int64 (future, &error), ==, 0);
  g_assert_error (error, ASAB_ERROR, ASAB_ERROR_TYPE_MISMATCH);
  g_assert_cmpstr (error->message, ==, "The value is of type “gchararray”, not “gint64”");
}

static void
test_object (void)
{
  AsabPromise *promise = asab_promise_new ();
  g_autoptr(AsabFuture) future = asab_future_ref (asab_promise_get_future (promise));
  GCancellable *object = g_cancellable_new ();
  g_autoptr(GObject) got = NULL;
  g_autoptr(GError) error = NULL;

  asab_promise_resolve_object (promise, G_OBJECT (object));
  asab_promise_unref (promise);
  got = asab_future_dup_object (future, &error);
  g_assert_no_error (error);
  g_assert_true (got == G_OBJECT (object));
  g_assert_null (asab_future_dup_string (future, &error));
  g_assert_error (error, ASAB_ERROR, ASAB_ERROR_TYPE_MISMATCH);

  g_clear_object (&got);
  g_clear_pointer (&future, asab_future_unref);
  g_assert_finalize_object (object);
}

static void
test_no_object (void)
{
  g_autoptr(AsabPromise) promise = asab_promise_new ();
  g_autoptr(GError) error = NULL;

  asab_promise_resolve_object (promise, NULL);
  g_assert_null (asab_future_dup_object (asab_promise_get_future (promise), &error));
  g_assert_no_error (error);
}

static void
test_boxed (void)
{
  g_autoptr(AsabPromise) promise = asab_promise_new ();
  AsabFuture *future = asab_promise_get_future (promise);
  g_autoptr(GBytes) bytes = g_bytes_new_static ("abc", 3);
  g_autoptr(GBytes) got = NULL;
  g_autoptr(GError) error = NULL;

  g_assert_true (asab_promise_take_boxed (promise, G_TYPE_BYTES, g_bytes_ref (bytes)));
  g_assert_false (asab_promise_take_boxed (promise, G_TYPE_BYTES, g_bytes_ref (bytes)));
  got = asab_future_dup_boxed (future, G_TYPE_BYTES, &error);
  g_assert_no_error (error);
  g_assert_true (got == bytes);
  g_assert_null (asab_future_dup_boxed (future, G_TYPE_STRV, &error));
  g_assert_error (error, ASAB_ERROR, ASAB_ERROR_TYPE_MISMATCH);
}

static void
test_variant (void)
{
  g_autoptr(AsabPromise) promise = asab_promise_new ();
  g_autoptr(GVariant) got = NULL;
  g_autoptr(GError) error = NULL;

  asab_promise_resolve_variant (promise, g_variant_new_int32 (3));
  got = asab_future_dup_variant (asab_promise_get_future (promise), &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_variant_get_int32 (got), ==, 3);
}

static void
test_rejected (void)
{
  g_autoptr(GError) cause = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "lost");
  g_autoptr(AsabFuture) future = asab_future_new_rejected (cause);
  g_autoptr(GError) error = NULL;

  g_assert_true (asab_future_is_rejected (future));
  g_assert_null (asab_future_dup_string (future, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_assert_cmpstr (error->message, ==, "lost");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/asab/future-value/integers", test_integers);
  g_test_add_func ("/asab/future-value/too-large", test_too_large);
  g_test_add_func ("/asab/future-value/floats", test_floats);
  g_test_add_func ("/asab/future-value/boolean", test_boolean);
  g_test_add_func ("/asab/future-value/string", test_string);
  g_test_add_func ("/asab/future-value/object", test_object);
  g_test_add_func ("/asab/future-value/no-object", test_no_object);
  g_test_add_func ("/asab/future-value/boxed", test_boxed);
  g_test_add_func ("/asab/future-value/variant", test_variant);
  g_test_add_func ("/asab/future-value/rejected", test_rejected);

  return g_test_run ();
}
