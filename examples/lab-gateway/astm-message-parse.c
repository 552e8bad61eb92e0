/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Reads messages. */

#include "astm-message-private.h"

#include "astm-escape.h"

#include <gio/gio.h>
#include <string.h>

typedef struct
{
  AstmMessage *message;
  AstmDelimiters delimiters;
  AstmRecord *record; /* (nullable): the present one */
  AstmValue place;    /* in it */
  GString *value;     /* what is read there */
  gboolean has_patient; /* there is one above the present record … */
  gboolean has_order;   /* … and one of these */
  gboolean is_ended;
} Parser;

static void G_GNUC_PRINTF (4, 5)
set_error (const Parser  *parser,
           GError       **error,
           AstmError      code,
           const char    *format,
           ...)
{
  g_autofree char *what = NULL;
  va_list args;

  va_start (args, format);
  what = g_strdup_vprintf (format, args);
  va_end (args);

  g_set_error (error, ASTM_ERROR, (int) code, "Record %u (%c), field %u: %s", parser->message->records->len,
               parser->record->type_letter, parser->place.field, what);
}

/* The hierarchy: where the present record may stand. */

static gboolean
check_place (Parser  *parser,
             GError **error)
{
  const guint n_records = parser->message->records->len;
  const char type = parser->record->type_letter;

  if (parser->is_ended)
    set_error (parser, error, ASTM_ERROR_HIERARCHY, "the message has ended before");
  else if (n_records == 1 && type != 'H')
    set_error (parser, error, ASTM_ERROR_HIERARCHY, "a message begins with its header");
  else if (n_records > 1 && type == 'H')
    set_error (parser, error, ASTM_ERROR_HIERARCHY, "a second header");
  else if (type == 'O' && !parser->has_patient)
    set_error (parser, error, ASTM_ERROR_HIERARCHY, "an order that belongs to no patient");
  else if (type == 'R' && !parser->has_order)
    set_error (parser, error, ASTM_ERROR_HIERARCHY, "a result that belongs to no order");
  else
    return TRUE;

  return FALSE;
}

static void
note_place (Parser *parser)
{
  switch (parser->record->type_letter)
    {
    case 'P':
      parser->has_patient = TRUE;
      parser->has_order = FALSE;
      break;
    case 'Q':
      parser->has_patient = parser->has_order = FALSE;
      break;
    case 'O':
      parser->has_order = TRUE;
      break;
    case 'L':
      parser->is_ended = TRUE;
      break;
    default:
      break;
    }
}

/* Fields */

static gboolean
check_bounds (const Parser  *parser,
              GError       **error)
{
  if (MAX (parser->place.field, MAX (parser->place.repeat, parser->place.component)) <= ASTM_MAX_PLACE)
    return TRUE;

  set_error (parser, error, ASTM_ERROR_TOO_LARGE, "more than %u fields, repeats or components", ASTM_MAX_PLACE);

  return FALSE;
}

static gboolean
take_value (Parser      *parser,
            const char  *text,
            gsize        size,
            GError     **error)
{
  const AstmValue *place = &parser->place;

  if (!check_bounds (parser, error))
    return FALSE;

  g_string_truncate (parser->value, 0);
  astm_unescape (parser->value, text, size, &parser->delimiters);
  astm_record_set_part (parser->record, place->field, place->repeat, place->component, parser->value->str);

  return TRUE;
}

/* Goes on to what stands behind a delimiter. */
static void
advance (Parser *parser,
         char    delimiter)
{
  AstmValue *place = &parser->place;

  if (delimiter == parser->delimiters.component)
    place->component++;
  else if (delimiter == parser->delimiters.repeat)
    *place = (AstmValue) { place->field, (guint16) (place->repeat + 1), 1, NULL };
  else
    *place = (AstmValue) { (guint16) (place->field + 1), 1, 1, NULL };
}

static gboolean
parse_fields (Parser      *parser,
              const char  *text,
              const char  *end,
              GError     **error)
{
  const AstmDelimiters *delimiters = &parser->delimiters;
  const char set[] = { delimiters->field, delimiters->repeat, delimiters->component, '\0' };

  for (;;)
    {
      const char *delimiter = text;

      while (delimiter < end && strchr (set, *delimiter) == NULL)
        delimiter++;
      if (!take_value (parser, text, (gsize) (delimiter - text), error))
        return FALSE;
      if (delimiter == end)
        return TRUE;
      advance (parser, *delimiter);
      text = delimiter + 1;
    }
}

/* Records */

