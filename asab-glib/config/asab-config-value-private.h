/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "asab-config-table-private.h"

#include <asab-glib/config/asab-config.h>

G_BEGIN_DECLS

#define ASAB_CONFIG_WORD_SEPARATORS ", \t\r\n"

/* What a text says; the kind tells which member. */
typedef union
{
  gboolean boolean;
  gint64   int64;
  guint64  size;
  double   number; /* also seconds */
} AsabConfigScalar;

gboolean     asab_config_parse_scalar  (AsabConfigKind          kind,
                                        const char             *text,
                                        AsabConfigScalar       *value);
char       **asab_config_parse_list    (const char             *text,
                                        const char             *separators);
GUri        *asab_config_parse_uri     (const char             *text);

const char  *asab_config_kind_describe (AsabConfigKind          kind);
gboolean     asab_config_kind_matches  (AsabConfigKind          kind,
                                        const char             *text);

gboolean     asab_config_is_secret     (const char             *section,
                                        const char             *key);
char        *asab_config_mask          (const char             *section,
                                        const AsabConfigEntry  *entry);
char        *asab_config_complain      (const char             *section,
                                        const AsabConfigEntry  *entry,
                                        const char             *expected);

G_END_DECLS
