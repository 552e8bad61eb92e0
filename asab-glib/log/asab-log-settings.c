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

#include "asab-log-console-private.h"
#include "asab-log-file-private.h"
#include "asab-log-journal-private.h"
#include "asab-log-syslog-settings-private.h"
#include "asab-log-writer-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SECTION "logging"
#define CONSOLE_SECTION "logging:console"
#define FILE_SECTION "logging:file"

static const struct
{
  const char *section;
  const char *key;
  const char *value;
  AsabConfigKind kind;
} defaults[] = {
  { SECTION, "level", "NOTICE", ASAB_CONFIG_KIND_STRING },
  { SECTION, "levels", "", ASAB_CONFIG_KIND_STRING },
  { SECTION, "verbose", "false", ASAB_CONFIG_KIND_BOOLEAN },
  { SECTION, "app_name", "", ASAB_CONFIG_KIND_STRING },
  { SECTION, "sd_id", "sd", ASAB_CONFIG_KIND_STRING },
  { CONSOLE_SECTION, "enabled", "true", ASAB_CONFIG_KIND_BOOLEAN },
  { CONSOLE_SECTION, "output", "auto", ASAB_CONFIG_KIND_STRING },
  { CONSOLE_SECTION, "piped", "text", ASAB_CONFIG_KIND_STRING },
  { CONSOLE_SECTION, "format", ASAB_LOG_LAYOUT_DEFAULT, ASAB_CONFIG_KIND_STRING },
  { CONSOLE_SECTION, "datefmt", ASAB_LOG_DATE_DEFAULT, ASAB_CONFIG_KIND_STRING },
  { FILE_SECTION, "path", "", ASAB_CONFIG_KIND_STRING },
  { FILE_SECTION, "format", ASAB_LOG_LAYOUT_DEFAULT, ASAB_CONFIG_KIND_STRING },
  { FILE_SECTION, "datefmt", ASAB_LOG_DATE_DEFAULT, ASAB_CONFIG_KIND_STRING },
  { FILE_SECTION, "backup_count", "0", ASAB_CONFIG_KIND_INT64 },
  { FILE_SECTION, "backup_max_bytes", "0", ASAB_CONFIG_KIND_SIZE },
  { FILE_SECTION, "rotate_every", "0", ASAB_CONFIG_KIND_SECONDS },
  { FILE_SECTION, "compress", "false", ASAB_CONFIG_KIND_BOOLEAN },
  { ASAB_LOG_SYSLOG_SECTION, "enabled", "false", ASAB_CONFIG_KIND_BOOLEAN },
  { ASAB_LOG_SYSLOG_SECTION, "address", "/dev/log", ASAB_CONFIG_KIND_STRING },
  { ASAB_LOG_SYSLOG_SECTION, "format", "3", ASAB_CONFIG_KIND_STRING },
  { ASAB_LOG_SYSLOG_SECTION, "facility", "local0", ASAB_CONFIG_KIND_STRING },
  { ASAB_LOG_SYSLOG_SECTION, "framing", "auto", ASAB_CONFIG_KIND_STRING },
  { ASAB_LOG_SYSLOG_SECTION, "buffer_size", "16M", ASAB_CONFIG_KIND_SIZE },
  { ASAB_LOG_SYSLOG_SECTION, "ca_file", "", ASAB_CONFIG_KIND_STRING },
  { ASAB_LOG_SYSLOG_SECTION, "certificate_file", "", ASAB_CONFIG_KIND_STRING },
  { ASAB_LOG_SYSLOG_SECTION, "key_file", "", ASAB_CONFIG_KIND_STRING },
};

void
asab_log_settings_add_defaults (AsabConfig *config)
{
  for (gsize i = 0; i < G_N_ELEMENTS (defaults); i++)
    {
      asab_config_add_default (config, defaults[i].section, defaults[i].key, defaults[i].value);
      asab_config_declare (config, defaults[i].section, defaults[i].key, defaults[i].kind);
    }

  asab_config_add_environment (config, SECTION, "verbose", "ASAB_VERBOSE");
}

