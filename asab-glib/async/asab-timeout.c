/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The timers of a GMainContext: a heap behind one GSource.
 *
 * GLib looks at each timeout source in each turn of the loop: 100,000 of them cost 8 ms a turn. Here a turn looks at
 * the first one only. The heap has four children a node, which makes it half as deep as a binary one; a slot repeats
 * the time of its timer, so that sifting stays inside the array. The array begins at a cache line and the heap at its
 * last slot there, so that siblings share a line.
 *
 *   slots:  [0…2] unused  [3] first due | [4…7] its children | [8…11] children of 4 | …
 */

#include "config.h"

#include <asab-glib/async/asab-timeout-private.h>

#include <glib/gi18n-lib.h>
#include <string.h>

#define FIRST 3
#define ARITY 4
#define CACHE_LINE 64

/* From here on a few microseconds do not matter. What is due at once may not wait for them. */
#define QUICK_SECONDS 0.01

typedef struct
{
  gint64 when;
  AsabTimeout *timeout;
} Slot;

typedef struct
{
  GSource source;

  AsabContext *context;
  Slot *slots;
  guint32 n_slots;   /* used ones, with the unused first ones */
  guint32 n_allocated;
  guint32 last_turn;
} TimeoutQueue;

G_STATIC_ASSERT (ARITY * sizeof (Slot) == CACHE_LINE || sizeof (gpointer) < 8);

static inline guint32
get_parent (guint32 place)
{
  return place / ARITY + FIRST - 1;
}

static inline guint32
get_first_child (guint32 place)
{
  return ARITY * (place - FIRST + 1);
}

static inline gboolean
is_before (const Slot *a,
           const Slot *b)
{
  if (G_LIKELY (a->when != b->when))
    return a->when < b->when;

  return (gint32) (a->timeout->turn - b->timeout->turn) < 0;
}

static inline void
put (TimeoutQueue *queue,
     guint32       place,
     Slot          slot)
{
  queue->slots[place] = slot;
  slot.timeout->place = place;
}

static void
sift_up (TimeoutQueue *queue,
         guint32       place,
         Slot          slot)
{
  while (place > FIRST)
    {
      guint32 parent = get_parent (place);

      if (!is_before (&slot, &queue->slots[parent]))
        break;
      put (queue, place, queue->slots[parent]);
      place = parent;
    }
  put (queue, place, slot);
}

static void
sift_down (TimeoutQueue *queue,
           guint32       place,
           Slot          slot)
{
  for (;;)
    {
      guint32 child = get_first_child (place);
      guint32 end = MIN (child + ARITY, queue->n_slots);
      guint32 first = child;

      if (child >= queue->n_slots)
        break;
      while (++child < end)
        if (is_before (&queue->slots[child], &queue->slots[first]))
          first = child;
      if (!is_before (&queue->slots[first], &slot))
        break;
      put (queue, place, queue->slots[first]);
      place = first;
    }
  put (queue, place, slot);
}

static void
take_out (TimeoutQueue *queue,
          AsabTimeout  *timeout)
{
  Slot last = queue->slots[--queue->n_slots];
  guint32 place = timeout->place;

  timeout->place = 0;
  if (place == queue->n_slots)
    return;

  if (place > FIRST && is_before (&last, &queue->slots[get_parent (place)]))
    sift_up (queue, place, last);
  else
    sift_down (queue, place, last);
}

static gboolean
is_due (TimeoutQueue *queue)
{
  return queue->n_slots > FIRST && queue->slots[FIRST].when <= asab_context_get_time (queue->context);
}

static gboolean
timeout_queue_prepare (GSource *source,
                       int     *timeout)
{
  TimeoutQueue *queue = (TimeoutQueue *) source;
  gint64 wait;

  *timeout = -1;
  if (queue->n_slots == FIRST)
    return FALSE;

  wait = queue->slots[FIRST].when - asab_context_get_time (queue->context);
  if (wait <= 0)
    return !asab_stack_refuse_main_loop ();
  /* A clock that is moved by hand wakes the context itself. */
  if (g_atomic_pointer_get (&queue->context->clock) == NULL)
    *timeout = (int) MIN ((wait + 999) / 1000, G_MAXINT);

  return FALSE;
}

