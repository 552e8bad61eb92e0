/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The services and modules of an application: the public face of its registry. */

#include "config.h"

#include <asab-glib/app/asab-application.h>

#include "asab-application-private.h"
#include "asab-component-private.h"
#include "asab-module-loader-private.h"

/**
 * asab_application_add_service:
 * @self: an application
 * @service: a service
 * @error: return location for an error
 *
 * Registers a service that was constructed without an application.
 *
 * A service that was constructed with @self is registered already, and this function then says whether that went well.
 *
 * Returns: true if @service is registered
 */
gboolean
asab_application_add_service (AsabApplication  *self,
                              AsabService      *service,
                              GError          **error)
{
  g_return_val_if_fail (ASAB_IS_APPLICATION (self), FALSE);
  g_return_val_if_fail (ASAB_IS_SERVICE (service), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (!asab_registry_add (asab_application_get_registry (self), ASAB_COMPONENT (service), error))
    return FALSE;

  asab_component_set_application (ASAB_COMPONENT (service), self);

  return TRUE;
}

/**
 * asab_application_get_service:
 * @self: an application
 * @name: the name of a service
 *
 * Looks up a service by its name. It may not be ready yet, see [method@Application.require_service].
 *
 * Returns: (transfer none) (nullable): the service
 */
AsabService *
asab_application_get_service (AsabApplication *self,
                              const char      *name)
{
  g_return_val_if_fail (ASAB_IS_APPLICATION (self), NULL);
  g_return_val_if_fail (name != NULL, NULL);

  return (AsabService *) asab_registry_lookup_service (asab_application_get_registry (self), name);
}

/**
 * asab_application_list_services:
 * @self: an application
 *
 * Lists the services in the order in which they were registered.
 *
 * Returns: (transfer container) (element-type AsabService): the services
 */
GPtrArray *
asab_application_list_services (AsabApplication *self)
{
  g_return_val_if_fail (ASAB_IS_APPLICATION (self), NULL);

  return asab_registry_list (asab_application_get_registry (self), ASAB_TYPE_SERVICE);
}

/**
 * asab_application_require_service:
 * @self: an application
 * @name: the name of a service
 *
 * Waits until a service is ready.
 *
 * At init-time this starts its initialization ahead of its turn. If services wait for each other in a circle, the
 * future is rejected with %ASAB_ERROR_DEADLOCK; so that this is found out wherever it happens, a component had better
 * use [method@Component.require_service]. The future is rejected with %G_IO_ERROR_NOT_FOUND if there is no such
 * service, and with the reason if the service could not be initialized.
 *
 * Returns: (transfer full): a future of the [class@Service]
 */
AsabFuture *
asab_application_require_service (AsabApplication *self,
                                  const char      *name)
{
  g_return_val_if_fail (ASAB_IS_APPLICATION (self), NULL);
  g_return_val_if_fail (name != NULL, NULL);

  return asab_registry_require (asab_application_get_registry (self), NULL, name);
}

/**
 * asab_application_add_module:
 * @self: an application
 * @type: the type of a subclass of [class@Module]
 * @error: return location for an error
 *
 * Constructs a module and registers it, unless there is one of that type or of a subclass.
 *
 * Returns: (transfer none) (nullable): the module
 */
AsabModule *
asab_application_add_module (AsabApplication  *self,
                             GType             type,
                             GError          **error)
{
  AsabRegistry *registry;
  AsabComponent *component;
  g_autoptr(AsabModule) module = NULL;

  g_return_val_if_fail (ASAB_IS_APPLICATION (self), NULL);
  g_return_val_if_fail (g_type_is_a (type, ASAB_TYPE_MODULE), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  registry = asab_application_get_registry (self);
  component = asab_registry_lookup_module (registry, type);
  if (component != NULL)
    return ASAB_MODULE (component);

  module = g_object_new (type, "application", self, NULL);
  if (!asab_registry_add (registry, ASAB_COMPONENT (module), error))
    return NULL;

  return module;
}

/**
 * asab_application_load_module:
 * @self: an application
 * @name: the name of a module, or the path of a file
 * @error: return location for an error
 *
 * Loads a module from a shared library and adds it, as the value `modules` in the section `general` does at init-time.
 *
 * The library is `libNAME.so` in a folder of the environment variable `ASAB_MODULE_PATH`, which separates folders by
 * colons, or in the folder where modules are installed. It defines `asab_module_entry`, a function without arguments
 * that returns the type of the module.
 *
 * Returns: (transfer none) (nullable): the module
 */
AsabModule *
asab_application_load_module (AsabApplication  *self,
                              const char       *name,
                              GError          **error)
{
  GType type;

  g_return_val_if_fail (ASAB_IS_APPLICATION (self), NULL);
  g_return_val_if_fail (name != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  type = asab_module_loader_load (name, error);
  if (type == G_TYPE_INVALID)
    return NULL;

  return asab_application_add_module (self, type, error);
}

/**
 * asab_application_list_modules:
 * @self: an application
 *
 * Lists the modules in the order in which they were added.
 *
 * Returns: (transfer container) (element-type AsabModule): the modules
 */
GPtrArray *
asab_application_list_modules (AsabApplication *self)
{
  g_return_val_if_fail (ASAB_IS_APPLICATION (self), NULL);

  return asab_registry_list (asab_application_get_registry (self), ASAB_TYPE_MODULE);
}
