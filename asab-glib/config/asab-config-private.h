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
  GPtrArray       *bindings; /* (element-type AsabConfigBinding): those of dead objects go when the next one comes */

  GPtrArray       *pending;    /* (element-type AsabConfigChange): not yet announced */
  gboolean         announcing; /* what changes meanwhile waits in pending */
};

typedef struct
{
  char           *section;
  char           *key;
  AsabConfigKind  kind;
} AsabConfigDeclaration;

gboolean   asab_config_replace_layer (AsabConfig              *self,
                                      AsabConfigLayer          layer,
                                      AsabConfigTable         *table,
                                      GError                 **error);
void       asab_config_validate      (AsabConfig              *self,
                                      const AsabConfigLayers  *layers,
                                      GPtrArray               *complaints);
gboolean   asab_config_fail_if_any   (GPtrArray               *complaints,
                                      AsabConfigError          code,
                                      GError                 **error);
GPtrArray *asab_config_list_unknown  (AsabConfig              *self,
                                      const char              *section);
void       asab_config_emit_changed  (AsabConfig              *self,
                                      const AsabConfigChange  *change);
void       asab_config_warn          (GPtrArray               *warnings);

G_END_DECLS
