/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The connection of a client, which is made again whenever it is lost.
 *
 *     begin → waiting ⇄ connecting → connected
 *                ↑──────────────────────┘ the channel has closed
 *
 * The first attempt is made after no delay at all, and thus always by the main loop, whoever starts the client. Each
 * attempt has a channel of its own, whose owner the client is: what happens is told by the channel, and by the future
 * of the attempt if there was no socket yet.
 */

#include "config.h"

#include "asab-stream-client-private.h"

#include "asab-address-private.h"
#include "asab-protocol-private.h"

#include <asab-glib/async/asab-fiber.h>

#include <glib/gi18n-lib.h>
#include <math.h>

static AsabStreamClient *
get_client (AsabDispatcherOwner *owner)
{
  return (AsabStreamClient *) ((guint8 *) owner - G_STRUCT_OFFSET (AsabStreamClient, owner));
}

/* Attempts */

/* How long to wait for the next attempt: twice as long as the last time, less a share that is left to chance, so that
 * the clients of a server do not come back all at once. */
static double
get_delay (AsabStreamClient *self)
{
  double delay = ldexp (self->min_delay, (int) MIN (self->n_failures, 1000));

  return MIN (delay, self->max_delay) * (1 - self->jitter * g_random_double ());
}

/* There is no connection, for the reason that @message tells; there will be another attempt. */
static void
retry_later (AsabStreamClient *self,
             const char       *message)
{
  double delay = get_delay (self);

  if (self->is_outage)
    g_debug ("%s; next attempt in %.3g s", message, delay);
  else
    g_warning ("%s; next attempt in %.3g s", message, delay);

  self->is_outage = TRUE;
  self->n_failures++;
  self->state = ASAB_CLIENT_WAITING;
  asab_timeout_start (&self->retry, self->context, delay);
}

void
asab_stream_client_forget_attempt (AsabStreamClient *self)
{
  if (self->attempt == NULL)
    return;

  asab_future_disconnect (self->attempt, self->attempt_id);
  asab_future_cancel (self->attempt);
  g_clear_pointer (&self->attempt, asab_future_unref);
}

/* Lets the channel go, at once if it is still open. */
static void
drop_channel (AsabStreamClient *self)
{
  g_autoptr(AsabDispatcher) channel = g_steal_pointer (&self->channel);

  asab_stream_client_forget_attempt (self);
  asab_timeout_stop (&self->idle, self->context);
  g_clear_error (&self->loss);
  self->is_connected = FALSE;
  if (channel == NULL)
    return;

  asab_dispatcher_get_private (channel)->owner = NULL;
  asab_dispatcher_close (channel);
}

static void
attempt_done_cb (AsabFuture *attempt,
                 gpointer    user_data)
{
  AsabStreamClient *self = user_data;
  g_autoptr(GError) error = asab_future_dup_error (attempt);

  g_clear_pointer (&self->attempt, asab_future_unref);
  if (error == NULL)
    return; /* the channel tells */

  drop_channel (self);
  retry_later (self, error->message);
}

static AsabDispatcher *
make_channel (AsabStreamClient  *self,
              GError           **error)
{
  g_autoptr(AsabDispatcher) channel = NULL;

  if (self->factory == NULL)
    return g_object_new (self->protocol, "map", self->map, NULL);

  channel = self->factory (self, self->factory_data, error);

  return asab_protocol_check_made (channel, error) ? g_steal_pointer (&channel) : NULL;
}

/* Has the channel shake hands as soon as it has a connection. */
static gboolean
start_tls (AsabStreamClient  *self,
           AsabDispatcher    *channel,
           GError           **error)
{
  g_autoptr(GSocketConnectable) peer = NULL;
  const char *identity = self->server_identity;

  peer = asab_address_parse_peer (self->address, 0, error);
  if (peer == NULL)
    return FALSE;
  if (identity == NULL && G_IS_NETWORK_ADDRESS (peer))
    identity = g_network_address_get_hostname (G_NETWORK_ADDRESS (peer));
  if (asab_dispatcher_start_tls_client (channel, self->tls, identity, error))
    return TRUE;

  g_prefix_error (error, "“%s”: ", self->address);

  return FALSE;
}

static void
retry_cb (AsabTimeout *timeout)
{
  g_autoptr(AsabStreamClient) self =
    g_object_ref ((AsabStreamClient *) ((guint8 *) timeout - G_STRUCT_OFFSET (AsabStreamClient, retry)));
  g_autoptr(GError) error = NULL;
  g_autoptr(AsabDispatcher) channel = make_channel (self, &error);

  if (self->state != ASAB_CLIENT_WAITING || asab_timeout_is_started (timeout))
    return; /* the factory has stopped the client, or started it again */
  if (channel == NULL)
    {
      retry_later (self, error->message);
      return;
    }

  if (self->tls != NULL && !start_tls (self, channel, &error))
    {
      retry_later (self, error->message);
      return;
    }

  self->state = ASAB_CLIENT_CONNECTING;
  self->channel = g_steal_pointer (&channel);
  asab_dispatcher_get_private (self->channel)->owner = &self->owner;
  self->attempt = asab_dispatcher_connect_to_host (self->channel, self->address, 0, self->connect_timeout);
  self->attempt_id = asab_future_when_done (self->attempt, attempt_done_cb, self, NULL);
}

