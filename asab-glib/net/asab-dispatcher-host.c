/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Connecting a dispatcher to a host by its name.
 *
 * GIO looks the name up in a thread, and tries the addresses, those of IPv6 and IPv4 in turn, the next one when one is
 * refused or takes long. The channel gets a socket when one of them has answered.
 */

#include "config.h"

#include "asab-address-private.h"
#include "asab-channel-map-private.h"
#include "asab-dispatcher-private.h"
#include "asab-socket-private.h"

#include <asab-glib/async/asab-promise.h>
#include <asab-glib/async/asab-timeout-private.h>

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <unistd.h>

typedef struct
{
  AsabTimeout timeout;
  double seconds;
  AsabDispatcher *channel; /* (owned) */
  AsabPromise *promise;    /* (owned) */
  char *name;              /* (owned): of the host, with the port */
} Attempt;

static AsabContext *
get_context (AsabDispatcher *channel)
{
  return asab_dispatcher_get_private (channel)->map->context;
}

static void
attempt_free (Attempt *self)
{
  asab_timeout_stop (&self->timeout, get_context (self->channel));
  asab_promise_unref (self->promise);
  g_object_unref (self->channel);
  g_free (self->name);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Attempt, attempt_free)

static void
time_over_cb (AsabTimeout *timeout)
{
  Attempt *self = (Attempt *) timeout;

  asab_promise_take_error (self->promise,
                           g_error_new (G_IO_ERROR, G_IO_ERROR_TIMED_OUT,
                                        _("“%s”: There was no connection within %g seconds"),
                                        self->name, self->seconds));
  g_cancellable_cancel (asab_promise_get_cancellable (self->promise));
}

/* Has the channel work with the socket of a connection. The connection closes its own descriptor when it goes. */
static gboolean
take_socket (AsabDispatcher     *channel,
             GSocketConnection  *connection,
             GError            **error)
{
  int fd = fcntl (g_socket_get_fd (g_socket_connection_get_socket (connection)), F_DUPFD_CLOEXEC, 0);

  if (fd < 0)
    {
      asab_socket_set_error (error, errno, _("A socket cannot be made"));
      return FALSE;
    }

  g_clear_object (&asab_dispatcher_get_private (channel)->socket);
  if (!asab_dispatcher_open (channel, fd, error))
    {
      close (fd);
      return FALSE;
    }
  asab_socket_set_no_delay (fd);

  return TRUE;
}

static void
connect_cb (GObject      *client,
            GAsyncResult *result,
            gpointer      user_data)
{
  g_autoptr(Attempt) self = user_data;
  g_autoptr(GSocketConnection) connection = NULL;
  GError *error = NULL;

  connection = g_socket_client_connect_finish (G_SOCKET_CLIENT (client), result, &error);
  if (asab_future_is_done (asab_promise_get_future (self->promise))) /* cancelled, or too late */
    {
      g_clear_error (&error);
      return;
    }

  if (connection == NULL || !take_socket (self->channel, connection, &error))
    {
      g_prefix_error (&error, "“%s”: ", self->name);
      asab_promise_take_error (self->promise, error);
      return;
    }

  if (asab_dispatcher_get_private (self->channel)->tls == NULL)
    asab_dispatcher_welcome (self->channel);
  else
    asab_dispatcher_handle_tls_begin (self->channel);
  asab_promise_resolve (self->promise, NULL);
}

static void
connect_to (AsabDispatcher     *self,
            GSocketConnectable *peer,
            double              seconds,
            AsabPromise        *promise)
{
  g_autoptr(GSocketClient) client = g_socket_client_new ();
  Attempt *attempt = g_new0 (Attempt, 1);

  attempt->timeout.func = time_over_cb;
  attempt->seconds = seconds;
  attempt->channel = g_object_ref (self);
  attempt->promise = asab_promise_ref (promise);
  attempt->name = g_socket_connectable_to_string (peer);
  asab_timeout_start (&attempt->timeout, get_context (self), seconds);

  g_socket_client_set_enable_proxy (client, FALSE);
  g_socket_client_connect_async (client, peer, asab_promise_get_cancellable (promise), connect_cb, attempt);
}

/**
 * asab_dispatcher_connect_to_host:
 * @self: a channel without an open socket
 * @address: a host and a port, such as `example.org:7000`, `[::1]:7000` or `localhost 7000`, a port of this machine, or
 *   the path of a UNIX socket, such as `unix:/run/socket`
 * @default_port: the port if @address has none; 0 if it has to have one
 * @timeout: how many seconds this may take, infinity for as long as the system tries
 *
 * Looks a host up, and connects to the first of its addresses that answers.
 *
 * Until then the channel has no socket. When the connection stands `handle_connect` is called and then the future is
 * resolved; what fails is told by the future alone. Cancelling the future ends the attempt. A channel that is to speak
 * TLS, see [method@Dispatcher.start_tls_client], shakes hands after that, and `handle_connect` is called then.
 *
 * Returns: (transfer full): a future without a value, rejected with a [error@Gio.ResolverError], or an error of the
 *   connection, %G_IO_ERROR_TIMED_OUT when it took too long, or %G_IO_ERROR_INVALID_ARGUMENT if @address is none
 */
AsabFuture *
asab_dispatcher_connect_to_host (AsabDispatcher *self,
                                 const char     *address,
                                 guint16         default_port,
                                 double          timeout)
{
  g_autoptr(GSocketConnectable) peer = NULL;
  g_autoptr(AsabPromise) promise = NULL;
  GError *error = NULL;
  gboolean pushed;

  g_return_val_if_fail (ASAB_IS_DISPATCHER (self), NULL);
  g_return_val_if_fail (address != NULL, NULL);

  if (!asab_timeout_check_seconds (timeout, &error))
    return asab_future_new_take_error (error);

  peer = asab_address_parse_peer (address, default_port, &error);
  if (peer == NULL)
    return asab_future_new_take_error (error);

  promise = asab_promise_new ();
  pushed = asab_context_push (get_context (self));
  connect_to (self, peer, timeout, promise);
  asab_context_pop (get_context (self), pushed);

  return asab_future_ref (asab_promise_get_future (promise));
}
