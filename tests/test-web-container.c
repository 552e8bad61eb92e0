/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "web-fixture.h"

#include <glib/gstdio.h>
#include <gio/gunixsocketaddress.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static AsabFuture *
say_hello (AsabWebRequest  *request,
           gpointer         user_data G_GNUC_UNUSED,
           GError         **error G_GNUC_UNUSED)
{
  asab_web_request_respond_text (request, "hello");

  return NULL;
}

/* Starts @container, which has to fail. */
static void
assert_start_fails (AsabWebContainer *container,
                    GQuark            domain,
                    int               code,
                    const char       *part)
{
  g_autoptr(AsabFuture) future = asab_web_container_start (container);
  g_autoptr(GError) error = asab_future_dup_error (future);
  g_auto(GStrv) addresses = NULL;

  g_assert_error (error, domain, code);
  web_assert_contains (error->message, part);
  g_assert_false (asab_web_container_is_running (container));
  addresses = asab_web_container_dup_addresses (container);
  g_assert_cmpuint (g_strv_length (addresses), ==, 0);
}

static void
test_defaults (void)
{
  g_autoptr(AsabWebContainer) container = asab_web_container_new ();
  g_autofree char *listen = NULL;
  g_autofree char *tokens = NULL;
  g_autoptr(AsabWebRouter) router = NULL;
  guint backlog, limit, address_limit;
  guint64 body, memory;
  double idle, request, stop;
  gboolean running;

  g_object_get (container, "listen", &listen, "backlog", &backlog, "connection-limit", &limit,
                "address-connection-limit", &address_limit, "connection-memory", &memory, "body-max-size", &body,
                "idle-timeout", &idle, "request-timeout", &request, "stop-timeout", &stop, "servertokens", &tokens,
                "router", &router, "running", &running, NULL);
  g_assert_cmpstr (listen, ==, "127.0.0.1 8080");
  g_assert_cmpuint (backlog, ==, 1024);
  g_assert_cmpuint (limit, ==, 10000);
  g_assert_cmpuint (address_limit, ==, 0);
  g_assert_cmpuint (memory, ==, 16 * 1024);
  g_assert_cmpuint (body, ==, 1024 * 1024);
  g_assert_cmpfloat (idle, ==, 30);
  g_assert_cmpfloat (request, ==, 60);
  g_assert_cmpfloat (stop, ==, 5);
  g_assert_cmpstr (tokens, ==, "full");
  g_assert_true (router == asab_web_container_get_router (container));
  g_assert_false (running);
  g_assert_cmpuint (asab_web_container_get_n_connections (container), ==, 0);
}

static void
test_listen_errors (WebFixture    *fixture,
                    gconstpointer  data G_GNUC_UNUSED)
{
  static const char *const wrong[] = { "localhost 8080", "127.0.0.1", "127.0.0.1 x", "127.0.0.1 65536", "::1:8080",
                                       "127.0.0.1 80 ssl", "unix:relative", "-1", "[::1]", "127.0.0.1 " };
  g_autoptr(AsabWebContainer) other = asab_web_container_new ();
  g_autofree char *used = NULL;
  g_autofree char *both = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_object_set (other, "listen", wrong[i], NULL);
      assert_start_fails (other, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "is no address to listen at: give");
    }
  g_object_set (other, "listen", " \n\n", NULL);
  assert_start_fails (other, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "no address");

  g_object_set (other, "listen", "127.0.0.1 0", "servertokens", "none", NULL);
  assert_start_fails (other, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "“none”");

  web_fixture_start (fixture);
  used = g_strdup_printf ("127.0.0.1 %u", fixture->port);
  both = g_strdup_printf ("127.0.0.1 0\n%s", used);
  g_object_set (other, "listen", both, "servertokens", "prod", NULL);
  assert_start_fails (other, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE, used);
}

