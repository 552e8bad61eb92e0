/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The connections of a server: their number, their addresses, and how long nothing has happened on them.
 *
 * Most servers need to know no more than the number, and their connections cost nothing beside their channels, which
 * the map lists. Those that are limited by their address or by idle time are tracked, and queued by their last event,
 * so that the first one is the first to have been idle for too long, and one timeout serves them all.
 */

#include "config.h"

#include "asab-stream-server-private.h"

/* What a server knows of a connection that it tracks. */
typedef struct
{
  AsabDispatcherOwner owner;
  AsabStreamServer *server; /* (owned) */
  GBytes *address;          /* (owned) (nullable): counted in by_address */
  gint64 last_event;        /* microseconds by the clock of the context; only with an idle timeout */
  GList link;               /* of the channel, in tracked */
} AsabStreamConnection;

static AsabStreamServer *
get_server_of_timeout (AsabTimeout *idle)
{
  return (AsabStreamServer *) ((guint8 *) idle - G_STRUCT_OFFSET (AsabStreamServer, idle));
}

static AsabStreamServer *
get_server_of_owner (AsabDispatcherOwner *owner)
{
  return (AsabStreamServer *) ((guint8 *) owner - G_STRUCT_OFFSET (AsabStreamServer, owner));
}

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

/* Idle time */

/* Gets the channel on which nothing has happened for the longest time, and when that is too long. */
static gboolean
get_first_idle (AsabStreamServer  *self,
                AsabDispatcher   **channel,
                gint64            *when)
{
  AsabStreamConnection *first;

  *channel = g_queue_peek_head (&self->tracked);
  if (*channel == NULL || self->idle_timeout <= 0)
    return FALSE;

  first = (AsabStreamConnection *) asab_dispatcher_get_private (*channel)->owner;
  *when = first->last_event + (gint64) (self->idle_timeout * G_USEC_PER_SEC);

  return TRUE;
}

static void
schedule_idle (AsabStreamServer *self)
{
  AsabDispatcher *channel;
  gint64 when;

  if (!asab_timeout_is_started (&self->idle) && get_first_idle (self, &channel, &when))
    asab_timeout_start_at (&self->idle, self->context, when);
}

/* Closes the connections on which nothing happened for too long. */
static void
idle_cb (AsabTimeout *timeout)
{
  AsabStreamServer *self = get_server_of_timeout (timeout);
  g_autoptr(AsabStreamServer) alive G_GNUC_UNUSED = g_object_ref (self);
  gint64 now = asab_context_get_time (self->context);
  AsabDispatcher *first;
  gint64 when;

  while (get_first_idle (self, &first, &when) && when <= now)
    {
      g_autoptr(AsabDispatcher) channel = g_object_ref (first);

      asab_dispatcher_hang_up (channel);
      asab_dispatcher_close (channel); /* in case it has other ideas */
    }
  schedule_idle (self);
}

/* What channels tell */

static void
tracked_active (AsabDispatcherOwner *owner,
                AsabDispatcher      *channel G_GNUC_UNUSED)
{
  AsabStreamConnection *connection = (AsabStreamConnection *) owner;
  AsabStreamServer *self = connection->server;

  if (self->idle_timeout <= 0)
    return;

  connection->last_event = asab_context_get_quick_time (self->context);
  g_queue_unlink (&self->tracked, &connection->link);
  g_queue_push_tail_link (&self->tracked, &connection->link);
}

static void
tracked_closed (AsabDispatcherOwner *owner,
                AsabDispatcher      *channel G_GNUC_UNUSED)
{
  AsabStreamConnection *connection = (AsabStreamConnection *) owner;
  g_autoptr(AsabStreamServer) self = connection->server;

  g_queue_unlink (&self->tracked, &connection->link);
  if (connection->address != NULL)
    {
      count_address (self, connection->address, -1);
      g_bytes_unref (connection->address);
    }
  g_free (connection);

  asab_stream_server_connection_closed (self);
}

static const AsabDispatcherOwnerFuncs tracked_funcs = {
  .active = tracked_active,
  .closed = tracked_closed,
};

static void
untracked_closed (AsabDispatcherOwner *owner,
                  AsabDispatcher      *channel G_GNUC_UNUSED)
{
  g_autoptr(AsabStreamServer) self = get_server_of_owner (owner);

  asab_stream_server_connection_closed (self);
}

static const AsabDispatcherOwnerFuncs untracked_funcs = {
  .closed = untracked_closed,
};

/* What the server asks */

void
asab_stream_server_init_connections (AsabStreamServer *self)
{
  self->by_address = g_hash_table_new_full (g_bytes_hash, g_bytes_equal, (GDestroyNotify) g_bytes_unref, NULL);
  self->owner.funcs = &untracked_funcs;
  self->idle.func = idle_cb;
}

void
asab_stream_server_clear_connections (AsabStreamServer *self)
{
  g_hash_table_unref (self->by_address);
}

/* Gets the address without the port. Returns: (nullable): what no other address has */
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

static AsabDispatcherOwner *
track (AsabStreamServer *self,
       AsabDispatcher   *channel,
       GBytes           *address)
{
  AsabStreamConnection *connection = g_new0 (AsabStreamConnection, 1);

  connection->owner.funcs = &tracked_funcs;
  connection->server = g_object_ref (self);
  connection->link.data = channel;
  if (address != NULL)
    {
      connection->address = g_bytes_ref (address);
      count_address (self, address, 1);
    }
  if (self->idle_timeout > 0)
    connection->last_event = asab_context_get_quick_time (self->context);
  g_queue_push_tail_link (&self->tracked, &connection->link);

  return &connection->owner;
}

/* Takes in an open channel; each holds the server until it is closed. */
void
asab_stream_server_add_connection (AsabStreamServer *self,
                                   AsabDispatcher   *channel,
                                   GBytes           *address)
{
  AsabDispatcherPrivate *priv = asab_dispatcher_get_private (channel);

  self->n_connections++;
  if (self->idle_timeout > 0 || address != NULL || priv->map != self->map)
    {
      priv->owner = track (self, channel, address);
      schedule_idle (self);
    }
  else
    {
      g_object_ref (self);
      priv->owner = &self->owner;
    }
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

  channels = g_ptr_array_new_full (self->n_connections, g_object_unref);
  for (GList *link = self->tracked.head; link != NULL; link = link->next)
    g_ptr_array_add (channels, g_object_ref (link->data));
  for (GList *link = self->map->channels.head; link != NULL && channels->len < self->n_connections; link = link->next)
    if (asab_dispatcher_get_private (link->data)->owner == &self->owner)
      g_ptr_array_add (channels, g_object_ref (link->data));

  return channels;
}
