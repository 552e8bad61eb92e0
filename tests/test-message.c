/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <asab-glib/asab.h>
#include <gio/gio.h>

static void
test_message_empty (void)
{
  g_autoptr(AsabMessage) message = asab_message_new ("Application.run!", NULL, 0);

  g_assert_cmpstr (asab_message_get_message_type (message), ==, "Application.run!");
  g_assert_cmpuint (asab_message_get_n_args (message), ==, 0);
  g_assert_null (asab_message_get_arg (message, 0));
  g_assert_null (asab_message_get_names (message)[0]);
  g_assert_null (asab_message_get_named (message, "counter"));
  g_assert_cmpint (asab_message_get_int64 (message, 0), ==, 0);
  g_assert_null (asab_message_get_string (message, 0));
  g_assert_null (asab_message_get_object (message, 0));
}

static void
test_message_args (void)
{
  g_autoptr(GObject) object = g_object_new (G_TYPE_OBJECT, NULL);
  g_autoptr(AsabMessage) message =
    asab_message_new_with ("x!", G_TYPE_STRING, "requests", G_TYPE_INT, -7, G_TYPE_UINT, 7u, G_TYPE_DOUBLE, 1.5,
                           G_TYPE_BOOLEAN, TRUE, G_TYPE_OBJECT, object, G_TYPE_INVALID);

  g_assert_cmpuint (asab_message_get_n_args (message), ==, 6);
  g_assert_cmpstr (asab_message_get_string (message, 0), ==, "requests");
  g_assert_cmpint (asab_message_get_int64 (message, 1), ==, -7);
  g_assert_cmpint (asab_message_get_int64 (message, 2), ==, 7);
  g_assert_cmpfloat (asab_message_get_double (message, 3), ==, 1.5);
  g_assert_cmpfloat (asab_message_get_double (message, 1), ==, -7.0);
  g_assert_true (asab_message_get_boolean (message, 4));
  g_assert_true (asab_message_get_object (message, 5) == object);
  g_assert_true (G_VALUE_HOLDS_UINT (asab_message_get_arg (message, 2)));

  /* What an argument is not, it does not become. */
  g_assert_cmpint (asab_message_get_int64 (message, 0), ==, 0);
  g_assert_null (asab_message_get_string (message, 1));
  g_assert_null (asab_message_get_object (message, 0));

  g_clear_pointer (&message, asab_message_unref);
  g_assert_finalize_object (g_steal_pointer (&object));
}

static void
test_message_named (void)
{
  const char * const names[] = { "host", "port", "nothing", NULL };
  GValue args[1] = { G_VALUE_INIT };
  GValue values[3] = { G_VALUE_INIT, G_VALUE_INIT, G_VALUE_INIT };
  g_autoptr(AsabMessage) message = NULL;

  g_value_init (&args[0], G_TYPE_INT64);
  g_value_set_int64 (&args[0], G_MAXINT64);
  g_value_init (&values[0], G_TYPE_STRING);
  g_value_set_string (&values[0], "localhost");
  g_value_init (&values[1], G_TYPE_INT);
  g_value_set_int (&values[1], 80);

  message = asab_message_new_full ("x!", args, 1, names, values, 3);
  g_value_unset (&values[0]);

  g_assert_cmpuint (asab_message_get_n_args (message), ==, 1);
  g_assert_cmpint (asab_message_get_int64 (message, 0), ==, G_MAXINT64);
  g_assert_null (asab_message_get_arg (message, 1));
  g_assert_cmpstrv (asab_message_get_names (message), names);
  g_assert_cmpstr (g_value_get_string (asab_message_get_named (message, "host")), ==, "localhost");
  g_assert_cmpint (g_value_get_int (asab_message_get_named (message, "port")), ==, 80);
  g_assert_null (asab_message_get_named (message, "nothing"));
  g_assert_null (asab_message_get_named (message, "else"));
}

static void
test_message_boxed (void)
{
  GValue value = G_VALUE_INIT;
  g_autoptr(AsabMessage) message = asab_message_new ("x!", NULL, 0);

  g_value_init (&value, ASAB_TYPE_MESSAGE);
  g_value_set_boxed (&value, message);
  g_assert_true (g_value_get_boxed (&value) == message);
  g_value_unset (&value);
  g_assert_cmpstr (asab_message_get_message_type (message), ==, "x!");
}

static void
test_message_unset_arg (void)
{
  GValue args[2] = { G_VALUE_INIT, G_VALUE_INIT };
  g_autoptr(AsabMessage) message = NULL;

  g_value_init (&args[1], G_TYPE_BOOLEAN);
  message = asab_message_new ("x!", args, 2);

  g_assert_cmpuint (asab_message_get_n_args (message), ==, 2);
  g_assert_null (asab_message_get_arg (message, 0));
  g_assert_nonnull (asab_message_get_arg (message, 1));
}

static gpointer
intern (gpointer name)
{
  return (gpointer) asab_message_type (name);
}

static void
test_message_type (void)
{
  const AsabMessageType *type = asab_message_type ("Type.interned!");
  g_autofree char *copy = g_strdup ("Type.interned!");
  GThread *threads[4];

  g_assert_cmpstr (asab_message_type_get_name (type), ==, "Type.interned!");
  g_assert_true (asab_message_type (copy) == type);
  g_assert_true (asab_message_type ("Type.other!") != type);

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("intern", intern, copy);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_assert_true (g_thread_join (threads[i]) == type);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/asab/message/empty", test_message_empty);
  g_test_add_func ("/asab/message/args", test_message_args);
  g_test_add_func ("/asab/message/named", test_message_named);
  g_test_add_func ("/asab/message/boxed", test_message_boxed);
  g_test_add_func ("/asab/message/unset-arg", test_message_unset_arg);
  g_test_add_func ("/asab/message/type", test_message_type);

  return g_test_run ();
}
