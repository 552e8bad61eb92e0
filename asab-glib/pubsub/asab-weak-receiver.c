/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A subscriber that goes with the object that owns it.
 *
 * The object may die in any thread, also while the bus delivers. So there are two weak references: a GWeakRef, for the
 * bus to get hold of the owner or see that it is too late, and a weak notify, to take the subscription off the bus. The
 * notify runs inside of somebody's unref, where nothing foreign may be called: the data of the callback is destroyed
 * later, in the bus's own context.
 */

#include "config.h"

#include "asab-weak-receiver-private.h"

#include <asab-glib/async/asab-fiber.h>

#include "asab-pubsub-private.h"

struct _AsabWeakReceiver
{
  gatomicrefcount ref_count; /* one of the topic, one of the weak notify */
  guint id;
  gint is_alive;             /* (atomic): neither unsubscribed nor left by its owner */
  GWeakRef owner;
  GWeakRef *bus;             /* (owned): see AsabPubSub.weak_self */
  AsabPubSubFunc callback;
  gpointer user_data;
  GDestroyNotify destroy;    /* (nullable) */
};

static void
asab_weak_receiver_unref (AsabWeakReceiver *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  if (self->destroy != NULL)
    asab_main_stack_call (self->destroy, self->user_data);
  g_weak_ref_clear (&self->owner);
  asab_pubsub_release_weak (self->bus);
  g_free (self);
}

static void
leave_bus (gpointer data)
{
  AsabWeakReceiver *self = data;
  g_autoptr(AsabPubSub) bus = g_weak_ref_get (self->bus);

  if (bus != NULL)
    asab_pubsub_unsubscribe (bus, self->id);
  asab_weak_receiver_unref (self);
}

static void
owner_gone_cb (gpointer  data,
               GObject  *where_the_owner_was G_GNUC_UNUSED)
{
  AsabWeakReceiver *self = data;
  g_autoptr(AsabPubSub) bus = g_weak_ref_get (self->bus);

  /* When the bus is gone, or lets go of this receiver just now, only the reference is left to be dropped. */
  if (!g_atomic_int_compare_and_exchange (&self->is_alive, TRUE, FALSE) || bus == NULL)
    {
      asab_weak_receiver_unref (self);
      return;
    }

  if (asab_pubsub_is_own_thread (bus))
    {
      asab_pubsub_unsubscribe (bus, self->id);
      if (self->destroy == NULL)
        {
          asab_weak_receiver_unref (self);
          return;
        }
    }
  asab_pubsub_defer (bus, leave_bus, self);
}

/* Makes the data of a receiver that asab_weak_receiver_call() calls and asab_weak_receiver_drop() destroys. */
AsabWeakReceiver *
asab_weak_receiver_new (AsabPubSub     *bus,
                        guint           id,
                        GObject        *owner,
                        AsabPubSubFunc  callback,
                        gpointer        user_data,
                        GDestroyNotify  destroy)
{
  AsabWeakReceiver *self = g_new0 (AsabWeakReceiver, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->id = id;
  self->is_alive = TRUE;
  g_weak_ref_init (&self->owner, owner);
  self->bus = asab_pubsub_acquire_weak (bus);
  self->callback = callback;
  self->user_data = user_data;
  self->destroy = destroy;

  g_atomic_ref_count_inc (&self->ref_count);
  g_object_weak_ref (owner, owner_gone_cb, self);

  return self;
}

/* The topic lets go of the receiver. */
void
asab_weak_receiver_drop (AsabWeakReceiver *self)
{
  g_autoptr(GObject) owner = g_weak_ref_get (&self->owner);

  /* An owner that is dying now, in another thread, has its notify still to come. */
  if (owner != NULL && g_atomic_int_compare_and_exchange (&self->is_alive, TRUE, FALSE))
    {
      g_object_weak_unref (owner, owner_gone_cb, self);
      asab_weak_receiver_unref (self);
    }

  asab_weak_receiver_unref (self);
}

/* Gets the owner unless it is gone, or on its way. */
GObject *
asab_weak_receiver_dup_owner (AsabWeakReceiver *self)
{
  return g_atomic_int_get (&self->is_alive) ? g_weak_ref_get (&self->owner) : NULL;
}

gboolean
asab_weak_receiver_matches (AsabWeakReceiver *self,
                            AsabPubSubFunc    callback,
                            gpointer          user_data)
{
  return self->callback == callback && self->user_data == user_data;
}

AsabFuture *
asab_weak_receiver_call (AsabPubSub   *bus,
                         AsabMessage  *message,
                         gpointer      user_data,
                         GError      **error)
{
  AsabWeakReceiver *self = user_data;
  g_autoptr(GObject) owner = asab_weak_receiver_dup_owner (self);

  return owner != NULL ? self->callback (bus, message, self->user_data, error) : NULL;
}
