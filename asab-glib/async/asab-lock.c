/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <asab-glib/async/asab-lock.h>

#include <asab-glib/async/asab-lock-private.h>
#include <asab-glib/core/asab-error.h>

#include <glib/gi18n-lib.h>

/**
 * AsabLock:
 *
 * A lock that is waited for without blocking the thread, and that may be held across a wait.
 *
 * It is handed over first in, first out, and is not recursive. A lock belongs to the main context in which it was made.
 * When it is freed, those who wait are rejected with %G_IO_ERROR_CANCELLED.
 */
struct _AsabLock
{
  GObject parent_instance;

  gboolean locked;
  AsabFiber *owner;      /* (owned) (nullable): the fiber that holds it, if a fiber does; it may have ended */
  AsabWaitQueue waiters;
};

G_DEFINE_FINAL_TYPE (AsabLock, asab_lock, G_TYPE_OBJECT)

static void
set_owner (AsabLock  *self,
           AsabFiber *fiber)
{
  AsabFiber *old = self->owner;

  self->owner = fiber != NULL ? asab_fiber_ref (fiber) : NULL;
  if (old != NULL)
    asab_fiber_unref (old);
}

static void
asab_lock_finalize (GObject *object)
{
  AsabLock *self = ASAB_LOCK (object);

  asab_wait_queue_reject_all (&self->waiters, asab_error_new_cancelled ("AsabLock"));
  set_owner (self, NULL);

  G_OBJECT_CLASS (asab_lock_parent_class)->finalize (object);
}

static void
asab_lock_class_init (AsabLockClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = asab_lock_finalize;
}

static void
asab_lock_init (AsabLock *self G_GNUC_UNUSED)
{
}

/**
 * asab_lock_new:
 *
 * Creates a lock that nobody holds.
 *
 * Returns: (transfer full): a new lock
 */
AsabLock *
asab_lock_new (void)
{
  return g_object_new (ASAB_TYPE_LOCK, NULL);
}

/**
 * asab_lock_acquire:
 * @self: a lock
 *
 * Waits for the lock. Once the future is resolved the lock is held, until [method@Lock.release].
 *
 * A future that is cancelled, or dropped, before that is passed over.
 *
 * Returns: (transfer full): a future without a value
 */
AsabFuture *
asab_lock_acquire (AsabLock *self)
{
  g_return_val_if_fail (ASAB_IS_LOCK (self), NULL);

  if (self->locked)
    return asab_wait_queue_add (&self->waiters);

  self->locked = TRUE;

  return asab_future_new_resolved (NULL);
}

/* Takes the lock, or queues @waiter, who has it when it is woken. Returns: true if the lock was free, which needs no
 * waiter */
gboolean
asab_lock_take (AsabLock   *self,
                AsabWaiter *waiter)
{
  if (self->locked)
    {
      asab_wait_queue_append (&self->waiters, waiter);
      return FALSE;
    }

  self->locked = TRUE;

  return TRUE;
}

/* Gets the fiber that holds the lock, if it was a fiber that took it. */
AsabFiber *
asab_lock_get_owner (AsabLock *self)
{
  return self->owner;
}

/**
 * asab_lock_hold: (skip)
 * @self: a lock
 * @error: return location for %G_IO_ERROR_CANCELLED, %ASAB_ERROR_NOT_FIBER, or %ASAB_ERROR_DEADLOCK if the fiber holds
 *   the lock already
 *
 * Lets the running fiber wait for the lock.
 *
 * Returns: true if the fiber holds it now
 */
gboolean
asab_lock_hold (AsabLock  *self,
                GError   **error)
{
  AsabFiber *fiber = asab_fiber_get_current ();

  g_return_val_if_fail (ASAB_IS_LOCK (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (!asab_fiber_check_running (error))
    return FALSE;
  if (!self->locked)
    {
      self->locked = TRUE;
      set_owner (self, fiber);
      return TRUE;
    }
  if (self->owner == fiber)
    {
      g_set_error (error, ASAB_ERROR, ASAB_ERROR_DEADLOCK, _("The fiber “%s” holds the lock already"),
                   asab_fiber_get_name (fiber));
      return FALSE;
    }

  /* Whoever releases the lock makes this fiber its owner. */
  return asab_wait_queue_await (&self->waiters, "a lock", error);
}

/**
 * asab_lock_release:
 * @self: a lock that is held
 *
 * Hands the lock to the one who has waited longest.
 */
void
asab_lock_release (AsabLock *self)
{
  AsabFiber *next = NULL;

  g_return_if_fail (ASAB_IS_LOCK (self));
  g_return_if_fail (self->locked);

  self->locked = asab_wait_queue_wake_first (&self->waiters, &next);
  set_owner (self, next);
}

/**
 * asab_lock_is_locked:
 * @self: a lock
 *
 * Tells whether somebody holds the lock.
 *
 * Returns: true if so
 */
gboolean
asab_lock_is_locked (AsabLock *self)
{
  g_return_val_if_fail (ASAB_IS_LOCK (self), FALSE);

  return self->locked;
}

/**
 * asab_lock_guard: (skip)
 * @self: a lock
 * @error: return location for an error, as of `asab_lock_hold ()`
 *
 * Lets the running fiber hold the lock until the end of the scope:
 * `g_auto(AsabLockGuard) guard = asab_lock_guard (lock, error); if (guard.lock == NULL) …`.
 *
 * Returns: a guard, whose lock is %NULL with @error
 */
AsabLockGuard
asab_lock_guard (AsabLock  *self,
                 GError   **error)
{
  AsabLockGuard guard = { NULL };

  if (asab_lock_hold (self, error))
    guard.lock = g_object_ref (self);

  return guard;
}

/**
 * asab_lock_guard_end: (skip)
 * @guard: a guard
 *
 * Releases the lock of a guard, if it holds one.
 */
void
asab_lock_guard_end (AsabLockGuard *guard)
{
  if (guard->lock == NULL)
    return;

  asab_lock_release (guard->lock);
  g_clear_object (&guard->lock);
}
