/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "asab-web-container.h"

#include "asab-web-engine-private.h"

#include <asab-glib/core/asab-error.h>
#include <asab-glib/net/asab-listen.h>

#include <gio/gunixsocketaddress.h>
#include <glib/gi18n-lib.h>

/**
 * AsabWebContainer:
 *
 * A web server: addresses to listen at, limits, and a router.
 *
 * The properties are read when it starts. All limits hold for the container as a whole.
 *
 * A container serves the main context that is the thread's default when it starts, and belongs to that thread.
 */
struct _AsabWebContainer
{
  GObject parent_instance;

  AsabWebRouter *router; /* (owned) */
  GPtrArray *sockets;    /* (owned) (nullable) (element-type GSocket): while it listens and does not run */
  AsabWebEngine *engine; /* (owned) (nullable): while it runs, with the sockets */
  GStrv addresses;       /* (owned) (nullable): of the sockets, wherever they are */

  char *listen; /* (owned) */
  char *server_tokens; /* (owned) */
  guint backlog;
  guint connection_limit;
  guint address_connection_limit;
  guint64 connection_memory;
  guint64 body_max_size;
  double idle_timeout; /* seconds, as are the next */
  double request_timeout;
  double stop_timeout;
};

G_DEFINE_FINAL_TYPE (AsabWebContainer, asab_web_container, G_TYPE_OBJECT)

typedef enum
{
  PROP_LISTEN = 1,
  PROP_BACKLOG,
  PROP_CONNECTION_LIMIT,
  PROP_ADDRESS_CONNECTION_LIMIT,
  PROP_CONNECTION_MEMORY,
  PROP_BODY_MAX_SIZE,
  PROP_IDLE_TIMEOUT,
  PROP_REQUEST_TIMEOUT,
  PROP_STOP_TIMEOUT,
  PROP_SERVERTOKENS,
  PROP_ROUTER,
  PROP_RUNNING,
} AsabWebContainerProperty;

static GParamSpec *props[PROP_RUNNING + 1];

