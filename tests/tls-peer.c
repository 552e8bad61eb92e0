/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tls-peer.h"

#include "tls-files.h"

#include <string.h>

typedef struct
{
  AsabAsyncChatClass parent_class;
} PeerClass;

G_DEFINE_FINAL_TYPE (Peer, peer, ASAB_TYPE_ASYNC_CHAT)

static void
tell (Peer       *self,
      const char *event)
{
  g_string_append_printf (self->events, "%s;", event);
  if (self->hook != NULL)
    self->hook (self, event);
}

static gboolean
peer_handle_connect (AsabDispatcher  *dispatcher,
                     GError         **error)
{
  tell ((Peer *) dispatcher, "connect");

  return asab_async_chat_flush (ASAB_ASYNC_CHAT (dispatcher), error);
}

static void
peer_handle_close (AsabDispatcher *dispatcher)
{
  tell ((Peer *) dispatcher, "close");
  asab_dispatcher_close (dispatcher);
}

static void
peer_handle_error (AsabDispatcher *dispatcher,
                   const GError   *error)
{
  Peer *self = (Peer *) dispatcher;

  g_clear_error (&self->error);
  self->error = g_error_copy (error);
  tell (self, "error");
  asab_dispatcher_close (dispatcher);
}

static gboolean
hear (Peer          *self,
      const guint8  *data,
      gsize          size,
      GError       **error)
{
  g_string_append_len (self->received, (const char *) data, (gssize) size);
  if (self->hook != NULL)
    self->hook (self, "read");

  return !self->is_echo || asab_dispatcher_is_closed (ASAB_DISPATCHER (self)) ||
         asab_async_chat_push (ASAB_ASYNC_CHAT (self), data, size, error);
}

static gboolean
peer_pull (AsabAsyncChat  *chat,
           GBytes         *bytes,
           GError        **error)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (bytes, &size);

  return hear ((Peer *) chat, data, size, error);
}

static gboolean
peer_found_terminator (AsabAsyncChat  *chat,
                       GError        **error G_GNUC_UNUSED)
{
  g_string_append_c (((Peer *) chat)->received, '|');

  return TRUE;
}

static gboolean
peer_handle_read (AsabDispatcher  *dispatcher,
                  GError         **error)
{
  Peer *self = (Peer *) dispatcher;
  guint8 buffer[65536];
  gssize size;

  if (self->read_size == 0)
    return ASAB_DISPATCHER_CLASS (peer_parent_class)->handle_read (dispatcher, error);

  size = asab_dispatcher_recv (dispatcher, buffer, self->read_size, error);

  return size > 0 ? hear (self, buffer, (gsize) size, error) : size == 0;
}

/* However much there is to be sent: two that wait for each other to read would wait for ever. */
static gboolean
peer_readable (AsabDispatcher *dispatcher)
{
  return !((Peer *) dispatcher)->is_deaf;
}

static void
peer_finalize (GObject *object)
{
  Peer *self = (Peer *) object;

  g_string_free (self->received, TRUE);
  g_string_free (self->events, TRUE);
  g_clear_error (&self->error);

  G_OBJECT_CLASS (peer_parent_class)->finalize (object);
}

static void
peer_class_init (PeerClass *klass)
{
  AsabDispatcherClass *dispatcher_class = ASAB_DISPATCHER_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = peer_finalize;
  dispatcher_class->readable = peer_readable;
  dispatcher_class->handle_connect = peer_handle_connect;
  dispatcher_class->handle_close = peer_handle_close;
  dispatcher_class->handle_error = peer_handle_error;
  dispatcher_class->handle_read = peer_handle_read;
  ASAB_ASYNC_CHAT_CLASS (klass)->pull = peer_pull;
  ASAB_ASYNC_CHAT_CLASS (klass)->found_terminator = peer_found_terminator;
}

static void
peer_init (Peer *self)
{
  self->received = g_string_new (NULL);
  self->events = g_string_new (NULL);
  g_object_set (self, "max-outbox-size", (guint64) 64 * 1024 * 1024, NULL);
}

AsabTlsContext *
peer_new_context (const char        *certificate,
                  const char        *authority,
                  AsabTlsVerifyMode  verify_mode)
{
  AsabTlsContext *context = asab_tls_context_new ();
  const char *names[] = { certificate, certificate, authority };
  const char *suffixes[] = { "crt", "key", "crt" };
  const char *properties[] = { "cert", "key", "cafile" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *name = g_strdup_printf ("%s.%s", names[i], suffixes[i]);
      g_autofree char *path = tls_files_path (name);

      if (names[i] != NULL)
        g_object_set (context, properties[i], path, NULL);
    }
  g_object_set (context, "verify-mode", verify_mode, NULL);

  return context;
}

