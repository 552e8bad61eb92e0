/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <asab-glib/async/asab-promise.h>

#include <asab-glib/async/asab-future-private.h>
#include <asab-glib/core/asab-error.h>

#include <glib/gi18n-lib.h>

/**
 * AsabPromise:
 *
 * The producer's side of an [struct@Future].
 *
 * Whoever holds the promise completes the future, once, from any thread: the functions that do return whether they took
 * effect. When the last reference on a promise is dropped before that, its future is rejected with
 * %ASAB_ERROR_BROKEN_PROMISE, so that nobody waits for ever.
 */

G_DEFINE_BOXED_TYPE (AsabPromise, asab_promise, asab_promise_ref, asab_promise_unref)

/**
 * asab_promise_new:
 *
 * Creates a promise and its future, which is pending.
 *
 * Returns: (transfer full): a new promise
 */
AsabPromise *
(asab_promise_new) (void)
{
  return asab_promise_new_at (NULL);
}

/**
 * asab_promise_new_at: (skip)
 * @site: (nullable): `file:line` of the caller, a string that stays
 *
 * Creates a promise whose future knows where it was made.
 *
 * Returns: (transfer full): a new promise
 */
AsabPromise *
asab_promise_new_at (const char *site)
{
  AsabFuture *future = asab_future_new_pending (site);

  future->n_producers = 1;

  return asab_future_as_promise (future);
}

/**
 * asab_promise_ref:
 * @self: a promise
 *
 * Takes a reference on the promise, as one more producer; from any thread.
 *
 * Returns: (transfer full): @self
 */
AsabPromise *
asab_promise_ref (AsabPromise *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  g_atomic_int_inc (&asab_promise_as_future (self)->n_producers);

  return self;
}

/**
 * asab_promise_unref:
 * @self: (transfer full): a promise
 *
 * Drops a reference on the promise; from any thread.
 *
 * With the last one a pending future is rejected with %ASAB_ERROR_BROKEN_PROMISE.
 */
void
asab_promise_unref (AsabPromise *self)
{
  AsabFuture *future = asab_promise_as_future (self);

  g_return_if_fail (self != NULL);

  if (g_atomic_int_get (&future->n_producers) != 1 && !g_atomic_int_dec_and_test (&future->n_producers))
    return;

  if (G_UNLIKELY ((asab_future_get_state (future) & FUTURE_COMPLETED) == 0))
    {
      /* An error that nobody can look at is none. */
      if (!asab_future_has_consumers (future))
        asab_future_observe (future);
      asab_future_complete (future, NULL,
                            g_error_new_literal (ASAB_ERROR, ASAB_ERROR_BROKEN_PROMISE,
                                                 _("The promise was dropped without a result")),
                            NULL);
    }

  asab_future_unref (future);
}

/**
 * asab_promise_get_future:
 * @self: a promise
 *
 * Gets the future that the promise completes.
 *
 * Returns: (transfer none): the future
 */
AsabFuture *
asab_promise_get_future (AsabPromise *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return asab_promise_as_future (self);
}

/**
 * asab_promise_get_cancellable:
 * @self: a promise
 *
 * Gets a cancellable that is cancelled when somebody cancels the future; from any thread.
 *
 * Returns: (transfer none): the cancellable
 */
GCancellable *
asab_promise_get_cancellable (AsabPromise *self)
{
  AsabFuture *future = asab_promise_as_future (self);
  AsabFutureExtra *extra;

  g_return_val_if_fail (self != NULL, NULL);

  asab_future_lock (future);
  extra = asab_future_ensure_extra (future);
  if (extra->cancellable == NULL)
    {
      extra->cancellable = g_cancellable_new ();
      if ((future->state & FUTURE_CANCELLED) != 0)
        g_cancellable_cancel (extra->cancellable);
    }
  asab_future_unlock (future);

  return extra->cancellable;
}

/**
 * asab_promise_defer_cancel:
 * @self: a promise
 *
 * Lets the future be pending after it was cancelled, until the producer completes it: so that who waits for it waits
 * until what was cancelled has ended.
 *
 * Cancelling then cancels [method@Promise.get_cancellable] and no more. A future that was cancelled before stays
 * rejected.
 */
