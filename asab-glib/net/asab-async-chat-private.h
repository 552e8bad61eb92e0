/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/net/asab-async-chat.h>
#include <asab-glib/net/asab-terminator-private.h>

G_BEGIN_DECLS

/* What waits to be sent. */
typedef struct
{
  GQueue items; /* (owned): with bytes, a producer, or both, in order; there is at least one */
  gsize n_sent; /* bytes of the first of them */
  gsize size;   /* bytes in all, without what producers have not made yet */
} AsabAsyncChatOutbox;

/* There are thousands of conversations in which nobody says anything: what those have no use for is not here. */
typedef struct
{
  AsabTerminator terminator;
  GByteArray *held_back;       /* (owned) (nullable): received, but not pulled yet */
  GByteArray *inbox;           /* (owned) (nullable) */
  gsize n_collected;           /* bytes of the present record that were pulled */
  AsabAsyncChatOutbox *outbox; /* (owned) (nullable): there is one if something is in it */
  guint32 max_inbox_size;
  guint32 max_outbox_size;

  guint keeps_terminator : 1;
  guint is_digesting : 1;
  guint has_more : 1;     /* records may be in what is held back: to be digested when there is room for answers */
  guint is_discarded : 1; /* the rest of what is being digested is */
  guint is_flushing : 1;
  guint is_emptied : 1;   /* the outbox was, while the producer that came first was asked for more */
  guint is_finishing : 1; /* to be closed when the outbox is empty */
} AsabAsyncChatPrivate;

AsabAsyncChatPrivate *asab_async_chat_get_private (AsabAsyncChat *self);
void     asab_async_chat_clear_outbox (AsabAsyncChatPrivate  *priv);
gboolean asab_async_chat_is_full      (AsabAsyncChatPrivate  *priv);
gboolean asab_async_chat_digest_more  (AsabAsyncChat         *self,
                                       GError               **error);

/* Handlers */

gboolean asab_async_chat_real_pull    (AsabAsyncChat         *self,
                                       GBytes                *data,
                                       GError               **error);
gboolean asab_async_chat_handle_read  (AsabDispatcher        *dispatcher,
                                       GError               **error);
gboolean asab_async_chat_handle_write (AsabDispatcher        *dispatcher,
                                       GError               **error);
gboolean asab_async_chat_readable     (AsabDispatcher        *dispatcher);
gboolean asab_async_chat_writable     (AsabDispatcher        *dispatcher);

G_END_DECLS
