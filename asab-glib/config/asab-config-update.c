/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* How a configuration changes: the new state is built aside, checked by everybody whom it concerns, put in place, and
 * only then announced.
 */

#include "config.h"

#include "asab-config-binding-private.h"
#include "asab-config-private.h"
#include "asab-config-value-private.h"

#include <asab-glib/async/asab-fiber.h>

/* Adds to @complaints what does not suit those who know something of the values. */
void
asab_config_validate (AsabConfig             *self,
                      const AsabConfigLayers *layers,
                      GPtrArray              *complaints)
{
  for (guint i = 0; i < self->declared->len; i++)
    {
      const AsabConfigDeclaration *declaration = &g_array_index (self->declared, AsabConfigDeclaration, i);
      const AsabConfigEntry *entry = asab_config_layers_lookup (layers, declaration->section, declaration->key);

      if (entry != NULL && !asab_config_kind_matches (declaration->kind, entry->value))
        g_ptr_array_add (complaints, asab_config_complain (declaration->section, entry,
                                                           asab_config_kind_describe (declaration->kind)));
    }

  for (guint i = 0; i < self->bindings->len; i++)
    asab_config_binding_validate (self->bindings->pdata[i], layers, complaints);
}

/* Makes one error of all @complaints, so that somebody who mends a file sees all of them at once. */
gboolean
asab_config_fail_if_any (GPtrArray        *complaints,
                         AsabConfigError   code,
                         GError          **error)
{
  g_autoptr(GString) text = g_string_new (NULL);

  if (complaints->len == 0)
    return TRUE;

  for (guint i = 0; i < complaints->len; i++)
    g_string_append_printf (text, "%s%s", i > 0 ? "\n" : "", (const char *) complaints->pdata[i]);
  g_set_error_literal (error, ASAB_CONFIG_ERROR, code, text->str);

  return FALSE;
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
  asab_main_stack_call (announce, self);
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
  g_autoptr(GPtrArray) complaints = g_ptr_array_new_with_free_func (g_free);
  AsabConfigLayers candidate = self->layers;

  candidate.tables[layer] = table;
  asab_config_validate (self, &candidate, complaints);
  if (!asab_config_fail_if_any (complaints, ASAB_CONFIG_ERROR_INVALID_VALUE, error))
    return FALSE;

  g_ptr_array_extend_and_steal (self->pending, asab_config_layers_diff (&self->layers, &candidate));

  g_mutex_lock (&self->lock);
  spare = self->layers.tables[layer];
  self->layers.tables[layer] = table;
  g_mutex_unlock (&self->lock);

  announce_pending (self);

  return TRUE;
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
  g_autoptr(GPtrArray) complaints = NULL;
  g_autoptr(GPtrArray) unknown = NULL;
  ApplyCall call;

  g_return_val_if_fail (ASAB_IS_CONFIG (self), FALSE);
  g_return_val_if_fail (section != NULL, FALSE);
  g_return_val_if_fail (G_IS_OBJECT (object), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  binding = asab_config_binding_new (section, object);
  complaints = g_ptr_array_new_with_free_func (g_free);
  asab_config_binding_validate (binding, &self->layers, complaints);
  if (!asab_config_fail_if_any (complaints, ASAB_CONFIG_ERROR_INVALID_VALUE, error))
    return FALSE;

  prune_bindings (self);
  g_ptr_array_add (self->bindings, asab_config_binding_ref (binding));
  call = (ApplyCall) { self, binding };
  asab_main_stack_call (apply_first, &call);

  unknown = asab_config_list_unknown (self, section);
  asab_config_warn (unknown);

  return TRUE;
}
