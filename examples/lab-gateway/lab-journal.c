/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "lab-journal.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <sys/file.h>
#include <unistd.h>

/*
 * A file to which entries are appended, and in which they stay.
 *
 *     8c1d0ab3f2e94d57 {"id":1,"message":"H|\\^&|||…"}⏎
 *     └ checksum       └ the entry, as JSON
 *
 * An entry is there when its line end is on the disk; only then the future of lab_journal_append() is resolved. Lines
 * are written and synchronized by a thread, all that are waiting at once: while the disk is at work for one analyser,
 * forty others may come, and the next turn of the disk is for all of them.
 *
 * A line is always written behind the last one that is known to be whole. So what a full disk left behind is
 * overwritten by the next attempt, and what a crash left behind is cut off when the file is opened.
 */

/* How many digits of its SHA-256 stand before an entry: enough for accidents, which is what it is for. */
#define N_CHECKSUM_DIGITS 16

struct _LabJournal
{
  GObject parent_instance;

  char *path;           /* (owned) */
  int fd;
  goffset size;         /* of the lines that are on the disk */
  GString *lines;       /* (owned): those that are to be written … */
  AsabPromise *written; /* (owned): … and what is fulfilled when they are */
  gboolean is_writing;
};

G_DEFINE_FINAL_TYPE (LabJournal, lab_journal, G_TYPE_OBJECT)

/* One turn of the disk. */
typedef struct
{
  LabJournal *journal;  /* (owned) */
  goffset offset;
  GString *lines;       /* (owned) */
  AsabPromise *written; /* (owned) */
} Batch;

static void write_next_batch (LabJournal *self);

static void
set_error_from_errno (GError     **error,
                      const char  *path,
                      const char  *what)
{
  int saved_errno = errno;

  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (saved_errno), "Cannot %s “%s”: %s", what, path,
               g_strerror (saved_errno));
}

static char *
compute_checksum (const char *text,
                  gsize       size)
{
  char *checksum = g_compute_checksum_for_data (G_CHECKSUM_SHA256, (const guchar *) text, size);

  checksum[N_CHECKSUM_DIGITS] = '\0';

  return checksum;
}

/* Reading */

/* Returns: (nullable): the entry of a line, which has to be whole */
static GVariant *
parse_line (const char *line,
            gsize       size)
{
  const gsize n_before = N_CHECKSUM_DIGITS + 1;
  g_autofree char *checksum = NULL;
  GVariant *entry;

  if (size <= n_before)
    return NULL;
  checksum = compute_checksum (line + n_before, size - n_before);
  if (strncmp (line, checksum, N_CHECKSUM_DIGITS) != 0)
    return NULL;

  entry = json_gvariant_deserialize_data (line + n_before, (gssize) (size - n_before), "a{sv}", NULL);

  return entry != NULL ? g_variant_ref_sink (entry) : NULL;
}

/* Where the line begins that goes on up to @end. */
static const char *
find_line (const char *text,
           const char *end)
{
  while (end > text && end[-1] != '\n')
    end--;

  return end;
}

/* Cuts off what a crash has left of the last line: nobody was told that it is there. */
static gboolean
cut_torn_line (LabJournal   *self,
               GMappedFile  *file,
               GError      **error)
{
  const char *text = g_mapped_file_get_contents (file);
  gsize size = g_mapped_file_get_length (file);
  gboolean has_end;
  const char *last;
  g_autoptr(GVariant) entry = NULL;

  if (size == 0)
    return TRUE;

  has_end = text[size - 1] == '\n';
  last = find_line (text, text + size - (has_end ? 1 : 0));
  if (has_end)
    entry = parse_line (last, (gsize) (text + size - 1 - last));

  self->size = entry != NULL ? (goffset) size : last - text;
  if (self->size == (goffset) size)
    return TRUE;

  asab_log_warning_with (ASAB_LOG_DATA (asab_log_text ("file", self->path),
                                        asab_log_number ("bytes", (gint64) size - self->size)),
                         "The last entry was not written to its end; it is cut off");
  if (ftruncate (self->fd, self->size) == 0)
    return TRUE;

  set_error_from_errno (error, self->path, "cut off the end of");

  return FALSE;
}

static GMappedFile *
map_file (LabJournal  *self,
          GError     **error)
{
  GMappedFile *file = g_mapped_file_new_from_fd (self->fd, FALSE, error);

  if (file == NULL)
    g_prefix_error (error, "Cannot read “%s”: ", self->path);

  return file;
}

/* Finds the last entries, and calls the function for them in their order. */
gboolean
lab_journal_foreach (LabJournal      *self,
                     guint            max_entries,
                     LabJournalFunc   func,
                     gpointer         user_data,
                     GError         **error)
{
  g_autoptr(GMappedFile) file = map_file (self, error);
  const char *text, *end, *line;
  guint n_damaged = 0;

  if (file == NULL || self->size == 0)
    return file != NULL;

  text = g_mapped_file_get_contents (file);
  end = text + self->size;
  line = end;
  for (guint i = 0; i < max_entries && line > text; i++)
    line = find_line (text, line - 1);

  while (line < end)
    {
      const char *line_end = memchr (line, '\n', (gsize) (end - line));
      g_autoptr(GVariant) entry = parse_line (line, (gsize) (line_end - line));

      if (entry != NULL)
        func (entry, user_data);
      else
        n_damaged++;
      line = line_end + 1;
    }

  if (n_damaged > 0)
    asab_log_error_with (ASAB_LOG_DATA (asab_log_text ("file", self->path), asab_log_number ("lines", n_damaged)),
                         "There are damaged entries; they are left out");

  return TRUE;
}

