/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The line of the console and of log files:
 *
 *   DD-Mon-YYYY HH:MM:SS.ffffff LEVEL LOGGER [sd key="value"] MESSAGE
 *
 * Time is local, the month in English whatever the locale. The structured data follows RFC 5424, 6.3: its names are
 * made valid and `"`, `\` and `]` are escaped in its values.
 *
 * What comes from outside cannot forge a field or drive a terminal: control characters are written as `#` and three
 * octal digits, as rsyslog does, and what is not UTF-8 becomes U+FFFD. Only a message may have tabs and line ends.
 */

#include "config.h"

#include "asab-log-format-private.h"

#include <string.h>
#include <time.h>

#define SD_ID "sd"
#define SD_NAME_MAX 32
#define ROOT_LOGGER "root"

static const char month_names[][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };

/* Breaking a time down takes a lock and a walk through the time zone: each thread keeps the text of its last second. */
typedef struct
{
  gint64 second;
  char text[32];
} SecondText;

static _Thread_local SecondText last_second = { .second = G_MININT64 };

static void
format_second (SecondText *self,
               gint64      second)
{
  time_t when = (time_t) second;
  struct tm tm = { 0 };

  localtime_r (&when, &tm);
  g_snprintf (self->text, sizeof self->text, "%02d-%s-%04d %02d:%02d:%02d", tm.tm_mday, month_names[tm.tm_mon],
              tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
  self->second = second;
}

/*
 * asab_log_format_time:
 * @line: where to append
 * @time: microseconds since the epoch
 *
 * Appends a time.
 */
void
asab_log_format_time (GString *line,
                      gint64   time)
{
  gint64 second = time / G_USEC_PER_SEC;
  int fraction = (int) (time % G_USEC_PER_SEC);
  char digits[8] = ".000000";

  if (fraction < 0)
    {
      fraction += G_USEC_PER_SEC;
      second--;
    }
  if (second != last_second.second)
    format_second (&last_second, second);

  for (int i = 6; fraction > 0; i--, fraction /= 10)
    digits[i] = (char) ('0' + fraction % 10);

  g_string_append (line, last_second.text);
  g_string_append_len (line, digits, 7);
}

/* This sees each character that is logged, so it makes no calls. */
static gboolean
is_plain (const char *text,
          gsize       length,
          const char *special)
{
  for (gsize i = 0; i < length; i++)
    {
      if (!g_ascii_isprint (text[i]))
        return FALSE;
      for (const char *c = special; *c != '\0'; c++)
        if (text[i] == *c)
          return FALSE;
    }

  return TRUE;
}

/* Appends @text safely: characters of @escaped get a backslash, control characters but those of @allowed a number. */
static void
append_safe (GString    *line,
             const char *text,
             gsize       length,
             const char *escaped,
             const char *allowed)
{
  g_autofree char *valid = NULL;

  if (is_plain (text, length, escaped))
    {
      g_string_append_len (line, text, (gssize) length);
      return;
    }

  valid = g_utf8_make_valid (text, (gssize) length);
  for (const char *p = valid; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      if (g_unichar_iscntrl (c) && (c > 0x7f || strchr (allowed, (int) c) == NULL))
        {
          g_string_append_printf (line, "#%03o", c);
          continue;
        }
      if (c < 0x80 && strchr (escaped, (int) c) != NULL)
        g_string_append_c (line, '\\');
      g_string_append_unichar (line, c);
    }
}

static void
append_sd_name (GString    *line,
                const char *name)
{
  for (gsize i = 0; i < SD_NAME_MAX && name[i] != '\0'; i++)
    g_string_append_c (line, g_ascii_isgraph (name[i]) && strchr ("=]\"", name[i]) == NULL ? name[i] : '_');
}

/*
 * asab_log_format_structured_data:
 * @line: where to append
 * @record: a record
 *
 * Appends the structured data of @record and a blank, or nothing if there is none.
 */
void
asab_log_format_structured_data (GString             *line,
                                 const AsabLogRecord *record)
{
  gboolean is_open = FALSE;

  for (gsize i = 0; i < record->n_fields; i++)
    {
      const GLogField *field = &record->fields[i];

      if (!asab_log_field_is_structured_data (field))
        continue;

      g_string_append (line, is_open ? " " : "[" SD_ID " ");
      is_open = TRUE;
      append_sd_name (line, field->key);
      g_string_append (line, "=\"");
      append_safe (line, field->value, asab_log_field_get_length (field), "\"\\]", "");
      g_string_append_c (line, '"');
    }

  if (is_open)
    g_string_append (line, "] ");
}

static char
get_colour_digit (GLogLevelFlags level)
{
  if (level & G_LOG_LEVEL_ERROR)
    return '5';
  if (level & G_LOG_LEVEL_CRITICAL)
    return '1';
  if (level & G_LOG_LEVEL_WARNING)
    return '3';
  if (level & G_LOG_LEVEL_MESSAGE)
    return '6';
  if (level & G_LOG_LEVEL_DEBUG)
    return '4';

  return '2';
}

/*
 * asab_log_format_line:
 * @line: where to append
 * @record: a record
 * @use_colour: whether the level is coloured for a terminal
 *
 * Appends @record as a line with its line end.
 */
void
asab_log_format_line (GString             *line,
                      const AsabLogRecord *record,
                      gboolean             use_colour)
{
  const char *domain = record->domain != NULL ? record->domain : ROOT_LOGGER;

  asab_log_format_time (line, record->time);
  g_string_append_c (line, ' ');
  if (use_colour)
    {
      g_string_append (line, "\033[1;3");
      g_string_append_c (line, get_colour_digit (record->level));
      g_string_append_c (line, 'm');
    }
  g_string_append (line, asab_log_record_get_level_name (record));
  if (use_colour)
    g_string_append (line, "\033[0m");
  g_string_append_c (line, ' ');
  append_safe (line, domain, strlen (domain), "", "");
  g_string_append_c (line, ' ');
  asab_log_format_structured_data (line, record);
  append_safe (line, record->message, record->message_length, "", "\t\n");
  g_string_append_c (line, '\n');
}
