/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What is known, before anybody asks for it.
 *
 * A table holds what one source says; both sections and keys keep the order in which they appeared, because people
 * who list a section expect the order of their file. Layers are one table per kind of source, the strongest last.
 * The value that counts is looked for from the top; in each layer the section itself comes before the one that all
 * inherit.
 */

#include "config.h"

#include "asab-config-table-private.h"

#include <string.h>

static void
entry_free (gpointer data)
{
  AsabConfigEntry *entry = data;

  g_free (entry->key);
  g_free (entry->value);
  g_free (entry->origin);
  g_free (entry);
}

static void
section_free (gpointer data)
{
  AsabConfigSection *section = data;

  g_hash_table_unref (section->index);
  g_ptr_array_unref (section->entries);
  g_free (section->name);
  g_free (section);
}

void
asab_config_change_free (AsabConfigChange *self)
{
  g_free (self->section);
  g_free (self->key);
  g_free (self);
}

/* Keys are compared without regard to case. Not g_utf8_strdown(): what it makes of “I” depends on the locale. */
char *
asab_config_fold_key (const char *key)
{
  GString *folded = g_string_sized_new (strlen (key));

  for (const char *p = key; *p != '\0'; p = g_utf8_next_char (p))
    g_string_append_unichar (folded, g_unichar_tolower (g_utf8_get_char (p)));

  return g_string_free (folded, FALSE);
}

AsabConfigTable *
asab_config_table_new (void)
{
  AsabConfigTable *self = g_new0 (AsabConfigTable, 1);

  self->sections = g_ptr_array_new_with_free_func (section_free);
  self->index = g_hash_table_new (g_str_hash, g_str_equal);

  return self;
}

void
asab_config_table_free (AsabConfigTable *self)
{
  g_hash_table_unref (self->index);
  g_ptr_array_unref (self->sections);
  g_free (self);
}

AsabConfigTable *
asab_config_table_copy (const AsabConfigTable *self)
{
  AsabConfigTable *copy = asab_config_table_new ();

  asab_config_table_merge (copy, self);

  return copy;
}

AsabConfigSection *
asab_config_table_lookup_section (const AsabConfigTable *self,
                                  const char            *section)
{
  return g_hash_table_lookup (self->index, section);
}

AsabConfigSection *
asab_config_table_ensure_section (AsabConfigTable *self,
                                  const char      *section)
{
  AsabConfigSection *found = asab_config_table_lookup_section (self, section);

  if (found == NULL)
    {
      found = g_new0 (AsabConfigSection, 1);
      found->name = g_strdup (section);
      found->entries = g_ptr_array_new_with_free_func (entry_free);
      found->index = g_hash_table_new (g_str_hash, g_str_equal);
      g_ptr_array_add (self->sections, found);
      g_hash_table_insert (self->index, found->name, found);
    }

  return found;
}

const AsabConfigEntry *
asab_config_table_lookup (const AsabConfigTable *self,
                          const char            *section,
                          const char            *key)
{
  AsabConfigSection *found = asab_config_table_lookup_section (self, section);

  return found != NULL ? g_hash_table_lookup (found->index, key) : NULL;
}

/* The entry stays where it is when its value is replaced. */
AsabConfigEntry *
asab_config_table_set (AsabConfigTable *self,
                       const char      *section,
                       const char      *key,
                       const char      *value,
                       const char      *origin)
{
  AsabConfigSection *owner = asab_config_table_ensure_section (self, section);
  AsabConfigEntry *entry = g_hash_table_lookup (owner->index, key);

  if (entry == NULL)
    {
      entry = g_new0 (AsabConfigEntry, 1);
      entry->key = g_strdup (key);
      g_ptr_array_add (owner->entries, entry);
      g_hash_table_insert (owner->index, entry->key, entry);
    }

  g_free (entry->value);
  entry->value = g_strdup (value);
  g_free (entry->origin);
  entry->origin = g_strdup (origin);
  entry->is_secret = FALSE;

  return entry;
}

/* What @other says wins. */
void
asab_config_table_merge (AsabConfigTable       *self,
                         const AsabConfigTable *other)
{
  for (guint i = 0; i < other->sections->len; i++)
    {
      AsabConfigSection *section = other->sections->pdata[i];

      asab_config_table_ensure_section (self, section->name);
      for (guint j = 0; j < section->entries->len; j++)
        {
          AsabConfigEntry *entry = section->entries->pdata[j];

          asab_config_table_set (self, section->name, entry->key, entry->value, entry->origin)->is_secret =
            entry->is_secret;
        }
    }
}

