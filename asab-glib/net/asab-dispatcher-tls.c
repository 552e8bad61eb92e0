/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a dispatcher does to speak TLS. */

#include "config.h"

#include "asab-dispatcher-private.h"

#include "asab-socket-private.h"
#include "asab-tls-link-private.h"

#include <asab-glib/core/asab-error.h>

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <sys/socket.h>

static gboolean
check_startable (AsabDispatcherPrivate  *priv,
                 GError                **error)
{
  if (priv->fd >= 0 && (!priv->is_stream || priv->is_accepting))
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, _("Only a connection can speak TLS"));
  else if (priv->tls != NULL)
    g_set_error_literal (error, ASAB_ERROR, ASAB_ERROR_ALREADY_STARTED, _("The channel speaks TLS already"));
  else
    return TRUE;

  return FALSE;
}

/* Deals with a handshake that failed, which is the end of the connection. */
static void
fail_handshake (AsabDispatcher *self,
                const GError   *error)
{
  AsabDispatcherPrivate *priv = asab_dispatcher_get_private (self);
  g_autoptr(AsabDispatcher) alive G_GNUC_UNUSED = g_object_ref (self);

  priv->tls->is_failed = TRUE;
  asab_dispatcher_tell_error (self, error);
  if (priv->tls != NULL && priv->tls->is_failed) /* it might have been opened anew */
    asab_dispatcher_hang_up (self);
}

static void
shake_hands (AsabDispatcher *self)
{
  AsabTlsLink *link = asab_dispatcher_get_private (self)->tls;
  g_autoptr(GError) error = NULL;

  if (link->connection == NULL && !asab_tls_link_shake_hands (link, asab_dispatcher_get_socket (self), &error))
    fail_handshake (self, error);
}

static void
begin (AsabDispatcher  *self,
       AsabTlsSettings *settings,
       const char      *server_name,
       gboolean         is_client)
{
  AsabDispatcherPrivate *priv = asab_dispatcher_get_private (self);
  gboolean was_connected = priv->is_connected;

  priv->tls = asab_tls_link_new (self, settings, server_name, is_client);
  priv->is_connected = FALSE; /* again when hands are shaken */
  asab_dispatcher_update_interest (self);
  if (!was_connected)
    return;
  asab_tls_link_start_timeout (priv->tls);
  if (is_client)
    shake_hands (self);
}

/**
 * asab_dispatcher_start_tls_client:
 * @self: a channel, before or after it is connected
 * @context: (nullable): who the client is and whom it believes, or %NULL for a client that believes whom the system
 *   believes
 * @server_name: (nullable): the name of the server; may be %NULL only if it is not to be checked
 * @error: return location for an error
 *
 * Has the channel speak TLS, as the client.
 *
 * `handle_connect` is called when the handshake is done, and `handle_error` if it fails or takes too long; until then
 * the channel is not connected. A channel that was connected before gets `handle_connect` again: this is how a protocol
 * changes to TLS in the middle. All that is pushed has to be sent by then, and what was received should be discarded.
 *
 * Returns: true if it has begun
 */
gboolean
asab_dispatcher_start_tls_client (AsabDispatcher  *self,
                                  AsabTlsContext  *context,
                                  const char      *server_name,
                                  GError         **error)
{
  g_autoptr(AsabTlsSettings) settings = NULL;

  g_return_val_if_fail (ASAB_IS_DISPATCHER (self), FALSE);
  g_return_val_if_fail (context == NULL || ASAB_IS_TLS_CONTEXT (context), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (!check_startable (asab_dispatcher_get_private (self), error))
    return FALSE;

  settings = context != NULL ? asab_tls_context_ref_settings (context, error) : asab_tls_settings_new_default ();
  if (settings == NULL)
    return FALSE;
  if (server_name == NULL && settings->is_hostname_checked && settings->verify_mode != ASAB_TLS_VERIFY_NONE)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                           _("The name of the server is to be checked, but not given"));
      return FALSE;
    }

  begin (self, g_steal_pointer (&settings), server_name, TRUE);

  return TRUE;
}

/**
 * asab_dispatcher_start_tls_server:
 * @self: a channel that is connected
 * @context: who the server is, and which clients it believes
 * @error: return location for an error
 *
 * Has the channel speak TLS, as the server; see [method@Dispatcher.start_tls_client].
 *
 * [class@StreamServer] does this by itself, see [property@StreamServer:tls].
 *
 * Returns: true if it has begun
 */
gboolean
asab_dispatcher_start_tls_server (AsabDispatcher  *self,
                                  AsabTlsContext  *context,
                                  GError         **error)
{
  g_autoptr(AsabTlsSettings) settings = NULL;

  g_return_val_if_fail (ASAB_IS_DISPATCHER (self), FALSE);
  g_return_val_if_fail (ASAB_IS_TLS_CONTEXT (context), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (!check_startable (asab_dispatcher_get_private (self), error))
    return FALSE;
  if (!asab_dispatcher_is_connected (self))
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_CONNECTED, _("A TLS server needs a connection"));
      return FALSE;
    }

  settings = asab_tls_context_ref_settings (context, error);
  if (settings == NULL || !asab_tls_settings_check_server (settings, error))
    return FALSE;

  begin (self, g_steal_pointer (&settings), NULL, FALSE);

  return TRUE;
}

/**
 * asab_dispatcher_is_secure:
 * @self: a channel
 *
 * Tells whether the connection is protected by TLS.
 *
 * Returns: true if hands were shaken
 */
