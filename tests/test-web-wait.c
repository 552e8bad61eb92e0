/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Handlers that wait, and what ends a wait. */

#include "web-fixture.h"

#include <string.h>
#include <sys/socket.h>

#define REQUEST "GET / HTTP/1.1\r\nHost: h\r\n\r\n"

/* What a handler of these tests leaves behind. */
static struct
{
  AsabPromise *promise;    /* of the future that it returned */
  AsabWebRequest *request; /* if it is to be kept */
  gboolean is_cancelled;
} seen;

static void
clear_seen (void)
{
  if (seen.promise != NULL)
    asab_future_ignore (asab_promise_get_future (seen.promise));
  g_clear_pointer (&seen.promise, asab_promise_unref);
  g_clear_pointer (&seen.request, asab_web_request_unref);
  seen.is_cancelled = FALSE;
}

static void
tear_down (WebFixture    *fixture,
           gconstpointer  data)
{
  web_fixture_tear_down (fixture, data);
  clear_seen ();
}

/* Waits for seen.promise. */
static AsabFuture *
wait_for_promise (AsabWebRequest  *request,
                  gpointer         user_data G_GNUC_UNUSED,
                  GError         **error G_GNUC_UNUSED)
{
  clear_seen ();
  seen.promise = asab_promise_new ();
  seen.request = asab_web_request_ref (request);

  return asab_future_ref (asab_promise_get_future (seen.promise));
}

/* Starts the container with the one handler, and sends a request that it waits in. */
static WebClient *
start_waiting (WebFixture *fixture)
{
  WebClient *client;

  asab_web_router_add_get (fixture->router, "/", wait_for_promise, NULL, NULL, NULL);
  web_fixture_start (fixture);
  client = web_client_new (fixture);
  web_client_send (client, REQUEST, -1);
  web_wait_for (seen.promise != NULL);

  return client;
}

static gboolean
is_promise_cancelled (void)
{
  return asab_future_is_cancelled (asab_promise_get_future (seen.promise));
}

static void
assert_access (const char *status)
{
  g_autoptr(GHashTable) access = web_fixture_steal_access ();

  g_assert_cmpstr (g_hash_table_lookup (access, "al.c"), ==, status);
}

static void
test_answer (WebFixture    *fixture,
             gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(WebClient) client = start_waiting (fixture);
  g_autofree char *answer = NULL;

  asab_web_request_respond_text (seen.request, "at last");
  asab_promise_resolve (seen.promise, NULL);
  answer = web_client_read_answer (client);
  web_assert_contains (answer, "\r\n\r\nat last");
}

static void
test_values (WebFixture    *fixture,
             gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(WebClient) client = start_waiting (fixture);
  g_autofree char *text = NULL;
  g_autofree char *json = NULL;
  g_autofree char *node = NULL;
  g_autofree char *bytes = NULL;

  asab_promise_resolve_string (seen.promise, "a text");
  text = web_client_read_answer (client);
  web_assert_contains (text, "text/plain; charset=utf-8\r\n");
  web_assert_contains (text, "\r\n\r\na text");

  clear_seen ();
  web_client_send (client, REQUEST, -1);
  web_wait_for (seen.promise != NULL);
  asab_promise_resolve_variant (seen.promise, g_variant_new_parsed ("[1, 2]"));
  json = web_client_read_answer (client);
  web_assert_contains (json, "\r\n\r\n[1,2]");

  clear_seen ();
  web_client_send (client, REQUEST, -1);
  web_wait_for (seen.promise != NULL);
  asab_promise_take_boxed (seen.promise, JSON_TYPE_NODE, json_from_string ("{\"a\":null}", NULL));
  node = web_client_read_answer (client);
  web_assert_contains (node, "\r\n\r\n{\"a\":null}");

  clear_seen ();
  web_client_send (client, REQUEST, -1);
  web_wait_for (seen.promise != NULL);
  asab_promise_take_boxed (seen.promise, G_TYPE_BYTES, g_bytes_new_static ("raw", 3));
  bytes = web_client_read_answer (client);
  web_assert_contains (bytes, "application/octet-stream\r\n");
}

