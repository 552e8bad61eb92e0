/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What the configuration says of the log.
 *
 * A target is made anew only if its section has changed, so that a reload does not disturb what works. To add one,
 * write a function that makes it from its section, and name it in the table of targets.
 */

#include "config.h"

#include "asab-log-settings-private.h"

#include <asab-glib/log/asab-log.h>

#include "asab-log-console-settings-private.h"
#include "asab-log-file-settings-private.h"
#include "asab-log-level-private.h"
#include "asab-log-section-private.h"
#include "asab-log-syslog-settings-private.h"
#include "asab-log-writer-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

static const struct
{
  const char *section;
  const char *key;
  const char *value;
  AsabConfigKind kind;
} defaults[] = {
  { ASAB_LOG_SECTION, "level", "NOTICE", ASAB_CONFIG_KIND_STRING },
  { ASAB_LOG_SECTION, "levels", "", ASAB_CONFIG_KIND_STRING },
  { ASAB_LOG_SECTION, "verbose", "false", ASAB_CONFIG_KIND_BOOLEAN },
  { ASAB_LOG_SECTION, "app_name", "", ASAB_CONFIG_KIND_STRING },
  { ASAB_LOG_SECTION, "sd_id", "sd", ASAB_CONFIG_KIND_STRING },
  { ASAB_LOG_CONSOLE_SECTION, "enabled", "true", ASAB_CONFIG_KIND_BOOLEAN },
  { ASAB_LOG_CONSOLE_SECTION, "output", "auto", ASAB_CONFIG_KIND_STRING },
  { ASAB_LOG_CONSOLE_SECTION, "piped", "text", ASAB_CONFIG_KIND_STRING },
  { ASAB_LOG_CONSOLE_SECTION, "format", ASAB_LOG_LAYOUT_DEFAULT, ASAB_CONFIG_KIND_STRING },
  { ASAB_LOG_CONSOLE_SECTION, "datefmt", ASAB_LOG_DATE_DEFAULT, ASAB_CONFIG_KIND_STRING },
  { ASAB_LOG_FILE_SECTION, "path", "", ASAB_CONFIG_KIND_STRING },
  { ASAB_LOG_FILE_SECTION, "format", ASAB_LOG_LAYOUT_DEFAULT, ASAB_CONFIG_KIND_STRING },
  { ASAB_LOG_FILE_SECTION, "datefmt", ASAB_LOG_DATE_DEFAULT, ASAB_CONFIG_KIND_STRING },
  { ASAB_LOG_FILE_SECTION, "backup_count", "0", ASAB_CONFIG_KIND_INT64 },
  { ASAB_LOG_FILE_SECTION, "backup_max_bytes", "0", ASAB_CONFIG_KIND_SIZE },
  { ASAB_LOG_FILE_SECTION, "rotate_every", "0", ASAB_CONFIG_KIND_SECONDS },
  { ASAB_LOG_FILE_SECTION, "compress", "false", ASAB_CONFIG_KIND_BOOLEAN },
  { ASAB_LOG_SYSLOG_SECTION, "enabled", "false", ASAB_CONFIG_KIND_BOOLEAN },
  { ASAB_LOG_SYSLOG_SECTION, "address", "/dev/log", ASAB_CONFIG_KIND_STRING },
  { ASAB_LOG_SYSLOG_SECTION, "format", "3", ASAB_CONFIG_KIND_STRING },
  { ASAB_LOG_SYSLOG_SECTION, "facility", "local0", ASAB_CONFIG_KIND_STRING },
  { ASAB_LOG_SYSLOG_SECTION, "framing", "auto", ASAB_CONFIG_KIND_STRING },
  { ASAB_LOG_SYSLOG_SECTION, "buffer_size", "16M", ASAB_CONFIG_KIND_SIZE },
  { ASAB_LOG_SYSLOG_SECTION, "cafile", "", ASAB_CONFIG_KIND_STRING },
  { ASAB_LOG_SYSLOG_SECTION, "cert", "", ASAB_CONFIG_KIND_STRING },
  { ASAB_LOG_SYSLOG_SECTION, "key", "", ASAB_CONFIG_KIND_STRING },
};

void
asab_log_settings_add_defaults (AsabConfig *config)
{
  for (gsize i = 0; i < G_N_ELEMENTS (defaults); i++)
    {
      asab_config_add_default (config, defaults[i].section, defaults[i].key, defaults[i].value);
      asab_config_declare (config, defaults[i].section, defaults[i].key, defaults[i].kind);
    }

  asab_config_add_environment (config, ASAB_LOG_SECTION, "verbose", "ASAB_VERBOSE");
}

/* Syslog */

static gboolean
apply_syslog (AsabConfig  *config,
              GError     **error)
{
  AsabLogTarget *target = NULL;

  if (asab_config_get_boolean (config, ASAB_LOG_SYSLOG_SECTION, "enabled", NULL))
    {
      target = asab_log_syslog_new_from_config (config, error);
      if (target == NULL)
        return FALSE;
    }
  asab_log_writer_set_target (ASAB_LOG_TARGET_SYSLOG, target);

  return TRUE;
}

