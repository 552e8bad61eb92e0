/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "async-fixture.h"
#include "tls-files.h"
#include "tls-peer.h"

#include <string.h>

static AsabTlsContext *
new_server_context (void)
{
  return peer_new_context ("server", NULL, ASAB_TLS_VERIFY_DEFAULT);
}

static AsabTlsContext *
new_client_context (void)
{
  return peer_new_context (NULL, "authority", ASAB_TLS_VERIFY_DEFAULT);
}

static void
wait_connections (PeerServer *server,
                  guint       n)
{
  while (asab_stream_server_get_n_connections (server->server) != n)
    g_main_context_iteration (g_main_context_get_thread_default (), TRUE);
}

/* Who says nothing is a connection until the time is over. */
static void
test_silent_client (AsyncFixture  *fixture,
                    gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabTlsContext) context = new_server_context ();
  PeerServer server = { .sample.is_echo = FALSE };
  Peer *client;

  peer_server_start (&server, context);
  client = peer_connect (&server, NULL);
  peer_wait_events (client, "connect;");
  wait_connections (&server, 1);
  async_advance (fixture, 9);
  g_assert_cmpuint (asab_stream_server_get_n_connections (server.server), ==, 1);
  async_advance (fixture, 2);
  g_assert_cmpuint (asab_stream_server_get_n_connections (server.server), ==, 0);
  peer_wait_events (peer_server_get (&server, 0), "error;");
  g_assert_error (peer_server_get (&server, 0)->error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  peer_wait_events (client, "connect;close;");

  peer_free (client);
  peer_server_stop (&server);
  peer_wait_end ();
}

/* The first bytes of a handshake, and no more: a thread waits for the rest, and is not waited for. */
static void
test_half_a_hello (AsyncFixture  *fixture,
                   gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabTlsContext) context = new_server_context ();
  PeerServer server = { .sample.is_echo = FALSE };
  g_autoptr(GError) error = NULL;
  Peer *client;

  peer_server_start (&server, context);
  client = peer_connect (&server, NULL);
  peer_wait_events (client, "connect;");
  asab_async_chat_push (ASAB_ASYNC_CHAT (client), (const guint8 *) "\x16\x03\x01\x02", 4, &error);
  g_assert_no_error (error);
  wait_connections (&server, 1);
  async_run_ready (fixture);
  async_advance (fixture, 11);
  wait_connections (&server, 0);
  g_assert_error (peer_server_get (&server, 0)->error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  peer_wait_events (client, "connect;close;");

  peer_free (client);
  peer_server_stop (&server);
  peer_wait_end ();
}

static void
test_silent_server (AsyncFixture  *fixture,
                    gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabTlsContext) context = new_client_context ();
  PeerServer server = { .sample.is_echo = FALSE };
  Peer *client;

  peer_server_start (&server, NULL);
  client = peer_connect (&server, context);
  peer_wait_received (peer_server_get (&server, 0), 1);
  async_advance (fixture, 11);
  peer_wait_events (client, "error;");
  g_assert_error (client->error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);

  peer_free (client);
  peer_server_stop (&server);
  peer_wait_end ();
}

/* Looking whether somebody listens is no error. */
static void
test_probe (AsyncFixture  *fixture G_GNUC_UNUSED,
            gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabTlsContext) context = new_server_context ();
  PeerServer server = { .sample.is_echo = FALSE };
  Peer *client;

  peer_server_start (&server, context);
  client = peer_connect (&server, NULL);
  peer_wait_events (client, "connect;");
  peer_free (client);
  peer_wait_events (peer_server_get (&server, 0), "close;");

  peer_server_stop (&server);
  peer_wait_end ();
}

static void
test_plain_text (AsyncFixture  *fixture G_GNUC_UNUSED,
                 gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabTlsContext) context = new_server_context ();
  PeerServer server = { .sample.is_echo = FALSE };
  Peer *client;

  peer_server_start (&server, context);
  client = peer_connect (&server, NULL);
  peer_push (client, "GET / HTTP/1.0\r\n\r\n");
  peer_wait_events (peer_server_get (&server, 0), "error;");
  g_assert_cmpuint (peer_server_get (&server, 0)->error->domain, ==, G_TLS_ERROR);
  g_assert_cmpuint (peer_server_get (&server, 0)->received->len, ==, 0);
  wait_connections (&server, 0);

  peer_free (client);
  peer_server_stop (&server);
  peer_wait_end ();
}

/* The name is looked up, and the channel gets its socket only then. */
static void
test_host (AsyncFixture  *fixture G_GNUC_UNUSED,
           gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabTlsContext) server_context = new_server_context ();
  g_autoptr(AsabTlsContext) context = new_client_context ();
  PeerServer server = { .sample.is_echo = TRUE };
  g_auto(GStrv) addresses = NULL;
  AsabFuture *connected;
  Peer *client = g_object_new (peer_get_type (), NULL);
  Peer *unused = g_object_new (peer_get_type (), NULL);

  peer_server_start (&server, server_context);
  addresses = asab_stream_server_dup_addresses (server.server);
  g_assert_true (asab_dispatcher_start_tls_client (ASAB_DISPATCHER (client), context, "server.test", NULL));
  g_assert_true (asab_dispatcher_start_tls_client (ASAB_DISPATCHER (unused), context, "server.test", NULL));
  connected = asab_dispatcher_connect_to_host (ASAB_DISPATCHER (client), addresses[0], 0, 10);
  peer_wait_events (client, "connect;");
  g_assert_true (asab_future_is_resolved (connected));
  asab_future_unref (connected);
  g_assert_true (asab_dispatcher_is_secure (ASAB_DISPATCHER (client)));

  peer_free (client);
  peer_free (unused);
  peer_server_stop (&server);
  peer_wait_end ();
}

