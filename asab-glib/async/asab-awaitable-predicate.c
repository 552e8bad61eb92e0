/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <asab-glib/async/asab-awaitable-predicate.h>

#include <asab-glib/async/asab-awaitable-predicate-private.h>
#include <asab-glib/async/asab-closure-private.h>
#include <asab-glib/async/asab-guarded-op-private.h>
#include <asab-glib/core/asab-error.h>

#include <glib/gi18n-lib.h>
#include <math.h>

/**
 * AsabAwaitablePredicate:
 *
 * Something that is true or not, and that can be waited for.
 *
 * A function tells what is so now. Whoever waits is answered once the function has returned true; it is asked first
 * when the wait begins, and after each notification of the condition, with the lock held. So whoever changes what the
 * function looks at notifies the condition, for instance by way of [method@AwaitablePredicate.update]; a change that
 * nobody is notified of goes unnoticed until the next notification. Each wait is one of its own: the predicate may
 * become true and false any number of times.
 *
 * In Python it is a boolean and can be awaited, in JavaScript it is a thenable. The semantics are those of
 * `awaitable_predicate` of codestare.async_utils.
 *
 * A predicate belongs to the main context in which it was made. When it is freed, those who wait are rejected with
 * %G_IO_ERROR_CANCELLED.
 *
 * ```c
 * value = 1;
 * g_print ("%s\n", asab_awaitable_predicate_is_true (is_zero, NULL) ? "zero" : "not zero");
 * ```
 */
struct _AsabAwaitablePredicate
{
  GObject parent_instance;

  AsabAwaitablePredicateFunc func; /* (nullable): NULL is a closure … */
  gpointer user_data;              /* … which is here */
  GDestroyNotify destroy;
  AsabCondition *condition;        /* (owned) */
  double timeout;
  gboolean closed;
  AsabGuardedOps waits;
};

G_DEFINE_FINAL_TYPE (AsabAwaitablePredicate, asab_awaitable_predicate, G_TYPE_OBJECT)

typedef enum
{
  PROP_CONDITION = 1,
  PROP_TIMEOUT,
} AsabAwaitablePredicateProperty;

static GParamSpec *props[PROP_TIMEOUT + 1];

static void
asab_awaitable_predicate_finalize (GObject *object)
{
  AsabAwaitablePredicate *self = ASAB_AWAITABLE_PREDICATE (object);

  asab_guarded_ops_reject (&self->waits, asab_error_new_cancelled ("AsabAwaitablePredicate"));
  asab_guarded_ops_clear (&self->waits);
  if (self->destroy != NULL)
    asab_main_stack_call (self->destroy, self->user_data);
  g_object_unref (self->condition);

  G_OBJECT_CLASS (asab_awaitable_predicate_parent_class)->finalize (object);
}

static void
asab_awaitable_predicate_constructed (GObject *object)
{
  AsabAwaitablePredicate *self = ASAB_AWAITABLE_PREDICATE (object);

  if (self->condition == NULL)
    self->condition = asab_condition_new (NULL);

  G_OBJECT_CLASS (asab_awaitable_predicate_parent_class)->constructed (object);
}

