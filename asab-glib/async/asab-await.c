/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* How a fiber waits: for a future, for a time, for its next turn. */

#include "config.h"

#include <asab-glib/async/asab-fiber.h>

#include <asab-glib/async/asab-fiber-private.h>
#include <asab-glib/core/asab-error.h>

#include <glib/gi18n-lib.h>

/* On the stack of the fiber that waits. */
typedef struct
{
  AsabFutureWaiter waiter;
  AsabFiber *fiber;
  AsabFuture *future;
} Await;

static void
await_wake (AsabFutureWaiter *waiter)
{
  asab_fiber_wake (((Await *) waiter)->fiber);
}

static gboolean
await_withdraw (gpointer wait)
{
  Await *self = wait;

  return asab_future_remove_waiter (self->future, &self->waiter);
}

/* Tells whether @self would wait for itself if it waited for @future; appends the names on the way to @chain, if there
 * is one. */
static gboolean
would_deadlock (AsabFiber  *self,
                AsabFuture *future,
                GString    *chain)
{
  AsabFiber *fiber = asab_fiber_lookup (future, self->context);

  for (; fiber != NULL; fiber = fiber->awaited != NULL ? asab_fiber_lookup (fiber->awaited, self->context) : NULL)
    {
      if (chain != NULL)
        g_string_append_printf (chain, " → %s", fiber->name);
      if (fiber == self)
        return TRUE;
    }

  return FALSE;
}

static gboolean
check_deadlock (AsabFiber   *self,
                AsabFuture  *future,
                GError     **error)
{
  g_autoptr(GString) chain = NULL;

  if (G_LIKELY (future->extra == NULL || !would_deadlock (self, future, NULL)))
    return TRUE;

  chain = g_string_new (self->name);
  would_deadlock (self, future, chain);
  g_set_error (error, ASAB_ERROR, ASAB_ERROR_DEADLOCK, _("The fiber would wait for itself: %s"), chain->str);

  return FALSE;
}

/* Waits until @future, of which the caller has a reference, is done; an error of the future is none of the wait. */
gboolean
asab_fiber_await_done (AsabFuture  *future,
                       GError     **error)
{
  AsabFiber *self = asab_fiber_get_current ();
  Await await = { .waiter.wake = await_wake, .fiber = self, .future = future };
  gboolean completed;

  if ((asab_future_get_state (future) & FUTURE_COMPLETED) != 0)
    return TRUE;
  if (!asab_fiber_check_running (error) || asab_fiber_set_cancelled (self, error) ||
      !check_deadlock (self, future, error))
    return FALSE;

  if (!asab_future_add_waiter (future, &await.waiter))
    return TRUE;

  self->awaited = future;
  completed = asab_fiber_suspend (self, "a future", await_withdraw, &await, error);
  self->awaited = NULL;

  return completed;
}

/* The temporary futures of the waits before are not needed any more, unless @future (nullable) is one of them. */
static void
drop_old_temps (AsabFuture *future)
{
  AsabFiber *self = asab_fiber_get_current ();
  GPtrArray *temps;

  if (G_LIKELY (self == NULL || self->temps == NULL || self->temps->len == 0))
    return;

  temps = self->temps;
  for (guint i = temps->len; i > 0; i--)
    if (temps->pdata[i - 1] != future)
      g_ptr_array_remove_index_fast (temps, i - 1);
}

