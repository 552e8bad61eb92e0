/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "lab-demo-module.h"

#include "lab-analyser.h"
#include "lab-gateway-service.h"

/**
 * LabDemoModule:
 *
 * Plays an analyser, so that there is something to see. It comes to the gateway by the network, as others do.
 *
 * The section `demo` of the configuration sets its properties.
 */
struct _LabDemoModule
{
  AsabModule parent_instance;

  gboolean is_enabled;
  double interval;
  AsabFuture *playing; /* (owned) (nullable) */
};

G_DEFINE_FINAL_TYPE (LabDemoModule, lab_demo_module, ASAB_TYPE_MODULE)

typedef enum
{
  PROP_ENABLED = 1,
  PROP_INTERVAL,
} LabDemoModuleProperty;

static GParamSpec *props[PROP_INTERVAL + 1];

static AsabDispatcher *
make_analyser (AsabStreamClient  *client,
               gpointer           user_data,
               GError           **error)
{
  return ASAB_DISPATCHER (lab_analyser_new ("demo"));
}

/* As long as the connection lasts: asks what is ordered, measures that and something else, and rests. */
static gboolean
play_session (LabDemoModule     *self,
              AsabStreamClient  *client,
              GError           **error)
{
  g_autoptr(LabAnalyser) analyser = asab_await_object (ASAB_TEMP (asab_stream_client_wait_connected (client)), error);

  if (analyser == NULL)
    return FALSE;

  for (;;)
    {
      if (!asab_await (ASAB_TEMP (lab_analyser_measure_orders (analyser)), error) ||
          !asab_await (ASAB_TEMP (lab_analyser_measure (analyser)), error) ||
          !asab_fiber_sleep (self->interval, error))
        return FALSE;
    }
}

/* Runs in a fiber, and does not end until it is cancelled. The client sees to it that there is a connection. */
static gboolean
play (gpointer   user_data,
      GValue    *result,
      GError   **error)
{
  LabDemoModule *self = LAB_DEMO_MODULE (user_data);
  AsabApplication *application = asab_component_get_application (ASAB_COMPONENT (self));
  LabGatewayService *gateway = LAB_GATEWAY_SERVICE (asab_application_get_service (application, "gateway"));
  g_auto(GStrv) addresses = lab_gateway_service_dup_addresses (gateway);
  g_autoptr(AsabStreamClient) client = asab_stream_client_new_with_factory (make_analyser, NULL, NULL);

  g_object_set (client, "address", addresses[0], NULL);
  if (!asab_stream_client_start (client, error))
    return FALSE;

  do
    {
      g_autoptr(GError) local_error = NULL;

      play_session (self, client, &local_error);
      asab_log_info ("The demo analyser rests: %s", local_error->message);
    }
  while (asab_fiber_sleep (self->interval, error));

  return FALSE;
}

static void
played_cb (AsabFuture *future,
           gpointer    user_data)
{
  g_autoptr(GError) error = asab_future_dup_error (future);

  if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    asab_log_warning ("There is no demo analyser: %s", error->message);
}

/* What is configured may change at any time, but an analyser plays at run-time only. */
static void
update (LabDemoModule *self,
        gboolean       is_playing)
{
  if (is_playing && self->playing == NULL)
    {
      self->playing = asab_spawn (play, g_object_ref (self), g_object_unref);
      asab_future_when_done (self->playing, played_cb, NULL, NULL);
    }
  else if (!is_playing && self->playing != NULL)
    {
      asab_future_cancel (self->playing);
      g_clear_pointer (&self->playing, asab_future_unref);
    }
}

static AsabFuture *
run_cb (AsabPubSub   *bus,
        AsabMessage  *message,
        gpointer      user_data,
        GError      **error)
{
  LabDemoModule *self = LAB_DEMO_MODULE (user_data);

  update (self, self->is_enabled);

  return NULL;
}

static AsabFuture *
lab_demo_module_initialize (AsabComponent   *component,
                            AsabApplication *application)
{
  asab_pubsub_subscribe_object (asab_application_get_pubsub (application), "Application.run!", G_OBJECT (component),
                                run_cb, component, NULL);

  return NULL;
}

static AsabFuture *
lab_demo_module_terminate (AsabComponent   *component,
                           AsabApplication *application)
{
  update (LAB_DEMO_MODULE (component), FALSE);

  return NULL;
}

static void
set_enabled (LabDemoModule *self,
             gboolean       is_enabled)
{
  AsabApplication *application = asab_component_get_application (ASAB_COMPONENT (self));

  self->is_enabled = is_enabled;
  if (application != NULL && asab_application_get_phase (application) == ASAB_APPLICATION_PHASE_RUN)
    update (self, is_enabled);
}

static void
lab_demo_module_get_property (GObject    *object,
                              guint       prop_id,
                              GValue     *value,
                              GParamSpec *pspec)
{
  LabDemoModule *self = LAB_DEMO_MODULE (object);

  switch ((LabDemoModuleProperty) prop_id)
    {
    case PROP_ENABLED:
      g_value_set_boolean (value, self->is_enabled);
      break;
    case PROP_INTERVAL:
      g_value_set_double (value, self->interval);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
lab_demo_module_set_property (GObject      *object,
                              guint         prop_id,
                              const GValue *value,
                              GParamSpec   *pspec)
{
  LabDemoModule *self = LAB_DEMO_MODULE (object);

  switch ((LabDemoModuleProperty) prop_id)
    {
    case PROP_ENABLED:
      set_enabled (self, g_value_get_boolean (value));
      break;
    case PROP_INTERVAL:
      self->interval = g_value_get_double (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
lab_demo_module_dispose (GObject *object)
{
  update (LAB_DEMO_MODULE (object), FALSE);

  G_OBJECT_CLASS (lab_demo_module_parent_class)->dispose (object);
}

static void
lab_demo_module_class_init (LabDemoModuleClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  AsabComponentClass *component_class = ASAB_COMPONENT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_CONSTRUCT | G_PARAM_STATIC_STRINGS;

  object_class->get_property = lab_demo_module_get_property;
  object_class->set_property = lab_demo_module_set_property;
  object_class->dispose = lab_demo_module_dispose;

  component_class->initialize = lab_demo_module_initialize;
  component_class->terminate = lab_demo_module_terminate;

  /**
   * LabDemoModule:enabled:
   *
   * Whether there is a demo analyser.
   */
  props[PROP_ENABLED] = g_param_spec_boolean ("enabled", NULL, NULL, FALSE, flags);

  /**
   * LabDemoModule:interval:
   *
   * How many seconds it rests between two specimens.
   */
  props[PROP_INTERVAL] = g_param_spec_double ("interval", NULL, NULL, 0.01, G_MAXINT, 3, flags);

  g_object_class_install_properties (object_class, G_N_ELEMENTS (props), props);
}

static void
lab_demo_module_init (LabDemoModule *self)
{
}

LabDemoModule *
lab_demo_module_new (AsabApplication *application)
{
  return g_object_new (LAB_TYPE_DEMO_MODULE, "application", application, "name", "demo", NULL);
}
