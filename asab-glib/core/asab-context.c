/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <asab-glib/core/asab-context-private.h>

#include <asab-glib/core/asab-clock-private.h>

#ifdef __x86_64__
#include <cpuid.h>
#endif

static GMutex contexts_lock;
static GHashTable *contexts; /* (owned): GMainContext to AsabContext, guarded by contexts_lock */
static gint n_freed;         /* (atomic): grows when a context goes, and makes what threads remember invalid */

/* The last context that this thread asked for. */
typedef struct
{
  GMainContext *context;
  AsabContext *found;
  gint n_freed;
} LastContext;

ASAB_THREAD_LOCAL LastContext last;

/* Called when the GMainContext is freed, by the source of the default queue. */
static void
asab_context_free (gpointer data)
{
  AsabContext *self = data;

  g_mutex_lock (&contexts_lock);
  g_hash_table_remove (contexts, self->context);
  g_atomic_int_inc (&n_freed);
  g_mutex_unlock (&contexts_lock);

  if (self->shutdown != NULL)
    self->shutdown_free (self->shutdown);
  asab_stack_pool_clear (&self->stacks);
  g_mutex_clear (&self->fibers_lock);
  g_slist_free (self->other_ready);
  if (self->clock != NULL)
    asab_clock_forget_context (self->clock, self->context);
  g_clear_object ((GObject **) &self->clock);
  g_free (self);
}

static AsabContext *
asab_context_new (GMainContext *context)
{
  AsabContext *self = g_new0 (AsabContext, 1);

  self->context = context;
  asab_stack_pool_init (&self->stacks);
  g_mutex_init (&self->fibers_lock);
  self->ready = asab_ready_queue_new (self, G_PRIORITY_DEFAULT, asab_context_free);

  return self;
}

/* Gets what the library keeps for @context, NULL being the default one; from any thread. */
AsabContext *
asab_context_get (GMainContext *context)
{
  AsabContext *self;

  if (context == NULL)
    context = g_main_context_default ();

  g_mutex_lock (&contexts_lock);
  if (contexts == NULL)
    contexts = g_hash_table_new (NULL, NULL);
  self = g_hash_table_lookup (contexts, context);
  if (self == NULL)
    {
      self = asab_context_new (context);
      g_hash_table_insert (contexts, context, self);
    }
  g_mutex_unlock (&contexts_lock);

  return self;
}

/* Gets what the library keeps for the thread-default main context. */
AsabContext *
asab_context_get_current (void)
{
  GMainContext *context = g_main_context_get_thread_default ();

  if (G_UNLIKELY (last.found == NULL || last.context != context || last.n_freed != g_atomic_int_get (&n_freed)))
    {
      last.n_freed = g_atomic_int_get (&n_freed);
      last.context = context;
      last.found = asab_context_get (context);
    }

  return last.found;
}

static AsabReadyQueue *
lookup_ready (AsabContext *self,
              int          priority)
{
  for (GSList *l = self->other_ready; l != NULL; l = l->next)
    if (asab_ready_queue_get_priority (l->data) == priority)
      return l->data;

  return NULL;
}

/* Gets the queue of @priority; from any thread. */
AsabReadyQueue *
asab_context_get_ready (AsabContext *self,
                        int          priority)
{
  AsabReadyQueue *queue;

  if (priority == G_PRIORITY_DEFAULT)
    return self->ready;

  g_mutex_lock (&contexts_lock);
  queue = lookup_ready (self, priority);
  if (queue == NULL)
    {
      queue = asab_ready_queue_new (self, priority, NULL);
      self->other_ready = g_slist_prepend (self->other_ready, queue);
    }
  g_mutex_unlock (&contexts_lock);

  return queue;
}

/* The time in microseconds by the clock of the context. */
gint64
asab_context_get_time (AsabContext *self)
{
  AsabClock *clock = g_atomic_pointer_get (&self->clock);

  return clock != NULL ? asab_clock_get_time (clock) : g_get_monotonic_time ();
}

#if defined __x86_64__ && defined __GNUC__

/* How long the time of the last reading is good for, and how much later it is made therefore: so many cycles take no
 * longer, if the counter makes 500 million of them a second. */
#define QUICK_CYCLES (1 << 15)
#define QUICK_LAG_US 66

static gboolean
has_steady_counter (void)
{
  static gsize answer;

  if (g_once_init_enter (&answer))
    {
      guint eax, ebx, ecx, edx = 0;

      /* “Invariant TSC”: it runs at one rate, and does not stop when the processor sleeps. */
      __get_cpuid (0x80000007, &eax, &ebx, &ecx, &edx);
      g_once_init_leave (&answer, (edx & (1 << 8)) != 0 ? 1 : 2);
    }

  return answer == 1;
}

/* The same, up to QUICK_LAG_US later but never earlier, for half the cost: reading the clock is the dearest part of
 * starting a timer. */
gint64
asab_context_get_quick_time (AsabContext *self)
{
  guint64 cycles;

  if (g_atomic_pointer_get (&self->clock) != NULL || !has_steady_counter ())
    return asab_context_get_time (self);

  cycles = __builtin_ia32_rdtsc ();
  if (cycles - self->quick_cycles >= QUICK_CYCLES)
    {
      self->quick_time = g_get_monotonic_time () + QUICK_LAG_US;
      self->quick_cycles = cycles;
    }

  return self->quick_time;
}

#else

gint64
asab_context_get_quick_time (AsabContext *self)
{
  return asab_context_get_time (self);
}

#endif

/* Makes the context thread-default for a dispatch, so that what is started there calls back there, also when the
 * loop is run by somebody who did not do it. */
gboolean
asab_context_push (AsabContext *self)
{
  GMainContext *current = g_main_context_get_thread_default ();

  if (current == self->context || (current == NULL && self->context == g_main_context_default ()))
    return FALSE;

  g_main_context_push_thread_default (self->context);

  return TRUE;
}

void
asab_context_pop (AsabContext *self,
                  gboolean     pushed)
{
  if (pushed)
    g_main_context_pop_thread_default (self->context);
}
