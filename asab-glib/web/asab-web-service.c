/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "asab-web-service.h"

/**
 * AsabWebService:
 *
 * The web server of an application.
 *
 * Its [class@Container] is set up from the section of the configuration that bears the name of the service, which is
 * `web` unless it is told otherwise: the keys are the properties of the container, as in `listen = 127.0.0.1 8080`.
 *
 * The addresses are opened when the service is initialized: one that cannot be had ends the application with an error.
 * Clients are let in at `Application.run!`, when all services are ready; then `WebContainer.started!` is published,
 * and `WebContainer.stopped!` when the last request has been answered at exit-time. Both carry the container.
 */
struct _AsabWebService
{
  AsabService parent_instance;

  AsabWebContainer *container; /* (owned) */
};

G_DEFINE_FINAL_TYPE (AsabWebService, asab_web_service, ASAB_TYPE_SERVICE)

typedef enum
{
  PROP_CONTAINER = 1,
} AsabWebServiceProperty;

static GParamSpec *props[PROP_CONTAINER + 1];

static void
publish (AsabWebService *self,
         const char     *message_type)
{
  AsabApplication *application = asab_component_get_application (ASAB_COMPONENT (self));

  if (application != NULL)
    asab_pubsub_publish_with (asab_application_get_pubsub (application), message_type,
                              ASAB_TYPE_WEB_CONTAINER, self->container, G_TYPE_INVALID);
}

static void
log_addresses (AsabWebContainer *container)
{
  g_auto(GStrv) addresses = asab_web_container_dup_addresses (container);
  g_autofree char *list = g_strjoinv (" ", addresses);

  g_message ("Listening at %s", list);
}

/* Run-time begins: lets the clients in that have been waiting since the addresses were opened. */
static AsabFuture *
start_cb (AsabPubSub   *bus G_GNUC_UNUSED,
          AsabMessage  *message G_GNUC_UNUSED,
          gpointer      user_data,
          GError      **error)
{
  AsabWebService *self = ASAB_WEB_SERVICE (user_data);
  g_autoptr(AsabFuture) started = asab_web_container_start (self->container);

  asab_future_get_value (started, error);
  if (asab_future_is_rejected (started))
    {
      asab_application_stop (asab_component_get_application (ASAB_COMPONENT (self)), EXIT_FAILURE);
      return NULL;
    }

  log_addresses (self->container);
  publish (self, "WebContainer.started!");

  return NULL;
}

static AsabFuture *
asab_web_service_initialize (AsabComponent   *component,
                             AsabApplication *application)
{
  AsabWebService *self = ASAB_WEB_SERVICE (component);
  const char *section = asab_component_get_name (component);
  g_autoptr(GError) error = NULL;

  if (!asab_config_bind (asab_application_get_config (application), section, G_OBJECT (self->container), &error) ||
      !asab_web_container_listen (self->container, &error))
    return asab_future_new_rejected (error);

  asab_pubsub_subscribe_object (asab_application_get_pubsub (application), "Application.run!", G_OBJECT (self),
                                start_cb, self, NULL);

  return ASAB_COMPONENT_CLASS (asab_web_service_parent_class)->initialize (component, application);
}

static void
stopped_cb (AsabFuture *future G_GNUC_UNUSED,
            gpointer    user_data)
{
  publish (ASAB_WEB_SERVICE (user_data), "WebContainer.stopped!");
}

static AsabFuture *
asab_web_service_terminate (AsabComponent   *component,
                            AsabApplication *application G_GNUC_UNUSED)
{
  AsabWebService *self = ASAB_WEB_SERVICE (component);
  gboolean was_running = asab_web_container_is_running (self->container);
  AsabFuture *stopped = asab_web_container_stop (self->container);

  if (was_running)
    asab_future_when_done (stopped, stopped_cb, g_object_ref (self), g_object_unref);

  return stopped;
}

static void
asab_web_service_get_property (GObject    *object,
                               guint       prop_id,
                               GValue     *value,
                               GParamSpec *pspec)
{
  AsabWebService *self = ASAB_WEB_SERVICE (object);

  switch ((AsabWebServiceProperty) prop_id)
    {
    case PROP_CONTAINER:
      g_value_set_object (value, self->container);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
asab_web_service_notify (GObject    *object,
                         GParamSpec *pspec)
{
  AsabWebService *self = ASAB_WEB_SERVICE (object);
  AsabApplication *application = asab_component_get_application (ASAB_COMPONENT (self));

  /* The container is bound to the section when the service is initialized, but its keys mean something from now on. */
  if (application != NULL && g_str_equal (pspec->name, "application"))
    asab_config_declare_properties (asab_application_get_config (application),
                                    asab_component_get_name (ASAB_COMPONENT (self)), G_OBJECT_TYPE (self->container));

  if (G_OBJECT_CLASS (asab_web_service_parent_class)->notify != NULL)
    G_OBJECT_CLASS (asab_web_service_parent_class)->notify (object, pspec);
}

static void
asab_web_service_dispose (GObject *object)
{
  AsabWebService *self = ASAB_WEB_SERVICE (object);

  g_clear_object (&self->container);

  G_OBJECT_CLASS (asab_web_service_parent_class)->dispose (object);
}

static void
asab_web_service_class_init (AsabWebServiceClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  AsabComponentClass *component_class = ASAB_COMPONENT_CLASS (klass);

  object_class->get_property = asab_web_service_get_property;
  object_class->notify = asab_web_service_notify;
  object_class->dispose = asab_web_service_dispose;

  component_class->initialize = asab_web_service_initialize;
  component_class->terminate = asab_web_service_terminate;

  /**
   * AsabWebService:container: (getter get_container)
   *
   * The container.
   */
  props[PROP_CONTAINER] = g_param_spec_object ("container", NULL, NULL, ASAB_TYPE_WEB_CONTAINER,
                                               G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);

  g_object_class_install_properties (object_class, G_N_ELEMENTS (props), props);
}

static void
asab_web_service_init (AsabWebService *self)
{
  self->container = asab_web_container_new ();
}

/**
 * asab_web_service_new:
 * @application: an application
 *
 * Creates the service `web` of an application and registers it.
 *
 * For a second web server, construct the type with another `name`.
 *
 * Returns: (transfer full): a new service
 */
AsabWebService *
asab_web_service_new (AsabApplication *application)
{
  g_return_val_if_fail (ASAB_IS_APPLICATION (application), NULL);

  return g_object_new (ASAB_TYPE_WEB_SERVICE, "application", application, "name", "web", NULL);
}

/**
 * asab_web_service_get_container: (get-property container)
 * @self: a web service
 *
 * Gets the container.
 *
 * Returns: (transfer none): the container
 */
AsabWebContainer *
asab_web_service_get_container (AsabWebService *self)
{
  g_return_val_if_fail (ASAB_IS_WEB_SERVICE (self), NULL);

  return self->container;
}

/**
 * asab_web_service_get_router:
 * @self: a web service
 *
 * Gets the router of the container.
 *
 * Returns: (transfer none): the router
 */
AsabWebRouter *
asab_web_service_get_router (AsabWebService *self)
{
  g_return_val_if_fail (ASAB_IS_WEB_SERVICE (self), NULL);

  return asab_web_container_get_router (self->container);
}
