/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "web-fixture.h"

/* Answers with the name of the route and the parameters. */
static AsabFuture *
tell_route (AsabWebRequest  *request,
            gpointer         user_data,
            GError         **error G_GNUC_UNUSED)
{
  const char *id = asab_web_request_get_param (request, "id");
  const char *rest = asab_web_request_get_param (request, "rest");
  const char *method = asab_web_request_get_method (request);
  g_autofree char *text = g_strdup_printf ("<%s|%s|%s|%s>", (const char *) user_data, method,
                                           id != NULL ? id : "-", rest != NULL ? rest : "-");

  asab_web_request_respond_text (request, text);

  return NULL;
}

static void
add (WebFixture *fixture,
     const char *method,
     const char *pattern)
{
  g_autoptr(GError) error = NULL;

  asab_web_router_add (fixture->router, method, pattern, tell_route, g_strdup (pattern), g_free, &error);
  g_assert_no_error (error);
}

static void
assert_answer (WebFixture *fixture,
               const char *method,
               const char *path,
               const char *status,
               const char *part)
{
  g_autofree char *request = g_strdup_printf ("%s %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", method, path);
  g_autofree char *answer = web_fixture_exchange (fixture, request);

  g_test_message ("%s %s", method, path);
  web_assert_status (answer, status);
  web_assert_contains (answer, part);
}

static void
test_match (WebFixture    *fixture,
            gconstpointer  data G_GNUC_UNUSED)
{
  add (fixture, "GET", "/");
  add (fixture, "GET", "/users");
  add (fixture, "GET", "/users/");
  add (fixture, "GET", "/users/me");
  add (fixture, "GET", "/users/{id}");
  add (fixture, "POST", "/users/{id}");
  add (fixture, "GET", "/users/{id}/posts");
  add (fixture, "GET", "/files/{rest*}");
  add (fixture, "GET", "/files/readme");
  add (fixture, "PROPFIND", "/files/{rest*}");
  web_fixture_start (fixture);

  assert_answer (fixture, "GET", "/", "200", "</|GET|-|->");
  assert_answer (fixture, "GET", "/?x=/users", "200", "</|GET|-|->");
  assert_answer (fixture, "GET", "/users", "200", "</users|GET|-|->");
  assert_answer (fixture, "GET", "/users/", "200", "</users/|GET|-|->");
  assert_answer (fixture, "GET", "/users/me", "200", "</users/me|GET|-|->");
  assert_answer (fixture, "GET", "/users/42", "200", "</users/{id}|GET|42|->");
  assert_answer (fixture, "POST", "/users/me", "200", "</users/{id}|POST|me|->");
  assert_answer (fixture, "GET", "/users/me/posts", "200", "</users/{id}/posts|GET|me|->");
  assert_answer (fixture, "GET", "/files/a/b//c", "200", "</files/{rest*}|GET|-|a/b//c>");
  assert_answer (fixture, "GET", "/files/", "200", "</files/{rest*}|GET|-|>");
  assert_answer (fixture, "GET", "/files/readme", "200", "</files/readme|GET|-|->");
  assert_answer (fixture, "GET", "/files/readme/x", "200", "</files/{rest*}|GET|-|readme/x>");
  assert_answer (fixture, "PROPFIND", "/files/x", "200", "|PROPFIND|");
  assert_answer (fixture, "GET", "http://example.org/users/7?q", "200", "</users/{id}|GET|7|->");

  assert_answer (fixture, "GET", "/nothing", "404", "404 Not Found");
  assert_answer (fixture, "GET", "/users/42/", "404", "404 Not Found");
  assert_answer (fixture, "GET", "//users", "404", "404 Not Found");
  assert_answer (fixture, "GET", "/files", "404", "404 Not Found");
  assert_answer (fixture, "GET", "/Users", "404", "404 Not Found");
}

static void
test_decode (WebFixture    *fixture,
             gconstpointer  data G_GNUC_UNUSED)
{
  add (fixture, "GET", "/users/{id}");
  add (fixture, "GET", "/users/Žofie");
  add (fixture, "GET", "/files/{rest*}");
  web_fixture_start (fixture);

  assert_answer (fixture, "GET", "/users/a%20b+c", "200", "|a b+c|");
  assert_answer (fixture, "GET", "/users/a%2Fb", "200", "|a/b|");
  assert_answer (fixture, "GET", "/users/%C5%BEluva", "200", "|žluva|");
  assert_answer (fixture, "GET", "/users/%c5%bdofie", "200", "</users/Žofie|");
  assert_answer (fixture, "GET", "/%75sers/x%3Fy%23z", "200", "|x?y#z|");
  assert_answer (fixture, "GET", "/files/a/b%2Fc", "404", "404");

  assert_answer (fixture, "GET", "/users/%", "400", "percent-encoded");
  assert_answer (fixture, "GET", "/users/%4", "400", "percent-encoded");
  assert_answer (fixture, "GET", "/users/%zz", "400", "percent-encoded");
  assert_answer (fixture, "GET", "/users/%00", "400", "percent-encoded");
  assert_answer (fixture, "GET", "/users/%ff", "400", "percent-encoded");
  assert_answer (fixture, "GET", "/users/\xc5\xbeluva", "400", "behind “/users/”");
  assert_answer (fixture, "GET", "/files/../etc/passwd", "400", "dots");
  assert_answer (fixture, "GET", "/files/%2e%2E/etc/passwd", "400", "dots");
  assert_answer (fixture, "GET", "/files/.", "400", "dots");
  assert_answer (fixture, "GET", "/files/...", "200", "|...>");
  assert_answer (fixture, "GET", "users", "400", "slash");
}

