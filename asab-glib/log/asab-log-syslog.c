/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The syslog target.
 *
 * What is logged goes into a spool, and from there to the server, as fast as it takes it. While there is no connection,
 * one is tried again and again, with pauses that grow.
 *
 * Syslog knows no acknowledgements. When a connection breaks, what was sent in the last seconds may have been on its
 * way, or unread in a buffer of the server. So that is sent again: a record may arrive twice then, but it does arrive.
 *
 *             prepare(), in time            is done
 *    WAITING ────────────────────▶ CONNECTING ─────▶ CONNECTED
 *       ▲                              │ fails           │ breaks
 *       └──────────────────────────────┴─────────────────┘
 *
 * To connect is only begun by who waits for it, the thread that writes or the end of the process: a process that will
 * fork itself into the background does not write in a thread yet, and must not have threads here either.
 */

#include "config.h"

#include "asab-log-syslog-private.h"

#include "asab-log-spool-private.h"
#include "asab-log-writer-private.h"

#include <asab-glib/config/asab-config.h>

#include <glib/gi18n-lib.h>
#include <unistd.h>

#define MIN_DELAY (G_USEC_PER_SEC / 10)
#define MAX_DELAY (30 * G_USEC_PER_SEC)
#define SETTLE_INTERVAL (5 * G_USEC_PER_SEC) /* what was sent is kept for so long, or twice as long */
#define MIN_BUFFER_SIZE (64 * 1024)
#define MAX_DATAGRAM 65507 /* of UDP; a UNIX socket takes it too */
#define MAX_WRITE (64 * 1024)
#define MAX_WRITES 256

typedef struct
{
  AsabLogTarget parent;

  AsabLogSyslogAddress address;
  AsabLogTlsFiles tls_files;
  AsabLogSyslogFormat format;
  AsabLogSpool spool;
  AsabLogBuffer frame; /* the one that is being made */

  AsabLogConnector *connector;   /* (owned) (nullable): CONNECTING */
  AsabLogConnection *connection; /* (owned) (nullable): CONNECTED */
  pid_t process;                 /* whose they are */
  gint64 retries_at;             /* monotonic, as all times here */
  gint64 delay;
  guint n_failures; /* of connecting */
  gint64 connected_at;
  gint64 settled_at;
  gboolean is_failing; /* which was told */
  guint n_lost;
} AsabLogSyslog;

/* Failing, and trying again */

static void
schedule (AsabLogSyslog *self)
{
  self->retries_at = g_get_monotonic_time () + self->delay + g_random_int_range (0, (gint32) (self->delay / 4));
  self->delay = MIN (self->delay * 2, MAX_DELAY);
}

static void
report_failure (AsabLogSyslog *self,
                const GError  *error)
{
  if (!self->is_failing)
    asab_log_writer_report (ASAB_LOG_SEVERITY_WARNING, "No connection to the syslog server at %s, trying again: %s",
                            self->address.text, error->message);
  self->is_failing = TRUE;
}

static void
report_recovery (AsabLogSyslog *self)
{
  /* What seems to be a connection of UDP is none. */
  if (self->is_failing && self->address.transport != ASAB_LOG_SYSLOG_UDP)
    {
      asab_log_writer_report (ASAB_LOG_SEVERITY_NOTICE, "Connected to the syslog server at %s", self->address.text);
      self->is_failing = FALSE;
    }
}

/* How many they are is told when all is sent again; whoever looks at the console meanwhile is to know. */
static void
count_lost (AsabLogSyslog *self,
            guint          n)
{
  if (n > 0 && self->n_lost == 0)
    asab_log_writer_report (ASAB_LOG_SEVERITY_WARNING, "The syslog server at %s is away or slow, and what waits for it "
                            "is too much: records are lost", self->address.text);
  self->n_lost += n;
}

static void
report_lost (AsabLogSyslog *self)
{
  if (self->n_lost > 0 &&
      asab_log_writer_report (ASAB_LOG_SEVERITY_WARNING, "%u records were lost, because the syslog server at %s was "
                              "away or slow", self->n_lost, self->address.text))
    self->n_lost = 0;
}

static void
disconnect (AsabLogSyslog *self,
            const GError  *error)
{
  gboolean has_untried = self->connection->n_untried > 0;

  if (g_get_monotonic_time () - self->connected_at >= SETTLE_INTERVAL)
    {
      self->delay = MIN_DELAY;
      self->is_failing = FALSE;
    }
  else
    {
      self->n_failures++;
    }

  g_clear_pointer (&self->connection, asab_log_connection_free);
  asab_log_spool_rewind (&self->spool);
  if (has_untried)
    {
      self->retries_at = 0;
      return;
    }

  report_failure (self, error);
  schedule (self);
}

/* In a child that was forked: the connection is of its parent, which also sends what was waiting. */
static void
leave_to_parent (AsabLogSyslog *self)
{
  if (self->process == 0 || self->process == getpid ())
    return;

  self->connector = NULL; /* its thread is not here, so it cannot be freed */
  g_clear_pointer (&self->connection, asab_log_connection_free);
  asab_log_spool_empty (&self->spool);
  self->n_lost = 0;
  self->process = 0;
}

