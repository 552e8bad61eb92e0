/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The journal target: records with their fields, in the native protocol of systemd-journald.
 *
 * A record is a datagram of lines KEY=VALUE; a value with a line end has its length in front.
 *
 * A journal that is only slow is waited for, as a disk is. While it stands still or is away, records are kept in a
 * spool; what does not fit is counted. What its socket has taken is safe: systemd holds it while the journal restarts.
 */

#include "config.h"

#include "asab-log-journal-private.h"

#include "asab-log-journal-socket-private.h"
#include "asab-log-spool-private.h"
#include "asab-log-time-private.h"
#include "asab-log-writer-private.h"

#include <errno.h>
#include <gio/gio.h>
#include <glib/gi18n-lib.h>
#include <string.h>

#define MAX_AT_ONCE 64
#define MAX_KEY 64
#define BUFFER_SIZE (16 * 1024 * 1024)
#define MAX_STANDSTILL_MS 20
#define RETRY_INTERVAL G_USEC_PER_SEC

typedef struct
{
  AsabLogTarget parent;

  AsabLogJournalSocket socket;
  char *identifier; /* (owned) */
  AsabLogBuffer frame; /* the one that is being made */
  AsabLogSpool spool;
  AsabLogTimeFormat time_format;

  gint64 retries_at;     /* monotonic: when to connect again */
  gboolean stands_still; /* not waited for any longer, until it takes something */
  gboolean is_failing;   /* which was told */
  guint n_lost;
} AsabLogJournal;

/* Formatting */

static void
append_field (AsabLogBuffer *buffer,
              const char    *key,
              const char    *value,
              gsize          length)
{
  asab_log_buffer_append_string (buffer, key);
  if (memchr (value, '\n', length) != NULL)
    {
      guint64 size = GUINT64_TO_LE (length);

      asab_log_buffer_append_c (buffer, '\n');
      asab_log_buffer_append (buffer, (const char *) &size, sizeof size);
    }
  else
    {
      asab_log_buffer_append_c (buffer, '=');
    }
  asab_log_buffer_append (buffer, value, length);
  asab_log_buffer_append_c (buffer, '\n');
}

/* What the journal or this target gives a meaning; a second value would confuse whoever reads the first one. */
static gboolean
is_reserved (const char *key)
{
  static const char *const reserved[] = {
    "GLIB_DOMAIN", "MESSAGE", "OBJECT_PID", "PRIORITY", "SYSLOG_IDENTIFIER", "SYSLOG_TIMESTAMP", NULL,
  };

  return g_strv_contains (reserved, key);
}

/* The journal takes upper case letters, digits and, but at the beginning, underscores. */
static void
append_datum (AsabLogBuffer      *buffer,
              const AsabLogDatum *datum)
{
  char name[MAX_KEY + 1];
  char other_name[MAX_KEY + 1];
  gsize length = 0;

  for (const char *from = datum->key; *from != '\0' && length < MAX_KEY; from++)
    name[length++] = g_ascii_isalnum (*from) ? g_ascii_toupper (*from) : '_';
  name[length] = '\0';

  if (datum->kind == ASAB_LOG_DATUM_FIELD || (g_ascii_isalpha (name[0]) && !is_reserved (name)))
    {
      append_field (buffer, name, datum->value, datum->length);
      return;
    }

  g_snprintf (other_name, sizeof other_name, "X_%.*s", MAX_KEY - 2, name);
  append_field (buffer, other_name, datum->value, datum->length);
}

/* The journal notes when it gets a record. That is late for one that has to wait. */
static void
append_time (AsabLogJournal *self,
             gint64          time)
{
  asab_log_buffer_append_string (&self->frame, "SYSLOG_TIMESTAMP=");
  asab_log_append_time (&self->frame, &self->time_format, time);
  asab_log_buffer_append_c (&self->frame, '\n');
}

