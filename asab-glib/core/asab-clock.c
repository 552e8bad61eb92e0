/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <asab-glib/core/asab-clock.h>

#include <asab-glib/core/asab-clock-private.h>
#include <asab-glib/core/asab-context-private.h>

#include <math.h>

/**
 * AsabClock:
 *
 * A clock that is moved by hand, for tests of what depends on time.
 *
 * A main context with a clock installed takes its time from there instead of the system's monotonic clock: timers,
 * sleeps, time-outs and deadlines of the library happen when the clock was advanced far enough and the context is
 * iterated.
 *
 * All functions may be called from any thread.
 */
struct _AsabClock
{
  GObject parent_instance;

  GMutex lock;
  gint64 now;          /* (atomic): microseconds */
  GPtrArray *contexts; /* (element-type GMainContext) (owned): where it is installed, guarded by lock */
};

G_DEFINE_FINAL_TYPE (AsabClock, asab_clock, G_TYPE_OBJECT)

static void
asab_clock_finalize (GObject *object)
{
  AsabClock *self = ASAB_CLOCK (object);

  g_ptr_array_unref (self->contexts);
  g_mutex_clear (&self->lock);

  G_OBJECT_CLASS (asab_clock_parent_class)->finalize (object);
}

static void
asab_clock_class_init (AsabClockClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = asab_clock_finalize;
}

static void
asab_clock_init (AsabClock *self)
{
  g_mutex_init (&self->lock);
  self->contexts = g_ptr_array_new ();
}

/**
 * asab_clock_new:
 *
 * Creates a clock that stands at zero.
 *
 * Returns: (transfer full): a new clock
 */
AsabClock *
asab_clock_new (void)
{
  return g_object_new (ASAB_TYPE_CLOCK, NULL);
}

/**
 * asab_clock_get_time:
 * @self: a clock
 *
 * Gets the time that the clock shows.
 *
 * Returns: the time in microseconds
 */
gint64
asab_clock_get_time (AsabClock *self)
{
  g_return_val_if_fail (ASAB_IS_CLOCK (self), 0);

  return __atomic_load_n (&self->now, __ATOMIC_ACQUIRE);
}

/**
 * asab_clock_advance:
 * @self: a clock
 * @seconds: how far, zero or more
 *
 * Moves the clock forward and wakes the contexts in which it is installed.
 *
 * Nothing is called from here: what has become due happens when its context is iterated, in the order of the times for
 * which it was due.
 */
void
asab_clock_advance (AsabClock *self,
                    double     seconds)
{
  g_return_if_fail (ASAB_IS_CLOCK (self));
  g_return_if_fail (isfinite (seconds) && seconds >= 0);

  g_mutex_lock (&self->lock);
  __atomic_add_fetch (&self->now, (gint64) llround (seconds * G_USEC_PER_SEC), __ATOMIC_RELEASE);
  for (guint i = 0; i < self->contexts->len; i++)
    g_main_context_wakeup (self->contexts->pdata[i]);
  g_mutex_unlock (&self->lock);
}

/* Forgets a context that does not use the clock any more, or that is being freed. */
void
asab_clock_forget_context (AsabClock    *self,
                           GMainContext *context)
{
  g_mutex_lock (&self->lock);
  g_ptr_array_remove_fast (self->contexts, context);
  g_mutex_unlock (&self->lock);
}

/**
 * asab_clock_install:
 * @self: a clock
 * @context: (nullable): a main context, %NULL for the default one
 *
 * Makes @context take its time from @self, instead of the clock that it had.
 *
 * Install a clock before there are timers in @context. A context and its clock belong together until
 * [method@Clock.uninstall].
 */
void
asab_clock_install (AsabClock    *self,
                    GMainContext *context)
{
  AsabContext *state;
  AsabClock *old;

  g_return_if_fail (ASAB_IS_CLOCK (self));

  state = asab_context_get (context);
  old = g_atomic_pointer_get (&state->clock);
  if (old == self)
    return;
  if (old != NULL)
    asab_clock_uninstall (old, context);

  g_mutex_lock (&self->lock);
  g_ptr_array_add (self->contexts, state->context);
  g_mutex_unlock (&self->lock);

  g_atomic_pointer_set (&state->clock, g_object_ref (self));
}

/**
 * asab_clock_uninstall:
 * @self: a clock
 * @context: (nullable): a main context, %NULL for the default one
 *
 * Makes @context take its time from the system again, if it took it from @self.
 */
void
asab_clock_uninstall (AsabClock    *self,
                      GMainContext *context)
{
  AsabContext *state;

  g_return_if_fail (ASAB_IS_CLOCK (self));

  state = asab_context_get (context);
  if (g_atomic_pointer_get (&state->clock) != self)
    return;
  g_atomic_pointer_set (&state->clock, NULL);

  asab_clock_forget_context (self, state->context);
  g_object_unref (self);
}

/**
 * asab_get_time:
 *
 * Gets the time by the clock of the thread-default main context: monotonic, from no particular origin.
 *
 * Returns: the time in microseconds
 */
gint64
asab_get_time (void)
{
  return asab_context_get_time (asab_context_get_current ());
}
