/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/pubsub/asab-message.h>

G_BEGIN_DECLS

struct _AsabMessageType
{
  char *name;  /* (owned): a GRefString */
  guint index; /* counts from 1, so that a bus can keep an array by it */
};

char        *asab_message_dup_type_string (AsabMessage  *self);

AsabMessage *asab_message_new_for_string  (char         *type_string,
                                           const GValue *args,
                                           gsize         n_args);
AsabMessage *asab_message_new_va          (char         *type_string,
                                           GType         first_type,
                                           va_list       va);

G_END_DECLS
