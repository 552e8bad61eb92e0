/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a link makes of the frames that it receives. */

#include "astm-wire.h"

#include <astm-frame.h>
#include <string.h>

static void
test_good (AsyncFixture  *fixture,
           gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(Wire) wire = wire_new (fixture, ASTM_ROLE_HOST);
  const AstmLinkCounters *counters = astm_link_get_counters (wire->link);

  wire_say (wire, ENQ);
  wire_expect (wire, ACK);
  wire_assert (wire, ASTM_LINK_RECEIVING, "");
  wire_say_frame (wire, 1, "H|\\^&\r");
  wire_expect (wire, ACK);
  wire_assert (wire, ASTM_LINK_RECEIVING, "");
  wire_say_frame (wire, 2, "L|1|N\r");
  wire_expect (wire, ACK);
  wire_assert (wire, ASTM_LINK_RECEIVING, "[H|\\^&/L|1|N/]");
  wire_say (wire, EOT);
  wire_expect (wire, "");
  wire_assert (wire, ASTM_LINK_NEUTRAL, "");

  g_assert_cmpuint (counters->n_messages_received, ==, 1);
  g_assert_cmpuint (counters->n_frames_received, ==, 2);
  g_assert_cmpuint (counters->n_messages_lost, ==, 0);
  g_assert_cmpuint (counters->n_strays, ==, 0);
}

/* The numbers go from 7 to 0, and a record may go on in the next frame. */
static void
test_many_frames (AsyncFixture  *fixture,
                  gconstpointer  data G_GNUC_UNUSED)
{
  static const char * const texts[] = { "H\r", "P", "|1", "\r", "O\r", "R\r", "R\r", "R\r", "", "C", "\r", "L\r" };
  g_autoptr(Wire) wire = wire_new (fixture, ASTM_ROLE_HOST);

  wire_say (wire, ENQ);
  wire_expect (wire, ACK);
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      wire_say_frame (wire, (i + 1) % 8, texts[i]);
      wire_expect (wire, ACK);
    }
  wire_assert (wire, ASTM_LINK_RECEIVING, "[H/P|1/O/R/R/R/C/L/]");
}

static void
test_byte_by_byte (AsyncFixture  *fixture,
                   gconstpointer  data G_GNUC_UNUSED)
{
  static const char bytes[] = ENQ "\0021H\r\00389\r\n" "\0022L\r\0038E\r\n" EOT;
  g_autoptr(Wire) wire = wire_new (fixture, ASTM_ROLE_HOST);

  for (gsize i = 0; i < strlen (bytes); i++)
    wire_write (wire, bytes + i, 1);
  wire_expect (wire, ACK ACK ACK);
  wire_assert (wire, ASTM_LINK_NEUTRAL, "[H/L/]");
}

/* Several messages may come in a session, or several records in a frame. */
static void
test_several_messages (AsyncFixture  *fixture,
                       gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(Wire) wire = wire_new (fixture, ASTM_ROLE_HOST);

  wire_say (wire, ENQ);
  wire_say_frame (wire, 1, "H\rP|1\rL|1\r");
  wire_say_frame (wire, 2, "H\r");
  wire_say_frame (wire, 3, "l|1|N\r");
  wire_say (wire, EOT);
  wire_expect (wire, ACK ACK ACK ACK);
  wire_assert (wire, ASTM_LINK_NEUTRAL, "[H/P|1/L|1/][H/l|1|N/]");
}

static void
test_bad_checksum (AsyncFixture  *fixture,
                   gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(Wire) wire = wire_new (fixture, ASTM_ROLE_HOST);

  wire_say (wire, ENQ);
  wire_say (wire, "\0021H\r\00300\r\n");
  wire_expect (wire, ACK NAK);
  wire_say_frame (wire, 1, "H\r");
  wire_say (wire, "\0022L\n\0038B\r\n");
  wire_expect (wire, ACK NAK);
  wire_say_frame (wire, 2, "L\r");
  wire_expect (wire, ACK);
  wire_assert (wire, ASTM_LINK_RECEIVING, "[H/L/]");
  g_assert_cmpuint (astm_link_get_counters (wire->link)->n_naks_sent, ==, 2);
}

static void
test_wrong_number (AsyncFixture  *fixture,
                   gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(Wire) wire = wire_new (fixture, ASTM_ROLE_HOST);

  wire_say (wire, ENQ);
  wire_expect (wire, ACK);
  wire_say_frame (wire, 0, "H\r");
  wire_say_frame (wire, 2, "H\r");
  wire_expect (wire, NAK NAK);
  wire_say_frame (wire, 1, "H\r");
  wire_expect (wire, ACK);
  wire_say_frame (wire, 3, "L\r");
  wire_expect (wire, NAK);
  wire_say_frame (wire, 2, "L\r");
  wire_expect (wire, ACK);
  wire_assert (wire, ASTM_LINK_RECEIVING, "[H/L/]");
}

