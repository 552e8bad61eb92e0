/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <asab-glib/asab.h>

static AsabFuture *
tick (AsabPubSub   *bus,
      AsabMessage  *message,
      gpointer      user_data,
      GError      **error)
{
  guint *n_ticks = user_data;

  g_print ("Tick %u\n", ++*n_ticks);
  if (*n_ticks == 3)
    asab_application_stop (asab_application_get_default (), 0);

  return NULL;
}

static gboolean
initialize (AsabApplication  *app,
            GError          **error)
{
  AsabPubSub *bus = asab_application_get_pubsub (app);

  asab_pubsub_subscribe (bus, "Application.tick!", tick, asab_hooks_get_data (app), NULL);

  return TRUE;
}

int
main (int    argc,
      char **argv)
{
  guint n_ticks = 0;

  return asab_run (argc, argv, .initialize = initialize, .data = &n_ticks);
}
