/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "asab-stream-client-service.h"

#include "asab-stream-service-private.h"

#include <asab-glib/app/asab-application.h>

/**
 * AsabStreamClientService:
 *
 * The stream clients of an application.
 *
 * Derive from it, and create the clients when it is initialized. Their settings are in the section of the configuration
 * that bears the name of the service: the keys are the properties of [class@StreamClient], such as `address` and
 * `max_delay`. With those of [class@TlsContext], such as `cafile`, the clients speak TLS. That a server does not answer
 * keeps nobody from starting. At exit-time all clients are stopped, and the application waits for their connections.
 */
typedef struct
{
  GPtrArray *clients; /* (owned) (element-type AsabStreamClient) */
} AsabStreamClientServicePrivate;

G_DEFINE_TYPE_WITH_PRIVATE (AsabStreamClientService, asab_stream_client_service, ASAB_TYPE_SERVICE)

static AsabStreamClientServicePrivate *
get_private (AsabStreamClientService *self)
{
  return asab_stream_client_service_get_instance_private (self);
}

static AsabFuture *
stop (gpointer client)
{
  return asab_stream_client_stop (client);
}

static AsabFuture *
asab_stream_client_service_terminate (AsabComponent   *component,
                                      AsabApplication *application G_GNUC_UNUSED)
{
  return asab_stream_service_stop_all (get_private (ASAB_STREAM_CLIENT_SERVICE (component))->clients, stop);
}

static void
asab_stream_client_service_notify (GObject    *object,
                                   GParamSpec *pspec)
{
  asab_stream_service_declare (ASAB_COMPONENT (object), pspec, ASAB_TYPE_STREAM_CLIENT);

  if (G_OBJECT_CLASS (asab_stream_client_service_parent_class)->notify != NULL)
    G_OBJECT_CLASS (asab_stream_client_service_parent_class)->notify (object, pspec);
}

static void
asab_stream_client_service_dispose (GObject *object)
{
  g_ptr_array_set_size (get_private (ASAB_STREAM_CLIENT_SERVICE (object))->clients, 0);

  G_OBJECT_CLASS (asab_stream_client_service_parent_class)->dispose (object);
}

static void
asab_stream_client_service_finalize (GObject *object)
{
  g_ptr_array_unref (get_private (ASAB_STREAM_CLIENT_SERVICE (object))->clients);

  G_OBJECT_CLASS (asab_stream_client_service_parent_class)->finalize (object);
}

static void
asab_stream_client_service_class_init (AsabStreamClientServiceClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->notify = asab_stream_client_service_notify;
  object_class->dispose = asab_stream_client_service_dispose;
  object_class->finalize = asab_stream_client_service_finalize;

  ASAB_COMPONENT_CLASS (klass)->terminate = asab_stream_client_service_terminate;
}

static void
asab_stream_client_service_init (AsabStreamClientService *self)
{
  get_private (self)->clients = g_ptr_array_new_with_free_func (g_object_unref);
}

/**
 * asab_stream_client_service_create_client:
 * @self: a service of an application
 * @protocol: the type of the channels, derived from [class@Dispatcher]
 * @address: (nullable): the server, as [property@StreamClient:address], or %NULL for what the configuration says
 * @error: return location for an error
 *
 * Creates a client, and starts it.
 *
 * Returns: (transfer none): the client, or %NULL on error
 */
AsabStreamClient *
asab_stream_client_service_create_client (AsabStreamClientService  *self,
                                          GType                     protocol,
                                          const char               *address,
                                          GError                  **error)
{
  g_autoptr(AsabStreamClient) client = NULL;

  g_return_val_if_fail (g_type_is_a (protocol, ASAB_TYPE_DISPATCHER) && !G_TYPE_IS_ABSTRACT (protocol), NULL);

  client = asab_stream_client_new (protocol);

  return asab_stream_client_service_add_client (self, client, address, error) ? client : NULL;
}

/**
 * asab_stream_client_service_add_client:
 * @self: a service of an application
 * @client: a client that does not run
 * @address: (nullable): the server, as [property@StreamClient:address], or %NULL for what the configuration says
 * @error: return location for an error
 *
 * Sets a client up from the configuration, and starts it.
 *
 * Returns: true if the client is running
 */
gboolean
asab_stream_client_service_add_client (AsabStreamClientService  *self,
                                       AsabStreamClient         *client,
                                       const char               *address,
                                       GError                  **error)
{
  g_return_val_if_fail (ASAB_IS_STREAM_CLIENT_SERVICE (self), FALSE);
  g_return_val_if_fail (ASAB_IS_STREAM_CLIENT (client), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (!asab_stream_service_set_up (ASAB_COMPONENT (self), G_OBJECT (client), "address", address, error) ||
      !asab_stream_client_start (client, error))
    return FALSE;

  g_ptr_array_add (get_private (self)->clients, g_object_ref (client));

  return TRUE;
}

/**
 * asab_stream_client_service_dup_clients:
 * @self: a service
 *
 * Gets the clients.
 *
 * Returns: (transfer container) (element-type AsabStreamClient): the clients
 */
GPtrArray *
asab_stream_client_service_dup_clients (AsabStreamClientService *self)
{
  g_return_val_if_fail (ASAB_IS_STREAM_CLIENT_SERVICE (self), NULL);

  return g_ptr_array_copy (get_private (self)->clients, (GCopyFunc) g_object_ref, NULL);
}
