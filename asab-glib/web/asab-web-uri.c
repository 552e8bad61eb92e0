/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "asab-web-uri-private.h"

#include <asab-glib/web/asab-web-error.h>

#include <glib/gi18n-lib.h>
#include <string.h>

/* Decodes percent-encoded text and ends it with a NUL; @dest has room for @length + 1 bytes and may be @source.
 *
 * Returns the length of the decoded text, or -1 if an escape is broken or what comes out is no C string in UTF-8:
 * that is what handlers are promised. */
gssize
asab_web_percent_decode (char       *dest,
                         const char *source,
                         gsize       length,
                         gboolean    plus_is_space)
{
  const char *end = source + length;
  char *out = dest;
  gboolean escaped = FALSE;

  for (; source < end; source++)
    {
      int high, low;

      if (*source == '+' && plus_is_space)
        {
          *out++ = ' ';
          continue;
        }
      if (*source != '%')
        {
          *out++ = *source;
          continue;
        }

      if (end - source < 3)
        return -1;
      high = g_ascii_xdigit_value (source[1]);
      low = g_ascii_xdigit_value (source[2]);
      if (high < 0 || low < 0 || high + low == 0)
        return -1;

      *out++ = (char) (high << 4 | low);
      source += 2;
      escaped = TRUE;
    }

  *out = '\0';
  if (escaped && !g_utf8_validate_len (dest, out - dest, NULL))
    return -1;

  return out - dest;
}

/* Checks that a part of an address has only characters that RFC 3986 allows somewhere in one, so that all later
 * steps work on printable ASCII. */
gboolean
asab_web_uri_check (const char  *part,
                    GError     **error)
{
  for (const char *c = part; *c != '\0'; c++)
    if (!g_ascii_isgraph (*c) || *c == '#')
      {
        g_set_error (error, ASAB_WEB_ERROR, ASAB_WEB_ERROR_BAD_REQUEST,
                     _("The address has a character that has to be percent-encoded behind “%.*s”"),
                     (int) (c - part), part);
        return FALSE;
      }

  return TRUE;
}

/* Finds the path in an address, past the scheme and authority of an absolute form; NULL if there is none. */
const char *
asab_web_uri_find_path (const char *address)
{
  if (g_ascii_strncasecmp (address, "http://", 7) == 0)
    return strchr (address + 7, '/');
  if (g_ascii_strncasecmp (address, "https://", 8) == 0)
    return strchr (address + 8, '/');

  return *address == '/' ? address : NULL;
}

static gboolean
is_dots (const char *segment)
{
  return segment[0] == '.' && (segment[1] == '\0' || (segment[1] == '.' && segment[2] == '\0'));
}

/* Splits a path at its slashes and decodes each segment, in this order, so that an encoded slash does not separate.
 *
 * @segments has room for as many bytes as the path; the segments follow each other in it, each ended by a NUL.
 *   Segments of dots are refused: clients resolve them, and what is left of them was sent to get somewhere it
 *   should not. */
gboolean
asab_web_path_decode (const char  *path,
                      gsize        length,
                      char        *segments,
                      guint       *n_segments,
                      GError     **error)
{
  const char *end = path + length;
  const char *start = path + 1;

  *n_segments = 0;
  while (start <= end)
    {
      const char *slash = memchr (start, '/', (gsize) (end - start));
      gsize size = (gsize) ((slash != NULL ? slash : end) - start);
      gssize decoded = asab_web_percent_decode (segments, start, size, FALSE);

      if (decoded < 0)
        {
          g_set_error_literal (error, ASAB_WEB_ERROR, ASAB_WEB_ERROR_BAD_REQUEST,
                               _("The path of the address is not properly percent-encoded"));
          return FALSE;
        }
      if (is_dots (segments))
        {
          g_set_error_literal (error, ASAB_WEB_ERROR, ASAB_WEB_ERROR_BAD_REQUEST,
                               _("The path of the address has a segment of dots"));
          return FALSE;
        }

      segments += decoded + 1;
      start += size + 1;
      *n_segments += 1;
    }

  return TRUE;
}