static void
test_methods (WebFixture    *fixture,
              gconstpointer  data G_GNUC_UNUSED)
{
  add (fixture, "GET", "/a");
  add (fixture, "DELETE", "/a");
  add (fixture, "POST", "/{id}");
  add (fixture, "HEAD", "/head");
  add (fixture, "OPTIONS", "/options");
  web_fixture_start (fixture);

  assert_answer (fixture, "PUT", "/a", "405", "Allow: GET, HEAD, DELETE, OPTIONS, POST\r\n");
  assert_answer (fixture, "PUT", "/b", "405", "Allow: POST, OPTIONS\r\n");
  assert_answer (fixture, "OPTIONS", "/a", "204", "Allow: GET, HEAD, DELETE, OPTIONS, POST\r\n");
  assert_answer (fixture, "OPTIONS", "/options", "200", "</options|OPTIONS|");
  assert_answer (fixture, "OPTIONS", "/x/y", "404", "404");
  assert_answer (fixture, "HEAD", "/a", "200", "Content-Length: 13\r\n");
  assert_answer (fixture, "HEAD", "/head", "200", "Content-Length: 16\r\n");
  assert_answer (fixture, "get", "/a", "405", "405 Method Not Allowed");
  assert_answer (fixture, "AVERYLONGMETHODTHATNOBODYKNOWS", "/a", "501", "501 Not Implemented");
}

static void
assert_refused (const char *method,
                const char *pattern,
                int         code,
                const char *part)
{
  g_autoptr(AsabWebRouter) router = asab_web_router_new ();
  g_autoptr(GError) error = NULL;
  gboolean ok;

  ok = asab_web_router_add (router, "GET", "/a/{id}", tell_route, g_strdup ("first"), g_free, NULL);
  g_assert_true (ok);
  ok = asab_web_router_add (router, method, pattern, tell_route, g_strdup ("second"), g_free, &error);
  g_assert_false (ok);
  g_assert_error (error, G_IO_ERROR, code);
  web_assert_contains (error->message, part);
}

static void
test_patterns (void)
{
  assert_refused ("GET", "/a/{name}", G_IO_ERROR_EXISTS, "“GET /a/{name}”");
  assert_refused ("GET", "", G_IO_ERROR_INVALID_ARGUMENT, "slash");
  assert_refused ("GET", "a", G_IO_ERROR_INVALID_ARGUMENT, "slash");
  assert_refused ("GET", "/{a*}/b", G_IO_ERROR_INVALID_ARGUMENT, "follows");
  assert_refused ("GET", "/x{a}", G_IO_ERROR_INVALID_ARGUMENT, "whole segment");
  assert_refused ("GET", "/{}", G_IO_ERROR_INVALID_ARGUMENT, "whole segment");
  assert_refused ("GET", "/{a-b}", G_IO_ERROR_INVALID_ARGUMENT, "letters");
  assert_refused ("GET", "/{*}", G_IO_ERROR_INVALID_ARGUMENT, "letters");
  assert_refused ("GET", "/{a}/{a}", G_IO_ERROR_INVALID_ARGUMENT, "same name");
  assert_refused ("GET", "/{a}/{b}/{c}/{d}/{e}/{f}/{g}/{h}/{i}", G_IO_ERROR_INVALID_ARGUMENT, "too many");
}

static void
test_shorthands (WebFixture    *fixture,
                 gconstpointer  data G_GNUC_UNUSED)
{
  g_assert_true (asab_web_router_add_get (fixture->router, "/s", tell_route, (gpointer) "get", NULL, NULL));
  g_assert_true (asab_web_router_add_post (fixture->router, "/s", tell_route, (gpointer) "post", NULL, NULL));
  g_assert_true (asab_web_router_add_put (fixture->router, "/s", tell_route, (gpointer) "put", NULL, NULL));
  g_assert_true (asab_web_router_add_patch (fixture->router, "/s", tell_route, (gpointer) "patch", NULL, NULL));
  g_assert_true (asab_web_router_add_delete (fixture->router, "/s", tell_route, (gpointer) "delete", NULL, NULL));
  web_fixture_start (fixture);

  assert_answer (fixture, "GET", "/s", "200", "<get|GET|");
  assert_answer (fixture, "POST", "/s", "200", "<post|POST|");
  assert_answer (fixture, "PUT", "/s", "200", "<put|PUT|");
  assert_answer (fixture, "PATCH", "/s", "200", "<patch|PATCH|");
  assert_answer (fixture, "DELETE", "/s", "200", "<delete|DELETE|");
}

int
main (int   argc,
      char *argv[])
{
  web_fixture_init (&argc, &argv);

#define ADD(path, func) g_test_add (path, WebFixture, NULL, web_fixture_set_up, func, web_fixture_tear_down)
  ADD ("/asab/web/router/match", test_match);
  ADD ("/asab/web/router/decode", test_decode);
  ADD ("/asab/web/router/methods", test_methods);
  ADD ("/asab/web/router/shorthands", test_shorthands);
#undef ADD
  g_test_add_func ("/asab/web/router/patterns", test_patterns);

  return g_test_run ();
}
