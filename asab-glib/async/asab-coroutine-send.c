/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A coroutine as a generator: what goes into its body, and what comes out of it, before it ends. */

#include "config.h"

#include <asab-glib/async/asab-coroutine-private.h>

#include <asab-glib/async/asab-fiber-private.h>
#include <asab-glib/core/asab-error.h>

#include <glib/gi18n-lib.h>

/**
 * asab_coroutine_throw:
 * @self: a coroutine
 * @exception: the error to throw, which is copied
 * @error: return location for %ASAB_ERROR_CLOSED, or %G_IO_ERROR_NOT_SUPPORTED if the body is not on a fiber
 *
 * Lets the wait that the body is in, or the next one, fail with @exception, once; the body may deal with it and go on.
 *
 * One that was not started will be rejected with @exception when it is, and its body never runs. An operation of GIO
 * that is under way is waited for.
 *
 * Returns: true if the body will get the error
 */
gboolean
asab_coroutine_throw (AsabCoroutine  *self,
                      const GError   *exception,
                      GError        **error)
{
  AsabCoroutinePrivate *priv;
  AsabFiber *fiber;

  g_return_val_if_fail (ASAB_IS_COROUTINE (self), FALSE);
  g_return_val_if_fail (exception != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  priv = asab_coroutine_get_private (self);
  if (asab_coroutine_has_ended (priv))
    {
      g_set_error_literal (error, ASAB_ERROR, ASAB_ERROR_CLOSED, _("The coroutine has ended"));
      return FALSE;
    }
  if (priv->state == ASAB_COROUTINE_NEW)
    {
      g_clear_error (&priv->thrown);
      priv->thrown = g_error_copy (exception);
      return TRUE;
    }

  fiber = priv->future != NULL ? asab_fiber_lookup (priv->future, asab_context_get_current ()) : NULL;
  if (fiber == NULL)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, _("The body of “%s” is not on a fiber"),
                   asab_coroutine_get_name (self));
      return FALSE;
    }
  asab_fiber_throw (fiber, g_error_copy (exception));

  return TRUE;
}

/**
 * asab_coroutine_send:
 * @self: a coroutine
 * @value: (nullable): what the `asab_coroutine_yield ()` that the body waits in is to give; none for the first time
 *
 * Runs the body to its next `asab_coroutine_yield ()`; starts the coroutine if it was not started yet.
 *
 * Returns: (transfer full): a future of the value that is yielded next; %ASAB_ERROR_CLOSED if the body ends without
 *   one, its error if it fails, %ASAB_ERROR_PENDING if it does not wait for a value,
 *   %G_IO_ERROR_INVALID_ARGUMENT if it was not started and there is a value
 */
AsabFuture *
asab_coroutine_send (AsabCoroutine *self,
                     const GValue  *value)
{
  AsabCoroutinePrivate *priv;

  g_return_val_if_fail (ASAB_IS_COROUTINE (self), NULL);

  priv = asab_coroutine_get_private (self);
  if (asab_coroutine_has_ended (priv))
    return asab_coroutine_refuse (ASAB_ERROR, ASAB_ERROR_CLOSED, _("The coroutine has ended"));

  if (priv->state == ASAB_COROUTINE_NEW)
    {
      g_autoptr(AsabFuture) future = NULL;

      if (value != NULL)
        return asab_coroutine_refuse (G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                                      _("A coroutine that was not started takes no value"));
      future = asab_coroutine_start (self);
    }
  else
    {
      g_autoptr(AsabPromise) answer = g_steal_pointer (&priv->answer);

      if (answer == NULL)
        return asab_coroutine_refuse (ASAB_ERROR, ASAB_ERROR_PENDING, _("The coroutine does not wait for a value"));
      asab_promise_resolve (answer, value);
    }

  priv->asker = asab_promise_new ();

  return asab_future_ref (asab_promise_get_future (priv->asker));
}

/**
 * asab_coroutine_yield: (skip)
 * @self: a coroutine
 * @value: (nullable): the value, for whoever sent the last one
 * @sent: (out caller-allocates) (optional): return location for what is sent, unset before, and after if that is none
 * @error: return location for an error that was thrown, %G_IO_ERROR_CANCELLED, or %ASAB_ERROR_NOT_FIBER outside of the
 *   coroutine's body
 *
 * Gives a value to whoever runs the coroutine by [method@Coroutine.send], and waits to be sent another one.
 *
 * A value that nobody waits for is dropped.
 *
 * Returns: false if the wait failed
 */
gboolean
asab_coroutine_yield (AsabCoroutine  *self,
                      const GValue   *value,
                      GValue         *sent,
                      GError        **error)
{
  g_autoptr(AsabPromise) asker = NULL;
  g_autoptr(AsabFuture) answer = NULL;
  AsabCoroutinePrivate *priv;
  const GValue *got;

  g_return_val_if_fail (ASAB_IS_COROUTINE (self), FALSE);
  g_return_val_if_fail (sent == NULL || G_VALUE_TYPE (sent) == 0, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (!asab_fiber_check_running (error))
    return FALSE;
  priv = asab_coroutine_get_private (self);
  if (asab_fiber_get_future (asab_fiber_get_current ()) != priv->future)
    {
      g_set_error_literal (error, ASAB_ERROR, ASAB_ERROR_NOT_FIBER,
                           _("Only the body of a coroutine can yield"));
      return FALSE;
    }

  asker = g_steal_pointer (&priv->asker);
  priv->answer = asab_promise_new ();
  answer = asab_future_ref (asab_promise_get_future (priv->answer));
  if (asker != NULL)
    asab_promise_resolve (asker, value);

  if (!asab_await (answer, error))
    {
      asab_future_ignore (answer);
      g_clear_pointer (&priv->answer, asab_promise_unref);
      return FALSE;
    }

  got = asab_future_get_value (answer, NULL);
  if (sent != NULL && got != NULL)
    {
      g_value_init (sent, G_VALUE_TYPE (got));
      g_value_copy (got, sent);
    }

  return TRUE;
}
