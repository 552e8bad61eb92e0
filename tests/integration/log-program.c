/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Logs hard messages if it is to, and numbers, twenty at once, until it is stopped, crashes or has come to the end. */

#include <asab-glib/asab.h>

#include <signal.h>

#define N_AT_ONCE 20
#define BIG_SIZE (1024 * 1024)

static void
say (const char *message,
     gssize      length)
{
  GLogField fields[] = { { "MESSAGE", message, length }, { "data", message, length } };

  g_log_structured_array (G_LOG_LEVEL_MESSAGE, fields, G_N_ELEMENTS (fields));
}

/* What formats and transports find hard. */
static void
say_hard (void)
{
  g_autofree char *big = g_strnfill (BIG_SIZE, 'x');
  char every_byte[256];

  for (gsize i = 0; i < sizeof every_byte; i++)
    every_byte[i] = (char) i;

  say ("one\n\ttwo\n", -1);
  say (every_byte, sizeof every_byte);
  say ("a\377\303(\355\240\200\360\237", -1); /* broken UTF-8: a surrogate, and what is not complete */
  say (big, -1);
}

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
  gboolean is_hard = asab_config_get_boolean (config, "test", "hard", NULL);
  static gboolean is_stopped;
  gint64 n = 0;

  asab_pubsub_subscribe (asab_application_get_pubsub (application), "Application.stop!", stop_cb, &is_stopped, NULL);
  if (is_hard)
    say_hard ();
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
  asab_config_add_default (config, "test", "hard", "false");

  return asab_run (argc, argv, .main = work);
}
