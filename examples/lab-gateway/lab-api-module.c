/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "lab-api-module.h"

#include "lab-gateway-service.h"
#include "lab-order-service.h"
#include "lab-result-service.h"
#include "lab-station.h"

#include <asab-glib/asab-web.h>

#define PAGE "/asab/lab-gateway/index.html"
#define MAX_LIMIT 1000
#define MAX_WAIT 50

/**
 * LabApiModule:
 *
 * Answers requests: a page for people, and JSON for programs.
 */
struct _LabApiModule
{
  AsabModule parent_instance;

  AsabWebService *web;        /* (owned) (nullable) */
  LabGatewayService *gateway; /* (owned) (nullable) */
  LabResultService *results;  /* (owned) (nullable) */
  LabOrderService *orders;    /* (owned) (nullable) */
  AsabEvent *news;            /* (owned): wakes those who wait for results; set for good at the end */
  gint64 start_time;          /* monotonic, in microseconds */
};

G_DEFINE_FINAL_TYPE (LabApiModule, lab_api_module, ASAB_TYPE_MODULE)

static AsabFuture *
get_page (AsabWebRequest  *request,
          gpointer         user_data,
          GError         **error)
{
  g_autoptr(GBytes) page = g_resources_lookup_data (PAGE, G_RESOURCE_LOOKUP_FLAGS_NONE, error);

  if (page != NULL)
    asab_web_request_respond_bytes (request, page, "text/html; charset=utf-8");

  return NULL;
}

/* For those who watch over the service: a gateway that cannot keep results is of no use. */
static AsabFuture *
get_health (AsabWebRequest  *request,
            gpointer         user_data,
            GError         **error)
{
  LabApiModule *self = LAB_API_MODULE (user_data);

  if (lab_result_service_is_healthy (self->results))
    asab_web_request_respond_text (request, "OK\n");
  else
    g_set_error_literal (error, ASAB_WEB_ERROR, ASAB_WEB_ERROR_SERVICE_UNAVAILABLE, "Results cannot be kept");

  return NULL;
}

static AsabFuture *
get_status (AsabWebRequest  *request,
            gpointer         user_data,
            GError         **error)
{
  LabApiModule *self = LAB_API_MODULE (user_data);
  AsabApplication *application = asab_component_get_application (ASAB_COMPONENT (self));
  const LabResultCounters *results = lab_result_service_get_counters (self->results);
  LabGatewayCounters links = lab_gateway_service_get_counters (self->gateway);
  g_auto(GStrv) addresses = lab_gateway_service_dup_addresses (self->gateway);

  asab_web_request_respond_variant (
    request,
    g_variant_new_parsed ("{'version': <%s>, 'uptime': <%d>, 'addresses': <%^as>, 'demo': <%b>, 'healthy': <%b>,"
                          " 'results': <%t>, 'messages': <%t>, 'duplicates': <%t>, 'refused': <%t>,"
                          " 'unreadable': <%t>, 'queries': <%t>, 'naks': <%t>}",
                          asab_application_get_version (application),
                          (double) (g_get_monotonic_time () - self->start_time) / G_USEC_PER_SEC, addresses,
                          asab_config_get_boolean (asab_application_get_config (application), "demo", "enabled", NULL),
                          lab_result_service_is_healthy (self->results),
                          lab_result_service_get_last_id (self->results), results->n_messages, results->n_duplicates,
                          results->n_refused, results->n_unreadable, links.n_queries, links.n_naks));

  return NULL;
}

/* Makes an array of JSON from the elements of an array. */
static GVariant *
list_variants (GPtrArray  *items,
               GVariant *(*to_variant) (gpointer item))
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("aa{sv}"));
  for (guint i = 0; i < items->len; i++)
    g_variant_builder_add_value (&builder, to_variant (g_ptr_array_index (items, i)));

  return g_variant_builder_end (&builder);
}

static GVariant *
station_to_variant (gpointer station)
{
  return lab_station_to_variant (LAB_STATION (station));
}

static GVariant *
order_to_variant (gpointer order)
{
  return lab_order_to_variant (order);
}

static GVariant *
result_to_variant (gpointer result)
{
  return lab_result_to_variant (result);
}

