/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "asab-config-table-private.h"

G_BEGIN_DECLS

AsabConfigTable *asab_config_read (const char  *name,
                                   const char  *data,
                                   gsize        length,
                                   GPtrArray   *warnings,
                                   GError     **error);

G_END_DECLS
