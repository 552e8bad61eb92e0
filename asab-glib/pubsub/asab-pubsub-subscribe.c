/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Who is subscribed: the topics of a bus, how receivers come to them and leave. */

#include "config.h"

#include "asab-pubsub-private.h"
#include "asab-weak-receiver-private.h"

static void
remove_topic (AsabPubSub *self,
              AsabTopic  *topic)
{
  if (topic->type_index != 0)
    self->topics_by_type[topic->type_index] = NULL;
  g_hash_table_remove (self->topics, asab_message_get_message_type (topic->message));
  asab_topic_free (topic);
}

/* Takes out what was removed from @topic during rounds. Runs foreign code at its end. */
static void
clean_topic (AsabPubSub *self,
             AsabTopic  *topic)
{
  GArray *garbage = asab_topic_compact (topic);

  if (topic->n_receivers == 0)
    remove_topic (self, topic);

  asab_topic_clear_garbage (garbage);
}

/* Called when the last round of @topic has ended and left something to do. The bus may be gone afterwards. */
void
asab_pubsub_do_chores (AsabPubSub *self,
                       AsabTopic  *topic)
{
  gboolean unref_bus = (topic->chores & ASAB_TOPIC_UNREF_BUS) != 0;

  topic->chores &= ~ASAB_TOPIC_UNREF_BUS;
  if ((topic->chores & ASAB_TOPIC_COMPACT) != 0)
    clean_topic (self, topic);
  if (unref_bus)
    g_object_unref (self);
}

static AsabTopic *
ensure_topic (AsabPubSub *self,
              const char *message_type)
{
  AsabTopic *topic = g_hash_table_lookup (self->topics, message_type);

  if (topic == NULL)
    {
      topic = asab_topic_new (message_type);
      g_hash_table_insert (self->topics, (char *) asab_message_get_message_type (topic->message), topic);
    }

  return topic;
}

static guint
next_id (AsabPubSub *self)
{
  do
    self->last_id++;
  while (self->last_id == 0 || g_hash_table_contains (self->topics_by_id, GUINT_TO_POINTER (self->last_id)));

  return self->last_id;
}

static void
add_receiver (AsabPubSub     *self,
              const char     *message_type,
              guint           id,
              AsabPubSubFunc  callback,
              gpointer        user_data,
              GDestroyNotify  destroy)
{
  AsabTopic *topic = ensure_topic (self, message_type);

  asab_topic_add (topic, id, callback, user_data, destroy);
  g_hash_table_insert (self->topics_by_id, GUINT_TO_POINTER (id), topic);
}

/**
 * asab_pubsub_subscribe:
 * @self: a bus
 * @message_type: the message type, any string but the empty one
 * @callback: (scope notified) (closure user_data) (destroy destroy): the function to call
 * @user_data: data for @callback
 * @destroy: (nullable): called with @user_data when the subscription has ended
 *
 * Subscribes a function to a message type.
 *
 * The bus holds @callback and its data until it is unsubscribed. Where an object should take its subscriptions along
 * when it dies, use [method@PubSub.subscribe_object].
 *
 * Returns: the id of the subscription, never 0
 */
guint
asab_pubsub_subscribe (AsabPubSub     *self,
                       const char     *message_type,
                       AsabPubSubFunc  callback,
                       gpointer        user_data,
                       GDestroyNotify  destroy)
{
  guint id;

  g_return_val_if_fail (ASAB_IS_PUBSUB (self), 0);
  g_return_val_if_fail (asab_pubsub_is_own_thread (self), 0);
  g_return_val_if_fail (message_type != NULL && *message_type != '\0', 0);
  g_return_val_if_fail (callback != NULL, 0);

  id = next_id (self);
  add_receiver (self, message_type, id, callback, user_data, destroy);

  return id;
}

/**
 * asab_pubsub_subscribe_object:
 * @self: a bus
 * @message_type: the message type, any string but the empty one
 * @owner: the object to which the subscription belongs
 * @callback: (scope notified) (closure user_data) (destroy destroy): the function to call
 * @user_data: data for @callback, in C often @owner itself
 * @destroy: (nullable): called with @user_data when the subscription has ended, from the bus's main context
 *
 * Subscribes a function to a message type until @owner dies.
 *
 * The bus does not keep @owner alive, but for the time of each call; it may die in any thread. In a language with
 * closures, see to it that @callback does not hold @owner.
 *
 * Returns: the id of the subscription, never 0
 */
guint
asab_pubsub_subscribe_object (AsabPubSub     *self,
                              const char     *message_type,
                              GObject        *owner,
                              AsabPubSubFunc  callback,
                              gpointer        user_data,
                              GDestroyNotify  destroy)
{
  AsabWeakReceiver *receiver;
  guint id;

  g_return_val_if_fail (ASAB_IS_PUBSUB (self), 0);
  g_return_val_if_fail (asab_pubsub_is_own_thread (self), 0);
  g_return_val_if_fail (message_type != NULL && *message_type != '\0', 0);
  g_return_val_if_fail (G_IS_OBJECT (owner), 0);
  g_return_val_if_fail (callback != NULL, 0);

  id = next_id (self);
  receiver = asab_weak_receiver_new (self, id, owner, callback, user_data, destroy);
  add_receiver (self, message_type, id, asab_weak_receiver_call, receiver, (GDestroyNotify) asab_weak_receiver_drop);

  return id;
}