static void
append_record (AsabLogJournal      *self,
               const AsabLogRecord *record)
{
  char priority[] = { (char) ('0' + record->severity) };
  gboolean has_identifier = FALSE;
  gsize position = 0;
  AsabLogDatum datum;

  append_field (&self->frame, "MESSAGE", asab_log_record_get_message (record), record->message_length);
  append_field (&self->frame, "PRIORITY", priority, sizeof priority);
  append_field (&self->frame, "GLIB_DOMAIN", asab_log_record_get_domain (record), record->domain_length);
  while (asab_log_record_next_datum (record, &position, &datum))
    {
      gboolean is_field = datum.kind == ASAB_LOG_DATUM_FIELD;

      if (is_field && strcmp (datum.key, "PRIORITY") == 0)
        continue;
      has_identifier |= is_field && strcmp (datum.key, "SYSLOG_IDENTIFIER") == 0;
      append_datum (&self->frame, &datum);
    }
  if (!has_identifier)
    append_field (&self->frame, "SYSLOG_IDENTIFIER", self->identifier, strlen (self->identifier));
  if (self->is_failing || self->stands_still)
    append_time (self, record->time);
}

/* Failing, and trying again */

static void
report_failure (AsabLogJournal *self,
                int             error_number)
{
  if (!self->is_failing)
    asab_log_writer_report (ASAB_LOG_SEVERITY_WARNING, "Cannot write to the journal, trying again: %s",
                            g_strerror (error_number));
  self->is_failing = TRUE;
}

static void
report_recovery (AsabLogJournal *self)
{
  if (self->is_failing)
    asab_log_writer_report (ASAB_LOG_SEVERITY_NOTICE, "The journal can be written again");
  self->is_failing = FALSE;
}

static void
report_lost (AsabLogJournal *self)
{
  if (self->n_lost > 0 &&
      asab_log_writer_report (ASAB_LOG_SEVERITY_WARNING, "%u records were lost, because the journal was away or slow",
                              self->n_lost))
    self->n_lost = 0;
}

static void
disconnect (AsabLogJournal *self,
            int             error_number)
{
  asab_log_journal_socket_close (&self->socket);
  self->retries_at = g_get_monotonic_time () + RETRY_INTERVAL;
  self->stands_still = FALSE;
  report_failure (self, error_number);
}

static gboolean
ensure_connected (AsabLogJournal *self)
{
  if (self->socket.fd >= 0)
    return TRUE;
  if (g_get_monotonic_time () < self->retries_at)
    return FALSE;
  if (asab_log_journal_socket_connect (&self->socket))
    return TRUE;

  disconnect (self, errno);

  return FALSE;
}

/* Sending */

static gboolean
has_room (AsabLogJournal *self)
{
  if (!self->stands_still)
    self->stands_still = !asab_log_journal_socket_wait (&self->socket, MAX_STANDSTILL_MS);

  return !self->stands_still;
}

/* Sends some of what waits. Returns: false if no more can be sent now */
static gboolean
send_some (AsabLogJournal *self)
{
  struct iovec frames[MAX_AT_ONCE];
  guint n_frames = asab_log_spool_peek_frames (&self->spool, frames, G_N_ELEMENTS (frames));
  int n = asab_log_journal_socket_send (&self->socket, frames, n_frames);

  if (n < 0)
    {
      switch (errno)
        {
        case EAGAIN:
          return has_room (self);
        case ECONNREFUSED:
        case ECONNRESET:
        case ENOTCONN:
        case EPIPE:
          disconnect (self, errno);
          return FALSE;
        default:
          /* The record itself is to blame, or its file in memory: it must not keep the others. */
          report_failure (self, errno);
          asab_log_spool_advance (&self->spool, frames[0].iov_len);
          self->n_lost++;
          return TRUE;
        }
    }

  for (int i = 0; i < n; i++)
    asab_log_spool_advance (&self->spool, frames[i].iov_len);
  self->stands_still = FALSE;
  report_recovery (self);

  return TRUE;
}

static void
send_waiting (AsabLogJournal *self)
{
  if (!ensure_connected (self))
    return;

  while (asab_log_spool_n_waiting (&self->spool) > 0)
    {
      if (!send_some (self))
        break;
    }
  asab_log_spool_forget_sent (&self->spool);
  if (asab_log_spool_n_waiting (&self->spool) == 0)
    report_lost (self);
}

/* The target */

