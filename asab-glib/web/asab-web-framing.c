/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "asab-web-framing-private.h"

#include <asab-glib/web/asab-web-error.h>

#include <glib/gi18n-lib.h>
#include <microhttpd.h>
#include <string.h>

/* What the headers say of the request as a whole. */
typedef struct
{
  guint n_hosts;
  guint n_lengths;
  guint n_encodings;
  const char *length;
  const char *encoding;
  gboolean is_malformed;
} HeaderSummary;

static gboolean
is_named (const char *name,
          size_t      size,
          const char *other,
          size_t      other_size)
{
  return size == other_size && g_ascii_strncasecmp (name, other, size) == 0;
}

static enum MHD_Result
summarize_header (void               *user_data,
                  enum MHD_ValueKind  kind G_GNUC_UNUSED,
                  const char         *name,
                  size_t              name_size,
                  const char         *value,
                  size_t              value_size G_GNUC_UNUSED)
{
  HeaderSummary *summary = user_data;

#define IS(other) is_named (name, name_size, (other), strlen (other))
  if (IS (MHD_HTTP_HEADER_HOST))
    summary->n_hosts++;
  else if (IS (MHD_HTTP_HEADER_CONTENT_LENGTH))
    {
      summary->n_lengths++;
      summary->length = value;
    }
  else if (IS (MHD_HTTP_HEADER_TRANSFER_ENCODING))
    {
      summary->n_encodings++;
      summary->encoding = value;
    }
#undef IS

  if (name_size == 0 || g_ascii_isspace (name[name_size - 1]))
    summary->is_malformed = TRUE;

  return MHD_YES;
}

/* Looks for what engine and proxies may read in two ways, which is how requests are smuggled (RFC 9112, 5.1, 6.3,
 * 11.2), and for the host, which each request but those of HTTP/1.0 names (RFC 9112, 3.2).
 *
 * Returns false if the request is refused; @has_body tells whether a body comes anyway. */
gboolean
asab_web_framing_check (AsabWebRequest *request,
                        const char     *version,
                        guint64         body_max_size,
                        gboolean       *has_body)
{
  HeaderSummary summary = { 0 };
  guint64 size = 0;

  MHD_get_connection_values_n (request->connection, MHD_HEADER_KIND, summarize_header, &summary);
  *has_body = summary.n_lengths + summary.n_encodings > 0;

  if (summary.n_hosts == 0 && !g_str_equal (version, MHD_HTTP_VERSION_1_0))
    {
      asab_web_request_refuse (request, ASAB_WEB_ERROR_BAD_REQUEST, _("The header “Host” is missing"));
      return FALSE;
    }
  if (summary.n_hosts > 1 || summary.is_malformed)
    {
      asab_web_request_refuse (request, ASAB_WEB_ERROR_BAD_REQUEST, _("The headers are malformed"));
      return FALSE;
    }
  if (summary.n_lengths + summary.n_encodings > 1 ||
      (summary.length != NULL && !g_ascii_string_to_unsigned (summary.length, 10, 0, G_MAXUINT64, &size, NULL)))
    {
      asab_web_request_refuse (request, ASAB_WEB_ERROR_BAD_REQUEST, _("The length of the body is not clear"));
      return FALSE;
    }
  if (summary.encoding != NULL && g_ascii_strcasecmp (summary.encoding, "chunked") != 0)
    {
      asab_web_request_refuse (request, ASAB_WEB_ERROR_NOT_IMPLEMENTED,
                               _("The transfer encoding of the body is not understood"));
      return FALSE;
    }
  if (size > body_max_size)
    {
      asab_web_request_refuse (request, ASAB_WEB_ERROR_CONTENT_TOO_LARGE,
                               _("The body is larger than is accepted here"));
      return FALSE;
    }
  *has_body = summary.n_encodings > 0 || size > 0;

  return TRUE;
}