/* Writing */

static gboolean
write_lines (int            fd,
             const GString *lines,
             goffset        offset)
{
  gsize n_written = 0;

  while (n_written < lines->len)
    {
      gssize n = pwrite (fd, lines->str + n_written, lines->len - n_written, offset + (goffset) n_written);

      if (n < 0 && errno != EINTR)
        return FALSE;
      n_written += n > 0 ? (gsize) n : 0;
    }

  return fdatasync (fd) == 0;
}

/* In a thread. What was written in part is not left there for others who read the file. */
static gboolean
write_batch (gpointer       user_data,
             GCancellable  *cancellable,
             GValue        *result,
             GError       **error)
{
  Batch *batch = user_data;
  int fd = batch->journal->fd;

  if (write_lines (fd, batch->lines, batch->offset))
    return TRUE;

  set_error_from_errno (error, batch->journal->path, "write to");
  if (ftruncate (fd, batch->offset) != 0)
    asab_log_warning ("The end of “%s” is not cut off: %s", batch->journal->path, g_strerror (errno));

  return FALSE;
}

static void
batch_written_cb (AsabFuture *future,
                  gpointer    user_data)
{
  Batch *batch = user_data;
  LabJournal *self = batch->journal;

  if (asab_future_is_resolved (future))
    self->size = batch->offset + (goffset) batch->lines->len;
  asab_promise_follow (batch->written, future);

  self->is_writing = FALSE;
  if (self->lines->len > 0)
    write_next_batch (self);
}

static void
batch_free (gpointer data)
{
  Batch *batch = data;

  g_string_free (batch->lines, TRUE);
  asab_promise_unref (batch->written);
  g_object_unref (batch->journal);
  g_free (batch);
}

static void
write_next_batch (LabJournal *self)
{
  Batch *batch = g_new0 (Batch, 1);
  g_autoptr(AsabFuture) future = NULL;

  batch->journal = g_object_ref (self);
  batch->offset = self->size;
  batch->lines = g_steal_pointer (&self->lines);
  batch->written = g_steal_pointer (&self->written);

  self->lines = g_string_new (NULL);
  self->written = asab_promise_new ();
  self->is_writing = TRUE;

  future = asab_run_in_thread (write_batch, batch, NULL, NULL);
  asab_future_when_done (future, batch_written_cb, batch, batch_free);
}

/* The future is resolved when the entry is on the disk. Nobody can cancel that. */
AsabFuture *
lab_journal_append (LabJournal *self,
                    GVariant   *entry)
{
  g_autoptr(GVariant) sunk = g_variant_ref_sink (entry);
  gsize size;
  g_autofree char *text = json_gvariant_serialize_data (sunk, &size);
  g_autofree char *checksum = compute_checksum (text, size);
  g_autoptr(AsabFuture) future = asab_future_ref (asab_promise_get_future (self->written));

  g_string_append_printf (self->lines, "%s %s\n", checksum, text);
  if (!self->is_writing)
    write_next_batch (self);

  return asab_future_shield (future);
}

/* Life */

static void
lab_journal_finalize (GObject *object)
{
  LabJournal *self = LAB_JOURNAL (object);

  if (self->fd >= 0)
    close (self->fd);
  g_string_free (self->lines, TRUE);
  asab_promise_unref (self->written);
  g_free (self->path);

  G_OBJECT_CLASS (lab_journal_parent_class)->finalize (object);
}

static void
lab_journal_class_init (LabJournalClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = lab_journal_finalize;
}

static void
lab_journal_init (LabJournal *self)
{
  self->fd = -1;
  self->lines = g_string_new (NULL);
  self->written = asab_promise_new ();
}

/* A new file can be lost as long as its folder is not on the disk. */
static gboolean
synchronize_folder (const char *path)
{
  g_autofree char *folder = g_path_get_dirname (path);
  int fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  gboolean is_synchronized = fd >= 0 && fsync (fd) == 0;

  if (fd >= 0)
    close (fd);

  return is_synchronized;
}

static gboolean
open_file (LabJournal  *self,
           GError     **error)
{
  self->fd = open (self->path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (self->fd < 0)
    {
      set_error_from_errno (error, self->path, "open");
      return FALSE;
    }
  if (flock (self->fd, LOCK_EX | LOCK_NB) != 0)
    {
      set_error_from_errno (error, self->path, "have for its own");
      return FALSE;
    }
  if (!synchronize_folder (self->path))
    {
      set_error_from_errno (error, self->path, "synchronize the folder of");
      return FALSE;
    }

  return TRUE;
}

LabJournal *
lab_journal_open (const char  *path,
                  GError     **error)
{
  g_autoptr(LabJournal) self = g_object_new (LAB_TYPE_JOURNAL, NULL);
  g_autoptr(GMappedFile) file = NULL;

  self->path = g_strdup (path);
  if (!open_file (self, error))
    return NULL;

  file = map_file (self, error);
  if (file == NULL || !cut_torn_line (self, file, error))
    return NULL;

  return g_steal_pointer (&self);
}
