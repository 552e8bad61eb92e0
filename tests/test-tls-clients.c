/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "async-fixture.h"
#include "tls-files.h"
#include "tls-peer.h"

#include <string.h>

#define N_CLIENTS 200

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

/* Certificates of clients */

static void
assert_server (AsabTlsVerifyMode  mode,
               const char        *certificate,
               const char        *subject,
               gboolean           is_welcome)
{
  g_autoptr(AsabTlsContext) server_context = peer_new_context ("server", "authority", mode);
  g_autoptr(AsabTlsContext) context = peer_new_context (certificate, "authority", ASAB_TLS_VERIFY_DEFAULT);
  PeerServer server = { .sample.is_echo = FALSE };
  Peer *client;
  Peer *peer;

  peer_server_start (&server, server_context);
  client = peer_connect (&server, context);
  peer = peer_server_get (&server, 0);
  peer_wait_events (peer, is_welcome ? "connect;" : "error;");
  if (is_welcome)
    {
      GTlsCertificate *shown = asab_dispatcher_get_peer_certificate (ASAB_DISPATCHER (peer));
      g_autofree char *name = shown != NULL ? g_tls_certificate_get_subject_name (shown) : NULL;

      g_assert_cmpstr (name, ==, subject);
    }
  else
    g_assert_cmpuint (peer->error->domain, ==, G_TLS_ERROR);

  peer_free (client);
  peer_server_stop (&server);
  peer_wait_end ();
}

static void
test_client_certificate (AsyncFixture  *fixture G_GNUC_UNUSED,
                         gconstpointer  data G_GNUC_UNUSED)
{
  assert_server (ASAB_TLS_VERIFY_NONE, NULL, NULL, TRUE);
  assert_server (ASAB_TLS_VERIFY_NONE, "client", NULL, TRUE);
  assert_server (ASAB_TLS_VERIFY_OPTIONAL, NULL, NULL, TRUE);
  assert_server (ASAB_TLS_VERIFY_OPTIONAL, "client", "CN=client", TRUE);
  assert_server (ASAB_TLS_VERIFY_OPTIONAL, "stranger", NULL, FALSE);
  assert_server (ASAB_TLS_VERIFY_REQUIRED, NULL, NULL, FALSE);
  assert_server (ASAB_TLS_VERIFY_REQUIRED, "client", "CN=client", TRUE);
  assert_server (ASAB_TLS_VERIFY_REQUIRED, "stranger", NULL, FALSE);
}

/* Wrong use */

static void
assert_no_start (AsabTlsContext *context,
                 const char     *pattern)
{
  AsabStreamServer *server = asab_stream_server_new (peer_get_type ());
  g_autoptr(GError) error = NULL;

  g_object_set (server, "listen", "127.0.0.1 0", "tls", context, NULL);
  g_assert_false (asab_stream_server_start (server, &error));
  g_assert_error (error, G_TLS_ERROR, G_TLS_ERROR_CERTIFICATE_REQUIRED);
  g_assert_true (g_pattern_match_simple (pattern, error->message));
  g_assert_finalize_object (server);
}

static void
test_refused (AsyncFixture  *fixture G_GNUC_UNUSED,
              gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabTlsContext) nobody = asab_tls_context_new ();
  g_autoptr(AsabTlsContext) believing = peer_new_context ("server", NULL, ASAB_TLS_VERIFY_REQUIRED);
  g_autoptr(AsabDispatcher) dispatcher = asab_dispatcher_new (NULL, NULL);
  g_autoptr(GError) error = NULL;

  assert_no_start (nobody, "*“cert”");
  assert_no_start (believing, "*“cafile”*“capath”");

  asab_dispatcher_create_socket (dispatcher, G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_DATAGRAM, NULL);
  g_assert_false (asab_dispatcher_start_tls_client (dispatcher, nobody, "server.test", &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED);
  g_clear_error (&error);
  asab_dispatcher_close (dispatcher);
  asab_dispatcher_create_socket (dispatcher, G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, NULL);
  g_assert_false (asab_dispatcher_start_tls_client (dispatcher, NULL, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);
  g_assert_false (asab_dispatcher_start_tls_server (dispatcher, nobody, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_CONNECTED);
  asab_dispatcher_close (dispatcher);
}

/* Connections */

static void
test_many_clients (AsyncFixture  *fixture G_GNUC_UNUSED,
                   gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabTlsContext) server_context = new_server_context ();
  g_autoptr(AsabTlsContext) context = new_client_context ();
  PeerServer server = { .sample.is_echo = TRUE };
  Peer *clients[N_CLIENTS];

  peer_server_start (&server, server_context);
  for (guint i = 0; i < N_CLIENTS; i++)
    {
      clients[i] = peer_connect (&server, context);
      peer_push (clients[i], "hello");
    }
  for (guint i = 0; i < N_CLIENTS; i++)
    peer_wait_received (clients[i], strlen ("hello"));
  g_assert_cmpuint (asab_stream_server_get_n_connections (server.server), ==, N_CLIENTS);

  for (guint i = 0; i < N_CLIENTS; i++)
    peer_free (clients[i]);
  wait_connections (&server, 0);
  peer_server_stop (&server);
  peer_wait_end ();
}

/* Who is connected is sent all there is for him, who is not is dropped. */
static void
test_drain (AsyncFixture  *fixture G_GNUC_UNUSED,
            gconstpointer  data G_GNUC_UNUSED)
{
  g_autofree char *text = g_strnfill (4 * 1024 * 1024, 'x');
  g_autoptr(AsabTlsContext) server_context = new_server_context ();
  g_autoptr(AsabTlsContext) context = new_client_context ();
  PeerServer server = { .sample.is_echo = FALSE };
  Peer *client;
  Peer *silent;

  peer_server_start (&server, server_context);
  client = peer_connect (&server, context);
  peer_wait_events (peer_server_get (&server, 0), "connect;");
  silent = peer_connect (&server, NULL);
  wait_connections (&server, 2);
  peer_push (peer_server_get (&server, 0), text);
  peer_server_stop (&server);

  peer_wait_events (client, "connect;close;");
  g_assert_cmpuint (client->received->len, ==, strlen (text));
  peer_wait_events (silent, "connect;close;");
  peer_free (client);
  peer_free (silent);
  peer_wait_end ();
}

static void
add_tests (void)
{
  async_test_add ("/asab/tls-clients/client-certificate", test_client_certificate);
  async_test_add ("/asab/tls-clients/refused", test_refused);
  async_test_add ("/asab/tls-clients/many-clients", test_many_clients);
  async_test_add ("/asab/tls-clients/drain", test_drain);
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
