/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Clients that come to a server: whether they may, and the channels that are made for them. */

#include "config.h"

#include "asab-stream-server-private.h"

#include "asab-protocol-private.h"
#include "asab-socket-private.h"

#include <unistd.h>

/* How long to wait for file descriptors when there are no more. */
#define PAUSE_SECONDS 0.1

gboolean
asab_stream_server_can_accept (AsabStreamServer *self)
{
  return self->n_connections < self->connection_limit && !asab_timeout_is_started (&self->pause);
}

/* Has the listeners look again whether clients may come. */
void
asab_stream_server_update_listeners (AsabStreamServer *self)
{
  for (guint i = 0; self->listeners != NULL && i < self->listeners->len; i++)
    asab_dispatcher_update_interest (g_ptr_array_index (self->listeners, i));
}

void
asab_stream_server_pause_cb (AsabTimeout *timeout)
{
  AsabStreamServer *self = (AsabStreamServer *) ((guint8 *) timeout - G_STRUCT_OFFSET (AsabStreamServer, pause));

  asab_stream_server_update_listeners (self);
}

/* Accepts nobody for a while. */
void
asab_stream_server_pause (AsabStreamServer *self,
                          const GError     *error)
{
  g_debug ("Not accepting clients for a while: %s", error->message);
  asab_timeout_start (&self->pause, self->context, PAUSE_SECONDS);
  asab_stream_server_update_listeners (self);
}

static AsabDispatcher *
make_channel (AsabStreamServer  *self,
              GError           **error)
{
  g_autoptr(AsabDispatcher) channel = NULL;

  if (self->factory == NULL)
    return g_object_new (self->protocol, "map", self->map, NULL);

  channel = self->factory (self, self->factory_data, error);

  return asab_protocol_check_made (channel, error) ? g_steal_pointer (&channel) : NULL;
}

/* Takes a client in; @peer is there if the connections of each address are counted. */
void
asab_stream_server_accept (AsabStreamServer *self,
                           int               fd,
                           GSocketAddress   *peer)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GBytes) address = peer != NULL ? asab_stream_server_get_address (peer) : NULL;
  g_autoptr(AsabDispatcher) channel = NULL;

  if (address != NULL && asab_stream_server_is_address_full (self, address))
    {
      g_debug ("A client has too many connections");
      close (fd);
      return;
    }

  channel = make_channel (self, &error);
  if (channel == NULL || !asab_dispatcher_open (channel, fd, &error))
    {
      g_warning ("A client is turned away: %s", error->message);
      close (fd);
      return;
    }
  if (!asab_dispatcher_is_connected (channel)) /* the client has broken the connection already */
    {
      asab_dispatcher_close (channel);
      return;
    }

  asab_socket_set_no_delay (fd);
  asab_stream_server_add_connection (self, channel, address);
  if (self->tls == NULL)
    asab_dispatcher_welcome (channel);
  else if (!asab_dispatcher_start_tls_server (channel, self->tls, &error))
    {
      g_warning ("A client is turned away: %s", error->message);
      asab_dispatcher_close (channel);
    }
}