void
asab_promise_defer_cancel (AsabPromise *self)
{
  AsabFuture *future = asab_promise_as_future (self);

  g_return_if_fail (self != NULL);

  asab_promise_get_cancellable (self);
  asab_future_lock (future);
  future->extra->defers_cancel = TRUE;
  asab_future_unlock (future);
}

/* Makes asab_future_cancel() call @func instead of rejecting the future. @func is called in the cancelling thread with
 * the future locked, and @data has to be valid until the future is completed. */
void
asab_promise_set_cancel_func (AsabPromise    *self,
                              AsabCancelFunc  func,
                              gpointer        data)
{
  AsabFuture *future = asab_promise_as_future (self);
  AsabFutureExtra *extra;

  asab_future_lock (future);
  extra = asab_future_ensure_extra (future);
  extra->cancel = func;
  extra->cancel_data = data;
  asab_future_unlock (future);
}

/**
 * asab_promise_resolve:
 * @self: a promise
 * @value: (nullable): the value, which is copied; %NULL for none
 *
 * Completes the future with a value.
 *
 * Returns: true if the future was pending
 */
gboolean
asab_promise_resolve (AsabPromise  *self,
                      const GValue *value)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return asab_future_complete (asab_promise_as_future (self), value, NULL, NULL);
}

/**
 * asab_promise_resolve_boolean:
 * @self: a promise
 * @value: the value
 *
 * Completes the future with a boolean.
 *
 * Returns: true if the future was pending
 */
gboolean
asab_promise_resolve_boolean (AsabPromise *self,
                              gboolean     value)
{
  GValue boxed = G_VALUE_INIT;

  g_value_init (&boxed, G_TYPE_BOOLEAN);
  g_value_set_boolean (&boxed, value);

  return asab_promise_resolve (self, &boxed);
}

/**
 * asab_promise_resolve_int64:
 * @self: a promise
 * @value: the value
 *
 * Completes the future with an integer.
 *
 * Returns: true if the future was pending
 */
gboolean
asab_promise_resolve_int64 (AsabPromise *self,
                            gint64       value)
{
  GValue boxed = G_VALUE_INIT;

  g_value_init (&boxed, G_TYPE_INT64);
  g_value_set_int64 (&boxed, value);

  return asab_promise_resolve (self, &boxed);
}

/**
 * asab_promise_resolve_double:
 * @self: a promise
 * @value: the value
 *
 * Completes the future with a floating-point number.
 *
 * Returns: true if the future was pending
 */
gboolean
asab_promise_resolve_double (AsabPromise *self,
                             double       value)
{
  GValue boxed = G_VALUE_INIT;

  g_value_init (&boxed, G_TYPE_DOUBLE);
  g_value_set_double (&boxed, value);

  return asab_promise_resolve (self, &boxed);
}

/**
 * asab_promise_resolve_string:
 * @self: a promise
 * @value: (nullable): the value, which is copied
 *
 * Completes the future with a string.
 *
 * Returns: true if the future was pending
 */
gboolean
asab_promise_resolve_string (AsabPromise *self,
                             const char  *value)
{
  GValue boxed = G_VALUE_INIT;

  /* The copy is made by the future. */
  g_value_init (&boxed, G_TYPE_STRING);
  g_value_set_static_string (&boxed, value);

  return asab_promise_resolve (self, &boxed);
}

/**
 * asab_promise_resolve_object:
 * @self: a promise
 * @value: (nullable): the value, of which the future takes a reference
 *
 * Completes the future with an object.
 *
 * Returns: true if the future was pending
 */
gboolean
asab_promise_resolve_object (AsabPromise *self,
                             GObject     *value)
{
  g_auto(GValue) boxed = G_VALUE_INIT;

  g_value_init (&boxed, value != NULL ? G_OBJECT_TYPE (value) : G_TYPE_OBJECT);
  g_value_set_object (&boxed, value);

  return asab_promise_resolve (self, &boxed);
}

/**
 * asab_promise_resolve_variant:
 * @self: a promise
 * @value: (nullable): the value; a floating reference is taken
 *
 * Completes the future with a variant.
 *
 * Returns: true if the future was pending
 */
