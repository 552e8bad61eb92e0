/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A record as a line of JSON, which is what collectors of logs of containers like best. */

#include "config.h"

#include "asab-log-layout-private.h"

#include "asab-log-text-private.h"
#include "asab-log-time-private.h"

#include <stdio.h>
#include <unistd.h>

/*
 * asab_log_record_get_field:
 * @record: a record
 * @key: the key of a field, not of structured data
 * @length: (out): its length
 *
 * Returns: (nullable): the value
 */
const char *
asab_log_record_get_field (const AsabLogRecord *record,
                           const char          *key,
                           gsize               *length)
{
  gsize position = 0;
  AsabLogDatum datum;

  while (asab_log_record_next_datum (record, &position, &datum))
    {
      if (datum.kind == ASAB_LOG_DATUM_FIELD && strcmp (datum.key, key) == 0)
        {
          *length = datum.length;
          return datum.value;
        }
    }

  return NULL;
}

static void
append_string (AsabLogBuffer *buffer,
               const char    *text,
               gsize          length)
{
  asab_log_buffer_append_c (buffer, '"');
  asab_log_append_text (buffer, text, length, ASAB_LOG_TEXT_JSON);
  asab_log_buffer_append_c (buffer, '"');
}

static void
append_value (AsabLogBuffer      *buffer,
              const AsabLogDatum *datum)
{
  if (datum->kind == ASAB_LOG_DATUM_NUMBER)
    asab_log_buffer_append (buffer, datum->value, datum->length);
  else
    append_string (buffer, datum->value, datum->length);
}

static void
append_fields (AsabLogBuffer       *buffer,
               const AsabLogRecord *record)
{
  static const char *const names[][2] = {
    { "CODE_FILE", ",\"file\":" },
    { "CODE_LINE", ",\"line\":" },
    { "CODE_FUNC", ",\"function\":" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      gsize length;
      const char *value = asab_log_record_get_field (record, names[i][0], &length);

      if (value == NULL)
        continue;

      asab_log_buffer_append_string (buffer, names[i][1]);
      if (length > 0 && strspn (value, "0123456789") == length)
        asab_log_buffer_append (buffer, value, length);
      else
        append_string (buffer, value, length);
    }
}

static void
append_data (AsabLogBuffer       *buffer,
             const AsabLogRecord *record)
{
  gboolean is_open = FALSE;
  gsize position = 0;
  AsabLogDatum datum;

  while (asab_log_record_next_datum (record, &position, &datum))
    {
      if (datum.kind == ASAB_LOG_DATUM_FIELD)
        continue;

      asab_log_buffer_append_string (buffer, is_open ? "," : ",\"data\":{");
      is_open = TRUE;
      append_string (buffer, datum.key, strlen (datum.key));
      asab_log_buffer_append_c (buffer, ':');
      append_value (buffer, &datum);
    }

  if (is_open)
    asab_log_buffer_append_c (buffer, '}');
}

/*
 * asab_log_append_json:
 * @buffer: where to append
 * @record: a record
 *
 * Appends @record as a line of JSON with its line end.
 */
void
asab_log_append_json (AsabLogBuffer       *buffer,
                      const AsabLogRecord *record)
{
  static AsabLogTimeFormat time_format; /* used by one thread at a time, as targets are */
  char process[32];

  if (time_format.before == NULL)
    asab_log_time_format_init (&time_format, ASAB_LOG_TIME_PATTERN_RFC3339, TRUE);

  asab_log_buffer_append_string (buffer, "{\"time\":\"");
  asab_log_append_time (buffer, &time_format, record->time);
  asab_log_buffer_append_string (buffer, "\",\"level\":\"");
  asab_log_buffer_append_string (buffer, asab_log_record_get_level_name (record));
  asab_log_buffer_append_string (buffer, "\",\"logger\":");
  append_string (buffer, asab_log_record_get_domain (record), record->domain_length);
  asab_log_buffer_append_string (buffer, ",\"message\":");
  append_string (buffer, asab_log_record_get_message (record), record->message_length);
  asab_log_buffer_append (buffer, process,
                          (gsize) snprintf (process, sizeof process, ",\"process\":%d", (int) getpid ()));
  append_fields (buffer, record);
  append_data (buffer, record);
  asab_log_buffer_append_string (buffer, "}\n");
}
