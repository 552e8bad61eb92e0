/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the reader accepts is well-formed, and every value survives being written and read again. */

#include "fuzz.h"

#include <asab-glib/asab.h>
#include <asab-glib/config/asab-config-expand-private.h>
#include <asab-glib/config/asab-config-reader-private.h>
#include <asab-glib/config/asab-config-value-private.h>

static void
check_entry (const char            *section,
             const AsabConfigEntry *entry,
             GPtrArray             *warnings)
{
  g_autofree char *folded = asab_config_fold_key (entry->key);
  gboolean is_secret = FALSE;
  g_autofree char *expanded = asab_config_expand (entry->value, "/", entry->origin, warnings, &is_secret);
  g_autofree char *written = asab_config_unexpand (expanded);
  g_autofree char *again = asab_config_expand (written, "/", entry->origin, warnings, &is_secret);
  g_autofree char *masked = asab_config_mask (section, entry);

  g_assert_cmpstr (entry->key, !=, "");
  g_assert_cmpuint (entry->line, >, 0);
  g_assert_cmpstr (folded, ==, entry->key);
  g_assert_true (g_utf8_validate (entry->value, -1, NULL));
  g_assert_cmpstr (again, ==, expanded);
  g_assert_nonnull (masked);

  for (AsabConfigKind kind = ASAB_CONFIG_KIND_STRING; kind <= ASAB_CONFIG_KIND_URI; kind++)
    asab_config_kind_matches (kind, expanded);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data,
                        size_t         size)
{
  g_autoptr(GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);
  g_autoptr(GError) error = NULL;
  g_autoptr(AsabConfigTable) table = asab_config_read ("fuzz", (const char *) data, size, warnings, &error);

  g_assert_true ((table == NULL) == (error != NULL));

  for (guint i = 0; table != NULL && i < table->sections->len; i++)
    {
      AsabConfigSection *section = table->sections->pdata[i];

      g_assert_cmpstr (section->name, !=, "");
      for (guint j = 0; j < section->entries->len; j++)
        check_entry (section->name, section->entries->pdata[j], warnings);
    }

  return 0;
}