static void
asab_web_container_get_property (GObject    *object,
                                 guint       prop_id,
                                 GValue     *value,
                                 GParamSpec *pspec)
{
  AsabWebContainer *self = ASAB_WEB_CONTAINER (object);

  switch ((AsabWebContainerProperty) prop_id)
    {
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
    case PROP_CONNECTION_MEMORY:
      g_value_set_uint64 (value, self->connection_memory);
      break;
    case PROP_BODY_MAX_SIZE:
      g_value_set_uint64 (value, self->body_max_size);
      break;
    case PROP_IDLE_TIMEOUT:
      g_value_set_double (value, self->idle_timeout);
      break;
    case PROP_REQUEST_TIMEOUT:
      g_value_set_double (value, self->request_timeout);
      break;
    case PROP_STOP_TIMEOUT:
      g_value_set_double (value, self->stop_timeout);
      break;
    case PROP_SERVERTOKENS:
      g_value_set_string (value, self->server_tokens);
      break;
    case PROP_ROUTER:
      g_value_set_object (value, self->router);
      break;
    case PROP_RUNNING:
      g_value_set_boolean (value, self->engine != NULL);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
asab_web_container_set_property (GObject      *object,
                                 guint         prop_id,
                                 const GValue *value,
                                 GParamSpec   *pspec)
{
  AsabWebContainer *self = ASAB_WEB_CONTAINER (object);

  switch ((AsabWebContainerProperty) prop_id)
    {
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
    case PROP_CONNECTION_MEMORY:
      self->connection_memory = g_value_get_uint64 (value);
      break;
    case PROP_BODY_MAX_SIZE:
      self->body_max_size = g_value_get_uint64 (value);
      break;
    case PROP_IDLE_TIMEOUT:
      self->idle_timeout = g_value_get_double (value);
      break;
    case PROP_REQUEST_TIMEOUT:
      self->request_timeout = g_value_get_double (value);
      break;
    case PROP_STOP_TIMEOUT:
      self->stop_timeout = g_value_get_double (value);
      break;
    case PROP_SERVERTOKENS:
      g_free (self->server_tokens);
      self->server_tokens = g_value_dup_string (value);
      break;
    case PROP_ROUTER:
    case PROP_RUNNING:
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
close_sockets (AsabWebContainer *self)
{
  if (self->sockets != NULL)
    asab_listen_close (self->sockets);
  g_clear_pointer (&self->sockets, g_ptr_array_unref);
  g_clear_pointer (&self->addresses, g_strfreev);
}

static void
asab_web_container_dispose (GObject *object)
{
  AsabWebContainer *self = ASAB_WEB_CONTAINER (object);

  close_sockets (self);
  g_clear_pointer (&self->engine, asab_web_engine_free);
  g_clear_object (&self->router);

  G_OBJECT_CLASS (asab_web_container_parent_class)->dispose (object);
}

static void
asab_web_container_finalize (GObject *object)
{
  AsabWebContainer *self = ASAB_WEB_CONTAINER (object);

  g_free (self->listen);
  g_free (self->server_tokens);

  G_OBJECT_CLASS (asab_web_container_parent_class)->finalize (object);
}

static void
install_limits (GObjectClass *object_class G_GNUC_UNUSED)
{
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_CONSTRUCT | G_PARAM_STATIC_STRINGS;

  /**
   * AsabWebContainer:connection-limit:
   *
   * How many connections there may be; further clients wait until one is closed.
   */
  props[PROP_CONNECTION_LIMIT] = g_param_spec_uint ("connection-limit", NULL, NULL, 1, G_MAXINT, 10000, flags);

  /**
   * AsabWebContainer:address-connection-limit:
   *
   * How many connections one address may have, or 0 for as many as there may be; further ones are closed.
   */
  props[PROP_ADDRESS_CONNECTION_LIMIT] =
    g_param_spec_uint ("address-connection-limit", NULL, NULL, 0, G_MAXINT, 0, flags);

  /**
   * AsabWebContainer:connection-memory:
   *
   * The memory of a connection in bytes, in which the headers of a request have to find room; larger ones are answered
   * with status 431 or 414.
   */
  props[PROP_CONNECTION_MEMORY] =
    g_param_spec_uint64 ("connection-memory", NULL, NULL, 1024, G_MAXUINT32, 16 * 1024, flags);

  /**
   * AsabWebContainer:body-max-size:
   *
   * How many bytes the body of a request may have; larger ones are answered with status 413.
   */
  props[PROP_BODY_MAX_SIZE] =
    g_param_spec_uint64 ("body-max-size", NULL, NULL, 0, G_MAXUINT32, 1024 * 1024, flags);

  /**
   * AsabWebContainer:idle-timeout:
   *
   * How many seconds a client may take to send a request from the first byte to the last, or to stay silent before it.
   */
  props[PROP_IDLE_TIMEOUT] = g_param_spec_double ("idle-timeout", NULL, NULL, 0.001, G_MAXINT, 30, flags);

  /**
   * AsabWebContainer:request-timeout:
   *
   * How many seconds a handler may wait before the client is answered with status 503 and its future is cancelled.
   */
  props[PROP_REQUEST_TIMEOUT] = g_param_spec_double ("request-timeout", NULL, NULL, 0.001, G_MAXINT, 60, flags);

  /**
   * AsabWebContainer:stop-timeout:
   *
   * How many seconds requests that are in flight when the container stops have to be answered.
   */
  props[PROP_STOP_TIMEOUT] = g_param_spec_double ("stop-timeout", NULL, NULL, 0, G_MAXINT, 5, flags);
}

static void
asab_web_container_class_init (AsabWebContainerClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_CONSTRUCT | G_PARAM_STATIC_STRINGS;

  object_class->get_property = asab_web_container_get_property;
  object_class->set_property = asab_web_container_set_property;
  object_class->dispose = asab_web_container_dispose;
  object_class->finalize = asab_web_container_finalize;

  /**
   * AsabWebContainer:listen:
   *
   * Where to listen, one address a line: an address and a port such as `127.0.0.1 8080` or `[::1]:8080`, a port
   * alone, which is that of `127.0.0.1` and `::1`, a UNIX socket such as `unix:/run/hello.sock`, or the sockets that
   * the service manager has opened under a name, as in `systemd:web`. Port 0 is any free one.
   */
  props[PROP_LISTEN] = g_param_spec_string ("listen", NULL, NULL, "127.0.0.1 8080", flags);

  /**
   * AsabWebContainer:backlog:
   *
   * How many clients may wait to be let in.
   */
  props[PROP_BACKLOG] = g_param_spec_uint ("backlog", NULL, NULL, 1, G_MAXINT, 1024, flags);

  install_limits (object_class);

  /**
   * AsabWebContainer:servertokens:
   *
   * What the header `Server` tells: `full` is name and version, `prod` the name alone.
   */
  props[PROP_SERVERTOKENS] = g_param_spec_string ("servertokens", NULL, NULL, "full", flags);

  /**
   * AsabWebContainer:router: (getter get_router)
   *
   * The router.
   */
  props[PROP_ROUTER] = g_param_spec_object ("router", NULL, NULL, ASAB_TYPE_WEB_ROUTER,
                                            G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);

  /**
   * AsabWebContainer:running: (getter is_running)
   *
   * Whether the container serves clients.
   */
  props[PROP_RUNNING] = g_param_spec_boolean ("running", NULL, NULL, FALSE,
                                              G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);

  g_object_class_install_properties (object_class, G_N_ELEMENTS (props), props);
}

static void
asab_web_container_init (AsabWebContainer *self)
{
  self->router = asab_web_router_new ();
}

/**
 * asab_web_container_new:
 *
 * Creates a container that does not listen yet.
 *
 * Returns: (transfer full): a new container
 */
AsabWebContainer *
asab_web_container_new (void)
{
  return g_object_new (ASAB_TYPE_WEB_CONTAINER, NULL);
}

/**
 * asab_web_container_get_router: (get-property router)
 * @self: a container
 *
 * Gets the router. Routes may be added at any time.
 *
 * Returns: (transfer none): the router
 */
AsabWebRouter *
asab_web_container_get_router (AsabWebContainer *self)
{
  g_return_val_if_fail (ASAB_IS_WEB_CONTAINER (self), NULL);

  return self->router;
}

/**
 * asab_web_container_is_running: (get-property running)
 * @self: a container
 *
 * Tells whether the container serves clients.
 *
 * Returns: true from the start until all has stopped
 */
gboolean
asab_web_container_is_running (AsabWebContainer *self)
{
  g_return_val_if_fail (ASAB_IS_WEB_CONTAINER (self), FALSE);

  return self->engine != NULL;
}

/**
 * asab_web_container_dup_addresses:
 * @self: a container
 *
 * Gets what the container listens at, such as `http://127.0.0.1:8080` or `unix:/run/hello.sock`.
 *
 * Returns: (transfer full) (array zero-terminated=1): the addresses, none unless it listens
 */
char **
asab_web_container_dup_addresses (AsabWebContainer *self)
{
  g_return_val_if_fail (ASAB_IS_WEB_CONTAINER (self), NULL);

  return self->addresses != NULL ? g_strdupv (self->addresses) : g_new0 (char *, 1);
}

/**
 * asab_web_container_get_n_connections:
 * @self: a container
 *
 * Gets the number of connections that are open.
 *
 * Returns: the number
 */
guint
asab_web_container_get_n_connections (AsabWebContainer *self)
{
  g_return_val_if_fail (ASAB_IS_WEB_CONTAINER (self), 0);

  return self->engine != NULL ? self->engine->n_connections : 0;
}

static gint64
to_microseconds (double seconds)
{
  return (gint64) (seconds * G_USEC_PER_SEC);
}

static gboolean
take_options (AsabWebContainer  *self,
              AsabWebOptions    *options,
              GError           **error)
{
  gboolean is_full = g_strcmp0 (self->server_tokens, "full") == 0;

  if (!is_full && g_strcmp0 (self->server_tokens, "prod") != 0)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                   _("“%s” is no value of servertokens: it is full or prod"),
                   self->server_tokens != NULL ? self->server_tokens : "");
      return FALSE;
    }

  *options = (AsabWebOptions) {
    .connection_limit = self->connection_limit,
    .address_connection_limit = self->address_connection_limit,
    .connection_memory = self->connection_memory,
    .idle_timeout = to_microseconds (self->idle_timeout),
    .request_timeout = to_microseconds (self->request_timeout),
    .body_max_size = self->body_max_size,
    .server = g_strdup (is_full ? "asab-glib/" PACKAGE_VERSION : "asab-glib"),
  };

  return TRUE;
}

/* What a client would type to get to @socket. */
static char *
dup_uri (GSocket *socket)
{
  g_autoptr(GSocketAddress) address = g_socket_get_local_address (socket, NULL);
  g_autofree char *text = NULL;

  if (address == NULL)
    return NULL;

  if (G_IS_UNIX_SOCKET_ADDRESS (address))
    return g_strconcat ("unix:", g_unix_socket_address_get_path (G_UNIX_SOCKET_ADDRESS (address)), NULL);

  text = g_socket_connectable_to_string (G_SOCKET_CONNECTABLE (address));

  return g_strconcat ("http://", text, NULL);
}

static char **
list_addresses (GPtrArray *sockets)
{
  g_autoptr(GStrvBuilder) addresses = g_strv_builder_new ();

  for (guint i = 0; i < sockets->len; i++)
    {
      g_autofree char *uri = dup_uri (g_ptr_array_index (sockets, i));

      g_strv_builder_add (addresses, uri);
    }

  return g_strv_builder_end (addresses);
}

/**
 * asab_web_container_listen:
 * @self: a container
 * @error: return location for an error
 *
 * Opens all addresses without letting clients in, who wait until the container starts.
 *
 * A program that drops its privileges, or that wants to know early that it cannot have its addresses, calls this
 * before [method@Container.start].
 *
 * It fails with %G_IO_ERROR_INVALID_ARGUMENT for an address that makes no sense, and with the error of the system,
 * such as %G_IO_ERROR_ADDRESS_IN_USE, for one that cannot be had; then none is opened.
 *
 * Returns: true if the addresses are open
 */
gboolean
asab_web_container_listen (AsabWebContainer  *self,
                           GError           **error)
{
  g_return_val_if_fail (ASAB_IS_WEB_CONTAINER (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (self->engine != NULL || self->sockets != NULL)
    return TRUE;

  self->sockets = asab_listen (self->listen != NULL ? self->listen : "", self->backlog, error);
  if (self->sockets == NULL)
    return FALSE;

  self->addresses = list_addresses (self->sockets);

  return TRUE;
}

static gboolean
start (AsabWebContainer  *self,
       GError           **error)
{
  AsabWebOptions options;

  if (self->engine != NULL)
    {
      g_set_error_literal (error, ASAB_ERROR, ASAB_ERROR_ALREADY_STARTED, _("The web server runs already"));
      return FALSE;
    }

  if (asab_web_container_listen (self, error) && take_options (self, &options, error))
    self->engine = asab_web_engine_new (self->router, &options, self->sockets, error);
  if (self->engine == NULL)
    {
      close_sockets (self);
      return FALSE;
    }

  g_clear_pointer (&self->sockets, g_ptr_array_unref);

  return TRUE;
}

/**
 * asab_web_container_start:
 * @self: a container
 *
 * Lets clients in, after [method@Container.listen], whose errors the future is rejected with.
 *
 * Returns: (transfer full): a future, which is completed already
 */
AsabFuture *
asab_web_container_start (AsabWebContainer *self)
{
  g_autoptr(GError) error = NULL;

  g_return_val_if_fail (ASAB_IS_WEB_CONTAINER (self), NULL);

  if (!start (self, &error))
    return asab_future_new_rejected (error);

  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_RUNNING]);

  return asab_future_new_resolved (NULL);
}

static void
stopped_cb (AsabFuture *future G_GNUC_UNUSED,
            gpointer    user_data)
{
  AsabWebContainer *self = ASAB_WEB_CONTAINER (user_data);

  g_clear_pointer (&self->engine, asab_web_engine_free);
  close_sockets (self);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_RUNNING]);
}

/**
 * asab_web_container_stop:
 * @self: a container
 *
 * Stops to listen.
 *
 * Connections that wait for a request are closed at once. Requests in flight have [property@Container:stop-timeout]
 * to be answered; then their futures are cancelled and their clients are answered with status 503.
 *
 * Returns: (transfer full): a future that is resolved when the last connection is closed
 */
AsabFuture *
asab_web_container_stop (AsabWebContainer *self)
{
  gboolean is_first;
  AsabFuture *future;

  g_return_val_if_fail (ASAB_IS_WEB_CONTAINER (self), NULL);

  if (self->engine == NULL)
    {
      close_sockets (self);
      return asab_future_new_resolved (NULL);
    }

  is_first = self->engine->stopped == NULL;
  future = asab_web_engine_stop (self->engine, to_microseconds (self->stop_timeout));
  if (is_first)
    asab_future_when_done (future, stopped_cb, g_object_ref (self), g_object_unref);

  return future;
}