/* The sender has not heard the acknowledgement. */
static void
test_repeated_frame (AsyncFixture  *fixture,
                     gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(Wire) wire = wire_new (fixture, ASTM_ROLE_HOST);

  wire_say (wire, ENQ);
  wire_say_frame (wire, 1, "H\r");
  wire_say_frame (wire, 1, "H\r");
  wire_say_frame (wire, 2, "L\r");
  wire_say_frame (wire, 2, "L\r");
  wire_expect (wire, ACK ACK ACK ACK ACK);
  wire_assert (wire, ASTM_LINK_RECEIVING, "[H/L/]");
  g_assert_cmpuint (astm_link_get_counters (wire->link)->n_repeats_received, ==, 2);
}

static void
test_time_out (AsyncFixture  *fixture,
               gconstpointer  data G_GNUC_UNUSED)
{
  static const char * const stages[] = { ENQ, ENQ "\0021H\r\00389\r\n", ENQ "\0021H" };
  g_autoptr(Wire) wire = wire_new (fixture, ASTM_ROLE_HOST);

  for (gsize i = 0; i < G_N_ELEMENTS (stages); i++)
    {
      wire_say (wire, stages[i]);
      async_advance (fixture, 29.9);
      wire_assert (wire, ASTM_LINK_RECEIVING, "");
      async_advance (fixture, 0.2);
      wire_assert (wire, ASTM_LINK_NEUTRAL, "");
      g_assert_cmpuint (astm_link_get_counters (wire->link)->n_timeouts, ==, i + 1);
    }
}

/* Bytes that come without an end do not put the time-out off, and are not kept. */
static void
test_endless_frame (AsyncFixture  *fixture,
                    gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(Wire) wire = wire_new (fixture, ASTM_ROLE_HOST);
  g_autofree char *much = g_strnfill (100000, 'x');

  wire_say (wire, ENQ "\0021");
  for (int i = 0; i < 10; i++)
    wire_say (wire, much);
  wire_say (wire, "\n");
  wire_expect (wire, ACK NAK);

  wire_say (wire, "\002");
  for (int i = 0; i < 31; i++)
    {
      wire_say (wire, much);
      async_advance (fixture, 1);
    }
  wire_expect (wire, "");
  wire_assert (wire, ASTM_LINK_NEUTRAL, "");
}

/* A frame of LIS1-A's size is taken, one byte more is not. */
static void
test_large_frame (AsyncFixture  *fixture,
                  gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(Wire) wire = wire_new (fixture, ASTM_ROLE_HOST);
  g_autofree char *text = g_strnfill (ASTM_FRAME_TEXT_MAX_LARGE + 1, 'x');

  wire_say (wire, ENQ);
  wire_say_frame (wire, 1, text);
  wire_expect (wire, ACK NAK);
  wire_say_frame (wire, 1, text + 1);
  wire_expect (wire, ACK);
}

static void
test_large_message (AsyncFixture  *fixture,
                    gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(Wire) wire = wire_new (fixture, ASTM_ROLE_HOST);

  g_object_set (wire->link, "max-message-size", 6, NULL);
  wire_say (wire, ENQ);
  wire_say_frame (wire, 1, "12345");
  wire_expect (wire, ACK ACK);
  wire_say_frame (wire, 2, "\rL\r");
  wire_expect (wire, NAK);
  wire_say (wire, EOT ENQ);
  wire_say_frame (wire, 1, "1\rL\r");
  wire_expect (wire, ACK ACK);
  wire_assert (wire, ASTM_LINK_RECEIVING, "[1/L/]");
}

static void
test_broken_off (AsyncFixture  *fixture,
                 gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(Wire) wire = wire_new (fixture, ASTM_ROLE_HOST);

  wire_say (wire, ENQ);
  wire_say_frame (wire, 1, "H\r");
  wire_say (wire, EOT);
  wire_expect (wire, ACK ACK);
  wire_assert (wire, ASTM_LINK_NEUTRAL, "");
  g_assert_cmpuint (astm_link_get_counters (wire->link)->n_messages_lost, ==, 1);

  wire_say (wire, ENQ "\0021H" EOT);
  wire_expect (wire, ACK);
  wire_assert (wire, ASTM_LINK_NEUTRAL, "");
}

/* Who asks for a session has forgotten the one before. */
static void
test_begin_anew (AsyncFixture  *fixture,
                 gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(Wire) wire = wire_new (fixture, ASTM_ROLE_HOST);

  wire_say (wire, ENQ);
  wire_say_frame (wire, 1, "H|lost\r");
  wire_say (wire, ENQ);
  wire_say (wire, "\0021H|cut off" ENQ);
  wire_say_frame (wire, 1, "H|good\r");
  wire_say_frame (wire, 2, "L\r");
  wire_expect (wire, ACK ACK ACK ACK ACK ACK);
  wire_assert (wire, ASTM_LINK_RECEIVING, "[H|good/L/]");
}

