/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A shared library that is no module, for test-module. */

#include <gmodule.h>

G_MODULE_EXPORT int empty_module_version (void);

int
empty_module_version (void)
{
  return 1;
}
