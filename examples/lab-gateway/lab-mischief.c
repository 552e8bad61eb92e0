/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "lab-mischief.h"

#include "lab-analyser.h"

#include "astm-frame.h"

#include <string.h>

static GSocketConnection *
open_connection (const char  *host_and_port,
                 GError     **error)
{
  g_autoptr(GSocketClient) client = g_socket_client_new ();

  g_socket_client_connect_to_host_async (client, host_and_port, LAB_GATEWAY_PORT, ASAB_READY);

  return g_socket_client_connect_to_host_finish (client, ASAB_RESULT, error);
}

static gboolean
send_bytes (GSocketConnection  *connection,
            const void         *bytes,
            gsize               size,
            GError            **error)
{
  GOutputStream *output = g_io_stream_get_output_stream (G_IO_STREAM (connection));

  g_output_stream_write_all_async (output, bytes, size, G_PRIORITY_DEFAULT, ASAB_READY);

  return g_output_stream_write_all_finish (output, ASAB_RESULT, NULL, error);
}

static gboolean
send_byte (GSocketConnection  *connection,
           guint8              byte,
           GError            **error)
{
  return send_bytes (connection, &byte, 1, error);
}

static gboolean
expect_byte (GSocketConnection  *connection,
             guint8              expected,
             GError            **error)
{
  GInputStream *input = g_io_stream_get_input_stream (G_IO_STREAM (connection));
  guint8 byte = 0;
  gssize n;

  g_input_stream_read_async (input, &byte, 1, G_PRIORITY_DEFAULT, ASAB_READY);
  n = g_input_stream_read_finish (input, ASAB_RESULT, error);
  if (n == 1 && byte == expected)
    return TRUE;

  if (n >= 0)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "The gateway replied %02x in place of %02x", byte,
                 expected);

  return FALSE;
}

/* Makes the only frame of a message that is a header and a terminator. */
static GBytes *
make_frame (void)
{
  static const char text[] = "H|\\^&|||mischief\rL|1|N\r";
  const AstmFrame frame = { .number = 1, .text = (const guint8 *) text, .text_size = strlen (text), .is_last = TRUE };

  return astm_frame_encode (&frame);
}

/* A frame that was changed on its way is refused, and taken when it comes once more as it was. */
gboolean
lab_mischief_send_bad_checksum (const char  *host_and_port,
                                GError     **error)
{
  g_autoptr(GSocketConnection) connection = open_connection (host_and_port, error);
  g_autoptr(GBytes) frame = make_frame ();
  gsize size = g_bytes_get_size (frame);
  g_autofree guint8 *changed = g_memdup2 (g_bytes_get_data (frame, NULL), size);

  changed[size / 2] ^= 1;

  return connection != NULL && send_byte (connection, ASTM_ENQ, error) && expect_byte (connection, ASTM_ACK, error) &&
         send_bytes (connection, changed, size, error) && expect_byte (connection, ASTM_NAK, error) &&
         send_bytes (connection, g_bytes_get_data (frame, NULL), size, error) &&
         expect_byte (connection, ASTM_ACK, error) && send_byte (connection, ASTM_EOT, error);
}

/* What was sent in part is not taken; nobody has to reply to it. */
gboolean
lab_mischief_drop (const char  *host_and_port,
                   GError     **error)
{
  g_autoptr(GSocketConnection) connection = open_connection (host_and_port, error);
  g_autoptr(GBytes) frame = make_frame ();

  return connection != NULL && send_byte (connection, ASTM_ENQ, error) && expect_byte (connection, ASTM_ACK, error) &&
         send_bytes (connection, g_bytes_get_data (frame, NULL), g_bytes_get_size (frame) / 2, error);
}