static void
test_garbage (AsyncFixture  *fixture,
              gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(Wire) wire = wire_new (fixture, ASTM_ROLE_HOST);

  wire_say (wire, "garbage" ACK NAK EOT "\002\003\r\n");
  wire_expect (wire, "");
  wire_assert (wire, ASTM_LINK_NEUTRAL, "");
  g_assert_cmpuint (astm_link_get_counters (wire->link)->n_strays, ==, 14);

  wire_say (wire, ENQ "garbage\r\n" ACK);
  wire_say_frame (wire, 1, "H\r");
  wire_say (wire, NAK "garbage");
  wire_say (wire, "\0022cut off");
  wire_say_frame (wire, 2, "L\r");
  wire_expect (wire, ACK ACK ACK);
  wire_assert (wire, ASTM_LINK_RECEIVING, "[H/L/]");
}

static void
test_lost_connection (AsyncFixture  *fixture,
                      gconstpointer  data G_GNUC_UNUSED)
{
  static const char * const stages[] = { "", ENQ, ENQ "\0021H\r\00389\r\n", ENQ "\0021H" };

  for (gsize i = 0; i < G_N_ELEMENTS (stages); i++)
    {
      g_autoptr(Wire) wire = wire_new (fixture, ASTM_ROLE_HOST);

      wire_say (wire, stages[i]);
      wire_hang_up (wire);
      wire_assert (wire, ASTM_LINK_CLOSED, "");
    }
}

/* Whoever hears of a state may close the link at once. */
static void
test_close_in_handler (AsyncFixture  *fixture,
                       gconstpointer  data G_GNUC_UNUSED)
{
  for (AstmLinkState state = ASTM_LINK_RECEIVING; state <= ASTM_LINK_ACCEPTING; state++)
    {
      g_autoptr(Wire) wire = wire_new (fixture, ASTM_ROLE_HOST);

      wire_close_in (wire, state);
      wire_say (wire, state == ASTM_LINK_ACCEPTING ? ENQ : ENQ "\002");
      if (state == ASTM_LINK_ACCEPTING)
        wire_say_frame (wire, 1, "L\r");
      wire_assert (wire, ASTM_LINK_CLOSED, "");
    }
}

static void
test_properties (AsyncFixture  *fixture,
                 gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(Wire) wire = wire_new (fixture, ASTM_ROLE_INSTRUMENT);
  AstmRole role;
  guint frame_size;
  guint max_message_size;
  guint max_queue_length;
  double reply_timeout;
  double interrupt_delay;

  g_object_set (wire->link, "frame-size", 100, "max-message-size", 200, "max-queue-length", 3, "reply-timeout", 4.5,
                NULL);
  g_object_get (wire->link, "role", &role, "frame-size", &frame_size, "max-message-size", &max_message_size,
                "max-queue-length", &max_queue_length, "reply-timeout", &reply_timeout,
                "interrupt-delay", &interrupt_delay, NULL);
  g_assert_cmpint (role, ==, ASTM_ROLE_INSTRUMENT);
  g_assert_cmpuint (frame_size, ==, 100);
  g_assert_cmpuint (max_message_size, ==, 200);
  g_assert_cmpuint (max_queue_length, ==, 3);
  g_assert_cmpfloat (reply_timeout, ==, 4.5);
  g_assert_cmpfloat (interrupt_delay, ==, 15);
}

static void
add_tests (void)
{
  async_test_add ("/astm/link/receive/good", test_good);
  async_test_add ("/astm/link/receive/many-frames", test_many_frames);
  async_test_add ("/astm/link/receive/byte-by-byte", test_byte_by_byte);
  async_test_add ("/astm/link/receive/several-messages", test_several_messages);
  async_test_add ("/astm/link/receive/bad-checksum", test_bad_checksum);
  async_test_add ("/astm/link/receive/wrong-number", test_wrong_number);
  async_test_add ("/astm/link/receive/repeated-frame", test_repeated_frame);
  async_test_add ("/astm/link/receive/time-out", test_time_out);
  async_test_add ("/astm/link/receive/endless-frame", test_endless_frame);
  async_test_add ("/astm/link/receive/large-frame", test_large_frame);
  async_test_add ("/astm/link/receive/large-message", test_large_message);
  async_test_add ("/astm/link/receive/broken-off", test_broken_off);
  async_test_add ("/astm/link/receive/begin-anew", test_begin_anew);
  async_test_add ("/astm/link/receive/garbage", test_garbage);
  async_test_add ("/astm/link/receive/lost-connection", test_lost_connection);
  async_test_add ("/astm/link/receive/close-in-handler", test_close_in_handler);
  async_test_add ("/astm/link/receive/properties", test_properties);
}

int
main (int    argc,
      char **argv)
{
  return async_test_run (argc, argv, add_tests);
}
