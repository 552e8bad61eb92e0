/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "asab-stream-client-private.h"

#include "asab-address-private.h"
#include "asab-protocol-private.h"

#include <asab-glib/async/asab-future-set.h>
#include <asab-glib/core/asab-error.h>

#include <glib/gi18n-lib.h>

#define DEFAULT_CONNECT_TIMEOUT 10
#define DEFAULT_MIN_DELAY 0.5
#define DEFAULT_MAX_DELAY 60
#define DEFAULT_JITTER 0.3
#define DEFAULT_STOP_TIMEOUT 5

/**
 * AsabStreamClient:
 *
 * Connects to a server, and connects again when the connection is lost.
 *
 * For each attempt a channel is made, of a type or by a function, as [class@StreamServer] makes them for its clients;
 * mostly it is derived from [class@AsyncChat]. Its `handle_connect` is called when the connection stands. What is to be
 * done on each connection, such as to log in, belongs there. What was pushed to a channel may be lost with it, so what
 * has to arrive is kept until the server has said that it has.
 *
 * After a failure the client waits before it tries again: for [property@StreamClient:min-delay], and twice as long
 * after each further failure, up to [property@StreamClient:max-delay], less a share that is left to chance. It waits
 * shortly again after a connection that stood for the longest of these delays. An outage is logged as a warning when it
 * begins, with the reason, and as a message when it ends; other failures are logged for debugging.
 *
 * A client works from [method@StreamClient.start] to [method@StreamClient.stop], as long as somebody holds it. It takes
 * address and times from its properties when it needs them. It belongs to the thread that made it, and its
 * thread-default main context.
 */
G_DEFINE_FINAL_TYPE (AsabStreamClient, asab_stream_client, G_TYPE_OBJECT)

typedef enum
{
  PROP_PROTOCOL = 1,
  PROP_ADDRESS,
  PROP_CONNECT_TIMEOUT,
  PROP_MIN_DELAY,
  PROP_MAX_DELAY,
  PROP_JITTER,
  PROP_IDLE_TIMEOUT,
  PROP_STOP_TIMEOUT,
  PROP_CHANNEL,
} AsabStreamClientProperty;

static GParamSpec *props[PROP_CHANNEL + 1];

typedef enum
{
  SIGNAL_CONNECTED,
  SIGNAL_DISCONNECTED,
} AsabStreamClientSignal;

static guint signals[SIGNAL_DISCONNECTED + 1];

/* Starting and stopping */

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

static void
fail_waiting (AsabStreamClient *self)
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

  fail_waiting (self);
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

/* The connection */

/**
 * asab_stream_client_is_connected:
 * @self: a client
 *
 * Tells whether there is a connection.
 *
 * Returns: true if it is connected
 */
gboolean
asab_stream_client_is_connected (AsabStreamClient *self)
{
  g_return_val_if_fail (ASAB_IS_STREAM_CLIENT (self), FALSE);

  return self->is_connected;
}

/**
 * asab_stream_client_dup_channel: (get-property channel)
 * @self: a client
 *
 * Gets the channel of the connection.
 *
 * Returns: (transfer full) (nullable): the channel, %NULL if there is no connection
 */
AsabDispatcher *
asab_stream_client_dup_channel (AsabStreamClient *self)
{
  g_return_val_if_fail (ASAB_IS_STREAM_CLIENT (self), NULL);

  return self->is_connected ? g_object_ref (self->channel) : NULL;
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

void
asab_stream_client_emit_connected (AsabStreamClient *self)
{
  g_autoptr(AsabDispatcher) channel = g_object_ref (self->channel);

  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_CHANNEL]);
  g_signal_emit (self, signals[SIGNAL_CONNECTED], 0, channel);
}

void
asab_stream_client_emit_disconnected (AsabStreamClient *self,
                                      const GError     *error)
{
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_CHANNEL]);
  g_signal_emit (self, signals[SIGNAL_DISCONNECTED], 0, error);
}

/* Life */

static void
asab_stream_client_dispose (GObject *object)
{
  AsabStreamClient *self = ASAB_STREAM_CLIENT (object);

  asab_stream_client_give_up (self);
  fail_waiting (self);
  g_clear_object (&self->map);

  G_OBJECT_CLASS (asab_stream_client_parent_class)->dispose (object);
}