/* Connecting */

static void
begin_connecting (AsabLogSyslog *self)
{
  g_autoptr(GError) error = NULL;

  self->process = getpid ();
  self->connector = asab_log_connector_start (&self->address, &self->tls_files, self->n_failures, &error);
  if (self->connector == NULL)
    {
      report_failure (self, error);
      schedule (self);
    }
}

static void
end_connecting (AsabLogSyslog *self)
{
  g_autoptr(GError) error = NULL;

  if (self->connector == NULL || !asab_log_connector_is_done (self->connector))
    return;

  self->connection = asab_log_connector_finish (g_steal_pointer (&self->connector), &error);
  if (self->connection == NULL)
    {
      self->n_failures++;
      report_failure (self, error);
      schedule (self);
      return;
    }

  self->connected_at = self->settled_at = g_get_monotonic_time ();
}

/* Sending */

static gboolean
send_some (AsabLogSyslog  *self,
           gboolean       *is_blocked,
           GError        **error)
{
  gboolean is_datagram = self->connection->is_datagram;
  g_autoptr(GError) local_error = NULL;
  gsize length;
  const char *text = is_datagram ? asab_log_spool_peek_frame (&self->spool, &length)
                                 : asab_log_spool_peek (&self->spool, MAX_WRITE, &length);
  gssize n = asab_log_connection_send (self->connection, text, length, &local_error);

  *is_blocked = n == 0;
  if (n > 0)
    {
      asab_log_spool_advance (&self->spool, (gsize) n);
      return TRUE;
    }
  if (n == 0)
    return TRUE;
  if (is_datagram && g_error_matches (local_error, G_IO_ERROR, G_IO_ERROR_MESSAGE_TOO_LARGE))
    {
      asab_log_spool_advance (&self->spool, length);
      count_lost (self, 1);
      return TRUE;
    }

  g_propagate_error (error, g_steal_pointer (&local_error));

  return FALSE;
}

/* But not too much at once: while this works off what waited, what is logged now gathers in the queue. */
static gboolean
send_more (AsabLogSyslog  *self,
           GError        **error)
{
  gboolean is_blocked = FALSE;

  for (guint i = 0; i < MAX_WRITES && asab_log_spool_n_waiting (&self->spool) > 0 && !is_blocked; i++)
    {
      if (!send_some (self, &is_blocked, error))
        return FALSE;
    }

  return TRUE;
}

/* That nobody takes datagrams shows only after they were sent. */
static void
send_waiting (AsabLogSyslog *self)
{
  g_autoptr(GError) error = NULL;

  if (!asab_log_connection_check (self->connection, &error) ||
      !send_more (self, &error) ||
      (self->connection->is_datagram && !asab_log_connection_check (self->connection, &error)))
    disconnect (self, error);
  else if (asab_log_spool_n_waiting (&self->spool) == 0)
    report_lost (self);
}

/* Forgets what was sent long ago, unless it got stuck on its way. */
static void
settle (AsabLogSyslog *self)
{
  gint64 elapsed = g_get_monotonic_time () - self->settled_at;

  if (elapsed < SETTLE_INTERVAL)
    return;

  /* Not earlier: a server that dislikes a client may take its connection all the same, and then close it. */
  report_recovery (self);
  if (!asab_log_connection_is_settled (self->connection))
    return;

  asab_log_spool_settle (&self->spool);
  if (elapsed >= 2 * SETTLE_INTERVAL)
    asab_log_spool_settle (&self->spool);
  self->settled_at += elapsed;
}

/* The target */

static void
asab_log_syslog_append (AsabLogTarget       *target,
                        const AsabLogRecord *record)
{
  AsabLogSyslog *self = (AsabLogSyslog *) target;
  gboolean is_important = record->severity <= ASAB_LOG_SEVERITY_WARNING;

  leave_to_parent (self);
  asab_log_buffer_empty (&self->frame);
  asab_log_syslog_format_append (&self->format, &self->frame, record);
  count_lost (self, asab_log_spool_push (&self->spool, self->frame.text, self->frame.length, is_important));
}

static void
asab_log_syslog_flush (AsabLogTarget *target)
{
  AsabLogSyslog *self = (AsabLogSyslog *) target;

  leave_to_parent (self);
  end_connecting (self);
  if (self->connection == NULL)
    return;

  settle (self);
  send_waiting (self);
}

/* Returns: after how many milliseconds @time is over */
static int
get_timeout (gint64 time)
{
  return (int) (MAX (time - g_get_monotonic_time (), 0) / 1000 + 1);
}

