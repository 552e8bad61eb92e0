/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The console target: standard error, a line at a time, in colour if it is a terminal.
 *
 * Each thread formats into a buffer of its own; only the write is serialised, so that a line longer than what the
 * kernel takes at once stays whole.
 */

#include "config.h"

#include "asab-log-console-private.h"
#include "asab-log-format-private.h"

#include <errno.h>
#include <unistd.h>

static void free_line (gpointer data);

static GMutex console_lock; /* held for the whole of a line */
static GPrivate line_key = G_PRIVATE_INIT (free_line);
static gboolean console_has_colour; /* set before the first line, not changed later */

static void
free_line (gpointer data)
{
  g_string_free (data, TRUE);
}

static GString *
get_empty_line (void)
{
  GString *line = g_private_get (&line_key);

  if (line == NULL)
    {
      line = g_string_sized_new (512);
      g_private_set (&line_key, line);
    }

  return g_string_truncate (line, 0);
}

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

void
asab_log_console_init (void)
{
  console_has_colour = g_log_writer_supports_color (STDERR_FILENO);
}

void
asab_log_console_write (const AsabLogRecord *record)
{
  int saved_errno = errno;
  GString *line = get_empty_line ();

  asab_log_format_line (line, record, console_has_colour);

  g_mutex_lock (&console_lock);
  write_all (line->str, line->len);
  g_mutex_unlock (&console_lock);

  errno = saved_errno;
}
