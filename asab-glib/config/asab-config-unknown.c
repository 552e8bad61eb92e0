/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Finds keys that mean nothing to anybody: most of them are slips of the pen. */

#include "config.h"

#include "asab-config-binding-private.h"
#include "asab-config-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* How many letters have to be put in, left out or replaced to make one word of the other. */
static gsize
count_edits (const char *from,
             const char *to)
{
  gsize width = strlen (to) + 1;
  g_autofree gsize *row = g_new (gsize, width);

  for (gsize i = 0; i < width; i++)
    row[i] = i;

  for (const char *p = from; *p != '\0'; p++)
    {
      gsize diagonal = row[0]++;

      for (gsize i = 1; i < width; i++)
        {
          gsize replaced = diagonal + (*p != to[i - 1]);

          diagonal = row[i];
          row[i] = MIN (replaced, MIN (row[i], row[i - 1]) + 1);
        }
    }

  return row[width - 1];
}

static const char *
find_similar (const char *key,
              GPtrArray  *candidates)
{
  gsize fewest = (strlen (key) + 2) / 3; /* more edits make another word */
  const char *best = NULL;

  for (guint i = 0; i < candidates->len; i++)
    {
      gsize n_edits = count_edits (key, candidates->pdata[i]);

      if (n_edits < fewest || (n_edits == fewest && best == NULL))
        {
          fewest = n_edits;
          best = candidates->pdata[i];
        }
    }

  return best;
}

static GPtrArray *
list_known (AsabConfig *self,
            const char *section)
{
  GPtrArray *known = g_ptr_array_new_with_free_func (g_free);
  AsabConfigSection *defaults;

  defaults = asab_config_table_lookup_section (self->layers.tables[ASAB_CONFIG_LAYER_DEFAULTS], section);
  for (guint i = 0; defaults != NULL && i < defaults->entries->len; i++)
    g_ptr_array_add (known, g_strdup (((AsabConfigEntry *) defaults->entries->pdata[i])->key));

  for (guint i = 0; i < self->declared->len; i++)
    {
      const AsabConfigDeclaration *declaration = &g_array_index (self->declared, AsabConfigDeclaration, i);

      if (g_str_equal (declaration->section, section))
        g_ptr_array_add (known, g_strdup (declaration->key));
    }

  for (guint i = 0; i < self->bindings->len; i++)
    {
      AsabConfigBinding *binding = self->bindings->pdata[i];

      if (g_str_equal (binding->section, section))
        asab_config_binding_add_keys (binding, known);
    }

  return known;
}

static gboolean
is_known (AsabConfig *self,
          const char *section,
          const char *key,
          GPtrArray  *known)
{
  if (g_ptr_array_find_with_equal_func (known, key, g_str_equal, NULL))
    return TRUE;

  for (guint i = 0; i < self->bindings->len; i++)
    {
      AsabConfigBinding *binding = self->bindings->pdata[i];

      if (g_str_equal (binding->section, section) && asab_config_binding_knows_key (binding, key))
        return TRUE;
    }

  return FALSE;
}

/* Describes each key of @section that has no default, is not declared, and is no property of an object bound to it. */
GPtrArray *
asab_config_list_unknown (AsabConfig *self,
                          const char *section)
{
  GPtrArray *unknown = g_ptr_array_new_with_free_func (g_free);
  g_autoptr(GPtrArray) known = list_known (self, section);
  g_auto(GStrv) keys = asab_config_layers_get_keys (&self->layers, section, FALSE);

  for (char **key = keys; *key != NULL; key++)
    {
      const char *similar;
      g_autofree char *hint = NULL;

      if (is_known (self, section, *key, known))
        continue;

      similar = find_similar (*key, known);
      if (similar != NULL)
        hint = g_strdup_printf (_("; did you mean “%s”?"), similar);
      g_ptr_array_add (unknown,
                       /* Translators: file and line, section, key, the hint about what was meant or nothing */
                       g_strdup_printf (_("%s: The section “%s” knows no key “%s”%s"),
                                        asab_config_layers_lookup (&self->layers, section, *key)->origin,
                                        section, *key, hint != NULL ? hint : ""));
    }

  return unknown;
}
