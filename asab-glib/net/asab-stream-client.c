/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "asab-stream-client-private.h"

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
  PROP_TLS,
  PROP_SERVER_IDENTITY,
  PROP_CHANNEL,
} AsabStreamClientProperty;

static GParamSpec *props[PROP_CHANNEL + 1];

typedef enum
{
  SIGNAL_CONNECTED,
  SIGNAL_DISCONNECTED,
} AsabStreamClientSignal;

static guint signals[SIGNAL_DISCONNECTED + 1];

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
  asab_stream_client_fail_waiting (self);
  g_clear_object (&self->tls);
  g_clear_object (&self->map);

  G_OBJECT_CLASS (asab_stream_client_parent_class)->dispose (object);
}

static void
asab_stream_client_finalize (GObject *object)
{
  AsabStreamClient *self = ASAB_STREAM_CLIENT (object);

  if (self->factory_destroy != NULL)
    self->factory_destroy (self->factory_data);
  g_free (self->server_identity);
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
    case PROP_TLS:
      g_value_set_object (value, self->tls);
      break;
    case PROP_SERVER_IDENTITY:
      g_value_set_string (value, self->server_identity);
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
    case PROP_TLS:
      g_set_object (&self->tls, g_value_get_object (value));
      break;
    case PROP_SERVER_IDENTITY:
      g_free (self->server_identity);
      self->server_identity = g_value_dup_string (value);
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
   * AsabStreamClient:tls:
   *
   * With what the connections are protected by TLS, or %NULL. There is a connection when the handshake is done; one
   * that fails is a failure like others.
   */
  props[PROP_TLS] = g_param_spec_object ("tls", NULL, NULL, ASAB_TYPE_TLS_CONTEXT,
                                         G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);

  /**
   * AsabStreamClient:server-identity:
   *
   * The name that the certificate of the server has to bear, %NULL for the host of [property@StreamClient:address].
   */
  props[PROP_SERVER_IDENTITY] = g_param_spec_string ("server-identity", NULL, NULL, NULL,
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
  asab_stream_client_init_run (self);
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
