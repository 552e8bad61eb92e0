/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <asab-glib/asab-web.h>

static AsabFuture *
hello (AsabWebRequest  *request,
       gpointer         user_data,
       GError         **error)
{
  asab_web_request_respond_text (request, "Hello, world!\n");

  return NULL;
}

static gboolean
initialize (AsabApplication  *app,
            GError          **error)
{
  g_autoptr(AsabWebService) web = asab_web_service_new (app);

  return asab_web_router_add_get (asab_web_service_get_router (web), "/hello", hello, NULL, NULL, error);
}

int
main (int    argc,
      char **argv)
{
  return asab_run (argc, argv, .initialize = initialize);
}
