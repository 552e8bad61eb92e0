/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Who is responsible for a message. */

#include "astm-wire.h"

static void
test_refuse (AsyncFixture  *fixture,
             gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(Wire) wire = wire_new (fixture, ASTM_ROLE_HOST);

  wire->mood = WIRE_REFUSES;
  wire_say (wire, ENQ);
  wire_say_frame (wire, 1, "H\r");
  wire_say_frame (wire, 2, "L\r");
  wire_expect (wire, ACK ACK NAK);
  wire_assert (wire, ASTM_LINK_RECEIVING, "");

  wire->mood = WIRE_ACCEPTS;
  wire_say_frame (wire, 2, "L\r");
  wire_expect (wire, ACK);
  wire_assert (wire, ASTM_LINK_RECEIVING, "[H/L/]");
}

/* Says a message to a link that takes its time for it. */
static void
say_message (Wire *wire)
{
  wire->mood = WIRE_TAKES_TIME;
  wire_say (wire, ENQ);
  wire_say_frame (wire, 1, "H\r");
  wire_say_frame (wire, 2, "L\r");
  wire_expect (wire, ACK ACK);
  wire_assert (wire, ASTM_LINK_ACCEPTING, "[H/L/]");
}

static void
test_accept_later (AsyncFixture  *fixture,
                   gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(Wire) wire = wire_new (fixture, ASTM_ROLE_HOST);

  say_message (wire);
  wire_say (wire, "garbage\002");
  wire_expect (wire, "");
  asab_promise_reject_literal (wire->promise, G_IO_ERROR, G_IO_ERROR_NO_SPACE, "The disk is full");
  wire_expect (wire, NAK);
  wire_assert (wire, ASTM_LINK_RECEIVING, "");

  wire_say_frame (wire, 2, "L\r");
  wire_expect (wire, "");
  asab_promise_resolve (wire->promise, NULL);
  wire_expect (wire, ACK);
  wire_assert (wire, ASTM_LINK_RECEIVING, "[H/L/]");
}

/* The other side has given up; it is told that there is no time until the message is accepted after all. */
static void
test_accept_too_late (AsyncFixture  *fixture,
                      gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(Wire) wire = wire_new (fixture, ASTM_ROLE_HOST);

  say_message (wire);
  wire_say (wire, EOT);
  wire_assert (wire, ASTM_LINK_NEUTRAL, "");
  wire_say (wire, ENQ);
  wire_expect (wire, NAK);
  asab_promise_resolve (wire->promise, NULL);
  wire_expect (wire, "");
  wire_say (wire, ENQ);
  wire_expect (wire, ACK);
}

static void
test_accept_for_ever (AsyncFixture  *fixture,
                      gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(Wire) wire = wire_new (fixture, ASTM_ROLE_HOST);

  say_message (wire);
  wire_say (wire, ENQ);
  wire_expect (wire, NAK);
  wire_assert (wire, ASTM_LINK_NEUTRAL, "");
  asab_promise_resolve (wire->promise, NULL);
  async_run_ready (fixture);

  say_message (wire);
  async_advance (fixture, 30.1);
  wire_expect (wire, "");
  wire_assert (wire, ASTM_LINK_NEUTRAL, "");
  g_assert_cmpuint (astm_link_get_counters (wire->link)->n_messages_lost, ==, 2);
}

static void
test_lost_while_accepting (AsyncFixture  *fixture,
                           gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(Wire) wire = wire_new (fixture, ASTM_ROLE_HOST);

  say_message (wire);
  wire_hang_up (wire);
  wire_assert (wire, ASTM_LINK_CLOSED, "");
  asab_promise_resolve (wire->promise, NULL);
  async_run_ready (fixture);
  g_assert_cmpuint (astm_link_get_counters (wire->link)->n_messages_received, ==, 0);
}

static void
test_not_implemented (AsyncFixture  *fixture G_GNUC_UNUSED,
                      gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AstmLink) link = g_object_new (ASTM_TYPE_LINK, NULL);
  g_autoptr(GBytes) message = g_bytes_new_static ("H\rL\r", 4);
  g_autoptr(GError) error = NULL;

  g_assert_null (ASTM_LINK_GET_CLASS (link)->accept_message (link, message, &error));
  g_assert_error (error, ASAB_ERROR, ASAB_ERROR_NOT_IMPLEMENTED);
}

static void
add_tests (void)
{
  async_test_add ("/astm/link/accept/refuse", test_refuse);
  async_test_add ("/astm/link/accept/accept-later", test_accept_later);
  async_test_add ("/astm/link/accept/accept-too-late", test_accept_too_late);
  async_test_add ("/astm/link/accept/accept-for-ever", test_accept_for_ever);
  async_test_add ("/astm/link/accept/lost-while-accepting", test_lost_while_accepting);
  async_test_add ("/astm/link/accept/not-implemented", test_not_implemented);
}

int
main (int    argc,
      char **argv)
{
  return async_test_run (argc, argv, add_tests);
}
