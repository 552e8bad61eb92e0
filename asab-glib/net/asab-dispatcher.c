/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A socket and what happens to it.
 *
 * The descriptor is what a channel works with. A GSocket costs more than the rest of a channel, so one is made only
 * when somebody asks for it.
 */

#include "config.h"

#include "asab-dispatcher-private.h"

#include "asab-channel-map.h"
#include "asab-socket-private.h"

/**
 * AsabDispatcher:
 *
 * A channel: a socket that calls its handlers when something happens to it.
 *
 * It is a thin layer on a non-blocking socket. Derive from it, override the handlers, and make the socket with
 * [method@Dispatcher.create_socket] and [method@Dispatcher.connect_to] or [method@Dispatcher.listen], or give an open
 * one to the constructor. An open channel is in its [class@ChannelMap], which keeps it alive and watches it.
 *
 * Low-level events imply those of a higher level: the first event of a socket that is to connect calls
 * `handle_connect`, a read event of a listening socket calls `handle_accept`, and when there is nothing more to read
 * `handle_close` is called, once for each connection.
 *
 * `readable` and `writable` tell what a channel is interested in. They are asked when the channel is opened and after
 * each of its events; a channel whose answer changes at another time says so by
 * [method@Dispatcher.update_interest]. Thus idle channels cost nothing. While a channel waits for its connection it is
 * watched whatever it answers.
 *
 * The behaviour is that of the module asynclib of Python's astm.
 */
G_DEFINE_TYPE_WITH_PRIVATE (AsabDispatcher, asab_dispatcher, G_TYPE_OBJECT)

typedef enum
{
  PROP_SOCKET = 1,
  PROP_MAP,
} AsabDispatcherProperty;

static GParamSpec *props[PROP_MAP + 1];

AsabDispatcherPrivate *
asab_dispatcher_get_private (AsabDispatcher *self)
{
  return asab_dispatcher_get_instance_private (self);
}

/* Default handlers */

static gboolean
asab_dispatcher_real_predicate (AsabDispatcher *self G_GNUC_UNUSED)
{
  return TRUE;
}

static void
asab_dispatcher_real_reset (AsabDispatcher *self G_GNUC_UNUSED)
{
}

static gboolean
asab_dispatcher_real_handle (AsabDispatcher  *self G_GNUC_UNUSED,
                             GError         **error G_GNUC_UNUSED)
{
  return TRUE;
}

static gboolean
asab_dispatcher_real_handle_accept (AsabDispatcher  *self,
                                    GError         **error)
{
  g_autoptr(GError) failure = NULL;
  g_autoptr(GSocket) socket = asab_dispatcher_accept (self, NULL, &failure);

  if (failure != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return FALSE;
    }
  if (socket != NULL)
    g_debug ("Nobody handles the clients of %s", G_OBJECT_TYPE_NAME (self));

  return TRUE;
}

static void
asab_dispatcher_real_handle_error (AsabDispatcher *self,
                                   const GError   *error)
{
  AsabDispatcherOwner *owner = asab_dispatcher_get_private (self)->owner;
  g_autofree char *description = asab_dispatcher_describe (self);

  if (owner == NULL || owner->funcs->failed == NULL)
    g_warning ("%s: %s", description, error->message);
  asab_dispatcher_hang_up (self);
}

/* Life */

static void
asab_dispatcher_constructed (GObject *object)
{
  AsabDispatcher *self = ASAB_DISPATCHER (object);
  AsabDispatcherPrivate *priv = asab_dispatcher_get_private (self);

  G_OBJECT_CLASS (asab_dispatcher_parent_class)->constructed (object);

  if (priv->map == NULL)
    priv->map = asab_channel_map_dup_default ();
  if (priv->socket != NULL)
    asab_dispatcher_open (self, g_socket_get_fd (priv->socket), NULL);
}

