/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "asab-log-spool-private.h"

/*
 * asab_log_spool_init:
 * @self: a spool
 * @limit: how many bytes it keeps; at most half of them are of frames that are sent
 */
void
asab_log_spool_init (AsabLogSpool *self,
                     gsize         limit)
{
  *self = (AsabLogSpool) {
    .bytes = ASAB_LOG_BUFFER_INIT,
    .ends = g_array_new (FALSE, FALSE, sizeof (gsize)),
    .limit = limit,
  };
}

void
asab_log_spool_clear (AsabLogSpool *self)
{
  asab_log_buffer_clear (&self->bytes);
  g_clear_pointer (&self->ends, g_array_unref);
}

static gsize
get_end (AsabLogSpool *self,
         guint         n_frames)
{
  return n_frames > 0 ? g_array_index (self->ends, gsize, n_frames - 1) : 0;
}

/* Forgets frames at the beginning, which are sent. */
static void
forget (AsabLogSpool *self,
        guint         n_frames)
{
  gsize length = get_end (self, n_frames);

  if (n_frames == 0)
    return;

  self->bytes.length -= length;
  if (self->bytes.length > 0)
    memmove (self->bytes.text, self->bytes.text + length, self->bytes.length);
  else
    asab_log_buffer_empty (&self->bytes);

  g_array_remove_range (self->ends, 0, n_frames);
  for (guint i = 0; i < self->ends->len; i++)
    g_array_index (self->ends, gsize, i) -= length;
  self->cursor -= length;
  self->n_sent -= n_frames;
  self->n_settled -= MIN (n_frames, self->n_settled);
}

/*
 * asab_log_spool_push:
 * @self: a spool
 * @frame: a frame
 * @length: its length
 * @is_important: whether it may use the last eighth of the room
 *
 * Returns: false if there is no room
 */
gboolean
asab_log_spool_push (AsabLogSpool *self,
                     const char   *frame,
                     gsize         length,
                     gboolean      is_important)
{
  gsize limit = is_important ? self->limit : self->limit - self->limit / 8;
  gsize end;

  /* Half of them at a time, because what stays is moved. */
  while (self->n_sent > 0 && get_end (self, self->n_sent) + length > self->limit / 2)
    forget (self, (self->n_sent + 1) / 2);
  if (self->bytes.length + length > limit)
    return FALSE;

  asab_log_buffer_append (&self->bytes, frame, length);
  end = self->bytes.length;
  g_array_append_val (self->ends, end);

  return TRUE;
}

guint
asab_log_spool_n_waiting (AsabLogSpool *self)
{
  return self->ends->len - self->n_sent;
}

/* Returns: all that waits, perhaps without the beginning of a frame, which is sent */
const char *
asab_log_spool_peek (AsabLogSpool *self,
                     gsize        *length)
{
  *length = self->bytes.length - self->cursor;

  return self->bytes.text + self->cursor;
}

/* Returns: the first frame of those that wait */
const char *
asab_log_spool_peek_frame (AsabLogSpool *self,
                           gsize        *length)
{
  *length = get_end (self, self->n_sent + 1) - self->cursor;

  return self->bytes.text + self->cursor;
}

/* Returns: how many of the frames that wait are in @frames now, at most @n_max */
guint
asab_log_spool_peek_frames (AsabLogSpool *self,
                            struct iovec *frames,
                            guint         n_max)
{
  guint n = MIN (asab_log_spool_n_waiting (self), n_max);
  gsize start = self->cursor;

  for (guint i = 0; i < n; i++)
    {
      gsize end = get_end (self, self->n_sent + i + 1);

      frames[i] = (struct iovec) { self->bytes.text + start, end - start };
      start = end;
    }

  return n;
}

/* Notes that bytes were sent. */
void
asab_log_spool_advance (AsabLogSpool *self,
                        gsize         length)
{
  self->cursor += length;
  while (self->n_sent < self->ends->len && get_end (self, self->n_sent + 1) <= self->cursor)
    self->n_sent++;
}

/* Lets all that is there be sent again. */
void
asab_log_spool_rewind (AsabLogSpool *self)
{
  self->cursor = 0;
  self->n_sent = 0;
  self->n_settled = 0;
}

/* Forgets what had been sent when this was called the last time. */
void
asab_log_spool_settle (AsabLogSpool *self)
{
  forget (self, self->n_settled);
  self->n_settled = self->n_sent;
}

/* For a transport that loses nothing it has taken. */
void
asab_log_spool_forget_sent (AsabLogSpool *self)
{
  forget (self, self->n_sent);
}

void
asab_log_spool_empty (AsabLogSpool *self)
{
  asab_log_buffer_empty (&self->bytes);
  g_array_set_size (self->ends, 0);
  asab_log_spool_rewind (self);
}