static gboolean
timeout_queue_check (GSource *source)
{
  return is_due ((TimeoutQueue *) source) && !asab_stack_refuse_main_loop ();
}

/* Runs what is due now; what is started meanwhile has its turn later, also if it is due at once. */
static gboolean
timeout_queue_dispatch (GSource     *source,
                        GSourceFunc  callback G_GNUC_UNUSED,
                        gpointer     user_data G_GNUC_UNUSED)
{
  TimeoutQueue *queue = (TimeoutQueue *) source;
  gint64 now = asab_context_get_time (queue->context);
  guint32 last_turn = queue->last_turn;
  gboolean pushed = asab_context_push (queue->context);

  while (queue->n_slots > FIRST)
    {
      AsabTimeout *first = queue->slots[FIRST].timeout;

      if (first->when > now || (gint32) (first->turn - last_turn) > 0)
        break;
      take_out (queue, first);
      first->func (first);
    }

  asab_context_pop (queue->context, pushed);

  return G_SOURCE_CONTINUE;
}

static void
timeout_queue_finalize (GSource *source)
{
  g_aligned_free (((TimeoutQueue *) source)->slots);
}

static GSourceFuncs timeout_queue_funcs = {
  .prepare = timeout_queue_prepare,
  .check = timeout_queue_check,
  .dispatch = timeout_queue_dispatch,
  .finalize = timeout_queue_finalize,
};

static TimeoutQueue *
ensure_queue (AsabContext *context)
{
  GSource *source;
  TimeoutQueue *queue = context->timeouts;

  if (G_LIKELY (queue != NULL))
    return queue;

  source = g_source_new (&timeout_queue_funcs, sizeof (TimeoutQueue));
  queue = (TimeoutQueue *) source;
  queue->context = context;
  queue->n_slots = FIRST;
  queue->n_allocated = 64;
  queue->slots = g_aligned_alloc (queue->n_allocated, sizeof (Slot), CACHE_LINE);

  g_source_set_static_name (source, "[asab] timers");
  g_source_set_can_recurse (source, TRUE);
  g_source_attach (source, context->context);
  g_source_unref (source);
  context->timeouts = queue;

  return queue;
}

static void
grow (TimeoutQueue *queue)
{
  Slot *slots = g_aligned_alloc (2 * queue->n_allocated, sizeof (Slot), CACHE_LINE);

  memcpy (slots, queue->slots, queue->n_slots * sizeof (Slot));
  g_aligned_free (queue->slots);
  queue->slots = slots;
  queue->n_allocated *= 2;
}

/* Sets @error because @seconds is no duration. Returns: false */
gboolean
asab_timeout_refuse_seconds (double    seconds,
                             GError  **error)
{
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
               _("A duration in seconds has to be zero or more, not %g"), seconds);

  return FALSE;
}

/* Starts a stopped timeout, due in @seconds from now; infinity is never. */
void
asab_timeout_start (AsabTimeout *self,
                    AsabContext *context,
                    double       seconds)
{
  double wait = seconds * G_USEC_PER_SEC + 0.5; /* rounds */
  gint64 now = seconds < QUICK_SECONDS ? asab_context_get_time (context) : asab_context_get_quick_time (context);

  asab_timeout_start_at (self, context, wait < (double) (G_MAXINT64 - now) ? now + (gint64) wait : G_MAXINT64);
}

/* Starts a stopped timeout, due at @when by the clock of the context. */
void
asab_timeout_start_at (AsabTimeout *self,
                       AsabContext *context,
                       gint64       when)
{
  TimeoutQueue *queue = ensure_queue (context);

  g_assert (self->place == 0);

  if (G_UNLIKELY (queue->n_slots == queue->n_allocated))
    grow (queue);

  self->when = when;
  self->turn = ++queue->last_turn;
  sift_up (queue, queue->n_slots++, (Slot) { when, self });
}

/* Stops a timeout, if it is started. */
void
asab_timeout_stop (AsabTimeout *self,
                   AsabContext *context)
{
  if (self->place != 0)
    take_out (context->timeouts, self);
}
