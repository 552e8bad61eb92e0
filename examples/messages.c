/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <asab-glib/asab.h>

static AsabFuture *
print_counter (AsabPubSub   *bus,
               AsabMessage  *message,
               gpointer      user_data,
               GError      **error)
{
  g_print ("%s: %d\n", asab_message_get_string (message, 0), (int) asab_message_get_int64 (message, 1));

  return NULL;
}

int
main (int    argc,
      char **argv)
{
  g_autoptr(AsabPubSub) bus = asab_pubsub_new ();
  g_autoptr(AsabMessage) message = NULL;

  asab_pubsub_subscribe (bus, "Counter.changed!", print_counter, NULL, NULL);

  asab_pubsub_publish_with (bus, "Counter.changed!", G_TYPE_STRING, "requests", G_TYPE_INT, 7, G_TYPE_INVALID);

  message = asab_message_new_with ("Counter.changed!", G_TYPE_STRING, "errors", G_TYPE_INT, 2, G_TYPE_INVALID);
  asab_pubsub_publish_message (bus, message);

  return 0;
}
