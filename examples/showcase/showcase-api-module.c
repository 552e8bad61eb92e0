/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "showcase-api-module.h"

#include "showcase-tick-service.h"

/**
 * ShowcaseApiModule:
 *
 * Answers requests: a page for people, and JSON for programs.
 *
 * The section `api` of the configuration sets its properties.
 */
struct _ShowcaseApiModule
{
  AsabModule parent_instance;

  AsabWebService *web;        /* (owned) */
  ShowcaseTickService *ticks; /* (owned) */
  char *greeting;             /* (owned) */
  gint64 start_time;          /* monotonic, in microseconds */
  guint64 last_milestone;     /* 0 before the first */
};

G_DEFINE_FINAL_TYPE (ShowcaseApiModule, showcase_api_module, ASAB_TYPE_MODULE)

typedef enum
{
  PROP_GREETING = 1,
} ShowcaseApiModuleProperty;

static GParamSpec *props[PROP_GREETING + 1];

static AsabFuture *
get_page (AsabWebRequest  *request,
          gpointer         user_data,
          GError         **error)
{
  g_autoptr(GBytes) page = g_resources_lookup_data ("/asab/showcase/index.html", G_RESOURCE_LOOKUP_FLAGS_NONE, error);

  if (page != NULL)
    asab_web_request_respond_bytes (request, page, "text/html; charset=utf-8");

  return NULL;
}

static AsabFuture *
get_hello (AsabWebRequest  *request,
           gpointer         user_data,
           GError         **error)
{
  asab_web_request_respond_text (request, "Hello, world!\n");

  return NULL;
}

static char **
dup_names (GPtrArray *components)
{
  g_autoptr(GStrvBuilder) names = g_strv_builder_new ();

  for (guint i = 0; i < components->len; i++)
    g_strv_builder_add (names, asab_component_get_name (g_ptr_array_index (components, i)));

  return g_strv_builder_end (names);
}

static AsabFuture *
get_status (AsabWebRequest  *request,
            gpointer         user_data,
            GError         **error)
{
  ShowcaseApiModule *self = SHOWCASE_API_MODULE (user_data);
  AsabApplication *application = asab_component_get_application (ASAB_COMPONENT (self));
  AsabWebContainer *container = asab_web_service_get_container (self->web);
  g_autoptr(GPtrArray) services = asab_application_list_services (application);
  g_autoptr(GPtrArray) modules = asab_application_list_modules (application);
  g_auto(GStrv) service_names = dup_names (services);
  g_auto(GStrv) module_names = dup_names (modules);

  asab_web_request_respond_variant (
    request,
    g_variant_new_parsed ("{'description': <%s>, 'version': <%s>, 'uptime': <%d>, 'ticks': <%t>, 'milestone': <%t>,"
                          " 'connections': <%u>, 'services': <%^as>, 'modules': <%^as>}",
                          asab_application_get_description (application), asab_application_get_version (application),
                          (double) (g_get_monotonic_time () - self->start_time) / G_USEC_PER_SEC,
                          showcase_tick_service_get_count (self->ticks), self->last_milestone,
                          asab_web_container_get_n_connections (container), service_names, module_names));

  return NULL;
}

/* A body that is not JSON is answered with status 400. */
static AsabFuture *
post_echo (AsabWebRequest  *request,
           gpointer         user_data,
           GError         **error)
{
  JsonNode *json = asab_web_request_get_json (request, error);

  if (json != NULL)
    asab_web_request_respond_json (request, json);

  return NULL;
}

static AsabFuture *
get_greeting (AsabWebRequest  *request,
              gpointer         user_data,
              GError         **error)
{
  ShowcaseApiModule *self = SHOWCASE_API_MODULE (user_data);
  const char *name = asab_web_request_get_param (request, "name");
  g_autofree char *greeting = g_strdup_printf ("%s, %s!", self->greeting, name);

  asab_web_request_respond_variant (request, g_variant_new_parsed ("{'name': <%s>, 'greeting': <%s>}", name, greeting));

  return NULL;
}

/* Runs in a fiber: while it sleeps, all others are served. */
static gboolean
get_slow (AsabWebRequest  *request,
          gpointer         user_data,
          GError         **error)
{
  const double seconds = 0.5;

  if (!asab_fiber_sleep (seconds, error))
    return FALSE;

  asab_web_request_respond_variant (request, g_variant_new_parsed ("{'slept': <%d>}", seconds));

  return TRUE;
}

/* The code of the error is the status of the answer. */
static AsabFuture *
get_fail (AsabWebRequest  *request,
          gpointer         user_data,
          GError         **error)
{
  g_set_error_literal (error, ASAB_WEB_ERROR, ASAB_WEB_ERROR_SERVICE_UNAVAILABLE, "This never works");

  return NULL;
}

