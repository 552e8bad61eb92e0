/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "asab-stream-server-service.h"

#include "asab-stream-service-private.h"

#include <asab-glib/app/asab-application.h>

/**
 * AsabStreamServerService:
 *
 * The stream servers of an application.
 *
 * Derive from it, and create the servers when it is initialized. Their settings are in the section of the configuration
 * that bears the name of the service: the keys are the properties of [class@StreamServer], such as `listen` and
 * `idle_timeout`. With those of [class@TlsContext], such as `cert` and `key`, the servers speak TLS. At exit-time all
 * servers are stopped, and the application waits for their connections.
 */
typedef struct
{
  GPtrArray *servers; /* (owned) (element-type AsabStreamServer) */
} AsabStreamServerServicePrivate;

G_DEFINE_TYPE_WITH_PRIVATE (AsabStreamServerService, asab_stream_server_service, ASAB_TYPE_SERVICE)

static AsabStreamServerServicePrivate *
get_private (AsabStreamServerService *self)
{
  return asab_stream_server_service_get_instance_private (self);
}

static AsabFuture *
stop (gpointer server)
{
  return asab_stream_server_stop (server);
}

static AsabFuture *
asab_stream_server_service_terminate (AsabComponent   *component,
                                      AsabApplication *application G_GNUC_UNUSED)
{
  return asab_stream_service_stop_all (get_private (ASAB_STREAM_SERVER_SERVICE (component))->servers, stop);
}

static void
asab_stream_server_service_notify (GObject    *object,
                                   GParamSpec *pspec)
{
  asab_stream_service_declare (ASAB_COMPONENT (object), pspec, ASAB_TYPE_STREAM_SERVER);

  if (G_OBJECT_CLASS (asab_stream_server_service_parent_class)->notify != NULL)
    G_OBJECT_CLASS (asab_stream_server_service_parent_class)->notify (object, pspec);
}

static void
asab_stream_server_service_dispose (GObject *object)
{
  g_ptr_array_set_size (get_private (ASAB_STREAM_SERVER_SERVICE (object))->servers, 0);

  G_OBJECT_CLASS (asab_stream_server_service_parent_class)->dispose (object);
}

static void
asab_stream_server_service_finalize (GObject *object)
{
  g_ptr_array_unref (get_private (ASAB_STREAM_SERVER_SERVICE (object))->servers);

  G_OBJECT_CLASS (asab_stream_server_service_parent_class)->finalize (object);
}

static void
asab_stream_server_service_class_init (AsabStreamServerServiceClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->notify = asab_stream_server_service_notify;
  object_class->dispose = asab_stream_server_service_dispose;
  object_class->finalize = asab_stream_server_service_finalize;

  ASAB_COMPONENT_CLASS (klass)->terminate = asab_stream_server_service_terminate;
}

static void
asab_stream_server_service_init (AsabStreamServerService *self)
{
  get_private (self)->servers = g_ptr_array_new_with_free_func (g_object_unref);
}

/**
 * asab_stream_server_service_create_server:
 * @self: a service of an application
 * @protocol: the type of the channels, derived from [class@Dispatcher]
 * @addresses: (nullable): where to listen, as [property@StreamServer:listen], or %NULL for what the configuration says
 * @error: return location for an error
 *
 * Creates a server, and starts it.
 *
 * Returns: (transfer none): the server, or %NULL on error
 */
AsabStreamServer *
asab_stream_server_service_create_server (AsabStreamServerService  *self,
                                          GType                     protocol,
                                          const char               *addresses,
                                          GError                  **error)
{
  g_autoptr(AsabStreamServer) server = NULL;

  g_return_val_if_fail (g_type_is_a (protocol, ASAB_TYPE_DISPATCHER) && !G_TYPE_IS_ABSTRACT (protocol), NULL);

  server = asab_stream_server_new (protocol);

  return asab_stream_server_service_add_server (self, server, addresses, error) ? server : NULL;
}

/**
 * asab_stream_server_service_add_server:
 * @self: a service of an application
 * @server: a server that does not run
 * @addresses: (nullable): where to listen, as [property@StreamServer:listen], or %NULL for what the configuration says
 * @error: return location for an error
 *
 * Sets a server up from the configuration, and starts it.
 *
 * Returns: true if the server is running
 */
gboolean
asab_stream_server_service_add_server (AsabStreamServerService  *self,
                                       AsabStreamServer         *server,
                                       const char               *addresses,
                                       GError                  **error)
{
  g_return_val_if_fail (ASAB_IS_STREAM_SERVER_SERVICE (self), FALSE);
  g_return_val_if_fail (ASAB_IS_STREAM_SERVER (server), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (!asab_stream_service_set_up (ASAB_COMPONENT (self), G_OBJECT (server), "listen", addresses, error) ||
      !asab_stream_server_start (server, error))
    return FALSE;

  g_ptr_array_add (get_private (self)->servers, g_object_ref (server));

  return TRUE;
}

/**
 * asab_stream_server_service_dup_servers:
 * @self: a service
 *
 * Gets the servers.
 *
 * Returns: (transfer container) (element-type AsabStreamServer): the servers
 */
GPtrArray *
asab_stream_server_service_dup_servers (AsabStreamServerService *self)
{
  g_return_val_if_fail (ASAB_IS_STREAM_SERVER_SERVICE (self), NULL);

  return g_ptr_array_copy (get_private (self)->servers, (GCopyFunc) g_object_ref, NULL);
}
