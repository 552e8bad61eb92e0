/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The formats of syslog:
 *
 *   5  <PRI>1 YYYY-MM-DDTHH:MM:SS.ffffffZ HOST APP PID LOGGER [log l="LEVEL"][sd k="v"] MESSAGE      (RFC 5424)
 *   3  <PRI>Mon DD HH:MM:SS HOST APP[PID]: LEVEL LOGGER [sd k="v"] MESSAGE                           (RFC 3164)
 *   m  <PRI>Mon DD HH:MM:SS APP[PID]: LEVEL LOGGER [sd k="v"] MESSAGE
 *
 * Nothing ends a message; on a stream that is the business of framing.
 */

#include "config.h"

#include "asab-log-syslog-format-private.h"

#include "asab-log-text-private.h"

#include <stdio.h>
#include <unistd.h>

#define MAX_HOST_NAME 255
#define MAX_APP_NAME 48
#define MAX_TAG 32
#define MAX_MESSAGE_ID 32
#define MAX_FACILITY 23
#define CUT_MARK "\342\200\246" /* … */
#define MIN_MESSAGE (1 + strlen (CUT_MARK)) /* what is always behind the header */

static const char *const facility_names[] = {
  "kern",     "user",   "mail",   "daemon", "auth",   "syslog", "lpr",    "news",
  "uucp",     "cron",   "authpriv", "ftp",  "ntp",    "audit",  "alert",  "clock",
  "local0",   "local1", "local2", "local3", "local4", "local5", "local6", "local7",
};

/*
 * asab_log_syslog_parse_style:
 * @text: `5`, `3` or `m`
 * @style: (out): the style
 *
 * Returns: false if there is no such style
 */
gboolean
asab_log_syslog_parse_style (const char         *text,
                             AsabLogSyslogStyle *style)
{
  static const char *const names[] = { "5", "3", "m", NULL };

  for (gsize i = 0; names[i] != NULL; i++)
    {
      if (strcmp (text, names[i]) == 0)
        {
          *style = (AsabLogSyslogStyle) i;
          return TRUE;
        }
    }

  return FALSE;
}

/*
 * asab_log_syslog_parse_facility:
 * @text: a name or a number
 * @facility: (out): its number
 *
 * Returns: false if there is no such facility
 */
gboolean
asab_log_syslog_parse_facility (const char *text,
                                guint      *facility)
{
  guint64 number;

  for (guint i = 0; i < G_N_ELEMENTS (facility_names); i++)
    {
      if (g_ascii_strcasecmp (text, facility_names[i]) == 0)
        {
          *facility = i;
          return TRUE;
        }
    }
  if (!g_ascii_string_to_unsigned (text, 10, 0, MAX_FACILITY, &number, NULL))
    return FALSE;
  *facility = (guint) number;

  return TRUE;
}

/* RFC 5425 knows only counted octets, and RFC 6587 recommends them; what came before RFC 5424 is used to lines. */
static AsabLogSyslogFraming
get_usual_framing (AsabLogSyslogStyle     style,
                   AsabLogSyslogTransport transport)
{
  switch (transport)
    {
    case ASAB_LOG_SYSLOG_TLS:
      return ASAB_LOG_SYSLOG_FRAMING_OCTETS;
    case ASAB_LOG_SYSLOG_TCP:
      return style == ASAB_LOG_SYSLOG_RFC5424 ? ASAB_LOG_SYSLOG_FRAMING_OCTETS : ASAB_LOG_SYSLOG_FRAMING_LF;
    case ASAB_LOG_SYSLOG_UNIX_STREAM:
      return ASAB_LOG_SYSLOG_FRAMING_LF;
    case ASAB_LOG_SYSLOG_UDP:
    case ASAB_LOG_SYSLOG_UNIX_DATAGRAM:
    default:
      return ASAB_LOG_SYSLOG_FRAMING_NONE;
    }
}

/*
 * asab_log_syslog_choose_framing:
 * @text: `auto`, `lf` or `octets`
 * @style: the style of messages
 * @transport: how they are sent; datagrams have no frames
 * @framing: (out): the framing
 *
 * Returns: false if there is no such framing
 */
