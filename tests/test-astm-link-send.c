/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a link says when it sends, and what it makes of the replies. */

#include "astm-wire.h"

#include <string.h>

static void
assert_refused (Wire       *wire,
                const char *text,
                GQuark      domain,
                int         code)
{
  g_autoptr(AsabFuture) future = wire_send (wire, text);

  async_assert_error (future, domain, code);
}

static void
test_good (AsyncFixture  *fixture,
           gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(Wire) wire = wire_new (fixture, ASTM_ROLE_INSTRUMENT);
  g_autoptr(AsabFuture) future = wire_send (wire, WIRE_MESSAGE);

  g_assert_cmpuint (astm_link_get_n_queued (wire->link), ==, 1);
  wire_assert (wire, ASTM_LINK_ENQUIRING, "");
  wire_take_message (wire);
  wire_assert_sent (future);
  wire_expect (wire, EOT);
  wire_assert (wire, ASTM_LINK_NEUTRAL, "");
  g_assert_cmpuint (astm_link_get_n_queued (wire->link), ==, 0);
  g_assert_cmpuint (astm_link_get_counters (wire->link)->n_messages_sent, ==, 1);
  g_assert_cmpuint (astm_link_get_counters (wire->link)->n_frames_sent, ==, 2);
}

static void
test_queue (AsyncFixture  *fixture,
            gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(Wire) wire = wire_new (fixture, ASTM_ROLE_INSTRUMENT);
  g_autoptr(AsabFuture) first = wire_send (wire, "H|1\rL\r");
  g_autoptr(AsabFuture) second = wire_send (wire, "H|2\rL\r");

  wire_expect (wire, ENQ);
  wire_say (wire, ACK);
  wire_expect_frame (wire, 1, "H|1\r");
  wire_say (wire, ACK);
  wire_expect_frame (wire, 2, "L\r");
  wire_say (wire, ACK);
  wire_expect (wire, EOT ENQ);
  wire_assert_sent (first);
  g_assert_false (asab_future_is_done (second));
  wire_say (wire, ACK);
  wire_expect_frame (wire, 1, "H|2\r");
  wire_say (wire, ACK ACK);
  async_run_ready (fixture);
  wire_assert_sent (second);
}

static void
test_frame_size (AsyncFixture  *fixture,
                 gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(Wire) wire = wire_new (fixture, ASTM_ROLE_INSTRUMENT);
  g_autoptr(AsabFuture) future = NULL;

  g_object_set (wire->link, "frame-size", 3, NULL);
  future = wire_send (wire, "abcd\rL\r");
  wire_expect (wire, ENQ);
  wire_say (wire, ACK);
  wire_expect_frame (wire, 1, "abc");
  wire_say (wire, ACK);
  wire_expect_frame (wire, 2, "d\r");
  wire_say (wire, ACK);
  wire_expect_frame (wire, 3, "L\r");
  asab_future_cancel (future);
}

static void
test_send_again (AsyncFixture  *fixture,
                 gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(Wire) wire = wire_new (fixture, ASTM_ROLE_INSTRUMENT);
  g_autoptr(AsabFuture) future = wire_send (wire, WIRE_MESSAGE);

  wire_expect (wire, ENQ);
  wire_say (wire, ACK);
  for (int i = 0; i < 5; i++)
    {
      wire_expect_frame (wire, 1, "H|\\^&\r");
      wire_say (wire, NAK);
    }
  wire_expect_frame (wire, 1, "H|\\^&\r");
  wire_say (wire, ACK);
  wire_expect_frame (wire, 2, "L|1|N\r");
  wire_say (wire, NAK);
  wire_expect_frame (wire, 2, "L|1|N\r");
  wire_say (wire, ACK);
  wire_expect (wire, EOT);
  wire_assert_sent (future);
  g_assert_cmpuint (astm_link_get_counters (wire->link)->n_repeats_sent, ==, 6);
}

/* After six times a frame is given up, and its message, but not the next one. */
static void
test_nak_storm (AsyncFixture  *fixture,
                gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(Wire) wire = wire_new (fixture, ASTM_ROLE_INSTRUMENT);
  g_autoptr(AsabFuture) refused = wire_send (wire, WIRE_MESSAGE);
  g_autoptr(AsabFuture) sent = wire_send (wire, WIRE_MESSAGE);

  wire_expect (wire, ENQ);
  wire_say (wire, ACK);
  for (int i = 0; i < 6; i++)
    {
      wire_expect_frame (wire, 1, "H|\\^&\r");
      wire_say (wire, NAK);
    }
  async_assert_error (refused, ASTM_ERROR, ASTM_ERROR_REFUSED);
  wire_expect (wire, EOT ENQ);
  wire_say (wire, ACK);
  wire_expect_frame (wire, 1, "H|\\^&\r");
  wire_say (wire, ACK);
  wire_expect_frame (wire, 2, "L|1|N\r");
  wire_say (wire, ACK);
  wire_assert_sent (sent);
}