static void
asab_awaitable_predicate_get_property (GObject    *object,
                                       guint       prop_id,
                                       GValue     *value,
                                       GParamSpec *pspec)
{
  AsabAwaitablePredicate *self = ASAB_AWAITABLE_PREDICATE (object);

  switch ((AsabAwaitablePredicateProperty) prop_id)
    {
    case PROP_CONDITION:
      g_value_set_object (value, self->condition);
      break;
    case PROP_TIMEOUT:
      g_value_set_double (value, self->timeout);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
asab_awaitable_predicate_set_property (GObject      *object,
                                       guint         prop_id,
                                       const GValue *value,
                                       GParamSpec   *pspec)
{
  AsabAwaitablePredicate *self = ASAB_AWAITABLE_PREDICATE (object);

  switch ((AsabAwaitablePredicateProperty) prop_id)
    {
    case PROP_CONDITION:
      self->condition = g_value_dup_object (value);
      break;
    case PROP_TIMEOUT:
      self->timeout = g_value_get_double (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
asab_awaitable_predicate_class_init (AsabAwaitablePredicateClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = asab_awaitable_predicate_finalize;
  object_class->constructed = asab_awaitable_predicate_constructed;
  object_class->get_property = asab_awaitable_predicate_get_property;
  object_class->set_property = asab_awaitable_predicate_set_property;

  /**
   * AsabAwaitablePredicate:condition: (getter get_condition)
   *
   * The condition that is notified of changes.
   */
  props[PROP_CONDITION] =
    g_param_spec_object ("condition", NULL, NULL, ASAB_TYPE_CONDITION,
                         G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);

  /**
   * AsabAwaitablePredicate:timeout: (getter get_timeout)
   *
   * How many seconds each wait lasts at most; infinity for any time.
   */
  props[PROP_TIMEOUT] =
    g_param_spec_double ("timeout", NULL, NULL, 0, INFINITY, INFINITY,
                         G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);

  g_object_class_install_properties (object_class, G_N_ELEMENTS (props), props);
}

static gboolean
return_false (gpointer   user_data G_GNUC_UNUSED,
              GError   **error G_GNUC_UNUSED)
{
  return FALSE;
}

static void
asab_awaitable_predicate_init (AsabAwaitablePredicate *self)
{
  self->func = return_false;
  asab_guarded_ops_init (&self->waits);
}

static AsabAwaitablePredicate *
create (AsabAwaitablePredicateFunc   func,
        gpointer                     user_data,
        GDestroyNotify               destroy,
        AsabCondition               *condition,
        double                       timeout,
        GError                     **error)
{
  AsabAwaitablePredicate *self;

  if (!asab_timeout_check_seconds (timeout, error))
    {
      if (destroy != NULL)
        destroy (user_data);
      return NULL;
    }

  self = g_object_new (ASAB_TYPE_AWAITABLE_PREDICATE, "condition", condition, "timeout", timeout, NULL);
  self->func = func;
  self->user_data = user_data;
  self->destroy = destroy;

  return self;
}

/**
 * asab_awaitable_predicate_new:
 * @func: (scope notified) (closure user_data) (destroy destroy): tells what is so
 * @user_data: data for @func
 * @destroy: (nullable): called with @user_data when the predicate is freed
 * @condition: (nullable): what is notified of changes, %NULL for a condition of its own
 * @timeout: how many seconds each wait lasts at most, infinity for any time
 * @error: return location for %G_IO_ERROR_INVALID_ARGUMENT if @timeout is no duration
 *
 * Creates a predicate.
 *
 * Returns: (transfer full): a new predicate, %NULL with @error
 */
AsabAwaitablePredicate *
asab_awaitable_predicate_new (AsabAwaitablePredicateFunc   func,
                              gpointer                     user_data,
                              GDestroyNotify               destroy,
                              AsabCondition               *condition,
                              double                       timeout,
                              GError                     **error)
{
  g_return_val_if_fail (func != NULL, NULL);
  g_return_val_if_fail (condition == NULL || ASAB_IS_CONDITION (condition), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return create (func, user_data, destroy, condition, timeout, error);
}

/**
 * asab_awaitable_predicate_new_closure:
 * @closure: takes the predicate, returns a future of a boolean that is there already
 * @condition: (nullable): what is notified of changes, %NULL for a condition of its own
 * @timeout: how many seconds each wait lasts at most, infinity for any time
 * @error: return location for %G_IO_ERROR_INVALID_ARGUMENT if @timeout is no duration
 *
 * As [ctor@AwaitablePredicate.new] with a closure, for language bindings: an exception that it raises arrives at those
 * who wait as it was raised.
 *
 * Returns: (transfer full): a new predicate, %NULL with @error
 */
AsabAwaitablePredicate *
asab_awaitable_predicate_new_closure (GClosure       *closure,
                                      AsabCondition  *condition,
                                      double          timeout,
                                      GError        **error)
{
  g_return_val_if_fail (closure != NULL, NULL);
  g_return_val_if_fail (condition == NULL || ASAB_IS_CONDITION (condition), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return create (NULL, asab_closure_take (closure), (GDestroyNotify) g_closure_unref, condition, timeout, error);
}

/**
 * asab_awaitable_predicate_get_condition: (get-property condition)
 * @self: a predicate
 *
 * Gets the condition that is notified of changes.
 *
 * Returns: (transfer none): the condition
 */
AsabCondition *
asab_awaitable_predicate_get_condition (AsabAwaitablePredicate *self)
{
  g_return_val_if_fail (ASAB_IS_AWAITABLE_PREDICATE (self), NULL);

  return self->condition;
}

/**
 * asab_awaitable_predicate_get_timeout: (get-property timeout)
 * @self: a predicate
 *
 * Gets how many seconds each wait lasts at most.
 *
 * Returns: the duration, infinity for any time
 */
double
asab_awaitable_predicate_get_timeout (AsabAwaitablePredicate *self)
{
  g_return_val_if_fail (ASAB_IS_AWAITABLE_PREDICATE (self), 0);

  return self->timeout;
}

typedef struct
{
  AsabAwaitablePredicate *self;
  gboolean is_true;
  AsabFuture *failure; /* (owned) (nullable) */
} Evaluation;

static void
evaluate_cb (gpointer data)
{
  Evaluation *evaluation = data;
  AsabAwaitablePredicate *self = evaluation->self;
  GError *error = NULL;

  if (self->func == NULL)
    {
      evaluation->failure = asab_closure_test (self->user_data, self, NULL, &evaluation->is_true);
      return;
    }

  evaluation->is_true = self->func (self->user_data, &error);
  if (error != NULL)
    evaluation->failure = asab_future_new_take_error (error);
}

/* Asks the function. Returns: (transfer full) (nullable): a rejected future, if it failed */
static AsabFuture *
evaluate (AsabAwaitablePredicate *self,
          gboolean               *is_true)
{
  Evaluation evaluation = { self, FALSE, NULL };

  asab_main_stack_call (evaluate_cb, &evaluation);
  *is_true = evaluation.is_true && evaluation.failure == NULL;

  return evaluation.failure;
}

/**
 * asab_awaitable_predicate_is_true:
 * @self: a predicate
 * @error: return location for an error of the function
 *
 * Tells whether the predicate is true now; the lock is not taken for that.
 *
 * Returns: true if so; false with @error if the function has failed
 */
gboolean
asab_awaitable_predicate_is_true (AsabAwaitablePredicate  *self,
                                  GError                 **error)
{
  g_autoptr(AsabAwaitablePredicate) kept G_GNUC_UNUSED = NULL;
  g_autoptr(AsabFuture) failure = NULL;
  gboolean is_true;

  g_return_val_if_fail (ASAB_IS_AWAITABLE_PREDICATE (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  kept = g_object_ref (self);
  if (self->closed)
    return FALSE;
  failure = evaluate (self, &is_true);
  if (failure != NULL)
    asab_future_get_value (failure, error);

  return is_true;
}

static gboolean
wait_run (AsabGuardedOp *op)
{
  gboolean is_true;

  op->failure = evaluate (op->object, &is_true);

  return is_true || op->failure != NULL;
}

static const AsabGuardedOpFuncs wait_funcs = { .run = wait_run };

/**
 * asab_awaitable_predicate_wait:
 * @self: a predicate
 *
 * Waits until the predicate is true, which it may be already.
 *
 * Returns: (transfer full): a future without a value, rejected with the error of the function, or with
 *   %G_IO_ERROR_TIMED_OUT
 */
AsabFuture *
asab_awaitable_predicate_wait (AsabAwaitablePredicate *self)
{
  AsabGuardedOp *op;

  g_return_val_if_fail (ASAB_IS_AWAITABLE_PREDICATE (self), NULL);

  if (self->closed)
    return asab_future_new_take_error (g_error_new_literal (ASAB_ERROR, ASAB_ERROR_CLOSED,
                                                            _("What the predicate is about is gone")));

  op = asab_guarded_op_new (sizeof (AsabGuardedOp), &wait_funcs, self, &self->waits, self->condition);
  op->calls_out = TRUE;

  return asab_guarded_op_start (op, self->timeout);
}

/**
 * asab_awaitable_predicate_update:
 * @self: a predicate
 * @mutator: (scope notified) (closure user_data) (destroy destroy): changes what the predicate is about
 * @user_data: data for @mutator
 * @destroy: (nullable): called with @user_data afterwards
 *
 * Takes the lock, calls @mutator, and lets those who wait look whether the predicate has become true.
 *
 * Returns: (transfer full): a future without a value
 */
AsabFuture *
asab_awaitable_predicate_update (AsabAwaitablePredicate *self,
                                 AsabMutatorFunc         mutator,
                                 gpointer                user_data,
                                 GDestroyNotify          destroy)
{
  g_return_val_if_fail (ASAB_IS_AWAITABLE_PREDICATE (self), NULL);

  return asab_condition_update (self->condition, mutator, user_data, destroy);
}

/* Ends a predicate whose owner goes: it is never true again. */
void
asab_awaitable_predicate_close (AsabAwaitablePredicate *self)
{
  self->closed = TRUE;
  asab_guarded_ops_reject (&self->waits, asab_error_new_cancelled ("AsabAwaitablePredicate"));
}
