/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "web-fixture.h"

#include <string.h>

static void
add (WebFixture     *fixture,
     const char     *method,
     const char     *pattern,
     AsabWebHandler  handler)
{
  g_autoptr(GError) error = NULL;

  asab_web_router_add (fixture->router, method, pattern, handler, fixture, NULL, &error);
  g_assert_no_error (error);
}

static void
assert_get (WebFixture *fixture,
            const char *path,
            const char *status,
            const char *part)
{
  g_autofree char *answer = web_fixture_get (fixture, path);

  web_assert_status (answer, status);
  web_assert_contains (answer, part);
}

/* What the client sent */

static AsabFuture *
tell_query (AsabWebRequest  *request,
            gpointer         user_data G_GNUC_UNUSED,
            GError         **error G_GNUC_UNUSED)
{
  g_auto(GStrv) values = asab_web_request_dup_query_values (request, "a");
  g_autofree char *list = g_strjoinv (",", values);
  const char *b = asab_web_request_get_query (request, "b");
  const char *raw = asab_web_request_get_query_string (request);
  g_autofree char *text = g_strdup_printf ("<%s|%s|%s>", list, b != NULL ? b : "-", raw != NULL ? raw : "-");

  asab_web_request_respond_text (request, text);

  return NULL;
}

static void
test_query (WebFixture    *fixture,
            gconstpointer  data G_GNUC_UNUSED)
{
  add (fixture, "GET", "/", tell_query);
  web_fixture_start (fixture);

  assert_get (fixture, "/", "200", "<|-|->");
  assert_get (fixture, "/?", "200", "<|-|>");
  assert_get (fixture, "/?a=1&a=2&b=3", "200", "<1,2|3|");
  assert_get (fixture, "/?a=x+y%2Bz&b=%26%3D", "200", "<x y+z|&=|");
  assert_get (fixture, "/?a&b=&&a==", "200", "<,=||");
  assert_get (fixture, "/?%61=%C5%BE", "200", "<ž|-|");
  assert_get (fixture, "/?a=%", "400", "query");
  assert_get (fixture, "/?a=%00", "400", "query");
  assert_get (fixture, "/?%fe=1", "400", "query");
}

static void
append_header (const char *name,
               const char *value,
               gpointer    user_data)
{
  g_string_append_printf (user_data, "%s=%s;", name, value);
}

static AsabFuture *
tell_headers (AsabWebRequest  *request,
              gpointer         user_data G_GNUC_UNUSED,
              GError         **error G_GNUC_UNUSED)
{
  g_autoptr(GString) text = g_string_new ("<");

  asab_web_request_foreach_header (request, append_header, text);
  g_string_append_printf (text, "|%s|", asab_web_request_get_header (request, "x-one"));
  g_assert_null (asab_web_request_get_header (request, "X-Two"));
  g_string_append_printf (text, "%s>", asab_web_request_get_remote_address (request));
  asab_web_request_respond_text (request, text->str);

  return NULL;
}

static void
test_headers (WebFixture    *fixture,
              gconstpointer  data G_GNUC_UNUSED)
{
  g_autofree char *answer = NULL;

  add (fixture, "GET", "/", tell_headers);
  web_fixture_start (fixture);

  answer = web_fixture_exchange (fixture, "GET / HTTP/1.1\r\nHost: h\r\nX-One:  a b \r\nx-one: c\r\nX-Three: \xe9\r\n"
                                          "Connection: close\r\n\r\n");
  web_assert_contains (answer, "<Host=h;X-One=a b;x-one=c;X-Three=\xef\xbf\xbd;Connection=close;|a b|127.0.0.1>");
}

static AsabFuture *
echo_body (AsabWebRequest  *request,
           gpointer         user_data G_GNUC_UNUSED,
           GError         **error G_GNUC_UNUSED)
{
  asab_web_request_respond_bytes (request, asab_web_request_get_body (request), "text/x-echo");

  return NULL;
}

