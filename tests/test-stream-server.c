/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "async-fixture.h"

#include <errno.h>
#include <gio/gunixsocketaddress.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

/* Answers each line with itself. */

typedef struct
{
  AsabAsyncChat parent_instance;
} Echo;

typedef struct
{
  AsabAsyncChatClass parent_class;
} EchoClass;

static GType echo_get_type (void);
G_DEFINE_FINAL_TYPE (Echo, echo, ASAB_TYPE_ASYNC_CHAT)

static gboolean
echo_handle_connect (AsabDispatcher  *dispatcher,
                     GError         **error)
{
  g_assert_true (asab_dispatcher_is_connected (dispatcher));

  return asab_async_chat_push_text (ASAB_ASYNC_CHAT (dispatcher), "hi\n", error);
}

static gboolean
echo_found_terminator (AsabAsyncChat  *chat,
                       GError        **error)
{
  g_autofree char *line = asab_async_chat_take_line (chat);
  g_autofree char *answer = g_strconcat (line, "\n", NULL);

  return asab_async_chat_push_text (chat, answer, error);
}

static void
echo_class_init (EchoClass *klass)
{
  ASAB_DISPATCHER_CLASS (klass)->handle_connect = echo_handle_connect;
  ASAB_ASYNC_CHAT_CLASS (klass)->found_terminator = echo_found_terminator;
}

static void
echo_init (Echo *self)
{
  asab_async_chat_set_terminator (ASAB_ASYNC_CHAT (self), "\n");
}

/* Server and clients in one thread. */

static AsabStreamServer *
start (const char *first_property,
       ...)
{
  g_autoptr(GError) error = NULL;
  AsabStreamServer *server = asab_stream_server_new (echo_get_type ());
  va_list va;

  g_object_set (server, "listen", "127.0.0.1 0", NULL);
  va_start (va, first_property);
  g_object_set_valist (G_OBJECT (server), first_property, va);
  va_end (va);
  g_assert_true (asab_stream_server_start (server, &error));
  g_assert_no_error (error);

  return server;
}

