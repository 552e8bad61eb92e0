/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a conversation does with what it receives. */

#include "config.h"

#include "asab-async-chat-private.h"

#include "asab-dispatcher-private.h"

#include <asab-glib/core/asab-error.h>

#include <glib/gi18n-lib.h>
#include <string.h>

#define RECV_SIZE 16384

static gboolean
put_into_inbox (AsabAsyncChatPrivate  *priv,
                const guint8          *data,
                gsize                  size,
                GError               **error)
{
  gsize inbox_size = priv->inbox != NULL ? priv->inbox->len : 0;

  if (size > priv->max_inbox_size - MIN (inbox_size, priv->max_inbox_size))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_MESSAGE_TOO_LARGE,
                   _("A record is longer than the %u bytes that are accepted"),
                   priv->max_inbox_size);
      return FALSE;
    }

  if (priv->inbox == NULL)
    priv->inbox = g_byte_array_new ();
  g_byte_array_append (priv->inbox, data, (guint) size);

  return TRUE;
}

gboolean
asab_async_chat_real_pull (AsabAsyncChat  *self,
                           GBytes         *data,
                           GError        **error)
{
  gsize size;
  const guint8 *bytes = g_bytes_get_data (data, &size);

  return put_into_inbox (asab_async_chat_get_private (self), bytes, size, error);
}

static gboolean
pull (AsabAsyncChat  *self,
      const guint8   *data,
      gsize           size,
      GError        **error)
{
  AsabAsyncChatPrivate *priv = asab_async_chat_get_private (self);
  AsabAsyncChatClass *klass = ASAB_ASYNC_CHAT_GET_CLASS (self);
  g_autoptr(GBytes) bytes = NULL;

  if (size == 0)
    return TRUE;

  priv->n_collected += size;
  if (klass->pull == asab_async_chat_real_pull)
    return put_into_inbox (priv, data, size, error);

  bytes = g_bytes_new (data, size);

  return klass->pull (self, bytes, error);
}

/* Whether what was received is of any use still. */
static inline gboolean
is_listening (AsabAsyncChat *self)
{
  AsabAsyncChatPrivate *priv = asab_async_chat_get_private (self);

  return !priv->is_discarded && !priv->is_finishing && asab_dispatcher_get_private (&self->parent_instance)->fd >= 0;
}

/* Makes records of @data, of which @n_used bytes are done with then. */
static gboolean
digest (AsabAsyncChat  *self,
        const guint8   *data,
        gsize           size,
        gboolean        is_end,
        gsize          *n_used,
        GError        **error)
{
  AsabAsyncChatPrivate *priv = asab_async_chat_get_private (self);

  *n_used = 0;
  while (*n_used < size && is_listening (self) && !asab_async_chat_is_full (priv))
    {
      AsabTerminatorMatch match = asab_terminator_match (&priv->terminator, data + *n_used, size - *n_used,
                                                         priv->n_collected, is_end);
      const guint8 *content = data + *n_used;
      gsize n_content = match.n_content + (priv->keeps_terminator ? match.n_terminator : 0);

      *n_used += match.n_content + match.n_terminator;
      if (!pull (self, content, n_content, error))
        return FALSE;
      if (!match.is_found)
        return TRUE;
      if (!is_listening (self))
        break;

      priv->n_collected = 0;
      if (!ASAB_ASYNC_CHAT_GET_CLASS (self)->found_terminator (self, error))
        return FALSE;
    }
  if (*n_used < size && is_listening (self))
    priv->has_more = TRUE;

  return TRUE;
}

/* Keeps what was not used in front of what was received meanwhile, by a main loop within a handler. */
static void
hold_back (AsabAsyncChatPrivate *priv,
           const guint8         *data,
           gsize                 size)
{
  if (priv->held_back == NULL)
    priv->held_back = g_byte_array_new ();
  g_byte_array_prepend (priv->held_back, data, (guint) size);
}

static gboolean
digest_once (AsabAsyncChat  *self,
             const guint8   *data,
             gsize           size,
             gboolean        is_end,
             GError        **error)
{
  AsabAsyncChatPrivate *priv = asab_async_chat_get_private (self);
  gsize n_used;
  gboolean is_fine;

  priv->is_digesting = TRUE;
  priv->is_discarded = FALSE;
  priv->has_more = FALSE;
  is_fine = digest (self, data, size, is_end, &n_used, error);
  priv->is_digesting = FALSE;
  if (!is_fine)
    priv->has_more = TRUE; /* the next records are not to blame */

  if (n_used < size && is_listening (self))
    hold_back (priv, data + n_used, size - n_used);

  return is_fine;
}

static gboolean
digest_held_back (AsabAsyncChat  *self,
                  gboolean        is_end,
                  GError        **error)
{
  AsabAsyncChatPrivate *priv = asab_async_chat_get_private (self);
  g_autoptr(GByteArray) array = g_steal_pointer (&priv->held_back);

  priv->has_more = FALSE;

  return array == NULL || digest_once (self, array->data, array->len, is_end, error);
}

