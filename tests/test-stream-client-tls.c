/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "async-fixture.h"
#include "test-resolver.h"
#include "tls-files.h"
#include "tls-peer.h"

#include <string.h>

static void
start_server (PeerServer *server)
{
  g_autoptr(AsabTlsContext) context = peer_new_context ("server", NULL, ASAB_TLS_VERIFY_DEFAULT);

  peer_server_start (server, context);
}

/* A client that believes who was certified by @authority. */
static AsabStreamClient *
start_client (const char *address,
              const char *identity,
              const char *authority)
{
  g_autoptr(AsabTlsContext) context = peer_new_context (NULL, authority, ASAB_TLS_VERIFY_DEFAULT);
  AsabStreamClient *client = asab_stream_client_new (peer_get_type ());
  g_autoptr(GError) error = NULL;

  g_object_set (client, "address", address, "server-identity", identity, "tls", context, "jitter", 0.0,
                "min-delay", 1.0, NULL);
  g_assert_true (asab_stream_client_start (client, &error));
  g_assert_no_error (error);

  return client;
}

static char *
get_address (PeerServer *server,
             const char *host)
{
  g_auto(GStrv) addresses = asab_stream_server_dup_addresses (server->server);

  return g_strconcat (host, strrchr (addresses[0], ':'), NULL);
}

static void
wait_for (AsabFuture *future)
{
  while (!asab_future_is_done (future))
    g_main_context_iteration (g_main_context_get_thread_default (), TRUE);
}

static void
wait_for_warning (AsyncFixture *fixture,
                  const char   *pattern)
{
  while (fixture->log->len == 0)
    g_main_context_iteration (fixture->context, TRUE);
  async_assert_log (fixture, pattern);
}

static void
stop_client (AsabStreamClient *client)
{
  g_autoptr(AsabFuture) stopped = asab_stream_client_stop (client);

  wait_for (stopped);
  g_assert_true (asab_future_is_resolved (stopped));
  g_clear_pointer (&stopped, asab_future_unref);
  g_assert_finalize_object (client);
}

/* Waits until the client is connected, and hears itself. */
static void
assert_talks (AsabStreamClient *client)
{
  g_autoptr(AsabFuture) connected = asab_stream_client_wait_connected (client);
  g_autoptr(GObject) channel = NULL;

  wait_for (connected);
  channel = asab_future_dup_object (connected, NULL);
  g_assert_nonnull (channel);
  g_assert_true (asab_dispatcher_is_secure (ASAB_DISPATCHER (channel)));
  peer_push ((Peer *) channel, "hello");
  peer_wait_received ((Peer *) channel, strlen ("hello"));
}

/* The name in the address is the one in the certificate. */
static void
test_host (AsyncFixture  *fixture G_GNUC_UNUSED,
           gconstpointer  data G_GNUC_UNUSED)
{
  PeerServer server = { .sample.is_echo = TRUE };
  g_autofree char *address = NULL;
  AsabStreamClient *client;

  start_server (&server);
  address = get_address (&server, "server.test");
  client = start_client (address, NULL, "authority");
  assert_talks (client);
  stop_client (client);
  peer_server_stop (&server);
  peer_wait_end ();
}

/* The certificate has another name than the address, which the client learns later; it is logged once. */
static void
test_server_identity (AsyncFixture  *fixture,
                      gconstpointer  data G_GNUC_UNUSED)
{
  PeerServer server = { .sample.is_echo = TRUE };
  g_autofree char *address = NULL;
  AsabStreamClient *client;

  start_server (&server);
  address = get_address (&server, "127.0.0.1");
  client = start_client (address, NULL, "authority");
  wait_for_warning (fixture, "“127.0.0.1:*”: *certificate*; next attempt in 1 s\n");
  g_assert_false (asab_stream_client_is_connected (client));

  g_object_set (client, "server-identity", "server.test", NULL);
  async_advance (fixture, 1);
  assert_talks (client);
  stop_client (client);
  peer_server_stop (&server);
  peer_wait_end ();
}

static void
test_stranger (AsyncFixture  *fixture,
               gconstpointer  data G_GNUC_UNUSED)
{
  PeerServer server = { .sample.is_echo = TRUE };
  g_autoptr(AsabTlsContext) context = peer_new_context (NULL, "authority", ASAB_TLS_VERIFY_DEFAULT);
  g_autofree char *address = NULL;
  AsabStreamClient *client;

  start_server (&server);
  address = get_address (&server, "server.test");
  client = start_client (address, NULL, "stranger");
  wait_for_warning (fixture, "“server.test:*”: *certificate*; next attempt in 1 s\n");

  g_object_set (client, "tls", context, NULL);
  async_advance (fixture, 1);
  assert_talks (client);
  stop_client (client);
  peer_server_stop (&server);
  peer_wait_end ();
}

static void
test_no_identity (AsyncFixture  *fixture,
                  gconstpointer  data G_GNUC_UNUSED)
{
  AsabStreamClient *client = start_client ("unix:/nonexistent", NULL, "authority");

  wait_for_warning (fixture, "“unix:/nonexistent”: The name of the server*; next attempt in 1 s\n");
  stop_client (client);
  peer_wait_end ();
}

/* Stopped while it waits for the answer of a server that says nothing. */
static void
test_stop (AsyncFixture  *fixture,
           gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(GPtrArray) sockets = asab_listen ("127.0.0.1 0", 5, NULL);
  GSocket *listener = g_ptr_array_index (sockets, 0);
  g_autoptr(GSocketAddress) bound = g_socket_get_local_address (listener, NULL);
  g_autofree char *address = g_socket_connectable_to_string (G_SOCKET_CONNECTABLE (bound));
  AsabStreamClient *client = start_client (address, "server.test", "authority");
  g_autoptr(GSocket) peer = NULL;

  while (peer == NULL)
    {
      g_main_context_iteration (fixture->context, FALSE);
      peer = g_socket_accept (listener, NULL, NULL);
    }
  async_run_ready (fixture);
  g_assert_false (asab_stream_client_is_connected (client));
  stop_client (client);
  peer_wait_end ();
  asab_listen_close (sockets);
}

static void
add_tests (void)
{
  test_resolver_install ();
  async_test_add ("/asab/stream-client-tls/host", test_host);
  async_test_add ("/asab/stream-client-tls/server-identity", test_server_identity);
  async_test_add ("/asab/stream-client-tls/stranger", test_stranger);
  async_test_add ("/asab/stream-client-tls/no-identity", test_no_identity);
  async_test_add ("/asab/stream-client-tls/stop", test_stop);
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
