/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "asab-log-console-settings-private.h"

#include "asab-log-console-private.h"
#include "asab-log-journal-private.h"
#include "asab-log-section-private.h"
#include "asab-log-writer-private.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static gboolean
is_one_of (AsabConfig         *config,
           const char         *key,
           const char *const  *allowed,
           GError            **error)
{
  g_autofree char *value = asab_log_section_get_string (config, ASAB_LOG_CONSOLE_SECTION, key);

  if (g_strv_contains (allowed, value))
    return TRUE;

  return asab_log_section_refuse (config, ASAB_LOG_CONSOLE_SECTION, key, error);
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
  g_autofree char *output = asab_log_section_get_string (config, ASAB_LOG_CONSOLE_SECTION, "output");

  if (strcmp (output, "auto") != 0)
    return g_steal_pointer (&output);
  if (is_journal (STDERR_FILENO))
    return g_strdup ("journal");
  if (isatty (STDERR_FILENO))
    return g_strdup ("text");

  return asab_log_section_get_string (config, ASAB_LOG_CONSOLE_SECTION, "piped");
}

static gboolean
apply_journal (AsabConfig *config)
{
  g_autofree char *name = asab_log_section_get_string (config, ASAB_LOG_SECTION, "app_name");
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

/*
 * asab_log_console_settings_check:
 * @config: the configuration
 * @error: return location for a [error@ConfigError]
 *
 * Checks the section for the console.
 *
 * Returns: true if it makes sense
 */
gboolean
asab_log_console_settings_check (AsabConfig  *config,
                                 GError     **error)
{
  static const char *const outputs[] = { "auto", "text", "json", "journal", NULL };
  static const char *const piped_outputs[] = { "text", "json", NULL };
  g_autoptr(AsabLogLayout) layout = NULL;

  if (!is_one_of (config, "output", outputs, error) || !is_one_of (config, "piped", piped_outputs, error))
    return FALSE;

  layout = asab_log_section_make_layout (config, ASAB_LOG_CONSOLE_SECTION, error);

  return layout != NULL;
}

/*
 * asab_log_console_settings_apply:
 * @config: the configuration
 * @error: return location for a [error@ConfigError]
 *
 * Makes the target of standard error: the console, or the journal if it leads there.
 *
 * Returns: true if it could be made
 */
gboolean
asab_log_console_settings_apply (AsabConfig  *config,
                                 GError     **error)
{
  gboolean is_enabled = asab_config_get_boolean (config, ASAB_LOG_CONSOLE_SECTION, "enabled", NULL);
  g_autofree char *output = choose_output (config);
  g_autofree char *sd_id = asab_log_section_get_string (config, ASAB_LOG_SECTION, "sd_id");
  AsabLogLayout *layout;

  if (is_enabled && strcmp (output, "journal") == 0 && apply_journal (config))
    return TRUE;

  if (strcmp (output, "json") == 0)
    layout = asab_log_layout_new (ASAB_LOG_LAYOUT_JSON, "", sd_id, error);
  else
    layout = asab_log_section_make_layout (config, ASAB_LOG_CONSOLE_SECTION, error);
  if (layout == NULL)
    return FALSE;

  asab_log_writer_set_target (ASAB_LOG_TARGET_CONSOLE, is_enabled ? asab_log_console_new (layout) : NULL);
  asab_log_writer_set_target (ASAB_LOG_TARGET_JOURNAL, NULL);
  if (!is_enabled)
    asab_log_layout_free (layout);

  return TRUE;
}
