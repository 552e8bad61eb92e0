/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "log-target-fixture.h"

#include "asab-log-queue-private.h"

#include <glib/gstdio.h>
#include <string.h>

void
log_target_append (AsabLogTarget *target,
                   const char    *message)
{
  g_auto(AsabLogPacker) packer;
  AsabLogDatum datum = { ASAB_LOG_DATUM_TEXT, "al.m", "GET", 3 };
  AsabLogDatum field = { ASAB_LOG_DATUM_FIELD, "CODE_LINE", "12", 2 };

  asab_log_packer_init (&packer, ASAB_LOG_SEVERITY_INFO, 0, "my.mod");
  asab_log_packer_add_message (&packer, message, strlen (message));
  asab_log_packer_add_datum (&packer, &datum);
  asab_log_packer_add_datum (&packer, &field);
  target->klass->append (target, asab_log_packer_finish (&packer));
}

void
log_target_write (AsabLogTarget *target,
                  const char    *message)
{
  log_target_append (target, message);
  target->klass->flush (target);
}

/* Returns: what targets reported since this was called the last time, a line each */
char *
log_take_reports (void)
{
  GString *reports = g_string_new (NULL);
  guint64 cursor = asab_log_queue_get_tail ();
  const AsabLogRecord *record;

  while ((record = asab_log_queue_next (&cursor)) != NULL)
    g_string_append_printf (reports, "%s: %s\n", asab_log_record_get_level_name (record),
                            asab_log_record_get_message (record));
  asab_log_queue_release (cursor);

  return g_string_free (reports, FALSE);
}

char *
log_make_folder (void)
{
  g_autoptr(GError) error = NULL;
  char *folder = g_dir_make_tmp ("asab-log-XXXXXX", &error);

  g_assert_no_error (error);

  return folder;
}

void
log_remove_folder (const char *path)
{
  g_autoptr(GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      log_remove_folder (child);
    }
  g_remove (path);
}