gboolean
asab_log_syslog_choose_framing (const char             *text,
                                AsabLogSyslogStyle      style,
                                AsabLogSyslogTransport  transport,
                                AsabLogSyslogFraming   *framing)
{
  *framing = get_usual_framing (style, transport);
  if (strcmp (text, "auto") == 0)
    return TRUE;
  if (strcmp (text, "lf") != 0 && strcmp (text, "octets") != 0)
    return FALSE;

  if (*framing != ASAB_LOG_SYSLOG_FRAMING_NONE)
    *framing = strcmp (text, "lf") == 0 ? ASAB_LOG_SYSLOG_FRAMING_LF : ASAB_LOG_SYSLOG_FRAMING_OCTETS;

  return TRUE;
}

/* Returns: (transfer full): @text without what may not be in a field of the header, or `-` */
static char *
make_name (const char *text,
           gsize       max_length,
           const char *forbidden)
{
  char *name = g_strndup (text, max_length);

  for (char *p = name; *p != '\0'; p++)
    {
      if (!g_ascii_isgraph (*p) || strchr (forbidden, *p) != NULL)
        *p = '_';
    }
  if (name[0] != '\0')
    return name;

  g_free (name);

  return g_strdup ("-");
}

/*
 * asab_log_syslog_format_init:
 * @self: a format
 * @options: what it is to be like; its strings are copied, and need not be fit for a header
 */
void
asab_log_syslog_format_init (AsabLogSyslogFormat       *self,
                             const AsabLogSyslogFormat *options)
{
  gboolean is_new = options->style == ASAB_LOG_SYSLOG_RFC5424;
  const char *enterprise = strchr (options->sd_id, '@');

  *self = *options;
  self->host_name = make_name (options->host_name, MAX_HOST_NAME, "");
  self->app_name = make_name (options->app_name, is_new ? MAX_APP_NAME : MAX_TAG, is_new ? "" : "[]:");
  self->sd_id = g_strdup (options->sd_id);
  /* Names with a number of an enterprise are what RFC 5424 leaves to everybody. */
  self->log_id = g_strconcat ("log", enterprise, NULL);
  asab_log_time_format_init (&self->time_format, is_new ? ASAB_LOG_TIME_PATTERN_RFC3339 : "%b %e %H:%M:%S",
                             is_new);
}

void
asab_log_syslog_format_clear (AsabLogSyslogFormat *self)
{
  g_clear_pointer (&self->host_name, g_free);
  g_clear_pointer (&self->app_name, g_free);
  g_clear_pointer (&self->sd_id, g_free);
  g_clear_pointer (&self->log_id, g_free);
  asab_log_time_format_clear (&self->time_format);
}

static void
append_priority (AsabLogSyslogFormat *self,
                 AsabLogBuffer       *buffer,
                 const AsabLogRecord *record)
{
  char *place = asab_log_buffer_reserve (buffer, 8);

  buffer->length += (gsize) snprintf (place, 8, "<%u>", self->facility * 8 + (record->severity & 7));
}

static void
append_process (AsabLogBuffer *buffer)
{
  char *place = asab_log_buffer_reserve (buffer, 16);

  buffer->length += (gsize) snprintf (place, 16, "%d", (int) getpid ());
}

static void
append_message_id (AsabLogBuffer       *buffer,
                   const AsabLogRecord *record)
{
  const char *domain = asab_log_record_get_domain (record);
  gsize length = MIN (record->domain_length, MAX_MESSAGE_ID);
  char *place = asab_log_buffer_reserve (buffer, MAX_MESSAGE_ID);

  for (gsize i = 0; i < length; i++)
    place[i] = g_ascii_isgraph (domain[i]) ? domain[i] : '_';
  buffer->length += length;
}

static void
append_log_element (AsabLogSyslogFormat *self,
                    AsabLogBuffer       *buffer,
                    const AsabLogRecord *record,
                    gboolean             is_cut)
{
  asab_log_buffer_append_c (buffer, '[');
  asab_log_append_sd_name (buffer, self->log_id);
  asab_log_buffer_append (buffer, " l=\"", 4);
  asab_log_buffer_append_string (buffer, asab_log_record_get_level_name (record));
  asab_log_buffer_append_string (buffer, is_cut ? "\" cut=\"data\"]" : "\"]");
}

/* Structured data that would be cut within are left out. */
static void
append_elements (AsabLogSyslogFormat *self,
                 AsabLogBuffer       *buffer,
                 const AsabLogRecord *record,
                 gsize                max_length)
{
  gsize start = buffer->length;

  append_log_element (self, buffer, record, FALSE);
  if (!asab_log_append_sd_element (buffer, record, self->sd_id) || buffer->length - start <= max_length)
    return;

  buffer->length = start;
  append_log_element (self, buffer, record, TRUE);
}

