/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "asab-handler-flag-private.h"

#include <gio/gio.h>

guint asab_handler_flag;

/* Finds the bit that connecting a handler sets, see the header; to be called once, before the first look at it. */
void
asab_handler_flag_find (void)
{
  g_autoptr(GCancellable) object = g_cancellable_new ();
  guint before = asab_handler_flag_read (G_OBJECT (object));
  guint changed;

  g_signal_connect (object, "cancelled", G_CALLBACK (g_cancellable_reset), NULL);
  changed = asab_handler_flag_read (G_OBJECT (object)) ^ before;

  /* Just one bit, and it was set: this is what we are looking for. */
  if ((before & changed) == 0 && (changed & (changed - 1)) == 0)
    asab_handler_flag = changed;
}