static void
test_start_twice (WebFixture    *fixture,
                  gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabFuture) again = NULL;
  g_autoptr(AsabFuture) stopped = NULL;
  g_autoptr(GError) error = NULL;

  web_fixture_start (fixture);
  g_assert_true (asab_web_container_is_running (fixture->container));
  again = asab_web_container_start (fixture->container);
  error = asab_future_dup_error (again);
  g_assert_error (error, ASAB_ERROR, ASAB_ERROR_ALREADY_STARTED);

  stopped = asab_web_container_stop (fixture->container);
  web_wait_for (!asab_web_container_is_running (fixture->container));
  g_assert_true (asab_future_is_resolved (stopped));
  web_fixture_start (fixture);
}

static void
get_hello (GSocketAddress *address)
{
  static const char request[] = "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
  g_autoptr(GSocket) socket = NULL;
  g_autoptr(GError) error = NULL;
  char answer[1024] = "";
  gssize size = -1;

  socket = g_socket_new (g_socket_address_get_family (address), G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_DEFAULT,
                         &error);
  g_assert_no_error (error);
  g_socket_connect (socket, address, NULL, &error);
  g_assert_no_error (error);
  g_socket_send (socket, request, strlen (request), NULL, &error);
  g_assert_no_error (error);
  g_socket_set_blocking (socket, FALSE);
  web_wait_for ((size = g_socket_receive (socket, answer, sizeof answer - 1, NULL, NULL)) >= 0);
  web_assert_status (answer, "200");
}

