/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "asab-web-error-page-private.h"

#include <json-glib/json-glib.h>
#include <libsoup/soup.h>
#include <microhttpd.h>

static const char html_page[] = "<!DOCTYPE html>\n"
                                "<html lang=\"en\">\n"
                                "<head><meta charset=\"utf-8\"><title>%1$u %2$s</title></head>\n"
                                "<body><h1>%1$u %2$s</h1><p>%3$s</p></body>\n"
                                "</html>\n";

/* The word for a status that clients of ASAB look for. */
static const char *
get_result (guint status)
{
  switch (status)
    {
    case MHD_HTTP_UNAUTHORIZED:
      return "NOT-AUTHORIZED";
    case MHD_HTTP_NOT_FOUND:
      return "NOT-FOUND";
    case MHD_HTTP_CONFLICT:
      return "CONFLICT";
    default:
      return "ERROR";
    }
}

static char *
make_json (guint       status,
           const char *message)
{
  g_autoptr(JsonBuilder) builder = json_builder_new_immutable ();
  g_autoptr(JsonNode) root = NULL;

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "result");
  json_builder_add_string_value (builder, get_result (status));
  json_builder_set_member_name (builder, "message");
  json_builder_add_string_value (builder, message);
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);

  return json_to_string (root, FALSE);
}

/* Makes the body of an error in the form that the client prefers: JSON, HTML, or plain text when it has no
 * preference. */
char *
asab_web_error_page_new (const char  *accept,
                         guint        status,
                         const char  *message,
                         const char **content_type)
{
  GSList *types = accept != NULL ? soup_header_parse_quality_list (accept, NULL) : NULL;
  const char *type = NULL;
  const char *phrase = MHD_get_reason_phrase_for (status);
  g_autofree char *escaped = NULL;
  char *page;

  for (GSList *l = types; l != NULL && type == NULL; l = l->next)
    if (g_str_equal (l->data, "application/json") || g_str_equal (l->data, "text/html"))
      type = l->data;
    else if (g_str_equal (l->data, "text/plain") || g_str_equal (l->data, "*/*"))
      break;

  if (g_strcmp0 (type, "application/json") == 0)
    {
      *content_type = "application/json";
      page = make_json (status, message);
    }
  else if (g_strcmp0 (type, "text/html") == 0)
    {
      *content_type = "text/html; charset=utf-8";
      escaped = g_markup_escape_text (message, -1);
      page = g_strdup_printf (html_page, status, phrase, escaped);
    }
  else
    {
      *content_type = "text/plain; charset=utf-8";
      page = g_strdup_printf ("%u %s: %s\n", status, phrase, message);
    }

  soup_header_free_list (types);

  return page;
}
