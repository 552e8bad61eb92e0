/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <asab-glib/async/asab-condition.h>

#include <asab-glib/async/asab-condition-private.h>
#include <asab-glib/core/asab-error.h>

#include <glib/gi18n-lib.h>

/**
 * AsabCondition:
 *
 * A lock, and those who wait until what it guards has changed.
 *
 * Waiting releases the lock and takes it again before it ends, also when the wait is cancelled. A notification that
 * nobody waits for is forgotten. The semantics are those of `asyncio.Condition` of Python.
 *
 * A condition belongs to the main context in which it was made. When it is freed, those who wait are rejected with
 * %G_IO_ERROR_CANCELLED, once they have the lock again.
 */
struct _AsabCondition
{
  GObject parent_instance;

  AsabLock *lock; /* (owned) */
  AsabWaitQueue waiters;
};

G_DEFINE_FINAL_TYPE (AsabCondition, asab_condition, G_TYPE_OBJECT)

typedef enum
{
  PROP_LOCK = 1,
} AsabConditionProperty;

static GParamSpec *props[PROP_LOCK + 1];

static void
asab_condition_finalize (GObject *object)
{
  AsabCondition *self = ASAB_CONDITION (object);

  asab_wait_queue_reject_all (&self->waiters, asab_error_new_cancelled ("AsabCondition"));
  g_object_unref (self->lock);

  G_OBJECT_CLASS (asab_condition_parent_class)->finalize (object);
}

static void
asab_condition_constructed (GObject *object)
{
  AsabCondition *self = ASAB_CONDITION (object);

  if (self->lock == NULL)
    self->lock = asab_lock_new ();

  G_OBJECT_CLASS (asab_condition_parent_class)->constructed (object);
}

