/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/asab-version-macros.h>
#include <glib.h>

G_BEGIN_DECLS

ASAB_AVAILABLE_IN_ALL
char  *asab_debug_dump         (void);
ASAB_AVAILABLE_IN_ALL
guint  asab_debug_count_fibers (void);
ASAB_AVAILABLE_IN_ALL
guint  asab_debug_count_stacks (void);

G_END_DECLS
