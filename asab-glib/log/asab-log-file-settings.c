/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "asab-log-file-settings-private.h"

#include "asab-log-file-private.h"
#include "asab-log-section-private.h"
#include "asab-log-writer-private.h"

#include <glib/gi18n-lib.h>

#define MAX_BACKUPS 10000

/* What rotates a file by itself needs backups, as otherwise the file would just be opened anew. */
static gboolean
get_rotation (AsabConfig       *config,
              AsabLogRotation  *rotation,
              GError          **error)
{
  gint64 n_backups = asab_config_get_int64 (config, ASAB_LOG_FILE_SECTION, "backup_count", NULL);
  double seconds = asab_config_get_seconds (config, ASAB_LOG_FILE_SECTION, "rotate_every", NULL);
  const char *cause = NULL;

  *rotation = (AsabLogRotation) {
    .n_backups = (guint) n_backups,
    .max_bytes = asab_config_get_size (config, ASAB_LOG_FILE_SECTION, "backup_max_bytes", NULL),
    .interval = (gint64) (seconds * G_USEC_PER_SEC),
    .compresses = asab_config_get_boolean (config, ASAB_LOG_FILE_SECTION, "compress", NULL),
  };
  if (n_backups < 0 || n_backups > MAX_BACKUPS)
    return asab_log_section_refuse (config, ASAB_LOG_FILE_SECTION, "backup_count", error);

  if (rotation->max_bytes > 0)
    cause = "backup_max_bytes";
  else if (rotation->interval > 0)
    cause = "rotate_every";
  if (n_backups > 0 || cause == NULL)
    return TRUE;

  g_set_error (error, ASAB_CONFIG_ERROR, ASAB_CONFIG_ERROR_INVALID_VALUE,
               _("“%s” in section “%s” needs a “%s” of at least 1"), cause, ASAB_LOG_FILE_SECTION, "backup_count");

  return FALSE;
}

/*
 * asab_log_file_settings_check:
 * @config: the configuration
 * @error: return location for a [error@ConfigError]
 *
 * Checks the section for the log file.
 *
 * Returns: true if it makes sense
 */
gboolean
asab_log_file_settings_check (AsabConfig  *config,
                              GError     **error)
{
  g_autoptr(AsabLogLayout) layout = asab_log_section_make_layout (config, ASAB_LOG_FILE_SECTION, error);
  AsabLogRotation rotation;

  return layout != NULL && get_rotation (config, &rotation, error);
}

/*
 * asab_log_file_settings_apply:
 * @config: the configuration
 * @error: return location for a [error@ConfigError], or a #GIOErrorEnum
 *
 * Opens the log file, if there is to be one.
 *
 * Returns: true if it could be opened
 */
gboolean
asab_log_file_settings_apply (AsabConfig  *config,
                              GError     **error)
{
  g_autofree char *path = asab_log_section_get_string (config, ASAB_LOG_FILE_SECTION, "path");
  AsabLogRotation rotation;
  AsabLogTarget *target = NULL;

  if (!get_rotation (config, &rotation, error))
    return FALSE;
  if (path[0] != '\0')
    {
      AsabLogLayout *layout = asab_log_section_make_layout (config, ASAB_LOG_FILE_SECTION, error);

      if (layout == NULL)
        return FALSE;
      target = asab_log_file_new (path, layout, &rotation, error);
      if (target == NULL)
        return FALSE;
    }
  asab_log_writer_set_target (ASAB_LOG_TARGET_FILE, target);

  return TRUE;
}
