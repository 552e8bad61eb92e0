/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* How a configuration changes as a whole: the new state is built aside, checked by everybody whom it concerns, put in
 * place, and only then announced.
 */

#include "config.h"

#include "asab-config-binding-private.h"
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
  if (!validate_declared (self, layers, error))
    return FALSE;

  for (guint i = 0; i < self->bindings->len; i++)
    if (!asab_config_binding_validate (self->bindings->pdata[i], layers, error))
      return FALSE;

  return TRUE;
}

static gpointer
ref_binding (gconstpointer binding,
             gpointer      user_data G_GNUC_UNUSED)
{
  return asab_config_binding_ref ((AsabConfigBinding *) binding);
}

/* Setters and handlers may change the configuration again; what they change is announced after what made them do it. */
static void
announce (gpointer data)
{
  AsabConfig *self = data;

  while (self->pending->len > 0)
    {
      g_autoptr(GPtrArray) changes = self->pending;
      g_autoptr(GPtrArray) bindings = g_ptr_array_copy (self->bindings, ref_binding, NULL);

      g_ptr_array_set_free_func (bindings, (GDestroyNotify) asab_config_binding_unref);
      self->pending = g_ptr_array_new_with_free_func ((GDestroyNotify) asab_config_change_free);

      for (guint i = 0; i < bindings->len; i++)
        asab_config_binding_apply (bindings->pdata[i], &self->layers);
      for (guint i = 0; i < changes->len; i++)
        asab_config_emit_changed (self, changes->pdata[i]);
    }
}

static void
announce_pending (AsabConfig *self)
{
  if (self->announcing)
    return;

  self->announcing = TRUE;
  g_object_ref (self);
  announce (self);
  self->announcing = FALSE;
  g_object_unref (self);
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
  AsabConfigLayers candidate = self->layers;

  candidate.tables[layer] = table;
  if (!asab_config_validate (self, &candidate, error))
    return FALSE;

  g_ptr_array_extend_and_steal (self->pending, asab_config_layers_diff (&self->layers, &candidate));

  g_mutex_lock (&self->lock);
  spare = self->layers.tables[layer];
  self->layers.tables[layer] = table;
  g_mutex_unlock (&self->lock);

  announce_pending (self);

  return TRUE;
}

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
 * Returns: true if no mistake was found
 */
gboolean
asab_config_check (AsabConfig  *self,
                   GError     **error)
{
  g_autoptr(GPtrArray) unknown = NULL;

  g_return_val_if_fail (ASAB_IS_CONFIG (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (!asab_config_validate (self, &self->layers, error))
    return FALSE;

  unknown = g_ptr_array_new_with_free_func (g_free);
  add_unknown (self, unknown);
  if (unknown->len == 0)
    return TRUE;

  g_set_error_literal (error, ASAB_CONFIG_ERROR, ASAB_CONFIG_ERROR_UNKNOWN_KEY, unknown->pdata[0]);

  return FALSE;
}

/* Forgets those whose object is gone. */
static void
prune_bindings (AsabConfig *self)
{
  for (guint i = self->bindings->len; i > 0; i--)
    if (!asab_config_binding_is_alive (self->bindings->pdata[i - 1]))
      g_ptr_array_remove_index (self->bindings, i - 1);
}

typedef struct
{
  AsabConfig        *config;
  AsabConfigBinding *binding;
} ApplyCall;

static void
apply_first (gpointer data)
{
  ApplyCall *call = data;

  asab_config_binding_apply (call->binding, &call->config->layers);
}

/**
 * asab_config_bind:
 * @self: a configuration
 * @section: the name of a section
 * @object: an object
 * @error: return location for a [error@ConfigError]
 *
 * Sets the properties of @object to what a section says, now and whenever that changes.
 *
 * A key means the writable property with its name, whether it is written with `-` or with `_`. Properties can be
 * booleans, numbers, enumerations and flags (by nick), texts and lists of texts. Floating point properties also
 * take durations such as `1h30m`, unsigned ones sizes such as `64MiB`. When a key goes, its property gets back the
 * value that it had before.
 *
 * A value that a property cannot take is an error, and nothing is set; later it makes [method@Config.reload] and
 * [method@Config.set_string] fail. A key that means nothing is logged as a warning and is an error of
 * [method@Config.check], unless it has a default or is declared.
 *
 * @object is not kept alive.
 *
 * Returns: true if @object is bound
 */
gboolean
asab_config_bind (AsabConfig  *self,
                  const char  *section,
                  GObject     *object,
                  GError     **error)
{
  g_autoptr(AsabConfigBinding) binding = NULL;
  g_autoptr(GPtrArray) unknown = NULL;
  ApplyCall call;

  g_return_val_if_fail (ASAB_IS_CONFIG (self), FALSE);
  g_return_val_if_fail (section != NULL, FALSE);
  g_return_val_if_fail (G_IS_OBJECT (object), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  binding = asab_config_binding_new (section, object);
  if (!asab_config_binding_validate (binding, &self->layers, error))
    return FALSE;

  prune_bindings (self);
  g_ptr_array_add (self->bindings, asab_config_binding_ref (binding));
  call = (ApplyCall) { self, binding };
  apply_first (&call);

  unknown = asab_config_list_unknown (self, section);
  asab_config_warn (unknown);

  return TRUE;
}
