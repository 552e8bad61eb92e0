/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The peer of examples/hello.c. */

#include <gio/gio.h>

static void
activate_cb (GApplication *application,
             gpointer      user_data)
{
  g_print ("Hello world!\n");
}

int
main (int    argc,
      char **argv)
{
  g_autoptr(GApplication) application = g_application_new ("org.example.Hello", G_APPLICATION_NON_UNIQUE);

  g_signal_connect (application, "activate", G_CALLBACK (activate_cb), NULL);

  return g_application_run (application, argc, argv);
}