static void
test_nobody_listens (AsyncFixture  *fixture G_GNUC_UNUSED,
                     gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabTlsContext) context = new_client_context ();
  PeerServer server = { .sample.is_echo = FALSE };
  g_autoptr(GSocketAddress) address = NULL;
  Peer *client = g_object_new (peer_get_type (), NULL);

  peer_server_start (&server, NULL);
  address = peer_server_dup_address (&server);
  peer_server_stop (&server);

  asab_dispatcher_create_socket (ASAB_DISPATCHER (client), G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, NULL);
  g_assert_true (asab_dispatcher_start_tls_client (ASAB_DISPATCHER (client), context, "server.test", NULL));
  g_assert_true (asab_dispatcher_connect_to (ASAB_DISPATCHER (client), address, NULL));
  peer_wait_events (client, "error;");
  g_assert_error (client->error, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED);

  peer_free (client);
}

/* Certificates of servers */

static void
assert_client (const char        *authority,
               AsabTlsVerifyMode  mode,
               gboolean           checks_hostname,
               const char        *server_name,
               const char        *complaint)
{
  g_autoptr(AsabTlsContext) server_context = new_server_context ();
  g_autoptr(AsabTlsContext) context = peer_new_context (NULL, authority, mode);
  g_autoptr(GSocketAddress) address = NULL;
  PeerServer server = { .sample.is_echo = FALSE };
  Peer *client = g_object_new (peer_get_type (), NULL);
  AsabDispatcher *dispatcher = ASAB_DISPATCHER (client);

  g_object_set (context, "check-hostname", checks_hostname, NULL);
  peer_server_start (&server, server_context);
  address = peer_server_dup_address (&server);
  asab_dispatcher_create_socket (dispatcher, G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, NULL);
  g_assert_true (asab_dispatcher_start_tls_client (dispatcher, context, server_name, NULL));
  g_assert_true (asab_dispatcher_connect_to (dispatcher, address, NULL));

  if (complaint == NULL)
    peer_wait_events (client, "connect;");
  else
    {
      peer_wait_events (client, "error;");
      g_assert_error (client->error, G_TLS_ERROR, G_TLS_ERROR_BAD_CERTIFICATE);
      g_assert_nonnull (strstr (client->error->message, complaint));
      g_assert_false (asab_dispatcher_is_secure (dispatcher));
    }

  peer_free (client);
  peer_server_stop (&server);
  peer_wait_end ();
}

static void
test_server_certificate (AsyncFixture  *fixture G_GNUC_UNUSED,
                         gconstpointer  data G_GNUC_UNUSED)
{
  assert_client ("authority", ASAB_TLS_VERIFY_DEFAULT, TRUE, "server.test", NULL);
  assert_client ("authority", ASAB_TLS_VERIFY_REQUIRED, TRUE, "server.test", NULL);
  assert_client ("authority", ASAB_TLS_VERIFY_DEFAULT, FALSE, "other.test", NULL);
  assert_client ("authority", ASAB_TLS_VERIFY_DEFAULT, FALSE, NULL, NULL);
  assert_client ("stranger", ASAB_TLS_VERIFY_NONE, TRUE, "other.test", NULL);
  assert_client ("stranger", ASAB_TLS_VERIFY_NONE, TRUE, NULL, NULL);

  assert_client ("authority", ASAB_TLS_VERIFY_DEFAULT, TRUE, "other.test", "BAD_IDENTITY");
  assert_client ("stranger", ASAB_TLS_VERIFY_DEFAULT, TRUE, "server.test", "UNKNOWN_CA");
  assert_client ("stranger", ASAB_TLS_VERIFY_OPTIONAL, FALSE, "server.test", "UNKNOWN_CA");
  assert_client (NULL, ASAB_TLS_VERIFY_DEFAULT, TRUE, "server.test", "UNKNOWN_CA");
}

/* At each step of the main loop, so that all states are met. */
static void
test_close_in_handshake (AsyncFixture  *fixture G_GNUC_UNUSED,
                         gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabTlsContext) server_context = new_server_context ();
  g_autoptr(AsabTlsContext) context = new_client_context ();

  for (guint n_steps = 0; n_steps < 12; n_steps++)
    {
      PeerServer server = { .sample.is_echo = FALSE };
      Peer *client;

      peer_server_start (&server, server_context);
      client = peer_connect (&server, context);
      for (guint i = 0; i < n_steps && !asab_dispatcher_is_secure (ASAB_DISPATCHER (client)); i++)
        g_main_context_iteration (fixture->context, TRUE);
      if (n_steps % 2 == 0)
        asab_dispatcher_close (ASAB_DISPATCHER (client));
      else
        asab_channel_map_close_all (asab_dispatcher_get_map (ASAB_DISPATCHER (client)));
      peer_free (client);
      peer_server_stop (&server);
      peer_wait_end ();
    }
}

static void
add_tests (void)
{
  async_test_add ("/asab/tls-handshake/silent-client", test_silent_client);
  async_test_add ("/asab/tls-handshake/half-a-hello", test_half_a_hello);
  async_test_add ("/asab/tls-handshake/silent-server", test_silent_server);
  async_test_add ("/asab/tls-handshake/probe", test_probe);
  async_test_add ("/asab/tls-handshake/plain-text", test_plain_text);
  async_test_add ("/asab/tls-handshake/host", test_host);
  async_test_add ("/asab/tls-handshake/nobody-listens", test_nobody_listens);
  async_test_add ("/asab/tls-handshake/server-certificate", test_server_certificate);
  async_test_add ("/asab/tls-handshake/close-in-handshake", test_close_in_handshake);
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
