/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "async-fixture.h"
#include "tls-files.h"
#include "tls-peer.h"

#include <string.h>
#include <sys/socket.h>

/* A server that shows its certificate, and a client that wants to see one of the authority. */
static void
set_up (PeerServer *server,
        Peer      **client)
{
  g_autoptr(AsabTlsContext) server_context = peer_new_context ("server", NULL, ASAB_TLS_VERIFY_DEFAULT);
  g_autoptr(AsabTlsContext) client_context = peer_new_context (NULL, "authority", ASAB_TLS_VERIFY_DEFAULT);

  peer_server_start (server, server_context);
  *client = peer_connect (server, client_context);
}

static int
get_fd (Peer *peer)
{
  return g_socket_get_fd (asab_dispatcher_get_socket (ASAB_DISPATCHER (peer)));
}

static void
test_echo (AsyncFixture  *fixture G_GNUC_UNUSED,
           gconstpointer  data G_GNUC_UNUSED)
{
  PeerServer server = { .sample.is_echo = TRUE };
  Peer *client;
  GTlsCertificate *certificate;
  g_autofree char *name = NULL;

  set_up (&server, &client);
  g_assert_false (asab_dispatcher_is_connected (ASAB_DISPATCHER (client)));
  g_assert_false (asab_dispatcher_is_secure (ASAB_DISPATCHER (client)));
  g_assert_null (asab_dispatcher_get_peer_certificate (ASAB_DISPATCHER (client)));
  peer_push (client, "before, ");
  peer_wait_events (client, "connect;");
  peer_push (client, "after");
  peer_wait_received (client, strlen ("before, after"));
  g_assert_cmpstr (client->received->str, ==, "before, after");

  g_assert_true (asab_dispatcher_is_secure (ASAB_DISPATCHER (client)));
  g_assert_true (asab_dispatcher_is_secure (ASAB_DISPATCHER (peer_server_get (&server, 0))));
  g_assert_null (asab_dispatcher_get_peer_certificate (ASAB_DISPATCHER (peer_server_get (&server, 0))));
  certificate = asab_dispatcher_get_peer_certificate (ASAB_DISPATCHER (client));
  name = g_tls_certificate_get_subject_name (certificate);
  g_assert_cmpstr (name, ==, "CN=server");

  peer_free (client);
  peer_wait_events (peer_server_get (&server, 0), "connect;close;");
  peer_server_stop (&server);
  peer_wait_end ();
}

/* More than all buffers hold, in both directions at once. */
static void
test_many_bytes (AsyncFixture  *fixture G_GNUC_UNUSED,
                 gconstpointer  data G_GNUC_UNUSED)
{
  const gsize size = 10 * 1024 * 1024;
  g_autofree guint8 *sent = g_malloc (size);
  PeerServer server = { .sample.is_echo = TRUE };
  g_autoptr(GError) error = NULL;
  Peer *client;

  for (gsize i = 0; i < size; i++)
    sent[i] = (guint8) (i * 7 + i / 251);

  set_up (&server, &client);
  peer_wait_events (client, "connect;");
  asab_async_chat_push (ASAB_ASYNC_CHAT (client), sent, size, &error);
  g_assert_no_error (error);
  peer_wait_received (client, size);
  g_assert_cmpmem (client->received->str, client->received->len, sent, size);

  peer_free (client);
  peer_server_stop (&server);
  peer_wait_end ();
}

/* What TLS has decrypted already is offered though nothing arrives any more. */
static void
test_one_byte_at_a_time (AsyncFixture  *fixture G_GNUC_UNUSED,
                         gconstpointer  data G_GNUC_UNUSED)
{
  g_autofree char *text = g_strnfill (20000, 'x');
  PeerServer server = { .sample = { .is_echo = TRUE, .read_size = 1 } };
  Peer *client;

  set_up (&server, &client);
  client->read_size = 1;
  peer_wait_events (client, "connect;");
  text[17000] = 'y';
  peer_push (client, text);
  peer_wait_received (client, strlen (text));
  g_assert_cmpstr (client->received->str, ==, text);

  peer_free (client);
  peer_server_stop (&server);
  peer_wait_end ();
}

/* Each piece is a record of TLS. */
static void
test_split_terminators (AsyncFixture  *fixture,
                        gconstpointer  data G_GNUC_UNUSED)
{
  static const char * const pieces[] = { "one\r", "\ntwo\r\n", "\r", "\n", "rest\r", "end\r\n" };
  PeerServer server = { .sample.is_echo = FALSE };
  Peer *client;
  Peer *peer;

  set_up (&server, &client);
  peer = peer_server_get (&server, 0);
  asab_async_chat_set_terminator (ASAB_ASYNC_CHAT (peer), "\r\n");
  peer_wait_events (client, "connect;");
  for (gsize i = 0; i < G_N_ELEMENTS (pieces); i++)
    {
      peer_push (client, pieces[i]);
      async_run_ready (fixture);
    }
  peer_wait_received (peer, strlen ("one|two||rest\rend|"));
  g_assert_cmpstr (peer->received->str, ==, "one|two||rest\rend|");

  peer_free (client);
  peer_server_stop (&server);
  peer_wait_end ();
}

