/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "lab-gateway-service.h"

#include "lab-port.h"
#include "lab-station.h"

/* How many links are remembered that are closed. */
#define MAX_CLOSED 20

/**
 * LabGatewayService:
 *
 * Listens for analysers, and makes a [class@Station] for each of them.
 *
 * The section `gateway` of the configuration sets the properties of its server. Without an address it listens at the
 * first free port of this machine.
 */
struct _LabGatewayService
{
  AsabStreamServerService parent_instance;

  AsabStreamServer *server;  /* (owned) (nullable) */
  LabResultService *results; /* (owned) (nullable) */
  LabOrderService *orders;   /* (owned) (nullable) */
  GPtrArray *stations;       /* (owned) (element-type LabStation): in order of their coming */
  LabGatewayCounters gone;   /* of those that are not in it any more */
};

G_DEFINE_FINAL_TYPE (LabGatewayService, lab_gateway_service, ASAB_TYPE_STREAM_SERVER_SERVICE)

static void
count_station (LabGatewayCounters *counters,
               LabStation         *station)
{
  counters->n_naks += astm_link_get_counters (ASTM_LINK (station))->n_naks_sent;
  counters->n_queries += lab_station_get_n_queries (station);
}

/* Drops what is known of links that are closed, but for the last ones, and for one of each analyser. */
static void
drop_closed_stations (LabGatewayService *self)
{
  g_autoptr(GHashTable) names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  guint n_closed = 0;

  for (guint i = self->stations->len; i > 0; i--)
    {
      LabStation *station = g_ptr_array_index (self->stations, i - 1);
      gboolean is_last = g_hash_table_add (names, g_strdup (lab_station_get_name (station)));

      if (!asab_dispatcher_is_closed (ASAB_DISPATCHER (station)) || (is_last && ++n_closed <= MAX_CLOSED))
        continue;
      count_station (&self->gone, station);
      g_ptr_array_remove_index (self->stations, i - 1);
    }
}

static AsabDispatcher *
make_station (AsabStreamServer  *server,
              gpointer           user_data,
              GError           **error)
{
  LabGatewayService *self = LAB_GATEWAY_SERVICE (user_data);
  LabStation *station = lab_station_new (self->results, self->orders);

  drop_closed_stations (self);
  g_ptr_array_add (self->stations, g_object_ref (station));

  return ASAB_DISPATCHER (station);
}

/* The address is %NULL for the one that the configuration has. */
static gboolean
listen_for_analysers (AsabComponent  *component,
                      const char     *address,
                      GError        **error)
{
  LabGatewayService *self = LAB_GATEWAY_SERVICE (component);
  g_autoptr(AsabStreamServer) server = asab_stream_server_new_with_factory (make_station, self, NULL);

  if (!asab_stream_server_service_add_server (ASAB_STREAM_SERVER_SERVICE (self), server, address, error))
    return FALSE;

  g_set_object (&self->server, server);

  return TRUE;
}

static AsabFuture *
lab_gateway_service_initialize (AsabComponent   *component,
                                AsabApplication *application)
{
  LabGatewayService *self = LAB_GATEWAY_SERVICE (component);
  g_autoptr(GError) error = NULL;
  gboolean is_listening;

  self->results = g_object_ref (LAB_RESULT_SERVICE (asab_application_get_service (application, "results")));
  self->orders = g_object_ref (LAB_ORDER_SERVICE (asab_application_get_service (application, "orders")));

  is_listening = lab_port_has_address (component)
                   ? listen_for_analysers (component, NULL, &error)
                   : lab_port_listen (component, "first_gateway_port", listen_for_analysers, &error);

  return is_listening ? NULL : asab_future_new_rejected (error);
}

/* Messages that are under way may come to their end; then the server is stopped. */
static gboolean
finish (gpointer   user_data,
        GValue    *result,
        GError   **error)
{
  LabGatewayService *self = LAB_GATEWAY_SERVICE (user_data);
  AsabApplication *application = asab_component_get_application (ASAB_COMPONENT (self));
  g_autoptr(GPtrArray) futures = g_ptr_array_new_with_free_func ((GDestroyNotify) asab_future_unref);
  g_autoptr(AsabFuture) finished = NULL;
  double timeout;

  for (guint i = 0; i < self->stations->len; i++)
    g_ptr_array_add (futures, lab_station_finish (g_ptr_array_index (self->stations, i)));
  finished = asab_future_all_settled ((AsabFuture **) futures->pdata, futures->len);

  g_object_get (self->server, "stop-timeout", &timeout, NULL);
  asab_await (ASAB_TEMP (asab_future_with_timeout (finished, timeout, TRUE)), NULL);

  return asab_await (ASAB_TEMP (ASAB_COMPONENT_CLASS (lab_gateway_service_parent_class)
                                  ->terminate (ASAB_COMPONENT (self), application)),
                     error);
}

static AsabFuture *
lab_gateway_service_terminate (AsabComponent   *component,
                               AsabApplication *application)
{
  return asab_spawn (finish, g_object_ref (component), g_object_unref);
}

static void
lab_gateway_service_dispose (GObject *object)
{
  LabGatewayService *self = LAB_GATEWAY_SERVICE (object);

  g_ptr_array_set_size (self->stations, 0);
  g_clear_object (&self->server);
  g_clear_object (&self->results);
  g_clear_object (&self->orders);

  G_OBJECT_CLASS (lab_gateway_service_parent_class)->dispose (object);
}

static void
lab_gateway_service_finalize (GObject *object)
{
  g_ptr_array_unref (LAB_GATEWAY_SERVICE (object)->stations);

  G_OBJECT_CLASS (lab_gateway_service_parent_class)->finalize (object);
}

static void
lab_gateway_service_class_init (LabGatewayServiceClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = lab_gateway_service_dispose;
  G_OBJECT_CLASS (klass)->finalize = lab_gateway_service_finalize;
  ASAB_COMPONENT_CLASS (klass)->initialize = lab_gateway_service_initialize;
  ASAB_COMPONENT_CLASS (klass)->terminate = lab_gateway_service_terminate;
}

static void
lab_gateway_service_init (LabGatewayService *self)
{
  self->stations = g_ptr_array_new_with_free_func (g_object_unref);
}

LabGatewayService *
lab_gateway_service_new (AsabApplication *application)
{
  return g_object_new (LAB_TYPE_GATEWAY_SERVICE, "application", application, "name", "gateway", NULL);
}

/* Where analysers can connect, as HOST:PORT. */
char **
lab_gateway_service_dup_addresses (LabGatewayService *self)
{
  return asab_stream_server_dup_addresses (self->server);
}

/* Returns: (transfer none) (element-type LabStation): the analysers that are there, and the last ones that were */
GPtrArray *
lab_gateway_service_list_stations (LabGatewayService *self)
{
  return self->stations;
}

LabGatewayCounters
lab_gateway_service_get_counters (LabGatewayService *self)
{
  LabGatewayCounters counters = self->gone;

  for (guint i = 0; i < self->stations->len; i++)
    count_station (&counters, g_ptr_array_index (self->stations, i));

  return counters;
}
