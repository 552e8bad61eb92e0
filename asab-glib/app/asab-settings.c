/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The values of the configuration that the application itself uses. */

#include "config.h"

#include "asab-settings-private.h"

#include <asab-glib/log/asab-log-settings-private.h>

#include "asab-daemon-settings-private.h"

#include <glib/gi18n-lib.h>

static const struct
{
  const char *section;
  const char *key;
  const char *value;
  AsabConfigKind kind;
  gboolean may_be_zero;
} defaults[] = {
  { "general", "config_file", "", ASAB_CONFIG_KIND_STRING },
  { "general", "include", "", ASAB_CONFIG_KIND_STRING },
  { "general", "modules", "", ASAB_CONFIG_KIND_STRING },
  { "general", "tick_period", "1", ASAB_CONFIG_KIND_SECONDS },
  { "application", "init_timeout", "60", ASAB_CONFIG_KIND_SECONDS },
  { "application", "stop_timeout", "5", ASAB_CONFIG_KIND_SECONDS },
  { "application", "exit_timeout", "60", ASAB_CONFIG_KIND_SECONDS },
  { "application", "stall_threshold", "2", ASAB_CONFIG_KIND_SECONDS, .may_be_zero = TRUE },
};

void
asab_settings_add_defaults (AsabConfig *config)
{
  for (gsize i = 0; i < G_N_ELEMENTS (defaults); i++)
    {
      asab_config_add_default (config, defaults[i].section, defaults[i].key, defaults[i].value);
      asab_config_declare (config, defaults[i].section, defaults[i].key, defaults[i].kind);
    }

  asab_daemon_settings_add_defaults (config);
  asab_log_settings_add_defaults (config);
}

static gboolean
check_seconds (AsabConfig  *config,
               const char  *section,
               const char  *key,
               gboolean     may_be_zero,
               GError     **error)
{
  GError *local_error = NULL;
  double seconds = asab_config_get_seconds (config, section, key, &local_error);

  if (local_error != NULL)
    {
      g_propagate_error (error, local_error);
      return FALSE;
    }
  if (seconds > 0 || (may_be_zero && seconds == 0))
    return TRUE;

  g_set_error (error, ASAB_CONFIG_ERROR, ASAB_CONFIG_ERROR_INVALID_VALUE,
               may_be_zero ? _("“%s” in section “%s” must not be less than 0")
                           : _("“%s” in section “%s” must be greater than 0"),
               key, section);

  return FALSE;
}

/*
 * asab_settings_check:
 * @config: the loaded configuration
 * @error: return location for an error
 *
 * Checks what the type of a value does not tell.
 *
 * Returns: true if all values make sense
 */
gboolean
asab_settings_check (AsabConfig  *config,
                     GError     **error)
{
  for (gsize i = 0; i < G_N_ELEMENTS (defaults); i++)
    {
      if (defaults[i].kind == ASAB_CONFIG_KIND_SECONDS &&
          !check_seconds (config, defaults[i].section, defaults[i].key, defaults[i].may_be_zero, error))
        return FALSE;
    }

  return asab_log_settings_check (config, error);
}

/*
 * asab_settings_get_positive:
 * @config: the configuration
 * @section: a section
 * @key: a key of the list above that is a duration
 *
 * Gets a duration; one that is not greater than 0 is a minute, as a reload is not checked as a start is.
 *
 * Returns: seconds
 */
double
asab_settings_get_positive (AsabConfig *config,
                            const char *section,
                            const char *key)
{
  double seconds = asab_config_get_seconds (config, section, key, NULL);

  return seconds > 0 ? seconds : 60;
}
