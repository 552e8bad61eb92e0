/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "showcase-tick-service.h"

/**
 * ShowcaseTickService:
 *
 * Counts the ticks of the application.
 *
 * The section `ticks` of the configuration sets its properties. At each milestone it publishes `Ticks.milestone!` with
 * the count.
 */
struct _ShowcaseTickService
{
  AsabService parent_instance;

  guint64 count;
  guint milestone;
};

G_DEFINE_FINAL_TYPE (ShowcaseTickService, showcase_tick_service, ASAB_TYPE_SERVICE)

typedef enum
{
  PROP_MILESTONE = 1,
} ShowcaseTickServiceProperty;

static GParamSpec *props[PROP_MILESTONE + 1];

static AsabFuture *
tick_cb (AsabPubSub   *bus,
         AsabMessage  *message,
         gpointer      user_data,
         GError      **error)
{
  ShowcaseTickService *self = SHOWCASE_TICK_SERVICE (user_data);

  self->count++;
  if (self->count % self->milestone == 0)
    asab_pubsub_publish_with (bus, "Ticks.milestone!", G_TYPE_UINT64, self->count, G_TYPE_INVALID);

  return NULL;
}

/* The properties have their values from the configuration by now. */
static AsabFuture *
showcase_tick_service_initialize (AsabComponent   *component,
                                  AsabApplication *application)
{
  ShowcaseTickService *self = SHOWCASE_TICK_SERVICE (component);

  asab_pubsub_subscribe_object (asab_application_get_pubsub (application), "Application.tick!", G_OBJECT (self),
                                tick_cb, self, NULL);

  return NULL;
}

static AsabFuture *
showcase_tick_service_terminate (AsabComponent   *component,
                                 AsabApplication *application)
{
  ShowcaseTickService *self = SHOWCASE_TICK_SERVICE (component);

  asab_pubsub_unsubscribe_by_func (asab_application_get_pubsub (application), "Application.tick!", tick_cb, self);
  g_info ("Counted %" G_GUINT64_FORMAT " ticks", self->count);

  return NULL;
}

static void
showcase_tick_service_get_property (GObject    *object,
                                    guint       prop_id,
                                    GValue     *value,
                                    GParamSpec *pspec)
{
  ShowcaseTickService *self = SHOWCASE_TICK_SERVICE (object);

  switch ((ShowcaseTickServiceProperty) prop_id)
    {
    case PROP_MILESTONE:
      g_value_set_uint (value, self->milestone);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
showcase_tick_service_set_property (GObject      *object,
                                    guint         prop_id,
                                    const GValue *value,
                                    GParamSpec   *pspec)
{
  ShowcaseTickService *self = SHOWCASE_TICK_SERVICE (object);

  switch ((ShowcaseTickServiceProperty) prop_id)
    {
    case PROP_MILESTONE:
      self->milestone = g_value_get_uint (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
showcase_tick_service_class_init (ShowcaseTickServiceClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  AsabComponentClass *component_class = ASAB_COMPONENT_CLASS (klass);

  object_class->get_property = showcase_tick_service_get_property;
  object_class->set_property = showcase_tick_service_set_property;

  component_class->initialize = showcase_tick_service_initialize;
  component_class->terminate = showcase_tick_service_terminate;

  /**
   * ShowcaseTickService:milestone:
   *
   * After how many ticks there is a milestone.
   */
  props[PROP_MILESTONE] = g_param_spec_uint ("milestone", NULL, NULL, 1, G_MAXUINT, 10,
                                             G_PARAM_READWRITE | G_PARAM_CONSTRUCT | G_PARAM_STATIC_STRINGS);

  g_object_class_install_properties (object_class, G_N_ELEMENTS (props), props);
}

static void
showcase_tick_service_init (ShowcaseTickService *self)
{
}

ShowcaseTickService *
showcase_tick_service_new (AsabApplication *application)
{
  return g_object_new (SHOWCASE_TYPE_TICK_SERVICE, "application", application, "name", "ticks", NULL);
}

guint64
showcase_tick_service_get_count (ShowcaseTickService *self)
{
  g_return_val_if_fail (SHOWCASE_IS_TICK_SERVICE (self), 0);

  return self->count;
}