static void
asab_dispatcher_dispose (GObject *object)
{
  AsabDispatcherPrivate *priv = asab_dispatcher_get_private (ASAB_DISPATCHER (object));

  /* The map holds an open channel, so this one is closed. */
  g_clear_pointer (&priv->tls, asab_tls_link_free);
  g_clear_object (&priv->socket);
  g_clear_object (&priv->address);
  g_clear_object (&priv->map);

  G_OBJECT_CLASS (asab_dispatcher_parent_class)->dispose (object);
}

static void
asab_dispatcher_get_property (GObject    *object,
                              guint       prop_id,
                              GValue     *value,
                              GParamSpec *pspec)
{
  AsabDispatcher *self = ASAB_DISPATCHER (object);

  switch ((AsabDispatcherProperty) prop_id)
    {
    case PROP_SOCKET:
      g_value_set_object (value, asab_dispatcher_get_socket (self));
      break;
    case PROP_MAP:
      g_value_set_object (value, asab_dispatcher_get_map (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
asab_dispatcher_set_property (GObject      *object,
                              guint         prop_id,
                              const GValue *value,
                              GParamSpec   *pspec)
{
  AsabDispatcherPrivate *priv = asab_dispatcher_get_private (ASAB_DISPATCHER (object));

  switch ((AsabDispatcherProperty) prop_id)
    {
    case PROP_SOCKET:
      priv->socket = g_value_dup_object (value);
      break;
    case PROP_MAP:
      priv->map = g_value_dup_object (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
asab_dispatcher_class_init (AsabDispatcherClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->constructed = asab_dispatcher_constructed;
  object_class->dispose = asab_dispatcher_dispose;
  object_class->get_property = asab_dispatcher_get_property;
  object_class->set_property = asab_dispatcher_set_property;

  klass->reset = asab_dispatcher_real_reset;
  klass->readable = asab_dispatcher_real_predicate;
  klass->writable = asab_dispatcher_real_predicate;
  klass->handle_connect = asab_dispatcher_real_handle;
  klass->handle_accept = asab_dispatcher_real_handle_accept;
  klass->handle_read = asab_dispatcher_real_handle;
  klass->handle_write = asab_dispatcher_real_handle;
  klass->handle_exception = asab_dispatcher_real_handle;
  klass->handle_close = asab_dispatcher_close;
  klass->handle_error = asab_dispatcher_real_handle_error;

  /**
   * AsabDispatcher:socket: (getter get_socket)
   *
   * The socket; one that is given is made non-blocking.
   */
  props[PROP_SOCKET] =
    g_param_spec_object ("socket", NULL, NULL, G_TYPE_SOCKET,
                         G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);

  /**
   * AsabDispatcher:map: (getter get_map)
   *
   * The map of the channel, by default [func@ChannelMap.dup_default].
   */
  props[PROP_MAP] =
    g_param_spec_object ("map", NULL, NULL, ASAB_TYPE_CHANNEL_MAP,
                         G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);

  g_object_class_install_properties (object_class, G_N_ELEMENTS (props), props);
}

static void
asab_dispatcher_init (AsabDispatcher *self)
{
  asab_dispatcher_get_private (self)->fd = -1;
}

/**
 * asab_dispatcher_new:
 * @socket: (nullable): a socket, or %NULL to make one later
 * @map: (nullable): the map to be in, or %NULL for the default one
 *
 * Creates a channel that handles nothing; derive from the class to handle something.
 *
 * Returns: (transfer full): a new channel
 */
AsabDispatcher *
asab_dispatcher_new (GSocket        *socket,
                     AsabChannelMap *map)
{
  g_return_val_if_fail (socket == NULL || G_IS_SOCKET (socket), NULL);
  g_return_val_if_fail (map == NULL || ASAB_IS_CHANNEL_MAP (map), NULL);

  return g_object_new (ASAB_TYPE_DISPATCHER, "socket", socket, "map", map, NULL);
}

/**
 * asab_dispatcher_get_map: (get-property map)
 * @self: a channel
 *
 * Gets the map in which the channel is while it is open.
 *
 * Returns: (transfer none): the map
 */
AsabChannelMap *
asab_dispatcher_get_map (AsabDispatcher *self)
{
  g_return_val_if_fail (ASAB_IS_DISPATCHER (self), NULL);

  return asab_dispatcher_get_private (self)->map;
}

/**
 * asab_dispatcher_get_socket: (get-property socket)
 * @self: a channel
 *
 * Gets the socket.
 *
 * Returns: (transfer none) (nullable): the socket, %NULL if there is none
 */
GSocket *
asab_dispatcher_get_socket (AsabDispatcher *self)
{
  AsabDispatcherPrivate *priv;

  g_return_val_if_fail (ASAB_IS_DISPATCHER (self), NULL);

  priv = asab_dispatcher_get_private (self);
  if (priv->socket == NULL && priv->fd >= 0)
    {
      priv->socket = g_socket_new_from_fd (priv->fd, NULL);
      if (priv->socket != NULL)
        g_socket_set_blocking (priv->socket, FALSE);
    }

  return priv->socket;
}

/**
 * asab_dispatcher_get_address:
 * @self: a channel
 *
 * Gets the address of the peer, or that to which the socket is bound.
 *
 * Returns: (transfer none) (nullable): the address
 */
GSocketAddress *
asab_dispatcher_get_address (AsabDispatcher *self)
{
  AsabDispatcherPrivate *priv;

  g_return_val_if_fail (ASAB_IS_DISPATCHER (self), NULL);

  priv = asab_dispatcher_get_private (self);
  if (priv->address == NULL && (priv->is_connected || priv->tls != NULL))
    priv->address = asab_socket_dup_peer (priv->fd);

  return priv->address;
}

/**
 * asab_dispatcher_is_connected:
 * @self: a channel
 *
 * Tells whether there is a connection.
 *
 * Returns: true if it is connected
 */
gboolean
asab_dispatcher_is_connected (AsabDispatcher *self)
{
  g_return_val_if_fail (ASAB_IS_DISPATCHER (self), FALSE);

  return asab_dispatcher_get_private (self)->is_connected;
}

/**
 * asab_dispatcher_is_accepting:
 * @self: a channel
 *
 * Tells whether the channel listens for clients.
 *
 * Returns: true if it listens
 */
gboolean
asab_dispatcher_is_accepting (AsabDispatcher *self)
{
  g_return_val_if_fail (ASAB_IS_DISPATCHER (self), FALSE);

  return asab_dispatcher_get_private (self)->is_accepting;
}

/**
 * asab_dispatcher_is_closed:
 * @self: a channel
 *
 * Tells whether the channel has no socket, either because it was closed or because none was made yet.
 *
 * Returns: true if there is no open socket
 */
gboolean
asab_dispatcher_is_closed (AsabDispatcher *self)
{
  g_return_val_if_fail (ASAB_IS_DISPATCHER (self), TRUE);

  return asab_dispatcher_get_private (self)->fd < 0;
}

/**
 * asab_dispatcher_describe:
 * @self: a channel
 *
 * Describes the channel for people: its type, what it does, and its address.
 *
 * Returns: (transfer full): the description
 */
char *
asab_dispatcher_describe (AsabDispatcher *self)
{
  AsabDispatcherPrivate *priv;
  GSocketAddress *address;
  g_autofree char *where = NULL;
  const char *state;

  g_return_val_if_fail (ASAB_IS_DISPATCHER (self), NULL);

  priv = asab_dispatcher_get_private (self);
  address = asab_dispatcher_get_address (self);
  where = address != NULL ? g_socket_connectable_to_string (G_SOCKET_CONNECTABLE (address)) : g_strdup ("-");
  state = priv->is_accepting ? "listening" : priv->is_connected ? "connected" : "not connected";

  return g_strdup_printf ("%s, %s, %s", G_OBJECT_TYPE_NAME (self), state, where);
}
