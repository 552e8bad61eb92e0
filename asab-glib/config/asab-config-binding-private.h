/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "asab-config-table-private.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* An object whose properties follow a section; it is not kept alive. */
typedef struct
{
  char       *section;
  GWeakRef    object;
  GHashTable *applied; /* (element-type utf8 AppliedValue): what was set, by the name of the property */
} AsabConfigBinding;

AsabConfigBinding *asab_config_binding_new       (const char             *section,
                                                  GObject                *object);
AsabConfigBinding *asab_config_binding_ref       (AsabConfigBinding      *self);
void               asab_config_binding_unref     (AsabConfigBinding      *self);
gboolean           asab_config_binding_is_alive  (AsabConfigBinding      *self);
void               asab_config_binding_validate  (AsabConfigBinding      *self,
                                                  const AsabConfigLayers *layers,
                                                  GPtrArray              *complaints);
void               asab_config_binding_apply     (AsabConfigBinding      *self,
                                                  const AsabConfigLayers *layers);
gboolean           asab_config_binding_knows_key (AsabConfigBinding      *self,
                                                  const char             *key);
void               asab_config_binding_add_keys  (AsabConfigBinding      *self,
                                                  GPtrArray              *keys);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AsabConfigBinding, asab_config_binding_unref)

G_END_DECLS
