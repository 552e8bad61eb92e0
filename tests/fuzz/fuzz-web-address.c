/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What comes out of an address is as handlers are promised: C strings in UTF-8, and no segment of dots. */

#include "fuzz.h"

#include <asab-glib/web/asab-web-uri-private.h>
#include <string.h>

static void
check_path (const char *path)
{
  gsize length = strlen (path);
  g_autofree char *segments = g_malloc (length + 1);
  const char *segment = segments;
  guint n_segments;

  if (!asab_web_path_decode (path, length, segments, &n_segments, NULL))
    return;

  g_assert_cmpuint (n_segments, >, 0);
  for (guint i = 0; i < n_segments; i++)
    {
      g_assert_true (g_utf8_validate (segment, -1, NULL));
      g_assert_cmpstr (segment, !=, ".");
      g_assert_cmpstr (segment, !=, "..");
      segment += strlen (segment) + 1;
    }
  g_assert_cmpuint ((gsize) (segment - segments), <=, length);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data,
                        size_t         size)
{
  g_autofree char *address = size > 0 ? g_strndup ((const char *) data, size) : g_strdup ("");
  g_autofree char *decoded = g_malloc (size + 1);
  gsize length = strlen (address);
  const char *path;

  if (!asab_web_uri_check (address, NULL))
    return 0;

  if (asab_web_percent_decode (decoded, address, length, TRUE) >= 0)
    g_assert_true (g_utf8_validate (decoded, -1, NULL));
  path = asab_web_uri_find_path (address);
  if (path != NULL)
    check_path (path);

  return 0;
}
