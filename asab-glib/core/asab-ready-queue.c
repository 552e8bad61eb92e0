/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What is ready to run in a GMainContext: resumed fibers, callbacks of completed futures.
 *
 * A turn of GLib's main loop costs about a microsecond, ten times what it costs to run one item. So there is one
 * GSource for each context and priority, and its dispatch drains the queue, including what becomes ready meanwhile. It
 * stops after MAX_ROUNDS rounds (a round is what was there when it began) or BUDGET_US microseconds, whichever comes
 * first, and gives the other sources a turn.
 *
 * Two lists make one queue. `local` belongs to the thread that is dispatching the context: it is appended to without a
 * lock while that thread is inside a dispatch, which is nearly always. Everybody else appends to `remote` under the
 * lock and wakes the context if need be.
 *
 * What always holds: an item is popped before it is run, and readiness is read off the lists in prepare and check. So
 * an item may run a nested main loop and the rest of the queue makes progress in there.
 */

#include "config.h"

#include <asab-glib/core/asab-ready-queue-private.h>

#include <asab-glib/core/asab-context-private.h>
#include <asab-glib/core/asab-stack-private.h>

#define MAX_ROUNDS 64
#define BUDGET_US 500
#define ITEMS_PER_CLOCK_READ 16

typedef struct
{
  AsabReadyItem *head;
  AsabReadyItem *tail;
} ItemList;

struct _AsabReadyQueue
{
  GSource source;

  AsabContext *context; /* (not owned): outlives its sources */
  GDestroyNotify destroy; /* (nullable): called with the context when the source goes, that is with the GMainContext */
  ItemList local;
  guint n_pushed;       /* wraps around: how many items ever came into local … */
  guint n_popped;       /* … and left it */

  GMutex lock;          /* guards remote */
  ItemList remote;
  gint has_remote;      /* (atomic): whether remote is not empty */
};

/* The context that this thread is dispatching right now; the innermost one in nested loops. */
ASAB_THREAD_LOCAL AsabContext *dispatching;

static inline void
item_list_append (ItemList      *list,
                  AsabReadyItem *item)
{
  item->next = NULL;
  if (list->tail != NULL)
    list->tail->next = item;
  else
    list->head = item;
  list->tail = item;
}

static void
fetch_remote (AsabReadyQueue *self)
{
  ItemList remote;

  g_mutex_lock (&self->lock);
  remote = self->remote;
  self->remote = (ItemList) { NULL, NULL };
  g_atomic_int_set (&self->has_remote, FALSE);
  g_mutex_unlock (&self->lock);

  while (remote.head != NULL)
    {
      AsabReadyItem *item = remote.head;

      remote.head = item->next;
      item_list_append (&self->local, item);
      self->n_pushed++;
    }
}

static inline AsabReadyItem *
pop_local (AsabReadyQueue *self)
{
  AsabReadyItem *item = self->local.head;

  self->local.head = item->next;
  if (self->local.head == NULL)
    self->local.tail = NULL;
  self->n_popped++;

  return item;
}

static gboolean
asab_ready_queue_check (GSource *source)
{
  AsabReadyQueue *self = (AsabReadyQueue *) source;

  if (self->local.head == NULL && !g_atomic_int_get (&self->has_remote))
    return FALSE;

  return !asab_stack_refuse_main_loop ();
}

static gboolean
asab_ready_queue_prepare (GSource *source,
                          int     *timeout)
{
  *timeout = -1;

  return asab_ready_queue_check (source);
}