gboolean
asab_promise_resolve_variant (AsabPromise *self,
                              GVariant    *value)
{
  g_auto(GValue) boxed = G_VALUE_INIT;

  g_value_init (&boxed, G_TYPE_VARIANT);
  g_value_set_variant (&boxed, value);

  return asab_promise_resolve (self, &boxed);
}

/**
 * asab_promise_take_boxed: (skip)
 * @self: a promise
 * @type: a boxed type
 * @value: (transfer full) (nullable): the value
 *
 * Completes the future with a boxed value, which is taken.
 *
 * Returns: true if the future was pending
 */
gboolean
asab_promise_take_boxed (AsabPromise *self,
                         GType        type,
                         gpointer     value)
{
  g_auto(GValue) boxed = G_VALUE_INIT;

  g_return_val_if_fail (G_TYPE_IS_BOXED (type), FALSE);

  g_value_init (&boxed, type);
  g_value_take_boxed (&boxed, value);

  return asab_promise_resolve (self, &boxed);
}

/**
 * asab_promise_reject:
 * @self: a promise
 * @error: the error, which is copied
 *
 * Completes the future with an error.
 *
 * Returns: true if the future was pending
 */
gboolean
asab_promise_reject (AsabPromise  *self,
                     const GError *error)
{
  g_return_val_if_fail (error != NULL, FALSE);

  return asab_promise_take_error (self, g_error_copy (error));
}

/**
 * asab_promise_take_error: (skip)
 * @self: a promise
 * @error: (transfer full) (nullable): the error; %NULL is a callback that failed without one
 *
 * Completes the future with an error, which is taken.
 *
 * Returns: true if the future was pending
 */
gboolean
asab_promise_take_error (AsabPromise *self,
                         GError      *error)
{
  g_return_val_if_fail (self != NULL, FALSE);

  if (error == NULL)
    error = asab_error_new_callback ();

  return asab_future_complete (asab_promise_as_future (self), NULL, error, NULL);
}

/**
 * asab_promise_reject_literal:
 * @self: a promise
 * @domain: the domain of the error
 * @code: the code of the error
 * @message: the message of the error
 *
 * Completes the future with an error.
 *
 * Returns: true if the future was pending
 */
gboolean
asab_promise_reject_literal (AsabPromise *self,
                             GQuark       domain,
                             int          code,
                             const char  *message)
{
  return asab_promise_take_error (self, g_error_new_literal (domain, code, message));
}

/**
 * asab_promise_reject_with_exception:
 * @self: a promise
 * @error: the error, which is copied
 * @exception: (nullable): the exception of the language in which it was raised
 *
 * Completes the future with an error and with the exception behind it, so that it arrives as it was raised at a
 * consumer that speaks the same language.
 *
 * Returns: true if the future was pending
 */
gboolean
asab_promise_reject_with_exception (AsabPromise  *self,
                                    const GError *error,
                                    const GValue *exception)
{
  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (error != NULL, FALSE);

  return asab_future_complete (asab_promise_as_future (self), NULL, g_error_copy (error), exception);
}

/* Completes @promise as @self, which is done, was completed. */
void
asab_future_copy_outcome (AsabFuture  *self,
                          AsabPromise *promise)
{
  asab_future_observe (self);
  asab_future_complete (asab_promise_as_future (promise), &self->value,
                        self->error != NULL ? g_error_copy (self->error) : NULL, &self->value);
}

static void
follow_cb (AsabFuture *future,
           gpointer    user_data)
{
  asab_future_copy_outcome (future, user_data);
}

/**
 * asab_promise_follow:
 * @self: a promise
 * @future: a future
 *
 * Completes the future of the promise as @future is completed.
 *
 * A promise that follows its own future is rejected with %ASAB_ERROR_DEADLOCK.
 *
 * Returns: true if the future was pending
 */
gboolean
asab_promise_follow (AsabPromise *self,
                     AsabFuture  *future)
{
  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (future != NULL, FALSE);

  if (future == asab_promise_as_future (self))
    return asab_promise_reject_literal (self, ASAB_ERROR, ASAB_ERROR_DEADLOCK,
                                        _("A promise cannot follow its own future"));
  if (asab_future_is_done (asab_promise_as_future (self)))
    return FALSE;

  asab_future_when_done (future, follow_cb, asab_promise_ref (self), (GDestroyNotify) asab_promise_unref);

  return TRUE;
}