static void
test_addresses (WebFixture    *fixture,
                gconstpointer  data G_GNUC_UNUSED)
{
  g_autofree char *folder = g_dir_make_tmp ("asab-web-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "socket", NULL);
  g_autofree char *listen = g_strdup_printf ("0\n127.0.0.1:0\nunix:%s", path);
  g_autoptr(AsabFuture) started = NULL;
  g_autoptr(AsabFuture) stopped = NULL;
  g_autoptr(GSocketAddress) unix_address = g_unix_socket_address_new (path);
  g_autoptr(GHashTable) access = NULL;
  g_auto(GStrv) addresses = NULL;
  guint n_addresses;

  /* A file that a dead process left is no obstacle. */
  {
    g_autoptr(GSocket) dead =
      g_socket_new (G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_DEFAULT, NULL);

    g_assert_true (g_socket_bind (dead, unix_address, FALSE, NULL));
  }

  asab_web_router_add_get (fixture->router, "/", say_hello, NULL, NULL, NULL);
  g_object_set (fixture->container, "listen", listen, NULL);
  started = asab_web_container_start (fixture->container);
  g_assert_true (asab_future_is_resolved (started));

  addresses = asab_web_container_dup_addresses (fixture->container);
  n_addresses = g_strv_length (addresses);
  for (guint i = 0; i < n_addresses - 1; i++)
    {
      g_autoptr(GUri) uri = g_uri_parse (addresses[i], G_URI_FLAGS_NONE, NULL);
      g_autoptr(GSocketAddress) address =
        g_inet_socket_address_new_from_string (g_uri_get_host (uri), (guint) g_uri_get_port (uri));
      g_autoptr(GHashTable) record = NULL;

      get_hello (address);
      record = web_fixture_steal_access ();
      g_assert_cmpstr (g_hash_table_lookup (record, "I"), ==, g_uri_get_host (uri));
    }

  g_assert_true (g_str_has_suffix (addresses[n_addresses - 1], path));
  get_hello (unix_address);
  access = web_fixture_steal_access ();
  g_assert_cmpstr (g_hash_table_lookup (access, "I"), ==, "unix");

  stopped = asab_web_container_stop (fixture->container);
  web_wait_for (asab_future_is_done (stopped));
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
  g_rmdir (folder);
}

static void
test_keep_alive (WebFixture    *fixture,
                 gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(WebClient) client = NULL;

  asab_web_router_add_get (fixture->router, "/", say_hello, NULL, NULL, NULL);
  web_fixture_start (fixture);
  client = web_client_new (fixture);

  for (guint i = 0; i < 3; i++)
    {
      g_autofree char *answer = NULL;

      web_client_send (client, "GET / HTTP/1.1\r\nHost: h\r\n\r\n", -1);
      answer = web_client_read_answer (client);
      web_assert_status (answer, "200");
    }
  g_assert_cmpuint (asab_web_container_get_n_connections (fixture->container), ==, 1);

  /* Pipelined requests are answered in order. */
  web_client_send (client,
                   "GET / HTTP/1.1\r\nHost: h\r\n\r\n"
                   "GET /x HTTP/1.1\r\nHost: h\r\n\r\n"
                   "GET / HTTP/1.1\r\nHost: h\r\n\r\n",
                   -1);
  for (guint i = 0; i < 3; i++)
    {
      g_autofree char *answer = web_client_read_answer (client);

      web_assert_status (answer, i == 1 ? "404" : "200");
    }
}

static void
test_access_log (WebFixture    *fixture,
                 gconstpointer  data G_GNUC_UNUSED)
{
  g_autofree char *answer = NULL;
  g_autoptr(GHashTable) access = NULL;

  asab_web_router_add (fixture->router, "POST", "/{x}", say_hello, NULL, NULL, NULL);
  g_object_set (fixture->container, "servertokens", "prod", NULL);
  web_fixture_start (fixture);

  answer = web_fixture_exchange (fixture, "POST /a%20b?secret=1 HTTP/1.1\r\nHost: h\r\nUser-Agent: me\r\n"
                                          "Connection: close\r\nContent-Length: 3\r\n\r\nabc");
  web_assert_contains (answer, "Server: asab-glib\r\n");

  access = web_fixture_steal_access ();
  g_assert_cmpstr (g_hash_table_lookup (access, "PRIORITY"), ==, "5");
  g_assert_cmpstr (g_hash_table_lookup (access, "MESSAGE"), ==, "");
  g_assert_cmpstr (g_hash_table_lookup (access, "I"), ==, "127.0.0.1");
  g_assert_cmpstr (g_hash_table_lookup (access, "al.m"), ==, "POST");
  g_assert_cmpstr (g_hash_table_lookup (access, "al.p"), ==, "/a%20b");
  g_assert_cmpstr (g_hash_table_lookup (access, "al.c"), ==, "200");
  g_assert_cmpstr (g_hash_table_lookup (access, "al.B"), ==, "3");
  g_assert_cmpstr (g_hash_table_lookup (access, "al.b"), ==, "5");
  g_assert_cmpstr (g_hash_table_lookup (access, "al.A"), ==, "me");
  g_assert_true (g_regex_match_simple ("^[0-9]+\\.[0-9]{6}$", g_hash_table_lookup (access, "D"), 0, 0));
}

static void
test_connection_limit (WebFixture    *fixture,
                       gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(WebClient) first = NULL;
  g_autoptr(WebClient) second = NULL;
  g_autofree char *answer = NULL;
  g_autofree char *waited = NULL;

  asab_web_router_add_get (fixture->router, "/", say_hello, NULL, NULL, NULL);
  g_object_set (fixture->container, "connection-limit", 1, NULL);
  web_fixture_start (fixture);

  first = web_client_new (fixture);
  second = web_client_new (fixture);
  web_client_send (second, "GET / HTTP/1.1\r\nHost: h\r\n\r\n", -1);
  web_client_send (first, "GET / HTTP/1.1\r\nHost: h\r\n\r\n", -1);
  answer = web_client_read_answer (first);
  g_assert_cmpuint (second->received->len, ==, 0);
  g_assert_cmpuint (asab_web_container_get_n_connections (fixture->container), ==, 1);

  g_socket_close (first->socket, NULL);
  waited = web_client_read_answer (second);
  web_assert_status (waited, "200");
}

static void
test_address_limit (WebFixture    *fixture,
                    gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(WebClient) first = NULL;
  g_autoptr(WebClient) second = NULL;
  g_autofree char *answer = NULL;

  asab_web_router_add_get (fixture->router, "/", say_hello, NULL, NULL, NULL);
  g_object_set (fixture->container, "address-connection-limit", 1, NULL);
  web_fixture_start (fixture);

  first = web_client_new (fixture);
  web_client_send (first, "GET / HTTP/1.1\r\nHost: h\r\n\r\n", -1);
  answer = web_client_read_answer (first);
  second = web_client_new (fixture);
  g_assert_cmpstr (web_client_read_all (second), ==, "");
}

/* When file descriptors run out, clients wait until there are some. (Under valgrind, the one that waited is lost.) */
static void
test_descriptors (WebFixture    *fixture,
                  gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(WebClient) early = NULL;
  g_autoptr(WebClient) late = NULL;
  g_autofree char *answer = NULL;
  struct rlimit limit, tight;
  int next_fd;

  asab_web_router_add_get (fixture->router, "/", say_hello, NULL, NULL, NULL);
  web_fixture_start (fixture);
  early = web_client_new (fixture);

  next_fd = dup (STDIN_FILENO);
  g_assert_cmpint (next_fd, >=, 0);
  close (next_fd);
  g_assert_cmpint (getrlimit (RLIMIT_NOFILE, &limit), ==, 0);
  tight = (struct rlimit) { .rlim_cur = (rlim_t) next_fd, .rlim_max = limit.rlim_max };
  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &tight), ==, 0);
  web_client_send (early, "GET / HTTP/1.1\r\nHost: h\r\n\r\n", -1);
  web_wait_for (!g_main_context_pending (NULL));
  g_assert_cmpuint (asab_web_container_get_n_connections (fixture->container), ==, 0);

  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &limit), ==, 0);
  late = web_client_new (fixture);
  web_client_send (late, "GET / HTTP/1.1\r\nHost: h\r\n\r\n", -1);
  answer = web_client_read_answer (late);
  web_assert_status (answer, "200");
  web_wait_for (early->received->len > 0 || early->is_closed);
}

