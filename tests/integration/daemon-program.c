/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A daemon to be started, signalled and stopped. Its section “test” says what it does wrong. */

#include <asab-glib/asab.h>

#include <unistd.h>

static gboolean
has (AsabApplication *application,
     const char      *flag)
{
  return asab_config_get_boolean (asab_application_get_config (application), "test", flag, NULL);
}

/* Waits until somebody writes to the pipe that the configuration names. */
static gboolean
wait_at_gate (AsabApplication  *application,
              GError          **error)
{
  g_autofree char *path = asab_config_get_string (asab_application_get_config (application), "test", "gate", NULL);
  g_autoptr(GFile) gate = NULL;
  g_autofree char *contents = NULL;

  if (path == NULL)
    return TRUE;

  gate = g_file_new_for_path (path);
  g_file_load_contents_async (gate, ASAB_READY);

  return g_file_load_contents_finish (gate, ASAB_RESULT, &contents, NULL, NULL, error);
}

static gboolean
begin (AsabApplication  *application,
       GError          **error)
{
  g_print ("beginning\n");
  if (!wait_at_gate (application, error))
    return FALSE;
  if (has (application, "crash"))
    abort ();
  if (has (application, "leave"))
    asab_application_stop (application, 0);
  if (has (application, "fail"))
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, "The moon is not full");
      return FALSE;
    }

  return TRUE;
}

/* A child that has something to say to the service manager, if it finds one. */
static gboolean
spawn (GError **error)
{
  g_autofree char *output = NULL;
  int status;

  if (!g_spawn_command_line_sync ("sh -c 'echo X_CHILD=${NOTIFY_SOCKET-none}'", &output, NULL, &status, error))
    return FALSE;

  asab_systemd_notify (output);

  return g_spawn_check_wait_status (status, error);
}

static gboolean
work (AsabApplication  *application,
      GError          **error)
{
  g_print ("working\n");

  return !has (application, "spawn") || spawn (error);
}

static gboolean
end (AsabApplication  *application,
     GError          **error)
{
  g_autoptr(AsabPromise) never = asab_promise_new ();

  return !has (application, "hang") || asab_await (asab_promise_get_future (never), error);
}

G_NORETURN static gpointer
wait_for_ever (gpointer data G_GNUC_UNUSED)
{
  for (;;)
    pause ();
}

int
main (int    argc,
      char **argv)
{
  if (g_getenv ("DAEMON_PROGRAM_THREAD") != NULL)
    g_thread_unref (g_thread_new ("early", wait_for_ever, NULL));

  return asab_run (argc, argv, .initialize = begin, .main = work, .terminate = end);
}
