/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Text that comes from outside, so that it cannot forge a field, or drive a terminal.
 *
 * Control characters are written as `#` and three octal digits, as rsyslog does, and what is not UTF-8 becomes U+FFFD.
 * Only a message may have tabs and line ends. Nothing here allocates: this also runs in the handler of a signal.
 */

#include "config.h"

#include "asab-log-text-private.h"

#define SD_NAME_MAX 32
#define REPLACEMENT "\357\277\275"

/* Why a byte needs care. */
typedef enum
{
  CLASS_NUL = 1 << 0,
  CLASS_LINE_END = 1 << 1, /* and tabs */
  CLASS_CONTROL = 1 << 2,
  CLASS_QUOTE = 1 << 3, /* and backslashes */
  CLASS_BRACKET = 1 << 4,
  CLASS_NOT_ASCII = 1 << 5,
} ByteClass;

static const guint8 classes[256] = {
  [0] = CLASS_NUL,
  [1 ... 8] = CLASS_CONTROL,
  ['\t'] = CLASS_LINE_END,
  ['\n'] = CLASS_LINE_END,
  [11 ... 31] = CLASS_CONTROL,
  ['"'] = CLASS_QUOTE,
  ['\\'] = CLASS_QUOTE,
  [']'] = CLASS_BRACKET,
  [127] = CLASS_CONTROL,
  [128 ... 255] = CLASS_NOT_ASCII,
};

#define ALWAYS (CLASS_NUL | CLASS_CONTROL | CLASS_NOT_ASCII)

static const guint8 cares[] = {
  [ASAB_LOG_TEXT_LINE] = ALWAYS | CLASS_LINE_END,
  [ASAB_LOG_TEXT_MESSAGE] = ALWAYS,
  [ASAB_LOG_TEXT_VALUE] = ALWAYS | CLASS_LINE_END | CLASS_QUOTE | CLASS_BRACKET,
  [ASAB_LOG_TEXT_JSON] = ALWAYS | CLASS_LINE_END | CLASS_QUOTE,
};

/* Returns: how much of @text needs no care; this sees each character that is logged */
static gsize
count_plain (const char *text,
             gsize       length,
             guint8      care)
{
  gsize i = 0;

  for (; i + 4 <= length; i += 4)
    {
      const guint8 *bytes = (const guint8 *) text + i;

      if ((classes[bytes[0]] | classes[bytes[1]] | classes[bytes[2]] | classes[bytes[3]]) & care)
        break;
    }
  while (i < length && (classes[(guint8) text[i]] & care) == 0)
    i++;

  return i;
}

static void
append_control (AsabLogBuffer    *buffer,
                gunichar          c,
                AsabLogTextRules  rules)
{
  static const char digits[] = "0123456789abcdef";
  char *place = asab_log_buffer_reserve (buffer, 6);

  if (rules == ASAB_LOG_TEXT_JSON)
    {
      memcpy (place, "\\u00", 4);
      place[4] = digits[c >> 4];
      place[5] = digits[c & 15];
      buffer->length += 6;
      return;
    }

  place[0] = '#';
  place[1] = digits[c >> 6];
  place[2] = digits[c >> 3 & 7];
  place[3] = digits[c & 7];
  buffer->length += 4;
}

/* Returns: how many bytes the character has that begins at @text, which is not ASCII */
static gsize
append_character (AsabLogBuffer    *buffer,
                  const char       *text,
                  gsize             length,
                  AsabLogTextRules  rules)
{
  gunichar c = g_utf8_get_char_validated (text, (gssize) length);
  gsize n_bytes;

  if (c == (gunichar) -1 || c == (gunichar) -2)
    {
      asab_log_buffer_append_string (buffer, REPLACEMENT);
      return 1;
    }

  n_bytes = (gsize) g_unichar_to_utf8 (c, NULL);
  if (c < 0xa0)
    append_control (buffer, c, rules);
  else
    asab_log_buffer_append (buffer, text, n_bytes);

  return n_bytes;
}

