/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "lab-application.h"

#include "lab-alarm-module.h"
#include "lab-api-module.h"
#include "lab-demo-module.h"
#include "lab-gateway-service.h"
#include "lab-order-service.h"
#include "lab-port.h"
#include "lab-result-service.h"

#include <asab-glib/asab-web.h>

/**
 * LabApplication:
 *
 * Puts the parts together.
 *
 *     analyser ══ ASTM ══ LabGatewayService ──── LabResultService ── its journal
 *                                │                      │
 *                         LabOrderService        Result.received! on the bus
 *                                │                      ├── LabAlarmModule: the log
 *                          its journal                  └── LabApiModule: page and API
 */
struct _LabApplication
{
  AsabApplication parent_instance;
};

G_DEFINE_FINAL_TYPE (LabApplication, lab_application, ASAB_TYPE_APPLICATION)

static gboolean
listen_for_browsers (AsabComponent  *component,
                     const char     *address,
                     GError        **error)
{
  AsabWebContainer *container = asab_web_service_get_container (ASAB_WEB_SERVICE (component));

  g_object_set (container, "listen", address, NULL);

  return asab_web_container_listen (container, error);
}

/* The application keeps the components and initializes them in the order in which they are made here. */
static AsabFuture *
lab_application_initialize (AsabApplication *application)
{
  g_autoptr(AsabWebService) web = asab_web_service_new (application);
  g_autoptr(LabResultService) results G_GNUC_UNUSED = lab_result_service_new (application);
  g_autoptr(LabOrderService) orders G_GNUC_UNUSED = lab_order_service_new (application);
  g_autoptr(LabGatewayService) gateway G_GNUC_UNUSED = lab_gateway_service_new (application);
  g_autoptr(LabAlarmModule) alarm G_GNUC_UNUSED = lab_alarm_module_new (application);
  g_autoptr(LabApiModule) api G_GNUC_UNUSED = lab_api_module_new (application);
  g_autoptr(LabDemoModule) demo G_GNUC_UNUSED = lab_demo_module_new (application);
  g_autoptr(GError) error = NULL;

  /* The container keeps what it has opened, so that nobody can take the port before the web service is initialized. */
  if (!lab_port_has_address (ASAB_COMPONENT (web)) &&
      !lab_port_listen (ASAB_COMPONENT (web), "first_web_port", listen_for_browsers, &error))
    return asab_future_new_rejected (error);

  return NULL;
}

static AsabFuture *
web_started_cb (AsabPubSub   *bus,
                AsabMessage  *message,
                gpointer      user_data,
                GError      **error)
{
  AsabApplication *application = ASAB_APPLICATION (user_data);
  LabGatewayService *gateway = LAB_GATEWAY_SERVICE (asab_application_get_service (application, "gateway"));
  AsabWebContainer *container = ASAB_WEB_CONTAINER (asab_message_get_object (message, 0));
  g_auto(GStrv) web_addresses = asab_web_container_dup_addresses (container);
  g_auto(GStrv) gateway_addresses = lab_gateway_service_dup_addresses (gateway);

  for (gsize i = 0; web_addresses[i] != NULL; i++)
    g_print ("Listening on %s%s\n", web_addresses[i], g_str_has_prefix (web_addresses[i], "http:") ? "/" : "");
  for (gsize i = 0; gateway_addresses[i] != NULL; i++)
    g_print ("Analysers connect to %s\n", gateway_addresses[i]);
  g_print ("Press Ctrl-C to stop.\n");

  return NULL;
}

static void
lab_application_constructed (GObject *object)
{
  AsabApplication *application = ASAB_APPLICATION (object);
  AsabConfig *config = asab_application_get_config (application);

  G_OBJECT_CLASS (lab_application_parent_class)->constructed (object);

  asab_config_add_defaults (config, "lab", "first_web_port", "8080", "first_gateway_port", "15200", NULL);
  asab_config_declare (config, "lab", "first_web_port", ASAB_CONFIG_KIND_INT64);
  asab_config_declare (config, "lab", "first_gateway_port", ASAB_CONFIG_KIND_INT64);

  asab_pubsub_subscribe_object (asab_application_get_pubsub (application), "WebContainer.started!", object,
                                web_started_cb, object, NULL);
}

static void
lab_application_class_init (LabApplicationClass *klass)
{
  G_OBJECT_CLASS (klass)->constructed = lab_application_constructed;
  ASAB_APPLICATION_CLASS (klass)->initialize = lab_application_initialize;
}

static void
lab_application_init (LabApplication *self)
{
}

AsabApplication *
lab_application_new (void)
{
  return g_object_new (LAB_TYPE_APPLICATION,
                       "description", "Takes the results of medical analysers",
                       "version", ASAB_VERSION_S,
                       NULL);
}