static void
asab_condition_get_property (GObject    *object,
                             guint       prop_id,
                             GValue     *value,
                             GParamSpec *pspec)
{
  AsabCondition *self = ASAB_CONDITION (object);

  switch ((AsabConditionProperty) prop_id)
    {
    case PROP_LOCK:
      g_value_set_object (value, self->lock);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
asab_condition_set_property (GObject      *object,
                             guint         prop_id,
                             const GValue *value,
                             GParamSpec   *pspec)
{
  AsabCondition *self = ASAB_CONDITION (object);

  switch ((AsabConditionProperty) prop_id)
    {
    case PROP_LOCK:
      self->lock = g_value_dup_object (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
asab_condition_class_init (AsabConditionClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = asab_condition_finalize;
  object_class->constructed = asab_condition_constructed;
  object_class->get_property = asab_condition_get_property;
  object_class->set_property = asab_condition_set_property;

  /**
   * AsabCondition:lock: (getter get_lock)
   *
   * The lock, which several conditions may share.
   */
  props[PROP_LOCK] =
    g_param_spec_object ("lock", NULL, NULL, ASAB_TYPE_LOCK,
                         G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);

  g_object_class_install_properties (object_class, G_N_ELEMENTS (props), props);
}

static void
asab_condition_init (AsabCondition *self G_GNUC_UNUSED)
{
}

/**
 * asab_condition_new:
 * @lock: (nullable): the lock, %NULL for one of its own
 *
 * Creates a condition.
 *
 * Returns: (transfer full): a new condition
 */
AsabCondition *
asab_condition_new (AsabLock *lock)
{
  g_return_val_if_fail (lock == NULL || ASAB_IS_LOCK (lock), NULL);

  return g_object_new (ASAB_TYPE_CONDITION, "lock", lock, NULL);
}

/**
 * asab_condition_get_lock: (get-property lock)
 * @self: a condition
 *
 * Gets the lock.
 *
 * Returns: (transfer none): the lock
 */
AsabLock *
asab_condition_get_lock (AsabCondition *self)
{
  g_return_val_if_fail (ASAB_IS_CONDITION (self), NULL);

  return self->lock;
}

/* Gets those who wait for a notification; each of them takes the lock before it goes on. */
AsabWaitQueue *
asab_condition_get_waiters (AsabCondition *self)
{
  return &self->waiters;
}

static gboolean
check_locked (AsabCondition  *self,
              GError        **error)
{
  if (asab_lock_is_locked (self->lock))
    return TRUE;

  g_set_error_literal (error, ASAB_ERROR, ASAB_ERROR_FAILED, _("The lock of the condition has to be held for this"));

  return FALSE;
}

static void
hold_again (AsabLock *lock)
{
  g_auto(AsabShield) shield G_GNUC_UNUSED = asab_shield_begin ();

  asab_lock_hold (lock, NULL);
}

/**
 * asab_condition_await: (skip)
 * @self: a condition whose lock is held
 * @error: return location for %G_IO_ERROR_CANCELLED, %ASAB_ERROR_NOT_FIBER, or %ASAB_ERROR_FAILED without the lock
 *
 * Lets the running fiber release the lock, wait for a notification and take the lock again, with which it returns also
 * when it was cancelled.
 *
 * Returns: true if it was notified
 */
gboolean
asab_condition_await (AsabCondition  *self,
                      GError        **error)
{
  g_autoptr(AsabLock) lock = NULL;
  gboolean notified;

  g_return_val_if_fail (ASAB_IS_CONDITION (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (!asab_fiber_check_running (error) || !check_locked (self, error))
    return FALSE;

  /* The condition may be gone when the wait is over. */
  lock = g_object_ref (self->lock);
  asab_lock_release (lock);
  notified = asab_wait_queue_await (&self->waiters, "a condition", error);
  hold_again (lock);

  return notified;
}

/* What a fiber does on behalf of somebody who has only a future of it. */
typedef struct
{
  GWeakRef condition;        /* a wait does not keep the condition */
  AsabPredicateFunc predicate;
  AsabMutatorFunc mutator;
  gpointer user_data;
  GDestroyNotify destroy;
  gboolean result;
} Work;

static Work *
work_new (AsabCondition  *condition,
          gpointer        user_data,
          GDestroyNotify  destroy)
{
  Work *work = g_new0 (Work, 1);

  g_weak_ref_init (&work->condition, condition);
  work->user_data = user_data;
  work->destroy = destroy;

  return work;
}

static void
work_free (gpointer data)
{
  Work *work = data;

  g_weak_ref_clear (&work->condition);
  if (work->destroy != NULL)
    work->destroy (work->user_data);
  g_free (work);
}

static AsabCondition *
borrow_condition (Work    *work,
                  GError **error)
{
  g_autoptr(AsabCondition) condition = g_weak_ref_get (&work->condition);

  if (condition == NULL)
    g_propagate_error (error, asab_error_new_cancelled ("AsabCondition"));

  /* Until the fiber waits next nobody else runs who could drop it. */
  return condition;
}

/* Waits for whoever has only a future of it. When the condition is gone, nobody may be left who could release the
 * lock. */
static gboolean
await_condition (Work           *work,
                 AsabCondition  *condition,
                 GError        **error)
{
  g_autoptr(AsabLock) lock = g_object_ref (condition->lock);
  gboolean notified = asab_condition_await (condition, error);
  g_autoptr(AsabCondition) still_there = g_weak_ref_get (&work->condition);

  if (still_there != NULL)
    return notified;

  asab_lock_release (lock);
  if (notified)
    g_propagate_error (error, asab_error_new_cancelled ("AsabCondition"));

  return FALSE;
}

static gboolean
wait_fiber (gpointer   data,
            GValue    *result G_GNUC_UNUSED,
            GError   **error)
{
  AsabCondition *condition = borrow_condition (data, error);

  return condition != NULL && await_condition (data, condition, error);
}

/**
 * asab_condition_wait:
 * @self: a condition whose lock is held
 *
 * Releases the lock, waits for a notification and takes the lock again.
 *
 * The future is completed with the lock held, also when it was cancelled; not if the condition was freed meanwhile.
 *
 * Returns: (transfer full): a future without a value, rejected with %ASAB_ERROR_FAILED without the lock
 */
AsabFuture *
asab_condition_wait (AsabCondition *self)
{
  g_return_val_if_fail (ASAB_IS_CONDITION (self), NULL);

  return asab_spawn (wait_fiber, work_new (self, NULL, NULL), work_free);
}

static void
call_predicate (gpointer data)
{
  Work *work = data;

  work->result = work->predicate (work->user_data);
}

static gboolean
wait_for_fiber (gpointer   data,
                GValue    *result G_GNUC_UNUSED,
                GError   **error)
{
  Work *work = data;

  for (;;)
    {
      AsabCondition *condition = borrow_condition (work, error);

      if (condition == NULL || !check_locked (condition, error))
        return FALSE;
      asab_main_stack_call (call_predicate, work);
      if (work->result)
        return TRUE;
      if (!await_condition (work, condition, error))
        return FALSE;
    }
}

/**
 * asab_condition_wait_for:
 * @self: a condition whose lock is held
 * @predicate: (scope notified) (closure user_data) (destroy destroy): what to wait for
 * @user_data: data for @predicate
 * @destroy: (nullable): called with @user_data when the wait is over
 *
 * Waits, as [method@Condition.wait] does, until @predicate returns true; it is asked first and after each notification,
 * with the lock held.
 *
 * Returns: (transfer full): a future without a value, rejected with %ASAB_ERROR_FAILED without the lock
 */
AsabFuture *
asab_condition_wait_for (AsabCondition     *self,
                         AsabPredicateFunc  predicate,
                         gpointer           user_data,
                         GDestroyNotify     destroy)
{
  Work *work;

  g_return_val_if_fail (ASAB_IS_CONDITION (self), NULL);
  g_return_val_if_fail (predicate != NULL, NULL);

  work = work_new (self, user_data, destroy);
  work->predicate = predicate;

  return asab_spawn (wait_for_fiber, work, work_free);
}

/**
 * asab_condition_notify:
 * @self: a condition whose lock is held
 * @n: how many to wake
 * @error: return location for %ASAB_ERROR_FAILED without the lock
 *
 * Wakes those who have waited longest; they go on when the lock is released.
 *
 * Returns: false without the lock
 */
gboolean
asab_condition_notify (AsabCondition  *self,
                       guint           n,
                       GError        **error)
{
  g_return_val_if_fail (ASAB_IS_CONDITION (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (!check_locked (self, error))
    return FALSE;

  while (n > 0 && asab_wait_queue_wake_first (&self->waiters, NULL))
    n--;

  return TRUE;
}

/**
 * asab_condition_notify_all:
 * @self: a condition whose lock is held
 * @error: return location for %ASAB_ERROR_FAILED without the lock
 *
 * Wakes all who wait; they go on when the lock is released, one after the other.
 *
 * Returns: false without the lock
 */
gboolean
asab_condition_notify_all (AsabCondition  *self,
                           GError        **error)
{
  return asab_condition_notify (self, G_MAXUINT, error);
}

static void
call_mutator (gpointer data)
{
  Work *work = data;

  work->mutator (work->user_data);
}

static gboolean
update_fiber (gpointer   data,
              GValue    *result G_GNUC_UNUSED,
              GError   **error)
{
  Work *work = data;
  g_autoptr(AsabCondition) condition = g_weak_ref_get (&work->condition);
  g_auto(AsabLockGuard) guard = { NULL };

  if (condition == NULL)
    {
      g_propagate_error (error, asab_error_new_cancelled ("AsabCondition"));
      return FALSE;
    }

  guard = asab_lock_guard (condition->lock, error);
  if (guard.lock == NULL)
    return FALSE;
  asab_main_stack_call (call_mutator, work);

  return asab_condition_notify_all (condition, error);
}

/**
 * asab_condition_update:
 * @self: a condition
 * @mutator: (scope notified) (closure user_data) (destroy destroy): changes what the condition guards
 * @user_data: data for @mutator
 * @destroy: (nullable): called with @user_data afterwards
 *
 * Takes the lock, calls @mutator, notifies all and releases the lock.
 *
 * Returns: (transfer full): a future without a value
 */
AsabFuture *
asab_condition_update (AsabCondition   *self,
                       AsabMutatorFunc  mutator,
                       gpointer         user_data,
                       GDestroyNotify   destroy)
{
  Work *work;

  g_return_val_if_fail (ASAB_IS_CONDITION (self), NULL);
  g_return_val_if_fail (mutator != NULL, NULL);

  work = work_new (self, user_data, destroy);
  work->mutator = mutator;

  return asab_spawn (update_fiber, work, work_free);
}
