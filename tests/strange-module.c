/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A shared library whose entry gives a type that is no module, for test-module. */

#include <asab-glib/asab.h>

ASAB_MODULE_ENTRY (g_object_get_type)
