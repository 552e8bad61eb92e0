/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * TLS between a channel and its socket.
 *
 *     channel ── link ── GTlsConnection ── GSocketConnection ── socket
 *        └───────────── epoll set ──────────────────────────────┘
 *
 * The channel goes on to be told by the epoll set what happens to the socket. That works only if nothing is hidden
 * between the two, which is so because of three rules:
 *
 * - What arrives is decrypted a whole record at a time, so that what TLS has not given yet is still in the socket. Of
 *   a record that is too long for the caller the rest is kept here (unread), and the channel is told of it by a
 *   timeout that is due at once.
 * - A record that TLS has begun to send has to be sent to its end, with the same bytes. So it is kept here (unsent),
 *   and counts as sent; nothing else is taken before it has gone.
 * - While hands are shaken, for which GIO has a thread, the epoll set does not watch the socket at all. A thread cannot
 *   be stopped in the middle of it, so that a link whose channel is closed then lives on until the thread is done.
 *
 * Neither TLS 1.3 nor GIO with 1.2 have a new handshake later, so no reading waits for writing, or the other way round.
 */

#include "config.h"

#include "asab-tls-link-private.h"

#include "asab-dispatcher-private.h"

#include <glib/gi18n-lib.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

/* The most that a record holds (RFC 8446, 5.1). */
#define RECORD_SIZE 16384

static void more_cb (AsabTimeout *timeout);

static void
timeout_cb (AsabTimeout *timeout)
{
  AsabTlsLink *self = (AsabTlsLink *) ((guint8 *) timeout - G_STRUCT_OFFSET (AsabTlsLink, timeout));

  if (self->channel == NULL)
    {
      g_cancellable_cancel (self->cancellable);
      return;
    }

  g_set_error (&self->error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT, _("The TLS handshake took longer than %g seconds"),
               self->settings->handshake_timeout);
  asab_channel_map_serve (self->map, self->channel, asab_dispatcher_handle_shaken);
}

AsabTlsLink *
asab_tls_link_new (AsabDispatcher  *channel,
                   AsabTlsSettings *settings,
                   const char      *server_name,
                   gboolean         is_client)
{
  AsabTlsLink *self = g_new0 (AsabTlsLink, 1);

  self->channel = channel;
  self->map = g_object_ref (asab_dispatcher_get_map (channel));
  self->settings = settings;
  self->server_name = g_strdup (server_name);
  self->is_client = is_client != FALSE;
  self->timeout.func = timeout_cb;
  self->more.func = more_cb;

  return self;
}

void
asab_tls_link_free (AsabTlsLink *self)
{
  asab_timeout_stop (&self->timeout, self->map->context);
  asab_timeout_stop (&self->more, self->map->context);
  g_clear_object (&self->connection);
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->unread, g_byte_array_unref);
  g_clear_pointer (&self->unsent, g_bytes_unref);
  g_clear_error (&self->error);
  asab_tls_settings_unref (self->settings);
  g_object_unref (self->map);
  g_free (self->server_name);
  g_free (self);
}

/* Data */

static gssize
write_some (AsabTlsLink   *self,
            const guint8  *data,
            gsize          size,
            GError       **error)
{
  GOutputStream *stream = g_io_stream_get_output_stream (G_IO_STREAM (self->connection));

  return g_pollable_output_stream_write_nonblocking (G_POLLABLE_OUTPUT_STREAM (stream), data, size, NULL, error);
}

/* Sends what was taken before. Returns: false on error; that there was no room is none */
gboolean
asab_tls_link_flush (AsabTlsLink  *self,
                     GError      **error)
{
  while (self->unsent != NULL)
    {
      g_autoptr(GBytes) bytes = g_steal_pointer (&self->unsent);
      g_autoptr(GError) failure = NULL;
      gsize size;
      const guint8 *data = g_bytes_get_data (bytes, &size);
      gssize sent = write_some (self, data, size, &failure);

      if (g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
        {
          self->unsent = g_steal_pointer (&bytes);
          return TRUE;
        }
      if (sent < 0)
        {
          g_propagate_error (error, g_steal_pointer (&failure));
          return FALSE;
        }
      if ((gsize) sent < size)
        self->unsent = g_bytes_new_from_bytes (bytes, (gsize) sent, size - (gsize) sent);
    }

  return TRUE;
}

/* Returns: how many bytes were taken, 0 if there is no room, or -1 on error */
gssize
asab_tls_link_send (AsabTlsLink   *self,
                    const guint8  *data,
                    gsize          size,
                    GError       **error)
{
  gsize n_taken = 0;

  if (!asab_tls_link_flush (self, error))
    return -1;

  while (n_taken < size && self->unsent == NULL)
    {
      gsize n = MIN (size - n_taken, RECORD_SIZE);
      g_autoptr(GError) failure = NULL;
      gssize sent = write_some (self, data + n_taken, n, &failure);

      if (g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
        {
          self->unsent = g_bytes_new (data + n_taken, n);
          sent = (gssize) n;
        }
      if (sent < 0)
        {
          g_propagate_error (error, g_steal_pointer (&failure));
          return -1;
        }
      n_taken += (gsize) sent;
    }

  return (gssize) n_taken;
}

/* Reads a record; @buffer has room for any. */
static gssize
read_record (AsabTlsLink  *self,
             guint8       *buffer,
             gsize         size,
             GError      **error)
{
  GInputStream *stream = g_io_stream_get_input_stream (G_IO_STREAM (self->connection));
  g_autoptr(GError) failure = NULL;
  gssize received = g_pollable_input_stream_read_nonblocking (G_POLLABLE_INPUT_STREAM (stream), buffer, size, NULL,
                                                              &failure);

  if (received >= 0)
    return received;

  /* Whoever breaks the connection must not pass for a peer that has said all it had to say. */
  if (g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED) ||
      g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_BROKEN_PIPE))
    g_set_error_literal (error, G_TLS_ERROR, G_TLS_ERROR_EOF, _("The connection was cut"));
  else
    g_propagate_error (error, g_steal_pointer (&failure));

  return -1;
}

