/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A message of ASTM E1394, also known as LIS2-A: a header, then records in a hierarchy (patient, order, result, and
 * comments below each), then a terminator.
 */

#include "astm-message.h"

#include "astm-escape.h"
#include "astm-message-private.h"

#include <gio/gio.h>
#include <string.h>

#define STRINGS_SIZE 1024

/**
 * astm_message_new:
 *
 * Makes a message that has no records yet.
 *
 * Returns: (transfer full): the message
 */
AstmMessage *
astm_message_new (void)
{
  AstmMessage *self = g_new (AstmMessage, 1);

  *self = (AstmMessage) {
    .records = g_ptr_array_new_with_free_func ((GDestroyNotify) astm_record_free),
    .strings = g_string_chunk_new (STRINGS_SIZE),
    .charset = ASTM_CHARSET_UTF8,
  };

  return self;
}

/**
 * astm_message_free:
 * @self: (transfer full): a message
 *
 * Frees a message, and its records.
 */
void
astm_message_free (AstmMessage *self)
{
  g_ptr_array_unref (self->records);
  g_string_chunk_free (self->strings);
  g_free (self);
}

/**
 * astm_message_get_charset:
 * @self: a message
 *
 * Gets the encoding of the text that a message was read from, for an answer in the same.
 *
 * Returns: the encoding
 */
AstmCharset
astm_message_get_charset (const AstmMessage *self)
{
  return self->charset;
}

/**
 * astm_message_get_n_records:
 * @self: a message
 *
 * Gets how many records a message has.
 *
 * Returns: the number
 */
guint
astm_message_get_n_records (const AstmMessage *self)
{
  return self->records->len;
}

/**
 * astm_message_get_record:
 * @self: a message
 * @index: which record, from 0 on
 *
 * Gets a record of a message.
 *
 * Returns: (transfer none): the record
 */
AstmRecord *
astm_message_get_record (const AstmMessage *self,
                         guint              index)
{
  g_return_val_if_fail (index < self->records->len, NULL);

  return g_ptr_array_index (self->records, index);
}

AstmRecord *
astm_message_append (AstmMessage *self,
                     char         type_letter)
{
  AstmRecord *record = astm_record_new (type_letter, self->strings);

  g_ptr_array_add (self->records, record);

  return record;
}

/* Among which records those of a type are counted: up to the last one of these. */
static const char *
get_parents (char type_letter)
{
  switch (type_letter)
    {
    case 'O':
      return "HP";
    case 'R':
      return "HPO";
    case 'C':
      return "HPORQLMS";
    default:
      return "H";
    }
}

static guint
count_siblings (const AstmMessage *self,
                char               type_letter)
{
  const char *parents = get_parents (type_letter);
  guint n = 0;

  for (guint i = self->records->len; i > 0; i--)
    {
      const AstmRecord *record = g_ptr_array_index (self->records, i - 1);

      if (strchr (parents, record->type_letter) != NULL)
        break;
      if (record->type_letter == type_letter)
        n++;
    }

  return n;
}

/**
 * astm_message_add_record:
 * @self: a message
 * @type_letter: what the record is about: one of “HPORCQLMS”
 *
 * Adds a record, and numbers it.
 *
 * Returns: (transfer none): the record
 */
AstmRecord *
astm_message_add_record (AstmMessage *self,
                         char         type_letter)
{
  char number[16];
  AstmRecord *record;

  g_return_val_if_fail (type_letter != '\0' && strchr ("HPORCQLMS", type_letter) != NULL, NULL);

  g_snprintf (number, sizeof number, "%u", count_siblings (self, type_letter) + 1);
  record = astm_message_append (self, type_letter);
  if (type_letter != 'H')
    astm_record_set (record, 2, number);

  return record;
}

/* Writing */

static void
append_repeatedly (GString *text,
                   char     delimiter,
                   guint    n)
{
  for (guint i = 0; i < n; i++)
    g_string_append_c (text, delimiter);
}

/* Writes a record: between two values stand the delimiters that lead from the place of one to that of the other. */
static void
encode_record (GString          *text,
               const AstmRecord *record)
{
  const AstmDelimiters *delimiters = &astm_standard_delimiters;
  AstmValue last = { 1, 1, 1, NULL };

  g_string_append_c (text, record->type_letter);
  if (record->type_letter == 'H')
    {
      g_string_append_printf (text, "%c%c%c%c", delimiters->field, delimiters->repeat, delimiters->component,
                              delimiters->escape);
      last.field = 2;
    }

  for (guint i = 0; i < record->values->len; i++)
    {
      AstmValue value = g_array_index (record->values, AstmValue, i);

      append_repeatedly (text, delimiters->field, value.field - last.field);
      if (value.field != last.field)
        last.repeat = last.component = 1;
      append_repeatedly (text, delimiters->repeat, value.repeat - last.repeat);
      if (value.repeat != last.repeat)
        last.component = 1;
      append_repeatedly (text, delimiters->component, value.component - last.component);
      astm_escape (text, value.text, delimiters);
      last = value;
    }
  g_string_append_c (text, '\r');
}

/* Every character that ISO 8859-1 does not have becomes a question mark. */
static GBytes *
encode_latin1 (const char *text)
{
  GByteArray *bytes = g_byte_array_new ();

  for (; *text != '\0'; text = g_utf8_next_char (text))
    {
      gunichar character = g_utf8_get_char (text);
      guint8 byte = character < 256 ? (guint8) character : '?';

      g_byte_array_append (bytes, &byte, 1);
    }

  return g_byte_array_free_to_bytes (bytes);
}

/**
 * astm_message_encode:
 * @self: a message
 * @charset: the encoding of the text
 *
 * Writes a message, with the delimiters that everybody uses.
 *
 * Returns: (transfer full): its text
 */
GBytes *
astm_message_encode (const AstmMessage *self,
                     AstmCharset        charset)
{
  GString *text = g_string_new (NULL);
  GBytes *bytes;

  for (guint i = 0; i < self->records->len; i++)
    encode_record (text, g_ptr_array_index (self->records, i));
  if (charset == ASTM_CHARSET_UTF8)
    return g_string_free_to_bytes (text);

  bytes = encode_latin1 (text->str);
  g_string_free (text, TRUE);

  return bytes;
}
