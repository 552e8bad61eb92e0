/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "asab-config-table-private.h"

G_BEGIN_DECLS

char *asab_config_expand       (const char      *text,
                                const char      *this_dir,
                                const char      *origin,
                                GPtrArray       *warnings);
void  asab_config_expand_table (AsabConfigTable *table,
                                const char      *this_dir,
                                GPtrArray       *warnings);
char *asab_config_unexpand     (const char      *value);

G_END_DECLS
