/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The file target.
 *
 * Files are written with O_APPEND, so that several processes may share one. Whether a tool has moved or deleted the
 * file is looked up before a batch, not more often than once a second; what is logged in between goes to the moved
 * file.
 *
 * A file that cannot be written, as when the disk is full, is tried again each second. Until then so much is kept as
 * may wait in memory; more is lost, and counted. A line that was written half is completed. One that cannot be rotated
 * goes on to grow, and is tried again after a while.
 */

#include "config.h"

#include "asab-log-file-private.h"

#include "asab-log-rotation-private.h"
#include "asab-log-writer-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <gio/gio.h>

#define CHECK_INTERVAL G_USEC_PER_SEC
#define RETRY_MS 1000
#define MAX_KEPT (1024 * 1024)  /* of what cannot be written */
#define ROTATION_RETRY_INTERVAL (30 * G_USEC_PER_SEC)
#define MIN_ROTATED 1000 /* smaller files are not rotated only because time has passed */
#define FILE_MODE 0640
#define FOLDER_MODE 0750

typedef struct
{
  AsabLogTarget parent;

  char *path;            /* (owned) */
  AsabLogLayout *layout; /* (owned) */
  AsabLogRotation rotation;
  AsabLogBuffer batch;
  guint n_batched; /* records in the batch, of which some may be written if it is failing */
  GThread *compressor; /* (owned) (nullable) */

  int fd;
  dev_t device;
  ino_t inode;
  gboolean is_regular;
  guint64 size;

  gint64 checked_at;  /* monotonic, as all times here */
  gint64 rotates_at;
  gint64 rotation_retries_at; /* 0: it does not fail; otherwise that was told */
  gboolean is_failing; /* it could not be written or opened, which was told */
  guint n_lost;
} AsabLogFile;

static void
report_failure (AsabLogFile *self,
                int          error_number)
{
  if (!self->is_failing)
    asab_log_writer_report (ASAB_LOG_SEVERITY_ERROR, "Cannot write the log file “%s”: %s", self->path,
                            g_strerror (error_number));
  self->is_failing = TRUE;
}

/* If there is no room to tell it, it is told after another batch. */
static void
report_recovery (AsabLogFile *self)
{
  if (self->is_failing &&
      asab_log_writer_report (ASAB_LOG_SEVERITY_WARNING, "The log file “%s” can be written again; %u records were lost",
                              self->path, self->n_lost))
    {
      self->is_failing = FALSE;
      self->n_lost = 0;
    }
}

static void
report_rotation_failure (AsabLogFile *self,
                         int          error_number)
{
  if (self->rotation_retries_at == 0)
    asab_log_writer_report (ASAB_LOG_SEVERITY_ERROR, "Cannot rotate the log file “%s”: %s", self->path,
                            g_strerror (error_number));
  self->rotation_retries_at = g_get_monotonic_time () + ROTATION_RETRY_INTERVAL;
}

/* A named pipe is opened for reading too: that does not wait for a reader, and one may leave and come back. */
static int
get_open_flags (AsabLogFile *self)
{
  struct stat status;
  gboolean is_pipe = stat (self->path, &status) == 0 && S_ISFIFO (status.st_mode);

  return (is_pipe ? O_RDWR : O_WRONLY) | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY;
}

/* Opens the file; on failure the one that was open stays. Returns: false with errno set */
static gboolean
open_file (AsabLogFile *self)
{
  int fd = g_open (self->path, get_open_flags (self), FILE_MODE);
  struct stat status;

  if (fd < 0)
    return FALSE;
  if (fstat (fd, &status) < 0)
    {
      g_close (fd, NULL);
      return FALSE;
    }

  if (self->fd >= 0)
    g_close (self->fd, NULL);
  self->fd = fd;
  self->device = status.st_dev;
  self->inode = status.st_ino;
  self->is_regular = S_ISREG (status.st_mode);
  self->size = (guint64) status.st_size;

  return TRUE;
}

static void
reopen (AsabLogFile *self)
{
  if (!open_file (self))
    report_failure (self, errno);
}

/* Looks up what others have done to the file. Returns: whether it was moved or deleted */
static gboolean
is_moved (AsabLogFile *self)
{
  struct stat status;

  if (stat (self->path, &status) < 0 || status.st_ino != self->inode || status.st_dev != self->device)
    return TRUE;

  self->size = (guint64) status.st_size;

  return FALSE;
}

/* Writes as much as possible; the rest stays. */
static void
write_batch (AsabLogFile *self,
             gsize        length)
{
  gsize n_written;
  gboolean succeeded = asab_log_write_all (self->fd, self->batch.text, length, &n_written);
  int error_number = errno;

  self->size += n_written;
  if (n_written == self->batch.length)
    {
      asab_log_buffer_empty (&self->batch);
      self->n_batched = 0;
    }
  else
    {
      memmove (self->batch.text, self->batch.text + n_written, self->batch.length - n_written);
      self->batch.length -= n_written;
    }

  if (succeeded)
    report_recovery (self);
  else
    report_failure (self, error_number);
}

/* Rotation */

static void
schedule_rotation (AsabLogFile *self)
{
  if (self->rotation.interval > 0)
    self->rotates_at = g_get_monotonic_time () + self->rotation.interval;
}

static void
join_compressor (AsabLogFile *self)
{
  g_clear_pointer (&self->compressor, g_thread_join);
}

static void
rotate (AsabLogFile *self)
{
  schedule_rotation (self);
  if (self->rotation.n_backups == 0 || !self->is_regular || is_moved (self))
    {
      reopen (self);
      return;
    }

  join_compressor (self);
  if (!asab_log_rotation_shift (self->path, self->rotation.n_backups))
    {
      report_rotation_failure (self, errno);
      return;
    }

  self->rotation_retries_at = 0;
  reopen (self);
  if (self->rotation.compresses)
    self->compressor = asab_log_rotation_compress (self->path);
}