static char *
get_string (AsabConfig *config,
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
  g_autofree char *value = get_string (config, section, key);
  gsize length = strlen (value);

  if (value[0] != '"')
    return g_steal_pointer (&value);

  if (length > 2 && value[length - 1] == ',')
    length--;
  if (length < 2 || value[length - 1] != '"')
    return g_steal_pointer (&value);

  return g_strndup (value + 1, length - 2);
}

static AsabLogLayout *
make_layout (AsabConfig  *config,
             const char  *section,
             GError     **error)
{
  g_autofree char *format = get_format (config, section, "format");
  g_autofree char *date_format = get_format (config, section, "datefmt");
  g_autofree char *sd_id = get_string (config, SECTION, "sd_id");
  AsabLogLayout *layout = asab_log_layout_new (format, date_format, sd_id, error);

  if (layout == NULL)
    g_prefix_error (error, _("Section “%s”: "), section);

  return layout;
}

/* Console */

static gboolean
is_one_of (AsabConfig         *config,
           const char         *section,
           const char         *key,
           const char *const  *allowed,
           GError            **error)
{
  g_autofree char *value = get_string (config, section, key);

  if (g_strv_contains (allowed, value))
    return TRUE;

  g_set_error (error, ASAB_CONFIG_ERROR, ASAB_CONFIG_ERROR_INVALID_VALUE, _("“%s” in section “%s” cannot be “%s”"),
               key, section, value);

  return FALSE;
}

/* GLib knows the journal by its name. One that has a namespace, systemd tells by the number of the stream only. */
static gboolean
is_journal (int fd)
{
  const char *stream = g_getenv ("JOURNAL_STREAM");
  g_autofree char *own_stream = NULL;
  struct stat status;

  if (g_log_writer_is_journald (fd))
    return TRUE;
  if (stream == NULL || fstat (fd, &status) < 0)
    return FALSE;

  own_stream = g_strdup_printf ("%" G_GUINT64_FORMAT ":%" G_GUINT64_FORMAT, (guint64) status.st_dev,
                                (guint64) status.st_ino);

  return strcmp (stream, own_stream) == 0;
}

/* Returns: “text”, “json” or “journal” */
static char *
choose_output (AsabConfig *config)
{
  g_autofree char *output = get_string (config, CONSOLE_SECTION, "output");

  if (strcmp (output, "auto") != 0)
    return g_steal_pointer (&output);
  if (is_journal (STDERR_FILENO))
    return g_strdup ("journal");
  if (isatty (STDERR_FILENO))
    return g_strdup ("text");

  return get_string (config, CONSOLE_SECTION, "piped");
}

static gboolean
apply_journal (AsabConfig *config)
{
  g_autofree char *name = get_string (config, SECTION, "app_name");
  g_autoptr(GError) error = NULL;
  AsabLogTarget *target = asab_log_journal_new (ASAB_LOG_JOURNAL_SOCKET, name[0] != '\0' ? name : g_get_prgname (),
                                                &error);

  if (target == NULL)
    {
      g_warning ("%s; the console has to do", error->message);
      return FALSE;
    }

  asab_log_writer_set_target (ASAB_LOG_TARGET_JOURNAL, target);
  asab_log_writer_set_target (ASAB_LOG_TARGET_CONSOLE, NULL);

  return TRUE;
}

static gboolean
apply_console (AsabConfig  *config,
               GError     **error)
{
  gboolean is_enabled = asab_config_get_boolean (config, CONSOLE_SECTION, "enabled", NULL);
  g_autofree char *output = choose_output (config);
  g_autofree char *sd_id = get_string (config, SECTION, "sd_id");
  AsabLogLayout *layout;

  if (is_enabled && strcmp (output, "journal") == 0 && apply_journal (config))
    return TRUE;

  if (strcmp (output, "json") == 0)
    layout = asab_log_layout_new (ASAB_LOG_LAYOUT_JSON, "", sd_id, error);
  else
    layout = make_layout (config, CONSOLE_SECTION, error);
  if (layout == NULL)
    return FALSE;

  asab_log_writer_set_target (ASAB_LOG_TARGET_CONSOLE, is_enabled ? asab_log_console_new (layout) : NULL);
  asab_log_writer_set_target (ASAB_LOG_TARGET_JOURNAL, NULL);
  if (!is_enabled)
    asab_log_layout_free (layout);

  return TRUE;
}

