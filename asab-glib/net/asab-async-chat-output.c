/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a conversation does with what it is to send. */

#include "config.h"

#include "asab-async-chat-private.h"

#include "asab-dispatcher-private.h"

#include <asab-glib/core/asab-error.h>

#include <glib/gi18n-lib.h>
#include <string.h>

/* With so much to be sent nothing is read or digested: who does not read his answers may not ask more questions. */
#define OUTBOX_HIGH 65536

typedef struct
{
  GBytes *bytes;          /* (owned) (nullable): what is being sent */
  AsabProducer *producer; /* (owned) (nullable): who makes more */
} Item;

static void
item_free (Item *item)
{
  g_clear_pointer (&item->bytes, g_bytes_unref);
  g_clear_object (&item->producer);
  g_free (item);
}

static void
drop_first (AsabAsyncChatPrivate *priv)
{
  item_free (g_queue_pop_head (&priv->outbox->items));
  priv->outbox->n_sent = 0;
  if (priv->outbox->items.head == NULL)
    g_clear_pointer (&priv->outbox, g_free);
}

void
asab_async_chat_clear_outbox (AsabAsyncChatPrivate *priv)
{
  priv->is_emptied = TRUE;
  while (priv->outbox != NULL)
    drop_first (priv);
}

static inline gsize
get_outbox_size (AsabAsyncChatPrivate *priv)
{
  return priv->outbox != NULL ? priv->outbox->size : 0;
}

gboolean
asab_async_chat_is_full (AsabAsyncChatPrivate *priv)
{
  return get_outbox_size (priv) >= OUTBOX_HIGH;
}

/* Asks the producer that comes first for more, which may do anything to the conversation. Returns false on error. */
static gboolean
fill_first (AsabAsyncChatPrivate  *priv,
            Item                  *item,
            GError               **error)
{
  g_autoptr(AsabProducer) producer = g_object_ref (item->producer);
  g_autoptr(GBytes) bytes = NULL;
  GError *failure = NULL;

  priv->is_emptied = FALSE;
  bytes = asab_producer_more (producer, &failure);
  if (!priv->is_emptied)
    {
      if (bytes != NULL && g_bytes_get_size (bytes) > 0)
        {
          item->bytes = g_steal_pointer (&bytes);
          priv->outbox->size += g_bytes_get_size (item->bytes);
        }
      else
        drop_first (priv);
    }

  if (failure == NULL)
    return TRUE;
  g_propagate_error (error, failure);

  return FALSE;
}

/* Sends the first item as far as it goes. Returns false if there is no more room, or on error. */
static gboolean
send_first (AsabAsyncChat  *self,
            Item           *item,
            GError        **error)
{
  AsabAsyncChatPrivate *priv = asab_async_chat_get_private (self);
  gsize size;
  const guint8 *data = g_bytes_get_data (item->bytes, &size);
  gssize sent;

  data += priv->outbox->n_sent;
  size -= priv->outbox->n_sent;
  sent = asab_dispatcher_send (ASAB_DISPATCHER (self), data, size, error);
  if (sent <= 0)
    return FALSE; /* no more room, or the end, whose handler may have emptied the outbox */

  priv->outbox->n_sent += (gsize) sent;
  priv->outbox->size -= (gsize) sent;
  if ((gsize) sent < size)
    return FALSE;

  g_clear_pointer (&item->bytes, g_bytes_unref);
  priv->outbox->n_sent = 0;
  if (item->producer == NULL)
    drop_first (priv);

  return TRUE;
}

/* Deals with the first item; true if there may be more to do. */
static gboolean
advance (AsabAsyncChat  *self,
         GError        **error)
{
  AsabAsyncChatPrivate *priv = asab_async_chat_get_private (self);
  Item *item = priv->outbox != NULL ? g_queue_peek_head (&priv->outbox->items) : NULL;

  if (item == NULL || !asab_dispatcher_is_connected (ASAB_DISPATCHER (self)))
    return FALSE;

  return item->bytes != NULL ? send_first (self, item, error) : fill_first (priv, item, error);
}

static gboolean
is_able_to_send (AsabAsyncChat *self)
{
  return asab_dispatcher_is_connected (ASAB_DISPATCHER (self)) && !asab_async_chat_get_private (self)->is_flushing;
}

/**
 * asab_async_chat_flush:
 * @self: a conversation
 * @error: return location for an error
 *
 * Sends what waits, as much as there is room for.
 *
 * Returns: false with @error set if sending or a producer failed
 */