/* Waits until @future is resolved; others may drop it meanwhile. Returns: (transfer full) (nullable): @future */
static AsabFuture *
await_done (AsabFuture  *future,
            GError     **error)
{
  g_autoptr(AsabFuture) done = NULL;

  g_return_val_if_fail (future != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  done = asab_future_ref (future);
  drop_old_temps (future);
  if (!asab_fiber_await_done (done, error))
    {
      /* Nobody may be given a lock for a wait that was cancelled. */
      drop_old_temps (NULL);
      return NULL;
    }
  if (asab_future_is_resolved (done))
    return g_steal_pointer (&done);

  asab_future_get_value (done, error);

  return NULL;
}

/**
 * asab_fiber_take_temp: (skip)
 * @future: (transfer full): a future
 *
 * Hands a future to the running fiber, which drops it when the wait for it was cancelled, when the fiber waits for
 * another one, or when it ends; see `ASAB_TEMP ()`.
 *
 * Returns: (transfer none): @future
 */
AsabFuture *
asab_fiber_take_temp (AsabFuture *future)
{
  AsabFiber *self = asab_fiber_get_current ();

  g_return_val_if_fail (future != NULL, NULL);
  g_return_val_if_fail (self != NULL, future);

  if (self->temps == NULL)
    self->temps = g_ptr_array_new_with_free_func ((GDestroyNotify) asab_future_unref);
  g_ptr_array_add (self->temps, future);

  return future;
}

/**
 * asab_await: (skip)
 * @future: a future
 * @error: return location for the error of the future, %G_IO_ERROR_CANCELLED, %ASAB_ERROR_NOT_FIBER or
 *   %ASAB_ERROR_DEADLOCK
 *
 * Lets the running fiber wait until @future is done.
 *
 * A future that is done is not waited for, also outside of fibers and when the fiber was cancelled. When the fiber is
 * cancelled while it waits, the wait ends and @future goes on: it may be somebody else's too.
 *
 * Returns: true if the future is resolved
 */
gboolean
asab_await (AsabFuture  *future,
            GError     **error)
{
  g_autoptr(AsabFuture) done = await_done (future, error);

  return done != NULL;
}

/**
 * asab_await_value: (skip)
 * @future: a future
 * @error: return location for an error, as of `asab_await ()`
 *
 * Waits for a future and gets its value.
 *
 * Returns: (transfer none) (nullable): the value, as long as there is a reference on @future; %NULL without @error if
 *   there is none
 */
const GValue *
asab_await_value (AsabFuture  *future,
                  GError     **error)
{
  return asab_await (future, error) ? asab_future_get_value (future, NULL) : NULL;
}

/**
 * asab_await_boolean: (skip)
 * @future: a future
 * @error: return location for an error, as of `asab_await ()`
 *
 * Waits for a future that holds a boolean.
 *
 * Returns: the value, false with @error
 */
gboolean
asab_await_boolean (AsabFuture  *future,
                    GError     **error)
{
  g_autoptr(AsabFuture) done = await_done (future, error);

  return done != NULL && asab_future_get_boolean (done, error);
}

/**
 * asab_await_int64: (skip)
 * @future: a future
 * @error: return location for an error, as of `asab_await ()`
 *
 * Waits for a future that holds an integer.
 *
 * Returns: the value, 0 with @error
 */
gint64
asab_await_int64 (AsabFuture  *future,
                  GError     **error)
{
  g_autoptr(AsabFuture) done = await_done (future, error);

  return done != NULL ? asab_future_get_int64 (done, error) : 0;
}

/**
 * asab_await_double: (skip)
 * @future: a future
 * @error: return location for an error, as of `asab_await ()`
 *
 * Waits for a future that holds a number.
 *
 * Returns: the value, 0 with @error
 */
double
asab_await_double (AsabFuture  *future,
                   GError     **error)
{
  g_autoptr(AsabFuture) done = await_done (future, error);

  return done != NULL ? asab_future_get_double (done, error) : 0;
}

/**
 * asab_await_string: (skip)
 * @future: a future
 * @error: return location for an error, as of `asab_await ()`
 *
 * Waits for a future that holds a string.
 *
 * Returns: (transfer full) (nullable): the value, %NULL with @error
 */
char *
asab_await_string (AsabFuture  *future,
                   GError     **error)
{
  g_autoptr(AsabFuture) done = await_done (future, error);

  return done != NULL ? asab_future_dup_string (done, error) : NULL;
}

/**
 * asab_await_object: (skip)
 * @future: a future
 * @error: return location for an error, as of `asab_await ()`
 *
 * Waits for a future that holds an object.
 *
 * Returns: (transfer full) (nullable): the value, %NULL with @error
 */
gpointer
asab_await_object (AsabFuture  *future,
                   GError     **error)
{
  g_autoptr(AsabFuture) done = await_done (future, error);

  return done != NULL ? asab_future_dup_object (done, error) : NULL;
}

/**
 * asab_await_boxed: (skip)
 * @future: a future
 * @type: the boxed type
 * @error: return location for an error, as of `asab_await ()`
 *
 * Waits for a future that holds a boxed value of @type.
 *
 * Returns: (transfer full) (nullable): the value, %NULL with @error
 */
gpointer
asab_await_boxed (AsabFuture  *future,
                  GType        type,
                  GError     **error)
{
  g_autoptr(AsabFuture) done = await_done (future, error);

  return done != NULL ? asab_future_dup_boxed (done, type, error) : NULL;
}

/**
 * asab_await_variant: (skip)
 * @future: a future
 * @error: return location for an error, as of `asab_await ()`
 *
 * Waits for a future that holds a variant.
 *
 * Returns: (transfer full) (nullable): the value, %NULL with @error
 */
GVariant *
asab_await_variant (AsabFuture  *future,
                    GError     **error)
{
  g_autoptr(AsabFuture) done = await_done (future, error);

  return done != NULL ? asab_future_dup_variant (done, error) : NULL;
}

/**
 * asab_fiber_yield: (skip)
 * @error: return location for %G_IO_ERROR_CANCELLED or %ASAB_ERROR_NOT_FIBER
 *
 * Lets everything else that is ready run first.
 *
 * Returns: false if the fiber was cancelled
 */
gboolean
asab_fiber_yield (GError **error)
{
  AsabFiber *self = asab_fiber_get_current ();

  if (!asab_fiber_check_running (error))
    return FALSE;

  asab_fiber_wake (self);
  asab_fiber_suspend (self, "its turn", NULL, NULL, NULL);

  return !asab_fiber_set_cancelled (self, error);
}

typedef struct
{
  AsabTimeout timeout;
  AsabFiber *fiber;
} Sleep;

static void
sleep_cb (AsabTimeout *timeout)
{
  asab_fiber_wake (((Sleep *) timeout)->fiber);
}

static gboolean
sleep_withdraw (gpointer wait)
{
  Sleep *self = wait;

  if (!asab_timeout_is_started (&self->timeout))
    return FALSE;
  asab_timeout_stop (&self->timeout, self->fiber->context);

  return TRUE;
}

/**
 * asab_fiber_sleep: (skip)
 * @seconds: how long, zero or more; infinity until the fiber is cancelled
 * @error: return location for %G_IO_ERROR_CANCELLED, %G_IO_ERROR_INVALID_ARGUMENT or %ASAB_ERROR_NOT_FIBER
 *
 * Lets the running fiber wait for a time.
 *
 * Returns: false if the fiber was cancelled
 */
gboolean
asab_fiber_sleep (double    seconds,
                  GError  **error)
{
  Sleep self = { .timeout.func = sleep_cb, .fiber = asab_fiber_get_current () };

  if (!asab_fiber_check_running (error) || !asab_timeout_check_seconds (seconds, error) ||
      asab_fiber_set_cancelled (self.fiber, error))
    return FALSE;

  asab_timeout_start (&self.timeout, self.fiber->context, seconds);

  return asab_fiber_suspend (self.fiber, "a time", sleep_withdraw, &self, error);
}
