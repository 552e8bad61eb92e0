/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Two fibers at work side by side, and a limit of time for one of them. */

#include <asab-glib/asab.h>

static gboolean
boil (gpointer   data,
      GValue    *result,
      GError   **error)
{
  guint seconds = GPOINTER_TO_UINT (data);

  if (!asab_fiber_sleep (seconds * 0.01, error)) /* nobody has that much time */
    return FALSE;

  g_value_init (result, G_TYPE_STRING);
  g_value_take_string (result, g_strdup_printf ("a %u second egg", seconds));

  return TRUE;
}

static gboolean
have_breakfast (gpointer   data G_GNUC_UNUSED,
                GValue    *result G_GNUC_UNUSED,
                GError   **error)
{
  g_autoptr(AsabFuture) soft = asab_spawn (boil, GUINT_TO_POINTER (1), NULL);
  g_autoptr(AsabFuture) hard = asab_spawn (boil, GUINT_TO_POINTER (360000), NULL);
  g_autoptr(AsabFuture) in_time = asab_future_with_timeout (hard, 0.1, TRUE);
  g_autoptr(GError) late = NULL;
  g_autofree char *egg = asab_await_string (soft, error);

  if (egg == NULL)
    return FALSE;
  g_print ("Here is %s\n", egg);

  if (!asab_await (in_time, &late))
    g_print ("The other one is %s\n", g_error_matches (late, G_IO_ERROR, G_IO_ERROR_TIMED_OUT) ? "late" : "gone");

  return TRUE;
}

int
main (void)
{
  g_autoptr(AsabFuture) done = asab_spawn (have_breakfast, NULL, NULL);
  g_autoptr(GError) error = NULL;

  if (!asab_run_until_complete (done, NULL, &error))
    g_printerr ("%s\n", error->message);

  return error != NULL;
}
