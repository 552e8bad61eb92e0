/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A subscription for one message, which ends with the message or when its future is cancelled. */

#include "config.h"

#include "asab-pubsub-private.h"

#include <asab-glib/async/asab-future-private.h>
#include <asab-glib/core/asab-error.h>

#include <glib/gi18n-lib.h>

/* Belongs to the subscription. */
typedef struct
{
  AsabPromise *promise;
  guint id;
} OneShot;

/* Belongs to the future. */
typedef struct
{
  GWeakRef *bus; /* (owned) */
  guint id;
} Ticket;

static void
one_shot_free (gpointer data)
{
  OneShot *self = data;

  if (!asab_future_has_consumers (asab_promise_get_future (self->promise)))
    asab_future_ignore (asab_promise_get_future (self->promise));
  asab_promise_reject_literal (self->promise, ASAB_ERROR, ASAB_ERROR_CLOSED, _("The bus is gone"));
  asab_promise_unref (self->promise);
  g_free (self);
}

static AsabFuture *
one_shot_cb (AsabPubSub   *bus,
             AsabMessage  *message,
             gpointer      user_data,
             GError      **error G_GNUC_UNUSED)
{
  OneShot *self = user_data;

  asab_promise_take_boxed (self->promise, ASAB_TYPE_MESSAGE, asab_message_ref (message));
  asab_pubsub_unsubscribe (bus, self->id);

  return NULL;
}

static void
ticket_free (gpointer data)
{
  Ticket *self = data;

  asab_pubsub_release_weak (self->bus);
  g_free (self);
}

static void
future_done_cb (AsabFuture *future G_GNUC_UNUSED,
                gpointer    user_data)
{
  Ticket *self = user_data;
  g_autoptr(AsabPubSub) bus = g_weak_ref_get (self->bus);

  /* Needed when it was cancelled; else the subscription has ended before. */
  if (bus != NULL)
    asab_pubsub_unsubscribe (bus, self->id);
}

/**
 * asab_pubsub_wait_message:
 * @self: a bus
 * @message_type: a message type
 *
 * Waits for the next message of a type.
 *
 * The future is rejected with %ASAB_ERROR_CLOSED if the bus goes before a message came.
 *
 * Returns: (transfer full): the future of an [struct@Message]
 */
AsabFuture *
asab_pubsub_wait_message (AsabPubSub *self,
                          const char *message_type)
{
  OneShot *one_shot;
  Ticket *ticket;
  AsabFuture *future;

  g_return_val_if_fail (ASAB_IS_PUBSUB (self), NULL);
  g_return_val_if_fail (asab_pubsub_is_own_thread (self), NULL);
  g_return_val_if_fail (message_type != NULL && *message_type != '\0', NULL);

  one_shot = g_new0 (OneShot, 1);
  one_shot->promise = asab_promise_new ();
  one_shot->id = asab_pubsub_subscribe (self, message_type, one_shot_cb, one_shot, one_shot_free);

  ticket = g_new0 (Ticket, 1);
  ticket->bus = asab_pubsub_acquire_weak (self);
  ticket->id = one_shot->id;

  future = asab_future_ref (asab_promise_get_future (one_shot->promise));
  asab_future_when_done (future, future_done_cb, ticket, ticket_free);

  return future;
}
