/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "async-fixture.h"
#include "test-resolver.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

/* A channel that notes that it was connected. */

typedef struct
{
  AsabAsyncChat parent_instance;
} Caller;

typedef struct
{
  AsabAsyncChatClass parent_class;
} CallerClass;

static GType caller_get_type (void);
G_DEFINE_FINAL_TYPE (Caller, caller, ASAB_TYPE_ASYNC_CHAT)

static gboolean
caller_handle_connect (AsabDispatcher  *dispatcher,
                       GError         **error G_GNUC_UNUSED)
{
  g_assert_true (asab_dispatcher_is_connected (dispatcher));
  async_trace ("connect ");

  return TRUE;
}

static void
caller_handle_error (AsabDispatcher *dispatcher G_GNUC_UNUSED,
                     const GError   *error G_GNUC_UNUSED)
{
  async_trace ("error ");
}

static void
caller_class_init (CallerClass *klass)
{
  ASAB_DISPATCHER_CLASS (klass)->handle_connect = caller_handle_connect;
  ASAB_DISPATCHER_CLASS (klass)->handle_error = caller_handle_error;
}

static void
caller_init (Caller *self G_GNUC_UNUSED)
{
}

static AsabDispatcher *
new_caller (void)
{
  return g_object_new (caller_get_type (), NULL);
}

/* A server that says nothing. */

typedef struct
{
  AsabAsyncChat parent_instance;
} Listener;

typedef struct
{
  AsabAsyncChatClass parent_class;
} ListenerClass;

static GType listener_get_type (void);
G_DEFINE_FINAL_TYPE (Listener, listener, ASAB_TYPE_ASYNC_CHAT)

static void
listener_class_init (ListenerClass *klass G_GNUC_UNUSED)
{
}

static void
listener_init (Listener *self G_GNUC_UNUSED)
{
}

static AsabStreamServer *
start (const char *listen)
{
  AsabStreamServer *server = asab_stream_server_new (listener_get_type ());
  g_autoptr(GError) error = NULL;

  g_object_set (server, "listen", listen, NULL);
  g_assert_true (asab_stream_server_start (server, &error));
  g_assert_no_error (error);

  return server;
}

static void
stop (AsabStreamServer *server)
{
  g_autoptr(AsabFuture) stopped = asab_stream_server_stop (server);

  g_assert_true (asab_run_until_complete (stopped, NULL, NULL));
  g_assert_finalize_object (server);
}

static guint16
get_port (AsabStreamServer *server)
{
  g_auto(GStrv) addresses = asab_stream_server_dup_addresses (server);

  return (guint16) g_ascii_strtoull (strrchr (addresses[0], ':') + 1, NULL, 10);
}

/* A port at which nobody listens. */
static guint16
get_free_port (void)
{
  AsabStreamServer *server = start ("127.0.0.1 0");
  guint16 port = get_port (server);

  stop (server);

  return port;
}

static void
wait_done (AsyncFixture *fixture,
           AsabFuture   *future)
{
  while (!asab_future_is_done (future))
    g_main_context_iteration (fixture->context, TRUE);
}

/* Connects a channel, which has to succeed, and closes it. */
static void
assert_connects (AsyncFixture *fixture,
                 const char   *address,
                 guint16       default_port)
{
  AsabDispatcher *caller = new_caller ();
  g_autoptr(AsabFuture) connected = asab_dispatcher_connect_to_host (caller, address, default_port, INFINITY);
  g_autoptr(GError) error = NULL;

  g_assert_true (asab_dispatcher_is_closed (caller));
  async_trace_done (connected, "done");
  wait_done (fixture, connected);
  async_run_ready (fixture);
  asab_future_get_value (connected, &error);
  g_assert_no_error (error);
  async_assert_trace (fixture, "connect done");
  g_assert_nonnull (asab_dispatcher_get_address (caller));

  asab_dispatcher_close (caller);
  g_assert_finalize_object (caller);
}

/* Connects a channel, which has to fail with an error that names @name. */
static void
assert_fails (AsyncFixture *fixture,
              const char   *address,
              const char   *name,
              GQuark        domain,
              int           code)
{
  AsabDispatcher *caller = new_caller ();
  g_autoptr(AsabFuture) connected = asab_dispatcher_connect_to_host (caller, address, 0, INFINITY);
  g_autoptr(GError) error = NULL;

  wait_done (fixture, connected);
  error = asab_future_dup_error (connected);
  g_assert_error (error, domain, code);
  g_assert_nonnull (strstr (error->message, name));
  g_assert_true (asab_dispatcher_is_closed (caller));
  async_run_ready (fixture);
  async_assert_trace (fixture, "");
  g_assert_finalize_object (caller);
}

static void
test_forms (AsyncFixture  *fixture,
            gconstpointer  data G_GNUC_UNUSED)
{
  AsabStreamServer *server = start ("127.0.0.1 0");
  guint16 port = get_port (server);
  const char *forms[] = { "localhost:%u", "localhost %u", " localhost\t%u\n", "127.0.0.1:%u", "%u" };

  for (gsize i = 0; i < G_N_ELEMENTS (forms); i++)
    {
      g_auto(GStrv) parts = g_strsplit (forms[i], "%u", 2);
      g_autofree char *address = g_strdup_printf ("%s%u%s", parts[0], port, parts[1]);

      assert_connects (fixture, address, 1);
    }
  assert_connects (fixture, "localhost", port);
  assert_connects (fixture, "127.0.0.1", port);
  stop (server);
}

