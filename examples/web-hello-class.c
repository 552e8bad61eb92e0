/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <asab-glib/asab-web.h>

#define MY_TYPE_APPLICATION (my_application_get_type ())
G_DECLARE_FINAL_TYPE (MyApplication, my_application, MY, APPLICATION, AsabApplication)

struct _MyApplication
{
  AsabApplication parent_instance;
};

G_DEFINE_FINAL_TYPE (MyApplication, my_application, ASAB_TYPE_APPLICATION)

/* Runs in a fiber, so it may wait. */
static gboolean
greet (AsabWebRequest  *request,
       gpointer         user_data,
       GError         **error)
{
  g_autofree char *text = g_strdup_printf ("Hello, %s!\n", asab_web_request_get_param (request, "name"));

  if (!asab_fiber_sleep (0.001, error))
    return FALSE;

  asab_web_request_respond_text (request, text);

  return TRUE;
}

static AsabFuture *
my_application_initialize (AsabApplication *application)
{
  g_autoptr(AsabWebService) web = asab_web_service_new (application);
  g_autoptr(GError) error = NULL;

  if (!asab_web_router_add_fiber (asab_web_service_get_router (web), "GET", "/hello/{name}", greet, NULL, NULL, &error))
    return asab_future_new_rejected (error);

  return NULL;
}

static void
my_application_class_init (MyApplicationClass *klass)
{
  ASAB_APPLICATION_CLASS (klass)->initialize = my_application_initialize;
}

static void
my_application_init (MyApplication *self)
{
}

int
main (int    argc,
      char **argv)
{
  g_autoptr(MyApplication) app = g_object_new (MY_TYPE_APPLICATION, NULL);

  return asab_application_run (ASAB_APPLICATION (app), argc, argv);
}
