/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Whose turn it is to send. */

#include "astm-wire.h"

#include <astm-message.h>
#include <string.h>
#include <unistd.h>

static void
test_busy (AsyncFixture  *fixture,
           gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(Wire) wire = wire_new (fixture, ASTM_ROLE_INSTRUMENT);
  g_autoptr(AsabFuture) future = wire_send (wire, WIRE_MESSAGE);

  wire_expect (wire, ENQ);
  wire_say (wire, NAK);
  wire_assert (wire, ASTM_LINK_NEUTRAL, "");
  async_advance (fixture, 9.9);
  wire_expect (wire, "");
  async_advance (fixture, 0.2);
  wire_take_message (wire);
  wire_expect (wire, EOT);
  wire_assert_sent (future);
}

static void
test_always_busy (AsyncFixture  *fixture,
                  gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(Wire) wire = wire_new (fixture, ASTM_ROLE_INSTRUMENT);
  g_autoptr(AsabFuture) future = wire_send (wire, WIRE_MESSAGE);

  for (int i = 0; i < 6; i++)
    {
      g_assert_false (asab_future_is_done (future));
      wire_expect (wire, ENQ);
      wire_say (wire, NAK);
      async_advance (fixture, 10.1);
    }
  wire_expect (wire, "");
  async_assert_error (future, ASTM_ERROR, ASTM_ERROR_BUSY);
  wire_assert (wire, ASTM_LINK_NEUTRAL, "");
}

/* Both want to send: the instrument asks again soon … */
static void
test_instrument_contends (AsyncFixture  *fixture,
                          gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(Wire) wire = wire_new (fixture, ASTM_ROLE_INSTRUMENT);
  g_autoptr(AsabFuture) future = wire_send (wire, WIRE_MESSAGE);

  wire_expect (wire, ENQ);
  wire_say (wire, ENQ);
  async_advance (fixture, 0.9);
  wire_expect (wire, "");
  async_advance (fixture, 0.2);
  wire_take_message (wire);
  wire_expect (wire, EOT);
  wire_assert_sent (future);
  g_assert_cmpuint (astm_link_get_counters (wire->link)->n_contentions, ==, 1);
}

/* … and the host waits until it had its turn … */
static void
test_host_contends (AsyncFixture  *fixture,
                    gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(Wire) wire = wire_new (fixture, ASTM_ROLE_HOST);
  g_autoptr(AsabFuture) future = wire_send (wire, WIRE_MESSAGE);

  wire_expect (wire, ENQ);
  wire_say (wire, ENQ);
  async_advance (fixture, 1);
  wire_expect (wire, "");
  wire_say (wire, ENQ);
  wire_say_frame (wire, 1, "H\rL\r");
  wire_expect (wire, ACK ACK);
  wire_assert (wire, ASTM_LINK_RECEIVING, "[H/L/]");
  wire_say (wire, EOT);
  wire_take_message (wire);
  wire_expect (wire, EOT);
  wire_assert_sent (future);
}

/* … but not for ever. */
static void
test_host_yields (AsyncFixture  *fixture,
                  gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(Wire) wire = wire_new (fixture, ASTM_ROLE_HOST);
  g_autoptr(AsabFuture) future = wire_send (wire, WIRE_MESSAGE);

  wire_expect (wire, ENQ);
  wire_say (wire, ENQ);
  async_advance (fixture, 19.9);
  wire_expect (wire, "");
  async_advance (fixture, 0.2);
  wire_take_message (wire);
  wire_assert_sent (future);
}

/* While the other side sends, and after it, nothing gets lost. */
static void
test_send_while_receiving (AsyncFixture  *fixture,
                           gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(Wire) wire = wire_new (fixture, ASTM_ROLE_HOST);
  g_autoptr(AsabFuture) future = NULL;

  wire_say (wire, ENQ);
  future = wire_send (wire, WIRE_MESSAGE);
  wire_expect (wire, ACK);
  wire_say_frame (wire, 1, "H\rL\r");
  wire_expect (wire, ACK);
  wire_say (wire, EOT);
  wire_take_message (wire);
  wire_assert_sent (future);
}