/* Returns: how many bytes of @text are done */
static gsize
append_special (AsabLogBuffer    *buffer,
                const char       *text,
                gsize             length,
                AsabLogTextRules  rules)
{
  switch ((ByteClass) classes[(guint8) *text])
    {
    case CLASS_NOT_ASCII:
      return append_character (buffer, text, length, rules);
    case CLASS_NUL:
      asab_log_buffer_append_string (buffer, REPLACEMENT);
      return 1;
    case CLASS_QUOTE:
    case CLASS_BRACKET:
      asab_log_buffer_append_c (buffer, '\\');
      asab_log_buffer_append_c (buffer, *text);
      return 1;
    case CLASS_LINE_END:
    case CLASS_CONTROL:
    default:
      if (rules == ASAB_LOG_TEXT_JSON && classes[(guint8) *text] == CLASS_LINE_END)
        asab_log_buffer_append (buffer, *text == '\n' ? "\\n" : "\\t", 2);
      else
        append_control (buffer, (guint8) *text, rules);
      return 1;
    }
}

/*
 * asab_log_append_text:
 * @buffer: where to append
 * @text: any bytes
 * @length: how many
 * @rules: what becomes of special characters
 *
 * Appends @text as UTF-8 that is safe to print.
 */
void
asab_log_append_text (AsabLogBuffer    *buffer,
                      const char       *text,
                      gsize             length,
                      AsabLogTextRules  rules)
{
  while (length > 0)
    {
      gsize n = count_plain (text, length, cares[rules]);

      if (n > 0)
        asab_log_buffer_append (buffer, text, n);
      else
        n = append_special (buffer, text, length, rules);
      text += n;
      length -= n;
    }
}

/*
 * asab_log_append_sd_name:
 * @buffer: where to append
 * @name: a name
 *
 * Appends @name as an SD-NAME of RFC 5424: up to 32 characters of ASCII but `=`, `]`, `"` and blanks.
 */
void
asab_log_append_sd_name (AsabLogBuffer *buffer,
                         const char    *name)
{
  char *place = asab_log_buffer_reserve (buffer, SD_NAME_MAX);
  gsize i;

  for (i = 0; i < SD_NAME_MAX && name[i] != '\0'; i++)
    place[i] = g_ascii_isgraph (name[i]) && strchr ("=]\"", name[i]) == NULL ? name[i] : '_';
  buffer->length += i;
}

/*
 * asab_log_append_sd_element:
 * @buffer: where to append
 * @record: a record
 * @sd_id: the name of the element
 *
 * Appends the structured data of @record as one element of RFC 5424, 6.3.
 *
 * Returns: false if there is none
 */
gboolean
asab_log_append_sd_element (AsabLogBuffer       *buffer,
                            const AsabLogRecord *record,
                            const char          *sd_id)
{
  gboolean is_open = FALSE;
  gsize position = 0;
  AsabLogDatum datum;

  while (asab_log_record_next_datum (record, &position, &datum))
    {
      if (datum.kind == ASAB_LOG_DATUM_FIELD)
        continue;
      if (!is_open)
        {
          asab_log_buffer_append_c (buffer, '[');
          asab_log_append_sd_name (buffer, sd_id);
          is_open = TRUE;
        }

      asab_log_buffer_append_c (buffer, ' ');
      asab_log_append_sd_name (buffer, datum.key);
      asab_log_buffer_append (buffer, "=\"", 2);
      asab_log_append_text (buffer, datum.value, datum.length, ASAB_LOG_TEXT_VALUE);
      asab_log_buffer_append_c (buffer, '"');
    }

  if (is_open)
    asab_log_buffer_append_c (buffer, ']');

  return is_open;
}

/* Appends the structured data and a blank, or nothing if there is none. */
void
asab_log_append_structured_data (AsabLogBuffer       *buffer,
                                 const AsabLogRecord *record,
                                 const char          *sd_id)
{
  if (record->data_length > 0 && asab_log_append_sd_element (buffer, record, sd_id))
    asab_log_buffer_append_c (buffer, ' ');
}
