/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/net/asab-dispatcher.h>
#include <asab-glib/net/asab-producer.h>

G_BEGIN_DECLS

#define ASAB_TYPE_ASYNC_CHAT (asab_async_chat_get_type ())
ASAB_AVAILABLE_IN_ALL
G_DECLARE_DERIVABLE_TYPE (AsabAsyncChat, asab_async_chat, ASAB, ASYNC_CHAT, AsabDispatcher)

/**
 * AsabAsyncChatClass:
 * @pull: takes @data that was received; by default it is put into the inbox
 * @found_terminator: all up to a terminator was pulled; has to be overridden
 *
 * A handler that returns false has failed, as with [class@Dispatcher].
 */
struct _AsabAsyncChatClass
{
  AsabDispatcherClass parent_class;

  gboolean (*pull)             (AsabAsyncChat  *self,
                                GBytes         *data,
                                GError        **error);
  gboolean (*found_terminator) (AsabAsyncChat  *self,
                                GError        **error);

  /*< private >*/
  gpointer padding[8];
};

ASAB_AVAILABLE_IN_ALL
void     asab_async_chat_set_terminator         (AsabAsyncChat       *self,
                                                 const char          *terminator);
ASAB_AVAILABLE_IN_ALL
void     asab_async_chat_set_terminator_bytes   (AsabAsyncChat       *self,
                                                 GBytes              *terminator);
ASAB_AVAILABLE_IN_ALL
void     asab_async_chat_set_terminator_list    (AsabAsyncChat       *self,
                                                 const char * const  *terminators);
ASAB_AVAILABLE_IN_ALL
void     asab_async_chat_set_terminator_length  (AsabAsyncChat       *self,
                                                 gsize                length);
ASAB_AVAILABLE_IN_ALL
void     asab_async_chat_clear_terminator       (AsabAsyncChat       *self);

ASAB_AVAILABLE_IN_ALL
gsize    asab_async_chat_get_inbox_size         (AsabAsyncChat       *self);
ASAB_AVAILABLE_IN_ALL
GBytes  *asab_async_chat_take_inbox             (AsabAsyncChat       *self) G_GNUC_WARN_UNUSED_RESULT;
ASAB_AVAILABLE_IN_ALL
char    *asab_async_chat_take_line              (AsabAsyncChat       *self) G_GNUC_WARN_UNUSED_RESULT;

ASAB_AVAILABLE_IN_ALL
gboolean asab_async_chat_push                   (AsabAsyncChat       *self,
                                                 const guint8        *data,
                                                 gsize                size,
                                                 GError             **error);
ASAB_AVAILABLE_IN_ALL
gboolean asab_async_chat_push_bytes             (AsabAsyncChat       *self,
                                                 GBytes              *bytes,
                                                 GError             **error);
ASAB_AVAILABLE_IN_ALL
gboolean asab_async_chat_push_text              (AsabAsyncChat       *self,
                                                 const char          *text,
                                                 GError             **error);
ASAB_AVAILABLE_IN_ALL
gboolean asab_async_chat_push_with_producer     (AsabAsyncChat       *self,
                                                 AsabProducer        *producer,
                                                 GError             **error);
ASAB_AVAILABLE_IN_ALL
gsize    asab_async_chat_get_outbox_size        (AsabAsyncChat       *self);
ASAB_AVAILABLE_IN_ALL
gboolean asab_async_chat_flush                  (AsabAsyncChat       *self,
                                                 GError             **error);
ASAB_AVAILABLE_IN_ALL
gboolean asab_async_chat_close_when_done        (AsabAsyncChat       *self,
                                                 GError             **error);
ASAB_AVAILABLE_IN_ALL
void     asab_async_chat_discard_input_buffers  (AsabAsyncChat       *self);
ASAB_AVAILABLE_IN_ALL
void     asab_async_chat_discard_output_buffers (AsabAsyncChat       *self);
ASAB_AVAILABLE_IN_ALL
void     asab_async_chat_discard_buffers        (AsabAsyncChat       *self);

G_END_DECLS