static void
run (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

/* Connects to the system's backlog, from which the server has yet to take it. */
static GSocket *
begin_to_connect (AsabStreamServer *server)
{
  g_auto(GStrv) addresses = asab_stream_server_dup_addresses (server);
  g_autoptr(GError) error = NULL;
  g_autoptr(GSocketConnectable) connectable = NULL;
  g_autoptr(GSocketAddressEnumerator) enumerator = NULL;
  g_autoptr(GSocketAddress) address = NULL;
  GSocket *socket;

  if (addresses[0][0] == '/')
    address = g_unix_socket_address_new (addresses[0]);
  else
    {
      connectable = g_network_address_parse (addresses[0], 0, &error);
      g_assert_no_error (error);
      enumerator = g_socket_connectable_enumerate (connectable);
      address = g_socket_address_enumerator_next (enumerator, NULL, &error);
    }
  socket = g_socket_new (g_socket_address_get_family (address), G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_DEFAULT,
                         &error);
  g_assert_no_error (error);
  g_assert_true (g_socket_connect (socket, address, NULL, &error)); /* the system's backlog takes it */
  g_assert_no_error (error);
  g_socket_set_blocking (socket, FALSE);

  return socket;
}

static GSocket *
connect_to (AsabStreamServer *server)
{
  GSocket *socket = begin_to_connect (server);

  run ();

  return socket;
}

/* Closes a connection so that the other side is told that it is broken. */
static void
reset (GSocket *socket)
{
  struct linger linger = { .l_onoff = 1, .l_linger = 0 };

  g_assert_cmpint (setsockopt (g_socket_get_fd (socket), SOL_SOCKET, SO_LINGER, &linger, sizeof linger), ==, 0);
  g_assert_true (g_socket_close (socket, NULL));
}

static void
say (GSocket    *socket,
     const char *text)
{
  g_assert_cmpint (g_socket_send (socket, text, strlen (text), NULL, NULL), ==, (gssize) strlen (text));
}

/* Runs the server until the client has received @text; an empty one is the end. */
static void
expect (GSocket    *socket,
        const char *text)
{
  char buffer[100] = "";
  gsize n = 0;

  do
    {
      g_autoptr(GError) error = NULL;
      gssize size = g_socket_receive (socket, buffer + n, sizeof buffer - 1 - n, NULL, &error);

      if (size == 0)
        break;
      if (size > 0)
        n += (gsize) size;
      else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
        g_main_context_iteration (NULL, FALSE);
      else
        break;
    }
  while (*text == '\0' || n < strlen (text));
  g_assert_cmpstr (buffer, ==, text);
}

static void
stop (AsabStreamServer *server)
{
  g_autoptr(AsabFuture) stopped = asab_stream_server_stop (server);

  while (!asab_future_is_done (stopped))
    g_main_context_iteration (NULL, TRUE);
  g_assert_true (asab_future_is_resolved (stopped));
  g_assert_cmpuint (asab_stream_server_get_n_connections (server), ==, 0);
  g_assert_finalize_object (server);
}

static void
test_echo (void)
{
  AsabStreamServer *server = start (NULL);
  g_autoptr(GSocket) first = connect_to (server);
  g_autoptr(GSocket) second = connect_to (server);
  g_autoptr(GPtrArray) channels = NULL;

  g_assert_true (asab_stream_server_is_running (server));
  expect (first, "hi\n");
  expect (second, "hi\n");
  say (first, "one\n");
  say (second, "two\n");
  expect (second, "two\n");
  expect (first, "one\n");

  channels = asab_stream_server_dup_connections (server);
  g_assert_cmpuint (channels->len, ==, 2);
  g_clear_pointer (&channels, g_ptr_array_unref);
  g_socket_close (first, NULL);
  run ();
  g_assert_cmpuint (asab_stream_server_get_n_connections (server), ==, 1);

  stop (server);
  expect (second, "");
}

static void
test_unix (void)
{
  g_autofree char *folder = g_dir_make_tmp ("asab-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "socket", NULL);
  g_autofree char *listen = g_strconcat ("unix:", path, NULL);
  AsabStreamServer *server = start ("listen", listen, NULL);
  g_autoptr(GSocket) client = connect_to (server);

  expect (client, "hi\n");
  stop (server);
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

/* Who comes when there are enough has to wait. */
static void
test_connection_limit (void)
{
  AsabStreamServer *server = start ("connection-limit", 2, NULL);
  g_autoptr(GSocket) first = connect_to (server);
  g_autoptr(GSocket) second = connect_to (server);
  g_autoptr(GSocket) third = connect_to (server);

  expect (first, "hi\n");
  expect (second, "hi\n");
  run ();
  g_assert_cmpuint (asab_stream_server_get_n_connections (server), ==, 2);
  g_assert_cmpint (g_socket_condition_check (third, G_IO_IN), ==, 0);

  g_socket_close (first, NULL);
  expect (third, "hi\n");
  g_assert_cmpuint (asab_stream_server_get_n_connections (server), ==, 2);
  stop (server);
}

/* Nothing remains of a client that is gone again before it is let in. */
static void
test_reset_early (void)
{
  AsabStreamServer *server = start (NULL);
  g_autoptr(GSocket) client = begin_to_connect (server);

  say (client, "half");
  reset (client);
  run ();
  g_assert_cmpuint (asab_stream_server_get_n_connections (server), ==, 0);
  stop (server);
}

static void
test_address_connection_limit (void)
{
  AsabStreamServer *server = start ("address-connection-limit", 1, NULL);
  g_autoptr(GSocket) first = connect_to (server);
  g_autoptr(GSocket) second = connect_to (server);
  g_autoptr(GSocket) third = NULL;

  expect (first, "hi\n");
  expect (second, "");
  g_socket_close (first, NULL);
  run ();
  third = connect_to (server);
  expect (third, "hi\n");
  stop (server);
}

/* By the clock that is moved by hand. */
static void
test_idle_timeout (AsyncFixture  *fixture,
                   gconstpointer  data G_GNUC_UNUSED)
{
  AsabStreamServer *server = asab_stream_server_new (echo_get_type ());
  g_autoptr(AsabFuture) stopped = NULL;
  g_autoptr(GSocket) lively = NULL;
  g_autoptr(GSocket) idle = NULL;

  g_object_set (server, "listen", "127.0.0.1 0", "idle-timeout", 10.0, NULL);
  g_assert_true (asab_stream_server_start (server, NULL));
  lively = connect_to (server);
  idle = connect_to (server);
  async_run_ready (fixture);
  g_assert_cmpuint (asab_stream_server_get_n_connections (server), ==, 2);

  async_advance (fixture, 6);
  say (lively, "x\n");
  async_run_ready (fixture);
  async_advance (fixture, 5);
  g_assert_cmpuint (asab_stream_server_get_n_connections (server), ==, 1);
  async_advance (fixture, 4);
  g_assert_cmpuint (asab_stream_server_get_n_connections (server), ==, 1);
  async_advance (fixture, 2);
  g_assert_cmpuint (asab_stream_server_get_n_connections (server), ==, 0);

  stopped = asab_stream_server_stop (server);
  g_assert_true (asab_future_is_resolved (stopped));
  g_assert_finalize_object (server);
}

/* Who was to be closed after a while may stay when that is no longer wanted. */
static void
test_idle_timeout_unset (AsyncFixture  *fixture,
                         gconstpointer  data G_GNUC_UNUSED)
{
  AsabStreamServer *server = asab_stream_server_new (echo_get_type ());
  g_autoptr(AsabFuture) stopped = NULL;
  g_autoptr(GSocket) client = NULL;

  g_object_set (server, "listen", "127.0.0.1 0", "idle-timeout", 10.0, NULL);
  g_assert_true (asab_stream_server_start (server, NULL));
  client = connect_to (server);
  async_run_ready (fixture);
  g_object_set (server, "idle-timeout", 0.0, NULL);
  async_advance (fixture, 20);
  g_assert_cmpuint (asab_stream_server_get_n_connections (server), ==, 1);

  g_socket_close (client, NULL);
  async_run_ready (fixture);
  stopped = asab_stream_server_stop (server);
  g_assert_true (asab_future_is_resolved (stopped));
  g_assert_finalize_object (server);
}

static AsabDispatcher *
make_elsewhere_cb (AsabStreamServer  *server G_GNUC_UNUSED,
                   gpointer           map,
                   GError           **error G_GNUC_UNUSED)
{
  return g_object_new (echo_get_type (), "map", map, NULL);
}

/* The channels that a factory makes may be in another map. */
static void
test_other_map (void)
{
  AsabChannelMap *map = asab_channel_map_new ();
  AsabStreamServer *server = asab_stream_server_new_with_factory (make_elsewhere_cb, map, NULL);
  g_autoptr(GPtrArray) channels = NULL;
  g_autoptr(GSocket) client = NULL;

  g_object_set (server, "listen", "127.0.0.1 0", NULL);
  g_assert_true (asab_stream_server_start (server, NULL));
  client = connect_to (server);
  expect (client, "hi\n");
  g_assert_cmpuint (asab_stream_server_get_n_connections (server), ==, 1);
  channels = asab_stream_server_dup_connections (server);
  g_assert_cmpuint (channels->len, ==, 1);
  g_assert_true (asab_dispatcher_get_map (g_ptr_array_index (channels, 0)) == map);
  g_clear_pointer (&channels, g_ptr_array_unref);

  stop (server);
  expect (client, "");
  g_assert_finalize_object (map);
}

/* What is being answered is answered, and who does not listen is not waited for. */
static void
test_drain (AsyncFixture  *fixture,
            gconstpointer  data G_GNUC_UNUSED)
{
  AsabStreamServer *server = asab_stream_server_new (echo_get_type ());
  g_autoptr(AsabFuture) stopped = NULL;
  g_autoptr(AsabFuture) again = NULL;
  g_autoptr(GPtrArray) channels = NULL;
  g_autoptr(GSocket) client = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *block = g_strnfill (10000000, 'x');

  g_object_set (server, "listen", "127.0.0.1 0", "stop-timeout", 3.0, NULL);
  g_assert_true (asab_stream_server_start (server, NULL));
  g_assert_false (asab_stream_server_start (server, &error));
  g_assert_error (error, ASAB_ERROR, ASAB_ERROR_ALREADY_STARTED);
  client = connect_to (server);
  async_run_ready (fixture);
  channels = asab_stream_server_dup_connections (server);
  g_assert_true (asab_async_chat_push_text (g_ptr_array_index (channels, 0), block, NULL));
  g_clear_pointer (&channels, g_ptr_array_unref);

  stopped = asab_stream_server_stop (server);
  again = asab_stream_server_stop (server);
  g_assert_true (stopped == again);
  g_assert_false (asab_stream_server_is_running (server));
  async_advance (fixture, 2);
  g_assert_false (asab_future_is_done (stopped));
  async_advance (fixture, 1);
  g_assert_true (asab_future_is_resolved (stopped));
  async_assert_log (fixture, "");
  g_assert_finalize_object (server);
}

static void
test_bad_address (void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(AsabStreamServer) server = asab_stream_server_new (echo_get_type ());
  AsabStreamServer *other = start (NULL);
  g_auto(GStrv) addresses = asab_stream_server_dup_addresses (other);

  g_assert_false (asab_stream_server_start (server, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);
  g_object_set (server, "listen", "nowhere", NULL);
  g_assert_false (asab_stream_server_start (server, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
  g_assert_nonnull (strstr (error->message, "“nowhere”"));
  g_clear_error (&error);
  g_object_set (server, "listen", addresses[0], NULL);
  g_assert_false (asab_stream_server_start (server, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE);
  stop (other);
}

static AsabDispatcher *
fail_cb (AsabStreamServer  *server G_GNUC_UNUSED,
         gpointer           user_data G_GNUC_UNUSED,
         GError           **error)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, "Not today");

  return NULL;
}

static void
test_failing_factory (AsyncFixture  *fixture,
                      gconstpointer  data G_GNUC_UNUSED)
{
  AsabStreamServer *server = asab_stream_server_new_with_factory (fail_cb, NULL, NULL);
  g_autoptr(AsabFuture) stopped = NULL;
  g_autoptr(GSocket) client = NULL;

  g_object_set (server, "listen", "127.0.0.1 0", NULL);
  g_assert_true (asab_stream_server_start (server, NULL));
  client = connect_to (server);
  async_run_ready (fixture);
  async_assert_log (fixture, "*A client is turned away: Not today*");
  expect (client, "");
  stopped = asab_stream_server_stop (server);
  g_assert_finalize_object (server);
}

/* Without file descriptors nobody is let in for a while; then it goes on. */
static void
test_no_descriptors (AsyncFixture  *fixture,
                     gconstpointer  data G_GNUC_UNUSED)
{
  AsabStreamServer *server = asab_stream_server_new (echo_get_type ());
  g_autoptr(AsabFuture) stopped = NULL;
  g_autoptr(GSocket) client = NULL;
  g_autoptr(GSocket) other = NULL;
  struct rlimit limit;
  struct rlimit low;
  int last;

  g_object_set (server, "listen", "127.0.0.1 0", NULL);
  g_assert_true (asab_stream_server_start (server, NULL));
  client = connect_to (server);

  last = dup (0);
  close (last);
  g_assert_cmpint (getrlimit (RLIMIT_NOFILE, &limit), ==, 0);
  low = limit;
  low.rlim_cur = (rlim_t) last;
  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &low), ==, 0);
  async_run_ready (fixture);
  g_assert_cmpuint (asab_stream_server_get_n_connections (server), ==, 0);
  g_assert_false (g_main_context_iteration (fixture->context, FALSE)); /* it does not spin */

  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &limit), ==, 0);
  async_advance (fixture, 0.1);
  other = connect_to (server);
  async_run_ready (fixture);
  expect (other, "hi\n");

  g_clear_object (&client);
  g_clear_object (&other);
  stopped = asab_stream_server_stop (server);
  async_run_ready (fixture);
  g_assert_true (asab_future_is_resolved (stopped));
  g_assert_finalize_object (server);
}

static void
add_tests (void)
{
  g_test_add_func ("/asab/stream-server/echo", test_echo);
  g_test_add_func ("/asab/stream-server/unix", test_unix);
  g_test_add_func ("/asab/stream-server/connection-limit", test_connection_limit);
  g_test_add_func ("/asab/stream-server/reset-early", test_reset_early);
  g_test_add_func ("/asab/stream-server/address-connection-limit", test_address_connection_limit);
  async_test_add ("/asab/stream-server/idle-timeout", test_idle_timeout);
  async_test_add ("/asab/stream-server/idle-timeout-unset", test_idle_timeout_unset);
  g_test_add_func ("/asab/stream-server/other-map", test_other_map);
  async_test_add ("/asab/stream-server/drain", test_drain);
  g_test_add_func ("/asab/stream-server/bad-address", test_bad_address);
  async_test_add ("/asab/stream-server/failing-factory", test_failing_factory);
  async_test_add ("/asab/stream-server/no-descriptors", test_no_descriptors);
}

int
main (int    argc,
      char **argv)
{
  return async_test_run (argc, argv, add_tests);
}