/* Idle time */

static void
schedule_idle (AsabStreamClient *self)
{
  if (self->idle_timeout > 0)
    asab_timeout_start_at (&self->idle, self->context,
                           self->last_event + (gint64) (self->idle_timeout * G_USEC_PER_SEC));
}

static void
idle_cb (AsabTimeout *timeout)
{
  AsabStreamClient *self = (AsabStreamClient *) ((guint8 *) timeout - G_STRUCT_OFFSET (AsabStreamClient, idle));
  gint64 idle = asab_context_get_time (self->context) - self->last_event;
  g_autoptr(AsabDispatcher) channel = NULL;

  /* The property may be another one than when this was scheduled. */
  if (self->idle_timeout <= 0 || idle < (gint64) (self->idle_timeout * G_USEC_PER_SEC))
    {
      schedule_idle (self);
      return;
    }

  g_clear_error (&self->loss);
  g_set_error (&self->loss, G_IO_ERROR, G_IO_ERROR_TIMED_OUT, _("Nothing happened within %g seconds"),
               self->idle_timeout);
  channel = g_object_ref (self->channel);
  asab_dispatcher_hang_up (channel);
  asab_dispatcher_close (channel); /* in case it has other ideas */
}

/* What the channel tells */

static void
channel_active (AsabDispatcherOwner *owner,
                AsabDispatcher      *channel G_GNUC_UNUSED)
{
  AsabStreamClient *self = get_client (owner);

  if (self->idle_timeout > 0)
    self->last_event = asab_context_get_quick_time (self->context);
}

static void
emit_connected (gpointer self)
{
  asab_stream_client_emit_connected (self);
}

static void
channel_connected (AsabDispatcherOwner *owner,
                   AsabDispatcher      *channel)
{
  g_autoptr(AsabStreamClient) self = g_object_ref (get_client (owner));
  g_autoptr(AsabPromise) promise = NULL;

  if (self->state != ASAB_CLIENT_CONNECTING)
    return; /* the channel has stopped the client, or has changed to TLS */

  if (self->is_outage)
    g_message ("“%s”: Connected", self->address);
  self->is_outage = FALSE;
  self->is_connected = TRUE;
  self->state = ASAB_CLIENT_CONNECTED;
  promise = g_steal_pointer (&self->connected);
  self->connected_since = self->last_event = asab_context_get_time (self->context);
  schedule_idle (self);
  if (promise != NULL)
    asab_promise_resolve_object (promise, G_OBJECT (channel));
  asab_main_stack_call (emit_connected, self);
}

static void
channel_failed (AsabDispatcherOwner *owner,
                AsabDispatcher      *channel G_GNUC_UNUSED,
                const GError        *error)
{
  AsabStreamClient *self = get_client (owner);

  if (self->loss == NULL)
    self->loss = g_error_copy (error);
}

typedef struct
{
  AsabStreamClient *client;
  const GError *error; /* (nullable) */
} Disconnection;

static void
emit_disconnected (gpointer data)
{
  Disconnection *disconnection = data;

  asab_stream_client_emit_disconnected (disconnection->client, disconnection->error);
}

/* Delays grow also when a peer takes connections, but not for long. */
static gboolean
has_lasted (AsabStreamClient *self)
{
  gint64 duration = asab_context_get_time (self->context) - self->connected_since;

  return self->is_connected && (double) duration >= self->max_delay * G_USEC_PER_SEC;
}

static void
channel_closed (AsabDispatcherOwner *owner,
                AsabDispatcher      *channel G_GNUC_UNUSED)
{
  g_autoptr(AsabStreamClient) self = g_object_ref (get_client (owner));
  g_autoptr(GError) error = g_steal_pointer (&self->loss);
  gboolean was_connected = self->is_connected;

  if (has_lasted (self))
    self->n_failures = 0;
  drop_channel (self);
  if (self->state == ASAB_CLIENT_STOPPING)
    asab_stream_client_finish_stopping (self);
  else
    {
      const char *reason = error != NULL ? error->message : _("The connection was closed");
      g_autofree char *message = g_strdup_printf ("“%s”: %s", self->address, reason);

      retry_later (self, message);
    }

  if (was_connected)
    asab_main_stack_call (emit_disconnected, &(Disconnection) { self, error });
}

static const AsabDispatcherOwnerFuncs owner_funcs = {
  .active = channel_active,
  .connected = channel_connected,
  .failed = channel_failed,
  .closed = channel_closed,
};

/* What the client asks */

void
asab_stream_client_init_connection (AsabStreamClient *self)
{
  self->owner.funcs = &owner_funcs;
  self->retry.func = retry_cb;
  self->idle.func = idle_cb;
}

/* Begins to connect, and to stay connected. */
void
asab_stream_client_begin (AsabStreamClient *self)
{
  self->n_failures = 0;
  self->is_outage = FALSE;
  self->state = ASAB_CLIENT_WAITING;
  asab_timeout_start (&self->retry, self->context, 0);
}

/* Ends what is under way, without asking the channel. */
void
asab_stream_client_give_up (AsabStreamClient *self)
{
  asab_timeout_stop (&self->retry, self->context);
  drop_channel (self);
  self->state = ASAB_CLIENT_STOPPED;
}