/* Goes on with what had to wait, if it need not any longer. */
gboolean
asab_async_chat_digest_more (AsabAsyncChat  *self,
                             GError        **error)
{
  AsabAsyncChatPrivate *priv = asab_async_chat_get_private (self);

  if (!priv->has_more || priv->is_digesting || asab_async_chat_is_full (priv))
    return TRUE;

  return digest_held_back (self, asab_dispatcher_get_private (ASAB_DISPATCHER (self))->is_at_end, error);
}

static gboolean
receive (AsabAsyncChat  *self,
         const guint8   *data,
         gsize           size,
         GError        **error)
{
  AsabAsyncChatPrivate *priv = asab_async_chat_get_private (self);

  if (G_LIKELY (priv->held_back == NULL && !priv->is_digesting))
    return digest_once (self, data, size, FALSE, error);

  if (priv->held_back == NULL)
    priv->held_back = g_byte_array_new ();
  g_byte_array_append (priv->held_back, data, (guint) size);
  priv->has_more = TRUE;

  return asab_async_chat_digest_more (self, error);
}

/* There is nothing more to be received; but whoever has no more to say may still listen. */
static gboolean
handle_end (AsabAsyncChat  *self,
            GError        **error)
{
  AsabAsyncChatPrivate *priv = asab_async_chat_get_private (self);

  asab_dispatcher_get_private (ASAB_DISPATCHER (self))->is_at_end = TRUE;
  if (priv->held_back != NULL || priv->is_digesting)
    priv->has_more = TRUE;
  if (!asab_async_chat_digest_more (self, error))
    return FALSE;
  if (priv->outbox == NULL && !priv->has_more)
    asab_dispatcher_hang_up (ASAB_DISPATCHER (self));

  return TRUE;
}

gboolean
asab_async_chat_handle_read (AsabDispatcher  *dispatcher,
                             GError         **error)
{
  AsabAsyncChat *self = ASAB_ASYNC_CHAT (dispatcher);
  guint8 buffer[RECV_SIZE];
  gssize size = asab_dispatcher_receive (dispatcher, buffer, sizeof buffer, error);

  if (size < 0)
    return FALSE;
  if (size == 0)
    return handle_end (self, error);

  return asab_async_chat_get_private (self)->is_finishing || receive (self, buffer, (gsize) size, error);
}

/**
 * asab_async_chat_get_inbox_size:
 * @self: a conversation
 *
 * Gets how many bytes are in the inbox.
 *
 * Returns: the number of bytes
 */
gsize
asab_async_chat_get_inbox_size (AsabAsyncChat *self)
{
  AsabAsyncChatPrivate *priv;

  g_return_val_if_fail (ASAB_IS_ASYNC_CHAT (self), 0);

  priv = asab_async_chat_get_private (self);

  return priv->inbox != NULL ? priv->inbox->len : 0;
}

/**
 * asab_async_chat_take_inbox:
 * @self: a conversation
 *
 * Takes what was pulled, which leaves the inbox empty.
 *
 * Returns: (transfer full): what was pulled
 */
GBytes *
asab_async_chat_take_inbox (AsabAsyncChat *self)
{
  AsabAsyncChatPrivate *priv;

  g_return_val_if_fail (ASAB_IS_ASYNC_CHAT (self), NULL);

  priv = asab_async_chat_get_private (self);

  return priv->inbox != NULL ? g_byte_array_free_to_bytes (g_steal_pointer (&priv->inbox)) : g_bytes_new (NULL, 0);
}

/**
 * asab_async_chat_take_line:
 * @self: a conversation
 *
 * Takes what was pulled as text, which leaves the inbox empty. Bytes that are no UTF-8 are replaced by “�”.
 *
 * Returns: (transfer full): what was pulled
 */
char *
asab_async_chat_take_line (AsabAsyncChat *self)
{
  g_autoptr(GBytes) bytes = NULL;
  gsize size;
  const char *data;

  g_return_val_if_fail (ASAB_IS_ASYNC_CHAT (self), NULL);

  bytes = asab_async_chat_take_inbox (self);
  data = g_bytes_get_data (bytes, &size);

  return size > 0 ? g_utf8_make_valid (data, (gssize) size) : g_strdup ("");
}

/**
 * asab_async_chat_discard_input_buffers:
 * @self: a conversation
 *
 * Drops what was received and not taken yet.
 */
void
asab_async_chat_discard_input_buffers (AsabAsyncChat *self)
{
  AsabAsyncChatPrivate *priv;

  g_return_if_fail (ASAB_IS_ASYNC_CHAT (self));

  priv = asab_async_chat_get_private (self);
  g_clear_pointer (&priv->held_back, g_byte_array_unref);
  g_clear_pointer (&priv->inbox, g_byte_array_unref);
  priv->n_collected = 0;
  priv->has_more = FALSE;
  priv->is_discarded = TRUE;
}
