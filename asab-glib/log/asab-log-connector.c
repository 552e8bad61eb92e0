/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Connecting, in a thread of its own: to look up a name, and to shake hands for TLS, cannot be done without blocking.
 */

#include "config.h"

#include "asab-log-connector-private.h"

#include "asab-log-writer-private.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#define CONNECT_TIMEOUT 10
#define SEND_BUFFER_SIZE (256 * 1024) /* what is in there is lost if the server is */
#define UNACKNOWLEDGED_TIMEOUT_MS 60000

struct _AsabLogConnector
{
  const AsabLogSyslogAddress *address;
  const AsabLogTlsFiles *tls_files;
  guint nth;                 /* attempt, from 0 */
  GThread *thread;           /* (owned) */
  GCancellable *cancellable; /* (owned) */
  int fd;                    /* readable when it is done */
  gboolean is_done;          /* (atomic) */

  guint n_untried;               /* addresses of the host */
  AsabLogConnection *connection; /* (owned) (nullable): the outcome */
  GError *error;                 /* (owned) (nullable) */
};

static void
tune (AsabLogConnector *self,
      GSocket          *socket)
{
  if (asab_log_syslog_address_is_datagram (self->address))
    return;

  g_socket_set_option (socket, SOL_SOCKET, SO_SNDBUF, SEND_BUFFER_SIZE, NULL);
  if (asab_log_syslog_address_is_local (self->address))
    return;

  g_socket_set_keepalive (socket, TRUE);
  g_socket_set_option (socket, IPPROTO_TCP, TCP_USER_TIMEOUT, UNACKNOWLEDGED_TIMEOUT_MS, NULL);
}

static GPtrArray *
look_up (AsabLogConnector    *self,
         GSocketConnectable  *connectable,
         GError             **error)
{
  g_autoptr(GSocketAddressEnumerator) enumerator = g_socket_connectable_enumerate (connectable);
  g_autoptr(GPtrArray) addresses = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr(GError) local_error = NULL;
  GSocketAddress *address;

  while ((address = g_socket_address_enumerator_next (enumerator, self->cancellable, &local_error)) != NULL)
    g_ptr_array_add (addresses, address);

  if (addresses->len == 0)
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return NULL;
    }

  return g_steal_pointer (&addresses);
}

/* Connecting by UDP succeeds always, as nothing is sent. Whether somebody is there shows later, so that each attempt
 * begins with another address of the host. */
static GSocketConnection *
connect_udp (AsabLogConnector    *self,
             GSocketClient       *client,
             GSocketConnectable  *connectable,
             GError             **error)
{
  g_autoptr(GPtrArray) addresses = look_up (self, connectable, error);
  GSocketConnection *connection = NULL;

  if (addresses == NULL)
    return NULL;

  for (guint i = 0; i < addresses->len && connection == NULL; i++)
    {
      gpointer address = g_ptr_array_index (addresses, (self->nth + i) % addresses->len);

      g_clear_error (error);
      connection = g_socket_client_connect (client, address, self->cancellable, error);
    }
  self->n_untried = addresses->len - MIN (self->nth + 1, addresses->len);

  return connection;
}

static GSocketConnection *
connect_socket (AsabLogConnector  *self,
                GError           **error)
{
  g_autoptr(GSocketConnectable) connectable = asab_log_syslog_address_get_connectable (self->address);
  g_autoptr(GSocketClient) client = g_socket_client_new ();
  GSocketConnection *connection;

  g_socket_client_set_enable_proxy (client, FALSE);
  g_socket_client_set_timeout (client, CONNECT_TIMEOUT);
  if (asab_log_syslog_address_is_datagram (self->address))
    g_socket_client_set_socket_type (client, G_SOCKET_TYPE_DATAGRAM);
  if (self->address->transport == ASAB_LOG_SYSLOG_UDP)
    connection = connect_udp (self, client, connectable, error);
  else
    connection = g_socket_client_connect (client, connectable, self->cancellable, error);
  if (connection != NULL)
    tune (self, g_socket_connection_get_socket (connection));

  return connection;
}

/* GIO says of each of them that the certificate is unacceptable, and no more. */
static const char *
get_reason (GTlsCertificateFlags flags)
{
  if (flags & G_TLS_CERTIFICATE_UNKNOWN_CA)
    return _("it is not signed by an authority that is known here");
  if (flags & G_TLS_CERTIFICATE_BAD_IDENTITY)
    return _("it is for another host");
  if (flags & G_TLS_CERTIFICATE_NOT_ACTIVATED)
    return _("it is not valid yet");
  if (flags & G_TLS_CERTIFICATE_EXPIRED)
    return _("it has expired");
  if (flags & G_TLS_CERTIFICATE_REVOKED)
    return _("it was revoked");

  return _("it cannot be trusted");
}