static gboolean
check_syslog (AsabConfig  *config,
              GError     **error)
{
  AsabLogTarget *target = asab_log_syslog_new_from_config (config, error);

  if (target != NULL)
    target->klass->free (target);

  return target != NULL;
}

/* All */

typedef struct
{
  const char *section;
  gboolean (*apply) (AsabConfig  *config,
                     GError     **error);
} TargetSection;

static const TargetSection target_sections[] = {
  { ASAB_LOG_CONSOLE_SECTION, asab_log_console_settings_apply },
  { ASAB_LOG_FILE_SECTION, asab_log_file_settings_apply },
  { ASAB_LOG_SYSLOG_SECTION, apply_syslog },
};

/* Returns: all that makes a target what it is */
static char *
describe_section (AsabConfig *config,
                  const char *section)
{
  g_autofree char *app_name = asab_log_section_get_string (config, ASAB_LOG_SECTION, "app_name");
  g_autofree char *sd_id = asab_log_section_get_string (config, ASAB_LOG_SECTION, "sd_id");
  GString *description = g_string_new (NULL);

  g_string_append_printf (description, "%s\n%s\n", app_name, sd_id);
  for (gsize i = 0; i < G_N_ELEMENTS (defaults); i++)
    {
      g_autofree char *value = NULL;

      if (strcmp (defaults[i].section, section) != 0)
        continue;
      value = asab_log_section_get_string (config, section, defaults[i].key);
      g_string_append_printf (description, "%s\n", value);
    }

  return g_string_free (description, FALSE);
}

static gboolean
get_level (AsabConfig      *config,
           GLogLevelFlags  *level,
           GError         **error)
{
  g_autofree char *name = asab_log_section_get_string (config, ASAB_LOG_SECTION, "level");

  if (asab_log_parse_level (name, level))
    return TRUE;

  g_set_error (error, ASAB_CONFIG_ERROR, ASAB_CONFIG_ERROR_INVALID_VALUE,
               _("“%s” in section “%s” is no level: “%s”"), "level", ASAB_LOG_SECTION, name);

  return FALSE;
}

static gboolean
check_levels (AsabConfig  *config,
              GError     **error)
{
  g_autofree char *levels = asab_log_section_get_string (config, ASAB_LOG_SECTION, "levels");

  if (asab_log_levels_check (levels, error))
    return TRUE;

  g_prefix_error (error, _("“%s” in section “%s”: "), "levels", ASAB_LOG_SECTION);

  return FALSE;
}

static gboolean
apply_levels (AsabConfig  *config,
              GError     **error)
{
  g_autofree char *levels = asab_log_section_get_string (config, ASAB_LOG_SECTION, "levels");
  GLogLevelFlags level;

  if (asab_config_get_boolean (config, ASAB_LOG_SECTION, "verbose", NULL))
    level = G_LOG_LEVEL_DEBUG;
  else if (!get_level (config, &level, error))
    return FALSE;

  asab_log_set_threshold (level);

  return asab_log_set_levels (levels, error);
}

/*
 * asab_log_settings_check:
 * @config: the loaded configuration
 * @error: return location for an error
 *
 * Checks what the types of values do not tell.
 *
 * Returns: true if all values make sense
 */
gboolean
asab_log_settings_check (AsabConfig  *config,
                         GError     **error)
{
  GLogLevelFlags level;

  return get_level (config, &level, error) &&
         check_levels (config, error) &&
         asab_log_console_settings_check (config, error) &&
         asab_log_file_settings_check (config, error) &&
         check_syslog (config, error);
}

/*
 * asab_log_settings_apply:
 * @config: the configuration
 * @error: return location for an error
 *
 * Sets what is logged and where to. What makes no sense changes nothing.
 *
 * Returns: true if everything could be set
 */
gboolean
asab_log_settings_apply (AsabConfig  *config,
                         GError     **error)
{
  static char *applied[G_N_ELEMENTS (target_sections)]; /* (owned) (nullable): what each target was made from */

  if (!asab_log_settings_check (config, error) || !apply_levels (config, error))
    return FALSE;

  for (gsize i = 0; i < G_N_ELEMENTS (target_sections); i++)
    {
      g_autofree char *description = describe_section (config, target_sections[i].section);

      if (g_strcmp0 (description, applied[i]) == 0)
        continue;
      if (!target_sections[i].apply (config, error))
        return FALSE;

      g_free (applied[i]);
      applied[i] = g_steal_pointer (&description);
    }

  return TRUE;
}

/**
 * asab_log_configure:
 * @config: a configuration
 * @error: return location for a [error@ConfigError], or a #GIOErrorEnum of what cannot be opened
 *
 * Sets what is logged, and where to, from the sections `logging`, `logging:console`, `logging:file` and
 * `logging:syslog`.
 *
 * This is for programs that call [func@log_install] themselves; [class@Application] does it, at the beginning and each
 * time that its configuration is read again.
 *
 * Returns: true if everything could be set
 */
gboolean
asab_log_configure (AsabConfig  *config,
                    GError     **error)
{
  g_return_val_if_fail (ASAB_IS_CONFIG (config), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  asab_log_settings_add_defaults (config);

  return asab_log_settings_apply (config, error);
}
