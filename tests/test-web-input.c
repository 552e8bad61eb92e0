/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What clients should not send. */

#include "web-fixture.h"

#include <string.h>

#define HOST "Host: h\r\n"
#define CLOSE "Connection: close\r\n"
#define CHUNKED "POST / HTTP/1.1\r\n" HOST CLOSE "Transfer-Encoding: chunked\r\n\r\n"

static AsabFuture *
echo (AsabWebRequest  *request,
      gpointer         user_data G_GNUC_UNUSED,
      GError         **error G_GNUC_UNUSED)
{
  asab_web_request_respond_bytes (request, asab_web_request_get_body (request), "text/plain");

  return NULL;
}

static void
set_up (WebFixture    *fixture,
        gconstpointer  data)
{
  web_fixture_set_up (fixture, data);
  asab_web_router_add_get (fixture->router, "/", echo, NULL, NULL, NULL);
  asab_web_router_add_post (fixture->router, "/", echo, NULL, NULL, NULL);
  g_object_set (fixture->container, "body-max-size", (guint64) 1000, NULL);
}

/* Sends @request, and checks the status of the answer, or that the connection is closed without one. */
static void
assert_status (WebFixture *fixture,
               const char *request,
               const char *status)
{
  g_autofree char *answer = web_fixture_exchange (fixture, request);

  g_test_message ("%.60s", request);
  if (status != NULL)
    web_assert_status (answer, status);
  else
    g_assert_cmpstr (answer, ==, "");
}

static void
test_request_line (WebFixture    *fixture,
                   gconstpointer  data G_GNUC_UNUSED)
{
  web_fixture_start (fixture);

  assert_status (fixture, "GARBAGE\r\n\r\n", NULL);
  assert_status (fixture, "GET\r\n\r\n", NULL);
  assert_status (fixture, "GET /\r\n\r\n", "400");
  assert_status (fixture, "GET / FTP/1.1\r\n" HOST "\r\n", "400");
  assert_status (fixture, "GET / HTTP/9.9\r\n" HOST "\r\n", "505");
  assert_status (fixture, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "505");
  assert_status (fixture, "GET  /  HTTP/1.1\r\n" HOST CLOSE "\r\n", "400");
  assert_status (fixture, "GET\t/\tHTTP/1.1\r\n" HOST "\r\n", NULL);
  assert_status (fixture, "CONNECT h:80 HTTP/1.1\r\n" HOST CLOSE "\r\n", "400");
  assert_status (fixture, "\r\n\r\nGET / HTTP/1.1\r\n" HOST CLOSE "\r\n", "200");
  assert_status (fixture, "GET / HTTP/1.0\r\n\r\n", "200");
}