/* Servers */

static AsabDispatcher *
make_peer_cb (AsabStreamServer  *server G_GNUC_UNUSED,
              gpointer           user_data,
              GError           **error G_GNUC_UNUSED)
{
  PeerServer *self = user_data;
  Peer *peer = g_object_new (peer_get_type (), NULL);

  peer->read_size = self->sample.read_size;
  peer->is_echo = self->sample.is_echo;
  peer->hook = self->sample.hook;
  g_ptr_array_add (self->peers, g_object_ref (peer));

  return ASAB_DISPATCHER (peer);
}

void
peer_server_start (PeerServer     *self,
                   AsabTlsContext *context)
{
  g_autoptr(GError) error = NULL;

  self->peers = g_ptr_array_new_with_free_func ((GDestroyNotify) peer_free);
  self->server = asab_stream_server_new_with_factory (make_peer_cb, self, NULL);
  g_object_set (self->server, "listen", "127.0.0.1 0", "tls", context, NULL);
  g_assert_true (asab_stream_server_start (self->server, &error));
  g_assert_no_error (error);
}

void
peer_server_stop (PeerServer *self)
{
  AsabFuture *stopped = asab_stream_server_stop (self->server);

  while (!asab_future_is_done (stopped))
    g_main_context_iteration (g_main_context_get_thread_default (), TRUE);
  asab_future_unref (stopped);
  g_assert_finalize_object (self->server);
  g_ptr_array_unref (self->peers);
}

/* The channel of a client, when it has come. */
Peer *
peer_server_get (PeerServer *self,
                 guint       i)
{
  while (self->peers->len <= i)
    g_main_context_iteration (g_main_context_get_thread_default (), TRUE);

  return g_ptr_array_index (self->peers, i);
}

GSocketAddress *
peer_server_dup_address (PeerServer *self)
{
  g_auto(GStrv) addresses = asab_stream_server_dup_addresses (self->server);
  g_autoptr(GSocketConnectable) connectable = g_network_address_parse (addresses[0], 0, NULL);

  return g_inet_socket_address_new_from_string ("127.0.0.1",
                                                g_network_address_get_port (G_NETWORK_ADDRESS (connectable)));
}

/* Clients */

Peer *
peer_connect (PeerServer     *server,
              AsabTlsContext *context)
{
  g_autoptr(GSocketAddress) address = peer_server_dup_address (server);
  g_autoptr(GError) error = NULL;
  Peer *self = g_object_new (peer_get_type (), NULL);
  AsabDispatcher *dispatcher = ASAB_DISPATCHER (self);

  asab_dispatcher_create_socket (dispatcher, G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, &error);
  g_assert_no_error (error);
  if (context != NULL)
    asab_dispatcher_start_tls_client (dispatcher, context, "server.test", &error);
  g_assert_no_error (error);
  asab_dispatcher_connect_to (dispatcher, address, &error);
  g_assert_no_error (error);

  return self;
}

void
peer_wait_events (Peer       *self,
                  const char *events)
{
  while (self->events->len < strlen (events) && g_str_has_prefix (events, self->events->str))
    g_main_context_iteration (g_main_context_get_thread_default (), TRUE);
  if (!g_str_equal (self->events->str, events) && self->error != NULL)
    g_assert_no_error (self->error);
  g_assert_cmpstr (self->events->str, ==, events);
}

void
peer_wait_received (Peer  *self,
                    gsize  size)
{
  while (self->received->len < size && self->error == NULL)
    g_main_context_iteration (g_main_context_get_thread_default (), TRUE);
  g_assert_no_error (self->error);
}

void
peer_free (Peer *self)
{
  asab_dispatcher_close (ASAB_DISPATCHER (self));
  g_assert_finalize_object (self);
}

void
peer_push (Peer       *self,
           const char *text)
{
  g_autoptr(GError) error = NULL;

  asab_async_chat_push_text (ASAB_ASYNC_CHAT (self), text, &error);
  g_assert_no_error (error);
}

void
peer_wait_end (void)
{
  AsabChannelMap *map = asab_channel_map_dup_default ();

  g_object_add_weak_pointer (G_OBJECT (map), (gpointer *) &map);
  g_object_unref (map);
  while (map != NULL)
    g_main_context_iteration (g_main_context_get_thread_default (), TRUE);
}
