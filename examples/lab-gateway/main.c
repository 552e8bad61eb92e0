/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "lab-application.h"

int
main (int    argc,
      char **argv)
{
  g_autoptr(AsabApplication) application = lab_application_new ();

  return asab_application_run (application, argc, argv);
}
