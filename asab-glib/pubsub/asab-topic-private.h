/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/pubsub/asab-message-private.h>
#include <asab-glib/pubsub/asab-pubsub.h>

G_BEGIN_DECLS

typedef enum
{
  ASAB_TOPIC_COMPACT   = 1 << 0, /* some receivers were removed */
  ASAB_TOPIC_UNREF_BUS = 1 << 1, /* the bus lost its last reference during the round */
} AsabTopicChores;

/* What a round of delivery reads; kept small, because a bus with many types is bound by its cache misses. */
typedef struct
{
  AsabPubSubFunc callback;
  gpointer user_data;
} AsabReceiver;

/* The rest about the receiver with the same position. */
typedef struct
{
  guint id;
  GDestroyNotify destroy; /* (nullable) */
} AsabReceiverInfo;

/* The subscribers of one message type on one bus. */
typedef struct
{
  AsabReceiver *receivers; /* in order of subscription */
  guint n_receivers;
  guint depth;             /* rounds of delivery in progress, one inside the other */
  AsabTopicChores chores;  /* what is to be done when the last of them ends */
  guint n_removed;         /* of n_receivers */
  AsabMessage *message;    /* (owned): without arguments, for all who publish without arguments */
  AsabReceiverInfo *infos;
  guint n_allocated;
  guint type_index;        /* of the interned message type; 0 until somebody published by it */
} AsabTopic;

AsabTopic  *asab_topic_new          (const char      *message_type);
void        asab_topic_free         (AsabTopic       *self);

void        asab_topic_add          (AsabTopic       *self,
                                     guint            id,
                                     AsabPubSubFunc   callback,
                                     gpointer         user_data,
                                     GDestroyNotify   destroy);
guint       asab_topic_find_id      (AsabTopic       *self,
                                     guint            id);
gboolean    asab_topic_find_func    (AsabTopic       *self,
                                     AsabPubSubFunc   callback,
                                     gpointer         user_data,
                                     guint           *position);
void        asab_topic_mark_removed (AsabTopic       *self,
                                     guint            position);
void        asab_topic_remove       (AsabTopic       *self,
                                     guint            position,
                                     GDestroyNotify  *destroy,
                                     gpointer        *user_data);
GArray     *asab_topic_compact      (AsabTopic       *self);
void        asab_topic_clear_garbage (GArray         *garbage);

G_END_DECLS
