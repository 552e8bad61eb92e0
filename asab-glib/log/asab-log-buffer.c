/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "asab-log-buffer-private.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <unistd.h>

#define MAX_KEPT (1024 * 1024)
#define MAX_STANDSTILL_MS 500

/*
 * asab_log_write_all:
 * @fd: a descriptor
 * @text: what to write
 * @length: its length
 * @n_written: (out) (optional): how much was written
 *
 * Writes @text, and waits if @fd does not block by itself.
 *
 * Returns: false with errno set if not all could be written
 */
gboolean
asab_log_write_all (int         fd,
                    const char *text,
                    gsize       length,
                    gsize      *n_written)
{
  gsize done = 0;

  while (done < length)
    {
      gssize n = write (fd, text + done, length - done);

      if (n >= 0)
        done += (gsize) n;
      else if (errno == EAGAIN)
        poll (&(struct pollfd) { .fd = fd, .events = POLLOUT }, 1, -1);
      else if (errno != EINTR)
        break;
    }

  if (n_written != NULL)
    *n_written = done;

  return done == length;
}

/* Writes the text of a buffer that has a descriptor. */
void
asab_log_buffer_write_out (AsabLogBuffer *self)
{
  gsize done = 0;

  while (done < self->length && !self->has_given_up)
    {
      gsize length = MIN (self->length - done, PIPE_BUF); /* so much room is there if poll() says that there is some */

      if (poll (&(struct pollfd) { .fd = self->fd, .events = POLLOUT }, 1, MAX_STANDSTILL_MS) > 0 &&
          asab_log_write_all (self->fd, self->text + done, length, NULL))
        done += length;
      else
        self->has_given_up = TRUE;
    }

  self->length = 0;
}

void
asab_log_buffer_make_room (AsabLogBuffer *self,
                           gsize          length)
{
  if (self->fd >= 0)
    {
      asab_log_buffer_write_out (self);
      return;
    }

  self->capacity = MAX (MAX (2 * self->capacity, self->length + length), 4096);
  self->text = g_realloc (self->text, self->capacity);
}

void
asab_log_buffer_append (AsabLogBuffer *self,
                        const char    *text,
                        gsize          length)
{
  while (length > 0)
    {
      gsize room = self->capacity - self->length;
      gsize part;

      if (G_UNLIKELY (room < length))
        {
          asab_log_buffer_make_room (self, length);
          room = self->capacity - self->length;
        }

      part = MIN (length, room);
      memcpy (self->text + self->length, text, part);
      self->length += part;
      text += part;
      length -= part;
    }
}

/* Forgets the text, and lets go of what a rare long one took. */
void
asab_log_buffer_empty (AsabLogBuffer *self)
{
  self->length = 0;
  if (self->capacity > MAX_KEPT)
    asab_log_buffer_clear (self);
}

void
asab_log_buffer_clear (AsabLogBuffer *self)
{
  g_free (self->text);
  self->text = NULL;
  self->length = self->capacity = 0;
}
