/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The properties of an object, kept at what a section says.
 *
 * Only what changed in the configuration is set again, so that what the program did to a property stays until then. A
 * key that goes gives its property back the value that it had before.
 */

#include "config.h"

#include "asab-config-binding-private.h"

#include "asab-config-convert-private.h"
#include "asab-config-private.h"

typedef struct
{
  char   *text;    /* as the configuration gave it */
  GValue  initial; /* of the property, before the first text was set */
} AppliedValue;

/* What a section says about one property. It borrows nothing, as a setter may change the configuration again. */
typedef struct
{
  GParamSpec *pspec;
  char       *text;
  GValue      value;
} Wanted;

static void
applied_value_free (gpointer data)
{
  AppliedValue *applied = data;

  g_free (applied->text);
  g_value_unset (&applied->initial);
  g_free (applied);
}

static void
wanted_clear (gpointer data)
{
  Wanted *item = data;

  g_free (item->text);
  g_value_unset (&item->value);
}

AsabConfigBinding *
asab_config_binding_new (const char *section,
                         GObject    *object)
{
  AsabConfigBinding *self = g_rc_box_new0 (AsabConfigBinding);

  self->section = g_strdup (section);
  g_weak_ref_init (&self->object, object);
  self->applied = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, applied_value_free);

  return self;
}

AsabConfigBinding *
asab_config_binding_ref (AsabConfigBinding *self)
{
  return g_rc_box_acquire (self);
}

static void
binding_clear (gpointer data)
{
  AsabConfigBinding *self = data;

  g_free (self->section);
  g_weak_ref_clear (&self->object);
  g_hash_table_unref (self->applied);
}

void
asab_config_binding_unref (AsabConfigBinding *self)
{
  g_rc_box_release_full (self, binding_clear);
}

gboolean
asab_config_binding_is_alive (AsabConfigBinding *self)
{
  g_autoptr(GObject) object = g_weak_ref_get (&self->object);

  return object != NULL;
}

static gboolean
is_settable (GParamSpec *pspec)
{
  return (pspec->flags & G_PARAM_WRITABLE) != 0 && (pspec->flags & G_PARAM_CONSTRUCT_ONLY) == 0;
}

static GParamSpec *
find_property (GObject    *object,
               const char *key)
{
  g_autofree char *name = g_strdelimit (g_strdup (key), "_", '-');
  GParamSpec *pspec = g_object_class_find_property (G_OBJECT_GET_CLASS (object), name);

  return pspec != NULL && is_settable (pspec) ? pspec : NULL;
}

/* Finds the value that counts for each property. Two spellings of a key, with “-” and with “_”, mean the same one; the
 * spelling that appears first in the stronger layer wins.
 */
static GHashTable *
find_entries (AsabConfigBinding      *self,
              GObject                *object,
              const AsabConfigLayers *layers)
{
  GHashTable *entries = g_hash_table_new (NULL, NULL);
  g_auto(GStrv) keys = asab_config_layers_get_keys (layers, self->section, TRUE);

  for (char **key = keys; *key != NULL; key++)
    {
      GParamSpec *pspec = find_property (object, *key);

      if (pspec != NULL)
        g_hash_table_insert (entries, pspec, (gpointer) asab_config_layers_lookup (layers, self->section, *key));
    }

  return entries;
}

static GArray *
collect_wanted (AsabConfigBinding      *self,
                GObject                *object,
                const AsabConfigLayers *layers,
                GPtrArray              *complaints)
{
  g_autoptr(GHashTable) entries = find_entries (self, object, layers);
  GArray *wanted = g_array_new (FALSE, TRUE, sizeof (Wanted));
  g_autofree GParamSpec **pspecs = NULL;
  guint n_pspecs;

  g_array_set_clear_func (wanted, wanted_clear);

  /* In the order of the class, so that setters are called in the same order each time. */
  pspecs = g_object_class_list_properties (G_OBJECT_GET_CLASS (object), &n_pspecs);
  for (guint i = 0; i < n_pspecs; i++)
    {
      const AsabConfigEntry *entry = g_hash_table_lookup (entries, pspecs[i]);
      Wanted item = { pspecs[i], NULL, G_VALUE_INIT };

      if (entry == NULL || !asab_config_convert (self->section, entry, pspecs[i], &item.value, complaints))
        continue;
      item.text = g_strdup (entry->value);
      g_array_append_val (wanted, item);
    }

  return wanted;
}