/* The other side has something urgent: it is heard after this message. */
static void
test_interrupt (AsyncFixture  *fixture,
                gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(Wire) wire = wire_new (fixture, ASTM_ROLE_INSTRUMENT);
  g_autoptr(AsabFuture) first = wire_send (wire, WIRE_MESSAGE);
  g_autoptr(AsabFuture) second = wire_send (wire, WIRE_MESSAGE);
  g_autoptr(AsabFuture) third = wire_send (wire, WIRE_MESSAGE);

  wire_expect (wire, ENQ);
  wire_say (wire, ACK);
  wire_expect_frame (wire, 1, "H|\\^&\r");
  wire_say (wire, EOT);
  wire_expect_frame (wire, 2, "L|1|N\r");
  wire_say (wire, ACK);
  wire_expect (wire, EOT);
  wire_assert_sent (first);
  wire_say (wire, ENQ);
  wire_expect (wire, ACK);
  wire_say (wire, EOT);

  wire_expect (wire, ENQ);
  wire_say (wire, ACK);
  wire_expect_frame (wire, 1, "H|\\^&\r");
  wire_say (wire, ACK);
  wire_expect_frame (wire, 2, "L|1|N\r");
  wire_say (wire, EOT);
  wire_assert_sent (second);
  wire_expect (wire, EOT);
  async_advance (fixture, 14.9);
  wire_expect (wire, "");
  async_advance (fixture, 0.2);
  wire_take_message (wire);
  wire_assert_sent (third);
}

/* Two links, one of each role, want to send at the same time, and each of them does. */

static void
carry (Wire *from,
       Wire *to)
{
  char buffer[4096];
  gssize n;

  async_run_ready (from->fixture);
  while ((n = read (from->peer, buffer, sizeof buffer)) > 0)
    wire_write (to, buffer, (gsize) n);
}

static void
test_both_roles (AsyncFixture  *fixture,
                 gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(Wire) host = wire_new (fixture, ASTM_ROLE_HOST);
  g_autoptr(Wire) instrument = wire_new (fixture, ASTM_ROLE_INSTRUMENT);
  g_autoptr(AsabFuture) order = wire_send (host, "H|order\rL\r");
  g_autoptr(AsabFuture) result = wire_send (instrument, "H|result\rL\r");

  for (int i = 0; i < 40; i++)
    {
      carry (host, instrument);
      carry (instrument, host);
      async_advance (fixture, 0.1);
    }
  wire_assert_sent (order);
  wire_assert_sent (result);
  wire_assert (host, ASTM_LINK_NEUTRAL, "[H|result/L/]");
  wire_assert (instrument, ASTM_LINK_NEUTRAL, "[H|order/L/]");
  g_assert_cmpuint (astm_link_get_counters (host->link)->n_contentions, ==, 1);
}

/* Whole messages arrive as they were sent. */

static GBytes *
load_sample (const char *name)
{
  g_autofree char *path = g_build_filename (ASTM_SAMPLES, name, NULL);
  g_autoptr(AstmMessage) message = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *text = NULL;
  gsize size;

  g_file_get_contents (path, &text, &size, &error);
  g_assert_no_error (error);
  message = astm_message_parse (text, size, &error);
  g_assert_no_error (error);

  return astm_message_encode (message, ASTM_CHARSET_UTF8);
}

static void
test_samples (AsyncFixture  *fixture,
              gconstpointer  data G_GNUC_UNUSED)
{
  static const char * const names[] = { "chemistry.astm", "comments.astm", "haematology.astm", "query.astm" };
  g_autoptr(Wire) host = wire_new (fixture, ASTM_ROLE_HOST);
  g_autoptr(Wire) instrument = wire_new (fixture, ASTM_ROLE_INSTRUMENT);

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr(GBytes) message = load_sample (names[i]);
      g_autofree char *text = g_strndup (g_bytes_get_data (message, NULL), g_bytes_get_size (message));
      g_autofree char *expected = g_strdup_printf ("[%s]", g_strdelimit (text, "\r", '/'));
      g_autoptr(AsabFuture) future = astm_link_send (instrument->link, message);

      while (!asab_future_is_done (future))
        {
          carry (instrument, host);
          carry (host, instrument);
        }
      wire_assert_sent (future);
      carry (instrument, host);
      wire_assert (host, ASTM_LINK_NEUTRAL, expected);
    }
  g_assert_cmpuint (astm_link_get_counters (instrument->link)->n_repeats_sent, ==, 0);
}

static void
add_tests (void)
{
  async_test_add ("/astm/link/turns/busy", test_busy);
  async_test_add ("/astm/link/turns/always-busy", test_always_busy);
  async_test_add ("/astm/link/turns/instrument-contends", test_instrument_contends);
  async_test_add ("/astm/link/turns/host-contends", test_host_contends);
  async_test_add ("/astm/link/turns/host-yields", test_host_yields);
  async_test_add ("/astm/link/turns/while-receiving", test_send_while_receiving);
  async_test_add ("/astm/link/turns/interrupt", test_interrupt);
  async_test_add ("/astm/link/turns/both-roles", test_both_roles);
  async_test_add ("/astm/link/turns/samples", test_samples);
}

int
main (int    argc,
      char **argv)
{
  return async_test_run (argc, argv, add_tests);
}
