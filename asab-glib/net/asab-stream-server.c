/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A server of connections, each of which is a channel of its own.
 *
 *     listener ── accept ── connection limits ── factory ── channel
 *                                                             └ connection: what the server knows of it
 *
 * What happens to listeners, clients and connections is in files of their own; here they are started and stopped.
 */

#include "config.h"

#include "asab-stream-server-private.h"

#include "asab-listen.h"
#include "asab-protocol-private.h"

#include <asab-glib/core/asab-error.h>

#include <glib/gi18n-lib.h>

#define DEFAULT_BACKLOG 1024
#define DEFAULT_CONNECTION_LIMIT 100000
#define DEFAULT_STOP_TIMEOUT 5

/**
 * AsabStreamServer:
 *
 * Listens for clients, and makes a channel for each of them.
 *
 * The channels are of a type or made by a function; mostly they are derived from [class@AsyncChat]. `handle_connect` is
 * called for each when its client has come. The server limits how many there may be, closes those on which nothing
 * happens for too long, and lets them end what they are at when it is stopped: an [class@AsyncChat] sends what it has
 * to send, others are closed.
 *
 * Clients that are too many wait in the backlog of the system until somebody leaves. When there are no more file
 * descriptors the server stops accepting for a moment.
 *
 * Properties are read when the server is started. It belongs to the thread that made it, and its thread-default main
 * context.
 */
G_DEFINE_FINAL_TYPE (AsabStreamServer, asab_stream_server, G_TYPE_OBJECT)

typedef enum
{
  PROP_PROTOCOL = 1,
  PROP_LISTEN,
  PROP_BACKLOG,
  PROP_CONNECTION_LIMIT,
  PROP_ADDRESS_CONNECTION_LIMIT,
  PROP_IDLE_TIMEOUT,
  PROP_STOP_TIMEOUT,
  PROP_TLS,
} AsabStreamServerProperty;

static GParamSpec *props[PROP_TLS + 1];

/* Starting and stopping */

static char **
list_addresses (GPtrArray *sockets)
{
  g_autoptr(GStrvBuilder) builder = g_strv_builder_new ();

  for (guint i = 0; i < sockets->len; i++)
    {
      g_autoptr(GSocketAddress) address = g_socket_get_local_address (g_ptr_array_index (sockets, i), NULL);
      g_autofree char *text = NULL;

      if (address != NULL)
        text = g_socket_connectable_to_string (G_SOCKET_CONNECTABLE (address));
      g_strv_builder_add (builder, text != NULL ? text : "-");
    }

  return g_strv_builder_end (builder);
}

static gboolean
check_tls (AsabTlsContext  *context,
           GError         **error)
{
  g_autoptr(AsabTlsSettings) settings = asab_tls_context_ref_settings (context, error);

  return settings != NULL && asab_tls_settings_check_server (settings, error);
}

/**
 * asab_stream_server_start:
 * @self: a server
 * @error: return location for an error
 *
 * Listens at the addresses, and lets clients in.
 *
 * Returns: true if the server is running
 */
