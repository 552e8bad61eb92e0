/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <asab-glib/asab.h>

static gboolean
hello (AsabApplication  *app,
       GError          **error)
{
  g_print ("Hello world!\n");
  asab_application_stop (app, 0);

  return TRUE;
}

int
main (int    argc,
      char **argv)
{
  return asab_run (argc, argv, .main = hello);
}
