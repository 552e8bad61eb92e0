/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Messages that go through the ready queue of the bus's context: those from other threads and those for later. */

#include "config.h"

#include "asab-pubsub-private.h"
#include "asab-weak-receiver-private.h"

#include <asab-glib/core/asab-context-private.h>

typedef struct
{
  AsabReadyItem item;
  GMainContext *context; /* (owned) */
  AsabThunk func;
  gpointer data;
} Deferred;

static void
run_deferred (AsabReadyItem *item)
{
  Deferred *deferred = (Deferred *) item;

  deferred->func (deferred->data);
  g_main_context_unref (deferred->context);
  g_free (deferred);
}

/* Has @func called in the bus's context, after all that was deferred before; from any thread. */
void
asab_pubsub_defer (AsabPubSub *self,
                   AsabThunk   func,
                   gpointer    data)
{
  Deferred *deferred = g_new0 (Deferred, 1);

  deferred->item.run = run_deferred;
  deferred->context = g_main_context_ref (self->context);
  deferred->func = func;
  deferred->data = data;

  asab_ready_queue_push (asab_context_get (self->context)->ready, &deferred->item);
}

/* A receiver as it was when a message was published for later. */
typedef struct
{
  guint id;
  GObject *owner; /* (owned) (nullable) */
} Expected;

/* A message on its way through the ready queue. */
typedef struct
{
  AsabPubSub *bus;
  AsabMessage *message;
  GArray *expected; /* (owned) (nullable) (element-type Expected): NULL for whoever is subscribed on arrival */
} Parcel;

static void
clear_expected (gpointer data)
{
  Expected *expected = data;

  g_clear_object (&expected->owner);
}

/* Calls those who were subscribed when the message was published and still are. */
static void
deliver_to_expected (AsabPubSub  *self,
                     AsabMessage *message,
                     GArray      *expected)
{
  for (guint i = 0; i < expected->len; i++)
    {
      GError *error = NULL;
      AsabTopic *topic;
      guint position;

      if (!asab_pubsub_find_id (self, g_array_index (expected, Expected, i).id, &topic, &position))
        continue;

      topic->depth++;
      asab_pubsub_call (self, &topic->receivers[position], message, &error);
      asab_pubsub_leave_round (self, topic);
    }

  if (asab_object_may_have_handlers (&self->parent_instance))
    asab_pubsub_emit (self, message);
}

static void
deliver_parcel (gpointer data)
{
  Parcel *parcel = data;

  if (parcel->expected != NULL)
    deliver_to_expected (parcel->bus, parcel->message, parcel->expected);
  else
    asab_pubsub_publish_message (parcel->bus, parcel->message);

  g_clear_pointer (&parcel->expected, g_array_unref);
  asab_message_unref (parcel->message);
  g_object_unref (parcel->bus);
  g_free (parcel);
}

static void
send_parcel (AsabPubSub  *self,
             AsabMessage *message,
             GArray      *expected)
{
  Parcel *parcel = g_new0 (Parcel, 1);

  parcel->bus = g_object_ref (self);
  parcel->message = asab_message_ref (message);
  parcel->expected = expected;

  asab_pubsub_defer (self, deliver_parcel, parcel);
}

static GArray *
collect_expected (AsabTopic *topic)
{
  GArray *array = g_array_new (FALSE, FALSE, sizeof (Expected));

  g_array_set_clear_func (array, clear_expected);
  for (guint i = 0; topic != NULL && i < topic->n_receivers; i++)
    {
      const AsabReceiver *receiver = &topic->receivers[i];
      Expected expected = { topic->infos[i].id, NULL };

      if (receiver->callback == asab_weak_receiver_call)
        expected.owner = asab_weak_receiver_dup_owner (receiver->user_data);
      g_array_append_val (array, expected);
    }

  return array;
}

/* Has the message delivered in the bus's context, to whoever is subscribed then; from any thread. */
void
asab_pubsub_send (AsabPubSub  *self,
                  AsabMessage *message)
{
  send_parcel (self, message, NULL);
}

/**
 * asab_pubsub_publish_later:
 * @self: a bus
 * @message_type: the message type
 *
 * Publishes a message without arguments as [method@PubSub.publish_message_later] does.
 */
void
asab_pubsub_publish_later (AsabPubSub *self,
                           const char *message_type)
{
  g_autoptr(AsabMessage) message = NULL;

  g_return_if_fail (ASAB_IS_PUBSUB (self));
  g_return_if_fail (message_type != NULL);

  message = asab_message_new (message_type, NULL, 0);
  asab_pubsub_publish_message_later (self, message);
}

/**
 * asab_pubsub_publish_message_later:
 * @self: a bus
 * @message: a message
 *
 * Publishes a message, to be delivered by the main loop: returns at once.
 *
 * It goes to those who are subscribed now, in their order, less those who unsubscribe until then; the owners of
 * subscriptions are kept alive meanwhile. From another thread this is the same as [method@PubSub.publish_message].
 */
void
asab_pubsub_publish_message_later (AsabPubSub  *self,
                                   AsabMessage *message)
{
  AsabTopic *topic;

  g_return_if_fail (ASAB_IS_PUBSUB (self));
  g_return_if_fail (message != NULL);

  if (!asab_pubsub_is_own_thread (self))
    asab_pubsub_send (self, message);
  else if (asab_pubsub_find_audience (self, asab_message_get_message_type (message), &topic))
    send_parcel (self, message, collect_expected (topic));
}