static AsabFuture *
echo_json (AsabWebRequest  *request,
           gpointer         user_data G_GNUC_UNUSED,
           GError         **error)
{
  JsonNode *node = asab_web_request_get_json (request, error);

  if (node == NULL)
    return NULL;

  g_assert_true (asab_web_request_get_json (request, NULL) == node);
  asab_web_request_respond_json (request, node);

  return NULL;
}

static char *
post (WebFixture *fixture,
      const char *path,
      const char *body)
{
  g_autofree char *request = g_strdup_printf ("POST %s HTTP/1.1\r\nHost: h\r\nConnection: close\r\n"
                                              "Content-Length: %" G_GSIZE_FORMAT "\r\n\r\n%s",
                                              path, strlen (body), body);

  return web_fixture_exchange (fixture, request);
}

static void
assert_post (WebFixture *fixture,
             const char *path,
             const char *body,
             const char *status,
             const char *part)
{
  g_autofree char *answer = post (fixture, path, body);

  web_assert_status (answer, status);
  web_assert_contains (answer, part);
}

static void
test_body (WebFixture    *fixture,
           gconstpointer  data G_GNUC_UNUSED)
{
  add (fixture, "POST", "/", echo_body);
  web_fixture_start (fixture);

  assert_post (fixture, "/", "", "200", "Content-Length: 0\r\n");
  assert_post (fixture, "/", "hello", "200", "\r\n\r\nhello");
  assert_post (fixture, "/", "hello", "200", "Content-Type: text/x-echo\r\n");
}

static void
test_json (WebFixture    *fixture,
           gconstpointer  data G_GNUC_UNUSED)
{
  g_autofree char *deep = g_strnfill (1000 * 1000, '[');

  add (fixture, "POST", "/", echo_json);
  web_fixture_start (fixture);

  assert_post (fixture, "/", "{ \"a\" : [1, 2.5, \"ž\\n\", true, null, {}] }", "200",
               "\r\n\r\n{\"a\":[1,2.5,\"ž\\n\",true,null,{}]}");
  assert_post (fixture, "/", "[1]", "200", "Content-Type: application/json\r\n");
  assert_post (fixture, "/?pretty", "{\"a\":1}", "200", "\r\n\r\n{\n  \"a\" : 1\n}");
  assert_post (fixture, "/?pretty=no", "{\"a\":1}", "200", "\r\n\r\n{\"a\":1}");
  assert_post (fixture, "/", "\"\\ud83d\\ude00\"", "200", "\r\n\r\n\"😀\"");

  assert_post (fixture, "/", "", "400", "line 1, column 1");
  assert_post (fixture, "/", "{\n \"ž\": }", "400", "line 2, column 7");
  assert_post (fixture, "/", "{'a': 1}", "400", "line 1, column 2");
  assert_post (fixture, "/", "[1,]", "400", "line 1, column 4");
  assert_post (fixture, "/", "[1] x", "400", "line 1, column 5");
  assert_post (fixture, "/", "[01]", "400", "line 1, column 3");
  assert_post (fixture, "/", "{\"a\" 1}", "400", "line 1, column 6");
  assert_post (fixture, "/", "\"\xff\"", "400", "line 1, column 2");
  assert_post (fixture, "/", "\"a\tb\"", "400", "line 1, column 3");
  assert_post (fixture, "/", "\"\\ud800\\u0041\"", "400", "line 1");
  assert_post (fixture, "/", "\"\\u0000\"", "400", "line 1");
  assert_post (fixture, "/", "\"\\x\"", "400", "line 1");
  assert_post (fixture, "/", "nul", "400", "line 1, column 1");
  assert_post (fixture, "/", deep, "400", "line 1, column 129");
}

/* What the client gets */