static void
test_rejected (WebFixture    *fixture,
               gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(WebClient) client = start_waiting (fixture);
  g_autofree char *conflict = NULL;
  g_autofree char *failure = NULL;
  g_autofree char *nothing = NULL;
  g_autofree char *warning = NULL;
  g_autofree char *other_warning = NULL;

  asab_promise_reject_literal (seen.promise, ASAB_WEB_ERROR, ASAB_WEB_ERROR_CONFLICT, "Somebody was here");
  conflict = web_client_read_answer (client);
  web_assert_status (conflict, "409");
  web_assert_contains (conflict, "Somebody was here");

  clear_seen ();
  web_client_send (client, REQUEST, -1);
  web_wait_for (seen.promise != NULL);
  asab_promise_reject_literal (seen.promise, G_IO_ERROR, G_IO_ERROR_FAILED, "Secret");
  failure = web_client_read_answer (client);
  web_assert_status (failure, "500");
  g_assert_null (strstr (failure, "Secret"));
  warning = web_fixture_steal_warning ();
  web_assert_contains (warning, "GET / failed: Secret");

  clear_seen ();
  web_client_send (client, REQUEST, -1);
  web_wait_for (seen.promise != NULL);
  asab_promise_resolve (seen.promise, NULL);
  nothing = web_client_read_answer (client);
  web_assert_status (nothing, "500");
  other_warning = web_fixture_steal_warning ();
}

static AsabFuture *
return_done_future (AsabWebRequest  *request G_GNUC_UNUSED,
                    gpointer         user_data G_GNUC_UNUSED,
                    GError         **error G_GNUC_UNUSED)
{
  GValue value = G_VALUE_INIT;

  g_value_init (&value, G_TYPE_STRING);
  g_value_set_static_string (&value, "done before");

  return asab_future_new_resolved (&value);
}

static void
test_done_future (WebFixture    *fixture,
                  gconstpointer  data G_GNUC_UNUSED)
{
  g_autofree char *answer = NULL;

  asab_web_router_add_get (fixture->router, "/", return_done_future, NULL, NULL, NULL);
  web_fixture_start (fixture);
  answer = web_fixture_get (fixture, "/");
  web_assert_contains (answer, "\r\n\r\ndone before");
}

/* A fiber that waits for a promise, answers with its string, and notices when it is cancelled. */
static gboolean
wait_in_fiber (AsabWebRequest  *request,
               gpointer         user_data G_GNUC_UNUSED,
               GError         **error)
{
  const char *agent = asab_web_request_get_header (request, "User-Agent");
  g_autofree char *text = NULL;

  clear_seen ();
  seen.promise = asab_promise_new ();
  text = asab_await_string (asab_promise_get_future (seen.promise), error);
  if (text == NULL)
    {
      /* What the request lent is still there when its client is gone. */
      g_assert_cmpstr (agent, ==, "me");
      g_assert_cmpstr (asab_web_request_get_header (request, "host"), ==, "h");
      g_assert_cmpstr (asab_web_request_get_remote_address (request), ==, "127.0.0.1");
      seen.is_cancelled = g_error_matches (*error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      return FALSE;
    }

  asab_web_request_respond_text (request, text);

  return TRUE;
}

static WebClient *
start_fiber (WebFixture *fixture)
{
  WebClient *client;

  asab_web_router_add_fiber (fixture->router, "GET", "/", wait_in_fiber, NULL, NULL, NULL);
  web_fixture_start (fixture);
  client = web_client_new (fixture);
  web_client_send (client, "GET / HTTP/1.1\r\nHost: h\r\nUser-Agent: me\r\n\r\n", -1);
  web_wait_for (seen.promise != NULL);

  return client;
}

static void
test_fiber (WebFixture    *fixture,
            gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(WebClient) client = start_fiber (fixture);
  g_autofree char *answer = NULL;

  asab_promise_resolve_string (seen.promise, "from a fiber");
  answer = web_client_read_answer (client);
  web_assert_contains (answer, "\r\n\r\nfrom a fiber");
}

static void
test_fiber_error (WebFixture    *fixture,
                  gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(WebClient) client = start_fiber (fixture);
  g_autofree char *answer = NULL;

  asab_promise_reject_literal (seen.promise, ASAB_WEB_ERROR, ASAB_WEB_ERROR_NOT_FOUND, "No such cow");
  answer = web_client_read_answer (client);
  web_assert_status (answer, "404");
  web_assert_contains (answer, "No such cow");
}

static void
test_fiber_vanish (WebFixture    *fixture,
                   gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(WebClient) client = start_fiber (fixture);

  g_socket_close (client->socket, NULL);
  assert_access ("499");
  web_wait_for (seen.is_cancelled);
}

static void
test_vanish (WebFixture    *fixture,
             gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(WebClient) client = start_waiting (fixture);

  g_socket_close (client->socket, NULL);
  web_wait_for (is_promise_cancelled ());
  assert_access ("499");
  web_wait_for (asab_web_container_get_n_connections (fixture->container) == 0);

  /* The handler may still hold the request, and even answer. */
  g_assert_cmpstr (asab_web_request_get_header (seen.request, "Host"), ==, "h");
  asab_web_request_respond_text (seen.request, "is anybody there");
}

static void
test_reset (WebFixture    *fixture,
            gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(WebClient) client = start_waiting (fixture);
  const struct linger linger = { .l_onoff = 1 };

  g_assert_cmpint (setsockopt (g_socket_get_fd (client->socket), SOL_SOCKET, SO_LINGER, &linger, sizeof linger), ==, 0);
  g_socket_close (client->socket, NULL);
  web_wait_for (is_promise_cancelled ());
  assert_access ("499");
}

/* A client that sends no more counts as gone, even when more requests of it wait. */
static void
test_half_close (WebFixture    *fixture,
                 gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(WebClient) client = start_waiting (fixture);

  web_client_send (client, REQUEST REQUEST, -1);
  g_socket_shutdown (client->socket, FALSE, TRUE, NULL);
  web_wait_for (is_promise_cancelled ());
  assert_access ("499");
  g_assert_cmpstr (web_client_read_all (client), ==, "");
}

static void
test_request_timeout (WebFixture    *fixture,
                      gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(WebClient) client = NULL;
  g_autofree char *answer = NULL;

  g_object_set (fixture->container, "request-timeout", 0.01, NULL);
  client = start_waiting (fixture);
  answer = web_client_read_answer (client);
  web_assert_status (answer, "503");
  g_assert_true (is_promise_cancelled ());
  assert_access ("503");
}

static void
test_stop_waits (WebFixture    *fixture,
                 gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(WebClient) client = start_waiting (fixture);
  g_autoptr(WebClient) idle = web_client_new (fixture);
  g_autoptr(AsabFuture) stopped = NULL;
  g_autoptr(GSocket) late = NULL;
  g_autoptr(GSocketAddress) address = g_inet_socket_address_new_from_string ("127.0.0.1", fixture->port);
  g_autoptr(GError) error = NULL;
  const char *answer;

  web_wait_for (asab_web_container_get_n_connections (fixture->container) == 2);
  stopped = asab_web_container_stop (fixture->container);
  g_assert_cmpstr (web_client_read_all (idle), ==, "");

  late = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_DEFAULT, NULL);
  g_socket_connect (late, address, NULL, &error);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED);

  g_assert_false (asab_future_is_done (stopped));
  asab_promise_resolve_string (seen.promise, "still here");
  answer = web_client_read_all (client);
  web_assert_status (answer, "200");
  web_assert_contains (answer, "Connection: close\r\n");
  web_wait_for (asab_future_is_done (stopped));
}

