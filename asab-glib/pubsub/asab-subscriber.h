/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/pubsub/asab-pubsub.h>

G_BEGIN_DECLS

#define ASAB_TYPE_SUBSCRIBER (asab_subscriber_get_type ())
ASAB_AVAILABLE_IN_ALL
G_DECLARE_FINAL_TYPE (AsabSubscriber, asab_subscriber, ASAB, SUBSCRIBER, GObject)

ASAB_AVAILABLE_IN_ALL
AsabSubscriber *asab_subscriber_new            (AsabPubSub          *bus,
                                                const char * const  *message_types) G_GNUC_WARN_UNUSED_RESULT;

ASAB_AVAILABLE_IN_ALL
void            asab_subscriber_subscribe      (AsabSubscriber      *self,
                                                AsabPubSub          *bus,
                                                const char          *message_type);
ASAB_AVAILABLE_IN_ALL
AsabFuture     *asab_subscriber_receive        (AsabSubscriber      *self) G_GNUC_WARN_UNUSED_RESULT;
ASAB_AVAILABLE_IN_ALL
AsabMessage    *asab_subscriber_await          (AsabSubscriber      *self,
                                                GError             **error);
ASAB_AVAILABLE_IN_ALL
void            asab_subscriber_put_back       (AsabSubscriber      *self,
                                                AsabMessage         *message);
ASAB_AVAILABLE_IN_ALL
void            asab_subscriber_close          (AsabSubscriber      *self);

ASAB_AVAILABLE_IN_ALL
guint           asab_subscriber_get_max_size   (AsabSubscriber      *self);
ASAB_AVAILABLE_IN_ALL
void            asab_subscriber_set_max_size   (AsabSubscriber      *self,
                                                guint                max_size);
ASAB_AVAILABLE_IN_ALL
guint           asab_subscriber_get_n_messages (AsabSubscriber      *self);
ASAB_AVAILABLE_IN_ALL
guint64         asab_subscriber_get_dropped    (AsabSubscriber      *self);

G_END_DECLS