static void
test_headers (WebFixture    *fixture,
              gconstpointer  data G_GNUC_UNUSED)
{
  web_fixture_start (fixture);

  assert_status (fixture, "GET / HTTP/1.1\r\n\r\n", "400");
  assert_status (fixture, "GET / HTTP/1.1\r\n Host: h\r\n\r\n", "400");
  assert_status (fixture, "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "400");
  assert_status (fixture, "GET / HTTP/1.1\r\nHost h\r\n\r\n", "400");
  assert_status (fixture, "GET / HTTP/1.1\r\n" HOST "X : 1\r\n\r\n", "400");
  assert_status (fixture, "GET / HTTP/1.1\r\n" HOST CLOSE "X: 1\r\n 2\r\n\r\n", "200");
}

/* The engine has answers of its own, of HTML; ours are what the client accepts. */
static void
test_answer (WebFixture    *fixture,
             gconstpointer  data G_GNUC_UNUSED)
{
  static const char *requests[] = {
    "GET / HTTP/1.1\r\nAccept: application/json\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\nAccept: application/json\r\n\r\n",
    "GET / HTTP/1.1\r\n" HOST "X : 1\r\nAccept: application/json\r\n\r\n",
    "GET /% HTTP/1.1\r\n" HOST CLOSE "Accept: application/json\r\n\r\n",
    "POST / HTTP/1.1\r\n" HOST "Content-Length: 1001\r\nAccept: application/json\r\n\r\n",
  };

  web_fixture_start (fixture);

  for (guint i = 0; i < G_N_ELEMENTS (requests); i++)
    {
      g_autofree char *answer = web_fixture_exchange (fixture, requests[i]);

      g_test_message ("%.60s", requests[i]);
      web_assert_contains (answer, "\r\nContent-Type: application/json\r\n");
      web_assert_contains (answer, "\r\n\r\n{\"result\":\"ERROR\"");
    }
}

static void
test_too_large (WebFixture    *fixture,
                gconstpointer  data G_GNUC_UNUSED)
{
  g_autofree char *filler = g_strnfill (50000, 'a');
  g_autofree char *path = g_strconcat ("GET /", filler, " HTTP/1.1\r\n" HOST "\r\n", NULL);
  g_autofree char *endless = g_strconcat ("GET /", filler, NULL);
  g_autofree char *header = g_strconcat ("GET / HTTP/1.1\r\n" HOST "X: ", filler, "\r\n\r\n", NULL);
  g_autoptr(GString) headers = g_string_new ("GET / HTTP/1.1\r\n" HOST);
  g_autoptr(GString) query = g_string_new ("GET /?");

  for (guint i = 0; i < 5000; i++)
    {
      g_string_append (headers, "X: 1\r\n");
      g_string_append (query, "a&");
    }
  g_string_append (headers, "\r\n");
  g_string_append (query, " HTTP/1.1\r\n" HOST CLOSE "\r\n");

  web_fixture_start (fixture);
  assert_status (fixture, path, "414");
  assert_status (fixture, endless, "414");
  assert_status (fixture, header, "431");
  assert_status (fixture, headers->str, "431");
  assert_status (fixture, query->str, "200");
}

static void
test_length (WebFixture    *fixture,
             gconstpointer  data G_GNUC_UNUSED)
{
  static const struct
  {
    const char *headers;
    const char *status;
  } cases[] = {
    { "Content-Length: 1001\r\n", "413" },
    { "Content-Length: 99999999999\r\n", "413" },
    { "Content-Length: 99999999999999999999999999\r\n", "413" },
    { "Content-Length: -1\r\n", "400" },
    { "Content-Length: +1\r\n", "400" },
    { "Content-Length: 1x\r\n", "400" },
    { "Content-Length: \r\n", "400" },
    { "Content-Length: 1, 1\r\n", "400" },
    { "Content-Length: 1\r\nContent-Length: 2\r\n", "400" },
    { "Content-Length: 1\r\ncontent-length: 1\r\n", "400" },
    { "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n", "400" },
    { "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", "400" },
    { "Transfer-Encoding: gzip\r\n", "501" },
    { "Transfer-Encoding: gzip, chunked\r\n", "501" },
    { "Transfer-Encoding: \x0b" "chunked\r\n", "501" },
  };

  web_fixture_start (fixture);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *request = g_strdup_printf ("POST / HTTP/1.1\r\n" HOST "%s\r\nx", cases[i].headers);

      assert_status (fixture, request, cases[i].status);
    }
}

static void
test_chunks (WebFixture    *fixture,
             gconstpointer  data G_GNUC_UNUSED)
{
  g_autofree char *filler = g_strnfill (1001, 'a');
  g_autofree char *more = g_strnfill (0x200000, 'a');
  g_autofree char *large = g_strconcat (CHUNKED "3e9\r\n", filler, "\r\n0\r\n\r\n", NULL);
  g_autofree char *huge = g_strconcat (CHUNKED "200000\r\n", more, "\r\n0\r\n\r\n", NULL);
  g_autofree char *answer = NULL;

  web_fixture_start (fixture);

  answer = web_fixture_exchange (fixture, CHUNKED "3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nX-Trailer: 1\r\n\r\n");
  web_assert_status (answer, "200");
  web_assert_contains (answer, "\r\n\r\nabcde");

  assert_status (fixture, CHUNKED "zz\r\nabc\r\n0\r\n\r\n", "400");
  assert_status (fixture, CHUNKED "-1\r\nabc\r\n0\r\n\r\n", "400");
  assert_status (fixture, CHUNKED "0x3\r\nabc\r\n0\r\n\r\n", "400");
  assert_status (fixture, CHUNKED "\r\nabc\r\n0\r\n\r\n", "400");
  assert_status (fixture, CHUNKED "2\r\nabc\r\n0\r\n\r\n", "400");
  assert_status (fixture, CHUNKED "ffffffffffffffffff\r\nabc", "413");
  assert_status (fixture, large, "413");
  assert_status (fixture, huge, "413");
}

/* A body that nobody wants is refused before it is sent, with the connection. */
static void
test_refused_body (WebFixture    *fixture,
                   gconstpointer  data G_GNUC_UNUSED)
{
  web_fixture_start (fixture);

  assert_status (fixture, "POST /nothing HTTP/1.1\r\n" HOST "Content-Length: 900\r\n\r\nab", "404");
  assert_status (fixture, "PUT / HTTP/1.1\r\n" HOST "Content-Length: 900\r\n\r\nab", "405");
  assert_status (fixture, "PUT /% HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n", "400");
}