static gboolean
add_routes (ShowcaseApiModule  *self,
            AsabWebRouter      *router,
            GError            **error)
{
  static const struct
  {
    const char *method;
    const char *pattern;
    AsabWebHandler handler;
  } routes[] = {
    { "GET", "/", get_page },
    { "GET", "/hello", get_hello },
    { "GET", "/api/status", get_status },
    { "POST", "/api/echo", post_echo },
    { "GET", "/api/greetings/{name}", get_greeting },
    { "GET", "/api/fail", get_fail },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (routes); i++)
    {
      if (!asab_web_router_add (router, routes[i].method, routes[i].pattern, routes[i].handler, self, NULL, error))
        return FALSE;
    }

  return asab_web_router_add_fiber (router, "GET", "/api/slow", get_slow, self, NULL, error);
}

static AsabFuture *
milestone_cb (AsabPubSub   *bus,
              AsabMessage  *message,
              gpointer      user_data,
              GError      **error)
{
  ShowcaseApiModule *self = SHOWCASE_API_MODULE (user_data);

  self->last_milestone = g_value_get_uint64 (asab_message_get_arg (message, 0));
  g_info ("%" G_GUINT64_FORMAT " ticks", self->last_milestone);

  return NULL;
}

/* What was registered before is ready, so its services can be used. */
static AsabFuture *
showcase_api_module_initialize (AsabComponent   *component,
                                AsabApplication *application)
{
  ShowcaseApiModule *self = SHOWCASE_API_MODULE (component);
  g_autoptr(GError) error = NULL;

  self->start_time = g_get_monotonic_time ();
  self->web = g_object_ref (ASAB_WEB_SERVICE (asab_application_get_service (application, "web")));
  self->ticks = g_object_ref (SHOWCASE_TICK_SERVICE (asab_application_get_service (application, "ticks")));

  asab_pubsub_subscribe_object (asab_application_get_pubsub (application), "Ticks.milestone!", G_OBJECT (self),
                                milestone_cb, self, NULL);

  if (!add_routes (self, asab_web_service_get_router (self->web), &error))
    return asab_future_new_rejected (error);

  return NULL;
}

static void
showcase_api_module_get_property (GObject    *object,
                                  guint       prop_id,
                                  GValue     *value,
                                  GParamSpec *pspec)
{
  ShowcaseApiModule *self = SHOWCASE_API_MODULE (object);

  switch ((ShowcaseApiModuleProperty) prop_id)
    {
    case PROP_GREETING:
      g_value_set_string (value, self->greeting);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
showcase_api_module_set_property (GObject      *object,
                                  guint         prop_id,
                                  const GValue *value,
                                  GParamSpec   *pspec)
{
  ShowcaseApiModule *self = SHOWCASE_API_MODULE (object);

  switch ((ShowcaseApiModuleProperty) prop_id)
    {
    case PROP_GREETING:
      g_free (self->greeting);
      self->greeting = g_value_dup_string (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
showcase_api_module_dispose (GObject *object)
{
  ShowcaseApiModule *self = SHOWCASE_API_MODULE (object);

  g_clear_object (&self->web);
  g_clear_object (&self->ticks);

  G_OBJECT_CLASS (showcase_api_module_parent_class)->dispose (object);
}

static void
showcase_api_module_finalize (GObject *object)
{
  ShowcaseApiModule *self = SHOWCASE_API_MODULE (object);

  g_free (self->greeting);

  G_OBJECT_CLASS (showcase_api_module_parent_class)->finalize (object);
}

static void
showcase_api_module_class_init (ShowcaseApiModuleClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = showcase_api_module_get_property;
  object_class->set_property = showcase_api_module_set_property;
  object_class->dispose = showcase_api_module_dispose;
  object_class->finalize = showcase_api_module_finalize;

  ASAB_COMPONENT_CLASS (klass)->initialize = showcase_api_module_initialize;

  /**
   * ShowcaseApiModule:greeting:
   *
   * How people are greeted.
   */
  props[PROP_GREETING] = g_param_spec_string ("greeting", NULL, NULL, "Hello",
                                              G_PARAM_READWRITE | G_PARAM_CONSTRUCT | G_PARAM_STATIC_STRINGS);

  g_object_class_install_properties (object_class, G_N_ELEMENTS (props), props);
}

static void
showcase_api_module_init (ShowcaseApiModule *self)
{
}

ShowcaseApiModule *
showcase_api_module_new (AsabApplication *application)
{
  return g_object_new (SHOWCASE_TYPE_API_MODULE, "application", application, "name", "api", NULL);
}
