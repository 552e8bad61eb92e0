/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/pubsub/asab-pubsub.h>

G_BEGIN_DECLS

typedef struct _AsabWeakReceiver AsabWeakReceiver;

AsabWeakReceiver *asab_weak_receiver_new       (AsabPubSub        *bus,
                                                guint              id,
                                                GObject           *owner,
                                                AsabPubSubFunc     callback,
                                                gpointer           user_data,
                                                GDestroyNotify     destroy);
void              asab_weak_receiver_drop      (AsabWeakReceiver  *self);
GObject          *asab_weak_receiver_dup_owner (AsabWeakReceiver  *self);
gboolean          asab_weak_receiver_matches   (AsabWeakReceiver  *self,
                                                AsabPubSubFunc     callback,
                                                gpointer           user_data);
AsabFuture       *asab_weak_receiver_call      (AsabPubSub        *bus,
                                                AsabMessage       *message,
                                                gpointer           user_data,
                                                GError           **error);

G_END_DECLS
