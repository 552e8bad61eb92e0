/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <asab-glib/asab.h>

/* A value that is kept by the accessor, or by a thing. */
static int thing;

static gboolean
get_thing (GValue    *value,
           gpointer   user_data,
           GError   **error)
{
  g_value_init (value, G_TYPE_INT);
  g_value_set_int (value, thing);

  return TRUE;
}

static gboolean
set_thing (const GValue  *value,
           gpointer       user_data,
           GError       **error)
{
  if (g_value_get_int (value) == 0)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "Illegal value 0");
      return FALSE;
    }
  thing = g_value_get_int (value);

  return TRUE;
}

static gboolean
wait_for_write (gpointer   user_data,
                GValue    *result,
                GError   **error)
{
  const GValue *value = asab_await_value (ASAB_TEMP (asab_accessor_get (user_data)), error);

  if (value == NULL)
    return FALSE;

  g_print ("%d\n", g_value_get_int (value));

  return TRUE;
}

static gboolean
write_number (AsabAccessor  *accessor,
              int            number,
              GError       **error)
{
  GValue value = G_VALUE_INIT;

  g_value_init (&value, G_TYPE_INT);
  g_value_set_int (&value, number);

  return asab_await (ASAB_TEMP (asab_accessor_set (accessor, &value)), error);
}

static gboolean
share (AsabAccessor  *accessor,
       int            number,
       GError       **error)
{
  AsabAwaitablePredicate *has_waiting_read = asab_accessor_get_has_waiting_read (accessor);
  g_autoptr(AsabFuture) background = asab_spawn (wait_for_write, accessor, NULL);

  return asab_await (ASAB_TEMP (asab_awaitable_predicate_wait (has_waiting_read)), error) &&
         write_number (accessor, number, error) &&
         asab_await (background, error);
}

static gboolean
share_both (gpointer   user_data,
            GValue    *result,
            GError   **error)
{
  g_autoptr(AsabAccessor) foo = asab_accessor_new ("foo", NULL);
  g_autoptr(AsabAccessor) bar =
    asab_accessor_new_with_funcs ("bar", NULL, get_thing, NULL, NULL, set_thing, NULL, NULL, NULL);
  g_autoptr(GError) illegal = NULL;

  if (!share (foo, 1, error) || !share (bar, 3, error))
    return FALSE;

  g_print ("%d\n", thing);
  if (!write_number (bar, 0, &illegal))
    g_print ("%s\n", illegal->message);

  return TRUE;
}

int
main (int    argc,
      char **argv)
{
  g_autoptr(AsabFuture) sharing = asab_spawn (share_both, NULL, NULL);

  return asab_run_until_complete (sharing, NULL, NULL) ? 0 : 1;
}
