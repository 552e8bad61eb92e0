/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Logs numbers until it is stopped or comes to its end, of one kind or another, as its section “test” says. */

#include <asab-glib/asab.h>

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

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

static gpointer
abort_in_thread (gpointer data G_GNUC_UNUSED)
{
  abort ();
}

/* As if the thread that writes had a fault. */
static void
crash_writer (void)
{
  g_autoptr(GDir) threads = g_dir_open ("/proc/self/task", 0, NULL);
  const char *id;

  while ((id = g_dir_read_name (threads)) != NULL)
    {
      g_autofree char *path = g_build_filename ("/proc/self/task", id, "comm", NULL);
      g_autofree char *name = NULL;

      if (g_file_get_contents (path, &name, NULL, NULL) && strcmp (name, "asab-log\n") == 0)
        tgkill (getpid (), atoi (id), SIGSEGV);
    }
  pause ();
}

static void
fork_once (void)
{
  pid_t child = fork ();

  if (child == 0)
    _exit (0);
  waitpid (child, NULL, 0);
}

static void
end (const char *how)
{
  if (strcmp (how, "fault") == 0)
    *(volatile int *) sysconf (_SC_PAGESIZE) = 1;
  else if (strcmp (how, "abort") == 0)
    abort ();
  else if (strcmp (how, "bus") == 0)
    raise (SIGBUS);
  else if (strcmp (how, "thread") == 0)
    g_thread_join (g_thread_new ("abort", abort_in_thread, NULL));
  else if (strcmp (how, "writer") == 0)
    crash_writer ();
  else if (strcmp (how, "error") == 0)
    g_error ("the end");
  else if (strcmp (how, "exit") == 0)
    exit (3);
}

static void
log_number (gint64   n,
            gboolean is_warning)
{
  if (is_warning)
    asab_log_warning_with (ASAB_LOG_DATA (asab_log_number ("n", n)), "warning %" G_GINT64_FORMAT, n);
  else
    asab_log_notice_with (ASAB_LOG_DATA (asab_log_number ("n", n)), "number %" G_GINT64_FORMAT, n);
}

static gboolean
work (AsabApplication  *application,
      GError          **error)
{
  AsabConfig *config = asab_application_get_config (application);
  gint64 end_at = asab_config_get_int64 (config, "test", "end_at", NULL);
  gint64 n_at_once = asab_config_get_int64 (config, "test", "at_once", NULL);
  gint64 n_warnings = asab_config_get_int64 (config, "test", "warnings", NULL);
  g_autofree char *how = asab_config_get_string (config, "test", "how", NULL);
  static gboolean is_stopped;
  gint64 n = 0;

  asab_pubsub_subscribe (asab_application_get_pubsub (application), "Application.stop!", stop_cb, &is_stopped, NULL);
  if (asab_config_get_boolean (config, "test", "hard", NULL))
    say_hard ();
  while (n != end_at && !is_stopped)
    {
      for (gint64 i = 0; i < n_at_once && n != end_at; i++)
        log_number (n++, FALSE);
      if (n != end_at && !asab_await (asab_sleep (0.001), error))
        return FALSE;
    }
  for (gint64 i = 0; i < n_warnings; i++)
    log_number (i, TRUE);
  end (how);

  if (strcmp (how, "fork") == 0)
    {
      fork_once ();
      g_print ("done\n");
      return TRUE; /* and go on */
    }
  asab_application_stop (application, 0);

  return TRUE;
}

int
main (int    argc,
      char **argv)
{
  AsabConfig *config = asab_config_get_default ();

  asab_config_add_default (config, "test", "at_once", "20");
  asab_config_add_default (config, "test", "end_at", "-1");
  asab_config_add_default (config, "test", "hard", "false");
  asab_config_add_default (config, "test", "how", "stop");
  asab_config_add_default (config, "test", "warnings", "0");

  return asab_run (argc, argv, .main = work);
}