static gboolean
shake_hands (AsabLogConnector  *self,
             GTlsConnection    *connection,
             GError           **error)
{
  g_autoptr(GError) local_error = NULL;
  GTlsCertificateFlags flags;

  if (g_tls_connection_handshake (connection, self->cancellable, &local_error))
    return TRUE;

  flags = g_tls_connection_get_peer_certificate_errors (connection);
  if (flags != 0)
    g_set_error (error, G_TLS_ERROR, G_TLS_ERROR_BAD_CERTIFICATE, _("Unacceptable certificate of the server: %s"),
                 get_reason (flags));
  else
    g_propagate_error (error, g_steal_pointer (&local_error));

  return FALSE;
}

/* Returns: (transfer full): the stream that talks TLS over @base */
static GIOStream *
start_tls (AsabLogConnector   *self,
           GSocketConnection  *base,
           GError            **error)
{
  g_autoptr(GSocketConnectable) identity = asab_log_syslog_address_get_connectable (self->address);
  g_autoptr(GIOStream) stream = g_tls_client_connection_new (G_IO_STREAM (base), identity, error);

  if (stream == NULL || !asab_log_tls_files_apply (self->tls_files, G_TLS_CONNECTION (stream), error))
    return NULL;

  /* A server has nothing to say that could be cut off. */
  g_tls_connection_set_require_close_notify (G_TLS_CONNECTION (stream), FALSE);
  if (!shake_hands (self, G_TLS_CONNECTION (stream), error))
    return NULL;

  return g_steal_pointer (&stream);
}

static AsabLogConnection *
connect_to_server (AsabLogConnector  *self,
                   GError           **error)
{
  g_autoptr(GSocketConnection) base = connect_socket (self, error);
  AsabLogConnection *connection;
  GIOStream *stream;

  if (base == NULL)
    return NULL;

  if (self->address->transport == ASAB_LOG_SYSLOG_TLS)
    stream = start_tls (self, base, error);
  else
    stream = g_object_ref (G_IO_STREAM (base));
  if (stream == NULL)
    return NULL;

  connection = asab_log_connection_new (stream, g_socket_connection_get_socket (base));
  connection->n_untried = self->n_untried;

  return connection;
}

static gpointer
run (gpointer data)
{
  AsabLogConnector *self = data;
  guint64 one = 1;

  asab_log_writer_add_helper ();
  self->connection = connect_to_server (self, &self->error);
  g_atomic_int_set (&self->is_done, TRUE);
  if (write (self->fd, &one, sizeof one) < 0)
    g_assert_not_reached (); /* it is written once */

  return NULL;
}

static void
connector_free (AsabLogConnector *self)
{
  g_clear_pointer (&self->connection, asab_log_connection_free);
  g_clear_error (&self->error);
  g_object_unref (self->cancellable);
  if (self->fd >= 0)
    g_close (self->fd, NULL);
  g_free (self);
}

/*
 * asab_log_connector_start:
 * @address: where to connect to; has to live as long as the connector
 * @tls_files: the same
 * @nth: which attempt this is, from 0
 * @error: return location for an error
 *
 * Returns: (transfer full): a connector that is at work, or %NULL with @error set
 */
AsabLogConnector *
asab_log_connector_start (const AsabLogSyslogAddress  *address,
                          const AsabLogTlsFiles       *tls_files,
                          guint                        nth,
                          GError                     **error)
{
  AsabLogConnector *self = g_new0 (AsabLogConnector, 1);

  self->address = address;
  self->tls_files = tls_files;
  self->nth = nth;
  self->cancellable = g_cancellable_new ();
  self->fd = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (self->fd < 0)
    g_set_error_literal (error, G_IO_ERROR, (int) g_io_error_from_errno (errno), g_strerror (errno));
  else
    self->thread = g_thread_try_new ("asab-log-connect", run, self, error);
  if (self->thread == NULL)
    {
      connector_free (self);
      return NULL;
    }

  return self;
}

/* Returns: what becomes readable when it is done */
int
asab_log_connector_get_fd (AsabLogConnector *self)
{
  return self->fd;
}

gboolean
asab_log_connector_is_done (AsabLogConnector *self)
{
  return g_atomic_int_get (&self->is_done);
}

/*
 * asab_log_connector_finish:
 * @self: (transfer full): a connector that is done
 * @error: return location for an error
 *
 * Returns: (transfer full): a connection, or %NULL with @error set
 */
AsabLogConnection *
asab_log_connector_finish (AsabLogConnector  *self,
                           GError           **error)
{
  AsabLogConnection *connection;

  g_thread_join (self->thread);
  connection = g_steal_pointer (&self->connection);
  if (connection == NULL)
    g_propagate_error (error, g_steal_pointer (&self->error));
  connector_free (self);

  return connection;
}

/*
 * asab_log_connector_cancel:
 * @self: (transfer full): a connector
 *
 * Gives up. This waits for the thread, which does not take long.
 */
void
asab_log_connector_cancel (AsabLogConnector *self)
{
  g_cancellable_cancel (self->cancellable);
  g_thread_join (self->thread);
  connector_free (self);
}
