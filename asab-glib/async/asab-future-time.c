/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Futures that have to do with time, or with who may end them. */

#include "config.h"

#include <asab-glib/async/asab-future-set.h>

#include <asab-glib/async/asab-future-private.h>
#include <asab-glib/async/asab-timeout-private.h>

#include <glib/gi18n-lib.h>

/* A promise that is completed by a timeout, if not by what it waits for before. */
typedef struct
{
  AsabTimeout timeout;
  AsabContext *context;   /* kept alive by a reference on its GMainContext */
  AsabPromise *promise;   /* (owned) */
  AsabFuture *source;     /* (owned) (nullable): what it waits for; NULL in a sleep */
  guint source_id;        /* of its callback */
  double seconds;
  gboolean cancel_source;
} Wait;

static void
wait_free (gpointer data)
{
  Wait *self = data;

  asab_timeout_stop (&self->timeout, self->context);
  g_clear_pointer (&self->source, asab_future_unref);
  asab_promise_unref (self->promise);
  g_main_context_unref (self->context->context);
  g_free (self);
}

static void
time_over_cb (AsabTimeout *timeout)
{
  Wait *self = (Wait *) timeout;

  if (self->source == NULL)
    {
      asab_promise_resolve (self->promise, NULL);
      return;
    }

  asab_promise_take_error (self->promise,
                           g_error_new (G_IO_ERROR, G_IO_ERROR_TIMED_OUT, _("Nothing happened within %g seconds"),
                                        self->seconds));
  if (self->cancel_source)
    asab_future_cancel (self->source);
}

/* The future is done, by whomever: by the timeout, by its source, or cancelled. */
static void
own_done_cb (AsabFuture *own G_GNUC_UNUSED,
             gpointer    user_data)
{
  Wait *self = user_data;

  if (self->source != NULL)
    asab_future_disconnect (self->source, self->source_id);
}

static void
source_done_cb (AsabFuture *source,
                gpointer    user_data)
{
  asab_future_copy_outcome (source, ((Wait *) user_data)->promise);
}

static AsabFuture *
wait_for (AsabFuture *source,
          double      seconds,
          gboolean    cancel_source)
{
  AsabFuture *future;
  Wait *self = g_new0 (Wait, 1);

  self->timeout.func = time_over_cb;
  self->context = asab_context_get_current ();
  g_main_context_ref (self->context->context);
  self->promise = asab_promise_new ();
  self->seconds = seconds;
  self->cancel_source = cancel_source;
  future = asab_future_ref (asab_promise_get_future (self->promise));

  asab_timeout_start (&self->timeout, self->context, seconds);
  if (source != NULL)
    {
      asab_future_observe (source);
      self->source = asab_future_ref (source);
      self->source_id = asab_future_when_done (source, source_done_cb, self, NULL);
    }
  asab_future_when_done (future, own_done_cb, self, wait_free);

  return future;
}

/**
 * asab_sleep:
 * @seconds: how long, zero or more; infinity until it is cancelled
 *
 * Waits for a time.
 *
 * Returns: (transfer full): a future without a value, rejected with %G_IO_ERROR_INVALID_ARGUMENT if @seconds is no
 *   duration
 */
AsabFuture *
asab_sleep (double seconds)
{
  GError *error = NULL;

  if (!asab_timeout_check_seconds (seconds, &error))
    return asab_future_new_take_error (error);

  return wait_for (NULL, seconds, FALSE);
}

/**
 * asab_future_with_timeout:
 * @self: a future
 * @seconds: how long to wait, zero or more; infinity without end
 * @cancel_source: whether to cancel @self when the time is over
 *
 * Waits for a future, but not longer than a time.
 *
 * Returns: (transfer full): a future with the outcome of @self, or of %G_IO_ERROR_TIMED_OUT; of
 *   %G_IO_ERROR_INVALID_ARGUMENT if @seconds is no duration
 */
AsabFuture *
asab_future_with_timeout (AsabFuture *self,
                          double      seconds,
                          gboolean    cancel_source)
{
  GError *error = NULL;

  g_return_val_if_fail (self != NULL, NULL);

  if (!asab_timeout_check_seconds (seconds, &error))
    return asab_future_new_take_error (error);

  return wait_for (self, seconds, cancel_source);
}

/**
 * asab_future_shield:
 * @self: a future
 *
 * Gives a future with the outcome of @self, on which others cannot cancel @self.
 *
 * Returns: (transfer full): a new future
 */
AsabFuture *
asab_future_shield (AsabFuture *self)
{
  g_autoptr(AsabPromise) promise = NULL;

  g_return_val_if_fail (self != NULL, NULL);

  promise = asab_promise_new ();
  asab_promise_follow (promise, self);

  return asab_future_ref (asab_promise_get_future (promise));
}
