/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What is done to the socket of a dispatcher. */

#include "config.h"

#include "asab-dispatcher-private.h"

#include "asab-channel-map-private.h"
#include "asab-socket-private.h"

#include <asab-glib/core/asab-error.h>

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <sys/socket.h>
#include <unistd.h>

static gboolean
check_open (AsabDispatcherPrivate  *priv,
            GError                **error)
{
  if (G_LIKELY (priv->fd >= 0))
    return TRUE;

  g_set_error_literal (error, ASAB_ERROR, ASAB_ERROR_CLOSED, _("The channel has no open socket"));

  return FALSE;
}

/* Begins to work with @fd, and owns it unless it is that of a GSocket already; @error is NULL only for those. */
gboolean
asab_dispatcher_open (AsabDispatcher  *self,
                      int              fd,
                      GError         **error)
{
  AsabDispatcherPrivate *priv = asab_dispatcher_get_private (self);

  if (priv->fd >= 0)
    {
      g_set_error_literal (error, ASAB_ERROR, ASAB_ERROR_EXISTS, _("The channel has an open socket already"));
      return FALSE;
    }

  if (priv->socket != NULL)
    g_socket_set_blocking (priv->socket, FALSE);
  priv->fd = fd;
  priv->n_sockets++;
  priv->events = 0;
  priv->is_at_end = FALSE;
  priv->is_hung_up = FALSE;
  priv->is_connecting = FALSE;
  priv->is_stream = asab_socket_is_stream (fd);
  priv->is_accepting = asab_socket_is_listening (fd);
  priv->is_connected = priv->tls == NULL && !priv->is_accepting && asab_socket_has_peer (fd);
  asab_channel_map_add (priv->map, self, &priv->link);
  ASAB_DISPATCHER_GET_CLASS (self)->reset (self);
  asab_dispatcher_update_interest (self);

  return TRUE;
}

/**
 * asab_dispatcher_create_socket:
 * @self: a channel without an open socket
 * @family: the family of addresses
 * @type: the type of socket
 * @error: return location for an error
 *
 * Makes a socket, which puts the channel into its map.
 *
 * Returns: true if a socket was made
 */
