/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The ways to end a fiber early: its future, its cancellable, its parent's and its deadline; and shields against them.
 *
 * All of them set a flag, from any thread, and queue an item that ends the wait of the fiber in its own thread, if that
 * can still be ended. An error that is thrown into a fiber ends its wait in the same way, but that one wait only.
 */

#include "config.h"

#include <asab-glib/async/asab-fiber.h>

#include <asab-glib/async/asab-fiber-private.h>

#include <glib/gi18n-lib.h>

static void
end_wait (AsabFiber *self)
{
  if (self->state == FIBER_WAITING && self->shield_depth == 0 && self->withdraw != NULL &&
      self->withdraw (self->wait))
    {
      self->withdrawn = TRUE;
      self->item.run (&self->item);
    }
}

/* In the thread of the fiber, once it was cancelled from wherever. */
static void
cancel_cb (AsabReadyItem *item)
{
  AsabFiber *self = (AsabFiber *) ((guint8 *) item - G_STRUCT_OFFSET (AsabFiber, cancel_item));

  if (self->state != FIBER_ENDED && self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);

  end_wait (self);
  asab_fiber_unref (self);
}

static void
cancel_with (AsabFiber    *self,
             GIOErrorEnum  reason)
{
  if (g_atomic_int_compare_and_exchange (&self->cancelled, 0, (gint) reason + 1))
    {
      asab_fiber_ref (self);
      asab_ready_queue_push (self->queue, &self->cancel_item);
    }
}

/* Cancels the fiber, from any thread; nothing happens before the caller is back in the main loop. */
void
asab_fiber_cancel (AsabFiber *self)
{
  cancel_with (self, G_IO_ERROR_CANCELLED);
}

typedef struct
{
  AsabReadyItem item;
  AsabFiber *fiber; /* (owned) */
} Throw;

static void
throw_cb (AsabReadyItem *item)
{
  Throw *self = (Throw *) item;

  if (self->fiber->thrown != NULL)
    end_wait (self->fiber);
  asab_fiber_unref (self->fiber);
  g_free (self);
}

/* Makes the wait of the fiber, or its next one, fail with @error, which is taken; in the thread of the fiber. Nothing
 * happens before the caller is back in the main loop. */
void
asab_fiber_throw (AsabFiber *self,
                  GError    *error)
{
  Throw *throw = g_new (Throw, 1);

  g_clear_error (&self->thrown);
  self->thrown = error;

  *throw = (Throw) { .item.run = throw_cb, .fiber = asab_fiber_ref (self) };
  asab_ready_queue_push (self->queue, &throw->item);
}

static void
future_cancel_cb (gpointer data)
{
  asab_fiber_cancel (data);
}

static void
cancellable_cancelled_cb (GCancellable *cancellable G_GNUC_UNUSED,
                          gpointer      user_data)
{
  asab_fiber_cancel (user_data);
}

static void
deadline_cb (AsabTimeout *timeout)
{
  AsabFiber *self = (AsabFiber *) ((guint8 *) timeout - G_STRUCT_OFFSET (AsabFiber, deadline));

  cancel_with (self, G_IO_ERROR_TIMED_OUT);
}

/* Lets the fiber be cancelled through its future. */
void
asab_fiber_allow_cancel (AsabFiber *self)
{
  self->cancel_item.run = cancel_cb;
  self->deadline.func = deadline_cb;
  asab_promise_set_cancel_func (self->promise, future_cancel_cb, self);
}

/* Lets the fiber be cancelled by @parent too. */
void
asab_fiber_set_parent (AsabFiber    *self,
                       GCancellable *parent)
{
  self->parent = g_object_ref (parent);
  self->parent_id = g_cancellable_connect (parent, G_CALLBACK (cancellable_cancelled_cb),
                                           asab_fiber_ref (self), (GDestroyNotify) asab_fiber_unref);
}

/* Nobody can cancel the fiber any more, but through its future, which is completed next. */
void
asab_fiber_end_cancel (AsabFiber *self)
{
  asab_timeout_stop (&self->deadline, self->context);
  if (self->cancellable_id != 0)
    g_cancellable_disconnect (self->cancellable, self->cancellable_id);
  if (self->parent != NULL)
    {
      g_cancellable_disconnect (self->parent, self->parent_id);
      g_clear_object (&self->parent);
    }
}