gboolean
asab_async_chat_flush (AsabAsyncChat  *self,
                       GError        **error)
{
  AsabAsyncChatPrivate *priv;
  GError *failure = NULL;

  g_return_val_if_fail (ASAB_IS_ASYNC_CHAT (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  priv = asab_async_chat_get_private (self);
  if (!is_able_to_send (self))
    return TRUE;

  priv->is_flushing = TRUE;
  while (advance (self, &failure))
    ;
  priv->is_flushing = FALSE;
  asab_dispatcher_update_interest (ASAB_DISPATCHER (self));

  if (failure == NULL)
    return TRUE;
  g_propagate_error (error, failure);

  return FALSE;
}

/* Whether there will be nothing more to be sent. */
static inline gboolean
is_over (AsabDispatcher *dispatcher)
{
  AsabAsyncChatPrivate *priv = asab_async_chat_get_private (ASAB_ASYNC_CHAT (dispatcher));

  return priv->is_finishing || (asab_dispatcher_get_private (dispatcher)->is_at_end && !priv->has_more);
}

gboolean
asab_async_chat_handle_write (AsabDispatcher  *dispatcher,
                              GError         **error)
{
  AsabAsyncChat *self = ASAB_ASYNC_CHAT (dispatcher);
  AsabAsyncChatPrivate *priv = asab_async_chat_get_private (self);

  if (!asab_async_chat_flush (self, error) || !asab_async_chat_digest_more (self, error))
    return FALSE;
  if (priv->outbox == NULL && is_over (dispatcher) && !asab_dispatcher_is_sending (dispatcher))
    asab_dispatcher_hang_up (dispatcher);

  return TRUE;
}

gboolean
asab_async_chat_readable (AsabDispatcher *dispatcher)
{
  AsabAsyncChatPrivate *priv = asab_async_chat_get_private (ASAB_ASYNC_CHAT (dispatcher));

  return !asab_dispatcher_get_private (dispatcher)->is_at_end && !asab_async_chat_is_full (priv);
}

gboolean
asab_async_chat_writable (AsabDispatcher *dispatcher)
{
  AsabAsyncChatPrivate *priv = asab_async_chat_get_private (ASAB_ASYNC_CHAT (dispatcher));

  return priv->outbox != NULL || is_over (dispatcher) || (priv->has_more && !priv->is_digesting);
}

static gboolean
check_pushable (AsabAsyncChat  *self,
                gsize           size,
                GError        **error)
{
  AsabAsyncChatPrivate *priv = asab_async_chat_get_private (self);

  if (priv->is_finishing || asab_dispatcher_is_closed (ASAB_DISPATCHER (self)))
    {
      g_set_error_literal (error, ASAB_ERROR, ASAB_ERROR_CLOSED, _("The conversation is over"));
      return FALSE;
    }
  if (size > priv->max_outbox_size - MIN (get_outbox_size (priv), priv->max_outbox_size))
    {
      g_set_error (error, ASAB_ERROR, ASAB_ERROR_NO_RESOURCES,
                   _("More than %u bytes would wait to be sent"), priv->max_outbox_size);
      return FALSE;
    }

  return TRUE;
}

static void
queue (AsabAsyncChat *self,
       GBytes        *bytes,
       AsabProducer  *producer)
{
  AsabAsyncChatPrivate *priv = asab_async_chat_get_private (self);
  Item *item = g_new (Item, 1);

  *item = (Item) { bytes, producer };
  if (priv->outbox == NULL)
    priv->outbox = g_new0 (AsabAsyncChatOutbox, 1);
  g_queue_push_tail (&priv->outbox->items, item);
  if (bytes != NULL)
    priv->outbox->size += g_bytes_get_size (bytes);
  asab_dispatcher_update_interest (ASAB_DISPATCHER (self));
}

/**
 * asab_async_chat_push: (skip)
 * @self: a conversation
 * @data: (array length=size): what to send
 * @size: how many bytes that is
 * @error: return location for %ASAB_ERROR_CLOSED, %ASAB_ERROR_NO_RESOURCES, or an error of the socket
 *
 * Sends bytes, behind all that was pushed before.
 *
 * Returns: true if they are sent or queued
 */
gboolean
asab_async_chat_push (AsabAsyncChat  *self,
                      const guint8   *data,
                      gsize           size,
                      GError        **error)
{
  AsabAsyncChatPrivate *priv;
  gssize sent = 0;

  g_return_val_if_fail (ASAB_IS_ASYNC_CHAT (self), FALSE);
  g_return_val_if_fail (data != NULL || size == 0, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  priv = asab_async_chat_get_private (self);
  if (!check_pushable (self, size, error))
    return FALSE;
  if (size == 0)
    return TRUE;

  if (priv->outbox == NULL && is_able_to_send (self))
    sent = asab_dispatcher_send (ASAB_DISPATCHER (self), data, size, error);
  if (sent < 0)
    return FALSE;
  if ((gsize) sent < size && !asab_dispatcher_is_closed (ASAB_DISPATCHER (self)))
    queue (self, g_bytes_new (data + sent, size - (gsize) sent), NULL);

  return TRUE;
}

/**
 * asab_async_chat_push_bytes: (rename-to asab_async_chat_push)
 * @self: a conversation
 * @bytes: what to send
 * @error: return location for %ASAB_ERROR_CLOSED, %ASAB_ERROR_NO_RESOURCES, or an error of the socket
 *
 * Sends bytes, behind all that was pushed before.
 *
 * Returns: true if they are sent or queued
 */
gboolean
asab_async_chat_push_bytes (AsabAsyncChat  *self,
                            GBytes         *bytes,
                            GError        **error)
{
  gsize size;
  const guint8 *data;

  g_return_val_if_fail (bytes != NULL, FALSE);

  data = g_bytes_get_data (bytes, &size);

  return asab_async_chat_push (self, data, size, error);
}

/**
 * asab_async_chat_push_text:
 * @self: a conversation
 * @text: what to send
 * @error: return location for %ASAB_ERROR_CLOSED, %ASAB_ERROR_NO_RESOURCES, or an error of the socket
 *
 * Sends text, behind all that was pushed before.
 *
 * Returns: true if it is sent or queued
 */
gboolean
asab_async_chat_push_text (AsabAsyncChat  *self,
                           const char     *text,
                           GError        **error)
{
  g_return_val_if_fail (text != NULL, FALSE);

  return asab_async_chat_push (self, (const guint8 *) text, strlen (text), error);
}

/**
 * asab_async_chat_push_with_producer:
 * @self: a conversation
 * @producer: who makes what to send
 * @error: return location for %ASAB_ERROR_CLOSED, or an error of the socket or of @producer
 *
 * Sends what a producer makes, behind all that was pushed before.
 *
 * Returns: true if the producer is at its end or queued
 */
gboolean
asab_async_chat_push_with_producer (AsabAsyncChat  *self,
                                    AsabProducer   *producer,
                                    GError        **error)
{
  g_return_val_if_fail (ASAB_IS_ASYNC_CHAT (self), FALSE);
  g_return_val_if_fail (ASAB_IS_PRODUCER (producer), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (!check_pushable (self, 0, error))
    return FALSE;

  queue (self, NULL, g_object_ref (producer));

  return asab_async_chat_flush (self, error);
}

/**
 * asab_async_chat_get_outbox_size:
 * @self: a conversation
 *
 * Gets how many bytes wait to be sent, without those that producers have not made yet.
 *
 * Returns: the number of bytes
 */
gsize
asab_async_chat_get_outbox_size (AsabAsyncChat *self)
{
  g_return_val_if_fail (ASAB_IS_ASYNC_CHAT (self), 0);

  return get_outbox_size (asab_async_chat_get_private (self));
}

/**
 * asab_async_chat_close_when_done:
 * @self: a conversation
 * @error: return location for %ASAB_ERROR_CLOSED
 *
 * Hangs up when all that was pushed has been sent: `handle_close` is called then, and never before this call has
 * returned. Nothing that is received from now on is handled.
 *
 * Returns: true if it was not closed, or to be closed, already
 */
gboolean
asab_async_chat_close_when_done (AsabAsyncChat  *self,
                                 GError        **error)
{
  g_return_val_if_fail (ASAB_IS_ASYNC_CHAT (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (!check_pushable (self, 0, error))
    return FALSE;

  asab_async_chat_get_private (self)->is_finishing = TRUE;
  asab_dispatcher_update_interest (ASAB_DISPATCHER (self));

  return TRUE;
}

/**
 * asab_async_chat_discard_output_buffers:
 * @self: a conversation
 *
 * Drops what was pushed and not sent yet, and the wish to close when all is sent.
 */
void
asab_async_chat_discard_output_buffers (AsabAsyncChat *self)
{
  AsabAsyncChatPrivate *priv;

  g_return_if_fail (ASAB_IS_ASYNC_CHAT (self));

  priv = asab_async_chat_get_private (self);
  asab_async_chat_clear_outbox (priv);
  priv->is_finishing = FALSE;
  asab_dispatcher_update_interest (ASAB_DISPATCHER (self));
}