static void
asab_log_journal_append (AsabLogTarget       *target,
                         const AsabLogRecord *record)
{
  AsabLogJournal *self = (AsabLogJournal *) target;
  gboolean is_important = record->severity <= ASAB_LOG_SEVERITY_WARNING;

  asab_log_buffer_empty (&self->frame);
  append_record (self, record);
  self->n_lost += asab_log_spool_push (&self->spool, self->frame.text, self->frame.length, is_important);
}

static void
asab_log_journal_flush (AsabLogTarget *target)
{
  AsabLogJournal *self = (AsabLogJournal *) target;

  if (asab_log_spool_n_waiting (&self->spool) > 0)
    send_waiting (self);
}

static int
asab_log_journal_prepare (AsabLogTarget *target,
                          GPollFD       *fd)
{
  AsabLogJournal *self = (AsabLogJournal *) target;

  if (asab_log_spool_n_waiting (&self->spool) == 0)
    return -1;
  if (self->socket.fd < 0)
    return (int) (MAX (self->retries_at - g_get_monotonic_time (), 0) / 1000 + 1);

  fd->fd = self->socket.fd;
  fd->events = G_IO_OUT;

  return -1;
}

static void
asab_log_journal_finish (AsabLogTarget *target,
                         gint64         deadline)
{
  AsabLogJournal *self = (AsabLogJournal *) target;
  gint64 now;

  self->retries_at = 0; /* a last time, if it is away */
  asab_log_journal_flush (target);
  while (self->socket.fd >= 0 && asab_log_spool_n_waiting (&self->spool) > 0 &&
         (now = g_get_monotonic_time ()) < deadline)
    {
      asab_log_journal_socket_wait (&self->socket, (int) ((deadline - now) / 1000 + 1));
      asab_log_journal_flush (target);
    }

  self->n_lost += asab_log_spool_n_waiting (&self->spool);
  asab_log_spool_empty (&self->spool);
  report_lost (self);
}

static void
asab_log_journal_leave (AsabLogTarget *target)
{
  AsabLogJournal *self = (AsabLogJournal *) target;

  asab_log_spool_empty (&self->spool);
  self->n_lost = 0;
}

static void
asab_log_journal_free (AsabLogTarget *target)
{
  AsabLogJournal *self = (AsabLogJournal *) target;

  asab_log_journal_socket_clear (&self->socket);
  asab_log_buffer_clear (&self->frame);
  asab_log_spool_clear (&self->spool);
  asab_log_time_format_clear (&self->time_format);
  g_free (self->identifier);
  g_free (self);
}

/*
 * asab_log_journal_new:
 * @path: the socket of the journal
 * @identifier: the name of the program there
 * @error: return location for a #GIOErrorEnum
 *
 * Connects to the journal.
 *
 * Returns: (transfer full): a target, or %NULL with @error set
 */
AsabLogTarget *
asab_log_journal_new (const char  *path,
                      const char  *identifier,
                      GError     **error)
{
  static const AsabLogTargetClass klass = {
    .append = asab_log_journal_append,
    .flush = asab_log_journal_flush,
    .prepare = asab_log_journal_prepare,
    .finish = asab_log_journal_finish,
    .leave = asab_log_journal_leave,
    .free = asab_log_journal_free,
  };
  AsabLogJournal *self = g_new0 (AsabLogJournal, 1);
  int error_number;

  self->parent.klass = &klass;
  self->parent.wants_fields = TRUE;
  self->identifier = g_strdup (identifier);
  self->frame = (AsabLogBuffer) ASAB_LOG_BUFFER_INIT;
  asab_log_spool_init (&self->spool, BUFFER_SIZE);
  asab_log_time_format_init (&self->time_format, ASAB_LOG_TIME_PATTERN_RFC3339, TRUE);
  asab_log_journal_socket_init (&self->socket, path);
  if (asab_log_journal_socket_connect (&self->socket))
    return &self->parent;

  error_number = errno;
  g_set_error (error, G_IO_ERROR, (int) g_io_error_from_errno (error_number), _("Cannot connect to the journal: %s"),
               g_strerror (error_number));
  asab_log_journal_free (&self->parent);

  return NULL;
}
