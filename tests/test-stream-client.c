/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "async-fixture.h"
#include "test-resolver.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/socket.h>

#define MIN_DELAY 1.0
#define MAX_DELAY 8.0

/* What client and server talk: lines. The client's end traces what it is told. */

#define SPEAKER_TYPE (speaker_get_type ())
G_DECLARE_FINAL_TYPE (Speaker, speaker, TEST, SPEAKER, AsabAsyncChat)

struct _Speaker
{
  AsabAsyncChat parent_instance;

  gboolean is_client;
};

G_DEFINE_FINAL_TYPE (Speaker, speaker, ASAB_TYPE_ASYNC_CHAT)

static gboolean
speaker_handle_connect (AsabDispatcher  *dispatcher,
                        GError         **error G_GNUC_UNUSED)
{
  if (TEST_SPEAKER (dispatcher)->is_client)
    async_trace ("handle_connect ");

  return TRUE;
}

static gboolean
speaker_found_terminator (AsabAsyncChat  *chat,
                          GError        **error)
{
  g_autofree char *line = asab_async_chat_take_line (chat);

  if (g_str_equal (line, "fail"))
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "It broke");
      return FALSE;
    }
  async_trace (line);
  async_trace (" ");

  return TRUE;
}

static void
speaker_class_init (SpeakerClass *klass)
{
  ASAB_DISPATCHER_CLASS (klass)->handle_connect = speaker_handle_connect;
  ASAB_ASYNC_CHAT_CLASS (klass)->found_terminator = speaker_found_terminator;
}

static void
speaker_init (Speaker *self)
{
  asab_async_chat_set_terminator (ASAB_ASYNC_CHAT (self), "\n");
}

/* The server */

static AsabStreamServer *
start_server (const char *listen)
{
  AsabStreamServer *server = asab_stream_server_new (SPEAKER_TYPE);
  g_autoptr(GError) error = NULL;

  g_object_set (server, "listen", listen, NULL);
  g_assert_true (asab_stream_server_start (server, &error));
  g_assert_no_error (error);

  return server;
}

static char *
get_address (AsabStreamServer *server)
{
  g_auto(GStrv) addresses = asab_stream_server_dup_addresses (server);

  return g_strdup (addresses[0]);
}

/* The only connection of a server. */
static AsabDispatcher *
dup_peer (AsabStreamServer *server)
{
  g_autoptr(GPtrArray) channels = asab_stream_server_dup_connections (server);

  g_assert_cmpuint (channels->len, ==, 1);

  return g_object_ref (g_ptr_array_index (channels, 0));
}

static void
say (AsabStreamServer *server,
     const char       *text)
{
  g_autoptr(AsabDispatcher) peer = dup_peer (server);

  g_assert_true (asab_async_chat_push_text (ASAB_ASYNC_CHAT (peer), text, NULL));
}

static void
hang_up (AsabStreamServer *server)
{
  g_autoptr(AsabDispatcher) peer = dup_peer (server);

  asab_dispatcher_close (peer);
}

/* Closes the only connection so that the client gets a reset. */
static void
reset (AsabStreamServer *server)
{
  g_autoptr(AsabDispatcher) peer = dup_peer (server);
  struct linger linger = { .l_onoff = 1 };

  g_assert_cmpint (setsockopt (g_socket_get_fd (asab_dispatcher_get_socket (peer)), SOL_SOCKET, SO_LINGER, &linger,
                               sizeof linger), ==, 0);
  asab_dispatcher_close (peer);
}

static void
wait_for (AsyncFixture *fixture,
          AsabFuture   *future)
{
  while (!asab_future_is_done (future))
    g_main_context_iteration (fixture->context, TRUE);
}

static void
stop_server (AsyncFixture     *fixture,
             AsabStreamServer *server)
{
  g_autoptr(AsabFuture) stopped = asab_stream_server_stop (server);

  wait_for (fixture, stopped);
  async_run_ready (fixture);
  g_assert_finalize_object (server);
}

/* An address at which nobody listens. */
static char *
get_free_address (AsyncFixture *fixture)
{
  AsabStreamServer *server = start_server ("127.0.0.1 0");
  g_autofree char *address = get_address (server);

  stop_server (fixture, server);

  return g_steal_pointer (&address);
}

/* The client */

