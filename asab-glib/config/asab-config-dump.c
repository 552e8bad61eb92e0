/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <asab-glib/config/asab-config.h>

#include "asab-config-expand-private.h"
#include "asab-config-private.h"
#include "asab-config-value-private.h"

#include <string.h>

static void
dump_value (GString               *out,
            const char            *section,
            const AsabConfigEntry *entry)
{
  g_autofree char *masked = asab_config_mask (section, entry);
  g_autofree char *text = asab_config_unexpand (masked);
  g_auto(GStrv) lines = g_strsplit (text, "\n", -1);
  g_autofree char *folded = g_strjoinv ("\n    ", lines);
  /* What was to be included is in the dump already; following it again would undo the order of the layers. */
  gboolean followed = strcmp (section, "general") == 0 && strcmp (entry->key, "include") == 0;

  g_string_append_printf (out, "# %s\n", entry->origin);
  if (followed)
    g_string_append_printf (out, "# %s = %s\n", entry->key, g_strdelimit (folded, "\n", ' '));
  else
    g_string_append_printf (out, "%s =%s%s\n", entry->key, *folded != '\0' && *folded != '\n' ? " " : "", folded);
}

static void
dump_section (AsabConfig *self,
              GString    *out,
              const char *section)
{
  g_auto(GStrv) keys = asab_config_layers_get_keys (&self->layers, section, FALSE);

  g_string_append_printf (out, "%s[%s]\n", out->len > 0 ? "\n" : "", section);
  for (char **key = keys; *key != NULL; key++)
    dump_value (out, section, asab_config_layers_lookup (&self->layers, section, *key));
}

/**
 * asab_config_dump:
 * @self: a configuration
 *
 * Writes all values as a file that can be loaded, each below a comment that tells where it comes from.
 *
 * Passwords, tokens and other secrets are written as `***`.
 *
 * Returns: (transfer full): the text
 */
char *
asab_config_dump (AsabConfig *self)
{
  g_autoptr(GMutexLocker) locker = NULL;
  g_auto(GStrv) sections = NULL;
  GString *out;

  g_return_val_if_fail (ASAB_IS_CONFIG (self), NULL);

  locker = g_mutex_locker_new (&self->lock);
  sections = asab_config_layers_get_sections (&self->layers);
  out = g_string_new (NULL);

  if (asab_config_layers_has_section (&self->layers, ASAB_CONFIG_INHERITED))
    dump_section (self, out, ASAB_CONFIG_INHERITED);
  for (char **section = sections; *section != NULL; section++)
    dump_section (self, out, *section);

  return g_string_free (out, FALSE);
}
