/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <asab-glib/asab.h>
#include <gio/gio.h>

static void
test_error_multiple (void)
{
  g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func ((GDestroyNotify) g_error_free);
  g_autoptr(GPtrArray) got = NULL;
  g_autoptr(GError) error = NULL;
  g_autoptr(GError) copy = NULL;

  g_ptr_array_add (errors, g_error_new_literal (G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "first"));
  g_ptr_array_add (errors, g_error_new_literal (ASAB_ERROR, ASAB_ERROR_CLOSED, "second"));
  error = asab_error_new_multiple ("two things failed", errors);
  g_assert_error (error, ASAB_ERROR, ASAB_ERROR_MULTIPLE);

  copy = g_error_copy (error);
  g_clear_error (&error);
  got = asab_error_get_errors (copy);
  g_assert_cmpuint (got->len, ==, 2);
  g_assert_error ((GError *) got->pdata[0], G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_assert_error ((GError *) got->pdata[1], ASAB_ERROR, ASAB_ERROR_CLOSED);
  g_assert_cmpstr (((GError *) got->pdata[1])->message, ==, "second");
}

static void
test_error_single (void)
{
  g_autoptr(GError) error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_BUSY, "alone");
  g_autoptr(GPtrArray) got = asab_error_get_errors (error);

  g_assert_cmpuint (got->len, ==, 1);
  g_assert_error ((GError *) got->pdata[0], G_IO_ERROR, G_IO_ERROR_BUSY);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/asab/error/multiple", test_error_multiple);
  g_test_add_func ("/asab/error/single", test_error_single);

  return g_test_run ();
}
