/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "asab-config-binding-private.h"
#include "asab-config-loader-private.h"
#include "asab-config-private.h"

#define PATH_VARIABLE "ASAB_CONFIG"

/* Adds what is unknown in the sections that objects are bound to. */
static void
add_unknown (AsabConfig *self,
             GPtrArray  *warnings)
{
  g_autoptr(GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < self->bindings->len; i++)
    {
      AsabConfigBinding *binding = self->bindings->pdata[i];

      if (asab_config_binding_is_alive (binding) && g_hash_table_add (seen, binding->section))
        g_ptr_array_extend_and_steal (warnings, asab_config_list_unknown (self, binding->section));
    }
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

  add_unknown (self, warnings);
  asab_config_warn (warnings);

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
 * Checks all that is known about the values: declared keys, bound objects, and whether somebody knows the keys of a
 * section that an object is bound to.
 *
 * The error's message has a line for each mistake.
 *
 * Returns: true if no mistake was found
 */
gboolean
asab_config_check (AsabConfig  *self,
                   GError     **error)
{
  g_autoptr(GPtrArray) complaints = NULL;
  AsabConfigError code;

  g_return_val_if_fail (ASAB_IS_CONFIG (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  complaints = g_ptr_array_new_with_free_func (g_free);
  asab_config_validate (self, &self->layers, complaints);
  code = complaints->len > 0 ? ASAB_CONFIG_ERROR_INVALID_VALUE : ASAB_CONFIG_ERROR_UNKNOWN_KEY;
  add_unknown (self, complaints);

  return asab_config_fail_if_any (complaints, code, error);
}
