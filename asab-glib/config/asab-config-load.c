/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* How a configuration changes as a whole: the new state is built aside, checked by everybody whom it concerns, put in
 * place, and only then announced.
 */

#include "config.h"

#include "asab-config-loader-private.h"
#include "asab-config-private.h"
#include "asab-config-value-private.h"

#define PATH_VARIABLE "ASAB_CONFIG"

static gboolean
validate_declared (AsabConfig              *self,
                   const AsabConfigLayers  *layers,
                   GError                 **error)
{
  for (guint i = 0; i < self->declared->len; i++)
    {
      const AsabConfigDeclaration *declaration = &g_array_index (self->declared, AsabConfigDeclaration, i);
      const AsabConfigEntry *entry = asab_config_layers_lookup (layers, declaration->section, declaration->key);

      if (entry != NULL && !asab_config_kind_matches (declaration->kind, entry->value))
        return asab_config_fail_value (declaration->section, entry, asab_config_kind_describe (declaration->kind),
                                       error);
    }

  return TRUE;
}

/* Checks that @layers would suit all that is known of the values. */
gboolean
asab_config_validate (AsabConfig              *self,
                      const AsabConfigLayers  *layers,
                      GError                 **error)
{
  return validate_declared (self, layers, error);
}

/* Puts @table in the place of a layer, unless somebody cannot live with it.
 *
 * @table: (transfer full)
 */
gboolean
asab_config_replace_layer (AsabConfig       *self,
                           AsabConfigLayer   layer,
                           AsabConfigTable  *table,
                           GError          **error)
{
  g_autoptr(AsabConfigTable) spare = table; /* the one that is not in use in the end */
  g_autoptr(GPtrArray) changes = NULL;
  AsabConfigLayers candidate = self->layers;

  candidate.tables[layer] = table;
  if (!asab_config_validate (self, &candidate, error))
    return FALSE;

  changes = asab_config_layers_diff (&self->layers, &candidate);

  g_mutex_lock (&self->lock);
  spare = self->layers.tables[layer];
  self->layers.tables[layer] = table;
  g_mutex_unlock (&self->lock);

  for (guint i = 0; i < changes->len; i++)
    asab_config_changed (self, changes->pdata[i]);

  return TRUE;
}

static gboolean
load_files (AsabConfig  *self,
            const char  *path,
            GError     **error)
{
  g_autoptr(GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);
  g_autoptr(AsabConfigTable) table = NULL;

  if (self->base_dir == NULL)
    self->base_dir = g_get_current_dir ();

  table = asab_config_load_files (path, self->base_dir, &self->layers, warnings, error);
  if (table == NULL ||
      !asab_config_replace_layer (self, ASAB_CONFIG_LAYER_FILES, g_steal_pointer (&table), error))
    return FALSE;

  for (guint i = 0; i < warnings->len; i++)
    g_warning ("%s", (const char *) warnings->pdata[i]);

  return TRUE;
}

static char *
find_path (AsabConfig *self,
           const char *path)
{
  const AsabConfigEntry *entry;

  if (path == NULL || *path == '\0')
    path = g_getenv (PATH_VARIABLE);
  if (path != NULL && *path != '\0')
    return g_strdup (path);

  entry = asab_config_layers_lookup (&self->layers, "general", "config_file");

  return entry != NULL && *entry->value != '\0' ? g_strdup (entry->value) : NULL;
}

/**
 * asab_config_load:
 * @self: a configuration
 * @path: (type filename) (nullable): the main file
 * @error: return location for a [error@ConfigError]
 *
 * Loads the main file and those that it includes.
 *
 * If @path is %NULL or empty, the environment variable `ASAB_CONFIG` names the file, else the value of
 * `config_file` in the section `general`. Having none of them is fine; a named file that cannot be read is an
 * error. A broken file is refused as a whole, with its name and line, and all values stay as they were.
 *
 * Relative paths are relative to the working directory at the time of the first load.
 *
 * Returns: true if the files were loaded
 */
gboolean
asab_config_load (AsabConfig  *self,
                  const char  *path,
                  GError     **error)
{
  g_autofree char *found = NULL;

  g_return_val_if_fail (ASAB_IS_CONFIG (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  found = find_path (self, path);
  if (!load_files (self, found, error))
    return FALSE;

  g_free (self->path);
  self->path = g_steal_pointer (&found);

  return TRUE;
}

/**
 * asab_config_reload:
 * @self: a configuration
 * @error: return location for a [error@ConfigError]
 *
 * Reads the file of the last [method@Config.load] again, with all that it includes now.
 *
 * If a file is broken, or holds a value that a bound object or a declared key cannot take, the reload is refused as
 * a whole: the old values stay. Else bound objects are updated and [signal@Config::changed] is emitted for each
 * value that changed.
 *
 * Returns: true if the files were loaded
 */
gboolean
asab_config_reload (AsabConfig  *self,
                    GError     **error)
{
  g_return_val_if_fail (ASAB_IS_CONFIG (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return load_files (self, self->path, error);
}

/**
 * asab_config_check:
 * @self: a configuration
 * @error: return location for a [error@ConfigError]
 *
 * Checks all that is known about the values: declared keys and bound objects.
 *
 * Returns: true if no mistake was found
 */
gboolean
asab_config_check (AsabConfig  *self,
                   GError     **error)
{
  g_return_val_if_fail (ASAB_IS_CONFIG (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return asab_config_validate (self, &self->layers, error);
}
