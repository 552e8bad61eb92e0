/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Writes of accessors. */

#include "config.h"

#include <asab-glib/async/asab-accessor.h>

#include <asab-glib/async/asab-accessor-private.h>
#include <asab-glib/async/asab-closure-private.h>
#include <asab-glib/async/asab-lock-private.h>

#include <math.h>

static void
call_setter (gpointer data)
{
  AsabAccessorCall *call = data;
  AsabSetterFunc setter = call->func->func;
  GError *error = NULL;

  if (setter == NULL)
    call->failure = asab_closure_call (call->func->closure, call->self, asab_value_or_unset (call->value), NULL);
  else if (!setter (call->value, call->func->user_data, &error))
    call->failure = asab_future_new_take_error (error != NULL ? error : asab_error_new_callback ());
}

typedef struct
{
  AsabGuardedOp op;
  GValue value;
} Write;

/* Sets the value to @value (nullable). Returns: (transfer full) (nullable): a rejected future, if the setter failed */
static AsabFuture *
write_value (AsabAccessor *self,
             const GValue *value)
{
  AsabAccessorCall call = { .self = self, .func = &self->setter, .value = value };

  if (asab_user_func_is_set (&self->setter))
    {
      asab_main_stack_call (call_setter, &call);
      return call.failure;
    }

  asab_value_clear (&self->value);
  if (value != NULL)
    asab_value_copy (value, &self->value);

  return NULL;
}

/**
 * asab_accessor_set_value:
 * @self: an accessor
 * @value: (nullable): the new value, which is copied; %NULL for nothing
 * @error: return location for an error of the setter
 *
 * Writes the value at once and wakes nobody; it is safe from others only while the caller holds the lock of the
 * condition.
 *
 * Returns: false if the setter failed
 */
gboolean
asab_accessor_set_value (AsabAccessor  *self,
                         const GValue  *value,
                         GError       **error)
{
  g_autoptr(AsabAccessor) kept G_GNUC_UNUSED = NULL;
  g_autoptr(AsabFuture) failure = NULL;

  g_return_val_if_fail (ASAB_IS_ACCESSOR (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (self->write_refusal != NULL)
    {
      g_propagate_error (error, g_error_copy (self->write_refusal));
      return FALSE;
    }

  kept = g_object_ref (self);
  failure = write_value (self, asab_value_or_null (value));
  if (failure != NULL)
    asab_future_get_value (failure, error);

  return failure == NULL;
}

/* Writes with the lock held. Returns: (transfer full) (nullable): a rejected future, if the setter failed */
static AsabFuture *
write_locked (AsabAccessor  *self,
              AsabCondition *condition,
              const GValue  *value)
{
  AsabFuture *failure = write_value (self, asab_value_or_null (value));

  if (failure == NULL)
    asab_wait_queue_wake_all (asab_condition_get_waiters (condition));

  return failure;
}

static gboolean
write_run (AsabGuardedOp *op)
{
  op->failure = write_locked (op->object, op->condition, &((Write *) op)->value);

  return TRUE;
}

static void
write_clear (AsabGuardedOp *op)
{
  asab_value_clear (&((Write *) op)->value);
}

/* Starts writes that were held back, one after the other, as long as somebody waits for them. */
void
asab_accessor_let_writes (AsabAccessor *self)
{
  g_autoptr(AsabAccessor) kept G_GNUC_UNUSED = NULL;

  if (self->lets_writes || self->held_back.first == NULL)
    return;

  kept = g_object_ref (self);
  self->lets_writes = TRUE;
  while (self->let == NULL && self->held_back.first != NULL && asab_accessor_is_waited_for (self))
    asab_guarded_op_let_first (&self->held_back, &self->let);
  self->lets_writes = FALSE;
}

static void
write_settled (AsabGuardedOp *op)
{
  AsabAccessor *self = op->object;

  if (self->let == op)
    {
      self->let = NULL;
      asab_accessor_let_writes (self);
    }
}

static const AsabGuardedOpFuncs write_funcs = { write_run, write_settled, write_clear };

static gpointer
new_write (AsabAccessor *self,
           const GValue *value)
{
  Write *write = asab_guarded_op_new (sizeof (Write), &write_funcs, self, &self->writes, self->condition);

  write->op.calls_out = asab_user_func_is_set (&self->setter);
  if (asab_value_or_null (value) != NULL)
    asab_value_copy (value, &write->value);

  return write;
}

/* Writes when nobody holds the lock, which needs no operation. */
static AsabFuture *
write_now (AsabAccessor *self,
           const GValue *value)
{
  gboolean calls_out = asab_user_func_is_set (&self->setter);
  g_autoptr(AsabAccessor) kept G_GNUC_UNUSED = calls_out ? g_object_ref (self) : NULL;
  AsabLock *lock = asab_condition_get_lock (self->condition);
  AsabFuture *failure;

  asab_lock_take (lock, NULL);
  failure = write_locked (self, self->condition, value);
  asab_lock_release (lock);

  return failure != NULL ? failure : asab_future_new_resolved (NULL);
}

/**
 * asab_accessor_set:
 * @self: an accessor
 * @value: (nullable): the new value, which is copied; %NULL for nothing
 *
 * Writes the value and wakes those who wait for a write.
 *
 * If the setter fails nobody is woken.
 *
 * Returns: (transfer full): a future without a value, rejected with the error of the setter
 */
AsabFuture *
asab_accessor_set (AsabAccessor *self,
                   const GValue *value)
{
  g_return_val_if_fail (ASAB_IS_ACCESSOR (self), NULL);

  if (self->write_refusal != NULL)
    return asab_future_new_rejected (self->write_refusal);
  if (!asab_lock_is_locked (asab_condition_get_lock (self->condition)))
    return write_now (self, value);

  return asab_guarded_op_start (new_write (self, value), INFINITY);
}

/**
 * asab_accessor_set_when_read:
 * @self: an accessor
 * @value: (nullable): the new value, which is copied; %NULL for nothing
 *
 * Waits until somebody waits for a write, and writes the value then.
 *
 * So a write waits for a read instead of a read for a write.
 *
 * Returns: (transfer full): a future without a value, rejected with the error of the setter
 */
AsabFuture *
asab_accessor_set_when_read (AsabAccessor *self,
                             const GValue *value)
{
  AsabFuture *future;

  g_return_val_if_fail (ASAB_IS_ACCESSOR (self), NULL);

  if (self->write_refusal != NULL)
    return asab_future_new_rejected (self->write_refusal);

  future = asab_guarded_op_hold_back (new_write (self, value), &self->held_back);
  asab_accessor_let_writes (self);

  return future;
}