gboolean
asab_dispatcher_is_secure (AsabDispatcher *self)
{
  AsabDispatcherPrivate *priv;

  g_return_val_if_fail (ASAB_IS_DISPATCHER (self), FALSE);

  priv = asab_dispatcher_get_private (self);

  return priv->tls != NULL && priv->is_connected;
}

/**
 * asab_dispatcher_get_peer_certificate:
 * @self: a channel
 *
 * Gets the certificate that the peer has shown. It was verified as the context of this side asks for.
 *
 * Returns: (transfer none) (nullable): the certificate, %NULL if there is none
 */
GTlsCertificate *
asab_dispatcher_get_peer_certificate (AsabDispatcher *self)
{
  g_return_val_if_fail (ASAB_IS_DISPATCHER (self), NULL);

  if (!asab_dispatcher_is_secure (self))
    return NULL;

  return g_tls_connection_get_peer_certificate (asab_dispatcher_get_private (self)->tls->connection);
}

/* Events */

/* Has hands shaken, for which a server waits for the first byte of its client: those who are silent cost no thread. */
void
asab_dispatcher_handle_tls_begin (AsabDispatcher *self)
{
  AsabDispatcherPrivate *priv = asab_dispatcher_get_private (self);
  char byte;
  gssize n_peeked;

  if (priv->tls->connection != NULL)
    return;

  asab_tls_link_start_timeout (priv->tls);
  n_peeked = priv->tls->is_client ? 1 : recv (priv->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  if (n_peeked > 0)
    shake_hands (self);
  else if (n_peeked == 0 || asab_socket_is_lost (errno))
    asab_dispatcher_hang_up (self); /* it has gone without a word */
}

/* The handshake has ended, well or not. */
gboolean
asab_dispatcher_handle_shaken (AsabDispatcher  *self,
                               GError         **error G_GNUC_UNUSED)
{
  AsabDispatcherPrivate *priv = asab_dispatcher_get_private (self);
  g_autoptr(GError) failure = g_steal_pointer (&priv->tls->error);

  if (failure != NULL)
    {
      fail_handshake (self, failure);
      return TRUE;
    }

  priv->is_connected = TRUE;
  asab_dispatcher_welcome (self);

  return TRUE;
}

/* There is something to read that the socket has given already. */
gboolean
asab_dispatcher_handle_more (AsabDispatcher  *self,
                             GError         **error)
{
  AsabDispatcherPrivate *priv = asab_dispatcher_get_private (self);

  if (priv->tls->unread == NULL || !ASAB_DISPATCHER_GET_CLASS (self)->readable (self))
    return TRUE;

  return priv->tls == NULL || asab_dispatcher_handle_in (self, error);
}

/* Sends what has to go before anything else. Returns: true if that is gone, and there is room for more */
gboolean
asab_dispatcher_flush_tls (AsabDispatcher *self)
{
  AsabTlsLink *link = asab_dispatcher_get_private (self)->tls;
  g_autoptr(GError) error = NULL;

  if (!asab_tls_link_flush (link, &error))
    {
      asab_dispatcher_fail (self, error);
      return FALSE;
    }

  return link->unsent == NULL;
}

/* What the epoll set is to watch for the sake of TLS, if the channel is interested in @events. */
guint32
asab_dispatcher_get_tls_interest (AsabDispatcher *self,
                                  guint32         events)
{
  AsabDispatcherPrivate *priv = asab_dispatcher_get_private (self);
  AsabTlsLink *link = priv->tls;

  if (!priv->is_connected)
    return !link->is_client && link->connection == NULL ? EPOLLIN : 0;

  if (link->unread != NULL && (events & EPOLLIN) != 0 && !asab_timeout_is_started (&link->more))
    asab_timeout_start (&link->more, link->map->context, 0);

  return link->unsent != NULL ? events | EPOLLOUT : events;
}

/* Tells whether something that counts as sent still waits for room. */
gboolean
asab_dispatcher_is_sending (AsabDispatcher *self)
{
  AsabDispatcherPrivate *priv = asab_dispatcher_get_private (self);

  return priv->tls != NULL && priv->tls->unsent != NULL;
}

/* Data */

/* Returns: as asab_dispatcher_send () */
gssize
asab_dispatcher_send_tls (AsabDispatcher  *self,
                          const guint8    *data,
                          gsize            size,
                          GError         **error)
{
  AsabDispatcherPrivate *priv = asab_dispatcher_get_private (self);
  g_autoptr(GError) failure = NULL;
  gssize sent;

  if (!priv->is_connected)
    return 0;

  sent = asab_tls_link_send (priv->tls, data, size, &failure);
  if (priv->tls->unsent != NULL)
    asab_dispatcher_update_interest (self);
  if (sent >= 0)
    return sent;

  if (asab_dispatcher_is_about_lost_peer (failure))
    {
      asab_dispatcher_hang_up (self);
      return 0;
    }
  g_propagate_error (error, g_steal_pointer (&failure));

  return -1;
}

/* Returns: as asab_dispatcher_receive () */
gssize
asab_dispatcher_receive_tls (AsabDispatcher  *self,
                             guint8          *buffer,
                             gsize            size,
                             GError         **error)
{
  AsabDispatcherPrivate *priv = asab_dispatcher_get_private (self);
  gssize received;

  if (!priv->is_connected)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK, _("There is no connection yet"));
      return -1;
    }

  received = asab_tls_link_receive (priv->tls, buffer, size, error);
  if (priv->tls->unread != NULL)
    asab_dispatcher_update_interest (self);

  return received;
}
