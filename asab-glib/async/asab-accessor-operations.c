/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Reads and writes of accessors. */

#include "config.h"

#include <asab-glib/async/asab-accessor.h>

#include <asab-glib/async/asab-accessor-private.h>
#include <asab-glib/async/asab-closure-private.h>

#include <math.h>

/* What holds nothing is NULL; JavaScript makes a pointer of its null. */
static const GValue *
value_or_null (const GValue *value)
{
  if (value == NULL || G_VALUE_TYPE (value) == 0 ||
      (G_VALUE_HOLDS_POINTER (value) && g_value_get_pointer (value) == NULL))
    return NULL;

  return value;
}

static const GValue *
value_or_unset (const GValue *value)
{
  static const GValue unset = G_VALUE_INIT;

  return value != NULL ? value : &unset;
}

/* A call of a function of the user on the native stack. */
typedef struct
{
  AsabAccessor *self;
  const AsabUserFunc *func;
  GValue *result;      /* of a getter */
  const GValue *value; /* (nullable): for a setter or a predicate */
  gboolean matches;
  AsabFuture *failure; /* (owned) (nullable): a rejected future */
} Call;

static void
call_getter (gpointer data)
{
  Call *call = data;
  AsabGetterFunc getter = call->func->func;
  GError *error = NULL;

  if (getter == NULL)
    call->failure = asab_closure_call (call->func->closure, call->self, NULL, call->result);
  else if (!getter (call->result, call->func->user_data, &error))
    call->failure = asab_future_new_take_error (error != NULL ? error : asab_error_new_callback ());
}

static void
call_setter (gpointer data)
{
  Call *call = data;
  AsabSetterFunc setter = call->func->func;
  GError *error = NULL;

  if (setter == NULL)
    call->failure = asab_closure_call (call->func->closure, call->self, value_or_unset (call->value), NULL);
  else if (!setter (call->value, call->func->user_data, &error))
    call->failure = asab_future_new_take_error (error != NULL ? error : asab_error_new_callback ());
}

static void
call_predicate (gpointer data)
{
  Call *call = data;
  AsabValuePredicateFunc predicate = call->func->func;
  GError *error = NULL;

  if (predicate == NULL)
    {
      call->failure = asab_closure_test (call->func->closure, call->self, value_or_unset (call->value), &call->matches);
      return;
    }

  call->matches = predicate (call->value, call->func->user_data, &error);
  if (error != NULL)
    call->failure = asab_future_new_take_error (error);
}

/* Takes a reference on @closure (nullable). */
AsabUserFunc
asab_user_func_from_closure (GClosure *closure)
{
  if (closure == NULL)
    return (AsabUserFunc) { .func = NULL };

  return (AsabUserFunc) { .closure = closure,
                          .user_data = asab_closure_take (closure),
                          .destroy = (GDestroyNotify) g_closure_unref };
}

static void
copy_value (const GValue *from,
            GValue       *to)
{
  g_value_init (to, G_VALUE_TYPE (from));
  g_value_copy (from, to);
}

/* Sets @value, which is unset, to the value as it is now. Returns: (transfer full) (nullable): a rejected future, if
 * the getter failed */
AsabFuture *
asab_accessor_read (AsabAccessor *self,
                    GValue       *value)
{
  Call call = { .self = self, .func = &self->getter, .result = value };

  if (asab_user_func_is_set (&self->getter))
    asab_main_stack_call (call_getter, &call);
  else if (G_VALUE_TYPE (&self->value) != 0)
    copy_value (&self->value, value);

  return call.failure;
}

/* Tells whether somebody waits for a write. */
gboolean
asab_accessor_is_waited_for (AsabAccessor *self)
{
  for (AsabGuardedOp *op = self->reads.first; op != NULL; op = op->next)
    if (asab_guarded_op_is_waiting (op))
      return TRUE;

  return FALSE;
}

/* Writes */

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
  Call call = { .self = self, .func = &self->setter, .value = value };

  if (asab_user_func_is_set (&self->setter))
    {
      asab_main_stack_call (call_setter, &call);
      return call.failure;
    }

  asab_value_clear (&self->value);
  if (value != NULL)
    copy_value (value, &self->value);

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
  failure = write_value (self, value_or_null (value));
  if (failure != NULL)
    asab_future_get_value (failure, error);

  return failure == NULL;
}

static gboolean
write_run (AsabGuardedOp *op)
{
  op->failure = write_value (op->object, value_or_null (&((Write *) op)->value));
  if (op->failure == NULL)
    asab_wait_queue_wake_all (asab_condition_get_waiters (op->condition));

  return TRUE;
}

static void
write_clear (AsabGuardedOp *op)
{
  asab_value_clear (&((Write *) op)->value);
}

/* Starts writes that were held back, one after the other, as long as somebody waits for them. */
static void
let_writes (AsabAccessor *self)
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
      let_writes (self);
    }
}

static const AsabGuardedOpFuncs write_funcs = { write_run, write_settled, write_clear };

static gpointer
new_write (AsabAccessor *self,
           const GValue *value)
{
  Write *write = asab_guarded_op_new (sizeof (Write), &write_funcs, self, &self->writes, self->condition);

  write->op.calls_out = asab_user_func_is_set (&self->setter);
  if (value_or_null (value) != NULL)
    copy_value (value, &write->value);

  return write;
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
  let_writes (self);

  return future;
}

/* Reads */