/* Returns: whether the file would be too long with @length more bytes */
static gboolean
is_full (AsabLogFile *self,
         gsize        length)
{
  return self->rotation.max_bytes > 0 && self->rotation.n_backups > 0 && self->is_regular &&
         self->size + length > self->rotation.max_bytes &&
         (self->rotation_retries_at == 0 || g_get_monotonic_time () >= self->rotation_retries_at);
}

/* The target */

static void
asab_log_file_append (AsabLogTarget       *target,
                      const AsabLogRecord *record)
{
  AsabLogFile *self = (AsabLogFile *) target;
  gsize start = self->batch.length;

  if (self->is_failing && start >= MAX_KEPT)
    {
      self->n_lost++;
      return;
    }

  asab_log_layout_append (self->layout, &self->batch, record);
  self->n_batched++;
  if (G_UNLIKELY (is_full (self, self->batch.length)) && self->size + start > 0 && !self->is_failing)
    {
      if (start > 0)
        write_batch (self, start);
      if (!self->is_failing)
        rotate (self);
    }
}

static void
asab_log_file_flush (AsabLogTarget *target)
{
  AsabLogFile *self = (AsabLogFile *) target;
  gint64 now;

  if (self->batch.length == 0 && self->rotates_at == 0)
    return;

  now = g_get_monotonic_time ();
  if (self->rotates_at > 0 && now >= self->rotates_at)
    {
      schedule_rotation (self);
      if (self->size > MIN_ROTATED)
        rotate (self);
    }
  if (now - self->checked_at >= CHECK_INTERVAL)
    {
      self->checked_at = now;
      if (is_moved (self))
        reopen (self);
    }
  if (self->batch.length > 0)
    write_batch (self, self->batch.length);
}

static void
asab_log_file_reopen (AsabLogTarget *target)
{
  rotate ((AsabLogFile *) target);
}

static int
asab_log_file_prepare (AsabLogTarget *target,
                       GPollFD       *fd G_GNUC_UNUSED)
{
  AsabLogFile *self = (AsabLogFile *) target;

  if (self->batch.length > 0)
    return RETRY_MS;
  if (self->rotates_at > 0)
    return (int) CLAMP ((self->rotates_at - g_get_monotonic_time ()) / 1000 + 1, 0, G_MAXINT);

  return -1;
}

static void
forget_batch (AsabLogFile *self)
{
  asab_log_buffer_empty (&self->batch);
  self->n_batched = 0;
  self->n_lost = 0;
}

static void
asab_log_file_finish (AsabLogTarget *target,
                      gint64         deadline G_GNUC_UNUSED)
{
  AsabLogFile *self = (AsabLogFile *) target;

  asab_log_file_flush (target);
  join_compressor (self);
  if (self->batch.length > 0)
    asab_log_writer_report (ASAB_LOG_SEVERITY_ERROR, "The log file “%s” lacks its end; up to %u records were lost",
                            self->path, self->n_lost + self->n_batched);
  forget_batch (self);
}

static void
asab_log_file_leave (AsabLogTarget *target)
{
  forget_batch ((AsabLogFile *) target);
}

static int
asab_log_file_get_fd (AsabLogTarget *target)
{
  return ((AsabLogFile *) target)->fd;
}

static void
asab_log_file_free (AsabLogTarget *target)
{
  AsabLogFile *self = (AsabLogFile *) target;

  join_compressor (self);
  if (self->fd >= 0)
    g_close (self->fd, NULL);
  asab_log_layout_free (self->layout);
  asab_log_buffer_clear (&self->batch);
  g_free (self->path);
  g_free (self);
}

static gboolean
open_first (AsabLogFile  *self,
            GError      **error)
{
  g_autofree char *folder = g_path_get_dirname (self->path);
  int error_number;

  if (g_mkdir_with_parents (folder, FOLDER_MODE) == 0 && open_file (self))
    return TRUE;

  error_number = errno;
  g_set_error (error, G_IO_ERROR, (int) g_io_error_from_errno (error_number), _("Cannot open the log file “%s”: %s"),
               self->path, g_strerror (error_number));

  return FALSE;
}

/*
 * asab_log_file_new:
 * @path: the file; its folder is created
 * @layout: (transfer full): how lines look
 * @rotation: when it is rotated, and what becomes of it then
 * @error: return location for a #GIOErrorEnum
 *
 * Opens a log file.
 *
 * Returns: (transfer full): a target, or %NULL with @error set
 */
AsabLogTarget *
asab_log_file_new (const char             *path,
                   AsabLogLayout          *layout,
                   const AsabLogRotation  *rotation,
                   GError                **error)
{
  static const AsabLogTargetClass klass = {
    .append = asab_log_file_append,
    .flush = asab_log_file_flush,
    .reopen = asab_log_file_reopen,
    .prepare = asab_log_file_prepare,
    .finish = asab_log_file_finish,
    .leave = asab_log_file_leave,
    .get_fd = asab_log_file_get_fd,
    .free = asab_log_file_free,
  };
  AsabLogFile *self = g_new0 (AsabLogFile, 1);

  self->parent.klass = &klass;
  self->parent.wants_fields = asab_log_layout_wants_fields (layout);
  self->path = g_canonicalize_filename (path, NULL);
  self->layout = layout;
  self->rotation = *rotation;
  self->batch = (AsabLogBuffer) ASAB_LOG_BUFFER_INIT;
  self->fd = -1;
  schedule_rotation (self);
  if (!open_first (self, error))
    {
      asab_log_file_free (&self->parent);
      return NULL;
    }

  return &self->parent;
}