gboolean
asab_stream_server_start (AsabStreamServer  *self,
                          GError           **error)
{
  g_return_val_if_fail (ASAB_IS_STREAM_SERVER (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (self->sockets != NULL || self->stopped != NULL)
    {
      g_set_error_literal (error, ASAB_ERROR, ASAB_ERROR_ALREADY_STARTED, _("The server is running already"));
      return FALSE;
    }

  if (self->tls != NULL && !check_tls (self->tls, error))
    return FALSE;

  self->sockets = asab_listen (self->listen != NULL ? self->listen : "", self->backlog, error);
  if (self->sockets == NULL)
    return FALSE;

  g_strfreev (self->addresses);
  self->addresses = list_addresses (self->sockets);
  self->listeners = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < self->sockets->len; i++)
    g_ptr_array_add (self->listeners, asab_stream_listener_new (self, g_ptr_array_index (self->sockets, i)));

  return TRUE;
}

static void
stop_listening (AsabStreamServer *self)
{
  if (self->sockets == NULL)
    return;

  asab_timeout_stop (&self->pause, self->context);
  g_ptr_array_foreach (self->listeners, (GFunc) asab_dispatcher_unwatch, NULL);
  asab_listen_close (self->sockets); /* with the files of UNIX sockets */
  g_ptr_array_foreach (self->listeners, (GFunc) asab_dispatcher_close, NULL);
  g_clear_pointer (&self->listeners, g_ptr_array_unref);
  g_clear_pointer (&self->sockets, g_ptr_array_unref);
}

static void
finish_stopping (AsabStreamServer *self)
{
  g_autoptr(AsabPromise) stopped = g_steal_pointer (&self->stopped);

  asab_timeout_stop (&self->drain, self->context);
  asab_timeout_stop (&self->idle, self->context);
  asab_promise_resolve (stopped, NULL);
}

/* A connection has come to its end, by which there may be room for another one. */
void
asab_stream_server_connection_closed (AsabStreamServer *self)
{
  if (self->n_connections-- == self->connection_limit)
    asab_stream_server_update_listeners (self);
  if (self->n_connections == 0 && self->stopped != NULL)
    finish_stopping (self);
}

static void
drain_cb (AsabTimeout *timeout)
{
  AsabStreamServer *self = (AsabStreamServer *) ((guint8 *) timeout - G_STRUCT_OFFSET (AsabStreamServer, drain));
  g_autoptr(GPtrArray) channels = asab_stream_server_dup_connections (self);

  g_message ("Connections that did not come to an end: %u", channels->len);
  g_ptr_array_foreach (channels, (GFunc) asab_dispatcher_close, NULL);
}

/**
 * asab_stream_server_stop:
 * @self: a server
 *
 * Lets nobody in any more, and has the connections come to their end; those that have not within
 * [property@StreamServer:stop-timeout] are closed.
 *
 * Returns: (transfer full): a future without a value, resolved when there are no connections
 */
AsabFuture *
asab_stream_server_stop (AsabStreamServer *self)
{
  g_autoptr(GPtrArray) channels = NULL;
  AsabFuture *future;

  g_return_val_if_fail (ASAB_IS_STREAM_SERVER (self), NULL);

  stop_listening (self);
  if (self->stopped != NULL)
    return asab_future_ref (asab_promise_get_future (self->stopped));
  if (self->n_connections == 0)
    return asab_future_new_resolved (NULL);

  self->stopped = asab_promise_new ();
  future = asab_future_ref (asab_promise_get_future (self->stopped));
  asab_timeout_start (&self->drain, self->context, self->stop_timeout);

  channels = asab_stream_server_dup_connections (self);
  g_ptr_array_foreach (channels, (GFunc) asab_protocol_dismiss, NULL);

  return future;
}

/**
 * asab_stream_server_is_running:
 * @self: a server
 *
 * Tells whether the server lets clients in.
 *
 * Returns: true if it does
 */
gboolean
asab_stream_server_is_running (AsabStreamServer *self)
{
  g_return_val_if_fail (ASAB_IS_STREAM_SERVER (self), FALSE);

  return self->sockets != NULL;
}

/**
 * asab_stream_server_dup_addresses:
 * @self: a server
 *
 * Gets the addresses at which the server listens, with the ports that the system chose.
 *
 * Returns: (transfer full): the addresses, such as `127.0.0.1:8080` or the path of a UNIX socket; none if it was not
 *   started
 */
char **
asab_stream_server_dup_addresses (AsabStreamServer *self)
{
  g_return_val_if_fail (ASAB_IS_STREAM_SERVER (self), NULL);

  return self->addresses != NULL ? g_strdupv (self->addresses) : g_new0 (char *, 1);
}

/**
 * asab_stream_server_get_n_connections:
 * @self: a server
 *
 * Gets how many connections there are.
 *
 * Returns: the number of connections
 */
guint
asab_stream_server_get_n_connections (AsabStreamServer *self)
{
  g_return_val_if_fail (ASAB_IS_STREAM_SERVER (self), 0);

  return self->n_connections;
}

/* Life */

static void
asab_stream_server_dispose (GObject *object)
{
  AsabStreamServer *self = ASAB_STREAM_SERVER (object);

  /* The connections hold the server, so there are none. */
  stop_listening (self);
  g_clear_object (&self->map);
  g_clear_object (&self->tls);

  G_OBJECT_CLASS (asab_stream_server_parent_class)->dispose (object);
}

static void
asab_stream_server_finalize (GObject *object)
{
  AsabStreamServer *self = ASAB_STREAM_SERVER (object);

  if (self->factory_destroy != NULL)
    self->factory_destroy (self->factory_data);
  asab_stream_server_clear_connections (self);
  g_strfreev (self->addresses);
  g_free (self->listen);
  g_main_context_unref (self->context->context);

  G_OBJECT_CLASS (asab_stream_server_parent_class)->finalize (object);
}

static void
asab_stream_server_get_property (GObject    *object,
                                 guint       prop_id,
                                 GValue     *value,
                                 GParamSpec *pspec)
{
  AsabStreamServer *self = ASAB_STREAM_SERVER (object);

  switch ((AsabStreamServerProperty) prop_id)
    {
    case PROP_PROTOCOL:
      g_value_set_gtype (value, self->protocol);
      break;
    case PROP_LISTEN:
      g_value_set_string (value, self->listen);
      break;
    case PROP_BACKLOG:
      g_value_set_uint (value, self->backlog);
      break;
    case PROP_CONNECTION_LIMIT:
      g_value_set_uint (value, self->connection_limit);
      break;
    case PROP_ADDRESS_CONNECTION_LIMIT:
      g_value_set_uint (value, self->address_connection_limit);
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
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
asab_stream_server_set_property (GObject      *object,
                                 guint         prop_id,
                                 const GValue *value,
                                 GParamSpec   *pspec)
{
  AsabStreamServer *self = ASAB_STREAM_SERVER (object);

  switch ((AsabStreamServerProperty) prop_id)
    {
    case PROP_PROTOCOL:
      self->protocol = g_value_get_gtype (value);
      break;
    case PROP_LISTEN:
      g_free (self->listen);
      self->listen = g_value_dup_string (value);
      break;
    case PROP_BACKLOG:
      self->backlog = g_value_get_uint (value);
      break;
    case PROP_CONNECTION_LIMIT:
      self->connection_limit = g_value_get_uint (value);
      break;
    case PROP_ADDRESS_CONNECTION_LIMIT:
      self->address_connection_limit = g_value_get_uint (value);
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
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
install_properties (GObjectClass *object_class)
{
  /**
   * AsabStreamServer:protocol:
   *
   * The type of the channels, derived from [class@Dispatcher].
   */
  props[PROP_PROTOCOL] =
    g_param_spec_gtype ("protocol", NULL, NULL, ASAB_TYPE_DISPATCHER,
                        G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);

  /**
   * AsabStreamServer:listen:
   *
   * Where to listen, one address a line, see [func@listen].
   */
  props[PROP_LISTEN] = g_param_spec_string ("listen", NULL, NULL, NULL, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);

  /**
   * AsabStreamServer:backlog:
   *
   * How many clients may wait to be let in, for each address.
   */
  props[PROP_BACKLOG] = g_param_spec_uint ("backlog", NULL, NULL, 1, G_MAXINT, DEFAULT_BACKLOG,
                                           G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);

  /**
   * AsabStreamServer:connection-limit:
   *
   * How many connections there are at most; further clients have to wait.
   */
  props[PROP_CONNECTION_LIMIT] =
    g_param_spec_uint ("connection-limit", NULL, NULL, 1, G_MAXUINT, DEFAULT_CONNECTION_LIMIT,
                       G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);

  /**
   * AsabStreamServer:address-connection-limit:
   *
   * How many connections there are at most from one IP address, 0 for any number; further ones are closed.
   */
  props[PROP_ADDRESS_CONNECTION_LIMIT] =
    g_param_spec_uint ("address-connection-limit", NULL, NULL, 0, G_MAXUINT, 0,
                       G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);

  /**
   * AsabStreamServer:idle-timeout:
   *
   * After how many seconds without any event a connection is closed, 0 for never.
   */
  props[PROP_IDLE_TIMEOUT] = g_param_spec_double ("idle-timeout", NULL, NULL, 0, 1e9, 0,
                                                  G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);

  /**
   * AsabStreamServer:stop-timeout:
   *
   * How many seconds connections have to come to their end when the server is stopped.
   */
  props[PROP_STOP_TIMEOUT] = g_param_spec_double ("stop-timeout", NULL, NULL, 0, 1e9, DEFAULT_STOP_TIMEOUT,
                                                  G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);

  /**
   * AsabStreamServer:tls:
   *
   * With what the connections are protected by TLS, or %NULL.
   *
   * A client whose handshake is not done counts as a connection; its channel gets `handle_connect` when it is. A
   * change counts for those who come later.
   */
  props[PROP_TLS] = g_param_spec_object ("tls", NULL, NULL, ASAB_TYPE_TLS_CONTEXT,
                                         G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);

  g_object_class_install_properties (object_class, G_N_ELEMENTS (props), props);
}

static void
asab_stream_server_class_init (AsabStreamServerClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = asab_stream_server_dispose;
  object_class->finalize = asab_stream_server_finalize;
  object_class->get_property = asab_stream_server_get_property;
  object_class->set_property = asab_stream_server_set_property;

  install_properties (object_class);
}

static void
asab_stream_server_init (AsabStreamServer *self)
{
  self->context = asab_context_get_current ();
  g_main_context_ref (self->context->context);
  self->map = asab_channel_map_dup_default ();
  asab_stream_server_init_connections (self);
  self->pause.func = asab_stream_server_pause_cb;
  self->drain.func = drain_cb;
  self->backlog = DEFAULT_BACKLOG;
  self->connection_limit = DEFAULT_CONNECTION_LIMIT;
  self->stop_timeout = DEFAULT_STOP_TIMEOUT;
}

/**
 * asab_stream_server_new:
 * @protocol: the type of the channels, derived from [class@Dispatcher]
 *
 * Creates a server that makes a channel of a type for each client.
 *
 * Returns: (transfer full): a new server
 */
AsabStreamServer *
asab_stream_server_new (GType protocol)
{
  g_return_val_if_fail (g_type_is_a (protocol, ASAB_TYPE_DISPATCHER) && !G_TYPE_IS_ABSTRACT (protocol), NULL);

  return g_object_new (ASAB_TYPE_STREAM_SERVER, "protocol", protocol, NULL);
}

/**
 * asab_stream_server_new_with_factory:
 * @factory: (scope notified) (closure user_data) (destroy destroy): makes the channel of a client
 * @user_data: data for @factory
 * @destroy: (nullable): called with @user_data when the server is freed
 *
 * Creates a server for whose clients a function makes the channels.
 *
 * Returns: (transfer full): a new server
 */
AsabStreamServer *
asab_stream_server_new_with_factory (AsabProtocolFactory factory,
                                     gpointer            user_data,
                                     GDestroyNotify      destroy)
{
  AsabStreamServer *self;

  g_return_val_if_fail (factory != NULL, NULL);

  self = g_object_new (ASAB_TYPE_STREAM_SERVER, NULL);
  self->factory = factory;
  self->factory_data = user_data;
  self->factory_destroy = destroy;

  return self;
}
