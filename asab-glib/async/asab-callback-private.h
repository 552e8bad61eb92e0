/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/async/asab-fiber.h>

G_BEGIN_DECLS

/* A function of the user and its data. Reference-counted, since it may be removed while it is called; belongs to one
 * thread. */
typedef struct
{
  GCallback func;
  gpointer user_data;
  GDestroyNotify destroy;
  gboolean any_thread; /* it may be called in any thread */
} AsabCallback;

AsabCallback *asab_callback_new   (GCallback       func,
                                   gpointer        user_data,
                                   GDestroyNotify  destroy);
AsabCallback *asab_callback_ref   (AsabCallback   *self);
void          asab_callback_unref (AsabCallback   *self);

G_END_DECLS
