/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "asab-stream-service-private.h"

#include "asab-tls-context.h"

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

  const char *section = asab_component_get_name (component);

  if (application == NULL || !g_str_equal (changed->name, "application"))
    return;

  asab_config_declare_properties (asab_application_get_config (application), section, type);
  asab_config_declare_properties (asab_application_get_config (application), section, ASAB_TYPE_TLS_CONTEXT);
}

/* Whatever is said about TLS means that it is wanted: nobody must do without it by mistake. */
static gboolean
is_tls_wanted (AsabConfig *config,
               const char *section)
{
  static const char * const keys[] = { "cert", "key", "key_password", "cafile", "capath", "verify_mode" };

  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      g_autofree char *value = asab_config_get_string (config, section, keys[i], NULL);

      if (value != NULL && *value != '\0')
        return TRUE;
    }

  return FALSE;
}

/* Has an object speak TLS if the configuration says so, and nobody has seen to it before. */
static gboolean
set_up_tls (GObject     *object,
            AsabConfig  *config,
            const char  *section,
            GError     **error)
{
  g_autoptr(AsabTlsContext) context = NULL;

  g_object_get (object, "tls", &context, NULL);
  if (context != NULL || !is_tls_wanted (config, section))
    return TRUE;

  context = asab_tls_context_new_from_config (config, section, error);
  g_object_set (object, "tls", context, NULL);

  return context != NULL;
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
  const char *section = asab_component_get_name (component);
  AsabConfig *config;

  g_return_val_if_fail (application != NULL, FALSE);

  config = asab_application_get_config (application);
  if (!asab_config_bind (config, section, object, error) || !set_up_tls (object, config, section, error))
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