/**
 * asab_pubsub_subscribe_all: (skip)
 * @self: a bus
 * @object: the object to which the subscriptions belong, and the data of the callbacks
 * @subscriptions: message types and callbacks; an entry that is all zero ends the table
 *
 * Subscribes an object to several message types, see [method@PubSub.subscribe_object].
 */
void
asab_pubsub_subscribe_all (AsabPubSub             *self,
                           GObject                *object,
                           const AsabSubscription *subscriptions)
{
  g_return_if_fail (ASAB_IS_PUBSUB (self));
  g_return_if_fail (G_IS_OBJECT (object));
  g_return_if_fail (subscriptions != NULL);

  for (const AsabSubscription *entry = subscriptions; entry->message_type != NULL; entry++)
    asab_pubsub_subscribe_object (self, entry->message_type, object, entry->callback, object, NULL);
}

/* Finds where the subscription is, by its id. */
gboolean
asab_pubsub_find_id (AsabPubSub  *self,
                     guint        id,
                     AsabTopic  **topic,
                     guint       *position)
{
  *topic = g_hash_table_lookup (self->topics_by_id, GUINT_TO_POINTER (id));
  if (*topic == NULL)
    return FALSE;

  *position = asab_topic_find_id (*topic, id);

  return TRUE;
}

static void
remove_receiver (AsabPubSub *self,
                 AsabTopic  *topic,
                 guint       position)
{
  GDestroyNotify destroy;
  gpointer user_data;

  g_hash_table_remove (self->topics_by_id, GUINT_TO_POINTER (topic->infos[position].id));
  if (topic->depth > 0)
    {
      asab_topic_mark_removed (topic, position);
      return;
    }

  asab_topic_remove (topic, position, &destroy, &user_data);
  if (topic->n_receivers == 0)
    remove_topic (self, topic);
  if (destroy != NULL)
    asab_main_stack_call (destroy, user_data);
}

/**
 * asab_pubsub_unsubscribe:
 * @self: a bus
 * @id: the id that the subscription was given
 *
 * Ends a subscription. The callback is not called any more, not even for a message that is being delivered now or was
 * published for later.
 *
 * Returns: false if there is no such subscription, for example because its owner has died
 */
gboolean
asab_pubsub_unsubscribe (AsabPubSub *self,
                         guint       id)
{
  AsabTopic *topic;
  guint position;

  g_return_val_if_fail (ASAB_IS_PUBSUB (self), FALSE);
  g_return_val_if_fail (asab_pubsub_is_own_thread (self), FALSE);

  if (!asab_pubsub_find_id (self, id, &topic, &position))
    return FALSE;

  remove_receiver (self, topic, position);

  return TRUE;
}

/**
 * asab_pubsub_unsubscribe_by_func: (skip)
 * @self: a bus
 * @message_type: the message type
 * @callback: the function that was subscribed
 * @user_data: the data that was given with it
 *
 * Ends the first subscription with these, like [method@PubSub.unsubscribe].
 *
 * Returns: false if there is no such subscription
 */
gboolean
asab_pubsub_unsubscribe_by_func (AsabPubSub     *self,
                                 const char     *message_type,
                                 AsabPubSubFunc  callback,
                                 gpointer        user_data)
{
  AsabTopic *topic;
  guint position;

  g_return_val_if_fail (ASAB_IS_PUBSUB (self), FALSE);
  g_return_val_if_fail (asab_pubsub_is_own_thread (self), FALSE);
  g_return_val_if_fail (message_type != NULL, FALSE);
  g_return_val_if_fail (callback != NULL, FALSE);

  topic = g_hash_table_lookup (self->topics, message_type);
  if (topic == NULL || !asab_topic_find_func (topic, callback, user_data, &position))
    return FALSE;

  remove_receiver (self, topic, position);

  return TRUE;
}

/**
 * asab_pubsub_get_n_subscribers:
 * @self: a bus
 * @message_type: a message type
 *
 * Counts who is subscribed to a message type; handlers of the signal are not counted.
 *
 * Returns: the number of subscriptions
 */
guint
asab_pubsub_get_n_subscribers (AsabPubSub *self,
                               const char *message_type)
{
  AsabTopic *topic;

  g_return_val_if_fail (ASAB_IS_PUBSUB (self), 0);
  g_return_val_if_fail (asab_pubsub_is_own_thread (self), 0);
  g_return_val_if_fail (message_type != NULL, 0);

  topic = g_hash_table_lookup (self->topics, message_type);

  return topic != NULL ? topic->n_receivers - topic->n_removed : 0;
}