/* The readers stop, and the sender is done with its part: it arrives all the same. */
static void
test_close_when_done (AsyncFixture  *fixture G_GNUC_UNUSED,
                      gconstpointer  data G_GNUC_UNUSED)
{
  g_autofree char *text = g_strnfill (8 * 1024 * 1024, 'z');
  PeerServer server = { .sample.is_echo = FALSE };
  Peer *client;
  Peer *peer;

  set_up (&server, &client);
  peer = peer_server_get (&server, 0);
  peer_wait_events (client, "connect;");
  peer_push (client, text);
  g_assert_true (asab_async_chat_close_when_done (ASAB_ASYNC_CHAT (client), NULL));
  peer_wait_events (peer, "connect;close;");
  g_assert_cmpuint (peer->received->len, ==, strlen (text));
  g_assert_cmpstr (client->events->str, ==, "connect;close;");

  peer_free (client);
  peer_server_stop (&server);
  peer_wait_end ();
}

/* What counts as sent is delivered though there was no room for it when the channel was closed. */
static void
test_close_with_full_socket (AsyncFixture  *fixture G_GNUC_UNUSED,
                             gconstpointer  data G_GNUC_UNUSED)
{
  g_autofree guint8 *bytes = g_malloc0 (16 * 1024 * 1024);
  PeerServer server = { .sample.is_echo = FALSE };
  g_autoptr(GError) error = NULL;
  Peer *client;
  Peer *peer;
  gssize sent;

  set_up (&server, &client);
  peer = peer_server_get (&server, 0);
  peer_wait_events (client, "connect;");
  sent = asab_dispatcher_send (ASAB_DISPATCHER (client), bytes, 16 * 1024 * 1024, &error);
  g_assert_no_error (error);
  g_assert_cmpint (sent, >, 0);
  g_assert_cmpint (sent, <, 16 * 1024 * 1024);
  peer_free (client);
  peer_wait_events (peer, "connect;close;");
  g_assert_cmpuint (peer->received->len, ==, (gsize) sent);

  peer_server_stop (&server);
  peer_wait_end ();
}

/* Who reads nothing does not keep the end of a channel for ever. */
static void
test_close_with_deaf_peer (AsyncFixture  *fixture,
                           gconstpointer  data G_GNUC_UNUSED)
{
  g_autofree guint8 *bytes = g_malloc0 (16 * 1024 * 1024);
  PeerServer server = { .sample.is_echo = FALSE };
  g_autoptr(GSocket) socket = NULL;
  Peer *client;
  Peer *peer;

  set_up (&server, &client);
  peer = peer_server_get (&server, 0);
  peer_wait_events (client, "connect;");
  peer_wait_events (peer, "connect;");
  client->is_deaf = TRUE;
  asab_dispatcher_update_interest (ASAB_DISPATCHER (client));
  async_run_ready (fixture);
  socket = g_object_ref (asab_dispatcher_get_socket (ASAB_DISPATCHER (peer)));
  g_assert_cmpint (asab_dispatcher_send (ASAB_DISPATCHER (peer), bytes, 16 * 1024 * 1024, NULL), >, 0);
  asab_dispatcher_close (ASAB_DISPATCHER (peer));
  async_run_ready (fixture);
  g_assert_false (g_socket_is_closed (socket));
  async_advance (fixture, 11);
  while (!g_socket_is_closed (socket))
    g_main_context_iteration (fixture->context, TRUE);

  peer_free (client);
  peer_server_stop (&server);
  peer_wait_end ();
}

static void
test_goodbye (AsyncFixture  *fixture G_GNUC_UNUSED,
              gconstpointer  data G_GNUC_UNUSED)
{
  PeerServer server = { .sample.is_echo = FALSE };
  Peer *client;
  Peer *peer;

  set_up (&server, &client);
  peer = peer_server_get (&server, 0);
  peer_wait_events (client, "connect;");
  peer_push (client, "last words");
  asab_dispatcher_close (ASAB_DISPATCHER (client));
  peer_wait_events (peer, "connect;close;");
  g_assert_cmpstr (peer->received->str, ==, "last words");

  peer_free (client);
  peer_server_stop (&server);
  peer_wait_end ();
}

