/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "asab-config-table-private.h"

G_BEGIN_DECLS

AsabConfigTable *asab_config_load_files (const char              *path,
                                         const char              *base_dir,
                                         const AsabConfigLayers  *layers,
                                         GPtrArray               *warnings,
                                         GError                 **error);

G_END_DECLS
