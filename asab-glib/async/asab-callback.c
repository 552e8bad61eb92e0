/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <asab-glib/async/asab-callback-private.h>

AsabCallback *
asab_callback_new (GCallback      func,
                   gpointer       user_data,
                   GDestroyNotify destroy)
{
  AsabCallback *self = g_rc_box_new0 (AsabCallback);

  self->func = func;
  self->user_data = user_data;
  self->destroy = destroy;

  return self;
}

AsabCallback *
asab_callback_ref (AsabCallback *self)
{
  return g_rc_box_acquire (self);
}

static void
drop_user_data (gpointer data)
{
  AsabCallback *self = data;

  if (self->destroy != NULL)
    self->destroy (self->user_data);
}

static void
release (gpointer data)
{
  g_rc_box_release_full (data, drop_user_data);
}

void
asab_callback_unref (AsabCallback *self)
{
  asab_main_stack_call (release, self);
}
