/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Five downloads, two at a time. */

#include <asab-glib/asab.h>

static guint n_running;
static guint n_most;

static gboolean
download (gpointer   data,
          GValue    *result,
          GError   **error)
{
  int page = GPOINTER_TO_INT (data);

  n_running++;
  n_most = MAX (n_most, n_running);
  if (!asab_fiber_sleep (0.001 * (5 - page), error))
    return FALSE;
  n_running--;

  if (page == 3)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "there is no page 3");
      return FALSE;
    }

  g_value_init (result, G_TYPE_STRING);
  g_value_take_string (result, g_strdup_printf ("page %d", page));

  return TRUE;
}

static AsabFuture *
start_download (guint      index,
                gpointer   user_data,
                GError   **error)
{
  return asab_spawn (download, GUINT_TO_POINTER (index), NULL);
}

static gboolean
download_all (gpointer   data,
              GValue    *result,
              GError   **error)
{
  g_autoptr(AsabFuture) future = asab_map_limited (2, 5, ASAB_GATHER_RETURN_ERRORS, start_download, NULL, NULL);
  g_autoptr(AsabFutureSet) set = asab_await_boxed (future, ASAB_TYPE_FUTURE_SET, error);

  if (set == NULL)
    return FALSE;

  for (guint i = 0; i < asab_future_set_get_n_futures (set); i++)
    {
      g_autoptr(GError) failure = NULL;
      g_autofree char *text = asab_future_dup_string (asab_future_set_get_future (set, i), &failure);

      g_print ("%s\n", text != NULL ? text : failure->message);
    }
  g_print ("at most %u at a time\n", n_most);

  return TRUE;
}

int
main (void)
{
  g_autoptr(AsabFuture) future = asab_spawn (download_all, NULL, NULL);
  g_autoptr(GError) error = NULL;

  if (!asab_run_until_complete (future, NULL, &error))
    g_error ("%s", error->message);

  return 0;
}
