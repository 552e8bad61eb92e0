/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "asab-stream-service-private.h"

#include <asab-glib/app/asab-application.h>
#include <asab-glib/async/asab-future-set.h>

/* Objects are bound to the section when they are created, but its keys mean something from the time on when the
 * component has an application, which is when @changed is about that. */
void
asab_stream_service_declare (AsabComponent *component,
                             GParamSpec    *changed,
                             GType          type)
{
  AsabApplication *application = asab_component_get_application (component);

  if (application != NULL && g_str_equal (changed->name, "application"))
    asab_config_declare_properties (asab_application_get_config (application), asab_component_get_name (component),
                                    type);
}

/* Sets an object up from the section of its component; an address that is given counts more than that of the
 * section. */
gboolean
asab_stream_service_set_up (AsabComponent  *component,
                            GObject        *object,
                            const char     *property,
                            const char     *address,
                            GError        **error)
{
  AsabApplication *application = asab_component_get_application (component);

  g_return_val_if_fail (application != NULL, FALSE);

  if (!asab_config_bind (asab_application_get_config (application), asab_component_get_name (component), object, error))
    return FALSE;
  if (address != NULL)
    g_object_set (object, property, address, NULL);

  return TRUE;
}

/* Returns: (transfer full): a future that is resolved when all objects have stopped */
AsabFuture *
asab_stream_service_stop_all (GPtrArray          *objects,
                              AsabStreamStopFunc  stop)
{
  g_autoptr(GPtrArray) stops = g_ptr_array_new_with_free_func ((GDestroyNotify) asab_future_unref);

  for (guint i = 0; i < objects->len; i++)
    g_ptr_array_add (stops, stop (g_ptr_array_index (objects, i)));

  return asab_future_all_settled ((AsabFuture **) stops->pdata, stops->len);
}
