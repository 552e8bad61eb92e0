/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Reads of accessors. */

#include "config.h"

#include <asab-glib/async/asab-accessor.h>

#include <asab-glib/async/asab-accessor-private.h>
#include <asab-glib/async/asab-closure-private.h>

#include <math.h>

static void
call_getter (gpointer data)
{
  AsabAccessorCall *call = data;
  AsabGetterFunc getter = call->func->func;
  GError *error = NULL;

  if (getter == NULL)
    call->failure = asab_closure_call (call->func->closure, call->self, NULL, call->result);
  else if (!getter (call->result, call->func->user_data, &error))
    call->failure = asab_future_new_take_error (error != NULL ? error : asab_error_new_callback ());
}

static void
call_predicate (gpointer data)
{
  AsabAccessorCall *call = data;
  AsabValuePredicateFunc predicate = call->func->func;
  GError *error = NULL;

  if (predicate == NULL)
    {
      call->failure = asab_closure_test (call->func->closure, call->self, asab_value_or_unset (call->value),
                                         &call->matches);
      return;
    }

  call->matches = predicate (call->value, call->func->user_data, &error);
  if (error != NULL)
    call->failure = asab_future_new_take_error (error);
}

/* Sets @value, which is unset, to the value as it is now. Returns: (transfer full) (nullable): a rejected future, if
 * the getter failed */
AsabFuture *
asab_accessor_read (AsabAccessor *self,
                    GValue       *value)
{
  AsabAccessorCall call = { .self = self, .func = &self->getter, .result = value };

  if (asab_user_func_is_set (&self->getter))
    asab_main_stack_call (call_getter, &call);
  else if (G_VALUE_TYPE (&self->value) != 0)
    asab_value_copy (&self->value, value);

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
  AsabAccessorCall call = {
    .self = read->op.object,
    .func = &read->predicate,
    .value = asab_value_or_null (&read->op.value),
  };

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
      if (!op->calls_out)
        {
          op->lent_value = asab_value_or_null (&self->value);
          return TRUE;
        }
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
  asab_accessor_let_writes (self);
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