const AsabConfigEntry *
asab_config_layers_lookup (const AsabConfigLayers *self,
                           const char             *section,
                           const char             *key)
{
  gboolean inherits = asab_config_layers_has_section (self, section);

  for (int i = ASAB_CONFIG_N_LAYERS - 1; i >= 0; i--)
    {
      const AsabConfigEntry *entry = asab_config_table_lookup (self->tables[i], section, key);

      if (entry == NULL && inherits)
        entry = asab_config_table_lookup (self->tables[i], ASAB_CONFIG_INHERITED, key);
      if (entry != NULL)
        return entry;
    }

  return NULL;
}

gboolean
asab_config_layers_has_section (const AsabConfigLayers *self,
                                const char             *section)
{
  for (int i = 0; i < ASAB_CONFIG_N_LAYERS; i++)
    if (asab_config_table_lookup_section (self->tables[i], section) != NULL)
      return TRUE;

  return FALSE;
}

/* All but the inherited one. */
char **
asab_config_layers_get_sections (const AsabConfigLayers *self)
{
  g_autoptr(GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr(GStrvBuilder) names = g_strv_builder_new ();

  for (int i = 0; i < ASAB_CONFIG_N_LAYERS; i++)
    for (guint j = 0; j < self->tables[i]->sections->len; j++)
      {
        AsabConfigSection *section = self->tables[i]->sections->pdata[j];

        if (strcmp (section->name, ASAB_CONFIG_INHERITED) != 0 && g_hash_table_add (seen, section->name))
          g_strv_builder_add (names, section->name);
      }

  return g_strv_builder_end (names);
}

static void
add_keys (const AsabConfigTable *table,
          const char            *section,
          GHashTable            *seen,
          GStrvBuilder          *keys)
{
  AsabConfigSection *found = asab_config_table_lookup_section (table, section);

  for (guint i = 0; found != NULL && i < found->entries->len; i++)
    {
      AsabConfigEntry *entry = found->entries->pdata[i];

      if (g_hash_table_add (seen, entry->key))
        g_strv_builder_add (keys, entry->key);
    }
}

char **
asab_config_layers_get_keys (const AsabConfigLayers *self,
                             const char             *section,
                             gboolean                inherited)
{
  g_autoptr(GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr(GStrvBuilder) keys = g_strv_builder_new ();

  for (int i = 0; i < ASAB_CONFIG_N_LAYERS; i++)
    add_keys (self->tables[i], section, seen, keys);

  if (inherited && asab_config_layers_has_section (self, section))
    for (int i = 0; i < ASAB_CONFIG_N_LAYERS; i++)
      add_keys (self->tables[i], ASAB_CONFIG_INHERITED, seen, keys);

  return g_strv_builder_end (keys);
}

static void
add_changes (const AsabConfigLayers *before,
             const AsabConfigLayers *after,
             const char             *section,
             GPtrArray              *changes)
{
  g_auto(GStrv) old_keys = asab_config_layers_get_keys (before, section, TRUE);
  g_auto(GStrv) new_keys = asab_config_layers_get_keys (after, section, TRUE);
  g_autoptr(GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  char **lists[] = { old_keys, new_keys };

  for (gsize i = 0; i < G_N_ELEMENTS (lists); i++)
    for (char **key = lists[i]; *key != NULL; key++)
      {
        const AsabConfigEntry *was = asab_config_layers_lookup (before, section, *key);
        const AsabConfigEntry *is = asab_config_layers_lookup (after, section, *key);
        AsabConfigChange *change;

        if (!g_hash_table_add (seen, *key) ||
            g_strcmp0 (was != NULL ? was->value : NULL, is != NULL ? is->value : NULL) == 0)
          continue;

        change = g_new (AsabConfigChange, 1);
        change->section = g_strdup (section);
        change->key = g_strdup (*key);
        g_ptr_array_add (changes, change);
      }
}

/* Lists the values that come, go or become others, the inherited section included. */
GPtrArray *
asab_config_layers_diff (const AsabConfigLayers *before,
                         const AsabConfigLayers *after)
{
  g_auto(GStrv) old_sections = asab_config_layers_get_sections (before);
  g_auto(GStrv) new_sections = asab_config_layers_get_sections (after);
  GPtrArray *changes = g_ptr_array_new_with_free_func ((GDestroyNotify) asab_config_change_free);

  add_changes (before, after, ASAB_CONFIG_INHERITED, changes);
  for (char **section = old_sections; *section != NULL; section++)
    add_changes (before, after, *section, changes);
  for (char **section = new_sections; *section != NULL; section++)
    if (!asab_config_layers_has_section (before, *section))
      add_changes (before, after, *section, changes);

  return changes;
}
