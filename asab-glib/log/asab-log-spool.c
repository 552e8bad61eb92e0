/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "asab-log-spool-private.h"

typedef struct
{
  gsize end;
  gboolean is_important;
} Frame;

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
    .frames = g_array_new (FALSE, FALSE, sizeof (Frame)),
    .limit = limit,
  };
}

void
asab_log_spool_clear (AsabLogSpool *self)
{
  asab_log_buffer_clear (&self->bytes);
  g_clear_pointer (&self->frames, g_array_unref);
}

static Frame *
get_frame (AsabLogSpool *self,
           guint         i)
{
  return &g_array_index (self->frames, Frame, i);
}

static gsize
get_end (AsabLogSpool *self,
         guint         n_frames)
{
  return n_frames > 0 ? get_frame (self, n_frames - 1)->end : 0;
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

  g_array_remove_range (self->frames, 0, n_frames);
  for (guint i = 0; i < self->frames->len; i++)
    get_frame (self, i)->end -= length;
  self->cursor -= length;
  self->offered -= length;
  self->n_sent -= n_frames;
  self->n_settled -= MIN (n_frames, self->n_settled);
}

/* Drops the first frames that wait and are not important, but none that is on its way. Returns: how many */
static guint
drop_minor (AsabLogSpool *self,
            gsize         length)
{
  guint n_frames = self->frames->len;
  guint n_kept = self->n_sent;
  gsize end = get_end (self, n_kept);
  gsize begin = end;
  gsize n_dropped_bytes = 0;

  for (guint i = n_kept; i < n_frames; i++)
    {
      Frame frame = *get_frame (self, i);
      gsize frame_length = frame.end - begin;

      if (!frame.is_important && begin >= self->offered && n_dropped_bytes < length)
        {
          n_dropped_bytes += frame_length;
        }
      else
        {
          memmove (self->bytes.text + end, self->bytes.text + begin, frame_length);
          end += frame_length;
          *get_frame (self, n_kept++) = (Frame) { end, frame.is_important };
        }
      begin = frame.end;
    }

  self->bytes.length = end;
  g_array_set_size (self->frames, n_kept);
  self->n_minor -= n_frames - n_kept;

  return n_frames - n_kept;
}

/* Returns: how many frames were dropped for that */
static guint
make_room (AsabLogSpool *self,
           gsize         length)
{
  guint n_dropped = 0;

  /* More than is needed at once, because what stays is moved. */
  if (self->n_minor > 0)
    n_dropped = drop_minor (self, MAX (length, self->limit / 8));
  if (self->bytes.length + length > self->limit)
    forget (self, self->n_sent);

  return n_dropped;
}

/*
 * asab_log_spool_push:
 * @self: a spool
 * @frame: a frame
 * @length: its length
 * @is_important: whether others are dropped if there is no room
 *
 * Returns: how many frames were dropped, this one or others
 */
guint
asab_log_spool_push (AsabLogSpool *self,
                     const char   *frame,
                     gsize         length,
                     gboolean      is_important)
{
  guint n_dropped = 0;
  Frame new_frame;

  /* Half of them at a time, because what stays is moved. */
  while (self->n_sent > 0 && get_end (self, self->n_sent) + length > self->limit / 2)
    forget (self, (self->n_sent + 1) / 2);
  if (is_important && self->bytes.length + length > self->limit)
    n_dropped = make_room (self, length);
  if (self->bytes.length + length > self->limit)
    return n_dropped + 1;

  asab_log_buffer_append (&self->bytes, frame, length);
  new_frame = (Frame) { self->bytes.length, is_important };
  g_array_append_val (self->frames, new_frame);
  if (!is_important)
    self->n_minor++;

  return n_dropped;
}

guint
asab_log_spool_n_waiting (AsabLogSpool *self)
{
  return self->frames->len - self->n_sent;
}

/* Returns: what waits, perhaps without the beginning of a frame, which is sent, or the end of one */
const char *
asab_log_spool_peek (AsabLogSpool *self,
                     gsize         max_length,
                     gsize        *length)
{
  *length = MIN (self->bytes.length - self->cursor, max_length);
  self->offered = MAX (self->offered, self->cursor + *length);

  return self->bytes.text + self->cursor;
}

/* Returns: the first frame of those that wait */
const char *
asab_log_spool_peek_frame (AsabLogSpool *self,
                           gsize        *length)
{
  return asab_log_spool_peek (self, get_end (self, self->n_sent + 1) - self->cursor, length);
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
  self->offered = MAX (self->offered, start);

  return n;
}

/* Notes that bytes were sent. */
void
asab_log_spool_advance (AsabLogSpool *self,
                        gsize         length)
{
  self->cursor += length;
  for (; self->n_sent < self->frames->len; self->n_sent++)
    {
      Frame *frame = get_frame (self, self->n_sent);

      if (frame->end > self->cursor)
        break;
      if (!frame->is_important)
        self->n_minor--;
    }
}

/* Lets all that is there be sent again. */
void
asab_log_spool_rewind (AsabLogSpool *self)
{
  self->cursor = 0;
  self->offered = 0;
  self->n_sent = 0;
  self->n_settled = 0;
  self->n_minor = 0;
  for (guint i = 0; i < self->frames->len; i++)
    {
      if (!get_frame (self, i)->is_important)
        self->n_minor++;
    }
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
  g_array_set_size (self->frames, 0);
  asab_log_spool_rewind (self);
}
