/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "astm-wire.h"

#include <astm-frame.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* A link that does with messages what the test says. */

typedef struct
{
  AstmLink parent_instance;

  Wire *wire;
} WireLink;

typedef struct
{
  AstmLinkClass parent_class;
} WireLinkClass;

G_DEFINE_FINAL_TYPE (WireLink, wire_link, ASTM_TYPE_LINK)

static AsabFuture *
wire_link_accept_message (AstmLink  *link,
                          GBytes    *message,
                          GError   **error)
{
  Wire *wire = ((WireLink *) link)->wire;
  g_autofree char *text = g_strndup (g_bytes_get_data (message, NULL), g_bytes_get_size (message));

  if (wire->mood == WIRE_REFUSES)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE, "The disk is full");
      return NULL;
    }

  g_string_append_printf (wire->accepted, "[%s]", g_strdelimit (text, "\r", '/'));
  if (wire->mood == WIRE_ACCEPTS)
    return NULL;

  g_clear_pointer (&wire->promise, asab_promise_unref);
  wire->promise = asab_promise_new ();

  return asab_future_ref (asab_promise_get_future (wire->promise));
}

static void
wire_link_class_init (WireLinkClass *klass)
{
  ASTM_LINK_CLASS (klass)->accept_message = wire_link_accept_message;
}

static void
wire_link_init (WireLink *self G_GNUC_UNUSED)
{
}

/* Connects a link to the test. */
Wire *
wire_new (AsyncFixture *fixture,
          AstmRole      role)
{
  Wire *wire = g_new (Wire, 1);
  g_autoptr(GError) error = NULL;
  g_autoptr(GSocket) socket = NULL;
  int fds[2];

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds), ==, 0);
  socket = g_socket_new_from_fd (fds[0], &error);
  g_assert_no_error (error);

  *wire = (Wire) { .fixture = fixture, .accepted = g_string_new (NULL), .peer = fds[1] };
  wire->link = g_object_new (wire_link_get_type (), "socket", socket, "role", role, NULL);
  ((WireLink *) wire->link)->wire = wire;

  return wire;
}

void
wire_free (Wire *wire)
{
  astm_link_close (wire->link);
  async_run_ready (wire->fixture);
  g_clear_pointer (&wire->promise, asab_promise_unref);
  g_assert_finalize_object (wire->link);
  g_string_free (wire->accepted, TRUE);
  if (wire->peer >= 0)
    close (wire->peer);
  g_free (wire);
}

/* The other end goes away. */
void
wire_hang_up (Wire *wire)
{
  close (wire->peer);
  wire->peer = -1;
  async_run_ready (wire->fixture);
}

void
wire_write (Wire       *wire,
            const char *data,
            gsize       size)
{
  while (size > 0)
    {
      gssize n = write (wire->peer, data, size);

      if (n > 0)
        {
          data += n;
          size -= (gsize) n;
        }
      async_run_ready (wire->fixture);
    }
}

void
wire_say (Wire       *wire,
          const char *bytes)
{
  wire_write (wire, bytes, strlen (bytes));
}

static GBytes *
make_frame (guint       number,
            const char *text)
{
  const gsize size = strlen (text);
  const AstmFrame frame = {
    .number = number,
    .text = (const guint8 *) text,
    .text_size = size,
    .is_last = size > 0 && text[size - 1] == '\r',
  };

  return astm_frame_encode (&frame);
}

/* Says a frame, which is the last one of its record if the text ends with CR. */
void
wire_say_frame (Wire       *wire,
                guint       number,
                const char *text)
{
  g_autoptr(GBytes) frame = make_frame (number, text);

  wire_write (wire, g_bytes_get_data (frame, NULL), g_bytes_get_size (frame));
}

/* Writes bytes so that people can read them. */
static char *
show (const char *bytes,
      gsize       size)
{
  GString *text = g_string_new (NULL);

  for (gsize i = 0; i < size; i++)
    if (g_ascii_isprint (bytes[i]))
      g_string_append_c (text, bytes[i]);
    else
      g_string_append_printf (text, "<%02X>", (guint8) bytes[i]);

  return g_string_free (text, FALSE);
}

static void
expect (Wire       *wire,
        const char *bytes,
        gsize       size)
{
  char buffer[70000];
  gssize n;
  g_autofree char *expected = show (bytes, size);
  g_autofree char *got = NULL;

  async_run_ready (wire->fixture);
  n = read (wire->peer, buffer, sizeof buffer);
  got = show (buffer, (gsize) MAX (n, 0));
  g_assert_cmpstr (got, ==, expected);
}

/* Asserts that the link has said this since the last time, and nothing else. */
void
wire_expect (Wire       *wire,
             const char *bytes)
{
  expect (wire, bytes, strlen (bytes));
}

void
wire_expect_frame (Wire       *wire,
                   guint       number,
                   const char *text)
{
  g_autoptr(GBytes) frame = make_frame (number, text);

  expect (wire, g_bytes_get_data (frame, NULL), g_bytes_get_size (frame));
}

/* Asserts in what state the link is, and which messages were accepted since the last time. */
void
wire_assert (Wire          *wire,
             AstmLinkState  state,
             const char    *accepted)
{
  g_assert_cmpint (astm_link_get_state (wire->link), ==, state);
  g_assert_cmpstr (wire->accepted->str, ==, accepted);
  g_string_truncate (wire->accepted, 0);
}

/* Takes WIRE_MESSAGE from the link. */
void
wire_take_message (Wire *wire)
{
  wire_expect (wire, ENQ);
  wire_say (wire, ACK);
  wire_expect_frame (wire, 1, "H|\\^&\r");
  wire_say (wire, ACK);
  wire_expect_frame (wire, 2, "L|1|N\r");
  wire_say (wire, ACK);
}

/* Asserts that a message was taken. */
void
wire_assert_sent (AsabFuture *future)
{
  g_autoptr(GError) error = asab_future_dup_error (future);

  g_assert_no_error (error);
  g_assert_true (asab_future_is_resolved (future));
}

static void
close_cb (AstmLink   *link,
          GParamSpec *pspec G_GNUC_UNUSED,
          gpointer    user_data)
{
  AstmLinkState state;

  g_object_get (link, "state", &state, NULL);
  if (state == GPOINTER_TO_UINT (user_data))
    astm_link_close (link);
}

/* Closes the link as soon as it tells that it is in a state. */
void
wire_close_in (Wire          *wire,
               AstmLinkState  state)
{
  g_signal_connect (wire->link, "notify::state", G_CALLBACK (close_cb), GUINT_TO_POINTER (state));
}

AsabFuture *
wire_send (Wire       *wire,
           const char *text)
{
  g_autoptr(GBytes) message = g_bytes_new (text, strlen (text));

  return astm_link_send (wire->link, message);
}