static void
test_ipv6 (AsyncFixture  *fixture,
           gconstpointer  data G_GNUC_UNUSED)
{
  AsabStreamServer *server = start ("::1 0");
  guint16 port = get_port (server);
  g_auto(GStrv) addresses = asab_stream_server_dup_addresses (server);
  g_autofree char *with_blank = g_strdup_printf ("::1 %u", port);

  assert_connects (fixture, addresses[0], 0);
  assert_connects (fixture, with_blank, 0);
  assert_connects (fixture, "::1", port);
  assert_connects (fixture, "[::1]", port);
  assert_connects (fixture, "localhost", port);
  stop (server);
}

static void
test_unix (AsyncFixture  *fixture,
           gconstpointer  data G_GNUC_UNUSED)
{
  g_autofree char *folder = g_dir_make_tmp ("asab-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "socket", NULL);
  g_autofree char *address = g_strconcat ("unix:", path, NULL);
  AsabStreamServer *server = start (address);

  assert_connects (fixture, address, 0);
  assert_connects (fixture, path, 0);
  stop (server);
  assert_fails (fixture, address, path, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

/* The first of the addresses refuses. */
static void
test_several_addresses (AsyncFixture  *fixture,
                        gconstpointer  data G_GNUC_UNUSED)
{
  AsabStreamServer *server = start ("127.0.0.1 0");

  assert_connects (fixture, "several.test", get_port (server));
  stop (server);
}

static void
test_failures (AsyncFixture  *fixture,
               gconstpointer  data G_GNUC_UNUSED)
{
  g_autofree char *refused = g_strdup_printf ("localhost:%u", get_free_port ());
  const char *bad[] = { "", "  ", ":7", "localhost", "localhost:", "localhost:65536", "local host:7", "unix:x", "::1",
                        "0" };

  assert_fails (fixture, refused, refused, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED);
  assert_fails (fixture, "unknown.test:7000", "“unknown.test:7000”", G_RESOLVER_ERROR, G_RESOLVER_ERROR_NOT_FOUND);
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    assert_fails (fixture, bad[i], bad[i], G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
}

static void
test_timeout (AsyncFixture  *fixture,
              gconstpointer  data G_GNUC_UNUSED)
{
  AsabDispatcher *caller = new_caller ();
  g_autoptr(AsabFuture) connected = asab_dispatcher_connect_to_host (caller, "silent.test:7", 0, 5);
  g_autoptr(AsabFuture) refused = asab_dispatcher_connect_to_host (caller, "silent.test:7", 0, -1);
  g_autoptr(GError) error = NULL;

  async_assert_error (refused, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
  async_advance (fixture, 4.9);
  g_assert_false (asab_future_is_done (connected));
  async_advance (fixture, 0.1);
  error = asab_future_dup_error (connected);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  g_assert_nonnull (strstr (error->message, "“silent.test:7”"));
  g_assert_finalize_object (caller);
}

static void
test_cancel (AsyncFixture  *fixture,
             gconstpointer  data G_GNUC_UNUSED)
{
  AsabStreamServer *server = start ("127.0.0.1 0");
  AsabDispatcher *caller = new_caller ();
  g_autoptr(AsabFuture) looking_up = asab_dispatcher_connect_to_host (caller, "silent.test:7", 0, 5);
  g_autoptr(AsabFuture) connecting = asab_dispatcher_connect_to_host (caller, "127.0.0.1", get_port (server), 5);

  asab_future_cancel (looking_up);
  asab_future_cancel (connecting);
  async_run_ready (fixture);
  async_advance (fixture, 10);
  g_assert_true (asab_future_is_cancelled (looking_up));
  g_assert_true (asab_future_is_cancelled (connecting));
  async_assert_trace (fixture, "");
  g_assert_finalize_object (caller);
  stop (server);
}

/* Who is connected cannot be connected again. */
static void
test_twice (AsyncFixture  *fixture,
            gconstpointer  data G_GNUC_UNUSED)
{
  AsabStreamServer *server = start ("127.0.0.1 0");
  AsabDispatcher *caller = new_caller ();
  g_autoptr(AsabFuture) first = asab_dispatcher_connect_to_host (caller, "127.0.0.1", get_port (server), 5);
  g_autoptr(AsabFuture) second = NULL;

  wait_done (fixture, first);
  second = asab_dispatcher_connect_to_host (caller, "127.0.0.1", get_port (server), 5);
  wait_done (fixture, second);
  async_assert_error (second, ASAB_ERROR, ASAB_ERROR_EXISTS);
  g_assert_true (asab_dispatcher_is_connected (caller));
  async_assert_trace (fixture, "connect ");

  asab_dispatcher_close (caller);
  g_assert_finalize_object (caller);
  stop (server);
}

static void
add_tests (void)
{
  test_resolver_install ();
  async_test_add ("/asab/dispatcher-host/forms", test_forms);
  async_test_add ("/asab/dispatcher-host/ipv6", test_ipv6);
  async_test_add ("/asab/dispatcher-host/unix", test_unix);
  async_test_add ("/asab/dispatcher-host/several-addresses", test_several_addresses);
  async_test_add ("/asab/dispatcher-host/failures", test_failures);
  async_test_add ("/asab/dispatcher-host/timeout", test_timeout);
  async_test_add ("/asab/dispatcher-host/cancel", test_cancel);
  async_test_add ("/asab/dispatcher-host/twice", test_twice);
}

int
main (int    argc,
      char **argv)
{
  return async_test_run (argc, argv, add_tests);
}
