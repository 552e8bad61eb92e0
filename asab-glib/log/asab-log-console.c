/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The console target: standard error, a line at a time, in colour if it is a terminal.
 *
 * Each thread formats into a buffer of its own; only the write is serialised, so that a line longer than what the
 * kernel takes at once stays whole. Deferred lines stay in the buffer until the thread flushes it, or logs a line that
 * is not deferred.
 */

#include "config.h"

#include "asab-log-console-private.h"
#include "asab-log-format-private.h"

#include <errno.h>
#include <unistd.h>

/* So much is written at once; more would only wait longer. */
#define BATCH_SIZE (32 * 1024)

static void free_lines (gpointer data);

static GMutex console_lock; /* held for the whole of a line */
static GPrivate lines_key = G_PRIVATE_INIT (free_lines);
static gboolean console_has_colour; /* set before the first line, not changed later */

/* There is nobody left to tell when standard error itself cannot be written, so such errors are dropped. */
static void
write_all (const char *text,
           gsize       length)
{
  while (length > 0)
    {
      gssize n_written = write (STDERR_FILENO, text, length);

      if (n_written < 0 && errno == EAGAIN)
        {
          GPollFD fd = { .fd = STDERR_FILENO, .events = G_IO_OUT };

          g_poll (&fd, 1, -1);
          continue;
        }
      if (n_written < 0 && errno != EINTR)
        return;
      if (n_written > 0)
        {
          text += n_written;
          length -= (gsize) n_written;
        }
    }
}

/* Writes what is in the buffer of a thread. */
static void
write_lines (GString *lines)
{
  int saved_errno = errno;

  g_mutex_lock (&console_lock);
  write_all (lines->str, lines->len);
  g_mutex_unlock (&console_lock);
  g_string_truncate (lines, 0);

  errno = saved_errno;
}

static void
free_lines (gpointer data)
{
  GString *lines = data;

  if (lines->len > 0)
    write_lines (lines);
  g_string_free (lines, TRUE);
}

static GString *
get_lines (void)
{
  GString *lines = g_private_get (&lines_key);

  if (lines == NULL)
    {
      lines = g_string_sized_new (512);
      g_private_set (&lines_key, lines);
    }

  return lines;
}

void
asab_log_console_init (void)
{
  console_has_colour = g_log_writer_supports_color (STDERR_FILENO);
}

void
asab_log_console_write (const AsabLogRecord *record)
{
  GString *lines = get_lines ();

  asab_log_format_line (lines, record, console_has_colour);
  if (!record->is_deferred || lines->len >= BATCH_SIZE)
    write_lines (lines);
}

void
asab_log_console_flush (void)
{
  GString *lines = g_private_get (&lines_key);

  if (lines != NULL && lines->len > 0)
    write_lines (lines);
}