/* An end without a goodbye may be the work of somebody else. */
static void
test_truncation (AsyncFixture  *fixture G_GNUC_UNUSED,
                 gconstpointer  data G_GNUC_UNUSED)
{
  PeerServer server = { .sample.is_echo = FALSE };
  Peer *client;
  Peer *peer;

  set_up (&server, &client);
  peer = peer_server_get (&server, 0);
  peer_wait_events (client, "connect;");
  peer_push (client, "last wo");
  shutdown (get_fd (client), SHUT_WR);
  peer_wait_events (peer, "connect;error;");
  g_assert_error (peer->error, G_TLS_ERROR, G_TLS_ERROR_EOF);
  g_assert_cmpstr (peer->received->str, ==, "last wo");

  peer_free (client);
  peer_server_stop (&server);
  peer_wait_end ();
}

static void
close_at_read_cb (Peer       *self,
                  const char *event)
{
  if (g_str_equal (event, "read"))
    asab_dispatcher_close (ASAB_DISPATCHER (self));
}

static void
close_at_connect_cb (Peer       *self,
                     const char *event)
{
  if (g_str_equal (event, "connect"))
    asab_dispatcher_close (ASAB_DISPATCHER (self));
}

static void
test_close_in_handler (AsyncFixture  *fixture G_GNUC_UNUSED,
                       gconstpointer  data G_GNUC_UNUSED)
{
  PeerServer reader = { .sample = { .hook = close_at_read_cb, .read_size = 1 } };
  PeerServer greeter = { .sample = { .hook = close_at_connect_cb } };
  Peer *client;

  set_up (&reader, &client);
  peer_push (client, "hello");
  peer_wait_events (client, "connect;close;");
  g_assert_cmpstr (peer_server_get (&reader, 0)->received->str, ==, "h");
  peer_free (client);
  peer_server_stop (&reader);

  set_up (&greeter, &client);
  peer_wait_events (client, "connect;close;");
  g_assert_cmpstr (peer_server_get (&greeter, 0)->events->str, ==, "connect;");
  peer_free (client);
  peer_server_stop (&greeter);
  peer_wait_end ();
}

/* A protocol that begins in plain text. */
static void
test_upgrade (AsyncFixture  *fixture G_GNUC_UNUSED,
              gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabTlsContext) server_context = peer_new_context ("server", NULL, ASAB_TLS_VERIFY_DEFAULT);
  g_autoptr(AsabTlsContext) client_context = peer_new_context (NULL, "authority", ASAB_TLS_VERIFY_DEFAULT);
  PeerServer server = { .sample.is_echo = FALSE };
  g_autoptr(GError) error = NULL;
  Peer *client;
  Peer *peer;

  peer_server_start (&server, NULL);
  client = peer_connect (&server, NULL);
  peer = peer_server_get (&server, 0);
  peer_push (client, "STARTTLS");
  peer_wait_received (peer, strlen ("STARTTLS"));
  g_assert_true (asab_dispatcher_start_tls_server (ASAB_DISPATCHER (peer), server_context, &error));
  g_assert_true (asab_dispatcher_start_tls_client (ASAB_DISPATCHER (client), client_context, "server.test", &error));
  g_assert_false (asab_dispatcher_start_tls_client (ASAB_DISPATCHER (client), client_context, "server.test", &error));
  g_assert_error (error, ASAB_ERROR, ASAB_ERROR_ALREADY_STARTED);
  peer_wait_events (client, "connect;connect;");
  peer_push (client, "secret");
  peer_wait_received (peer, strlen ("STARTTLSsecret"));
  g_assert_cmpstr (peer->received->str, ==, "STARTTLSsecret");

  peer_free (client);
  peer_server_stop (&server);
  peer_wait_end ();
}

static void
add_tests (void)
{
  async_test_add ("/asab/tls/echo", test_echo);
  async_test_add ("/asab/tls/many-bytes", test_many_bytes);
  async_test_add ("/asab/tls/one-byte-at-a-time", test_one_byte_at_a_time);
  async_test_add ("/asab/tls/split-terminators", test_split_terminators);
  async_test_add ("/asab/tls/close-when-done", test_close_when_done);
  async_test_add ("/asab/tls/close-with-full-socket", test_close_with_full_socket);
  async_test_add ("/asab/tls/close-with-deaf-peer", test_close_with_deaf_peer);
  async_test_add ("/asab/tls/goodbye", test_goodbye);
  async_test_add ("/asab/tls/truncation", test_truncation);
  async_test_add ("/asab/tls/close-in-handler", test_close_in_handler);
  async_test_add ("/asab/tls/upgrade", test_upgrade);
}

int
main (int    argc,
      char **argv)
{
  int status;

  tls_files_set_up ();
  status = async_test_run (argc, argv, add_tests);
  tls_files_tear_down ();

  return status;
}
