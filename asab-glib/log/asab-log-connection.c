/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "asab-log-connection-private.h"

#include <glib/gi18n-lib.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>

/*
 * asab_log_connection_new:
 * @stream: (transfer full): a stream of GIO
 * @socket: (transfer none): what is below it
 */
AsabLogConnection *
asab_log_connection_new (GIOStream *stream,
                         GSocket   *socket)
{
  AsabLogConnection *self = g_new0 (AsabLogConnection, 1);

  self->stream = stream;
  self->socket = socket;
  self->is_datagram = g_socket_get_socket_type (socket) == G_SOCKET_TYPE_DATAGRAM;
  g_socket_set_blocking (socket, FALSE);

  return self;
}

/* Closes the socket first, so that TLS has nothing to say goodbye to. */
void
asab_log_connection_free (AsabLogConnection *self)
{
  g_socket_close (self->socket, NULL);
  g_object_unref (self->stream);
  g_free (self);
}

static gssize
receive (AsabLogConnection  *self,
         char               *text,
         gsize               length,
         GError            **error)
{
  GInputStream *input;

  if (!G_IS_TLS_CONNECTION (self->stream))
    return g_socket_receive_with_blocking (self->socket, text, length, FALSE, NULL, error);

  input = g_io_stream_get_input_stream (self->stream);

  return g_pollable_input_stream_read_nonblocking (G_POLLABLE_INPUT_STREAM (input), text, length, NULL, error);
}

/*
 * asab_log_connection_check:
 * @self: a connection
 * @error: return location for a #GIOErrorEnum
 *
 * Reads away what the server says, which is most likely that it leaves.
 *
 * Returns: false if the connection has ended
 */
gboolean
asab_log_connection_check (AsabLogConnection  *self,
                           GError            **error)
{
  g_autoptr(GError) local_error = NULL;
  char text[512];
  gssize n;

  do
    n = receive (self, text, sizeof text, &local_error);
  while (n > 0 || (n == 0 && self->is_datagram));

  if (n == 0)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CLOSED, _("The server has closed the connection"));
      return FALSE;
    }
  if (g_error_matches (local_error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    return TRUE;

  g_propagate_error (error, g_steal_pointer (&local_error));

  return FALSE;
}

/*
 * asab_log_connection_send:
 * @self: a connection
 * @text: what to send; after 0 was returned, the same again, which may be longer
 * @length: its length
 * @error: return location for a #GIOErrorEnum
 *
 * Returns: how much was sent, 0 if the connection takes nothing now, or -1 with @error set
 */
gssize
asab_log_connection_send (AsabLogConnection  *self,
                          const char         *text,
                          gsize               length,
                          GError            **error)
{
  g_autoptr(GError) local_error = NULL;
  gssize n;

  if (G_IS_TLS_CONNECTION (self->stream))
    {
      GOutputStream *output = g_io_stream_get_output_stream (self->stream);

      n = g_pollable_output_stream_write_nonblocking (G_POLLABLE_OUTPUT_STREAM (output), text, length, NULL,
                                                      &local_error);
    }
  else
    {
      n = g_socket_send_with_blocking (self->socket, text, length, FALSE, NULL, &local_error);
    }

  if (n >= 0)
    return n;
  if (g_error_matches (local_error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    return 0;

  g_propagate_error (error, g_steal_pointer (&local_error));

  return -1;
}

/* Returns: whether the host of the server has got all that was sent */
gboolean
asab_log_connection_is_settled (AsabLogConnection *self)
{
  int n_unsent;

  return ioctl (g_socket_get_fd (self->socket), SIOCOUTQ, &n_unsent) < 0 || n_unsent == 0;
}

/* Returns: after how many milliseconds @deadline is, at least 0 */
static int
get_remaining (gint64 deadline)
{
  return (int) (MAX (deadline - g_get_monotonic_time (), 0) / 1000);
}

static gboolean
end_output (AsabLogConnection  *self,
            gint64              deadline,
            GError            **error)
{
  g_socket_set_timeout (self->socket, (guint) get_remaining (deadline) / 1000 + 1);
  if (G_IS_TLS_CONNECTION (self->stream) &&
      !g_output_stream_close (g_io_stream_get_output_stream (self->stream), NULL, error))
    return FALSE;

  return g_socket_shutdown (self->socket, FALSE, TRUE, error);
}

/*
 * asab_log_connection_close:
 * @self: a connection
 * @deadline: a monotonic time
 * @error: return location for an error
 *
 * Says that nothing else comes, and waits for the server to say so too, as it does when it has read everything. The
 * connection is to be freed afterwards.
 *
 * Returns: false if the server has certainly not read everything
 */
gboolean
asab_log_connection_close (AsabLogConnection  *self,
                           gint64              deadline,
                           GError            **error)
{
  g_autoptr(GError) local_error = NULL;

  if (self->is_datagram)
    return TRUE;
  if (!end_output (self, deadline, error))
    return FALSE;

  while (asab_log_connection_check (self, &local_error))
    {
      GPollFD fd = { .fd = g_socket_get_fd (self->socket), .events = G_IO_IN };
      int remaining_ms = get_remaining (deadline);

      if (remaining_ms == 0)
        return TRUE;
      g_poll (&fd, 1, remaining_ms);
    }
  if (g_error_matches (local_error, G_IO_ERROR, G_IO_ERROR_CLOSED))
    return TRUE;

  g_propagate_error (error, g_steal_pointer (&local_error));

  return FALSE;
}