static void
asab_stream_client_finalize (GObject *object)
{
  AsabStreamClient *self = ASAB_STREAM_CLIENT (object);

  if (self->factory_destroy != NULL)
    self->factory_destroy (self->factory_data);
  g_free (self->address);
  g_main_context_unref (self->context->context);

  G_OBJECT_CLASS (asab_stream_client_parent_class)->finalize (object);
}

static void
asab_stream_client_get_property (GObject    *object,
                                 guint       prop_id,
                                 GValue     *value,
                                 GParamSpec *pspec)
{
  AsabStreamClient *self = ASAB_STREAM_CLIENT (object);

  switch ((AsabStreamClientProperty) prop_id)
    {
    case PROP_PROTOCOL:
      g_value_set_gtype (value, self->protocol);
      break;
    case PROP_ADDRESS:
      g_value_set_string (value, self->address);
      break;
    case PROP_CONNECT_TIMEOUT:
      g_value_set_double (value, self->connect_timeout);
      break;
    case PROP_MIN_DELAY:
      g_value_set_double (value, self->min_delay);
      break;
    case PROP_MAX_DELAY:
      g_value_set_double (value, self->max_delay);
      break;
    case PROP_JITTER:
      g_value_set_double (value, self->jitter);
      break;
    case PROP_IDLE_TIMEOUT:
      g_value_set_double (value, self->idle_timeout);
      break;
    case PROP_STOP_TIMEOUT:
      g_value_set_double (value, self->stop_timeout);
      break;
    case PROP_CHANNEL:
      g_value_take_object (value, asab_stream_client_dup_channel (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
asab_stream_client_set_property (GObject      *object,
                                 guint         prop_id,
                                 const GValue *value,
                                 GParamSpec   *pspec)
{
  AsabStreamClient *self = ASAB_STREAM_CLIENT (object);

  switch ((AsabStreamClientProperty) prop_id)
    {
    case PROP_PROTOCOL:
      self->protocol = g_value_get_gtype (value);
      break;
    case PROP_ADDRESS:
      g_free (self->address);
      self->address = g_value_dup_string (value);
      break;
    case PROP_CONNECT_TIMEOUT:
      self->connect_timeout = g_value_get_double (value);
      break;
    case PROP_MIN_DELAY:
      self->min_delay = g_value_get_double (value);
      break;
    case PROP_MAX_DELAY:
      self->max_delay = g_value_get_double (value);
      break;
    case PROP_JITTER:
      self->jitter = g_value_get_double (value);
      break;
    case PROP_IDLE_TIMEOUT:
      self->idle_timeout = g_value_get_double (value);
      break;
    case PROP_STOP_TIMEOUT:
      self->stop_timeout = g_value_get_double (value);
      break;
    case PROP_CHANNEL:
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
install_properties (GObjectClass *object_class)
{
  /**
   * AsabStreamClient:protocol:
   *
   * The type of the channels, derived from [class@Dispatcher].
   */
  props[PROP_PROTOCOL] =
    g_param_spec_gtype ("protocol", NULL, NULL, ASAB_TYPE_DISPATCHER,
                        G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);

  /**
   * AsabStreamClient:address:
   *
   * The server: a host and a port such as `example.org:7000`, or the path of a UNIX socket, see
   * [method@Dispatcher.connect_to_host].
   */
  props[PROP_ADDRESS] = g_param_spec_string ("address", NULL, NULL, NULL, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);

  /**
   * AsabStreamClient:connect-timeout:
   *
   * After how many seconds an attempt to connect is given up.
   */
  props[PROP_CONNECT_TIMEOUT] =
    g_param_spec_double ("connect-timeout", NULL, NULL, 0, 1e9, DEFAULT_CONNECT_TIMEOUT,
                         G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);

  /**
   * AsabStreamClient:min-delay:
   *
   * How many seconds to wait after the first failure.
   */
  props[PROP_MIN_DELAY] = g_param_spec_double ("min-delay", NULL, NULL, 0.001, 1e9, DEFAULT_MIN_DELAY,
                                               G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);

  /**
   * AsabStreamClient:max-delay:
   *
   * How many seconds to wait at most after a failure.
   */
  props[PROP_MAX_DELAY] = g_param_spec_double ("max-delay", NULL, NULL, 0.001, 1e9, DEFAULT_MAX_DELAY,
                                               G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);

  /**
   * AsabStreamClient:jitter:
   *
   * The share of each delay that is left to chance, so that the clients of a server do not come back all at once.
   */
  props[PROP_JITTER] = g_param_spec_double ("jitter", NULL, NULL, 0, 1, DEFAULT_JITTER,
                                            G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);

  /**
   * AsabStreamClient:idle-timeout:
   *
   * After how many seconds without any event a connection is given up, 0 for never.
   */
  props[PROP_IDLE_TIMEOUT] = g_param_spec_double ("idle-timeout", NULL, NULL, 0, 1e9, 0,
                                                  G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);

  /**
   * AsabStreamClient:stop-timeout:
   *
   * How many seconds the connection has to come to its end when the client is stopped.
   */
  props[PROP_STOP_TIMEOUT] = g_param_spec_double ("stop-timeout", NULL, NULL, 0, 1e9, DEFAULT_STOP_TIMEOUT,
                                                  G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);

  /**
   * AsabStreamClient:channel: (getter dup_channel)
   *
   * The channel of the connection, %NULL if there is none.
   */
  props[PROP_CHANNEL] = g_param_spec_object ("channel", NULL, NULL, ASAB_TYPE_DISPATCHER,
                                             G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);

  g_object_class_install_properties (object_class, G_N_ELEMENTS (props), props);
}

static void
install_signals (GType type)
{
  /**
   * AsabStreamClient::connected:
   * @self: the client
   * @channel: the channel of the connection
   *
   * There is a connection, and the `handle_connect` of its channel was called.
   */
  signals[SIGNAL_CONNECTED] =
    g_signal_new ("connected", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, ASAB_TYPE_DISPATCHER);

  /**
   * AsabStreamClient::disconnected:
   * @self: the client
   * @error: (nullable): what failed; %NULL if the connection was closed, by either side
   *
   * The connection is over.
   */
  signals[SIGNAL_DISCONNECTED] =
    g_signal_new ("disconnected", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_ERROR);
}

static void
asab_stream_client_class_init (AsabStreamClientClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = asab_stream_client_dispose;
  object_class->finalize = asab_stream_client_finalize;
  object_class->get_property = asab_stream_client_get_property;
  object_class->set_property = asab_stream_client_set_property;

  install_properties (object_class);
  install_signals (G_TYPE_FROM_CLASS (klass));
}

static void
asab_stream_client_init (AsabStreamClient *self)
{
  self->context = asab_context_get_current ();
  g_main_context_ref (self->context->context);
  self->map = asab_channel_map_dup_default ();
  asab_stream_client_init_connection (self);
  self->drain.func = drain_cb;
  self->connect_timeout = DEFAULT_CONNECT_TIMEOUT;
  self->min_delay = DEFAULT_MIN_DELAY;
  self->max_delay = DEFAULT_MAX_DELAY;
  self->jitter = DEFAULT_JITTER;
  self->stop_timeout = DEFAULT_STOP_TIMEOUT;
}

/**
 * asab_stream_client_new:
 * @protocol: the type of the channels, derived from [class@Dispatcher]
 *
 * Creates a client that makes a channel of a type for each attempt to connect.
 *
 * Returns: (transfer full): a new client
 */
AsabStreamClient *
asab_stream_client_new (GType protocol)
{
  g_return_val_if_fail (g_type_is_a (protocol, ASAB_TYPE_DISPATCHER) && !G_TYPE_IS_ABSTRACT (protocol), NULL);

  return g_object_new (ASAB_TYPE_STREAM_CLIENT, "protocol", protocol, NULL);
}

/**
 * asab_stream_client_new_with_factory:
 * @factory: (scope notified) (closure user_data) (destroy destroy): makes the channel of an attempt
 * @user_data: data for @factory
 * @destroy: (nullable): called with @user_data when the client is freed
 *
 * Creates a client for which a function makes the channels.
 *
 * Returns: (transfer full): a new client
 */
AsabStreamClient *
asab_stream_client_new_with_factory (AsabClientProtocolFactory factory,
                                     gpointer                  user_data,
                                     GDestroyNotify            destroy)
{
  AsabStreamClient *self;

  g_return_val_if_fail (factory != NULL, NULL);

  self = g_object_new (ASAB_TYPE_STREAM_CLIENT, NULL);
  self->factory = factory;
  self->factory_data = user_data;
  self->factory_destroy = destroy;

  return self;
}
