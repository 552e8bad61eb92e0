/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "asab-socket-private.h"
#include "asab-stream-server-private.h"

/* How many clients are let in at once, so that those who are in are not kept waiting. */
#define ACCEPTS_PER_PASS 64

#define ASAB_TYPE_STREAM_LISTENER (asab_stream_listener_get_type ())
G_DECLARE_FINAL_TYPE (AsabStreamListener, asab_stream_listener, ASAB, STREAM_LISTENER, AsabDispatcher)

/* The channel of a listening socket of a server. */
struct _AsabStreamListener
{
  AsabDispatcher parent_instance;

  AsabStreamServer *server; /* (not owned): who closes the channel before it goes */
};

G_DEFINE_FINAL_TYPE (AsabStreamListener, asab_stream_listener, ASAB_TYPE_DISPATCHER)

static gboolean
asab_stream_listener_readable (AsabDispatcher *dispatcher)
{
  AsabStreamServer *server = ASAB_STREAM_LISTENER (dispatcher)->server;

  return server != NULL && asab_stream_server_can_accept (server);
}

static gboolean
asab_stream_listener_handle_accept (AsabDispatcher  *dispatcher,
                                    GError         **error G_GNUC_UNUSED)
{
  AsabStreamServer *server = ASAB_STREAM_LISTENER (dispatcher)->server;
  int fd = asab_dispatcher_get_private (dispatcher)->fd;
  g_autoptr(GError) failure = NULL;

  for (guint i = 0; i < ACCEPTS_PER_PASS && asab_stream_server_can_accept (server); i++)
    {
      g_autoptr(GSocketAddress) peer = NULL;
      int client = asab_socket_accept (fd, server->address_connection_limit > 0 ? &peer : NULL, &failure);

      if (failure != NULL)
        asab_stream_server_pause (server, failure);
      if (client < 0)
        break;
      asab_stream_server_accept (server, client, peer);
      if (asab_dispatcher_is_closed (dispatcher)) /* a protocol stopped the server */
        break;
    }

  return TRUE;
}

static void
asab_stream_listener_class_init (AsabStreamListenerClass *klass)
{
  AsabDispatcherClass *dispatcher_class = ASAB_DISPATCHER_CLASS (klass);

  dispatcher_class->readable = asab_stream_listener_readable;
  dispatcher_class->handle_accept = asab_stream_listener_handle_accept;
}

static void
asab_stream_listener_init (AsabStreamListener *self G_GNUC_UNUSED)
{
}

AsabDispatcher *
asab_stream_listener_new (AsabStreamServer *server,
                          GSocket          *socket)
{
  AsabStreamListener *self = g_object_new (ASAB_TYPE_STREAM_LISTENER, "socket", socket, "map", server->map, NULL);

  self->server = server;
  asab_dispatcher_update_interest (ASAB_DISPATCHER (self));

  return ASAB_DISPATCHER (self);
}
