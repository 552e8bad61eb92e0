/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The handshake of TLS.
 *
 * GIO has it done by a thread of its pool, which begins with ten threads, and waits for the peer there. All the other
 * tasks of GIO need the same pool, so only a few handshakes are in it at a time, and the others wait in a queue of the
 * map. Clients have a queue of their own: if they could take all the threads, a server in the same process would never
 * answer them.
 */

#include "config.h"

#include "asab-tls-link-private.h"

/* At a time, for servers and for clients each. */
#define MAX_HANDSHAKES 8

/* Has it be over in time. */
void
asab_tls_link_start_timeout (AsabTlsLink *self)
{
  if (!asab_timeout_is_started (&self->timeout))
    asab_timeout_start (&self->timeout, self->map->context, self->settings->handshake_timeout);
}

/* Says why a certificate was refused, which GIO does not. */
static void
explain (AsabTlsLink *self)
{
  GTlsCertificateFlags flags = g_tls_connection_get_peer_certificate_errors (self->connection);
  g_autofree char *reasons = NULL;

  if (flags == 0 || !g_error_matches (self->error, G_TLS_ERROR, G_TLS_ERROR_BAD_CERTIFICATE))
    return;

  reasons = g_flags_to_string (G_TYPE_TLS_CERTIFICATE_FLAGS, flags);
  g_prefix_error (&self->error, "%s: ", reasons);
}

static void start_next (AsabChannelMap *map,
                        gboolean        is_client);

static void
handshake_cb (GObject      *source G_GNUC_UNUSED,
              GAsyncResult *result,
              gpointer      user_data)
{
  AsabTlsLink *self = user_data;
  g_autoptr(GError) error = NULL;

  self->is_shaking_hands = FALSE;
  start_next (self->map, self->is_client);
  g_tls_connection_handshake_finish (self->connection, result, &error);
  if (self->channel == NULL)
    {
      asab_tls_link_free (self);
      return;
    }

  asab_timeout_stop (&self->timeout, self->map->context);
  self->error = g_steal_pointer (&error);
  explain (self);
  asab_channel_map_serve (self->map, self->channel, asab_dispatcher_handle_shaken);
}

/* These two may be called in the thread that shakes hands. */

/* A server is asked about each certificate, also if it is good. */
static gboolean
accept_client_cb (GTlsConnection       *connection G_GNUC_UNUSED,
                  GTlsCertificate      *certificate G_GNUC_UNUSED,
                  GTlsCertificateFlags  errors)
{
  return errors == 0;
}

/*
 * Decides about a certificate with which GIO is not content.
 *
 * The flags do not tell all that is wrong, thus that the name is one of them does not mean that the rest is good.
 */
static gboolean
accept_server_cb (GTlsConnection        *connection,
                  GTlsCertificate       *certificate,
                  GTlsCertificateFlags   errors G_GNUC_UNUSED,
                  const AsabTlsSettings *settings)
{
  GTlsDatabase *database = g_tls_connection_get_database (connection);

  if (settings->verify_mode == ASAB_TLS_VERIFY_NONE)
    return TRUE;

  return database != NULL &&
         g_tls_database_verify_chain (database, certificate, G_TLS_DATABASE_PURPOSE_AUTHENTICATE_SERVER, NULL, NULL,
                                      G_TLS_DATABASE_VERIFY_NONE, NULL, NULL) == 0;
}

static void
unref_settings (gpointer  settings,
                GClosure *closure G_GNUC_UNUSED)
{
  asab_tls_settings_unref (settings);
}

