/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What would mean something else in a record is written between two escape characters: &F&, &R&, &S& and &E& are the
 * delimiters of fields, of repeats and of components, and the escape character; &X0A& are bytes in hexadecimal.
 */

#include "astm-escape.h"

#include "astm-frame.h"

#include <string.h>

const AstmDelimiters astm_standard_delimiters = { '|', '\\', '^', '&' };

/* The letter that stands for a byte, or 0. */
static char
get_letter (char                  byte,
            const AstmDelimiters *delimiters)
{
  if (byte == delimiters->field)
    return 'F';
  if (byte == delimiters->repeat)
    return 'R';
  if (byte == delimiters->component)
    return 'S';
  if (byte == delimiters->escape)
    return 'E';

  return '\0';
}

/* The byte that a letter stands for, or 0. */
static char
get_byte (char                  letter,
          const AstmDelimiters *delimiters)
{
  switch (letter)
    {
    case 'F':
      return delimiters->field;
    case 'R':
      return delimiters->repeat;
    case 'S':
      return delimiters->component;
    case 'E':
      return delimiters->escape;
    default:
      return '\0';
    }
}

/**
 * astm_escape:
 * @record: where to write
 * @text: what a part of a record is to say
 * @delimiters: what separates the parts
 *
 * Writes a text so that no frame and no record is split by it.
 */
void
astm_escape (GString              *record,
             const char           *text,
             const AstmDelimiters *delimiters)
{
  for (; *text != '\0'; text++)
    {
      char letter = get_letter (*text, delimiters);

      if (letter != '\0')
        g_string_append_printf (record, "%c%c%c", delimiters->escape, letter, delimiters->escape);
      else if (*text == ASTM_CR || astm_is_restricted ((guint8) *text))
        g_string_append_printf (record, "%cX%02X%c", delimiters->escape, (guint8) *text, delimiters->escape);
      else
        g_string_append_c (record, *text);
    }
}

/* Reads bytes in hexadecimal. They are UTF-8, or else ISO 8859-1; there is no text that has a zero. */
static gboolean
unescape_bytes (GString    *text,
                const char *digits,
                gsize       size)
{
  g_autoptr(GString) bytes = g_string_new (NULL);

  if (size == 0 || size % 2 != 0)
    return FALSE;

  for (gsize i = 0; i < size; i += 2)
    {
      int high = g_ascii_xdigit_value (digits[i]);
      int low = g_ascii_xdigit_value (digits[i + 1]);

      if (high < 0 || low < 0 || high + low == 0)
        return FALSE;
      g_string_append_c (bytes, (char) (high * 16 + low));
    }

  if (g_utf8_validate (bytes->str, (gssize) bytes->len, NULL))
    g_string_append_len (text, bytes->str, (gssize) bytes->len);
  else
    for (gsize i = 0; i < bytes->len; i++)
      g_string_append_unichar (text, (guint8) bytes->str[i]);

  return TRUE;
}

/* Reads what stands between two escape characters. Returns false if it means nothing. */
static gboolean
unescape_sequence (GString              *text,
                   const char           *sequence,
                   gsize                 size,
                   const AstmDelimiters *delimiters)
{
  if (size > 1)
    return sequence[0] == 'X' && unescape_bytes (text, sequence + 1, size - 1);
  if (size == 0 || get_byte (sequence[0], delimiters) == '\0')
    return FALSE;

  g_string_append_c (text, get_byte (sequence[0], delimiters));

  return TRUE;
}

/**
 * astm_unescape:
 * @text: where to write
 * @escaped: a part of a record, in UTF-8
 * @size: how many bytes that is
 * @delimiters: what separates the parts
 *
 * Writes what a part of a record says.
 *
 * An escape character that begins no sequence we know stands for itself: there are analysers that do not escape it.
 */
void
astm_unescape (GString              *text,
               const char           *escaped,
               gsize                 size,
               const AstmDelimiters *delimiters)
{
  const char *end = escaped + size;

  while (escaped < end)
    {
      const char *begin = memchr (escaped, delimiters->escape, (gsize) (end - escaped));
      const char *close = NULL;

      if (begin == NULL)
        begin = end;
      g_string_append_len (text, escaped, begin - escaped);
      if (begin == end)
        break;

      close = memchr (begin + 1, delimiters->escape, (gsize) (end - begin - 1));
      if (close != NULL && unescape_sequence (text, begin + 1, (gsize) (close - begin - 1), delimiters))
        {
          escaped = close + 1;
          continue;
        }
      g_string_append_c (text, delimiters->escape);
      escaped = begin + 1;
    }
}
