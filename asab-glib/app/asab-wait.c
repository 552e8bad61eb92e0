/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * How the fiber of an application waits for what users write: never without a limit, and so that a stop can interrupt
 * it. Functions of the user are called on the main stack, and their futures dropped and cancelled there: all of this
 * may run code of an interpreter.
 */

#include "config.h"

#include "asab-wait-private.h"

#include <asab-glib/async/asab-fiber.h>
#include <asab-glib/async/asab-future-set.h>
#include <asab-glib/core/asab-clock.h>

typedef struct
{
  AsabWaitFunc func;
  gpointer data;
  AsabFuture *future;
} Call;

static void
call_func (gpointer data)
{
  Call *call = data;

  call->future = call->func (call->data);
}

static void
drop_future (gpointer data)
{
  asab_future_unref (data);
}

static void
abandon_future (gpointer data)
{
  asab_future_ignore (data);
  asab_future_cancel (data);
  asab_future_unref (data);
}

/*
 * asab_wait_begin:
 * @self: a wait
 * @seconds: how long the phase may take
 *
 * Sets the deadline.
 */
void
asab_wait_begin (AsabWait *self,
                 double    seconds)
{
  self->deadline = asab_get_time () + (gint64) (seconds * G_USEC_PER_SEC);
}

/*
 * asab_wait_get_left:
 * @self: a wait
 *
 * Returns: the seconds before the deadline, not less than 0
 */
double
asab_wait_get_left (AsabWait *self)
{
  return MAX (0, (double) (self->deadline - asab_get_time ()) / G_USEC_PER_SEC);
}

/*
 * asab_wait_future:
 * @self: a wait
 * @future: a future
 * @seconds: how long to wait at most
 * @hangs: (out): whether it is @future that goes on: because the time was over, or the wait was interrupted
 * @error: return location for an error
 *
 * Waits for @future.
 *
 * Returns: true if @future was resolved
 */
gboolean
asab_wait_future (AsabWait    *self,
                  AsabFuture  *future,
                  double       seconds,
                  gboolean    *hangs,
                  GError     **error)
{
  g_autoptr(AsabFuture) limited = NULL;
  gboolean succeeded;

  *hangs = FALSE;
  if (asab_future_is_done (future))
    return asab_await (future, error);

  limited = asab_future_with_timeout (future, seconds, FALSE);
  self->current = limited;
  succeeded = asab_await (limited, error);
  self->current = NULL;

  *hangs = !succeeded && !asab_future_is_done (future);

  return succeeded;
}

/*
 * asab_wait_call:
 * @self: a wait
 * @func: a function
 * @data: data for @func
 * @seconds: how long to wait at most
 * @hangs: (out): whether what @func began goes on
 * @error: return location for an error
 *
 * Calls @func and waits for the future that it returns. What hangs is cancelled and left behind.
 *
 * Returns: true if the future was resolved, or if there was none
 */
gboolean
asab_wait_call (AsabWait      *self,
                AsabWaitFunc   func,
                gpointer       data,
                double         seconds,
                gboolean      *hangs,
                GError       **error)
{
  Call call = { func, data, NULL };
  gboolean succeeded;

  *hangs = FALSE;
  asab_main_stack_call (call_func, &call);
  if (call.future == NULL)
    return TRUE;

  succeeded = asab_wait_future (self, call.future, seconds, hangs, error);
  asab_main_stack_call (*hangs ? abandon_future : drop_future, call.future);

  return succeeded;
}

/*
 * asab_wait_interrupt:
 * @self: a wait
 *
 * Lets what waits just now fail, as if its time were over.
 */
void
asab_wait_interrupt (AsabWait *self)
{
  if (self->current != NULL)
    asab_future_cancel (self->current);
}
