/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "showcase-application.h"

int
main (int    argc,
      char **argv)
{
  g_autoptr(AsabApplication) application = showcase_application_new ();

  return asab_application_run (application, argc, argv);
}
