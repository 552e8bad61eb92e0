/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* From the start of a client to its stop, and waiting for it to be connected. */

#include "config.h"

#include "asab-stream-client-private.h"

#include "asab-address-private.h"
#include "asab-protocol-private.h"

#include <asab-glib/async/asab-future-set.h>
#include <asab-glib/core/asab-error.h>

#include <glib/gi18n-lib.h>

/**
 * asab_stream_client_start:
 * @self: a client
 * @error: return location for an error
 *
 * Begins to connect. That nobody answers is no error: the client tries again.
 *
 * Returns: true if the client is running
 */
gboolean
asab_stream_client_start (AsabStreamClient  *self,
                          GError           **error)
{
  g_autoptr(GSocketConnectable) peer = NULL;

  g_return_val_if_fail (ASAB_IS_STREAM_CLIENT (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (self->state != ASAB_CLIENT_STOPPED)
    {
      g_set_error_literal (error, ASAB_ERROR, ASAB_ERROR_ALREADY_STARTED, _("The client is running already"));
      return FALSE;
    }

  peer = asab_address_parse_peer (self->address != NULL ? self->address : "", 0, error);
  if (peer == NULL)
    return FALSE;

  asab_stream_client_begin (self);

  return TRUE;
}

/* Tells those who wait for a connection that there will be none. */
void
asab_stream_client_fail_waiting (AsabStreamClient *self)
{
  g_autoptr(AsabPromise) connected = g_steal_pointer (&self->connected);

  if (connected != NULL)
    asab_promise_reject_literal (connected, ASAB_ERROR, ASAB_ERROR_CLOSED, _("The client was stopped"));
}

static void
drain_cb (AsabTimeout *timeout)
{
  AsabStreamClient *self = (AsabStreamClient *) ((guint8 *) timeout - G_STRUCT_OFFSET (AsabStreamClient, drain));
  g_autoptr(AsabDispatcher) channel = g_object_ref (self->channel);

  g_message ("“%s”: The connection did not come to an end", self->address);
  asab_dispatcher_close (channel);
}

void
asab_stream_client_init_run (AsabStreamClient *self)
{
  self->drain.func = drain_cb;
}

/* The channel has come to its end. */
void
asab_stream_client_finish_stopping (AsabStreamClient *self)
{
  g_autoptr(AsabPromise) stopped = g_steal_pointer (&self->stopped);

  asab_timeout_stop (&self->drain, self->context);
  self->state = ASAB_CLIENT_STOPPED;
  asab_promise_resolve (stopped, NULL);
  g_object_unref (self);
}

/* Has the channel come to its end; until then the client stays. */
static AsabFuture *
drain (AsabStreamClient *self)
{
  g_autoptr(AsabDispatcher) channel = g_object_ref (self->channel);
  AsabFuture *future;

  self->state = ASAB_CLIENT_STOPPING;
  self->stopped = asab_promise_new ();
  future = asab_future_ref (asab_promise_get_future (self->stopped));
  g_object_ref (self);
  asab_timeout_start (&self->drain, self->context, self->stop_timeout);
  asab_stream_client_forget_attempt (self);
  asab_protocol_dismiss (channel);

  return future;
}

/**
 * asab_stream_client_stop:
 * @self: a client
 *
 * Stops connecting, or has the connection come to its end: an [class@AsyncChat] sends what it has to send, others are
 * closed. What has not ended within [property@StreamClient:stop-timeout] is closed too. Who waits for a connection gets
 * the error %ASAB_ERROR_CLOSED.
 *
 * Returns: (transfer full): a future without a value, resolved when there is no connection
 */
AsabFuture *
asab_stream_client_stop (AsabStreamClient *self)
{
  g_return_val_if_fail (ASAB_IS_STREAM_CLIENT (self), NULL);

  asab_stream_client_fail_waiting (self);
  if (self->stopped != NULL)
    return asab_future_ref (asab_promise_get_future (self->stopped));
  if (self->channel != NULL && asab_dispatcher_is_connected (self->channel))
    return drain (self);

  asab_stream_client_give_up (self);

  return asab_future_new_resolved (NULL);
}

/**
 * asab_stream_client_is_running:
 * @self: a client
 *
 * Tells whether the client is connected, or tries to be.
 *
 * Returns: true if it was started, and not stopped
 */
gboolean
asab_stream_client_is_running (AsabStreamClient *self)
{
  g_return_val_if_fail (ASAB_IS_STREAM_CLIENT (self), FALSE);

  return self->state != ASAB_CLIENT_STOPPED && self->state != ASAB_CLIENT_STOPPING;
}

/**
 * asab_stream_client_wait_connected:
 * @self: a client
 *
 * Waits until there is a connection; also of a client that is yet to be started.
 *
 * Returns: (transfer full): a future of the [class@Dispatcher] that is connected, rejected with %ASAB_ERROR_CLOSED when
 *   the client is stopped before
 */
AsabFuture *
asab_stream_client_wait_connected (AsabStreamClient *self)
{
  g_autoptr(AsabPromise) promise = NULL;

  g_return_val_if_fail (ASAB_IS_STREAM_CLIENT (self), NULL);

  if (self->is_connected && self->state == ASAB_CLIENT_CONNECTED)
    {
      promise = asab_promise_new ();
      asab_promise_resolve_object (promise, G_OBJECT (self->channel));
      return asab_future_ref (asab_promise_get_future (promise));
    }

  /* Who gives up waiting shall not give up for others. */
  if (self->connected == NULL)
    self->connected = asab_promise_new ();

  return asab_future_shield (asab_promise_get_future (self->connected));
}
