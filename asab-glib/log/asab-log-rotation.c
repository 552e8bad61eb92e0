/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The backups of a log file: FILE.1 is the newest. Each may be compressed, and is then called FILE.1.gz.
 *
 * A backup is compressed in a thread of its own, as that takes a while, under another name until it is complete.
 */

#include "config.h"

#include "asab-log-rotation-private.h"

#include "asab-log-writer-private.h"

#include <errno.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <unistd.h>

#define COMPRESSED ".gz"
#define INCOMPLETE ".gz.part"

static char *
get_backup_path (const char *path,
                 guint       nth,
                 const char *suffix)
{
  return nth > 0 ? g_strdup_printf ("%s.%u%s", path, nth, suffix) : g_strdup (path);
}

static void
shift_backup (const char *path,
              guint       nth,
              const char *suffix)
{
  g_autofree char *from = get_backup_path (path, nth, suffix);
  g_autofree char *to = get_backup_path (path, nth + 1, suffix);

  g_rename (from, to); /* there need not be one */
}

static gboolean
has_backup (const char *path,
            guint       nth)
{
  g_autofree char *plain = get_backup_path (path, nth, "");
  g_autofree char *compressed = get_backup_path (path, nth, COMPRESSED);

  return g_access (plain, F_OK) == 0 || g_access (compressed, F_OK) == 0;
}

static void
remove_backup (const char *path,
               guint       nth)
{
  g_autofree char *plain = get_backup_path (path, nth, "");
  g_autofree char *compressed = get_backup_path (path, nth, COMPRESSED);

  g_unlink (plain);
  g_unlink (compressed);
}

/*
 * asab_log_rotation_shift:
 * @path: a log file
 * @n_backups: how many backups are kept, at least 1
 *
 * Makes the file its first backup, the first the second and so on, up to a gap; without one the last is deleted.
 *
 * Returns: false with errno set if the file cannot be renamed
 */
gboolean
asab_log_rotation_shift (const char *path,
                         guint       n_backups)
{
  g_autofree char *first = get_backup_path (path, 1, "");
  guint end = 1;

  while (end < n_backups && has_backup (path, end))
    end++;
  remove_backup (path, end);
  for (guint i = end - 1; i > 0; i--)
    {
      shift_backup (path, i, "");
      shift_backup (path, i, COMPRESSED);
    }

  return g_rename (path, first) == 0;
}

static gboolean
compress_to (GFile   *source,
             GFile   *target,
             GError **error)
{
  g_autoptr(GZlibCompressor) compressor = g_zlib_compressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP, -1);
  g_autoptr(GFileInputStream) input = g_file_read (source, NULL, error);
  g_autoptr(GFileOutputStream) file = NULL;
  g_autoptr(GOutputStream) output = NULL;

  if (input == NULL)
    return FALSE;
  file = g_file_replace (target, NULL, FALSE, G_FILE_CREATE_PRIVATE, NULL, error);
  if (file == NULL)
    return FALSE;

  output = g_converter_output_stream_new (G_OUTPUT_STREAM (file), G_CONVERTER (compressor));

  return g_output_stream_splice (output, G_INPUT_STREAM (input),
                                 G_OUTPUT_STREAM_SPLICE_CLOSE_SOURCE | G_OUTPUT_STREAM_SPLICE_CLOSE_TARGET,
                                 NULL, error) >= 0;
}

static gpointer
compress_thread (gpointer data)
{
  g_autofree char *path = data;
  g_autofree char *incomplete = g_strconcat (path, INCOMPLETE, NULL);
  g_autofree char *compressed = g_strconcat (path, COMPRESSED, NULL);
  g_autoptr(GFile) source = g_file_new_for_path (path);
  g_autoptr(GFile) target = g_file_new_for_path (incomplete);
  g_autoptr(GError) error = NULL;

  if (!compress_to (source, target, &error) || g_rename (incomplete, compressed) != 0)
    {
      asab_log_writer_report (ASAB_LOG_SEVERITY_WARNING, "Cannot compress the log file “%s”: %s", path,
                              error != NULL ? error->message : g_strerror (errno));
      g_unlink (incomplete);
      return NULL;
    }

  g_unlink (path);

  return NULL;
}

/*
 * asab_log_rotation_compress:
 * @path: a log file that has just been rotated
 *
 * Compresses its first backup.
 *
 * Returns: (transfer full) (nullable): the thread that does so; it has to be joined before the next rotation
 */
GThread *
asab_log_rotation_compress (const char *path)
{
  char *first = get_backup_path (path, 1, "");
  GThread *thread = g_thread_try_new ("asab-log-gzip", compress_thread, first, NULL);

  if (thread == NULL)
    g_free (first);

  return thread;
}
