/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "asab-web-json-private.h"

#include <asab-glib/web/asab-web-error.h>

#include <glib/gi18n-lib.h>
#include <string.h>

/* A gate in front of json-glib, which was not made for what strangers send: it recurses without a limit, so that a
 * body of brackets takes the stack, it lets half a surrogate pair through, and it reads much that is not JSON. The
 * gate lets through what RFC 8259 defines, in one pass without recursion, and tells where anything else begins. */

#define MAX_DEPTH 128

typedef struct
{
  const char *at; /* the next byte; a NUL stands behind the last */
  char open[MAX_DEPTH]; /* the brackets around it */
  guint depth;
} Gate;

static char
next_token (Gate *gate)
{
  gate->at += strspn (gate->at, " \t\r\n");

  return *gate->at;
}

static gboolean
accept (Gate *gate,
        char  token)
{
  if (next_token (gate) != token)
    return FALSE;

  gate->at++;

  return TRUE;
}

static gboolean
scan_digits (Gate *gate)
{
  const char *start = gate->at;

  while (g_ascii_isdigit (*gate->at))
    gate->at++;

  return gate->at > start;
}

static gboolean
scan_number (Gate *gate)
{
  if (*gate->at == '-')
    gate->at++;
  if (*gate->at == '0')
    gate->at++;
  else if (!scan_digits (gate))
    return FALSE;

  if (*gate->at == '.')
    {
      gate->at++;
      if (!scan_digits (gate))
        return FALSE;
    }
  if (*gate->at == 'e' || *gate->at == 'E')
    {
      gate->at++;
      if (*gate->at == '+' || *gate->at == '-')
        gate->at++;
      return scan_digits (gate);
    }

  return TRUE;
}

/* Reads the four digits behind “\u”; -1 if they are not there. */
static int
scan_code_unit (Gate *gate)
{
  int unit = 0;

  for (int i = 0; i < 4; i++, gate->at++)
    {
      int digit = g_ascii_xdigit_value (*gate->at);

      if (digit < 0)
        return -1;
      unit = unit << 4 | digit;
    }

  return unit;
}

/* What “\u” stands for must be a character, and not NUL, which would end the string for json-glib. */
static gboolean
scan_unicode_escape (Gate *gate)
{
  int unit = scan_code_unit (gate);

  if (unit < 0xd800 || unit > 0xdfff)
    return unit > 0;
  if (unit > 0xdbff || strncmp (gate->at, "\\u", 2) != 0)
    return FALSE;

  gate->at += 2;
  unit = scan_code_unit (gate);

  return unit >= 0xdc00 && unit <= 0xdfff;
}

static gboolean
scan_string (Gate *gate)
{
  if (!accept (gate, '"'))
    return FALSE;

  while (*gate->at != '"')
    {
      if ((guchar) *gate->at < 0x20)
        return FALSE;
      if (*gate->at++ != '\\')
        continue;

      if (*gate->at == '\0' || strchr ("\"\\/bfnrtu", *gate->at) == NULL)
        return FALSE;
      if (*gate->at++ == 'u' && !scan_unicode_escape (gate))
        return FALSE;
    }
  gate->at++;

  return TRUE;
}

static gboolean
scan_scalar (Gate *gate)
{
  static const char *const words[] = { "true", "false", "null" };

  if (next_token (gate) == '"')
    return scan_string (gate);

  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    if (g_str_has_prefix (gate->at, words[i]))
      {
        gate->at += strlen (words[i]);
        return TRUE;
      }

  return scan_number (gate);
}

/* Opens a container and skips it if it is empty; false if it is one too many. */
static gboolean
open_container (Gate     *gate,
                gboolean *empty)
{
  if (gate->depth == MAX_DEPTH)
    return FALSE;

  gate->open[gate->depth++] = *gate->at++;
  *empty = accept (gate, gate->open[gate->depth - 1] == '{' ? '}' : ']');
  if (*empty)
    gate->depth--;

  return TRUE;
}

/* Goes on behind a value to where the next one begins; false at the end of the document, and where it is broken. */
static gboolean
find_next_value (Gate *gate)
{
  while (gate->depth > 0 && accept (gate, gate->open[gate->depth - 1] == '{' ? '}' : ']'))
    gate->depth--;

  return gate->depth > 0 && accept (gate, ',');
}

/* Goes through a document, up to what follows it or to where it is broken, which is false. */
static gboolean
run_gate (Gate *gate)
{
  gboolean empty;

  do
    {
      do
        {
          if (gate->depth > 0 && gate->open[gate->depth - 1] == '{' && !(scan_string (gate) && accept (gate, ':')))
            return FALSE;

          empty = TRUE;
          if (next_token (gate) == '{' || *gate->at == '[')
            {
              if (!open_container (gate, &empty))
                return FALSE;
            }
          else if (!scan_scalar (gate))
            return FALSE;
        }
      while (!empty);
    }
  while (find_next_value (gate));

  next_token (gate);

  return gate->depth == 0;
}

static void
set_position_error (GError     **error,
                    const char  *text,
                    const char  *at)
{
  const char *line = text;
  guint n_lines = 1;

  for (const char *c = text; c < at; c++)
    if (*c == '\n')
      {
        n_lines++;
        line = c + 1;
      }

  g_set_error (error, ASAB_WEB_ERROR, ASAB_WEB_ERROR_BAD_REQUEST,
               _("The body is not valid JSON at line %u, column %ld"), n_lines, g_utf8_strlen (line, at - line) + 1);
}

/* Parses a body, which comes from the world: what is wrong is told with its place, as an error of status 400. */
JsonNode *
asab_web_json_parse (GBytes  *bytes,
                     GError **error)
{
  gsize size;
  const char *data = g_bytes_get_data (bytes, &size);
  g_autofree char *text = g_strndup (data != NULL ? data : "", size); /* ends with a NUL, for the gate */
  g_autoptr(JsonParser) parser = NULL;
  const char *end;
  Gate gate = { .at = text };

  if (!g_utf8_validate_len (text, size, &end))
    {
      set_position_error (error, text, end);
      return NULL;
    }

  if (!run_gate (&gate) || gate.at != text + size)
    {
      set_position_error (error, text, gate.at);
      return NULL;
    }

  parser = json_parser_new_immutable ();
  if (!json_parser_load_from_data (parser, text, (gssize) size, error))
    {
      g_prefix_error (error, "%s", _("The body is not understood: "));
      return NULL;
    }

  return json_parser_steal_root (parser);
}
