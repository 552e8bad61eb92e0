/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <asab-glib/async/asab-wait-queue-private.h>

#define MIN_SWEEP 16

/* Queues @waiter, which its owner takes off before it goes. */
void
asab_wait_queue_append (AsabWaitQueue *self,
                        AsabWaiter    *waiter)
{
  waiter->queue = self;
  waiter->turn = ++self->last_turn;
  waiter->prev = self->last;
  waiter->next = NULL;
  if (self->last != NULL)
    self->last->next = waiter;
  else
    self->first = waiter;
  self->last = waiter;
  self->n_waiters++;
}

void
asab_wait_queue_take_off (AsabWaiter *waiter)
{
  AsabWaitQueue *self = waiter->queue;

  if (waiter->prev != NULL)
    waiter->prev->next = waiter->next;
  else
    self->first = waiter->next;
  if (waiter->next != NULL)
    waiter->next->prev = waiter->prev;
  else
    self->last = waiter->prev;
  self->n_waiters--;
  waiter->queue = NULL;
  waiter->turn = self->last_turn;
}

/* Gives @waiter, which was taken off, what it waits for, or @error, which is taken. Returns: false if it is not there
 * any more. */
static gboolean
answer (AsabWaiter *waiter,
        GError     *error)
{
  gboolean there;

  if (waiter->wake != NULL)
    {
      g_assert (error == NULL);
      waiter->wake (waiter);
      return TRUE;
    }
  if (waiter->fiber != NULL)
    {
      waiter->error = error;
      asab_fiber_wake (waiter->fiber);
      return TRUE;
    }

  there = asab_future_has_consumers (asab_promise_as_future (waiter->promise)) &&
          asab_future_complete (asab_promise_as_future (waiter->promise), NULL, g_steal_pointer (&error), NULL);
  g_clear_error (&error);
  asab_promise_unref (waiter->promise);
  g_free (waiter);

  return there;
}

static gboolean
withdraw (gpointer wait)
{
  AsabWaiter *waiter = wait;

  if (waiter->queue == NULL)
    return FALSE;
  asab_wait_queue_take_off (waiter);

  return TRUE;
}

/* Lets the running fiber wait for its turn. */
gboolean
asab_wait_queue_await (AsabWaitQueue  *self,
                       const char     *waits_for,
                       GError        **error)
{
  AsabWaiter waiter = { .fiber = asab_fiber_get_current () };

  if (!asab_fiber_check_running (error) || asab_fiber_set_cancelled (waiter.fiber, error))
    return FALSE;

  asab_wait_queue_append (self, &waiter);
  if (!asab_fiber_suspend (waiter.fiber, waits_for, withdraw, &waiter, error))
    return FALSE;
  if (waiter.error == NULL)
    return TRUE;

  g_propagate_error (error, waiter.error);

  return FALSE;
}

static void
sweep (AsabWaitQueue *self)
{
  AsabWaiter *next;

  for (AsabWaiter *waiter = self->first; waiter != NULL; waiter = next)
    {
      next = waiter->next;
      if (waiter->promise != NULL &&
          (!asab_future_has_consumers (asab_promise_as_future (waiter->promise)) ||
           asab_future_is_done (asab_promise_as_future (waiter->promise))))
        {
          asab_wait_queue_take_off (waiter);
          asab_promise_unref (waiter->promise);
          g_free (waiter);
        }
    }
  self->n_sweep = MAX (MIN_SWEEP, 2 * self->n_waiters);
}

/* Queues a future. */
AsabFuture *
asab_wait_queue_add (AsabWaitQueue *self)
{
  AsabWaiter *waiter;

  if (self->n_waiters >= MAX (MIN_SWEEP, self->n_sweep))
    sweep (self);

  waiter = g_new0 (AsabWaiter, 1);
  waiter->promise = asab_promise_new_at (NULL);
  asab_wait_queue_append (self, waiter);

  return asab_future_ref (asab_promise_get_future (waiter->promise));
}

/* Gives the first waiter what it waits for. Returns: false if there is none; sets @fiber (nullable) to the waiter, if
 * it is a fiber. */
gboolean
asab_wait_queue_wake_first (AsabWaitQueue  *self,
                            AsabFiber     **fiber)
{
  while (self->first != NULL)
    {
      AsabWaiter *waiter = self->first;
      AsabFiber *woken = waiter->fiber;

      asab_wait_queue_take_off (waiter);
      if (answer (waiter, NULL))
        {
          if (fiber != NULL)
            *fiber = woken;
          return TRUE;
        }
    }

  return FALSE;
}

/* Gives the first waiter what another one was given, and has no use for. Who came after @turn, the last one in the
 * queue when it was given, has no right to it. */
void
asab_wait_queue_pass_on (AsabWaitQueue *self,
                         guint64        turn)
{
  if (self->first != NULL && self->first->turn <= turn)
    asab_wait_queue_wake_first (self, NULL);
}

/* Gives those who wait now what they wait for. */
void
asab_wait_queue_wake_all (AsabWaitQueue *self)
{
  while (asab_wait_queue_wake_first (self, NULL))
    ;
}

/* Ends all waits with @error, which is taken. */
void
asab_wait_queue_reject_all (AsabWaitQueue *self,
                            GError        *error)
{
  while (self->first != NULL)
    {
      AsabWaiter *waiter = self->first;

      asab_wait_queue_take_off (waiter);
      answer (waiter, g_error_copy (error));
    }
  g_error_free (error);
}
