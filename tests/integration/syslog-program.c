/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Logs as many records as section “test” says, with a pause after each hundred, and waits for a line. */

#include <asab-glib/asab.h>

#include <stdio.h>

static gboolean
work (AsabApplication  *application,
      GError          **error)
{
  AsabConfig *config = asab_application_get_config (application);
  gint64 n_records = asab_config_get_int64 (config, "test", "records", error);
  double pause = asab_config_get_double (config, "test", "pause", NULL);

  for (gint64 i = 0; i < n_records; i++)
    {
      asab_log_notice_with (ASAB_LOG_DATA (asab_log_number ("number", i), asab_log_text ("hard", "a\"b\\c]d é")),
                            "record %" G_GINT64_FORMAT " end", i);
      if (pause > 0 && i % 100 == 99 && !asab_await (asab_sleep (pause), error))
        return FALSE;
    }

  g_print ("done\n");
  while (getchar () != '\n')
    continue;
  asab_application_stop (application, 0);

  return TRUE;
}

int
main (int    argc,
      char **argv)
{
  return asab_run (argc, argv, .main = work);
}
