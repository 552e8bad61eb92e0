/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "asab-config-table-private.h"

#include <asab-glib/config/asab-config.h>

G_BEGIN_DECLS

struct _AsabConfig
{
  GObject parent_instance;

  GMutex           lock;     /* guards layers: the main thread writes with it, others read with it */
  AsabConfigLayers layers;

  char            *path;     /* (nullable): of the main file, as it was given */
  char            *base_dir; /* (nullable): the working directory of the first load */

  GArray          *declared; /* (element-type AsabConfigDeclaration) */
};

typedef struct
{
  char           *section;
  char           *key;
  AsabConfigKind  kind;
} AsabConfigDeclaration;

gboolean asab_config_replace_layer (AsabConfig              *self,
                                    AsabConfigLayer          layer,
                                    AsabConfigTable         *table,
                                    GError                 **error);
gboolean asab_config_validate      (AsabConfig              *self,
                                    const AsabConfigLayers  *layers,
                                    GError                 **error);
void     asab_config_changed       (AsabConfig              *self,
                                    const AsabConfigChange  *change);

G_END_DECLS
