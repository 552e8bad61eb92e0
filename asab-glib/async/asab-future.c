/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <asab-glib/async/asab-future.h>

#include <asab-glib/async/asab-future-private.h>

/**
 * AsabFuture:
 *
 * A value or an error that will be there later.
 *
 * A future is completed once, by its [struct@Promise] or by the fiber whose result it is, and never changes again. It
 * can be read from any thread. Whoever registers a callback with [method@Future.when_done] is called from the main
 * context that was thread-default then, never before the function that completed the future has returned, and first in,
 * first out.
 *
 * An error that nobody looked at until the future is freed is reported once with the place that made the future, see
 * [func@set_unhandled_error_func]; a cancellation is not.
 *
 * In C a fiber waits with `asab_await ()`; Python and JavaScript `await` a future, Vala yields
 * [method@Future.wait_async].
 */

G_DEFINE_BOXED_TYPE (AsabFuture, asab_future, asab_future_ref, asab_future_unref)

AsabFuture *
asab_future_new_pending (const char *site)
{
  AsabFuture *self = g_new (AsabFuture, 1);

  *self = (AsabFuture) { .n_refs = 1, .site = site };

  return self;
}

/**
 * asab_future_new_resolved:
 * @value: (nullable): the value, %NULL for none
 *
 * Creates a future that is resolved already.
 *
 * Returns: (transfer full): a new future
 */
AsabFuture *
asab_future_new_resolved (const GValue *value)
{
  AsabFuture *self = asab_future_new_pending (NULL);

  asab_future_complete (self, value, NULL, NULL);

  return self;
}

/**
 * asab_future_new_rejected:
 * @error: the error
 *
 * Creates a future that is rejected already.
 *
 * Returns: (transfer full): a new future
 */
AsabFuture *
asab_future_new_rejected (const GError *error)
{
  g_return_val_if_fail (error != NULL, NULL);

  return asab_future_new_take_error (g_error_copy (error));
}

/**
 * asab_future_new_take_error: (skip)
 * @error: (transfer full): the error
 *
 * Creates a future that is rejected already, and takes @error.
 *
 * Returns: (transfer full): a new future
 */
AsabFuture *
asab_future_new_take_error (GError *error)
{
  AsabFuture *self;

  g_return_val_if_fail (error != NULL, NULL);

  self = asab_future_new_pending (NULL);
  asab_future_complete (self, NULL, error, NULL);

  return self;
}

/**
 * asab_future_ref:
 * @self: a future
 *
 * Takes a reference; from any thread.
 *
 * Returns: (transfer full): @self
 */
AsabFuture *
asab_future_ref (AsabFuture *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  g_atomic_int_inc (&self->n_refs);

  return self;
}

static void
asab_future_extra_free (AsabFutureExtra *extra)
{
  g_free (extra->name);
  g_clear_object (&extra->cancellable);
  g_free (extra);
}

static void
asab_future_free (AsabFuture *self)
{
  gint state = asab_future_get_state (self);

  g_assert (self->waiters == NULL);

  if (G_UNLIKELY ((state & (FUTURE_REJECTED | FUTURE_CANCELLED | FUTURE_OBSERVED)) == FUTURE_REJECTED))
    asab_future_report_unhandled (self);

  if (G_VALUE_TYPE (&self->value) != 0)
    g_value_unset (&self->value);
  g_clear_error (&self->error);
  g_clear_pointer (&self->extra, asab_future_extra_free);
  g_free (self);
}

/**
 * asab_future_unref:
 * @self: (transfer full): a future
 *
 * Drops a reference; from any thread.
 *
 * Dropping the last one never cancels what goes on.
 */
void
asab_future_unref (AsabFuture *self)
{
  g_return_if_fail (self != NULL);

  /* Whoever holds the only reference needs no atomic write to find that out. */
  if (g_atomic_int_get (&self->n_refs) == 1 || g_atomic_int_dec_and_test (&self->n_refs))
    asab_future_free (self);
}

/* Whether anybody but the producers has a reference on a future that is not completed. */
gboolean
asab_future_has_consumers (AsabFuture *self)
{
  return g_atomic_int_get (&self->n_refs) > 1;
}

/* Gets what few futures have; the caller holds the lock. */
AsabFutureExtra *
asab_future_ensure_extra (AsabFuture *self)
{
  if (self->extra == NULL)
    self->extra = g_new0 (AsabFutureExtra, 1);

  return self->extra;
}