typedef struct
{
  AsabGuardedOp op;
  AsabUserFunc predicate;
  AsabWaitForWrite wait_for_write;
  gboolean was_notified;
} Read;

/* Tells whether the value, which @op is set to, is what the reader waits for. */
static gboolean
matches (Read *read)
{
  Call call = { .self = read->op.object, .func = &read->predicate, .value = value_or_null (&read->op.value) };

  asab_main_stack_call (call_predicate, &call);
  read->op.failure = call.failure;

  return call.matches || call.failure != NULL;
}

static gboolean
read_run (AsabGuardedOp *op)
{
  Read *read = (Read *) op;
  AsabAccessor *self = op->object;
  gboolean has_predicate = asab_user_func_is_set (&read->predicate);
  AsabWaitForWrite by_default = has_predicate ? ASAB_WAIT_FOR_WRITE_NO : ASAB_WAIT_FOR_WRITE_YES;
  AsabWaitForWrite wait = read->wait_for_write == ASAB_WAIT_FOR_WRITE_DEFAULT ? by_default : read->wait_for_write;

  if (read->was_notified || wait == ASAB_WAIT_FOR_WRITE_NO)
    {
      op->failure = asab_accessor_read (self, &op->value);
      if (op->failure != NULL || !has_predicate || matches (read))
        return TRUE;
      asab_value_clear (&op->value);
    }

  read->was_notified = TRUE;

  return FALSE;
}

static void
read_clear (AsabGuardedOp *op)
{
  asab_user_func_clear (&((Read *) op)->predicate);
}

/* Lets those go on who wait for a read. */
static void
read_settled (AsabGuardedOp *op)
{
  AsabAccessor *self = op->object;

  if (!asab_guarded_op_is_waiting (op))
    return;

  if (self->has_waiting_read != NULL)
    {
      AsabCondition *condition = asab_awaitable_predicate_get_condition (self->has_waiting_read);

      asab_wait_queue_wake_all (asab_condition_get_waiters (condition));
    }
  let_writes (self);
}

static const AsabGuardedOpFuncs read_funcs = { read_run, read_settled, read_clear };

static AsabFuture *
start_read (AsabAccessor     *self,
            AsabUserFunc      predicate,
            AsabWaitForWrite  wait_for_write)
{
  Read *read;

  if (self->read_refusal != NULL)
    {
      asab_user_func_clear (&predicate);
      return asab_future_new_rejected (self->read_refusal);
    }

  read = asab_guarded_op_new (sizeof (Read), &read_funcs, self, &self->reads, self->condition);
  read->op.calls_out = asab_user_func_is_set (&self->getter) || asab_user_func_is_set (&predicate);
  read->predicate = predicate;
  read->wait_for_write = wait_for_write;

  return asab_guarded_op_start (&read->op, INFINITY);
}

/**
 * asab_accessor_get:
 * @self: an accessor
 *
 * Waits for the next write, and reads the value then.
 *
 * Returns: (transfer full): a future of the value, rejected with the error of the getter
 */
AsabFuture *
asab_accessor_get (AsabAccessor *self)
{
  g_return_val_if_fail (ASAB_IS_ACCESSOR (self), NULL);

  return start_read (self, (AsabUserFunc) { .func = NULL }, ASAB_WAIT_FOR_WRITE_DEFAULT);
}

/**
 * asab_accessor_get_matching:
 * @self: an accessor
 * @predicate: (nullable) (scope notified) (closure user_data) (destroy destroy): tells which value to wait for
 * @user_data: data for @predicate
 * @destroy: (nullable): called with @user_data when the read is over
 * @wait_for_write: whether to wait for a write in any case
 *
 * Reads the value when it is as @predicate wants it, or without waiting for anything.
 *
 * | @predicate | @wait_for_write | reads                                          |
 * |------------|-----------------|------------------------------------------------|
 * | none       | default, yes    | after the next write                           |
 * | none       | no              | at once                                        |
 * | given      | default, no     | as soon as it is true, which may be so already |
 * | given      | yes             | as soon as it is true after a write            |
 *
 * Returns: (transfer full): a future of the value, rejected with the error of the getter or of @predicate
 */
AsabFuture *
asab_accessor_get_matching (AsabAccessor           *self,
                            AsabValuePredicateFunc  predicate,
                            gpointer                user_data,
                            GDestroyNotify          destroy,
                            AsabWaitForWrite        wait_for_write)
{
  g_return_val_if_fail (ASAB_IS_ACCESSOR (self), NULL);

  return start_read (self, (AsabUserFunc) { predicate, NULL, user_data, destroy }, wait_for_write);
}

/**
 * asab_accessor_get_matching_closure:
 * @self: an accessor
 * @predicate: takes the accessor and a value, returns a future of a boolean that is there already
 * @wait_for_write: whether to wait for a write in any case
 *
 * As [method@Accessor.get_matching] with a closure, for language bindings: an exception that it raises arrives at the
 * reader as it was raised.
 *
 * Returns: (transfer full): a future of the value, rejected with the error of the getter or of @predicate
 */
AsabFuture *
asab_accessor_get_matching_closure (AsabAccessor     *self,
                                    GClosure         *predicate,
                                    AsabWaitForWrite  wait_for_write)
{
  g_return_val_if_fail (ASAB_IS_ACCESSOR (self), NULL);
  g_return_val_if_fail (predicate != NULL, NULL);

  return start_read (self, asab_user_func_from_closure (predicate), wait_for_write);
}