static void
test_stop_limit (WebFixture    *fixture,
                 gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(WebClient) client = NULL;
  g_autoptr(AsabFuture) first = NULL;
  g_autoptr(AsabFuture) second = NULL;

  g_object_set (fixture->container, "stop-timeout", 0.01, NULL);
  client = start_waiting (fixture);
  first = asab_web_container_stop (fixture->container);
  second = asab_web_container_stop (fixture->container);
  web_assert_status (web_client_read_all (client), "503");
  g_assert_true (is_promise_cancelled ());
  web_wait_for (asab_future_is_done (first) && asab_future_is_done (second));
  assert_access ("503");
}

/* Dropping the container drops what waits in it. */
static void
test_drop (void)
{
  WebFixture fixture = { 0 };
  g_autoptr(WebClient) client = NULL;

  web_fixture_set_up (&fixture, NULL);
  client = start_waiting (&fixture);
  g_assert_finalize_object (fixture.container);
  g_assert_true (is_promise_cancelled ());
  web_assert_status (web_client_read_all (client), "503");
  assert_access ("503");
  clear_seen ();
}

int
main (int   argc,
      char *argv[])
{
  web_fixture_init (&argc, &argv);

#define ADD(path, func) g_test_add (path, WebFixture, NULL, web_fixture_set_up, func, tear_down)
  ADD ("/asab/web/wait/answer", test_answer);
  ADD ("/asab/web/wait/values", test_values);
  ADD ("/asab/web/wait/rejected", test_rejected);
  ADD ("/asab/web/wait/done-future", test_done_future);
  ADD ("/asab/web/wait/fiber", test_fiber);
  ADD ("/asab/web/wait/fiber-error", test_fiber_error);
  ADD ("/asab/web/wait/fiber-vanish", test_fiber_vanish);
  ADD ("/asab/web/wait/vanish", test_vanish);
  ADD ("/asab/web/wait/reset", test_reset);
  ADD ("/asab/web/wait/half-close", test_half_close);
  ADD ("/asab/web/wait/request-timeout", test_request_timeout);
  ADD ("/asab/web/wait/stop-waits", test_stop_waits);
  ADD ("/asab/web/wait/stop-limit", test_stop_limit);
  g_test_add_func ("/asab/web/wait/drop", test_drop);
#undef ADD

  return g_test_run ();
}
