/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <asab-glib/asab.h>

/* The server: nothing in it is about TLS. */

#define SHOUTER_TYPE (shouter_get_type ())
G_DECLARE_FINAL_TYPE (Shouter, shouter, EXAMPLE, SHOUTER, AsabAsyncChat)

struct _Shouter
{
  AsabAsyncChat parent_instance;
};

G_DEFINE_FINAL_TYPE (Shouter, shouter, ASAB_TYPE_ASYNC_CHAT)

static gboolean
shouter_found_terminator (AsabAsyncChat  *chat,
                          GError        **error)
{
  g_autofree char *line = asab_async_chat_take_line (chat);
  g_autofree char *capitals = g_utf8_strup (line, -1);
  g_autofree char *answer = g_strconcat (capitals, "\r\n", NULL);

  return asab_async_chat_push_text (chat, answer, error);
}

static void
shouter_class_init (ShouterClass *klass)
{
  ASAB_ASYNC_CHAT_CLASS (klass)->found_terminator = shouter_found_terminator;
}

static void
shouter_init (Shouter *self)
{
  asab_async_chat_set_terminator (ASAB_ASYNC_CHAT (self), "\r\n");
}

/* The client: is connected when it knows who the server is. */

#define CLIENT_TYPE (client_get_type ())
G_DECLARE_FINAL_TYPE (Client, client, EXAMPLE, CLIENT, AsabAsyncChat)

struct _Client
{
  AsabAsyncChat parent_instance;
};

G_DEFINE_FINAL_TYPE (Client, client, ASAB_TYPE_ASYNC_CHAT)

static gboolean
client_handle_connect (AsabDispatcher  *dispatcher,
                       GError         **error)
{
  GTlsCertificate *certificate = asab_dispatcher_get_peer_certificate (dispatcher);
  g_autofree char *name = g_tls_certificate_get_subject_name (certificate);

  g_print ("%s\n", name);

  return asab_async_chat_push_text (ASAB_ASYNC_CHAT (dispatcher), "hello\r\n", error);
}

static gboolean
client_found_terminator (AsabAsyncChat  *chat,
                         GError        **error G_GNUC_UNUSED)
{
  g_autofree char *line = asab_async_chat_take_line (chat);

  g_print ("%s\n", line);
  asab_dispatcher_close (ASAB_DISPATCHER (chat));

  return TRUE;
}

static void
client_class_init (ClientClass *klass)
{
  ASAB_DISPATCHER_CLASS (klass)->handle_connect = client_handle_connect;
  ASAB_ASYNC_CHAT_CLASS (klass)->found_terminator = client_found_terminator;
}

static void
client_init (Client *self)
{
  asab_async_chat_set_terminator (ASAB_ASYNC_CHAT (self), "\r\n");
}

static gboolean
talk (const char      *host_and_port,
      AsabTlsContext  *context,
      GError         **error)
{
  g_auto(GStrv) parts = g_strsplit (host_and_port, ":", 2);
  guint64 port = g_ascii_strtoull (parts[1], NULL, 10);
  g_autoptr(GSocketAddress) address = g_inet_socket_address_new_from_string (parts[0], (guint) port);
  g_autoptr(AsabChannelMap) map = asab_channel_map_new ();
  g_autoptr(AsabDispatcher) client = g_object_new (CLIENT_TYPE, "map", map, NULL);

  return asab_dispatcher_create_socket (client, G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, error) &&
         asab_dispatcher_start_tls_client (client, context, "localhost", error) &&
         asab_dispatcher_connect_to (client, address, error) &&
         asab_loop (30, map, NULL, -1, error);
}

int
main (int    argc G_GNUC_UNUSED,
      char **argv)
{
  g_autofree char *cert = g_build_filename (argv[1], "server.pem", NULL);
  g_autofree char *cafile = g_build_filename (argv[1], "authority.pem", NULL);
  g_autoptr(AsabTlsContext) server_context = g_object_new (ASAB_TYPE_TLS_CONTEXT, "cert", cert, NULL);
  g_autoptr(AsabTlsContext) client_context = g_object_new (ASAB_TYPE_TLS_CONTEXT, "cafile", cafile, NULL);
  g_autoptr(AsabStreamServer) server = asab_stream_server_new (SHOUTER_TYPE);
  g_auto(GStrv) addresses = NULL;

  g_object_set (server, "listen", "127.0.0.1 0", "tls", server_context, NULL);
  if (!asab_stream_server_start (server, NULL))
    return 1;

  addresses = asab_stream_server_dup_addresses (server);
  if (!talk (addresses[0], client_context, NULL))
    return 1;

  return asab_run_until_complete (ASAB_TEMP (asab_stream_server_stop (server)), NULL, NULL) ? 0 : 1;
}