/* A header says which delimiters its message has; they are four different ones. */
static gboolean
parse_delimiters (Parser      *parser,
                  const char  *text,
                  gsize        size,
                  GError     **error)
{
  const char *found = text + 1;

  parser->place.field = 2;
  if (size < 5 || (size > 5 && text[5] != text[1]))
    {
      set_error (parser, error, ASTM_ERROR_MALFORMED, "there should be four delimiters");
      return FALSE;
    }

  for (guint i = 0; i < 4; i++)
    if (!g_ascii_ispunct (found[i]) || memchr (found, found[i], i) != NULL)
      {
        set_error (parser, error, ASTM_ERROR_MALFORMED, "“%.4s” are no delimiters", found);
        return FALSE;
      }

  parser->delimiters = (AstmDelimiters) { found[0], found[1], found[2], found[3] };

  return TRUE;
}

static gboolean
parse_record (Parser      *parser,
              const char  *text,
              gsize        size,
              GError     **error)
{
  const char *end = text + size;
  const char *rest = text + 1;

  parser->record = astm_message_append (parser->message, g_ascii_toupper (text[0]));
  parser->place = (AstmValue) { 1, 1, 1, NULL };
  if (strchr ("HPORCQLMS", parser->record->type_letter) == NULL)
    {
      /* What is no letter is not repeated in the message. */
      parser->record->type_letter = '?';
      set_error (parser, error, ASTM_ERROR_MALFORMED, "there is no such type of record");
      return FALSE;
    }
  if (!check_place (parser, error))
    return FALSE;
  note_place (parser);

  if (parser->record->type_letter == 'H')
    {
      if (!parse_delimiters (parser, text, size, error))
        return FALSE;
      rest = text + 5;
    }
  if (rest == end)
    return TRUE;
  if (*rest != parser->delimiters.field)
    {
      set_error (parser, error, ASTM_ERROR_MALFORMED, "the type of a record is a single letter");
      return FALSE;
    }
  advance (parser, *rest);

  return parse_fields (parser, rest + 1, end, error);
}

static gboolean
parse_records (Parser      *parser,
               const char  *text,
               GError     **error)
{
  while (*text != '\0')
    {
      gsize size = strcspn (text, "\r\n");

      if (size > 0 && !parse_record (parser, text, size, error))
        return FALSE;
      text += size;
      text += *text != '\0' ? 1 : 0;
    }

  if (parser->is_ended)
    return TRUE;
  g_set_error (error, ASTM_ERROR, ASTM_ERROR_INCOMPLETE, "The message has no terminator behind its %u records",
               parser->message->records->len);

  return FALSE;
}

/* Text that is no UTF-8 is ISO 8859-1: there every byte is a character. */
static char *
read_text (const char   *text,
           gsize         size,
           AstmCharset  *charset,
           GError      **error)
{
  GString *utf8;

  if (size == 0)
    return g_strdup ("");
  if (memchr (text, '\0', size) != NULL)
    {
      g_set_error_literal (error, ASTM_ERROR, ASTM_ERROR_CHARACTER, "The message has a byte that is zero");
      return NULL;
    }

  *charset = g_utf8_validate (text, (gssize) size, NULL) ? ASTM_CHARSET_UTF8 : ASTM_CHARSET_LATIN1;
  if (*charset == ASTM_CHARSET_UTF8)
    return g_strndup (text, size);

  utf8 = g_string_new (NULL);
  for (gsize i = 0; i < size; i++)
    g_string_append_unichar (utf8, (guint8) text[i]);

  return g_string_free (utf8, FALSE);
}

/**
 * astm_message_parse:
 * @text: (nullable): the text of a message; its records end with CR, and in files with LF or both
 * @size: how many bytes that is
 * @error: return location for an %ASTM_ERROR that tells the record and the field
 *
 * Reads a message.
 *
 * Its records have to be in their hierarchy: the header first, orders below a patient, results below an order, the
 * terminator last.
 *
 * Returns: (transfer full): the message
 */
AstmMessage *
astm_message_parse (const char  *text,
                    gsize        size,
                    GError     **error)
{
  g_autoptr(AstmMessage) message = astm_message_new ();
  g_autoptr(GString) value = g_string_new (NULL);
  g_autofree char *utf8 = read_text (text, size, &message->charset, error);
  Parser parser = { .message = message, .delimiters = astm_standard_delimiters, .value = value };

  if (utf8 == NULL || !parse_records (&parser, utf8, error))
    return NULL;

  return g_steal_pointer (&message);
}