static void
test_expect (WebFixture    *fixture,
             gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(WebClient) client = NULL;
  const char *answer;

  web_fixture_start (fixture);

  client = web_client_new (fixture);
  web_client_send (client, "POST / HTTP/1.1\r\n" HOST CLOSE "Expect: 100-continue\r\nContent-Length: 3\r\n\r\n", -1);
  web_wait_for (strstr (client->received->str, "\r\n\r\n") != NULL);
  g_assert_cmpstr (client->received->str, ==, "HTTP/1.1 100 Continue\r\n\r\n");
  web_client_send (client, "abc", -1);
  answer = web_client_read_all (client);
  web_assert_contains (answer, "HTTP/1.1 200 OK\r\n");
  web_assert_contains (answer, "\r\n\r\nabc");

  assert_status (fixture, "POST / HTTP/1.1\r\n" HOST "Expect: 100-continue\r\nContent-Length: 3000\r\n\r\n", "413");
}

static void
test_head (WebFixture    *fixture,
           gconstpointer  data G_GNUC_UNUSED)
{
  g_autofree char *answer = NULL;

  web_fixture_start (fixture);
  answer = web_fixture_exchange (fixture, "HEAD /nothing HTTP/1.1\r\n" HOST CLOSE "\r\n");
  web_assert_status (answer, "404");
  g_assert_true (g_str_has_suffix (answer, "\r\n\r\n"));
  g_assert_null (strstr (answer, "Content-Length: 0"));
}

/* Each byte comes alone. */
static void
test_bytes (WebFixture    *fixture,
            gconstpointer  data G_GNUC_UNUSED)
{
  static const char request[] = "POST /?a=b HTTP/1.1\r\n" HOST CLOSE "Content-Length: 4\r\n\r\nbody";
  g_autoptr(WebClient) client = NULL;

  web_fixture_start (fixture);
  client = web_client_new (fixture);
  for (const char *byte = request; *byte != '\0'; byte++)
    {
      web_client_send (client, byte, 1);
      web_wait_for (!g_main_context_pending (NULL));
    }
  web_assert_contains (web_client_read_all (client), "\r\n\r\nbody");
}

/* A client that sends something now and then is not idle for the engine, and yet has to come to an end. */
static gboolean
trickle (gpointer user_data)
{
  WebClient *client = user_data;

  g_socket_send (client->socket, "a", 1, NULL, NULL);

  return G_SOURCE_CONTINUE;
}

static void
test_slow (WebFixture    *fixture,
           gconstpointer  data G_GNUC_UNUSED)
{
  static const char *const starts[] = { "", "GET /", "GET / HTTP/1.1\r\nX: ",
                                        "POST / HTTP/1.1\r\n" HOST "Content-Length: 900\r\n\r\n" };

  g_object_set (fixture->container, "idle-timeout", 0.02, NULL);
  web_fixture_start (fixture);

  for (guint i = 0; i < G_N_ELEMENTS (starts); i++)
    {
      g_autoptr(WebClient) client = web_client_new (fixture);
      guint trickle_id = g_timeout_add (1, trickle, client);

      web_client_send (client, starts[i], -1);
      g_assert_cmpstr (web_client_read_all (client), ==, "");
      g_source_remove (trickle_id);
    }
}

/* Clients that leave in the middle harm nobody. */
static void
test_vanish (WebFixture    *fixture,
             gconstpointer  data G_GNUC_UNUSED)
{
  static const char *const starts[] = { "", "GE", "GET / HT", "GET / HTTP/1.1\r\nX: ", "GET / HTTP/1.1\r\n" HOST "\r\n",
                                        "POST / HTTP/1.1\r\n" HOST "Content-Length: 900\r\n\r\nabc",
                                        CHUNKED "5\r\nab" };

  web_fixture_start (fixture);

  for (guint i = 0; i < G_N_ELEMENTS (starts); i++)
    {
      g_autoptr(WebClient) client = web_client_new (fixture);

      web_client_send (client, starts[i], -1);
      web_wait_for (asab_web_container_get_n_connections (fixture->container) == 1);
      g_socket_close (client->socket, NULL);
      web_wait_for (asab_web_container_get_n_connections (fixture->container) == 0);
    }
}

int
main (int   argc,
      char *argv[])
{
  web_fixture_init (&argc, &argv);

#define ADD(path, func) g_test_add (path, WebFixture, NULL, set_up, func, web_fixture_tear_down)
  ADD ("/asab/web/input/request-line", test_request_line);
  ADD ("/asab/web/input/headers", test_headers);
  ADD ("/asab/web/input/answer", test_answer);
  ADD ("/asab/web/input/too-large", test_too_large);
  ADD ("/asab/web/input/length", test_length);
  ADD ("/asab/web/input/chunks", test_chunks);
  ADD ("/asab/web/input/refused-body", test_refused_body);
  ADD ("/asab/web/input/expect", test_expect);
  ADD ("/asab/web/input/head", test_head);
  ADD ("/asab/web/input/bytes", test_bytes);
  ADD ("/asab/web/input/slow", test_slow);
  ADD ("/asab/web/input/vanish", test_vanish);
#undef ADD

  return g_test_run ();
}