static AsabFuture *
get_analysers (AsabWebRequest  *request,
               gpointer         user_data,
               GError         **error)
{
  LabApiModule *self = LAB_API_MODULE (user_data);

  asab_web_request_respond_variant (
    request, list_variants (lab_gateway_service_list_stations (self->gateway), station_to_variant));

  return NULL;
}

static AsabFuture *
get_orders (AsabWebRequest  *request,
            gpointer         user_data,
            GError         **error)
{
  LabApiModule *self = LAB_API_MODULE (user_data);

  asab_web_request_respond_variant (request, list_variants (lab_order_service_list (self->orders), order_to_variant));

  return NULL;
}

/* Returns: (nullable): the order in the body */
static LabOrder *
parse_order (AsabWebRequest  *request,
             GError         **error)
{
  JsonNode *json = asab_web_request_get_json (request, error);
  g_autoptr(GVariant) variant = NULL;
  g_autoptr(GError) local_error = NULL;
  LabOrder *order = NULL;

  if (json == NULL)
    return NULL;

  variant = json_gvariant_deserialize (json, "a{sv}", &local_error);
  if (variant != NULL)
    order = lab_order_new_from_variant (g_variant_ref_sink (variant), &local_error);
  if (order == NULL)
    g_set_error (error, ASAB_WEB_ERROR, ASAB_WEB_ERROR_UNPROCESSABLE_CONTENT, "This is no order: %s",
                 local_error->message);

  return order;
}

/* Runs in a fiber: the answer is sent when the order is on the disk. */
static gboolean
post_order (AsabWebRequest  *request,
            gpointer         user_data,
            GError         **error)
{
  LabApiModule *self = LAB_API_MODULE (user_data);
  g_autoptr(LabOrder) order = parse_order (request, error);

  if (order == NULL || !asab_await (ASAB_TEMP (lab_order_service_add (self->orders, order)), error))
    return FALSE;

  asab_web_request_respond_variant (request, lab_order_to_variant (order));
  asab_web_request_set_status (request, 201);

  return TRUE;
}

/* Results */

static gboolean
get_number (AsabWebRequest  *request,
            const char      *name,
            guint64          maximum,
            guint64         *number,
            GError         **error)
{
  const char *text = asab_web_request_get_query (request, name);
  g_autoptr(GError) local_error = NULL;

  if (text == NULL || g_ascii_string_to_unsigned (text, 10, 0, maximum, number, &local_error))
    return TRUE;

  g_set_error (error, ASAB_WEB_ERROR, ASAB_WEB_ERROR_BAD_REQUEST, "Bad value of “%s”: %s", name, local_error->message);

  return FALSE;
}

