/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The journal target: records with their fields, in the native protocol of systemd-journald.
 *
 * A record is a datagram of lines KEY=VALUE; a value with a line end has its length in front. Datagrams are sent many
 * at once. One that is too long for the socket goes through a sealed file in memory, whose descriptor is sent instead.
 */

#include "config.h"

#include "asab-log-journal-private.h"

#include "asab-log-buffer-private.h"
#include "asab-log-writer-private.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define MAX_DATAGRAMS 64
#define MAX_KEY 64

typedef struct
{
  AsabLogTarget parent;

  char *identifier; /* (owned) */
  int fd;
  AsabLogBuffer batch;
  gsize ends[MAX_DATAGRAMS]; /* of each datagram in the batch */
  guint n_datagrams;
  guint n_lost;
} AsabLogJournal;

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

/* The journal takes upper case letters, digits and, but at the beginning, underscores. */
static void
append_datum (AsabLogBuffer      *buffer,
              const AsabLogDatum *datum)
{
  const char *from = datum->key;
  char key[MAX_KEY + 1];
  gsize length = 0;

  if (!g_ascii_isalpha (*from))
    key[length++] = 'X';
  for (; *from != '\0' && length < MAX_KEY; from++)
    key[length++] = g_ascii_isalnum (*from) ? g_ascii_toupper (*from) : '_';
  key[length] = '\0';
  append_field (buffer, key, datum->value, datum->length);
}

static void
append_record (AsabLogJournal      *self,
               const AsabLogRecord *record)
{
  char priority[] = { (char) ('0' + record->severity) };
  gboolean has_identifier = FALSE;
  gsize position = 0;
  AsabLogDatum datum;

  append_field (&self->batch, "MESSAGE", asab_log_record_get_message (record), record->message_length);
  append_field (&self->batch, "PRIORITY", priority, sizeof priority);
  append_field (&self->batch, "GLIB_DOMAIN", asab_log_record_get_domain (record), record->domain_length);
  while (asab_log_record_next_datum (record, &position, &datum))
    {
      if (datum.kind == ASAB_LOG_DATUM_FIELD && strcmp (datum.key, "PRIORITY") == 0)
        continue;
      has_identifier |= strcmp (datum.key, "SYSLOG_IDENTIFIER") == 0;
      append_datum (&self->batch, &datum);
    }
  if (!has_identifier)
    append_field (&self->batch, "SYSLOG_IDENTIFIER", self->identifier, strlen (self->identifier));
}

/* Sending */

static gboolean
send_file (AsabLogJournal *self,
           const char     *text,
           gsize           length)
{
  union
  {
    struct cmsghdr header;
    char space[CMSG_SPACE (sizeof (int))];
  } control = { .header = { CMSG_LEN (sizeof (int)), SOL_SOCKET, SCM_RIGHTS } };
  struct msghdr message = { .msg_control = &control, .msg_controllen = sizeof control.space };
  int fd = memfd_create ("asab-log", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  gboolean succeeded;

  if (fd < 0)
    return FALSE;

  memcpy (CMSG_DATA (&control.header), &fd, sizeof fd);
  succeeded = asab_log_write_all (fd, text, length, NULL) &&
              fcntl (fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) == 0 &&
              sendmsg (self->fd, &message, MSG_NOSIGNAL) >= 0;
  g_close (fd, NULL);

  return succeeded;
}

static void
report_loss (AsabLogJournal *self)
{
  if (self->n_lost++ == 0)
    fprintf (stderr, "Cannot write to the journal: %s\n", g_strerror (errno));
}

static void
prepare_messages (AsabLogJournal *self,
                  struct mmsghdr  messages[MAX_DATAGRAMS],
                  struct iovec    vectors[MAX_DATAGRAMS])
{
  gsize start = 0;

  for (guint i = 0; i < self->n_datagrams; i++)
    {
      vectors[i] = (struct iovec) { self->batch.text + start, self->ends[i] - start };
      messages[i] = (struct mmsghdr) { .msg_hdr = { .msg_iov = &vectors[i], .msg_iovlen = 1 } };
      start = self->ends[i];
    }
}

static void
send_datagrams (AsabLogJournal *self)
{
  struct mmsghdr messages[MAX_DATAGRAMS];
  struct iovec vectors[MAX_DATAGRAMS];

  prepare_messages (self, messages, vectors);
  for (guint first = 0; first < self->n_datagrams;)
    {
      int n = sendmmsg (self->fd, messages + first, self->n_datagrams - first, MSG_NOSIGNAL);

      if (n > 0)
        {
          first += (guint) n;
          self->n_lost = 0;
          continue;
        }
      if (errno == EINTR)
        continue;
      if ((errno != EMSGSIZE && errno != ENOBUFS) ||
          !send_file (self, vectors[first].iov_base, vectors[first].iov_len))
        report_loss (self);
      first++;
    }

  self->n_datagrams = 0;
  asab_log_buffer_empty (&self->batch);
}

/* The target */

static void
asab_log_journal_append (AsabLogTarget       *target,
                         const AsabLogRecord *record)
{
  AsabLogJournal *self = (AsabLogJournal *) target;

  append_record (self, record);
  self->ends[self->n_datagrams++] = self->batch.length;
  if (self->n_datagrams == MAX_DATAGRAMS)
    send_datagrams (self);
}

static void
asab_log_journal_flush (AsabLogTarget *target)
{
  AsabLogJournal *self = (AsabLogJournal *) target;

  if (self->n_datagrams > 0)
    send_datagrams (self);
}

static void
asab_log_journal_free (AsabLogTarget *target)
{
  AsabLogJournal *self = (AsabLogJournal *) target;

  if (self->fd >= 0)
    g_close (self->fd, NULL);
  asab_log_buffer_clear (&self->batch);
  g_free (self->identifier);
  g_free (self);
}

static gboolean
connect_to (AsabLogJournal  *self,
            const char      *path,
            GError         **error)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int error_number;

  if (g_strlcpy (address.sun_path, path, sizeof address.sun_path) >= sizeof address.sun_path)
    errno = ENAMETOOLONG;
  else if ((self->fd = socket (AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) >= 0 &&
           connect (self->fd, (struct sockaddr *) &address, sizeof address) == 0)
    return TRUE;

  error_number = errno;
  g_set_error (error, G_IO_ERROR, (int) g_io_error_from_errno (error_number), _("Cannot connect to the journal: %s"),
               g_strerror (error_number));

  return FALSE;
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
    .free = asab_log_journal_free,
  };
  AsabLogJournal *self = g_new0 (AsabLogJournal, 1);

  self->parent.klass = &klass;
  self->parent.wants_fields = TRUE;
  self->identifier = g_strdup (identifier);
  self->fd = -1;
  self->batch = (AsabLogBuffer) ASAB_LOG_BUFFER_INIT;
  if (!connect_to (self, path, error))
    {
      asab_log_journal_free (&self->parent);
      return NULL;
    }

  return &self->parent;
}