/* Appends all but the message. */
static void
append_new_header (AsabLogSyslogFormat *self,
                   AsabLogBuffer       *buffer,
                   const AsabLogRecord *record)
{
  gsize start = buffer->length;
  gsize used;

  append_priority (self, buffer, record);
  asab_log_buffer_append (buffer, "1 ", 2);
  asab_log_append_time (buffer, &self->time_format, record->time);
  asab_log_buffer_append_c (buffer, ' ');
  asab_log_buffer_append_string (buffer, self->host_name);
  asab_log_buffer_append_c (buffer, ' ');
  asab_log_buffer_append_string (buffer, self->app_name);
  asab_log_buffer_append_c (buffer, ' ');
  append_process (buffer);
  asab_log_buffer_append_c (buffer, ' ');
  append_message_id (buffer, record);
  asab_log_buffer_append_c (buffer, ' ');
  used = buffer->length - start + MIN_MESSAGE;
  append_elements (self, buffer, record, self->max_length - MIN (used, self->max_length));
  asab_log_buffer_append_c (buffer, ' ');
}

static void
append_old_header (AsabLogSyslogFormat *self,
                   AsabLogBuffer       *buffer,
                   const AsabLogRecord *record)
{
  append_priority (self, buffer, record);
  asab_log_append_time (buffer, &self->time_format, record->time);
  asab_log_buffer_append_c (buffer, ' ');
  if (self->style == ASAB_LOG_SYSLOG_RFC3164 && !self->is_local)
    {
      asab_log_buffer_append_string (buffer, self->host_name);
      asab_log_buffer_append_c (buffer, ' ');
    }
  asab_log_buffer_append_string (buffer, self->app_name);
  asab_log_buffer_append_c (buffer, '[');
  append_process (buffer);
  asab_log_buffer_append (buffer, "]: ", 3);
  asab_log_buffer_append_string (buffer, asab_log_record_get_level_name (record));
  asab_log_buffer_append_c (buffer, ' ');
  asab_log_append_text (buffer, asab_log_record_get_domain (record), record->domain_length, ASAB_LOG_TEXT_LINE);
  asab_log_buffer_append_c (buffer, ' ');
  asab_log_append_structured_data (buffer, record, self->sd_id);
}

/* Cuts what was appended since @start, and no character in two, and marks that. */
static void
cut (AsabLogBuffer *buffer,
     gsize          start,
     gsize          max_length)
{
  gsize end = start + max_length - strlen (CUT_MARK);

  if (buffer->length - start <= max_length)
    return;

  while (end > start && ((guint8) buffer->text[end] & 0xc0) == 0x80)
    end--;
  buffer->length = end;
  asab_log_buffer_append_string (buffer, CUT_MARK);
}

/* Puts the length in front of what was appended since @start. */
static void
prepend_length (AsabLogBuffer *buffer,
                gsize          start)
{
  gsize length = buffer->length - start;
  char prefix[24];
  gsize n = (gsize) snprintf (prefix, sizeof prefix, "%" G_GSIZE_FORMAT " ", length);

  asab_log_buffer_reserve (buffer, n);
  memmove (buffer->text + start + n, buffer->text + start, length);
  memcpy (buffer->text + start, prefix, n);
  buffer->length += n;
}

/*
 * asab_log_syslog_format_append:
 * @self: a format
 * @buffer: where to append
 * @record: a record
 *
 * Appends @record as a message in its frame.
 */
void
asab_log_syslog_format_append (AsabLogSyslogFormat *self,
                               AsabLogBuffer       *buffer,
                               const AsabLogRecord *record)
{
  gboolean is_new = self->style == ASAB_LOG_SYSLOG_RFC5424;
  gboolean may_have_lines = is_new && self->framing != ASAB_LOG_SYSLOG_FRAMING_LF;
  gsize start = buffer->length;

  if (is_new)
    append_new_header (self, buffer, record);
  else
    append_old_header (self, buffer, record);
  asab_log_append_text (buffer, asab_log_record_get_message (record), record->message_length,
                        may_have_lines ? ASAB_LOG_TEXT_MESSAGE : ASAB_LOG_TEXT_LINE);
  cut (buffer, start, self->max_length);

  if (self->framing == ASAB_LOG_SYSLOG_FRAMING_OCTETS)
    prepend_length (buffer, start);
  else if (self->framing == ASAB_LOG_SYSLOG_FRAMING_LF)
    asab_log_buffer_append_c (buffer, '\n');
}