static int
asab_log_syslog_prepare (AsabLogTarget *target,
                         GPollFD       *fd)
{
  AsabLogSyslog *self = (AsabLogSyslog *) target;

  leave_to_parent (self);
  if (self->connection != NULL)
    {
      fd->fd = g_socket_get_fd (self->connection->socket);
      fd->events = (gushort) (asab_log_spool_n_waiting (&self->spool) > 0 ? G_IO_IN | G_IO_OUT : G_IO_IN);
      return self->is_failing ? get_timeout (self->settled_at + SETTLE_INTERVAL) : -1;
    }

  if (self->connector == NULL && g_get_monotonic_time () >= self->retries_at)
    begin_connecting (self);
  if (self->connector == NULL)
    return get_timeout (self->retries_at);

  fd->fd = asab_log_connector_get_fd (self->connector);
  fd->events = G_IO_IN;

  return -1;
}

/* Waits for the server to take what is left; if it is away, once more to find it. */
static void
send_until (AsabLogSyslog *self,
            gint64         deadline)
{
  self->retries_at = 0;
  while (asab_log_spool_n_waiting (&self->spool) > 0 && g_get_monotonic_time () < deadline)
    {
      GPollFD fd = { .fd = -1 };

      if (self->connection == NULL && self->connector == NULL && self->retries_at > 0)
        break;
      asab_log_syslog_prepare (&self->parent, &fd);
      if (fd.fd >= 0)
        g_poll (&fd, 1, get_timeout (deadline));
      asab_log_syslog_flush (&self->parent);
    }
}

static void
close_connection (AsabLogSyslog *self,
                  gint64         deadline)
{
  g_autoptr(GError) error = NULL;

  if (asab_log_spool_n_waiting (&self->spool) == 0 && !asab_log_connection_close (self->connection, deadline, &error))
    disconnect (self, error);
  g_clear_pointer (&self->connection, asab_log_connection_free);
}

static void
asab_log_syslog_finish (AsabLogTarget *target,
                        gint64         deadline)
{
  AsabLogSyslog *self = (AsabLogSyslog *) target;

  asab_log_syslog_flush (target);
  send_until (self, deadline);
  g_clear_pointer (&self->connector, asab_log_connector_cancel);
  if (self->connection != NULL)
    close_connection (self, deadline);

  self->n_lost += asab_log_spool_n_waiting (&self->spool);
  report_lost (self);
  asab_log_spool_empty (&self->spool);
}

static void
asab_log_syslog_free (AsabLogTarget *target)
{
  AsabLogSyslog *self = (AsabLogSyslog *) target;

  g_clear_pointer (&self->connector, asab_log_connector_cancel);
  g_clear_pointer (&self->connection, asab_log_connection_free);
  asab_log_spool_clear (&self->spool);
  asab_log_buffer_clear (&self->frame);
  asab_log_syslog_format_clear (&self->format);
  asab_log_tls_files_clear (&self->tls_files);
  asab_log_syslog_address_clear (&self->address);
  g_free (self);
}

/* Making one */

static gboolean
set_options (AsabLogSyslog               *self,
             const AsabLogSyslogOptions  *options,
             GError                     **error)
{
  AsabLogSyslogFormat *format = &self->format;
  gsize buffer_size = MAX (options->buffer_size, MIN_BUFFER_SIZE);

  asab_log_syslog_format_init (format, &options->format);
  if (!asab_log_syslog_address_init (&self->address, options->address, error))
    return FALSE;
  if (!asab_log_syslog_choose_framing (options->framing, format->style, self->address.transport, &format->framing))
    {
      g_set_error (error, ASAB_CONFIG_ERROR, ASAB_CONFIG_ERROR_INVALID_VALUE, _("“%s” is no framing of syslog"),
                   options->framing);
      return FALSE;
    }

  format->is_local = asab_log_syslog_address_is_local (&self->address);
  format->max_length = buffer_size / 4;
  if (asab_log_syslog_address_is_datagram (&self->address))
    format->max_length = MIN (format->max_length, MAX_DATAGRAM);
  asab_log_spool_init (&self->spool, buffer_size);
  asab_log_tls_files_init (&self->tls_files, &options->tls_files);

  return self->address.transport != ASAB_LOG_SYSLOG_TLS || asab_log_tls_files_check (&self->tls_files, error);
}

/*
 * asab_log_syslog_new:
 * @options: what it is to be like
 * @error: return location for a [error@ConfigError]
 *
 * Creates a target for a syslog server, to which it connects later, and again whenever that is necessary.
 *
 * Returns: (transfer full): a target, or %NULL with @error set
 */
AsabLogTarget *
asab_log_syslog_new (const AsabLogSyslogOptions  *options,
                     GError                     **error)
{
  static const AsabLogTargetClass klass = {
    .append = asab_log_syslog_append,
    .flush = asab_log_syslog_flush,
    .prepare = asab_log_syslog_prepare,
    .finish = asab_log_syslog_finish,
    .free = asab_log_syslog_free,
  };
  AsabLogSyslog *self = g_new0 (AsabLogSyslog, 1);

  self->parent.klass = &klass;
  self->frame = (AsabLogBuffer) ASAB_LOG_BUFFER_INIT;
  self->delay = MIN_DELAY;
  if (!set_options (self, options, error))
    {
      asab_log_syslog_free (&self->parent);
      return NULL;
    }

  return &self->parent;
}