/* Returns: how many bytes there are to take now, 0 at the end, or -1 on error */
static gssize
fill_unread (AsabTlsLink  *self,
             GError      **error)
{
  g_autoptr(GByteArray) record = g_byte_array_sized_new (RECORD_SIZE);
  gssize received = read_record (self, record->data, RECORD_SIZE, error);

  if (received > 0)
    {
      g_byte_array_set_size (record, (guint) received);
      self->unread = g_steal_pointer (&record);
      self->n_received = 0;
    }

  return received;
}

static gsize
take_unread (AsabTlsLink *self,
             guint8      *buffer,
             gsize        size)
{
  gsize n = MIN (size, self->unread->len - self->n_received);

  memcpy (buffer, self->unread->data + self->n_received, n);
  self->n_received += n;
  if (self->n_received == self->unread->len)
    g_clear_pointer (&self->unread, g_byte_array_unref);

  return n;
}

/* Returns: how many bytes were received, 0 at the end, or -1 on error */
gssize
asab_tls_link_receive (AsabTlsLink  *self,
                       guint8       *buffer,
                       gsize         size,
                       GError      **error)
{
  gssize received;

  if (self->unread != NULL)
    return (gssize) take_unread (self, buffer, size);
  if (size >= RECORD_SIZE)
    return read_record (self, buffer, size, error);

  received = fill_unread (self, error);

  return received > 0 ? (gssize) take_unread (self, buffer, size) : received;
}

static void
more_cb (AsabTimeout *timeout)
{
  AsabTlsLink *self = (AsabTlsLink *) ((guint8 *) timeout - G_STRUCT_OFFSET (AsabTlsLink, more));

  asab_channel_map_serve (self->map, self->channel, asab_dispatcher_handle_more);
}

/* The end */

/* Frees a link whose handshake has ended; without its socket TLS has nothing to say goodbye to. */
static void
abandon (AsabTlsLink *self)
{
  g_autoptr(GIOStream) base = NULL;

  g_object_get (self->connection, "base-io-stream", &base, NULL);
  g_socket_close (g_socket_connection_get_socket (G_SOCKET_CONNECTION (base)), NULL);
  asab_tls_link_free (self);
}

static void
closed_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  g_io_stream_close_finish (G_IO_STREAM (source), result, NULL);
  abandon (user_data);
}

static void
written_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      user_data)
{
  AsabTlsLink *self = user_data;

  if (g_output_stream_write_all_finish (G_OUTPUT_STREAM (source), result, NULL, NULL))
    g_io_stream_close_async (G_IO_STREAM (self->connection), G_PRIORITY_DEFAULT, self->cancellable, closed_cb, self);
  else
    abandon (self);
}

/* Sends what was taken, and a goodbye, when there is room. */
static void
linger (AsabTlsLink *self)
{
  GOutputStream *stream = g_io_stream_get_output_stream (G_IO_STREAM (self->connection));
  gboolean pushed = asab_context_push (self->map->context);
  gsize size = 0;
  const guint8 *data = self->unsent != NULL ? g_bytes_get_data (self->unsent, &size) : NULL;

  asab_timeout_start (&self->timeout, self->map->context, self->settings->handshake_timeout);
  g_output_stream_write_all_async (stream, data, size, G_PRIORITY_DEFAULT, self->cancellable, written_cb, self);
  asab_context_pop (self->map->context, pushed);
}

static gboolean
has_room (GSocket *socket)
{
  struct pollfd poll_fd = { .fd = g_socket_get_fd (socket), .events = POLLOUT };

  return poll (&poll_fd, 1, 0) > 0;
}

/*
 * asab_tls_link_close:
 * @self: (transfer full): the link
 * @socket: (nullable): its socket
 *
 * Ends the link, without waiting: what cannot be done at once is done later.
 *
 * Returns: true if that closes the socket, too
 */
gboolean
asab_tls_link_close (AsabTlsLink *self,
                     GSocket     *socket)
{
  asab_timeout_stop (&self->timeout, self->map->context);
  asab_timeout_stop (&self->more, self->map->context);
  self->channel = NULL;

  if (self->connection == NULL)
    {
      asab_tls_link_free (self);
      return FALSE;
    }

  if (asab_tls_link_leave_queue (self))
    abandon (self);
  else if (self->is_shaking_hands)
    {
      g_cancellable_cancel (self->cancellable);
      shutdown (g_socket_get_fd (socket), SHUT_RDWR);
    }
  else if (self->is_failed)
    abandon (self);
  else if (self->unsent == NULL && has_room (socket))
    {
      g_io_stream_close (G_IO_STREAM (self->connection), NULL, NULL);
      abandon (self);
    }
  else
    linger (self);

  return TRUE;
}