static void
test_no_answer (AsyncFixture  *fixture,
                gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(Wire) wire = wire_new (fixture, ASTM_ROLE_INSTRUMENT);
  g_autoptr(AsabFuture) first = wire_send (wire, WIRE_MESSAGE);
  g_autoptr(AsabFuture) second = NULL;

  wire_expect (wire, ENQ);
  async_advance (fixture, 14.9);
  wire_expect (wire, "");
  async_advance (fixture, 0.2);
  wire_expect (wire, EOT);
  async_assert_error (first, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  wire_assert (wire, ASTM_LINK_NEUTRAL, "");

  second = wire_send (wire, WIRE_MESSAGE);
  async_advance (fixture, 10.1);
  wire_expect (wire, ENQ);
  wire_say (wire, ACK);
  wire_expect_frame (wire, 1, "H|\\^&\r");
  async_advance (fixture, 15.1);
  wire_expect (wire, EOT);
  async_assert_error (second, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  g_assert_cmpuint (astm_link_get_counters (wire->link)->n_timeouts, ==, 2);
}

static void
test_garbage (AsyncFixture  *fixture,
              gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(Wire) wire = wire_new (fixture, ASTM_ROLE_INSTRUMENT);
  g_autoptr(AsabFuture) future = wire_send (wire, WIRE_MESSAGE);

  wire_expect (wire, ENQ);
  wire_say (wire, "garbage\002\003" EOT);
  wire_expect (wire, "");
  wire_say (wire, ACK);
  wire_expect_frame (wire, 1, "H|\\^&\r");
  wire_say (wire, "garbage\002\003" ENQ);
  wire_expect (wire, "");
  wire_say (wire, ACK);
  wire_expect_frame (wire, 2, "L|1|N\r");
  wire_say (wire, ACK);
  wire_expect (wire, EOT);
  wire_assert_sent (future);
  g_assert_cmpuint (astm_link_get_counters (wire->link)->n_strays, ==, 20);
}

/* An answer that comes too late is not taken for that to the next enquiry: every reply would be one too early. */
static void
test_late_answer (AsyncFixture  *fixture,
                  gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(Wire) wire = wire_new (fixture, ASTM_ROLE_INSTRUMENT);
  g_autoptr(AsabFuture) first = wire_send (wire, WIRE_MESSAGE);
  g_autoptr(AsabFuture) second = wire_send (wire, WIRE_MESSAGE);

  wire_expect (wire, ENQ);
  wire_say (wire, ACK);
  wire_expect_frame (wire, 1, "H|\\^&\r");
  async_advance (fixture, 15.1);
  wire_expect (wire, EOT);
  wire_say (wire, ACK);
  wire_expect (wire, "");
  async_advance (fixture, 10.1);
  wire_take_message (wire);
  async_assert_error (first, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  wire_assert_sent (second);
}

static void
test_bad_messages (AsyncFixture  *fixture,
                   gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(Wire) wire = wire_new (fixture, ASTM_ROLE_INSTRUMENT);
  g_autoptr(AsabFuture) future = NULL;

  assert_refused (wire, "", ASTM_ERROR, ASTM_ERROR_INCOMPLETE);
  assert_refused (wire, "H\rL", ASTM_ERROR, ASTM_ERROR_INCOMPLETE);
  assert_refused (wire, "H\r\nL\r", ASTM_ERROR, ASTM_ERROR_CHARACTER);
  g_object_set (wire->link, "max-queue-length", 1, NULL);
  future = wire_send (wire, WIRE_MESSAGE);
  assert_refused (wire, WIRE_MESSAGE, ASAB_ERROR, ASAB_ERROR_NO_RESOURCES);
  asab_future_cancel (future);
}

static void
test_cancel (AsyncFixture  *fixture,
             gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(Wire) wire = wire_new (fixture, ASTM_ROLE_INSTRUMENT);
  g_autoptr(AsabFuture) first = wire_send (wire, WIRE_MESSAGE);
  g_autoptr(AsabFuture) second = wire_send (wire, WIRE_MESSAGE);

  asab_future_cancel (second);
  wire_take_message (wire);
  wire_expect (wire, EOT);
  wire_assert_sent (first);
  async_assert_error (second, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (astm_link_get_n_queued (wire->link), ==, 0);
}

static void
test_lost_connection (AsyncFixture  *fixture,
                      gconstpointer  data G_GNUC_UNUSED)
{
  static const char * const stages[] = { "", NAK, ENQ, ACK, ACK ACK, ACK NAK };

  for (gsize i = 0; i < G_N_ELEMENTS (stages); i++)
    {
      g_autoptr(Wire) wire = wire_new (fixture, ASTM_ROLE_INSTRUMENT);
      g_autoptr(AsabFuture) first = wire_send (wire, WIRE_MESSAGE);
      g_autoptr(AsabFuture) second = wire_send (wire, WIRE_MESSAGE);

      wire_say (wire, stages[i]);
      wire_hang_up (wire);
      async_assert_error (first, ASAB_ERROR, ASAB_ERROR_CLOSED);
      async_assert_error (second, ASAB_ERROR, ASAB_ERROR_CLOSED);
      assert_refused (wire, WIRE_MESSAGE, ASAB_ERROR, ASAB_ERROR_CLOSED);
      wire_assert (wire, ASTM_LINK_CLOSED, "");
    }
}

/* Somebody closes the channel, and does not tell the link. */
static void
test_closed_channel (AsyncFixture  *fixture,
                     gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(Wire) wire = wire_new (fixture, ASTM_ROLE_INSTRUMENT);
  g_autoptr(AsabFuture) first = wire_send (wire, WIRE_MESSAGE);
  g_autoptr(AsabFuture) second = wire_send (wire, WIRE_MESSAGE);

  asab_dispatcher_close (ASAB_DISPATCHER (wire->link));
  async_advance (fixture, 15.1);
  async_assert_error (first, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  async_assert_error (second, ASAB_ERROR, ASAB_ERROR_CLOSED);
  wire_assert (wire, ASTM_LINK_CLOSED, "");
}

/* Whoever hears of a state may close the link at once. */
static void
test_close_in_handler (AsyncFixture  *fixture,
                       gconstpointer  data G_GNUC_UNUSED)
{
  static const struct
  {
    AstmLinkState state;
    const char *replies;
  } cases[] = {
    { ASTM_LINK_ENQUIRING, "" },
    { ASTM_LINK_NEUTRAL, NAK },
    { ASTM_LINK_NEUTRAL, ENQ },
    { ASTM_LINK_SENDING, ACK },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(Wire) wire = wire_new (fixture, ASTM_ROLE_HOST);
      g_autoptr(AsabFuture) first = NULL;
      g_autoptr(AsabFuture) second = NULL;

      wire_close_in (wire, cases[i].state);
      first = wire_send (wire, WIRE_MESSAGE);
      second = wire_send (wire, WIRE_MESSAGE);
      wire_say (wire, cases[i].replies);
      async_assert_error (first, ASAB_ERROR, ASAB_ERROR_CLOSED);
      async_assert_error (second, ASAB_ERROR, ASAB_ERROR_CLOSED);
    }
}

/* A client has messages before it has a connection. */

static GSocket *
listen_somewhere (GSocketAddress **address)
{
  g_autoptr(GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr(GSocketAddress) any_port = g_inet_socket_address_new (loopback, 0);
  g_autoptr(GError) error = NULL;
  GSocket *socket = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, &error);

  g_assert_no_error (error);
  g_assert_true (g_socket_bind (socket, any_port, TRUE, &error));
  g_assert_true (g_socket_listen (socket, &error));
  *address = g_socket_get_local_address (socket, &error);
  g_assert_no_error (error);

  return socket;
}

static void
test_before_connection (AsyncFixture  *fixture,
                        gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(GSocketAddress) address = NULL;
  g_autoptr(GSocket) listener = listen_somewhere (&address);
  g_autoptr(GSocket) peer = NULL;
  g_autoptr(AstmLink) link = g_object_new (wire_link_get_type (), NULL);
  g_autoptr(GBytes) message = g_bytes_new_static (WIRE_MESSAGE, strlen (WIRE_MESSAGE));
  g_autoptr(AsabFuture) future = astm_link_send (link, message);
  char byte;

  g_assert_cmpint (astm_link_get_state (link), ==, ASTM_LINK_NEUTRAL);
  g_assert_true (asab_dispatcher_create_socket (ASAB_DISPATCHER (link), G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM,
                                                NULL));
  g_assert_true (asab_dispatcher_connect_to (ASAB_DISPATCHER (link), address, NULL));
  peer = g_socket_accept (listener, NULL, NULL);
  while (astm_link_get_state (link) == ASTM_LINK_NEUTRAL)
    g_main_context_iteration (fixture->context, TRUE);
  g_assert_cmpint (g_socket_receive (peer, &byte, 1, NULL, NULL), ==, 1);
  g_assert_cmpint (byte, ==, ENQ[0]);

  astm_link_close (link);
  async_assert_error (future, ASAB_ERROR, ASAB_ERROR_CLOSED);
}

static void
add_tests (void)
{
  async_test_add ("/astm/link/send/good", test_good);
  async_test_add ("/astm/link/send/queue", test_queue);
  async_test_add ("/astm/link/send/frame-size", test_frame_size);
  async_test_add ("/astm/link/send/again", test_send_again);
  async_test_add ("/astm/link/send/nak-storm", test_nak_storm);
  async_test_add ("/astm/link/send/no-answer", test_no_answer);
  async_test_add ("/astm/link/send/garbage", test_garbage);
  async_test_add ("/astm/link/send/late-answer", test_late_answer);
  async_test_add ("/astm/link/send/bad-messages", test_bad_messages);
  async_test_add ("/astm/link/send/cancel", test_cancel);
  async_test_add ("/astm/link/send/lost-connection", test_lost_connection);
  async_test_add ("/astm/link/send/closed-channel", test_closed_channel);
  async_test_add ("/astm/link/send/close-in-handler", test_close_in_handler);
  async_test_add ("/astm/link/send/before-connection", test_before_connection);
}

int
main (int    argc,
      char **argv)
{
  return async_test_run (argc, argv, add_tests);
}