static GIOStream *
make_client (AsabTlsLink  *self,
             GIOStream    *base,
             GError      **error)
{
  AsabTlsSettings *settings = self->settings;
  g_autoptr(GSocketConnectable) identity = NULL;
  GIOStream *stream;

  if (self->server_name != NULL)
    identity = g_network_address_new (self->server_name, 0);
  stream = g_tls_client_connection_new (base, identity, error);
  if (stream == NULL)
    return NULL;

  if (settings->certificate != NULL)
    g_tls_connection_set_certificate (G_TLS_CONNECTION (stream), settings->certificate);
  if (settings->verify_mode == ASAB_TLS_VERIFY_NONE || !settings->is_hostname_checked)
    g_signal_connect_data (stream, "accept-certificate", G_CALLBACK (accept_server_cb),
                           g_atomic_rc_box_acquire (settings), unref_settings, 0);

  return stream;
}

static GIOStream *
make_server (AsabTlsLink  *self,
             GIOStream    *base,
             GError      **error)
{
  static const GTlsAuthenticationMode modes[] = {
    [ASAB_TLS_VERIFY_DEFAULT] = G_TLS_AUTHENTICATION_NONE,
    [ASAB_TLS_VERIFY_NONE] = G_TLS_AUTHENTICATION_NONE,
    [ASAB_TLS_VERIFY_OPTIONAL] = G_TLS_AUTHENTICATION_REQUESTED,
    [ASAB_TLS_VERIFY_REQUIRED] = G_TLS_AUTHENTICATION_REQUIRED,
  };
  GIOStream *stream = g_tls_server_connection_new (base, self->settings->certificate, error);

  if (stream == NULL)
    return NULL;

  g_object_set (stream, "authentication-mode", modes[self->settings->verify_mode], NULL);
  g_signal_connect (stream, "accept-certificate", G_CALLBACK (accept_client_cb), NULL);

  return stream;
}

static void
start (AsabTlsLink *self)
{
  gboolean pushed = asab_context_push (self->map->context);

  self->map->n_handshakes[self->is_client]++;
  self->is_shaking_hands = TRUE;
  asab_tls_link_start_timeout (self);
  g_tls_connection_handshake_async (self->connection, G_PRIORITY_DEFAULT, self->cancellable, handshake_cb, self);
  asab_context_pop (self->map->context, pushed);
}

/* A thread is free. */
static void
start_next (AsabChannelMap *map,
            gboolean        is_client)
{
  AsabTlsLink *next = g_queue_pop_head (&map->handshakes[is_client]);

  map->n_handshakes[is_client]--;
  if (next == NULL)
    return;

  next->is_waiting = FALSE;
  start (next);
}

/* Takes a link out of the queue. Returns: false if it was not in it */
gboolean
asab_tls_link_leave_queue (AsabTlsLink *self)
{
  if (!self->is_waiting)
    return FALSE;

  self->is_waiting = FALSE;
  g_queue_remove (&self->map->handshakes[self->is_client], self);

  return TRUE;
}

/*
 * asab_tls_link_shake_hands:
 * @self: a link that has no connection
 * @socket: its socket, which is connected
 * @error: return location for an error
 *
 * Shakes hands, now or when it is the turn of this link; asab_dispatcher_handle_shaken () is called at the end.
 *
 * Returns: true if it was begun
 */
gboolean
asab_tls_link_shake_hands (AsabTlsLink  *self,
                           GSocket      *socket,
                           GError      **error)
{
  g_autoptr(GIOStream) base = G_IO_STREAM (g_socket_connection_factory_create_connection (socket));
  GIOStream *stream = self->is_client ? make_client (self, base, error) : make_server (self, base, error);

  if (stream == NULL)
    return FALSE;

  self->connection = G_TLS_CONNECTION (stream);
  self->cancellable = g_cancellable_new ();
  if (self->settings->authorities != NULL)
    g_tls_connection_set_database (self->connection, self->settings->authorities);

  if (self->map->n_handshakes[self->is_client] < MAX_HANDSHAKES)
    {
      start (self);
      return TRUE;
    }

  /* That it waits is not the fault of the peer. */
  asab_timeout_stop (&self->timeout, self->map->context);
  self->is_waiting = TRUE;
  g_queue_push_tail (&self->map->handshakes[self->is_client], self);

  return TRUE;
}
