/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <asab-glib/asab.h>

#define MY_TYPE_APPLICATION (my_application_get_type ())
G_DECLARE_FINAL_TYPE (MyApplication, my_application, MY, APPLICATION, AsabApplication)

struct _MyApplication
{
  AsabApplication parent_instance;
};

G_DEFINE_FINAL_TYPE (MyApplication, my_application, ASAB_TYPE_APPLICATION)

static AsabFuture *
my_application_main (AsabApplication *application)
{
  g_print ("Hello world!\n");
  asab_application_stop (application, 0);

  return NULL;
}

static void
my_application_class_init (MyApplicationClass *klass)
{
  ASAB_APPLICATION_CLASS (klass)->main = my_application_main;
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
