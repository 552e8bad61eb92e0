/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/async/asab-future.h>
#include <asab-glib/pubsub/asab-message.h>

G_BEGIN_DECLS

#define ASAB_TYPE_PUBSUB (asab_pubsub_get_type ())
ASAB_AVAILABLE_IN_ALL
G_DECLARE_FINAL_TYPE (AsabPubSub, asab_pubsub, ASAB, PUBSUB, GObject)

/**
 * AsabPubSubFunc:
 * @bus: the bus
 * @message: the message
 * @user_data: (closure): the data given with the function
 * @error: return location for an error
 *
 * Called for each message of the type that it is subscribed to.
 *
 * A callback that fails, at once or by its future, is logged; the publisher and the other subscribers do not notice.
 *
 * Returns: (transfer full) (nullable): a future of work that goes on, or %NULL
 */
typedef AsabFuture *(*AsabPubSubFunc) (AsabPubSub   *bus,
                                       AsabMessage  *message,
                                       gpointer      user_data,
                                       GError      **error);

/**
 * AsabSubscription: (skip)
 * @message_type: the message type
 * @callback: the function to call, with the object as its data
 *
 * An entry of the table for [method@PubSub.subscribe_all]; the last one is all zero.
 */
typedef struct
{
  const char *message_type;
  AsabPubSubFunc callback;
} AsabSubscription;

ASAB_AVAILABLE_IN_ALL
AsabPubSub *asab_pubsub_new                   (void) G_GNUC_WARN_UNUSED_RESULT;

ASAB_AVAILABLE_IN_ALL
guint       asab_pubsub_subscribe             (AsabPubSub              *self,
                                               const char              *message_type,
                                               AsabPubSubFunc           callback,
                                               gpointer                 user_data,
                                               GDestroyNotify           destroy);
ASAB_AVAILABLE_IN_ALL
guint       asab_pubsub_subscribe_object      (AsabPubSub              *self,
                                               const char              *message_type,
                                               GObject                 *owner,
                                               AsabPubSubFunc           callback,
                                               gpointer                 user_data,
                                               GDestroyNotify           destroy);
ASAB_AVAILABLE_IN_ALL
void        asab_pubsub_subscribe_all         (AsabPubSub              *self,
                                               GObject                 *object,
                                               const AsabSubscription  *subscriptions);
ASAB_AVAILABLE_IN_ALL
gboolean    asab_pubsub_unsubscribe           (AsabPubSub              *self,
                                               guint                    id);
ASAB_AVAILABLE_IN_ALL
gboolean    asab_pubsub_unsubscribe_by_func   (AsabPubSub              *self,
                                               const char              *message_type,
                                               AsabPubSubFunc           callback,
                                               gpointer                 user_data);
ASAB_AVAILABLE_IN_ALL
guint       asab_pubsub_get_n_subscribers     (AsabPubSub              *self,
                                               const char              *message_type);

ASAB_AVAILABLE_IN_ALL
void        asab_pubsub_publish               (AsabPubSub              *self,
                                               const char              *message_type);
ASAB_AVAILABLE_IN_ALL
void        asab_pubsub_publish_type          (AsabPubSub              *self,
                                               const AsabMessageType   *message_type);
ASAB_AVAILABLE_IN_ALL
void        asab_pubsub_publish_args          (AsabPubSub              *self,
                                               const char              *message_type,
                                               const GValue            *args,
                                               gsize                    n_args);
ASAB_AVAILABLE_IN_ALL
void        asab_pubsub_publish_with          (AsabPubSub              *self,
                                               const char              *message_type,
                                               GType                    first_type,
                                               ...);
ASAB_AVAILABLE_IN_ALL
void        asab_pubsub_publish_message       (AsabPubSub              *self,
                                               AsabMessage             *message);
ASAB_AVAILABLE_IN_ALL
void        asab_pubsub_publish_later         (AsabPubSub              *self,
                                               const char              *message_type);
ASAB_AVAILABLE_IN_ALL
void        asab_pubsub_publish_message_later (AsabPubSub              *self,
                                               AsabMessage             *message);

ASAB_AVAILABLE_IN_ALL
AsabFuture *asab_pubsub_wait_message          (AsabPubSub              *self,
                                               const char              *message_type) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
