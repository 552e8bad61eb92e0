/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "asab-config-table-private.h"

G_BEGIN_DECLS

char     *asab_config_expand         (const char      *text,
                                      const char      *this_dir,
                                      const char      *origin,
                                      GPtrArray       *warnings,
                                      gboolean        *is_secret);
void      asab_config_expand_table   (AsabConfigTable *table,
                                      const char      *this_dir,
                                      GPtrArray       *warnings);
char     *asab_config_unexpand       (const char      *value);

gboolean  asab_config_is_credential  (const char      *name);
char     *asab_config_dup_credential (const char      *name);

G_END_DECLS