/* Gets the fiber of @context whose result @future is. */
AsabFiber *
asab_fiber_lookup (AsabFuture  *future,
                   AsabContext *context)
{
  AsabFiber *fiber = NULL;

  asab_future_lock (future);
  if ((future->state & FUTURE_COMPLETED) == 0 && future->extra != NULL && future->extra->cancel == future_cancel_cb)
    {
      fiber = future->extra->cancel_data;
      if (fiber->context != context)
        fiber = NULL;
    }
  asab_future_unlock (future);

  return fiber;
}

/**
 * asab_fiber_get_cancellable: (skip)
 * @self: the running fiber
 *
 * Gets a cancellable that is cancelled when the fiber is, and that cancels the fiber.
 *
 * From the fiber's next run on it is the current one, see g_cancellable_get_current().
 *
 * Returns: (transfer none): the cancellable
 */
GCancellable *
asab_fiber_get_cancellable (AsabFiber *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  if (self->cancellable == NULL)
    {
      self->cancellable = g_cancellable_new ();
      if (g_atomic_int_get (&self->cancelled) != 0)
        g_cancellable_cancel (self->cancellable);
      else
        self->cancellable_id = g_cancellable_connect (self->cancellable, G_CALLBACK (cancellable_cancelled_cb),
                                                      self, NULL);
    }

  return self->cancellable;
}

/**
 * asab_fiber_is_cancelled: (skip)
 *
 * Tells whether the running fiber was cancelled, or its deadline has passed; also within a shield.
 *
 * Returns: true if it was; false also outside of fibers
 */
gboolean
asab_fiber_is_cancelled (void)
{
  AsabFiber *self = asab_fiber_get_current ();

  return self != NULL && g_atomic_int_get (&self->cancelled) != 0;
}

/* Sets @error if the fiber was cancelled, or an error was thrown into it, and it is not within a shield.
 * Returns: true if so. */
gboolean
asab_fiber_set_cancelled (AsabFiber  *self,
                          GError    **error)
{
  gint cancelled = g_atomic_int_get (&self->cancelled);

  if (G_LIKELY (cancelled == 0 && self->thrown == NULL) || self->shield_depth > 0)
    return FALSE;

  if (self->thrown != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&self->thrown));
      return TRUE;
    }

  if (cancelled - 1 == G_IO_ERROR_TIMED_OUT)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT, _("The deadline of the fiber “%s” has passed"), self->name);
  else
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED, _("The fiber “%s” was cancelled"), self->name);

  return TRUE;
}

/**
 * asab_fiber_set_deadline: (skip)
 * @seconds: from now, zero or more; infinity for no deadline
 *
 * Cancels the running fiber with %G_IO_ERROR_TIMED_OUT when it has not ended in time.
 */
void
asab_fiber_set_deadline (double seconds)
{
  AsabFiber *self = asab_fiber_get_current ();

  g_return_if_fail (self != NULL);
  g_return_if_fail (seconds >= 0);

  asab_timeout_stop (&self->deadline, self->context);
  asab_timeout_start (&self->deadline, self->context, seconds);
}

/**
 * asab_shield_begin: (skip)
 *
 * Begins a scope in which waits of the running fiber do not end because it was cancelled: for clean-up that waits.
 *
 * `g_auto(AsabShield) shield = asab_shield_begin ();` ends it with the scope. Shields nest.
 *
 * Returns: the shield
 */
AsabShield
asab_shield_begin (void)
{
  AsabShield shield = { asab_fiber_get_current () };

  if (shield.fiber != NULL)
    shield.fiber->shield_depth++;

  return shield;
}

/**
 * asab_shield_end: (skip)
 * @shield: a shield
 *
 * Ends the scope of a shield.
 */
void
asab_shield_end (AsabShield *shield)
{
  AsabFiber *fiber = g_steal_pointer (&shield->fiber);

  if (fiber != NULL)
    {
      g_return_if_fail (fiber->shield_depth > 0);
      fiber->shield_depth--;
    }
}
