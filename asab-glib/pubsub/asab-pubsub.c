/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "asab-pubsub.h"

#include "asab-pubsub-private.h"

/**
 * AsabPubSub:
 *
 * A bus: publishers send messages by type, subscribers get those of the types that they are subscribed to, and neither
 * knows of the other.
 *
 * An application has one; any number of others may be made, isolated from each other.
 *
 * Subscribers are called in the order in which they subscribed; who subscribed twice is called twice. Callbacks may
 * subscribe, unsubscribe and publish. A new subscriber is first called for the next message, a removed one is not
 * called any more. Publishing what nobody is subscribed to is fast and silent.
 *
 * A bus belongs to the thread that made it, and to the thread-default main context at that time. Publishing works in
 * every thread: from others, the message is delivered in that context, in order. All else is for the bus's own thread.
 *
 * Callbacks never run on the stack of a fiber, so they cannot wait: one whose work takes time returns a future of it.
 */

__thread char asab_pubsub_thread;

G_DEFINE_FINAL_TYPE (AsabPubSub, asab_pubsub, G_TYPE_OBJECT)

typedef enum
{
  SIGNAL_MESSAGE,
} AsabPubSubSignal;

static guint signals[SIGNAL_MESSAGE + 1];

/* Lets go of all subscribers. In the midst of a round this has to wait until it ends. */
static void
drop_topics (AsabPubSub *self)
{
  g_autoptr(GPtrArray) garbage = g_ptr_array_new_with_free_func ((GDestroyNotify) asab_topic_clear_garbage);
  GHashTableIter iter;
  AsabTopic *topic;

  g_hash_table_iter_init (&iter, self->topics);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &topic))
    {
      GArray *items;

      for (guint i = 0; i < topic->n_receivers; i++)
        asab_topic_mark_removed (topic, i);
      items = asab_topic_compact (topic);
      if (items != NULL)
        g_ptr_array_add (garbage, items);
      g_hash_table_iter_remove (&iter);
      asab_topic_free (topic);
    }
  g_hash_table_remove_all (self->topics_by_id);
  g_clear_pointer (&self->topics_by_type, g_free);
  self->n_topics_by_type = 0;
}

/* Whoever publishes need not hold a reference: each topic with a round in progress gets one, until the round ends. */
static gboolean
hold_until_rounds_end (AsabPubSub *self)
{
  GHashTableIter iter;
  AsabTopic *topic;
  gboolean held = FALSE;

  g_hash_table_iter_init (&iter, self->topics);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &topic))
    {
      if (topic->depth == 0)
        continue;

      if ((topic->chores & ASAB_TOPIC_UNREF_BUS) == 0)
        {
          g_object_ref (self);
          topic->chores |= ASAB_TOPIC_UNREF_BUS;
        }
      held = TRUE;
    }

  return held;
}

static void
asab_pubsub_dispose (GObject *object)
{
  AsabPubSub *self = ASAB_PUBSUB (object);

  /* The data of callbacks is destroyed in the bus's own thread. */
  if (!asab_pubsub_is_own_thread (self))
    asab_pubsub_defer (self, g_object_unref, g_object_ref (self));
  else if (!hold_until_rounds_end (self))
    drop_topics (self);

  G_OBJECT_CLASS (asab_pubsub_parent_class)->dispose (object);
}

static void
asab_pubsub_finalize (GObject *object)
{
  AsabPubSub *self = ASAB_PUBSUB (object);

  g_hash_table_unref (self->topics);
  g_hash_table_unref (self->topics_by_id);
  g_free (self->topics_by_type);
  g_main_context_unref (self->context);
  asab_pubsub_release_weak (self->weak_self);

  G_OBJECT_CLASS (asab_pubsub_parent_class)->finalize (object);
}

static void
asab_pubsub_class_init (AsabPubSubClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = asab_pubsub_dispose;
  object_class->finalize = asab_pubsub_finalize;

  /**
   * AsabPubSub::message:
   * @self: the bus
   * @message: the message
   *
   * Emitted for each message, after its subscribers were called, with the message type as detail: connect to
   * `message::Application.tick!` for one type and to `message` for all.
   */
  signals[SIGNAL_MESSAGE] =
    g_signal_new ("message", G_TYPE_FROM_CLASS (klass),
                  G_SIGNAL_RUN_LAST | G_SIGNAL_DETAILED | G_SIGNAL_NO_HOOKS,
                  0, NULL, NULL, NULL,
                  G_TYPE_NONE, 1, ASAB_TYPE_MESSAGE);

  asab_handler_flag_find ();
}

static void
asab_pubsub_init (AsabPubSub *self)
{
  self->thread = &asab_pubsub_thread;
  self->context = g_main_context_ref_thread_default ();
  self->topics = g_hash_table_new (g_str_hash, g_str_equal);
  self->topics_by_id = g_hash_table_new (NULL, NULL);
  self->weak_self = g_atomic_rc_box_new0 (GWeakRef);
  g_weak_ref_init (self->weak_self, self);
}

/**
 * asab_pubsub_new:
 *
 * Creates a bus that belongs to the calling thread.
 *
 * Returns: (transfer full): a new bus
 */
AsabPubSub *
asab_pubsub_new (void)
{
  return g_object_new (ASAB_TYPE_PUBSUB, NULL);
}

/* Emits the signal if a handler might be connected. */
void
asab_pubsub_emit (AsabPubSub  *self,
                  AsabMessage *message)
{
  /* Who connected by detail has made a quark of it; one that we made would stay for ever. */
  g_signal_emit (self, signals[SIGNAL_MESSAGE],
                 g_quark_try_string (asab_message_get_message_type (message)), message);
}
