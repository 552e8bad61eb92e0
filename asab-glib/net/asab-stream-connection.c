/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The connections of a server: their number, their addresses, and how long nothing has happened on them.
 *
 * They are queued by their last event, so that the first one is the first to have been idle for too long, and one
 * timeout serves them all.
 */

#include "config.h"

#include "asab-stream-server-private.h"

/* What a server knows of one of its channels. */
typedef struct
{
  AsabDispatcherOwner owner;
  AsabStreamServer *server; /* (owned) */
  AsabDispatcher *channel;  /* (not owned): open, thus held by its map */
  GBytes *address;          /* (owned) (nullable): counted in by_address */
  GList link;
  gint64 last_event;        /* microseconds by the clock of the context; only with an idle timeout */
} AsabStreamConnection;

static void
count_address (AsabStreamServer *self,
               GBytes           *address,
               int               change)
{
  guint n = GPOINTER_TO_UINT (g_hash_table_lookup (self->by_address, address)) + (guint) change;

  if (n > 0)
    g_hash_table_insert (self->by_address, g_bytes_ref (address), GUINT_TO_POINTER (n));
  else
    g_hash_table_remove (self->by_address, address);
}

static void
schedule_idle (AsabStreamServer *self)
{
  AsabStreamConnection *first = g_queue_peek_head (&self->connections);

  if (first != NULL && self->idle_timeout > 0 && !asab_timeout_is_started (&self->idle))
    asab_timeout_start_at (&self->idle, self->context,
                           first->last_event + (gint64) (self->idle_timeout * G_USEC_PER_SEC));
}

/* Closes the connections on which nothing happened for too long. */
void
asab_stream_server_idle_cb (AsabTimeout *timeout)
{
  AsabStreamServer *self = (AsabStreamServer *) ((guint8 *) timeout - G_STRUCT_OFFSET (AsabStreamServer, idle));
  g_autoptr(AsabStreamServer) alive G_GNUC_UNUSED = g_object_ref (self);
  gint64 latest = asab_context_get_time (self->context) - (gint64) (self->idle_timeout * G_USEC_PER_SEC);
  AsabStreamConnection *first;

  while ((first = g_queue_peek_head (&self->connections)) != NULL && first->last_event <= latest)
    {
      g_autoptr(AsabDispatcher) channel = g_object_ref (first->channel);

      asab_dispatcher_hang_up (channel);
      asab_dispatcher_close (channel); /* in case it has other ideas */
    }
  schedule_idle (self);
}

static void
connection_active (AsabDispatcherOwner *owner)
{
  AsabStreamConnection *connection = (AsabStreamConnection *) owner;
  AsabStreamServer *self = connection->server;

  if (self->idle_timeout <= 0)
    return;

  connection->last_event = asab_context_get_quick_time (self->context);
  g_queue_unlink (&self->connections, &connection->link);
  g_queue_push_tail_link (&self->connections, &connection->link);
}

static void
connection_closed (AsabDispatcherOwner *owner)
{
  AsabStreamConnection *connection = (AsabStreamConnection *) owner;
  g_autoptr(AsabStreamServer) self = connection->server;
  gboolean was_full = self->connections.length == self->connection_limit;

  g_queue_unlink (&self->connections, &connection->link);
  if (connection->address != NULL)
    {
      count_address (self, connection->address, -1);
      g_bytes_unref (connection->address);
    }
  g_free (connection);

  asab_stream_server_connection_closed (self, was_full);
}

static const AsabDispatcherOwnerFuncs connection_funcs = {
  .active = connection_active,
  .closed = connection_closed,
};

/* The address without the port. */
GBytes *
asab_stream_server_get_address (GSocketAddress *peer)
{
  GInetAddress *address;

  if (!G_IS_INET_SOCKET_ADDRESS (peer))
    return NULL;

  address = g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (peer));

  return g_bytes_new (g_inet_address_to_bytes (address), g_inet_address_get_native_size (address));
}

gboolean
asab_stream_server_is_address_full (AsabStreamServer *self,
                                    GBytes           *address)
{
  return GPOINTER_TO_UINT (g_hash_table_lookup (self->by_address, address)) >= self->address_connection_limit;
}

void
asab_stream_server_add_connection (AsabStreamServer *self,
                                   AsabDispatcher   *channel,
                                   GBytes           *address)
{
  AsabStreamConnection *connection = g_new0 (AsabStreamConnection, 1);

  connection->owner.funcs = &connection_funcs;
  connection->server = g_object_ref (self);
  connection->channel = channel;
  connection->link.data = connection;
  if (address != NULL)
    {
      connection->address = g_bytes_ref (address);
      count_address (self, address, 1);
    }
  if (self->idle_timeout > 0)
    connection->last_event = asab_context_get_quick_time (self->context);
  g_queue_push_tail_link (&self->connections, &connection->link);
  asab_dispatcher_get_private (channel)->owner = &connection->owner;
  schedule_idle (self);
}

/**
 * asab_stream_server_dup_connections:
 * @self: a server
 *
 * Gets the channels of all connections.
 *
 * Returns: (transfer container) (element-type AsabDispatcher): the channels
 */
GPtrArray *
asab_stream_server_dup_connections (AsabStreamServer *self)
{
  GPtrArray *channels;

  g_return_val_if_fail (ASAB_IS_STREAM_SERVER (self), NULL);

  channels = g_ptr_array_new_full (self->connections.length, g_object_unref);
  for (GList *link = self->connections.head; link != NULL; link = link->next)
    g_ptr_array_add (channels, g_object_ref (((AsabStreamConnection *) link->data)->channel));

  return channels;
}
