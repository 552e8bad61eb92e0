/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/async/asab-fiber.h>
#include <asab-glib/pubsub/asab-handler-flag-private.h>
#include <asab-glib/pubsub/asab-topic-private.h>

G_BEGIN_DECLS

struct _AsabPubSub
{
  GObject parent_instance;

  gconstpointer thread;      /* that made the bus, as address of asab_pubsub_thread; only it touches what follows */
  GHashTable *topics;        /* (owned) (element-type utf8 AsabTopic): those with subscribers; keys are borrowed */
  AsabTopic **topics_by_type; /* (owned): by index of the interned type; NULL is not there, or not asked for yet */
  guint n_topics_by_type;
  GHashTable *topics_by_id;  /* (owned) (element-type guint AsabTopic): by id of a subscriber */
  guint last_id;

  GMainContext *context;     /* (owned): where messages from other threads and later ones are delivered */
  GWeakRef *weak_self;       /* (owned): a reference-counted box for all who shall not keep the bus, because a weak
                              * reference of each would make dropping them slow: GObject walks a list */
};

/* Its address tells threads apart, for less than a call into another library. */
extern __thread char asab_pubsub_thread __attribute__ ((tls_model ("initial-exec"), visibility ("hidden")));

void     asab_pubsub_defer        (AsabPubSub   *self,
                                   AsabThunk     func,
                                   gpointer      data);
void     asab_pubsub_send         (AsabPubSub   *self,
                                   AsabMessage  *message);
gboolean asab_pubsub_find_id      (AsabPubSub   *self,
                                   guint         id,
                                   AsabTopic   **topic,
                                   guint        *position);
void     asab_pubsub_take_outcome (AsabMessage  *message,
                                   AsabFuture   *future,
                                   GError      **error);
void     asab_pubsub_emit         (AsabPubSub   *self,
                                   AsabMessage  *message);
void     asab_pubsub_do_chores    (AsabPubSub   *self,
                                   AsabTopic    *topic);

static inline gboolean
asab_pubsub_is_own_thread (AsabPubSub *self)
{
  return self->thread == &asab_pubsub_thread;
}

static inline GWeakRef *
asab_pubsub_acquire_weak (AsabPubSub *self)
{
  return g_atomic_rc_box_acquire (self->weak_self);
}

static inline void
asab_pubsub_release_weak (GWeakRef *weak)
{
  g_atomic_rc_box_release_full (weak, (GDestroyNotify) g_weak_ref_clear);
}

/* Finds the topic, if there is one. Returns whether somebody is there to hear. */
static inline gboolean
asab_pubsub_find_audience (AsabPubSub  *self,
                           const char  *message_type,
                           AsabTopic  **topic)
{
  *topic = g_hash_table_lookup (self->topics, message_type);

  return *topic != NULL || G_UNLIKELY (asab_object_may_have_handlers (&self->parent_instance));
}

/* There is no error in @error before and after. */
static inline void
asab_pubsub_call (AsabPubSub          *self,
                  const AsabReceiver  *receiver,
                  AsabMessage         *message,
                  GError             **error)
{
  AsabFuture *future = receiver->callback (self, message, receiver->user_data, error);

  if (G_UNLIKELY (future != NULL || *error != NULL))
    asab_pubsub_take_outcome (message, future, error);
}

static inline void
asab_pubsub_leave_round (AsabPubSub *self,
                         AsabTopic  *topic)
{
  if (--topic->depth == 0 && G_UNLIKELY (topic->chores != 0))
    asab_pubsub_do_chores (self, topic);
}

G_END_DECLS
