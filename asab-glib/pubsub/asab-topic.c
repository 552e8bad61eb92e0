/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The subscribers of one message type: a compact array and what makes it safe to change while it is walked.
 *
 * A callback may subscribe, unsubscribe and publish. So during a round of delivery
 *  - a new receiver is appended: the round goes on to where the array ended when it began, over the array's present
 *    place in memory,
 *  - a removed one stays where it is, with a callback that does nothing, and still owns its data, because it may be the
 *    one that is running.
 * When the last round has ended the removed ones are taken out. The walk pays for none of this.
 *
 * Outside of rounds the data goes at once, but the place of a removed receiver in a long list is kept until it is worth
 * moving the others: a thousand owners that die one after the other move each receiver a few times, not a thousand.
 */

#include "config.h"

#include "asab-topic-private.h"
#include "asab-weak-receiver-private.h"

#include <asab-glib/async/asab-fiber.h>

#define SHORT_LIST 32

typedef struct
{
  GDestroyNotify destroy;
  gpointer user_data;
} Garbage;

AsabTopic *
asab_topic_new (const char *message_type)
{
  AsabTopic *self = g_new0 (AsabTopic, 1);

  self->message = asab_message_new (message_type, NULL, 0);

  return self;
}

/* The receivers have been removed before. */
void
asab_topic_free (AsabTopic *self)
{
  g_assert (self->n_receivers == 0);

  asab_message_unref (self->message);
  g_free (self->receivers);
  g_free (self->infos);
  g_free (self);
}

void
asab_topic_add (AsabTopic      *self,
                guint           id,
                AsabPubSubFunc  callback,
                gpointer        user_data,
                GDestroyNotify  destroy)
{
  if (self->n_receivers == self->n_allocated)
    {
      self->n_allocated = MAX (2 * self->n_allocated, 1);
      self->receivers = g_renew (AsabReceiver, self->receivers, self->n_allocated);
      self->infos = g_renew (AsabReceiverInfo, self->infos, self->n_allocated);
    }

  self->receivers[self->n_receivers] = (AsabReceiver) { callback, user_data };
  self->infos[self->n_receivers] = (AsabReceiverInfo) { id, destroy };
  self->n_receivers++;
}

static int
compare_ids (gconstpointer key,
             gconstpointer info)
{
  guint id = *(const guint *) key;
  guint other = ((const AsabReceiverInfo *) info)->id;

  return (id > other) - (id < other);
}

/* Finds the position of @id, which is there. */
guint
asab_topic_find_id (AsabTopic *self,
                    guint      id)
{
  const AsabReceiverInfo *info = bsearch (&id, self->infos, self->n_receivers, sizeof *info, compare_ids);
  guint position = info != NULL ? info - self->infos : 0;

  /* Ids grow, until after four billion subscriptions they start anew. */
  while (self->infos[position].id != id)
    position++;

  return position;
}

static gboolean
is_receiver (const AsabReceiver *receiver,
             AsabPubSubFunc      callback,
             gpointer            user_data)
{
  if (receiver->callback == asab_weak_receiver_call)
    return asab_weak_receiver_matches (receiver->user_data, callback, user_data);

  return receiver->callback == callback && receiver->user_data == user_data;
}

/* Finds the first receiver that was subscribed with these, whether it has an owner or not. */
gboolean
asab_topic_find_func (AsabTopic      *self,
                      AsabPubSubFunc  callback,
                      gpointer        user_data,
                      guint          *position)
{
  for (guint i = 0; i < self->n_receivers; i++)
    {
      if (is_receiver (&self->receivers[i], callback, user_data))
        {
          *position = i;
          return TRUE;
        }
    }

  return FALSE;
}

static AsabFuture *
skip_removed (AsabPubSub   *bus G_GNUC_UNUSED,
              AsabMessage  *message G_GNUC_UNUSED,
              gpointer      user_data G_GNUC_UNUSED,
              GError      **error G_GNUC_UNUSED)
{
  return NULL;
}

static void
mark_removed (AsabTopic *self,
              guint      position)
{
  self->receivers[position].callback = skip_removed;
  self->n_removed++;
}

/* From now on the receiver is not called; its place and its data go with asab_topic_compact(), after the round. */
void
asab_topic_mark_removed (AsabTopic *self,
                         guint      position)
{
  mark_removed (self, position);
  self->chores |= ASAB_TOPIC_COMPACT;
}

/* Removes a receiver and hands its data over. To be called outside of rounds only. */
void
asab_topic_remove (AsabTopic      *self,
                   guint           position,
                   GDestroyNotify *destroy,
                   gpointer       *user_data)
{
  GArray *garbage = NULL;

  *destroy = g_steal_pointer (&self->infos[position].destroy);
  *user_data = self->receivers[position].user_data;
  mark_removed (self, position);

  if (self->n_receivers <= SHORT_LIST || self->n_removed >= self->n_receivers / 4)
    garbage = asab_topic_compact (self);
  g_assert (garbage == NULL);
}

/*
 * Takes the removed receivers out. To be called outside of rounds only.
 *
 * Returns: (transfer full) (nullable): what they leave behind; clear it when nothing depends on the topic any more,
 *   because that runs foreign code
 */
GArray *
asab_topic_compact (AsabTopic *self)
{
  GArray *garbage = NULL;
  guint n_kept = 0;

  for (guint i = 0; i < self->n_receivers; i++)
    {
      if (self->receivers[i].callback != skip_removed)
        {
          self->receivers[n_kept] = self->receivers[i];
          self->infos[n_kept] = self->infos[i];
          n_kept++;
        }
      else if (self->infos[i].destroy != NULL)
        {
          Garbage item = { self->infos[i].destroy, self->receivers[i].user_data };

          if (garbage == NULL)
            garbage = g_array_new (FALSE, FALSE, sizeof (Garbage));
          g_array_append_val (garbage, item);
        }
    }

  self->n_receivers = n_kept;
  self->n_removed = 0;
  self->chores &= ~ASAB_TOPIC_COMPACT;

  return garbage;
}

void
asab_topic_clear_garbage (GArray *garbage)
{
  if (garbage == NULL)
    return;

  for (guint i = 0; i < garbage->len; i++)
    {
      Garbage *item = &g_array_index (garbage, Garbage, i);

      asab_main_stack_call (item->destroy, item->user_data);
    }
  g_array_unref (garbage);
}