/* Adds to @complaints what of @layers the object cannot take. */
void
asab_config_binding_validate (AsabConfigBinding      *self,
                              const AsabConfigLayers *layers,
                              GPtrArray              *complaints)
{
  g_autoptr(GObject) object = g_weak_ref_get (&self->object);
  g_autoptr(GArray) wanted G_GNUC_UNUSED = NULL;

  if (object != NULL)
    wanted = collect_wanted (self, object, layers, complaints);
}

static AppliedValue *
remember_initial (AsabConfigBinding *self,
                  GObject           *object,
                  GParamSpec        *pspec)
{
  AppliedValue *applied = g_new0 (AppliedValue, 1);

  g_value_init (&applied->initial, G_PARAM_SPEC_VALUE_TYPE (pspec));
  if ((pspec->flags & G_PARAM_READABLE) != 0)
    g_object_get_property (object, pspec->name, &applied->initial);
  else
    g_param_value_set_default (pspec, &applied->initial);
  g_hash_table_insert (self->applied, (char *) pspec->name, applied);

  return applied;
}

static void
apply_value (AsabConfigBinding *self,
             GObject           *object,
             const Wanted      *item)
{
  AppliedValue *applied = g_hash_table_lookup (self->applied, item->pspec->name);

  if (applied != NULL && g_str_equal (applied->text, item->text))
    return;
  if (applied == NULL)
    applied = remember_initial (self, object, item->pspec);

  g_free (applied->text);
  applied->text = g_strdup (item->text);
  g_object_set_property (object, item->pspec->name, &item->value);
}

static void
restore_unwanted (AsabConfigBinding *self,
                  GObject           *object,
                  GArray            *wanted)
{
  g_autoptr(GHashTable) unwanted = g_hash_table_new (g_str_hash, g_str_equal);
  GHashTableIter iter;
  gpointer property;

  g_hash_table_iter_init (&iter, self->applied);
  while (g_hash_table_iter_next (&iter, &property, NULL))
    g_hash_table_add (unwanted, property);
  for (guint i = 0; i < wanted->len; i++)
    g_hash_table_remove (unwanted, g_array_index (wanted, Wanted, i).pspec->name);

  g_hash_table_iter_init (&iter, unwanted);
  while (g_hash_table_iter_next (&iter, &property, NULL))
    {
      gpointer applied;

      if (!g_hash_table_steal_extended (self->applied, property, NULL, &applied))
        continue;
      g_object_set_property (object, property, &((AppliedValue *) applied)->initial);
      applied_value_free (applied);
    }
}

/* Sets the properties to what @layers say, which asab_config_binding_validate() has approved. */
void
asab_config_binding_apply (AsabConfigBinding      *self,
                           const AsabConfigLayers *layers)
{
  g_autoptr(GObject) object = g_weak_ref_get (&self->object);
  g_autoptr(GPtrArray) complaints = NULL;
  g_autoptr(GArray) wanted = NULL;

  if (object == NULL)
    return;

  /* Only a default or an override of which nobody was asked can still be wrong. */
  complaints = g_ptr_array_new_with_free_func (g_free);
  wanted = collect_wanted (self, object, layers, complaints);
  asab_config_warn (complaints);

  g_object_freeze_notify (object);
  for (guint i = 0; i < wanted->len; i++)
    apply_value (self, object, &g_array_index (wanted, Wanted, i));
  restore_unwanted (self, object, wanted);
  g_object_thaw_notify (object);
}

gboolean
asab_config_binding_knows_key (AsabConfigBinding *self,
                               const char        *key)
{
  g_autoptr(GObject) object = g_weak_ref_get (&self->object);

  return object != NULL && find_property (object, key) != NULL;
}

/* Adds the keys that mean something to the object. */
void
asab_config_binding_add_keys (AsabConfigBinding *self,
                              GPtrArray         *keys)
{
  g_autoptr(GObject) object = g_weak_ref_get (&self->object);
  g_autofree GParamSpec **pspecs = NULL;
  guint n_pspecs;

  if (object == NULL)
    return;

  pspecs = g_object_class_list_properties (G_OBJECT_GET_CLASS (object), &n_pspecs);
  for (guint i = 0; i < n_pspecs; i++)
    if (is_settable (pspecs[i]))
      g_ptr_array_add (keys, g_strdelimit (g_strdup (pspecs[i]->name), "-", '_'));
}
