/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "asab-log-section-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

char *
asab_log_section_get_string (AsabConfig *config,
                             const char *section,
                             const char *key)
{
  char *value = asab_config_get_string (config, section, key, NULL);

  return value != NULL ? value : g_strdup ("");
}

/* The example in the documentation of ASAB has its formats in quotation marks, one even with a comma behind. */
static char *
get_format (AsabConfig *config,
            const char *section,
            const char *key)
{
  g_autofree char *value = asab_log_section_get_string (config, section, key);
  gsize length = strlen (value);

  if (value[0] != '"')
    return g_steal_pointer (&value);

  if (length > 2 && value[length - 1] == ',')
    length--;
  if (length < 2 || value[length - 1] != '"')
    return g_steal_pointer (&value);

  return g_strndup (value + 1, length - 2);
}

AsabLogLayout *
asab_log_section_make_layout (AsabConfig  *config,
                              const char  *section,
                              GError     **error)
{
  g_autofree char *format = get_format (config, section, "format");
  g_autofree char *date_format = get_format (config, section, "datefmt");
  g_autofree char *sd_id = asab_log_section_get_string (config, ASAB_LOG_SECTION, "sd_id");
  AsabLogLayout *layout = asab_log_layout_new (format, date_format, sd_id, error);

  if (layout == NULL)
    g_prefix_error (error, _("Section “%s”: "), section);

  return layout;
}

/* Returns: false, with @error set to say that the value makes no sense */
gboolean
asab_log_section_refuse (AsabConfig  *config,
                         const char  *section,
                         const char  *key,
                         GError     **error)
{
  g_autofree char *value = asab_log_section_get_string (config, section, key);

  g_set_error (error, ASAB_CONFIG_ERROR, ASAB_CONFIG_ERROR_INVALID_VALUE, _("“%s” in section “%s” cannot be “%s”"),
               key, section, value);

  return FALSE;
}
