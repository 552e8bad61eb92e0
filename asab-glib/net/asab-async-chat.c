/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Records in, bytes out.
 *
 *     socket ── buffer of the read ── terminator ── pull () ── inbox, found_terminator ()
 *                      └ held_back: the beginning of what may be a terminator
 *     socket ── outbox: bytes and producers ── push ()
 *
 * What is received is digested where it was read, and what is pushed goes straight to the socket while it takes it, so
 * that an idle connection has no buffers. No byte is copied into a queue that the kernel has room for.
 */

#include "config.h"

#include "asab-async-chat-private.h"

#include <asab-glib/core/asab-error.h>

#include <glib/gi18n-lib.h>
#include <string.h>

#define DEFAULT_MAX_INBOX (1024 * 1024)
#define DEFAULT_MAX_OUTBOX (16 * 1024 * 1024)

/**
 * AsabAsyncChat:
 *
 * A conversation of records: what comes is split by a terminator, what goes is queued.
 *
 * Derive from it, override `found_terminator`, and set a terminator. What is received is pulled into the inbox, and
 * whenever a record is complete `found_terminator` is called, which takes the inbox by
 * [method@AsyncChat.take_inbox]. Without a terminator everything is pulled, and nothing found. A handler may set
 * another terminator for what follows.
 *
 * What is pushed is sent in order, at once as far as the socket takes it, the rest when there is room again. Nothing
 * is lost on the way to a slow peer, but the peer is not read while much waits for it, and a push that would let the
 * queue outgrow [property@AsyncChat:max-outbox-size] is refused as a whole. An inbox that outgrows
 * [property@AsyncChat:max-inbox-size] is an error of the channel.
 *
 * The behaviour is that of the module asynclib of Python's astm.
 */
G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (AsabAsyncChat, asab_async_chat, ASAB_TYPE_DISPATCHER)

typedef enum
{
  PROP_STRIP_TERMINATOR = 1,
  PROP_MAX_INBOX_SIZE,
  PROP_MAX_OUTBOX_SIZE,
} AsabAsyncChatProperty;

static GParamSpec *props[PROP_MAX_OUTBOX_SIZE + 1];

AsabAsyncChatPrivate *
asab_async_chat_get_private (AsabAsyncChat *self)
{
  return asab_async_chat_get_instance_private (self);
}

/* Terminators */

/**
 * asab_async_chat_clear_terminator:
 * @self: a conversation
 *
 * Lets everything be pulled into the inbox, without an end.
 */
void
asab_async_chat_clear_terminator (AsabAsyncChat *self)
{
  AsabAsyncChatPrivate *priv;

  g_return_if_fail (ASAB_IS_ASYNC_CHAT (self));

  priv = asab_async_chat_get_private (self);
  asab_terminator_clear (&priv->terminator);
  priv->n_collected = 0;
}

/**
 * asab_async_chat_set_terminator:
 * @self: a conversation
 * @terminator: what ends a record; empty for none
 *
 * Sets the text that ends a record, such as `"\r\n"`.
 */
void
asab_async_chat_set_terminator (AsabAsyncChat *self,
                                const char    *terminator)
{
  g_return_if_fail (terminator != NULL);

  asab_async_chat_set_terminator_list (self, (const char *[]) { terminator, NULL });
}

/**
 * asab_async_chat_set_terminator_bytes:
 * @self: a conversation
 * @terminator: what ends a record; empty for none
 *
 * Sets the bytes that end a record.
 */
void
asab_async_chat_set_terminator_bytes (AsabAsyncChat *self,
                                      GBytes        *terminator)
{
  g_return_if_fail (ASAB_IS_ASYNC_CHAT (self));
  g_return_if_fail (terminator != NULL);

  asab_async_chat_clear_terminator (self);
  asab_terminator_add (&asab_async_chat_get_private (self)->terminator, terminator);
}

/**
 * asab_async_chat_set_terminator_list:
 * @self: a conversation
 * @terminators: (array zero-terminated=1): what ends a record
 *
 * Sets several texts each of which ends a record. The one that ends first in what is received counts, and of those that
 * end there, or begin where it does, the longest.
 */
void
asab_async_chat_set_terminator_list (AsabAsyncChat      *self,
                                     const char * const *terminators)
{
  g_return_if_fail (ASAB_IS_ASYNC_CHAT (self));
  g_return_if_fail (terminators != NULL);

  asab_async_chat_clear_terminator (self);
  for (gsize i = 0; terminators[i] != NULL; i++)
    {
      g_autoptr(GBytes) bytes = g_bytes_new (terminators[i], strlen (terminators[i]));

      asab_terminator_add (&asab_async_chat_get_private (self)->terminator, bytes);
    }
}

/**
 * asab_async_chat_set_terminator_length:
 * @self: a conversation
 * @length: how many bytes a record has; 0 for no end
 *
 * Lets records end after a number of bytes.
 */
void
asab_async_chat_set_terminator_length (AsabAsyncChat *self,
                                       gsize          length)
{
  asab_async_chat_clear_terminator (self);
  asab_async_chat_get_private (self)->terminator.length = length;
}

