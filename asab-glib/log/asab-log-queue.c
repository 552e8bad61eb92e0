/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The queue between those who log and the one who writes: a ring of records, one behind the other.
 *
 *        tail              head
 *   ------[records to write)------------[padding to the end of the ring)
 *
 * Both are positions that only grow; their place in the ring is the rest of the division by its size. Records are in
 * one piece, so the end of the ring is padded when the next one does not fit. A record that would take a quarter of the
 * ring stays outside of it, on the heap. There is a bound there too, which only a record may break that is alone.
 *
 * Callers append under a lock, which is held for no longer than a copy takes; they have formatted before. The writer
 * reads from tail to head without the lock, as what is in between does not change, and so does the handler of a signal
 * that ends the process. When the writer has emptied the ring, both positions skip to its beginning, so that a program
 * that logs little uses little memory, and always the same.
 */

#include "config.h"

#include "asab-log-queue-private.h"

#include <string.h>

#define MASK (ASAB_LOG_QUEUE_SIZE - 1)

static guint64 ring[ASAB_LOG_QUEUE_SIZE / sizeof (guint64)];
static GMutex lock;
static GCond released;  /* the tail moved, and somebody waits for that */
static int n_waiting;   /* under the lock */
static guint64 head;    /* (atomic): written under the lock */
static guint64 tail;    /* (atomic): written under the lock */
static gsize outside;   /* bytes outside of the ring, under the lock */

static AsabLogRecord *
get_place (guint64 position)
{
  return (AsabLogRecord *) ((char *) ring + (position & MASK));
}

guint64
asab_log_queue_get_head (void)
{
  return __atomic_load_n (&head, __ATOMIC_SEQ_CST);
}

guint64
asab_log_queue_get_tail (void)
{
  return __atomic_load_n (&tail, __ATOMIC_SEQ_CST);
}

/* Returns: the bytes that a record of @size leaves unused at the end of the ring */
static gsize
get_padding (gsize size)
{
  gsize room = ASAB_LOG_QUEUE_SIZE - (gsize) (head & MASK);

  return room < size ? room : 0;
}

/* @n_outside: the bytes outside of the ring that belong to @record */
static gboolean
append (const AsabLogRecord *record,
        gsize                n_outside,
        guint64             *blocked_at)
{
  gsize reserve = record->severity <= ASAB_LOG_SEVERITY_WARNING ? 0 : ASAB_LOG_QUEUE_RESERVE;
  gboolean has_room;
  gsize padding;

  g_mutex_lock (&lock);
  padding = get_padding (record->size);
  has_room = head + padding + record->size - tail <= ASAB_LOG_QUEUE_SIZE - reserve &&
             (n_outside == 0 || outside == 0 || outside + n_outside <= ASAB_LOG_QUEUE_OUTSIDE - reserve);
  if (has_room)
    {
      outside += n_outside;
      if (padding > 0)
        {
          AsabLogRecord *place = get_place (head); /* the size and the kind fit always */

          place->size = (guint32) padding;
          place->kind = ASAB_LOG_RECORD_PADDING;
        }
      memcpy (get_place (head + padding), record, record->size);
      __atomic_store_n (&head, head + padding + record->size, __ATOMIC_SEQ_CST);
    }
  else
    {
      *blocked_at = tail;
    }
  g_mutex_unlock (&lock);

  return has_room;
}

/* Sends a stub with a pointer to a copy of @record. */
static gboolean
append_outside (const AsabLogRecord *record,
                guint64             *blocked_at)
{
  union
  {
    AsabLogRecord record;
    guint64 space[sizeof (AsabLogRecord) / sizeof (guint64) + 1];
  } stub = { .record = { sizeof stub, ASAB_LOG_RECORD_OUTSIDE, record->severity } };
  gpointer copy = g_memdup2 (record, record->size);

  memcpy (stub.record.text, &copy, sizeof copy);
  if (append (&stub.record, record->size, blocked_at))
    return TRUE;

  g_free (copy);

  return FALSE;
}

/*
 * asab_log_queue_push:
 * @record: a record
 * @blocked_at: (out): the tail, if there is no room
 *
 * Puts a copy of @record into the queue. There is a reserve that only warnings and worse may use.
 *
 * Returns: false if there is no room
 */
gboolean
asab_log_queue_push (const AsabLogRecord *record,
                     guint64             *blocked_at)
{
  if (G_UNLIKELY (record->size >= ASAB_LOG_QUEUE_SIZE / 4))
    return append_outside (record, blocked_at);

  return append (record, 0, blocked_at);
}

/*
 * asab_log_queue_wait:
 * @position: a position
 * @deadline: when to give up, in monotonic time
 *
 * Waits until the tail is beyond @position.
 *
 * Returns: true if it is
 */
gboolean
asab_log_queue_wait (guint64 position,
                     gint64  deadline)
{
  gboolean is_beyond;

  g_mutex_lock (&lock);
  n_waiting++;
  while (tail <= position)
    {
      if (!g_cond_wait_until (&released, &lock, deadline))
        break;
    }
  n_waiting--;
  is_beyond = tail > position;
  g_mutex_unlock (&lock);

  return is_beyond;
}

/*
 * asab_log_queue_next:
 * @cursor: (inout): the position of the next record, at first the tail
 *
 * Walks through the queue.
 *
 * Returns: (nullable): a record, valid until it is released
 */
const AsabLogRecord *
asab_log_queue_next (guint64 *cursor)
{
  guint64 end = asab_log_queue_get_head ();

  while (*cursor != end)
    {
      AsabLogRecord *record = get_place (*cursor);

      *cursor += record->size;
      if (record->kind == ASAB_LOG_RECORD_PADDING)
        continue;
      if (record->kind == ASAB_LOG_RECORD_OUTSIDE)
        memcpy (&record, record->text, sizeof record);

      return record;
    }

  return NULL;
}

/* Returns: how many bytes that were */
static gsize
free_outside (guint64 begin,
              guint64 end)
{
  gsize size = 0;

  while (begin != end)
    {
      AsabLogRecord *record = get_place (begin);
      AsabLogRecord *copy;

      begin += record->size;
      if (record->kind != ASAB_LOG_RECORD_OUTSIDE)
        continue;

      record->kind = ASAB_LOG_RECORD_PADDING; /* from here on nobody follows the pointer */
      memcpy (&copy, record->text, sizeof copy);
      size += copy->size;
      g_free (copy);
    }

  return size;
}

/*
 * asab_log_queue_release:
 * @cursor: a cursor
 *
 * Gives the room of all that was before @cursor to new records.
 */
void
asab_log_queue_release (guint64 cursor)
{
  gsize n_freed = free_outside (tail, cursor);

  g_mutex_lock (&lock);
  outside -= n_freed;
  if (cursor == head)
    {
      cursor = (cursor + MASK) & ~(guint64) MASK;
      __atomic_store_n (&head, cursor, __ATOMIC_SEQ_CST);
    }
  __atomic_store_n (&tail, cursor, __ATOMIC_SEQ_CST);
  if (n_waiting > 0)
    g_cond_broadcast (&released);
  g_mutex_unlock (&lock);
}

void
asab_log_queue_lock (void)
{
  g_mutex_lock (&lock);
}

void
asab_log_queue_unlock (void)
{
  g_mutex_unlock (&lock);
}

/* Empties the queue of a child process, which is locked: what it has is its parent's to write. */
void
asab_log_queue_reset (void)
{
  outside -= free_outside (tail, head);
  tail = head;
  n_waiting = 0;
  g_cond_init (&released);
}
