/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The section whose keys all others inherit. */
#define ASAB_CONFIG_INHERITED "DEFAULT"

/* One value and where it came from. */
typedef struct
{
  char     *key; /* folded, see asab_config_fold_key() */
  char     *value;
  char     *origin;    /* "default", "command line", "environment NAME", "path:line" … */
  guint     line;      /* in its file, or 0 */
  gboolean  is_secret; /* whether a credential is part of the value; the key alone may tell of a secret too */
} AsabConfigEntry;

typedef struct
{
  char       *name;
  GPtrArray  *entries; /* (element-type AsabConfigEntry): in the order of appearance */
  GHashTable *index;   /* key to entry; borrows both from entries */
  guint       line;    /* in its file, or 0 */
} AsabConfigSection;

/* Sections in the order of appearance: what one file says, or one layer. */
typedef struct
{
  GPtrArray  *sections; /* (element-type AsabConfigSection) */
  GHashTable *index;    /* name to section; borrows both from sections */
} AsabConfigTable;

/* From the weakest to the strongest. */
typedef enum
{
  ASAB_CONFIG_LAYER_DEFAULTS,
  ASAB_CONFIG_LAYER_FILES,
  ASAB_CONFIG_LAYER_ENVIRONMENT,
  ASAB_CONFIG_LAYER_COMMAND_LINE,
  ASAB_CONFIG_LAYER_PROGRAM,
  ASAB_CONFIG_N_LAYERS,
} AsabConfigLayer;

typedef struct
{
  AsabConfigTable *tables[ASAB_CONFIG_N_LAYERS];
} AsabConfigLayers;

/* A value that differs between two states of the configuration. */
typedef struct
{
  char *section;
  char *key;
} AsabConfigChange;

void                   asab_config_change_free          (AsabConfigChange       *self);
char                  *asab_config_fold_key             (const char             *key);

AsabConfigTable       *asab_config_table_new            (void);
void                   asab_config_table_free           (AsabConfigTable        *self);
AsabConfigTable       *asab_config_table_copy           (const AsabConfigTable  *self);
AsabConfigSection     *asab_config_table_lookup_section (const AsabConfigTable  *self,
                                                         const char             *section);
AsabConfigSection     *asab_config_table_ensure_section (AsabConfigTable        *self,
                                                         const char             *section);
const AsabConfigEntry *asab_config_table_lookup         (const AsabConfigTable  *self,
                                                         const char             *section,
                                                         const char             *key);
AsabConfigEntry       *asab_config_table_set            (AsabConfigTable        *self,
                                                         const char             *section,
                                                         const char             *key,
                                                         const char             *value,
                                                         const char             *origin);
void                   asab_config_table_merge          (AsabConfigTable        *self,
                                                         const AsabConfigTable  *other);

const AsabConfigEntry *asab_config_layers_lookup        (const AsabConfigLayers *self,
                                                         const char             *section,
                                                         const char             *key);
gboolean               asab_config_layers_has_section   (const AsabConfigLayers *self,
                                                         const char             *section);
char                 **asab_config_layers_get_sections  (const AsabConfigLayers *self);
char                 **asab_config_layers_get_keys      (const AsabConfigLayers *self,
                                                         const char             *section,
                                                         gboolean                inherited);
GPtrArray             *asab_config_layers_diff          (const AsabConfigLayers *before,
                                                         const AsabConfigLayers *after);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AsabConfigTable, asab_config_table_free)

G_END_DECLS
