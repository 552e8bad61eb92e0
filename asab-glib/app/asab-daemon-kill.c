/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * How a daemon is ended from the command line: politely, then less so. The second signal cancels main(), the third ends
 * the daemon at once, and the others are for one that hangs before it handles signals. Before each the pidfile is read
 * again, so that none goes to a process that is not the daemon.
 */

#include "config.h"

#include "asab-daemon-private.h"

#include "asab-daemon-settings-private.h"
#include "asab-pidfile-private.h"

#include <gio/gio.h>
#include <glib/gi18n-lib.h>

#include <errno.h>
#include <signal.h>
#include <stdlib.h>

#define POLLS_PER_SIGNAL 10
#define POLL_USEC 100000

static const int attempts[] = { SIGINT, SIGINT, SIGINT, SIGINT, SIGTERM };

static gboolean
wait_for_removal (const char *path)
{
  for (int i = 0; i < POLLS_PER_SIGNAL; i++)
    {
      if (!g_file_test (path, G_FILE_TEST_EXISTS))
        return TRUE;
      g_usleep (POLL_USEC);
    }

  return FALSE;
}

typedef enum
{
  SIGNALLED,
  GONE,
  FAILED,
} Outcome;

static Outcome
send_signal (const char *path,
             int         signal_number)
{
  g_autoptr(GError) error = NULL;
  pid_t pid;

  if (!asab_pidfile_read (path, &pid, &error))
    {
      g_printerr ("%s: %s\n", g_get_prgname (), error->message);
      return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND) ? GONE : FAILED;
    }
  if (pid != 0 && kill (pid, signal_number) == 0)
    return SIGNALLED;
  if (pid != 0 && errno == EPERM)
    {
      g_printerr (_("%s: Process %d does not take signals of this user\n"), g_get_prgname (), (int) pid);
      return FAILED;
    }

  g_printerr (_("%s: No process has the pidfile “%s”\n"), g_get_prgname (), path);

  return GONE;
}

/*
 * asab_daemon_kill:
 * @config: the loaded configuration
 *
 * Ends the daemon that has the pidfile, and waits for its end.
 *
 * Returns: an exit status: 0 if there is no daemon now
 */
int
asab_daemon_kill (AsabConfig *config)
{
  g_autofree char *path = NULL;
  g_autoptr(GError) error = NULL;

  if (!asab_daemon_settings_get_pidfile (config, &path, &error))
    {
      g_printerr ("%s: %s\n", g_get_prgname (), error->message);
      return EXIT_FAILURE;
    }
  if (path == NULL)
    return EXIT_SUCCESS;

  for (gsize i = 0; i < G_N_ELEMENTS (attempts); i++)
    {
      Outcome outcome = send_signal (path, attempts[i]);

      if (outcome != SIGNALLED)
        return outcome == GONE ? EXIT_SUCCESS : EXIT_FAILURE;
      if (wait_for_removal (path))
        return EXIT_SUCCESS;
      g_printerr (_("%s: The daemon is still running\n"), g_get_prgname ());
    }

  g_printerr (_("%s: The daemon does not end\n"), g_get_prgname ());

  return EXIT_FAILURE;
}
