/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "showcase-application.h"

#include "showcase-api-module.h"
#include "showcase-tick-service.h"

/* How many ports are tried before the showcase gives up. */
#define MAX_PORTS 100

/**
 * ShowcaseApplication:
 *
 * Puts the parts together: a web server, a service that counts, and a module that answers requests.
 */
struct _ShowcaseApplication
{
  AsabApplication parent_instance;
};

G_DEFINE_FINAL_TYPE (ShowcaseApplication, showcase_application, ASAB_TYPE_APPLICATION)

/* Opens the first port that nobody else has. The container keeps what it has opened, so nobody can take it between. */
static gboolean
listen_at_free_port (AsabWebContainer  *container,
                     gint64             first_port,
                     GError           **error)
{
  for (gint64 port = first_port; port < first_port + MAX_PORTS; port++)
    {
      g_autofree char *address = g_strdup_printf ("127.0.0.1 %" G_GINT64_FORMAT, port);

      g_clear_error (error);
      g_object_set (container, "listen", address, NULL);
      if (asab_web_container_listen (container, error))
        return TRUE;
      if (!g_error_matches (*error, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE))
        return FALSE;
    }

  return FALSE;
}

/* An address in the configuration is what the user wants; without one, any free port will do. */
static gboolean
choose_address (AsabConfig        *config,
                AsabWebContainer  *container,
                GError           **error)
{
  gint64 first_port;
  GError *local_error = NULL;

  if (asab_config_has_key (config, "web", "listen"))
    return TRUE;

  first_port = asab_config_get_int64 (config, "showcase", "first_port", &local_error);
  if (local_error == NULL && listen_at_free_port (container, first_port, &local_error))
    return TRUE;

  g_propagate_error (error, local_error);

  return FALSE;
}

/* The application keeps the components and initializes them in the order in which they are made here. */
static AsabFuture *
showcase_application_initialize (AsabApplication *application)
{
  g_autoptr(AsabWebService) web = asab_web_service_new (application);
  g_autoptr(ShowcaseTickService) ticks G_GNUC_UNUSED = showcase_tick_service_new (application);
  g_autoptr(ShowcaseApiModule) api G_GNUC_UNUSED = showcase_api_module_new (application);
  g_autoptr(GError) error = NULL;

  if (!choose_address (asab_application_get_config (application), asab_web_service_get_container (web), &error))
    return asab_future_new_rejected (error);

  return NULL;
}

static AsabFuture *
print_addresses_cb (AsabPubSub   *bus,
                    AsabMessage  *message,
                    gpointer      user_data,
                    GError      **error)
{
  AsabWebContainer *container = ASAB_WEB_CONTAINER (asab_message_get_object (message, 0));
  g_auto(GStrv) addresses = asab_web_container_dup_addresses (container);

  for (gsize i = 0; addresses[i] != NULL; i++)
    g_print ("Listening on %s%s\n", addresses[i], g_str_has_prefix (addresses[i], "http:") ? "/" : "");
  g_print ("Press Ctrl-C to stop.\n");

  return NULL;
}

static void
showcase_application_constructed (GObject *object)
{
  AsabApplication *application = ASAB_APPLICATION (object);
  AsabConfig *config = asab_application_get_config (application);

  G_OBJECT_CLASS (showcase_application_parent_class)->constructed (object);

  asab_config_add_default (config, "showcase", "first_port", "8080");
  asab_config_declare (config, "showcase", "first_port", ASAB_CONFIG_KIND_INT64);

  asab_pubsub_subscribe_object (asab_application_get_pubsub (application), "WebContainer.started!", object,
                                print_addresses_cb, NULL, NULL);
}

static void
showcase_application_class_init (ShowcaseApplicationClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  AsabApplicationClass *application_class = ASAB_APPLICATION_CLASS (klass);

  object_class->constructed = showcase_application_constructed;

  application_class->initialize = showcase_application_initialize;
}

static void
showcase_application_init (ShowcaseApplication *self)
{
}

AsabApplication *
showcase_application_new (void)
{
  return g_object_new (SHOWCASE_TYPE_APPLICATION,
                       "description", "Shows what a service on asab-glib looks like",
                       "version", ASAB_VERSION_S,
                       NULL);
}
