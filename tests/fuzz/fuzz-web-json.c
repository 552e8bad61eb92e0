/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the gate lets through, json-glib understands; what it does not, is told with a place in the text. */

#include "fuzz.h"

#include <asab-glib/web/asab-web-error.h>
#include <asab-glib/web/asab-web-json-private.h>

int
LLVMFuzzerTestOneInput (const uint8_t *data,
                        size_t         size)
{
  g_autoptr(GBytes) bytes = g_bytes_new (data, size);
  g_autoptr(GError) error = NULL;
  g_autoptr(JsonNode) node = asab_web_json_parse (bytes, &error);
  g_autofree char *text = NULL;

  g_assert_true ((node == NULL) == (error != NULL));
  if (node == NULL)
    {
      g_assert_error (error, ASAB_WEB_ERROR, ASAB_WEB_ERROR_BAD_REQUEST);
      g_assert_true (g_str_has_prefix (error->message, "The body is not valid JSON at line "));
      return 0;
    }

  text = json_to_string (node, FALSE);
  g_assert_true (g_utf8_validate (text, -1, NULL));

  return 0;
}