/* Links @waiter; the caller holds the lock. */
static void
link_waiter (AsabFuture       *self,
             AsabFutureWaiter *waiter)
{
  waiter->next = NULL;
  waiter->prev = self->last_waiter;
  if (self->last_waiter != NULL)
    self->last_waiter->next = waiter;
  else
    self->waiters = waiter;
  self->last_waiter = waiter;
}

/* Unlinks @waiter; the caller holds the lock. */
void
asab_future_unlink_waiter (AsabFuture       *self,
                           AsabFutureWaiter *waiter)
{
  if (waiter->prev != NULL)
    waiter->prev->next = waiter->next;
  else
    self->waiters = waiter->next;
  if (waiter->next != NULL)
    waiter->next->prev = waiter->prev;
  else
    self->last_waiter = waiter->prev;
}

/* Gets the chain of those to wake, and unlinks the ones that do not stay; the caller holds the lock. */
static AsabFutureWaiter *
collect_waiters (AsabFuture *self)
{
  AsabFutureWaiter *first = self->waiters;
  AsabFutureWaiter *next;

  for (AsabFutureWaiter *waiter = first; waiter != NULL; waiter = next)
    {
      next = waiter->next;
      waiter->next_woken = next;
      if (!waiter->stays_linked)
        asab_future_unlink_waiter (self, waiter);
    }

  return first;
}

/* Completes the future with @value or with @error, which is taken. Returns: true if it was not completed before. */
gboolean
asab_future_complete (AsabFuture   *self,
                      const GValue *value,
                      GError       *error,
                      const GValue *exception)
{
  GValue copy = G_VALUE_INIT;
  AsabFutureWaiter *waiter;
  gint flags = FUTURE_RESOLVED;

  if (error != NULL)
    {
      flags = FUTURE_REJECTED;
      if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        flags |= FUTURE_CANCELLED;
      value = exception;
    }

  /* Before the future is locked: the copy of a language's value may wait for that language's own lock. */
  if (value != NULL && G_VALUE_TYPE (value) != 0)
    {
      g_value_init (&copy, G_VALUE_TYPE (value));
      g_value_copy (value, &copy);
    }

  asab_future_lock (self);
  if ((self->state & FUTURE_COMPLETED) != 0)
    {
      asab_future_unlock (self);
      if (G_VALUE_TYPE (&copy) != 0)
        g_value_unset (&copy);
      g_clear_error (&error);
      return FALSE;
    }

  self->value = copy;
  self->error = error;
  waiter = collect_waiters (self);
  g_atomic_int_or (&self->state, flags);
  asab_future_unlock (self);

  while (waiter != NULL)
    {
      AsabFutureWaiter *next = waiter->next_woken;

      waiter->wake (waiter); /* and it may be gone */
      waiter = next;
    }

  return TRUE;
}

/* Links @waiter, unless the future is completed and it does not stay linked. Returns: true if it will be woken. */
gboolean
asab_future_add_waiter (AsabFuture       *self,
                        AsabFutureWaiter *waiter)
{
  gboolean pending;

  asab_future_lock (self);
  pending = (self->state & FUTURE_COMPLETED) == 0;
  if (pending || waiter->stays_linked)
    link_waiter (self, waiter);
  asab_future_unlock (self);

  return pending;
}

/* Unlinks @waiter. Returns: false if it is too late, and it was woken or is about to be. */
gboolean
asab_future_remove_waiter (AsabFuture       *self,
                           AsabFutureWaiter *waiter)
{
  gboolean pending;

  asab_future_lock (self);
  pending = (self->state & FUTURE_COMPLETED) == 0;
  if (pending)
    asab_future_unlink_waiter (self, waiter);
  asab_future_unlock (self);

  return pending;
}

/**
 * asab_future_get_status:
 * @self: a future
 *
 * Gets the state of the future; from any thread.
 *
 * Returns: the state
 */
AsabFutureStatus
asab_future_get_status (AsabFuture *self)
{
  gint state;

  g_return_val_if_fail (self != NULL, ASAB_FUTURE_PENDING);

  state = asab_future_get_state (self);
  if ((state & FUTURE_RESOLVED) != 0)
    return ASAB_FUTURE_RESOLVED;

  return (state & FUTURE_REJECTED) != 0 ? ASAB_FUTURE_REJECTED : ASAB_FUTURE_PENDING;
}

/**
 * asab_future_is_done:
 * @self: a future
 *
 * Tells whether the future is completed, with a value or with an error; from any thread.
 *
 * Returns: true if it is
 */