static AsabFuture *
respond_all_kinds (AsabWebRequest  *request,
                   gpointer         user_data G_GNUC_UNUSED,
                   GError         **error G_GNUC_UNUSED)
{
  g_autoptr(GBytes) bytes = g_bytes_new_static ("\0\1\2", 3);
  const char *kind = asab_web_request_get_param (request, "kind");

  if (g_str_equal (kind, "text"))
    asab_web_request_respond_text (request, "žluť");
  else if (g_str_equal (kind, "html"))
    asab_web_request_respond_html (request, "<p>");
  else if (g_str_equal (kind, "bytes"))
    asab_web_request_respond_bytes (request, bytes, NULL);
  else if (g_str_equal (kind, "variant"))
    asab_web_request_respond_variant (request, g_variant_new_parsed ("{'a': <1>, 'b': <'x'>}"));
  else if (g_str_equal (kind, "last"))
    {
      asab_web_request_respond_bytes (request, bytes, "a/b");
      asab_web_request_respond_text (request, "last");
    }
  else if (g_str_equal (kind, "status"))
    asab_web_request_set_status (request, 202);
  else if (g_str_equal (kind, "created"))
    {
      asab_web_request_set_status (request, 201);
      g_assert_cmpuint (asab_web_request_get_status (request), ==, 201);
      asab_web_request_respond_text (request, "created");
    }

  return NULL;
}

static void
test_respond (WebFixture    *fixture,
              gconstpointer  data G_GNUC_UNUSED)
{
  g_autofree char *warning = NULL;

  add (fixture, "GET", "/{kind}", respond_all_kinds);
  web_fixture_start (fixture);

  assert_get (fixture, "/text", "200", "Content-Type: text/plain; charset=utf-8\r\n");
  assert_get (fixture, "/text", "200", "\r\n\r\nžluť");
  assert_get (fixture, "/html", "200", "Content-Type: text/html; charset=utf-8\r\n");
  assert_get (fixture, "/bytes", "200", "Content-Type: application/octet-stream\r\n");
  assert_get (fixture, "/bytes", "200", "Content-Length: 3\r\n");
  assert_get (fixture, "/variant", "200", "\r\n\r\n{\"a\":1,\"b\":\"x\"}");
  assert_get (fixture, "/last", "200", "\r\n\r\nlast");
  assert_get (fixture, "/status", "202", "Content-Length: 0\r\n");
  assert_get (fixture, "/created", "201", "\r\n\r\ncreated");

  assert_get (fixture, "/nothing", "500", "500 Internal Server Error");
  warning = web_fixture_steal_warning ();
  web_assert_contains (warning, "GET /nothing failed: The handler did not answer");
}

static AsabFuture *
add_headers (AsabWebRequest  *request,
             gpointer         user_data G_GNUC_UNUSED,
             GError         **error)
{
  static const char *const framing[] = { "Content-Length", "transfer-encoding", "Connection", "a b", "", "a:" };
  static const char *const values[] = { "a\r\nX-Evil: 1", "a\n", "\r", "\x7f", "\x01" };

  for (guint i = 0; i < G_N_ELEMENTS (framing); i++)
    {
      g_assert_false (asab_web_request_add_header (request, framing[i], "1", error));
      g_assert_error (*error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
      g_clear_error (error);
    }
  for (guint i = 0; i < G_N_ELEMENTS (values); i++)
    g_assert_false (asab_web_request_replace_header (request, "X-Value", values[i], NULL));

  g_assert_true (asab_web_request_add_header (request, "X-One", "1", error));
  g_assert_true (asab_web_request_add_header (request, "x-one", "2", error));
  g_assert_true (asab_web_request_add_header (request, "X-Two", "3", error));
  g_assert_true (asab_web_request_replace_header (request, "X-two", "ž\t4", error));
  asab_web_request_respond_text (request, "{}");
  g_assert_true (asab_web_request_replace_header (request, "content-type", "application/x-mine", error));

  return NULL;
}

static void
test_answer_headers (WebFixture    *fixture,
                     gconstpointer  data G_GNUC_UNUSED)
{
  g_autofree char *answer = NULL;

  add (fixture, "GET", "/", add_headers);
  web_fixture_start (fixture);

  answer = web_fixture_get (fixture, "/");
  web_assert_status (answer, "200");
  web_assert_contains (answer, "X-One: 1\r\n");
  web_assert_contains (answer, "x-one: 2\r\n");
  web_assert_contains (answer, "X-two: ž\t4\r\n");
  web_assert_contains (answer, "Content-Type: application/x-mine\r\n");
  web_assert_contains (answer, "Server: asab-glib/" ASAB_VERSION_S "\r\n");
  g_assert_null (strstr (answer, "X-Two: 3"));
  g_assert_null (strstr (answer, "Evil"));
}

/* Fails as the path says: with a status, or with something that is nobody's business. */
static AsabFuture *
fail (AsabWebRequest  *request,
      gpointer         user_data G_GNUC_UNUSED,
      GError         **error)
{
  int status = (int) g_ascii_strtoll (asab_web_request_get_param (request, "status"), NULL, 10);

  if (status == 401)
    g_assert_true (asab_web_request_add_header (request, "WWW-Authenticate", "Bearer", error));

  asab_web_request_respond_text (request, "half an answer");
  if (status != 0)
    g_set_error (error, ASAB_WEB_ERROR, status, "That is <wrong>");
  else
    g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_ACCES, "Secret: /etc/shadow");

  return NULL;
}

