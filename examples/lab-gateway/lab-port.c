/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "lab-port.h"

/* How many ports are tried before the gateway gives up. */
#define MAX_PORTS 100

/* An address in the configuration is what the user wants, and the only one. */
gboolean
lab_port_has_address (AsabComponent *component)
{
  AsabConfig *config = asab_application_get_config (asab_component_get_application (component));

  return asab_config_has_key (config, asab_component_get_name (component), "listen");
}

/* Without one, the first port of this machine will do that nobody else has. */
gboolean
lab_port_listen (AsabComponent  *component,
                 const char     *port_key,
                 LabListenFunc   func,
                 GError        **error)
{
  AsabConfig *config = asab_application_get_config (asab_component_get_application (component));
  GError *local_error = NULL;
  gint64 first_port = asab_config_get_int64 (config, "lab", port_key, &local_error);

  for (gint64 port = first_port; port < first_port + MAX_PORTS; port++)
    {
      g_autofree char *address = g_strdup_printf ("127.0.0.1 %" G_GINT64_FORMAT, port);

      if (local_error != NULL && !g_error_matches (local_error, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE))
        break;
      g_clear_error (&local_error);
      if (func (component, address, &local_error))
        return TRUE;
    }

  g_propagate_error (error, local_error);

  return FALSE;
}
