/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Logs what section “test” says, and waits until its standard input ends.
 *
 * `records` are counted ones, each with so much `padding`, and a `pause` after each hundred. One in so many as
 * `warnings` says is a warning.
 * `messages` is a folder with texts to log, the files 0, 1, 2 …, each also, up to a limit, as a datum.
 */

#include <asab-glib/asab.h>

#include <stdio.h>

#define MAX_DATUM 16384
#define HARD "a\"b\\c]d é"

static void
log_number (gint64      i,
            gboolean    is_warning,
            const char *padding)
{
  if (is_warning)
    asab_log_warning_with (ASAB_LOG_DATA (asab_log_number ("number", i), asab_log_text ("hard", HARD)),
                           "%srecord %" G_GINT64_FORMAT " end", padding, i);
  else
    asab_log_notice_with (ASAB_LOG_DATA (asab_log_number ("number", i), asab_log_text ("hard", HARD)),
                          "%srecord %" G_GINT64_FORMAT " end", padding, i);
}

static gboolean
log_numbers (AsabConfig  *config,
             GError     **error)
{
  gint64 n_records = asab_config_get_int64 (config, "test", "records", NULL);
  gint64 warnings = asab_config_get_int64 (config, "test", "warnings", NULL);
  double pause = asab_config_get_double (config, "test", "pause", NULL);
  g_autofree char *padding = g_strnfill ((gsize) asab_config_get_int64 (config, "test", "padding", NULL), ' ');
  gint64 longest = 0;

  for (gint64 i = 0; i < n_records; i++)
    {
      gint64 begin = g_get_monotonic_time ();

      log_number (i, warnings > 0 && i % warnings == warnings - 1, padding);
      longest = MAX (longest, g_get_monotonic_time () - begin);
      if (pause > 0 && i % 100 == 99 && !asab_await (asab_sleep (pause), error))
        return FALSE;
    }
  g_print ("longest call: %" G_GINT64_FORMAT " µs\n", longest);

  return TRUE;
}

/* A text may have NULs, which only fields with a length can tell. */
static void
log_text (const char *text,
          gsize       length,
          int         i)
{
  g_autofree char *number = g_strdup_printf ("%d", i);
  GLogField fields[] = {
    { "MESSAGE", text, length > 0 ? (gssize) length : -1 },
    { "PRIORITY", "5", -1 },
    { "number", number, -1 },
    { "text", text, length > 0 ? (gssize) MIN (length, MAX_DATUM) : -1 },
  };

  g_log_structured_array (G_LOG_LEVEL_MESSAGE, fields, G_N_ELEMENTS (fields));
}

static void
log_files (const char *folder)
{
  g_autofree char *text = NULL;
  gsize length;

  for (int i = 0;; i++)
    {
      g_autofree char *name = g_strdup_printf ("%d", i);
      g_autofree char *path = g_build_filename (folder, name, NULL);

      g_clear_pointer (&text, g_free);
      if (!g_file_get_contents (path, &text, &length, NULL))
        break;
      log_text (text, length, i);
    }
}

static gboolean
work (AsabApplication  *application,
      GError          **error)
{
  AsabConfig *config = asab_application_get_config (application);
  g_autofree char *folder = asab_config_get_string (config, "test", "messages", NULL);

  if (folder != NULL)
    log_files (folder);
  if (!log_numbers (config, error))
    return FALSE;

  g_print ("done\n");
  while (getchar () != EOF)
    continue;
  asab_application_stop (application, 0);

  return TRUE;
}

int
main (int    argc,
      char **argv)
{
  AsabConfig *config = asab_config_get_default ();

  asab_config_add_default (config, "test", "records", "0");
  asab_config_add_default (config, "test", "warnings", "0");
  asab_config_add_default (config, "test", "padding", "0");
  asab_config_add_default (config, "test", "pause", "0");

  return asab_run (argc, argv, .main = work);
}