static void
test_errors (WebFixture    *fixture,
             gconstpointer  data G_GNUC_UNUSED)
{
  g_autofree char *warning = NULL;
  g_autofree char *answer = NULL;

  add (fixture, "GET", "/{status}", fail);
  web_fixture_start (fixture);

  assert_get (fixture, "/400", "400", "\r\n\r\n400 Bad Request: That is <wrong>\n");
  assert_get (fixture, "/401", "401", "WWW-Authenticate: Bearer\r\n");
  assert_get (fixture, "/403", "403", "403 Forbidden");
  assert_get (fixture, "/409", "409", "409 Conflict");
  assert_get (fixture, "/503", "503", "503 Service Unavailable");

  answer = web_fixture_get (fixture, "/secret");
  web_assert_status (answer, "500");
  g_assert_null (strstr (answer, "shadow"));
  warning = web_fixture_steal_warning ();
  web_assert_contains (warning, "GET /secret failed: Secret: /etc/shadow");
}

static void
assert_accept (WebFixture *fixture,
               const char *accept,
               const char *part)
{
  g_autofree char *request = g_strdup_printf ("GET /409 HTTP/1.1\r\nHost: h\r\nConnection: close\r\nAccept: %s\r\n\r\n",
                                              accept);
  g_autofree char *answer = web_fixture_exchange (fixture, request);

  web_assert_status (answer, "409");
  web_assert_contains (answer, part);
}

static void
test_error_pages (WebFixture    *fixture,
                  gconstpointer  data G_GNUC_UNUSED)
{
  add (fixture, "GET", "/{status}", fail);
  web_fixture_start (fixture);

  assert_accept (fixture, "application/json", "\r\n\r\n{\"result\":\"CONFLICT\",\"message\":\"That is <wrong>\"}");
  assert_accept (fixture, "application/json", "Content-Type: application/json\r\n");
  assert_accept (fixture, "text/html,application/xhtml+xml,*/*;q=0.8", "<p>That is &lt;wrong&gt;</p>");
  assert_accept (fixture, "text/html;q=0.5, application/json;q=0.9", "{\"result\"");
  assert_accept (fixture, "*/*", "\r\n\r\n409 Conflict: That is <wrong>\n");
  assert_accept (fixture, "text/plain, application/json;q=0.5", "\r\n\r\n409 Conflict");
  assert_accept (fixture, "image/png", "\r\n\r\n409 Conflict");
  assert_accept (fixture, ";;q=,,/", "\r\n\r\n409 Conflict");
}

int
main (int   argc,
      char *argv[])
{
  web_fixture_init (&argc, &argv);

#define ADD(path, func) g_test_add (path, WebFixture, NULL, web_fixture_set_up, func, web_fixture_tear_down)
  ADD ("/asab/web/request/query", test_query);
  ADD ("/asab/web/request/headers", test_headers);
  ADD ("/asab/web/request/body", test_body);
  ADD ("/asab/web/request/json", test_json);
  ADD ("/asab/web/request/respond", test_respond);
  ADD ("/asab/web/request/answer-headers", test_answer_headers);
  ADD ("/asab/web/request/errors", test_errors);
  ADD ("/asab/web/request/error-pages", test_error_pages);
#undef ADD

  return g_test_run ();
}