/* A container that is dropped without being stopped closes its connections, also from within a handler. */
static AsabFuture *
drop_container (AsabWebRequest  *request,
                gpointer         user_data,
                GError         **error G_GNUC_UNUSED)
{
  WebFixture *fixture = user_data;

  asab_web_request_respond_text (request, "goodbye");
  g_clear_object (&fixture->container);

  return NULL;
}

static void
test_drop (void)
{
  WebFixture fixture = { 0 };
  g_autoptr(WebClient) client = NULL;
  g_autoptr(WebClient) idle = NULL;

  web_fixture_set_up (&fixture, NULL);
  asab_web_router_add_get (fixture.router, "/", drop_container, &fixture, NULL, NULL);
  web_fixture_start (&fixture);
  idle = web_client_new (&fixture);
  client = web_client_new (&fixture);
  web_client_send (client, "GET / HTTP/1.1\r\nHost: h\r\n\r\n", -1);
  web_assert_contains (web_client_read_all (client), "goodbye");
  g_assert_cmpstr (web_client_read_all (idle), ==, "");
  g_assert_null (fixture.container);
}

int
main (int   argc,
      char *argv[])
{
  web_fixture_init (&argc, &argv);

#define ADD(path, func) g_test_add (path, WebFixture, NULL, web_fixture_set_up, func, web_fixture_tear_down)
  g_test_add_func ("/asab/web/container/defaults", test_defaults);
  ADD ("/asab/web/container/listen-errors", test_listen_errors);
  ADD ("/asab/web/container/start-twice", test_start_twice);
  ADD ("/asab/web/container/addresses", test_addresses);
  ADD ("/asab/web/container/keep-alive", test_keep_alive);
  ADD ("/asab/web/container/access-log", test_access_log);
  ADD ("/asab/web/container/connection-limit", test_connection_limit);
  ADD ("/asab/web/container/address-limit", test_address_limit);
  ADD ("/asab/web/container/descriptors", test_descriptors);
  g_test_add_func ("/asab/web/container/drop", test_drop);
#undef ADD

  return g_test_run ();
}
