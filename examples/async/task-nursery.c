/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A nursery with two tasks, one of which would go on for ever. */

#include <asab-glib/asab.h>
#include <math.h>

static gboolean
count (gpointer   data G_GNUC_UNUSED,
       GValue    *result,
       GError   **error)
{
  int n = 0;

  while (n < 3)
    {
      g_print ("  counting %d\n", ++n);
      if (!asab_fiber_sleep (0, error))
        return FALSE;
    }

  g_value_init (result, G_TYPE_INT);
  g_value_set_int (result, n);

  return TRUE;
}

static gboolean
watch (gpointer   data G_GNUC_UNUSED,
       GValue    *result G_GNUC_UNUSED,
       GError   **error)
{
  gboolean woken = asab_fiber_sleep (INFINITY, error);

  g_print ("  the watcher stops\n");

  return woken;
}

static AsabFuture *
close_database (gpointer   data G_GNUC_UNUSED,
                GError   **error G_GNUC_UNUSED)
{
  g_print ("  closing the database\n");

  return asab_sleep (0);
}

static gboolean
use_nursery (gpointer   data G_GNUC_UNUSED,
             GValue    *result G_GNUC_UNUSED,
             GError   **error)
{
  g_autoptr(AsabTaskNursery) nursery = asab_task_nursery_new ("Foo");
  g_autoptr(AsabFuture) sentinel = asab_future_ref (asab_task_nursery_get_sentinel_task (nursery));
  g_auto(GStrv) names = asab_registrable_list_keys (ASAB_TYPE_TASK_NURSERY);
  g_autoptr(AsabFuture) counter = NULL;
  g_autofree char *outcome = NULL;

  g_print ("nurseries: %s\n", names[0]);
  asab_task_nursery_push_callback (nursery, close_database, NULL, NULL, NULL);
  asab_future_unref (asab_task_nursery_spawn (nursery, "watcher", watch, NULL, NULL, NULL));
  counter = asab_task_nursery_spawn (nursery, "counter", count, NULL, NULL, NULL);
  g_print ("%s gives %d\n", asab_future_get_name (counter), (int) asab_await_int64 (counter, error));

  asab_future_cancel (sentinel);
  outcome = asab_await_string (sentinel, error);
  g_print ("the end of the nursery: %s\n", outcome);

  return outcome != NULL;
}

int
main (void)
{
  g_autoptr(AsabFuture) done = asab_spawn (use_nursery, NULL, NULL);
  g_autoptr(GError) error = NULL;

  if (!asab_run_until_complete (done, NULL, &error))
    g_printerr ("%s\n", error->message);

  return error != NULL;
}
