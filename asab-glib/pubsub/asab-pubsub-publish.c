/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The way of a message: publisher, topic, subscribers.
 *
 * At its heart is run_round(), a loop over an array. What comes from another thread or is for later goes through
 * asab-pubsub-later.c first.
 */

#include "config.h"

#include "asab-pubsub-private.h"

#include <asab-glib/async/asab-future-private.h>
#include <asab-glib/core/asab-stack-private.h>

/* What a callback gave back, if it was anything: nobody else may notice when it failed. */
void
asab_pubsub_take_outcome (AsabMessage  *message,
                          AsabFuture   *future,
                          GError      **error)
{
  if (future != NULL && !asab_future_is_resolved (future))
    {
      g_autofree char *what = g_strdup_printf ("A subscriber of “%s”", asab_message_get_message_type (message));

      asab_future_log_failure (future, what);
    }
  g_clear_pointer (&future, asab_future_unref);

  if (*error != NULL && !g_error_matches (*error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_warning ("A subscriber of “%s” failed: %s", asab_message_get_message_type (message), (*error)->message);
  g_clear_error (error);
}

/* The hot path. When it has ended, the topic and the bus may be gone. */
static inline void
run_round (AsabPubSub  *self,
           AsabTopic   *topic,
           AsabMessage *message)
{
  guint n_receivers = topic->n_receivers;
  GError *error = NULL;

  topic->depth++;

  /* The array may grow, and move, under our feet; who comes new is not called in this round. */
  for (guint i = 0; i < n_receivers; i++)
    asab_pubsub_call (self, &topic->receivers[i], message, &error);

  if (G_UNLIKELY (asab_object_may_have_handlers (&self->parent_instance)))
    asab_pubsub_emit (self, message);

  asab_pubsub_leave_round (self, topic);
}

typedef struct
{
  AsabPubSub *bus;
  AsabTopic *topic;     /* (nullable): nobody is subscribed, but somebody may be connected */
  AsabMessage *message;
} Round;

static void
run_round_thunk (gpointer data)
{
  Round *round = data;

  if (round->topic != NULL)
    run_round (round->bus, round->topic, round->message);
  else
    asab_pubsub_emit (round->bus, round->message);
}

static G_GNUC_NO_INLINE void
deliver_off_fiber (AsabPubSub  *self,
                   AsabTopic   *topic,
                   AsabMessage *message)
{
  Round round = { self, topic, message };

  asab_main_stack_call (run_round_thunk, &round);
}

/* Delivers now, in the bus's own thread. */
static inline void
deliver (AsabPubSub  *self,
         AsabTopic   *topic,
         AsabMessage *message)
{
  if (G_UNLIKELY (topic == NULL || asab_stack_is_current ()))
    deliver_off_fiber (self, topic, message);
  else
    run_round (self, topic, message);
}

/**
 * asab_pubsub_publish:
 * @self: a bus
 * @message_type: the message type
 *
 * Publishes a message without arguments: calls each subscriber, then returns.
 */
void
asab_pubsub_publish (AsabPubSub *self,
                     const char *message_type)
{
  AsabTopic *topic;

  g_return_if_fail (ASAB_IS_PUBSUB (self));
  g_return_if_fail (message_type != NULL);

  if (G_LIKELY (asab_pubsub_is_own_thread (self)))
    {
      topic = g_hash_table_lookup (self->topics, message_type);
      if (topic != NULL)
        {
          deliver (self, topic, topic->message);
          return;
        }
      if (!asab_object_may_have_handlers (&self->parent_instance))
        return;
    }

  asab_pubsub_publish_args (self, message_type, NULL, 0);
}

/* The topic of an interned type; it is looked up by name once, then remembered until it goes. */
static G_GNUC_NO_INLINE AsabTopic *
look_topic_up (AsabPubSub            *self,
               const AsabMessageType *message_type)
{
  AsabTopic *topic = g_hash_table_lookup (self->topics, message_type->name);

  if (topic == NULL)
    return NULL;

  if (message_type->index >= self->n_topics_by_type)
    {
      guint n = MAX (message_type->index + 1, 2 * self->n_topics_by_type);

      self->topics_by_type = g_renew (AsabTopic *, self->topics_by_type, n);
      memset (self->topics_by_type + self->n_topics_by_type, 0, (n - self->n_topics_by_type) * sizeof (AsabTopic *));
      self->n_topics_by_type = n;
    }
  self->topics_by_type[message_type->index] = topic;
  topic->type_index = message_type->index;

  return topic;
}

/**
 * asab_pubsub_publish_type: (skip)
 * @self: a bus
 * @message_type: an interned message type
 *
 * Publishes a message without arguments, like [method@PubSub.publish] but faster, for publishers in a hurry.
 */
void
asab_pubsub_publish_type (AsabPubSub            *self,
                          const AsabMessageType *message_type)
{
  AsabTopic *topic = NULL;

  g_return_if_fail (ASAB_IS_PUBSUB (self));
  g_return_if_fail (message_type != NULL);

  if (G_UNLIKELY (!asab_pubsub_is_own_thread (self)))
    {
      asab_pubsub_publish (self, message_type->name);
      return;
    }

  if (G_LIKELY (message_type->index < self->n_topics_by_type))
    topic = self->topics_by_type[message_type->index];
  if (G_UNLIKELY (topic == NULL))
    topic = look_topic_up (self, message_type);

  if (G_LIKELY (topic != NULL))
    deliver (self, topic, topic->message);
  else if (asab_object_may_have_handlers (&self->parent_instance))
    asab_pubsub_publish (self, message_type->name);
}

/* Takes over @message. */
static void
publish_taken (AsabPubSub  *self,
               AsabTopic   *topic,
               AsabMessage *message)
{
  if (asab_pubsub_is_own_thread (self))
    deliver (self, topic, message);
  else
    asab_pubsub_send (self, message);

  asab_message_unref (message);
}

/* The message type as a GRefString, shared with the topic if there is one. */
static char *
dup_type_string (AsabTopic  *topic,
                 const char *message_type)
{
  return topic != NULL ? asab_message_dup_type_string (topic->message) : g_ref_string_new (message_type);
}

/**
 * asab_pubsub_publish_args:
 * @self: a bus
 * @message_type: the message type
 * @args: (array length=n_args) (nullable): the positional arguments
 * @n_args: how many arguments there are
 *
 * Publishes a message with positional arguments: calls each subscriber, then returns.
 */
void
asab_pubsub_publish_args (AsabPubSub   *self,
                          const char   *message_type,
                          const GValue *args,
                          gsize         n_args)
{
  AsabTopic *topic = NULL;
  char *type_string;

  g_return_if_fail (ASAB_IS_PUBSUB (self));
  g_return_if_fail (message_type != NULL);
  g_return_if_fail (args != NULL || n_args == 0);

  if (asab_pubsub_is_own_thread (self) && !asab_pubsub_find_audience (self, message_type, &topic))
    return;

  type_string = dup_type_string (topic, message_type);
  publish_taken (self, topic, asab_message_new_for_string (type_string, args, n_args));
  g_ref_string_release (type_string);
}

/**
 * asab_pubsub_publish_with: (skip)
 * @self: a bus
 * @message_type: the message type
 * @first_type: the type of the first argument, or %G_TYPE_INVALID
 * @...: the first argument, then pairs of type and argument, then %G_TYPE_INVALID
 *
 * Publishes a message with arguments that are C values:
 *
 * ```c
 * asab_pubsub_publish_with (bus, "Counter.changed!", G_TYPE_STRING, "requests", G_TYPE_INT, 7, G_TYPE_INVALID);
 * ```
 */
void
asab_pubsub_publish_with (AsabPubSub *self,
                          const char *message_type,
                          GType       first_type,
                          ...)
{
  AsabTopic *topic = NULL;
  char *type_string;
  va_list va;

  g_return_if_fail (ASAB_IS_PUBSUB (self));
  g_return_if_fail (message_type != NULL);

  if (asab_pubsub_is_own_thread (self) && !asab_pubsub_find_audience (self, message_type, &topic))
    return;

  type_string = dup_type_string (topic, message_type);
  va_start (va, first_type);
  publish_taken (self, topic, asab_message_new_va (type_string, first_type, va));
  va_end (va);
  g_ref_string_release (type_string);
}

/**
 * asab_pubsub_publish_message:
 * @self: a bus
 * @message: a message
 *
 * Publishes a message: calls each subscriber, then returns.
 */
void
asab_pubsub_publish_message (AsabPubSub  *self,
                             AsabMessage *message)
{
  AsabTopic *topic;

  g_return_if_fail (ASAB_IS_PUBSUB (self));
  g_return_if_fail (message != NULL);

  if (!asab_pubsub_is_own_thread (self))
    asab_pubsub_send (self, message);
  else if (asab_pubsub_find_audience (self, asab_message_get_message_type (message), &topic))
    deliver (self, topic, message);
}