static AsabDispatcher *
make_cb (AsabStreamClient  *client G_GNUC_UNUSED,
         gpointer           user_data G_GNUC_UNUSED,
         GError           **error G_GNUC_UNUSED)
{
  Speaker *speaker = g_object_new (SPEAKER_TYPE, NULL);

  speaker->is_client = TRUE;

  return ASAB_DISPATCHER (speaker);
}

static void
connected_cb (AsabStreamClient *client,
              AsabDispatcher   *channel)
{
  g_autoptr(AsabDispatcher) current = asab_stream_client_dup_channel (client);

  g_assert_true (asab_dispatcher_is_connected (channel));
  g_assert_true (channel == current);
  async_trace ("connected ");
}

static void
disconnected_cb (AsabStreamClient *client,
                 const GError     *error)
{
  g_autoptr(AsabDispatcher) channel = asab_stream_client_dup_channel (client);

  g_assert_null (channel);
  g_assert_false (asab_stream_client_is_connected (client));
  async_trace (error != NULL ? error->message : "disconnected");
  async_trace (" ");
}

static AsabStreamClient *
new_client_with_factory (AsabClientProtocolFactory  factory,
                         gpointer                   user_data,
                         const char                *address)
{
  AsabStreamClient *client = asab_stream_client_new_with_factory (factory, user_data, NULL);

  g_object_set (client, "address", address, "min-delay", MIN_DELAY, "max-delay", MAX_DELAY, "jitter", 0.0, NULL);
  g_signal_connect (client, "connected", G_CALLBACK (connected_cb), NULL);
  g_signal_connect (client, "disconnected", G_CALLBACK (disconnected_cb), NULL);

  return client;
}

static AsabStreamClient *
new_client (const char *address)
{
  return new_client_with_factory (make_cb, NULL, address);
}

static void
start_client (AsabStreamClient *client)
{
  g_autoptr(GError) error = NULL;

  g_assert_true (asab_stream_client_start (client, &error));
  g_assert_no_error (error);
}

/* Waits until the client is connected, and the server knows it. */
static void
wait_connected (AsyncFixture     *fixture,
                AsabStreamClient *client)
{
  g_autoptr(AsabFuture) connected = asab_stream_client_wait_connected (client);

  wait_for (fixture, connected);
  g_assert_true (asab_future_is_resolved (connected));
  async_run_ready (fixture);
  async_assert_trace (fixture, "handle_connect connected ");
}

static void
stop_client (AsyncFixture     *fixture,
             AsabStreamClient *client)
{
  g_autoptr(AsabFuture) stopped = asab_stream_client_stop (client);

  wait_for (fixture, stopped);
  g_assert_true (asab_future_is_resolved (stopped));
  g_assert_false (asab_stream_client_is_running (client));
  async_run_ready (fixture);
  g_assert_finalize_object (client);
}

/* Runs the loop until there is a warning. */
static void
wait_for_warning (AsyncFixture *fixture,
                  const char   *pattern)
{
  while (fixture->log->len == 0)
    g_main_context_iteration (fixture->context, TRUE);
  async_assert_log (fixture, pattern);
}

/* Connecting */

static void
test_talk (AsyncFixture  *fixture,
           gconstpointer  data G_GNUC_UNUSED)
{
  AsabStreamServer *server = start_server ("127.0.0.1 0");
  g_autofree char *address = get_address (server);
  AsabStreamClient *client = new_client (address);
  g_autoptr(AsabFuture) connected = asab_stream_client_wait_connected (client);
  g_autoptr(AsabFuture) again = NULL;
  g_autoptr(AsabDispatcher) channel = NULL;
  g_autoptr(GObject) value = NULL;
  g_autoptr(GError) error = NULL;

  g_assert_false (asab_stream_client_is_running (client));
  start_client (client);
  g_assert_true (asab_stream_client_is_running (client));
  g_assert_false (asab_stream_client_start (client, &error));
  g_assert_error (error, ASAB_ERROR, ASAB_ERROR_ALREADY_STARTED);
  async_assert_trace (fixture, "");

  wait_connected (fixture, client);
  g_assert_true (asab_stream_client_is_connected (client));
  channel = asab_stream_client_dup_channel (client);
  value = asab_future_dup_object (connected, NULL);
  g_assert_true (value == (gpointer) channel);
  again = asab_stream_client_wait_connected (client);
  g_assert_true (asab_future_is_resolved (again));
  g_clear_pointer (&again, asab_future_unref);

  say (server, "one\ntwo\n");
  async_run_ready (fixture);
  async_assert_trace (fixture, "one two ");

  g_clear_pointer (&connected, asab_future_unref);
  g_clear_object (&value);
  g_clear_object (&channel);
  stop_client (fixture, client);
  async_assert_trace (fixture, "disconnected ");
  stop_server (fixture, server);
}