gboolean
asab_future_is_done (AsabFuture *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return (asab_future_get_state (self) & FUTURE_COMPLETED) != 0;
}

/**
 * asab_future_is_resolved:
 * @self: a future
 *
 * Tells whether the future is completed with a value; from any thread.
 *
 * Returns: true if it is
 */
gboolean
asab_future_is_resolved (AsabFuture *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return (asab_future_get_state (self) & FUTURE_RESOLVED) != 0;
}

/**
 * asab_future_is_rejected:
 * @self: a future
 *
 * Tells whether the future is completed with an error; from any thread.
 *
 * Returns: true if it is
 */
gboolean
asab_future_is_rejected (AsabFuture *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return (asab_future_get_state (self) & FUTURE_REJECTED) != 0;
}

/**
 * asab_future_is_cancelled:
 * @self: a future
 *
 * Tells whether the future is completed with %G_IO_ERROR_CANCELLED; from any thread.
 *
 * Returns: true if it is
 */
gboolean
asab_future_is_cancelled (AsabFuture *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return (asab_future_get_state (self) & FUTURE_CANCELLED) != 0;
}

/* Notes that somebody looked at the error, or answers for it. */
void
asab_future_observe (AsabFuture *self)
{
  if ((asab_future_get_state (self) & FUTURE_OBSERVED) == 0)
    g_atomic_int_or (&self->state, FUTURE_OBSERVED);
}

/* Borrows the error of a rejected future, without looking at it in the sense of asab_future_observe(). */
const GError *
asab_future_peek_error (AsabFuture *self)
{
  return (asab_future_get_state (self) & FUTURE_REJECTED) != 0 ? self->error : NULL;
}

/**
 * asab_future_ignore:
 * @self: a future
 *
 * Says that nobody will look at an error of the future, so that it is not reported; from any thread.
 */
void
asab_future_ignore (AsabFuture *self)
{
  g_return_if_fail (self != NULL);

  asab_future_observe (self);
}

/**
 * asab_future_get_name:
 * @self: a future
 *
 * Gets the name that reports call the future by; once the future is shared between threads, it does not change.
 *
 * Returns: (nullable): the name
 */
const char *
asab_future_get_name (AsabFuture *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->extra != NULL ? self->extra->name : NULL;
}

/**
 * asab_future_set_name:
 * @self: a future
 * @name: a name
 *
 * Gives the future a name for reports.
 */
void
asab_future_set_name (AsabFuture *self,
                      const char *name)
{
  AsabFutureExtra *extra;

  g_return_if_fail (self != NULL);
  g_return_if_fail (name != NULL);

  asab_future_lock (self);
  extra = asab_future_ensure_extra (self);
  g_free (extra->name);
  extra->name = g_strdup (name);
  asab_future_unlock (self);
}

/**
 * asab_future_get_site:
 * @self: a future
 *
 * Gets where the future was made.
 *
 * Returns: (nullable): `file:line`, for futures made in C
 */
const char *
asab_future_get_site (AsabFuture *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->site;
}

/**
 * asab_future_cancel:
 * @self: a future
 *
 * Asks for the end of what the future waits for; from any thread.
 *
 * The future of a promise is rejected with %G_IO_ERROR_CANCELLED at once, and the cancellable of the promise is
 * cancelled; what the producer says later is ignored, unless it has asked for more with
 * [method@Promise.defer_cancel]. A fiber is cancelled, and its future is completed when the fiber ends. A future that
 * is done stays as it is.
 */
void
asab_future_cancel (AsabFuture *self)
{
  g_autoptr(GCancellable) cancellable = NULL;
  AsabCancelFunc cancel = NULL;
  gboolean defers_cancel = FALSE;

  g_return_if_fail (self != NULL);

  asab_future_lock (self);
  if ((self->state & FUTURE_COMPLETED) == 0 && self->extra != NULL)
    {
      cancel = self->extra->cancel;
      defers_cancel = self->extra->defers_cancel;
      if (cancel != NULL)
        cancel (self->extra->cancel_data);
      else
        g_set_object (&cancellable, self->extra->cancellable);
    }
  asab_future_unlock (self);

  if (cancel != NULL)
    return;

  if (defers_cancel ||
      (asab_future_complete (self, NULL, asab_error_new_cancelled (NULL), NULL) && cancellable != NULL))
    g_cancellable_cancel (cancellable);
}