static void
drain (AsabReadyQueue *self)
{
  gint64 now = g_get_monotonic_time ();
  gint64 end = now + BUDGET_US;
  guint n_until_clock = ITEMS_PER_CLOCK_READ;

  self->context->dispatch_time = now;

  for (guint round = 0; round < MAX_ROUNDS; round++)
    {
      guint round_end;

      if (g_atomic_int_get (&self->has_remote))
        fetch_remote (self);
      if (self->local.head == NULL)
        return;

      /* A nested loop may take items of this round away, so count instead of remembering the last one. */
      round_end = self->n_pushed;
      while (self->local.head != NULL && (gint) (round_end - self->n_popped) > 0)
        {
          AsabReadyItem *item = pop_local (self);

          item->run (item);

          if (--n_until_clock == 0)
            {
              if (g_get_monotonic_time () >= end)
                return;
              n_until_clock = ITEMS_PER_CLOCK_READ;
            }
        }
    }
}

static gboolean
asab_ready_queue_dispatch (GSource     *source,
                           GSourceFunc  callback G_GNUC_UNUSED,
                           gpointer     user_data G_GNUC_UNUSED)
{
  AsabReadyQueue *self = (AsabReadyQueue *) source;
  AsabContext *context = self->context;
  AsabContext *outer = dispatching;
  GMainContext *outer_context = context->ambient_context;
  GCancellable *outer_cancellable = context->ambient_cancellable;
  gboolean pushed = asab_context_push (context);

  dispatching = context;
  context->ambient_context = g_main_context_get_thread_default ();
  context->ambient_cancellable = g_cancellable_get_current ();
  drain (self);
  context->ambient_cancellable = outer_cancellable;
  context->ambient_context = outer_context;
  dispatching = outer;

  asab_context_pop (context, pushed);

  return G_SOURCE_CONTINUE;
}

static void
asab_ready_queue_finalize (GSource *source)
{
  AsabReadyQueue *self = (AsabReadyQueue *) source;

  g_mutex_clear (&self->lock);
  if (self->destroy != NULL)
    self->destroy (self->context);
}

static GSourceFuncs asab_ready_queue_funcs = {
  .prepare = asab_ready_queue_prepare,
  .check = asab_ready_queue_check,
  .dispatch = asab_ready_queue_dispatch,
  .finalize = asab_ready_queue_finalize,
};

/* Makes a queue and its source, which the GMainContext owns; @destroy is called with @context when that is freed. */
AsabReadyQueue *
asab_ready_queue_new (AsabContext    *context,
                      int             priority,
                      GDestroyNotify  destroy)
{
  GSource *source = g_source_new (&asab_ready_queue_funcs, sizeof (AsabReadyQueue));
  AsabReadyQueue *self = (AsabReadyQueue *) source;

  self->context = context;
  self->destroy = destroy;
  g_mutex_init (&self->lock);

  g_source_set_static_name (source, "[asab] ready queue");
  g_source_set_priority (source, priority);
  g_source_set_can_recurse (source, TRUE);
  g_source_attach (source, context->context);
  g_source_unref (source);

  return self;
}

int
asab_ready_queue_get_priority (AsabReadyQueue *self)
{
  return g_source_get_priority (&self->source);
}

static void
push_remote (AsabReadyQueue *self,
             AsabReadyItem  *item)
{
  GMainContext *context = self->context->context;
  gboolean was_empty;

  /* As soon as the lock is released the item may be run, and with it the last reference on the context go. */
  g_main_context_ref (context);

  g_mutex_lock (&self->lock);
  was_empty = self->remote.head == NULL;
  item_list_append (&self->remote, item);
  g_atomic_int_set (&self->has_remote, TRUE);
  g_mutex_unlock (&self->lock);

  /* The owner looks at the queue again before it sleeps, if it is inside a dispatch now. */
  if (was_empty && !(g_main_depth () > 0 && g_main_context_is_owner (context)))
    g_main_context_wakeup (context);
  g_main_context_unref (context);
}

/* Queues @item, to be run by the thread that runs the context; from any thread. The caller makes sure that the
 * GMainContext lives until @item was run. */
void
asab_ready_queue_push (AsabReadyQueue *self,
                       AsabReadyItem  *item)
{
  if (G_LIKELY (dispatching == self->context))
    {
      item_list_append (&self->local, item);
      self->n_pushed++;
    }
  else
    {
      push_remote (self, item);
    }
}