/* Waits until there is a result after number @after, but not for longer than a time, nor when all is to end. */
static gboolean
wait_for_results (LabApiModule  *self,
                  guint64        after,
                  double         seconds,
                  GError       **error)
{
  gint64 end = g_get_monotonic_time () + (gint64) (seconds * G_USEC_PER_SEC);

  while (lab_result_service_get_last_id (self->results) <= after && !asab_event_is_set (self->news))
    {
      double remaining = (double) (end - g_get_monotonic_time ()) / G_USEC_PER_SEC;
      g_autoptr(AsabFuture) news = asab_event_wait (self->news);
      g_autoptr(GError) local_error = NULL;

      if (asab_await (ASAB_TEMP (asab_future_with_timeout (news, MAX (remaining, 0), TRUE)), &local_error))
        continue;
      if (g_error_matches (local_error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
        break;
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }

  return TRUE;
}

/* Runs in a fiber. A client that has seen all results says so, and gets the next ones as soon as they come. */
static gboolean
get_results (AsabWebRequest  *request,
             gpointer         user_data,
             GError         **error)
{
  LabApiModule *self = LAB_API_MODULE (user_data);
  guint64 after = 0, limit = MAX_LIMIT, wait = 0;
  g_autoptr(GPtrArray) results = NULL;

  if (!get_number (request, "after", G_MAXUINT64, &after, error) ||
      !get_number (request, "limit", MAX_LIMIT, &limit, error) ||
      !get_number (request, "wait", MAX_WAIT, &wait, error) ||
      (wait > 0 && !wait_for_results (self, after, (double) wait, error)))
    return FALSE;

  results = lab_result_service_list (self->results, after, (guint) limit);
  asab_web_request_respond_variant (
    request, g_variant_new_parsed ("{'last': <%t>, 'results': <%*>}", lab_result_service_get_last_id (self->results),
                                   list_variants (results, result_to_variant)));

  return TRUE;
}

static AsabFuture *
result_received_cb (AsabPubSub   *bus,
                    AsabMessage  *message,
                    gpointer      user_data,
                    GError      **error)
{
  LabApiModule *self = LAB_API_MODULE (user_data);

  asab_event_set (self->news);
  asab_event_clear (self->news);

  return NULL;
}

/* Life */

static gboolean
add_routes (LabApiModule   *self,
            AsabWebRouter  *router,
            GError        **error)
{
  static const struct
  {
    const char *method;
    const char *pattern;
    AsabWebHandler handler;
  } routes[] = {
    { "GET", "/", get_page },
    { "GET", "/health", get_health },
    { "GET", "/api/status", get_status },
    { "GET", "/api/analysers", get_analysers },
    { "GET", "/api/orders", get_orders },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (routes); i++)
    {
      if (!asab_web_router_add (router, routes[i].method, routes[i].pattern, routes[i].handler, self, NULL, error))
        return FALSE;
    }

  return asab_web_router_add_fiber (router, "GET", "/api/results", get_results, self, NULL, error) &&
         asab_web_router_add_fiber (router, "POST", "/api/orders", post_order, self, NULL, error);
}

/* What was registered before is ready, so its services can be used. */
static AsabFuture *
lab_api_module_initialize (AsabComponent   *component,
                           AsabApplication *application)
{
  LabApiModule *self = LAB_API_MODULE (component);
  g_autoptr(GError) error = NULL;

  self->start_time = g_get_monotonic_time ();
  self->web = g_object_ref (ASAB_WEB_SERVICE (asab_application_get_service (application, "web")));
  self->gateway = g_object_ref (LAB_GATEWAY_SERVICE (asab_application_get_service (application, "gateway")));
  self->results = g_object_ref (LAB_RESULT_SERVICE (asab_application_get_service (application, "results")));
  self->orders = g_object_ref (LAB_ORDER_SERVICE (asab_application_get_service (application, "orders")));

  asab_pubsub_subscribe_object (asab_application_get_pubsub (application), "Result.received!", G_OBJECT (self),
                                result_received_cb, self, NULL);

  if (!add_routes (self, asab_web_service_get_router (self->web), &error))
    return asab_future_new_rejected (error);

  return NULL;
}

/* Those who wait for results get their answer now, so that nobody has to wait for them. */
static AsabFuture *
lab_api_module_terminate (AsabComponent   *component,
                          AsabApplication *application)
{
  asab_event_set (LAB_API_MODULE (component)->news);

  return NULL;
}

static void
lab_api_module_dispose (GObject *object)
{
  LabApiModule *self = LAB_API_MODULE (object);

  g_clear_object (&self->web);
  g_clear_object (&self->gateway);
  g_clear_object (&self->results);
  g_clear_object (&self->orders);

  G_OBJECT_CLASS (lab_api_module_parent_class)->dispose (object);
}

static void
lab_api_module_finalize (GObject *object)
{
  g_object_unref (LAB_API_MODULE (object)->news);

  G_OBJECT_CLASS (lab_api_module_parent_class)->finalize (object);
}

static void
lab_api_module_class_init (LabApiModuleClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = lab_api_module_dispose;
  G_OBJECT_CLASS (klass)->finalize = lab_api_module_finalize;
  ASAB_COMPONENT_CLASS (klass)->initialize = lab_api_module_initialize;
  ASAB_COMPONENT_CLASS (klass)->terminate = lab_api_module_terminate;
}

static void
lab_api_module_init (LabApiModule *self)
{
  self->news = asab_event_new ();
}

LabApiModule *
lab_api_module_new (AsabApplication *application)
{
  return g_object_new (LAB_TYPE_API_MODULE, "application", application, "name", "api", NULL);
}