gboolean
asab_dispatcher_create_socket (AsabDispatcher  *self,
                               GSocketFamily    family,
                               GSocketType      type,
                               GError         **error)
{
  int fd;

  g_return_val_if_fail (ASAB_IS_DISPATCHER (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  fd = asab_socket_new (family, type, error);
  if (fd < 0)
    return FALSE;

  g_clear_object (&asab_dispatcher_get_private (self)->socket);
  if (!asab_dispatcher_open (self, fd, error))
    {
      close (fd);
      return FALSE;
    }

  return TRUE;
}

/**
 * asab_dispatcher_set_reuse_addr:
 * @self: a channel
 *
 * Lets [method@Dispatcher.bind] take an address that was in use until a moment ago. If the system refuses that, it is
 * as if nobody had asked.
 */
void
asab_dispatcher_set_reuse_addr (AsabDispatcher *self)
{
  int one = 1;

  g_return_if_fail (ASAB_IS_DISPATCHER (self));

  setsockopt (asab_dispatcher_get_private (self)->fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
}

/**
 * asab_dispatcher_bind:
 * @self: a channel with a socket
 * @address: an address of this machine
 * @error: return location for an error
 *
 * Binds the socket to an address.
 *
 * Returns: true if it was bound
 */
gboolean
asab_dispatcher_bind (AsabDispatcher  *self,
                      GSocketAddress  *address,
                      GError         **error)
{
  AsabDispatcherPrivate *priv;

  g_return_val_if_fail (ASAB_IS_DISPATCHER (self), FALSE);
  g_return_val_if_fail (G_IS_SOCKET_ADDRESS (address), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  priv = asab_dispatcher_get_private (self);
  if (!check_open (priv, error) || !asab_socket_bind (priv->fd, address, error))
    return FALSE;

  g_clear_object (&priv->address);
  priv->address = asab_socket_dup_own (priv->fd);

  return TRUE;
}

/**
 * asab_dispatcher_listen:
 * @self: a channel with a socket
 * @backlog: how many clients may wait to be accepted, at least 1
 * @error: return location for an error
 *
 * Listens for clients; each makes `handle_accept` be called.
 *
 * Returns: true if it listens
 */
gboolean
asab_dispatcher_listen (AsabDispatcher  *self,
                        int              backlog,
                        GError         **error)
{
  AsabDispatcherPrivate *priv;

  g_return_val_if_fail (ASAB_IS_DISPATCHER (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  priv = asab_dispatcher_get_private (self);
  if (!check_open (priv, error))
    return FALSE;
  if (backlog < 1)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                   _("The number of clients that may wait has to be at least 1, not %d"), backlog);
      return FALSE;
    }
  if (listen (priv->fd, backlog) != 0)
    {
      asab_socket_set_error (error, errno, _("The socket cannot listen"));
      return FALSE;
    }

  priv->is_accepting = TRUE;
  asab_dispatcher_update_interest (self);

  return TRUE;
}

/**
 * asab_dispatcher_accept:
 * @self: a channel that listens
 * @peer: (out) (optional) (nullable) (transfer full): return location for the address of the client
 * @error: return location for an error
 *
 * Accepts a client.
 *
 * That there is none is no error: it may have gone away again.
 *
 * Returns: (transfer full) (nullable): the socket of the client, or %NULL if there is none, or on error
 */
GSocket *
asab_dispatcher_accept (AsabDispatcher  *self,
                        GSocketAddress **peer,
                        GError         **error)
{
  AsabDispatcherPrivate *priv;
  g_autoptr(GSocket) socket = NULL;
  int fd;

  g_return_val_if_fail (ASAB_IS_DISPATCHER (self), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (peer != NULL)
    *peer = NULL;
  priv = asab_dispatcher_get_private (self);
  if (!check_open (priv, error))
    return NULL;

  fd = asab_socket_accept (priv->fd, peer, error);
  if (fd < 0)
    return NULL;

  if (asab_socket_has_peer (fd)) /* else it has broken the connection already */
    socket = g_socket_new_from_fd (fd, error);
  if (socket == NULL)
    {
      close (fd);
      if (peer != NULL)
        g_clear_object (peer);
      return NULL;
    }
  g_socket_set_blocking (socket, FALSE);

  return g_steal_pointer (&socket);
}

/**
 * asab_dispatcher_connect_to:
 * @self: a channel with a socket
 * @address: the address of the peer
 * @error: return location for an error
 *
 * Begins to connect. When the connection stands `handle_connect` is called, else `handle_error`.
 *
 * Returns: true if it has begun
 */
gboolean
asab_dispatcher_connect_to (AsabDispatcher  *self,
                            GSocketAddress  *address,
                            GError         **error)
{
  AsabDispatcherPrivate *priv;

  g_return_val_if_fail (ASAB_IS_DISPATCHER (self), FALSE);
  g_return_val_if_fail (G_IS_SOCKET_ADDRESS (address), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  priv = asab_dispatcher_get_private (self);
  if (!check_open (priv, error) || !asab_socket_connect (priv->fd, address, error))
    return FALSE;

  g_set_object (&priv->address, address);
  priv->is_connected = FALSE;
  priv->is_connecting = TRUE;
  asab_dispatcher_update_interest (self);

  return TRUE;
}

/**
 * asab_dispatcher_send: (skip)
 * @self: a channel with a socket
 * @data: (array length=size): what to send
 * @size: how many bytes that is
 * @error: return location for an error
 *
 * Sends as much as there is room for.
 *
 * If it turns out that the peer is gone, `handle_close` is called and nothing was sent.
 *
 * Returns: how many bytes were sent, 0 if there was no room for any, or -1 on error
 */
gssize
asab_dispatcher_send (AsabDispatcher  *self,
                      const guint8    *data,
                      gsize            size,
                      GError         **error)
{
  AsabDispatcherPrivate *priv;
  gssize sent;

  g_return_val_if_fail (ASAB_IS_DISPATCHER (self), -1);
  g_return_val_if_fail (data != NULL || size == 0, -1);
  g_return_val_if_fail (error == NULL || *error == NULL, -1);

  priv = asab_dispatcher_get_private (self);
  if (!check_open (priv, error))
    return -1;
  if (G_UNLIKELY (priv->tls != NULL))
    return asab_dispatcher_send_tls (self, data, size, error);

  do
    sent = send (priv->fd, data, size, MSG_NOSIGNAL);
  while (sent < 0 && errno == EINTR);

  if (G_LIKELY (sent >= 0))
    return sent;
  if (errno == EAGAIN || errno == EWOULDBLOCK || (errno == ENOTCONN && priv->is_connecting))
    return 0;
  if (asab_socket_is_lost (errno))
    {
      asab_dispatcher_hang_up (self);
      return 0;
    }

  asab_socket_set_error (error, errno, _("Sending failed"));

  return -1;
}

/**
 * asab_dispatcher_send_bytes: (rename-to asab_dispatcher_send)
 * @self: a channel with a socket
 * @bytes: what to send
 * @error: return location for an error
 *
 * Sends as much as there is room for.
 *
 * If it turns out that the peer is gone, `handle_close` is called and nothing was sent.
 *
 * Returns: how many bytes were sent, 0 if there was no room for any, or -1 on error
 */
gssize
asab_dispatcher_send_bytes (AsabDispatcher  *self,
                            GBytes          *bytes,
                            GError         **error)
{
  gsize size;
  const guint8 *data;

  g_return_val_if_fail (bytes != NULL, -1);

  data = g_bytes_get_data (bytes, &size);

  return asab_dispatcher_send (self, data, size, error);
}

/* Receives without hanging up. Returns: as asab_dispatcher_recv () */
gssize
asab_dispatcher_receive (AsabDispatcher  *self,
                         guint8          *buffer,
                         gsize            size,
                         GError         **error)
{
  AsabDispatcherPrivate *priv = asab_dispatcher_get_private (self);
  gssize received;

  if (!check_open (priv, error))
    return -1;
  if (G_UNLIKELY (priv->tls != NULL))
    return asab_dispatcher_receive_tls (self, buffer, size, error);

  do
    received = recv (priv->fd, buffer, size, 0);
  while (received < 0 && errno == EINTR);

  if (G_LIKELY (received >= 0))
    return received;
  if (asab_socket_is_lost (errno))
    return 0;

  asab_socket_set_error (error, errno, _("Receiving failed"));

  return -1;
}

/**
 * asab_dispatcher_recv: (skip)
 * @self: a channel with a socket
 * @buffer: (array length=size): where to put what is received
 * @size: how many bytes there is room for, at least 1
 * @error: return location for an error
 *
 * Receives what is there.
 *
 * If it turns out that the peer is gone, `handle_close` is called and nothing was received.
 *
 * Returns: how many bytes were received, 0 at the end, or -1 on error, %G_IO_ERROR_WOULD_BLOCK if nothing is there
 */
gssize
asab_dispatcher_recv (AsabDispatcher  *self,
                      guint8          *buffer,
                      gsize            size,
                      GError         **error)
{
  gssize received;

  g_return_val_if_fail (ASAB_IS_DISPATCHER (self), -1);
  g_return_val_if_fail (buffer != NULL && size > 0, -1);
  g_return_val_if_fail (error == NULL || *error == NULL, -1);

  received = asab_dispatcher_receive (self, buffer, size, error);
  if (received == 0)
    asab_dispatcher_hang_up (self);

  return received;
}

/**
 * asab_dispatcher_recv_bytes: (rename-to asab_dispatcher_recv)
 * @self: a channel with a socket
 * @max_size: how many bytes to receive at most, at least 1
 * @error: return location for an error
 *
 * Receives what is there.
 *
 * If it turns out that the peer is gone, `handle_close` is called and nothing was received.
 *
 * Returns: (transfer full): what was received, empty at the end, or %NULL on error, %G_IO_ERROR_WOULD_BLOCK if
 *   nothing is there
 */
GBytes *
asab_dispatcher_recv_bytes (AsabDispatcher  *self,
                            gsize            max_size,
                            GError         **error)
{
  g_autofree guint8 *buffer = NULL;
  gssize received;

  g_return_val_if_fail (max_size > 0, NULL);

  buffer = g_malloc (max_size);
  received = asab_dispatcher_recv (self, buffer, max_size, error);

  return received < 0 ? NULL : g_bytes_new (buffer, (gsize) received);
}

/* Has the channel watched no more, because its socket is about to be closed by somebody else. */
void
asab_dispatcher_unwatch (AsabDispatcher *self)
{
  AsabDispatcherPrivate *priv = asab_dispatcher_get_private (self);

  if (priv->events != 0)
    asab_channel_map_watch (priv->map, self, priv->fd, priv->events, 0);
  priv->events = 0;
}

static void
close_socket (AsabDispatcherPrivate *priv)
{
  if (G_UNLIKELY (priv->tls != NULL) && asab_tls_link_close (g_steal_pointer (&priv->tls), priv->socket))
    g_clear_object (&priv->socket);
  else if (priv->socket != NULL)
    g_socket_close (priv->socket, NULL);
  else
    close (priv->fd);
}

/**
 * asab_dispatcher_close:
 * @self: a channel
 *
 * Closes the socket, which takes the channel out of its map. What was sent is still delivered. A channel without an
 * open socket is left as it is.
 */
void
asab_dispatcher_close (AsabDispatcher *self)
{
  AsabDispatcherPrivate *priv;

  g_return_if_fail (ASAB_IS_DISPATCHER (self));

  priv = asab_dispatcher_get_private (self);
  if (priv->fd < 0)
    return;

  asab_dispatcher_unwatch (self);
  close_socket (priv);

  priv->fd = -1;
  priv->is_connected = FALSE;
  priv->is_accepting = FALSE;
  priv->is_connecting = FALSE;
  priv->is_to_ask = FALSE;
  if (priv->owner != NULL)
    {
      AsabDispatcherOwner *owner = g_steal_pointer (&priv->owner);

      owner->funcs->closed (owner, self);
    }
  asab_channel_map_remove (priv->map, &priv->link);
}