/* File */

static gboolean
apply_file (AsabConfig  *config,
            GError     **error)
{
  g_autofree char *path = get_string (config, FILE_SECTION, "path");
  gint64 n_backups = asab_config_get_int64 (config, FILE_SECTION, "backup_count", NULL);
  AsabLogRotation rotation = {
    .n_backups = (guint) CLAMP (n_backups, 0, 10000),
    .max_bytes = asab_config_get_size (config, FILE_SECTION, "backup_max_bytes", NULL),
    .interval = (gint64) (asab_config_get_seconds (config, FILE_SECTION, "rotate_every", NULL) * G_USEC_PER_SEC),
    .compresses = asab_config_get_boolean (config, FILE_SECTION, "compress", NULL),
  };
  AsabLogTarget *target = NULL;

  if (path[0] != '\0')
    {
      AsabLogLayout *layout = make_layout (config, FILE_SECTION, error);

      if (layout == NULL)
        return FALSE;
      target = asab_log_file_new (path, layout, &rotation, error);
      if (target == NULL)
        return FALSE;
    }
  asab_log_writer_set_target (ASAB_LOG_TARGET_FILE, target);

  return TRUE;
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
  { CONSOLE_SECTION, apply_console },
  { FILE_SECTION, apply_file },
  { ASAB_LOG_SYSLOG_SECTION, apply_syslog },
};

/* Returns: all that makes a target what it is */
static char *
describe_section (AsabConfig *config,
                  const char *section)
{
  g_autofree char *app_name = get_string (config, SECTION, "app_name");
  g_autofree char *sd_id = get_string (config, SECTION, "sd_id");
  GString *description = g_string_new (NULL);

  g_string_append_printf (description, "%s\n%s\n", app_name, sd_id);
  for (gsize i = 0; i < G_N_ELEMENTS (defaults); i++)
    {
      g_autofree char *value = NULL;

      if (strcmp (defaults[i].section, section) != 0)
        continue;
      value = get_string (config, section, defaults[i].key);
      g_string_append_printf (description, "%s\n", value);
    }

  return g_string_free (description, FALSE);
}

static gboolean
get_level (AsabConfig      *config,
           GLogLevelFlags  *level,
           GError         **error)
{
  g_autofree char *name = get_string (config, SECTION, "level");

  if (asab_log_parse_level (name, level))
    return TRUE;

  g_set_error (error, ASAB_CONFIG_ERROR, ASAB_CONFIG_ERROR_INVALID_VALUE,
               _("“%s” in section “%s” is no level: “%s”"), "level", SECTION, name);

  return FALSE;
}

static gboolean
apply_levels (AsabConfig  *config,
              GError     **error)
{
  g_autofree char *levels = get_string (config, SECTION, "levels");
  GLogLevelFlags level;

  if (asab_config_get_boolean (config, SECTION, "verbose", NULL))
    level = G_LOG_LEVEL_DEBUG;
  else if (!get_level (config, &level, error))
    return FALSE;

  asab_log_set_threshold (level);
  if (asab_log_set_levels (levels, error))
    return TRUE;

  g_prefix_error (error, _("“%s” in section “%s”: "), "levels", SECTION);

  return FALSE;
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
  static const char *const outputs[] = { "auto", "text", "json", "journal", NULL };
  static const char *const piped_outputs[] = { "text", "json", NULL };
  g_autoptr(AsabLogLayout) console_layout = NULL;
  g_autoptr(AsabLogLayout) file_layout = NULL;
  GLogLevelFlags level;

  return get_level (config, &level, error) &&
         is_one_of (config, CONSOLE_SECTION, "output", outputs, error) &&
         is_one_of (config, CONSOLE_SECTION, "piped", piped_outputs, error) &&
         (console_layout = make_layout (config, CONSOLE_SECTION, error)) != NULL &&
         (file_layout = make_layout (config, FILE_SECTION, error)) != NULL &&
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

  if (!apply_levels (config, error))
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

  return asab_log_settings_check (config, error) && asab_log_settings_apply (config, error);
}