static void
test_type (AsyncFixture  *fixture,
           gconstpointer  data G_GNUC_UNUSED)
{
  g_autofree char *folder = g_dir_make_tmp ("asab-XXXXXX", NULL);
  g_autofree char *address = g_strdup_printf ("unix:%s/socket", folder);
  AsabStreamServer *server = start_server (address);
  AsabStreamClient *client = asab_stream_client_new (SPEAKER_TYPE);
  g_autoptr(AsabFuture) connected = asab_stream_client_wait_connected (client);

  g_object_set (client, "address", address, NULL);
  start_client (client);
  wait_for (fixture, connected);
  g_assert_true (asab_future_is_resolved (connected));
  g_clear_pointer (&connected, asab_future_unref);

  stop_client (fixture, client);
  stop_server (fixture, server);
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

static void
test_host_name (AsyncFixture  *fixture,
                gconstpointer  data G_GNUC_UNUSED)
{
  AsabStreamServer *server = start_server ("127.0.0.1 0");
  g_autofree char *numeric = get_address (server);
  g_autofree char *address = g_strconcat ("localhost", strrchr (numeric, ':'), NULL);
  AsabStreamClient *client = new_client (address);

  start_client (client);
  wait_connected (fixture, client);
  stop_client (fixture, client);
  async_assert_trace (fixture, "disconnected ");
  stop_server (fixture, server);
}

static void
test_bad_address (AsyncFixture  *fixture G_GNUC_UNUSED,
                  gconstpointer  data G_GNUC_UNUSED)
{
  AsabStreamClient *client = new_client (NULL);
  g_autoptr(GError) error = NULL;

  g_assert_false (asab_stream_client_start (client, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);
  g_object_set (client, "address", "nowhere", NULL);
  g_assert_false (asab_stream_client_start (client, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
  g_assert_nonnull (strstr (error->message, "“nowhere”"));
  g_assert_false (asab_stream_client_is_running (client));
  g_assert_finalize_object (client);
}

/* Outages */

/* The server goes and comes back: one warning, and a new channel. */
static void
test_restart (AsyncFixture  *fixture,
              gconstpointer  data G_GNUC_UNUSED)
{
  AsabStreamServer *server = start_server ("127.0.0.1 0");
  g_autofree char *address = get_address (server);
  AsabStreamClient *client = new_client (address);
  g_autoptr(AsabDispatcher) first = NULL;
  g_autoptr(AsabDispatcher) second = NULL;

  start_client (client);
  wait_connected (fixture, client);
  first = asab_stream_client_dup_channel (client);

  stop_server (fixture, server);
  async_assert_trace (fixture, "disconnected ");
  async_assert_log (fixture, "“127.0.0.1:*”: The connection was closed; next attempt in 1 s\n");
  g_assert_true (asab_stream_client_is_running (client));

  server = start_server (address);
  async_advance (fixture, MIN_DELAY);
  wait_connected (fixture, client);
  second = asab_stream_client_dup_channel (client);
  g_assert_true (first != second);
  g_assert_true (asab_dispatcher_is_closed (first));
  say (server, "back\n");
  async_run_ready (fixture);
  async_assert_trace (fixture, "back ");

  g_clear_object (&first);
  g_clear_object (&second);
  stop_client (fixture, client);
  async_assert_trace (fixture, "disconnected ");
  stop_server (fixture, server);
}

/* Only the first of several failures is a warning. */
static void
test_refused_first (AsyncFixture  *fixture,
                    gconstpointer  data G_GNUC_UNUSED)
{
  g_autofree char *address = get_free_address (fixture);
  AsabStreamClient *client = new_client (address);
  AsabStreamServer *server;

  start_client (client);
  wait_for_warning (fixture, "“127.0.0.1:*”: *refused; next attempt in 1 s\n");
  async_advance (fixture, 1);
  async_advance (fixture, 2);
  async_assert_log (fixture, "");
  async_assert_trace (fixture, "");

  server = start_server (address);
  async_advance (fixture, 4);
  wait_connected (fixture, client);
  stop_client (fixture, client);
  async_assert_trace (fixture, "disconnected ");
  stop_server (fixture, server);
}

static AsabDispatcher *
fail_cb (AsabStreamClient  *client G_GNUC_UNUSED,
         gpointer           n_calls,
         GError           **error)
{
  guint n = ++*(guint *) n_calls;

  if (n < 7) /* the last one says nothing */
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, "Not today");

  return NULL;
}

/* Asserts that the next attempt is made after @seconds and not before. */
static void
assert_next_attempt (AsyncFixture *fixture,
                     guint        *n_calls,
                     double        seconds)
{
  guint n_before = *n_calls;

  async_advance (fixture, seconds - 0.001);
  g_assert_cmpuint (*n_calls, ==, n_before);
  async_advance (fixture, 0.001);
  g_assert_cmpuint (*n_calls, ==, n_before + 1);
}

/* Delays double up to the longest; a factory that fails counts as an attempt. */
static void
test_delays (AsyncFixture  *fixture,
             gconstpointer  data G_GNUC_UNUSED)
{
  guint n_calls = 0;
  AsabStreamClient *client = new_client_with_factory (fail_cb, &n_calls, "localhost:7");
  const double delays[] = { 1, 2, 4, 8, 8, 8 };

  start_client (client);
  g_assert_cmpuint (n_calls, ==, 0);
  async_run_ready (fixture);
  g_assert_cmpuint (n_calls, ==, 1);
  async_assert_log (fixture, "Not today; next attempt in 1 s\n");
  for (gsize i = 0; i < G_N_ELEMENTS (delays); i++)
    assert_next_attempt (fixture, &n_calls, delays[i]);
  async_assert_log (fixture, "");
  stop_client (fixture, client);

  async_advance (fixture, 100);
  g_assert_cmpuint (n_calls, ==, 7);
}

/* Chance makes delays shorter, never longer. */
static void
test_jitter (AsyncFixture  *fixture,
             gconstpointer  data G_GNUC_UNUSED)
{
  guint n_calls = 0;
  AsabStreamClient *client = new_client_with_factory (fail_cb, &n_calls, "localhost:7");

  g_object_set (client, "jitter", 0.5, "max-delay", MIN_DELAY, NULL);
  start_client (client);
  async_run_ready (fixture);
  async_assert_log (fixture, "Not today; next attempt in *");
  for (guint i = 1; i < 20; i++)
    {
      async_advance (fixture, MIN_DELAY / 2 - 0.001);
      g_assert_cmpuint (n_calls, ==, i);
      async_advance (fixture, MIN_DELAY / 2 + 0.001);
      g_assert_cmpuint (n_calls, ==, i + 1);
    }
  stop_client (fixture, client);
}

/* Losses and what they are told as */

/* Runs the loop until the connection is lost, and asserts what is told. */
static void
assert_lost (AsyncFixture     *fixture,
             AsabStreamClient *client,
             const char       *trace,
             const char       *log)
{
  while (asab_stream_client_is_connected (client))
    g_main_context_iteration (fixture->context, TRUE);
  async_run_ready (fixture);
  async_assert_trace (fixture, trace);
  async_assert_log (fixture, log);
}

/* The delay grows while connections do not last, and is the shortest one after one that did. */
static void
test_short_connections (AsyncFixture  *fixture,
                        gconstpointer  data G_GNUC_UNUSED)
{
  AsabStreamServer *server = start_server ("127.0.0.1 0");
  g_autofree char *address = get_address (server);
  AsabStreamClient *client = new_client (address);

  start_client (client);
  wait_connected (fixture, client);
  hang_up (server);
  assert_lost (fixture, client, "disconnected ", "*The connection was closed; next attempt in 1 s\n");
  async_advance (fixture, 1);
  wait_connected (fixture, client);
  hang_up (server);
  assert_lost (fixture, client, "disconnected ", "*The connection was closed; next attempt in 2 s\n");
  async_advance (fixture, 2);
  wait_connected (fixture, client);
  async_advance (fixture, MAX_DELAY);
  hang_up (server);
  assert_lost (fixture, client, "disconnected ", "*The connection was closed; next attempt in 1 s\n");

  stop_client (fixture, client);
  stop_server (fixture, server);
}

static void
test_reset (AsyncFixture  *fixture,
            gconstpointer  data G_GNUC_UNUSED)
{
  AsabStreamServer *server = start_server ("127.0.0.1 0");
  g_autofree char *address = get_address (server);
  AsabStreamClient *client = new_client (address);

  start_client (client);
  wait_connected (fixture, client);
  reset (server);
  assert_lost (fixture, client, "disconnected ", "*next attempt in 1 s\n");

  async_advance (fixture, 1);
  wait_connected (fixture, client);
  say (server, "whole\npart");
  async_run_ready (fixture);
  reset (server);
  assert_lost (fixture, client, "whole disconnected ", "*next attempt in 2 s\n");

  stop_client (fixture, client);
  stop_server (fixture, server);
}

/* The system has taken the connection, but nobody accepts it. */
static void
test_reset_before_accept (AsyncFixture  *fixture,
                          gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(GPtrArray) sockets = asab_listen ("127.0.0.1 0", 5, NULL);
  g_autoptr(GSocketAddress) bound = g_socket_get_local_address (g_ptr_array_index (sockets, 0), NULL);
  g_autofree char *address = g_socket_connectable_to_string (G_SOCKET_CONNECTABLE (bound));
  AsabStreamClient *client = new_client (address);

  start_client (client);
  wait_connected (fixture, client);
  asab_listen_close (sockets);
  assert_lost (fixture, client, "disconnected ", "*next attempt in 1 s\n");
  stop_client (fixture, client);
}

/* What a handler fails of is told, and logged once. */
static void
test_failing_handler (AsyncFixture  *fixture,
                      gconstpointer  data G_GNUC_UNUSED)
{
  AsabStreamServer *server = start_server ("127.0.0.1 0");
  g_autofree char *address = get_address (server);
  AsabStreamClient *client = new_client (address);

  start_client (client);
  wait_connected (fixture, client);
  say (server, "one\nfail\ntwo\n");
  assert_lost (fixture, client, "one It broke ", "“127.0.0.1:*”: It broke; next attempt in 1 s\n");
  stop_client (fixture, client);
  stop_server (fixture, server);
}

/* The peer is there, but says nothing any more. */
static void
test_half_open (AsyncFixture  *fixture,
                gconstpointer  data G_GNUC_UNUSED)
{
  AsabStreamServer *server = start_server ("127.0.0.1 0");
  g_autofree char *address = get_address (server);
  AsabStreamClient *client = new_client (address);

  g_object_set (client, "idle-timeout", 10.0, NULL);
  start_client (client);
  wait_connected (fixture, client);
  async_advance (fixture, 6);
  say (server, "still\n");
  async_advance (fixture, 6);
  async_assert_trace (fixture, "still ");
  async_advance (fixture, 3);
  g_assert_true (asab_stream_client_is_connected (client));
  async_advance (fixture, 2);
  async_assert_trace (fixture, "Nothing happened within 10 seconds ");
  async_assert_log (fixture, "“127.0.0.1:*”: Nothing happened within 10 seconds; next attempt in 1 s\n");

  async_advance (fixture, 1);
  wait_connected (fixture, client);
  stop_client (fixture, client);
  async_assert_trace (fixture, "disconnected ");
  stop_server (fixture, server);
}

/* Idle time that is not to be limited any more ends nothing. */
static void
test_idle_timeout_unset (AsyncFixture  *fixture,
                         gconstpointer  data G_GNUC_UNUSED)
{
  AsabStreamServer *server = start_server ("127.0.0.1 0");
  g_autofree char *address = get_address (server);
  AsabStreamClient *client = new_client (address);

  g_object_set (client, "idle-timeout", 10.0, NULL);
  start_client (client);
  wait_connected (fixture, client);
  g_object_set (client, "idle-timeout", 0.0, NULL);
  async_advance (fixture, 20);
  g_assert_true (asab_stream_client_is_connected (client));
  stop_client (fixture, client);
  async_assert_trace (fixture, "disconnected ");
  stop_server (fixture, server);
}

static void
test_unknown_host (AsyncFixture  *fixture,
                   gconstpointer  data G_GNUC_UNUSED)
{
  AsabStreamClient *client = new_client ("unknown.test:7");

  start_client (client);
  wait_for_warning (fixture, "“unknown.test:7”: *There is no host*; next attempt in 1 s\n");
  stop_client (fixture, client);
}

static void
test_connect_timeout (AsyncFixture  *fixture,
                      gconstpointer  data G_GNUC_UNUSED)
{
  AsabStreamClient *client = new_client ("silent.test:7");

  g_object_set (client, "connect-timeout", 3.0, NULL);
  start_client (client);
  async_advance (fixture, 2.9);
  async_assert_log (fixture, "");
  async_advance (fixture, 0.1);
  async_assert_log (fixture, "“silent.test:7”: *within 3 seconds; next attempt in 1 s\n");
  stop_client (fixture, client);
}

/* Stopping */

static void
test_stop_early (AsyncFixture  *fixture,
                 gconstpointer  data G_GNUC_UNUSED)
{
  AsabStreamClient *client = new_client ("silent.test:7");
  g_autoptr(AsabFuture) connected = asab_stream_client_wait_connected (client);
  g_autoptr(AsabFuture) before = asab_stream_client_stop (client);
  g_autoptr(AsabFuture) at_once = NULL;
  g_autoptr(AsabFuture) connecting = NULL;

  g_assert_true (asab_future_is_resolved (before));
  async_run_ready (fixture);
  async_assert_error (connected, ASAB_ERROR, ASAB_ERROR_CLOSED);

  start_client (client);
  at_once = asab_stream_client_stop (client);
  g_assert_true (asab_future_is_resolved (at_once));
  start_client (client);
  async_run_ready (fixture);
  connecting = asab_stream_client_stop (client);
  g_assert_true (asab_future_is_resolved (connecting));

  async_advance (fixture, 100);
  async_assert_trace (fixture, "");
  g_assert_finalize_object (client);
}

/* What was pushed is sent before the connection ends. */
static void
test_stop_connected (AsyncFixture  *fixture,
                     gconstpointer  data G_GNUC_UNUSED)
{
  AsabStreamServer *server = start_server ("127.0.0.1 0");
  g_autofree char *address = get_address (server);
  AsabStreamClient *client = new_client (address);
  g_autoptr(AsabDispatcher) channel = NULL;
  g_autoptr(AsabFuture) stopped = NULL;
  g_autoptr(AsabFuture) again = NULL;

  start_client (client);
  wait_connected (fixture, client);
  channel = asab_stream_client_dup_channel (client);
  g_assert_true (asab_async_chat_push_text (ASAB_ASYNC_CHAT (channel), "bye\n", NULL));
  g_clear_object (&channel);
  stopped = asab_stream_client_stop (client);
  again = asab_stream_client_stop (client);
  g_assert_true (asab_stream_client_is_connected (client));
  g_assert_true (stopped == again);
  wait_for (fixture, stopped);
  async_run_ready (fixture);
  async_assert_trace (fixture, "bye disconnected ");

  g_assert_finalize_object (client);
  stop_server (fixture, server);
}

/* A peer that does not read is not waited for. */
static void
test_stop_timeout (AsyncFixture  *fixture,
                   gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(GPtrArray) sockets = asab_listen ("127.0.0.1 0", 5, NULL);
  g_autoptr(GSocketAddress) bound = g_socket_get_local_address (g_ptr_array_index (sockets, 0), NULL);
  g_autofree char *address = g_socket_connectable_to_string (G_SOCKET_CONNECTABLE (bound));
  g_autofree char *block = g_strnfill (10000000, 'x');
  AsabStreamClient *client = new_client (address);
  g_autoptr(AsabDispatcher) channel = NULL;
  g_autoptr(AsabFuture) stopped = NULL;

  g_object_set (client, "stop-timeout", 3.0, NULL);
  start_client (client);
  wait_connected (fixture, client);
  channel = asab_stream_client_dup_channel (client);
  g_assert_true (asab_async_chat_push_text (ASAB_ASYNC_CHAT (channel), block, NULL));
  g_clear_object (&channel);

  stopped = asab_stream_client_stop (client);
  async_advance (fixture, 2.9);
  g_assert_false (asab_future_is_done (stopped));
  async_advance (fixture, 0.1);
  g_assert_true (asab_future_is_resolved (stopped));
  async_assert_trace (fixture, "disconnected ");
  g_assert_finalize_object (client);
  asab_listen_close (sockets);
}

static void
stop_cb (AsabStreamClient *client)
{
  g_autoptr(AsabFuture) stopped G_GNUC_UNUSED = asab_stream_client_stop (client);

  async_trace ("stop ");
}

/* Stopped when it is told that it is connected. */
static void
test_stop_in_signal (AsyncFixture  *fixture,
                     gconstpointer  data G_GNUC_UNUSED)
{
  AsabStreamServer *server = start_server ("127.0.0.1 0");
  g_autofree char *address = get_address (server);
  AsabStreamClient *client = new_client (address);
  g_autoptr(AsabFuture) connected = asab_stream_client_wait_connected (client);

  g_signal_connect (client, "connected", G_CALLBACK (stop_cb), NULL);
  start_client (client);
  wait_for (fixture, connected);
  async_run_ready (fixture);
  async_assert_trace (fixture, "handle_connect connected stop disconnected ");
  g_assert_false (asab_stream_client_is_running (client));
  g_clear_pointer (&connected, asab_future_unref);

  g_assert_finalize_object (client);
  stop_server (fixture, server);
}

static AsabDispatcher *
stop_and_make_cb (AsabStreamClient  *client,
                  gpointer           user_data,
                  GError           **error)
{
  stop_cb (client);

  return make_cb (client, user_data, error);
}

static void
test_stop_in_factory (AsyncFixture  *fixture,
                      gconstpointer  data G_GNUC_UNUSED)
{
  AsabStreamClient *client = new_client_with_factory (stop_and_make_cb, NULL, "localhost:7");

  start_client (client);
  async_advance (fixture, 100);
  async_assert_trace (fixture, "stop ");
  g_assert_false (asab_stream_client_is_running (client));
  g_assert_finalize_object (client);
}

/* A client that nobody holds any more ends at once, whatever it is doing. */
static void
test_drop (AsyncFixture  *fixture,
           gconstpointer  data G_GNUC_UNUSED)
{
  AsabStreamServer *server = start_server ("127.0.0.1 0");
  g_autofree char *address = get_address (server);
  AsabStreamClient *waiting = new_client (address);
  AsabStreamClient *connecting = new_client ("silent.test:7");
  AsabStreamClient *connected = new_client (address);

  start_client (waiting);
  g_assert_finalize_object (waiting);
  start_client (connecting);
  async_run_ready (fixture);
  g_assert_finalize_object (connecting);
  start_client (connected);
  wait_connected (fixture, connected);
  g_assert_finalize_object (connected);
  async_run_ready (fixture);
  async_assert_trace (fixture, "");
  g_assert_cmpuint (asab_stream_server_get_n_connections (server), ==, 0);
  stop_server (fixture, server);
}

static void
add_tests (void)
{
  test_resolver_install ();
  async_test_add ("/asab/stream-client/talk", test_talk);
  async_test_add ("/asab/stream-client/type", test_type);
  async_test_add ("/asab/stream-client/host-name", test_host_name);
  async_test_add ("/asab/stream-client/bad-address", test_bad_address);
  async_test_add ("/asab/stream-client/restart", test_restart);
  async_test_add ("/asab/stream-client/refused-first", test_refused_first);
  async_test_add ("/asab/stream-client/delays", test_delays);
  async_test_add ("/asab/stream-client/jitter", test_jitter);
  async_test_add ("/asab/stream-client/short-connections", test_short_connections);
  async_test_add ("/asab/stream-client/reset", test_reset);
  async_test_add ("/asab/stream-client/reset-before-accept", test_reset_before_accept);
  async_test_add ("/asab/stream-client/failing-handler", test_failing_handler);
  async_test_add ("/asab/stream-client/half-open", test_half_open);
  async_test_add ("/asab/stream-client/idle-timeout-unset", test_idle_timeout_unset);
  async_test_add ("/asab/stream-client/unknown-host", test_unknown_host);
  async_test_add ("/asab/stream-client/connect-timeout", test_connect_timeout);
  async_test_add ("/asab/stream-client/stop-early", test_stop_early);
  async_test_add ("/asab/stream-client/stop-connected", test_stop_connected);
  async_test_add ("/asab/stream-client/stop-timeout", test_stop_timeout);
  async_test_add ("/asab/stream-client/stop-in-signal", test_stop_in_signal);
  async_test_add ("/asab/stream-client/stop-in-factory", test_stop_in_factory);
  async_test_add ("/asab/stream-client/drop", test_drop);
}

int
main (int    argc,
      char **argv)
{
  return async_test_run (argc, argv, add_tests);
}
