/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <asab-glib/app/asab-component.h>

#include <asab-glib/app/asab-application.h>

#include "asab-application-private.h"
#include "asab-component-private.h"
#include "asab-registry-private.h"

#include <glib/gi18n-lib.h>

/**
 * AsabComponent:
 *
 * A part of an application with a life of its own: a [class@Service] or a [class@Module].
 *
 * An application initializes its components one after another, in the order in which they were registered, and
 * terminates them in the opposite order. The properties of a component are set from the section of the configuration
 * that bears its name, and follow it when the configuration is reloaded.
 *
 * A component that is constructed with an application is registered with it; the application then holds a reference.
 * If that fails, because the name is taken for instance, the application does not start: its init-time fails with the
 * reason.
 *
 * The virtual functions are called in the main context of the application, never on the stack of a fiber.
 */
typedef struct
{
  AsabApplication *application; /* (nullable): weak, as the application owns its components */
  char *name;
} AsabComponentPrivate;

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (AsabComponent, asab_component, G_TYPE_OBJECT)

typedef enum
{
  PROP_APPLICATION = 1,
  PROP_NAME,
} AsabComponentProperty;

static GParamSpec *props[PROP_NAME + 1];

static AsabComponentPrivate *
get_private (AsabComponent *self)
{
  return asab_component_get_instance_private (self);
}

static void
asab_component_constructed (GObject *object)
{
  AsabComponent *self = ASAB_COMPONENT (object);
  AsabComponentPrivate *priv = get_private (self);

  G_OBJECT_CLASS (asab_component_parent_class)->constructed (object);

  if (priv->name == NULL)
    priv->name = g_strdup (G_OBJECT_TYPE_NAME (self));
  if (priv->application != NULL)
    asab_registry_add_constructed (asab_application_get_registry (priv->application), self);
}

static void
asab_component_get_property (GObject    *object,
                             guint       prop_id,
                             GValue     *value,
                             GParamSpec *pspec)
{
  AsabComponentPrivate *priv = get_private (ASAB_COMPONENT (object));

  switch ((AsabComponentProperty) prop_id)
    {
    case PROP_APPLICATION:
      g_value_set_object (value, priv->application);
      break;
    case PROP_NAME:
      g_value_set_string (value, priv->name);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
asab_component_set_property (GObject      *object,
                             guint         prop_id,
                             const GValue *value,
                             GParamSpec   *pspec)
{
  AsabComponentPrivate *priv = get_private (ASAB_COMPONENT (object));

  switch ((AsabComponentProperty) prop_id)
    {
    case PROP_APPLICATION:
      g_set_weak_pointer (&priv->application, g_value_get_object (value));
      break;
    case PROP_NAME:
      priv->name = g_value_dup_string (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
asab_component_dispose (GObject *object)
{
  AsabComponentPrivate *priv = get_private (ASAB_COMPONENT (object));

  g_clear_weak_pointer (&priv->application);

  G_OBJECT_CLASS (asab_component_parent_class)->dispose (object);
}

static void
asab_component_finalize (GObject *object)
{
  AsabComponentPrivate *priv = get_private (ASAB_COMPONENT (object));

  g_free (priv->name);

  G_OBJECT_CLASS (asab_component_parent_class)->finalize (object);
}

/* Defaults return a future, not NULL: a subclass in Python or JavaScript waits for what its parent returns. */
static AsabFuture *
asab_component_real_initialize (AsabComponent   *self G_GNUC_UNUSED,
                                AsabApplication *application G_GNUC_UNUSED)
{
  return asab_future_new_resolved (NULL);
}

static AsabFuture *
asab_component_real_terminate (AsabComponent   *self G_GNUC_UNUSED,
                               AsabApplication *application G_GNUC_UNUSED)
{
  return asab_future_new_resolved (NULL);
}

static void
asab_component_class_init (AsabComponentClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->constructed = asab_component_constructed;
  object_class->get_property = asab_component_get_property;
  object_class->set_property = asab_component_set_property;
  object_class->dispose = asab_component_dispose;
  object_class->finalize = asab_component_finalize;

  klass->initialize = asab_component_real_initialize;
  klass->terminate = asab_component_real_terminate;

  /**
   * AsabComponent:application: (getter get_application)
   *
   * The application that the component is a part of.
   */
  props[PROP_APPLICATION] =
    g_param_spec_object ("application", NULL, NULL, ASAB_TYPE_APPLICATION,
                         G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);

  /**
   * AsabComponent:name: (getter get_name)
   *
   * The name of the component, by default that of its type.
   *
   * The name of a service is unique in its application.
   */
  props[PROP_NAME] =
    g_param_spec_string ("name", NULL, NULL, NULL,
                         G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);

  g_object_class_install_properties (object_class, G_N_ELEMENTS (props), props);
}

static void
asab_component_init (AsabComponent *self G_GNUC_UNUSED)
{
}

/* A component may also be made before its application. */
void
asab_component_set_application (AsabComponent   *self,
                                AsabApplication *application)
{
  AsabComponentPrivate *priv = get_private (self);

  if (g_set_weak_pointer (&priv->application, application))
    g_object_notify_by_pspec (G_OBJECT (self), props[PROP_APPLICATION]);
}

/* What the component is called in messages. */
char *
asab_component_dup_label (AsabComponent *self)
{
  const char *name = asab_component_get_name (self);

  return g_strdup_printf (ASAB_IS_SERVICE (self) ? _("Service “%s”") : _("Module “%s”"), name);
}

/**
 * asab_component_get_application: (get-property application)
 * @self: a component
 *
 * Gets the application that @self is a part of.
 *
 * Returns: (transfer none) (nullable): the application
 */
AsabApplication *
asab_component_get_application (AsabComponent *self)
{
  g_return_val_if_fail (ASAB_IS_COMPONENT (self), NULL);

  return get_private (self)->application;
}

/**
 * asab_component_get_name: (get-property name)
 * @self: a component
 *
 * Gets the name of @self.
 *
 * Returns: the name
 */
const char *
asab_component_get_name (AsabComponent *self)
{
  g_return_val_if_fail (ASAB_IS_COMPONENT (self), NULL);

  return get_private (self)->name;
}

/**
 * asab_component_require_service:
 * @self: a component
 * @name: the name of a service
 *
 * Waits for a service that @self cannot work without.
 *
 * As [method@Application.require_service], but it is known who waits: components that wait for each other in a circle
 * are found out at once.
 *
 * Returns: (transfer full): a future of the [class@Service]
 */
AsabFuture *
asab_component_require_service (AsabComponent *self,
                                const char    *name)
{
  AsabComponentPrivate *priv;

  g_return_val_if_fail (ASAB_IS_COMPONENT (self), NULL);
  g_return_val_if_fail (name != NULL, NULL);

  priv = get_private (self);
  g_return_val_if_fail (priv->application != NULL, NULL);

  return asab_registry_require (asab_application_get_registry (priv->application), self, name);
}