/**
 * asab_async_chat_discard_buffers:
 * @self: a conversation
 *
 * Drops all that was received and not taken, and all that was pushed and not sent, in emergencies. The connection
 * stays.
 */
void
asab_async_chat_discard_buffers (AsabAsyncChat *self)
{
  asab_async_chat_discard_input_buffers (self);
  asab_async_chat_discard_output_buffers (self);
}

/* Life */

static gboolean
asab_async_chat_real_found_terminator (AsabAsyncChat  *self,
                                       GError        **error)
{
  g_set_error (error, ASAB_ERROR, ASAB_ERROR_NOT_IMPLEMENTED,
               _("“%s” has to override “found_terminator”"), G_OBJECT_TYPE_NAME (self));

  return FALSE;
}

/* What is left of the last connection is nothing to the new one. */
static void
asab_async_chat_reset (AsabDispatcher *dispatcher)
{
  asab_async_chat_discard_buffers (ASAB_ASYNC_CHAT (dispatcher));
}

static void
asab_async_chat_finalize (GObject *object)
{
  AsabAsyncChatPrivate *priv = asab_async_chat_get_private (ASAB_ASYNC_CHAT (object));

  asab_terminator_clear (&priv->terminator);
  g_clear_pointer (&priv->held_back, g_byte_array_unref);
  g_clear_pointer (&priv->inbox, g_byte_array_unref);
  asab_async_chat_clear_outbox (priv);

  G_OBJECT_CLASS (asab_async_chat_parent_class)->finalize (object);
}

static void
asab_async_chat_get_property (GObject    *object,
                              guint       prop_id,
                              GValue     *value,
                              GParamSpec *pspec)
{
  AsabAsyncChatPrivate *priv = asab_async_chat_get_private (ASAB_ASYNC_CHAT (object));

  switch ((AsabAsyncChatProperty) prop_id)
    {
    case PROP_STRIP_TERMINATOR:
      g_value_set_boolean (value, !priv->keeps_terminator);
      break;
    case PROP_MAX_INBOX_SIZE:
      g_value_set_uint64 (value, priv->max_inbox_size);
      break;
    case PROP_MAX_OUTBOX_SIZE:
      g_value_set_uint64 (value, priv->max_outbox_size);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
asab_async_chat_set_property (GObject      *object,
                              guint         prop_id,
                              const GValue *value,
                              GParamSpec   *pspec)
{
  AsabAsyncChatPrivate *priv = asab_async_chat_get_private (ASAB_ASYNC_CHAT (object));

  switch ((AsabAsyncChatProperty) prop_id)
    {
    case PROP_STRIP_TERMINATOR:
      priv->keeps_terminator = !g_value_get_boolean (value);
      break;
    case PROP_MAX_INBOX_SIZE:
      priv->max_inbox_size = (guint32) g_value_get_uint64 (value);
      break;
    case PROP_MAX_OUTBOX_SIZE:
      priv->max_outbox_size = (guint32) g_value_get_uint64 (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
asab_async_chat_class_init (AsabAsyncChatClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  AsabDispatcherClass *dispatcher_class = ASAB_DISPATCHER_CLASS (klass);

  object_class->finalize = asab_async_chat_finalize;
  object_class->get_property = asab_async_chat_get_property;
  object_class->set_property = asab_async_chat_set_property;

  dispatcher_class->reset = asab_async_chat_reset;
  dispatcher_class->readable = asab_async_chat_readable;
  dispatcher_class->writable = asab_async_chat_writable;
  dispatcher_class->handle_read = asab_async_chat_handle_read;
  dispatcher_class->handle_write = asab_async_chat_handle_write;

  klass->pull = asab_async_chat_real_pull;
  klass->found_terminator = asab_async_chat_real_found_terminator;

  /**
   * AsabAsyncChat:strip-terminator:
   *
   * Whether the terminator is left out of what is pulled.
   */
  props[PROP_STRIP_TERMINATOR] =
    g_param_spec_boolean ("strip-terminator", NULL, NULL, TRUE, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);

  /**
   * AsabAsyncChat:max-inbox-size:
   *
   * How many bytes the inbox holds at most.
   */
  props[PROP_MAX_INBOX_SIZE] =
    g_param_spec_uint64 ("max-inbox-size", NULL, NULL, 1, G_MAXUINT32, DEFAULT_MAX_INBOX,
                         G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);

  /**
   * AsabAsyncChat:max-outbox-size:
   *
   * How many bytes wait to be sent at most.
   */
  props[PROP_MAX_OUTBOX_SIZE] =
    g_param_spec_uint64 ("max-outbox-size", NULL, NULL, 1, G_MAXUINT32, DEFAULT_MAX_OUTBOX,
                         G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);

  g_object_class_install_properties (object_class, G_N_ELEMENTS (props), props);
}

static void
asab_async_chat_init (AsabAsyncChat *self)
{
  AsabAsyncChatPrivate *priv = asab_async_chat_get_private (self);

  priv->max_inbox_size = DEFAULT_MAX_INBOX;
  priv->max_outbox_size = DEFAULT_MAX_OUTBOX;
}
