/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Logs numbers, twenty at once, until it is stopped or crashes; its section “test” says after how many. */

#include <asab-glib/asab.h>

#include <signal.h>

#define N_AT_ONCE 20

static AsabFuture *
stop_cb (AsabPubSub   *bus G_GNUC_UNUSED,
         AsabMessage  *message G_GNUC_UNUSED,
         gpointer      user_data,
         GError      **error G_GNUC_UNUSED)
{
  *(gboolean *) user_data = TRUE;

  return NULL;
}

static gboolean
work (AsabApplication  *application,
      GError          **error)
{
  AsabConfig *config = asab_application_get_config (application);
  gint64 crash_at = asab_config_get_int64 (config, "test", "crash_at", NULL);
  gint64 end_at = asab_config_get_int64 (config, "test", "end_at", NULL);
  static gboolean is_stopped;
  gint64 n = 0;

  asab_pubsub_subscribe (asab_application_get_pubsub (application), "Application.stop!", stop_cb, &is_stopped, NULL);
  while (n != end_at && !is_stopped)
    {
      for (int i = 0; i < N_AT_ONCE; i++)
        {
          asab_log_notice_with (ASAB_LOG_DATA (asab_log_number ("n", n)), "number %" G_GINT64_FORMAT, n);
          if (++n == crash_at)
            raise (SIGSEGV);
        }
      if (!asab_await (asab_sleep (0.001), error))
        return FALSE;
    }
  asab_application_stop (application, 0);

  return TRUE;
}

int
main (int    argc,
      char **argv)
{
  AsabConfig *config = asab_config_get_default ();

  asab_config_add_default (config, "test", "crash_at", "-1");
  asab_config_add_default (config, "test", "end_at", "-1");

  return asab_run (argc, argv, .main = work);
}
