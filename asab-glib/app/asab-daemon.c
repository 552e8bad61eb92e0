/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The way into the background.
 *
 *   the caller's process   forks, then waits for word from the daemon and ends with the status that it brings: 0 when
 *                          the daemon came to run-time
 *     └─ the keeper        leads the new session. If the daemon gives its privileges away it stays behind with them, to
 *                          remove the pidfile, in whose folder the daemon may not write any longer; else it just ends
 *          └─ the daemon   can have no controlling terminal; it writes the pidfile, drops its privileges, goes on
 *
 * Until it is ready the daemon keeps the terminal, to say what goes wrong. All of this happens before the library
 * starts a thread; if the program has done so, the daemon begins anew, see asab-daemon-image.c.
 */

#include "config.h"

#include "asab-daemon-private.h"

#include <asab-glib/core/asab-errno-private.h>
#include <asab-glib/log/asab-log-writer-private.h>
#include <asab-glib/log/asab-log.h>

#include "asab-daemon-image-private.h"
#include "asab-daemon-settings-private.h"
#include "asab-pidfile-private.h"
#include "asab-standard-streams-private.h"

#include <gio/gio.h>
#include <glib/gi18n-lib.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

struct _AsabDaemon
{
  AsabPidfile *pidfile; /* (owned) (nullable) */
  int word_fd;          /* to the caller's process; -1 when it has been told */
};

typedef struct
{
  char *pidfile_path; /* (nullable) */
  char *working_dir;
  AsabIdentity identity;
} Plan;

static void
plan_clear (Plan *plan)
{
  g_free (plan->pidfile_path);
  g_free (plan->working_dir);
  asab_identity_clear (&plan->identity);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Plan, plan_clear)

static gboolean
plan_init (Plan        *plan,
           AsabConfig  *config,
           GError     **error)
{
  g_autofree char *user = NULL;
  g_autofree char *group = NULL;

  return asab_daemon_settings_get_pidfile (config, &plan->pidfile_path, error) &&
         asab_daemon_settings_get (config, "working_dir", &plan->working_dir, error) &&
         asab_daemon_settings_get (config, "uid", &user, error) &&
         asab_daemon_settings_get (config, "gid", &group, error) &&
         asab_identity_init (&plan->identity, user, group, error);
}

AsabDaemon *
asab_daemon_new (void)
{
  AsabDaemon *self = g_new0 (AsabDaemon, 1);

  self->word_fd = -1;

  return self;
}

/* Frees what only remembers; the pidfile is removed by asab_daemon_end(). */
void
asab_daemon_free (AsabDaemon *self)
{
  g_assert (self->pidfile == NULL);

  g_free (self);
}

/* Waits in the caller's process until the daemon has told how it got on. */
G_NORETURN static void
wait_for_word (int   word_fd,
               pid_t keeper)
{
  guint8 status;
  ssize_t length;

  do
    length = read (word_fd, &status, sizeof status);
  while (length < 0 && errno == EINTR);

  if (length != sizeof status)
    {
      g_printerr ("%s: %s\n", g_get_prgname (), _("The daemon ended before it was ready"));
      status = EXIT_FAILURE;
    }

  /* If it has ended by now nobody else has to clear up after it. */
  waitpid (keeper, NULL, WNOHANG);

  /* Not exit(): what the program has registered there is the daemon's to do. */
  _exit (status);
}

/* Outlives the daemon. It does so when all get SIGTERM, as when a service manager ends a service. */
G_NORETURN static void
keep_pidfile (const char *path,
              pid_t       daemon)
{
  const int ignored[] = { SIGHUP, SIGINT, SIGTERM };

  for (gsize i = 0; i < G_N_ELEMENTS (ignored); i++)
    signal (ignored[i], SIG_IGN);
  asab_standard_streams_silence (STDIN_FILENO, STDERR_FILENO);
  close_range (STDERR_FILENO + 1, G_MAXUINT, 0);
  if (chdir ("/") < 0)
    {
      /* Then a file system stays busy, no more. */
    }

  while (waitpid (daemon, NULL, 0) < 0 && errno == EINTR)
    ;
  asab_pidfile_remove_stale (path);

  _exit (EXIT_SUCCESS);
}

static gboolean
set_fork_error (GError **error)
{
  return asab_set_errno_error (error, _("Cannot go into the background"));
}

/* Returns in the daemon, or with an error if there is none. */
static gboolean
fork_daemon (AsabDaemon       *self,
             const Plan       *plan,
             AsabDaemonImage  *image,
             GError          **error)
{
  pid_t pid;

  setsid ();

  pid = fork ();
  if (pid < 0)
    return set_fork_error (error);
  if (pid > 0)
    {
      if (plan->identity.is_other && plan->pidfile_path != NULL)
        keep_pidfile (plan->pidfile_path, pid);
      _exit (EXIT_SUCCESS);
    }

  if (image->arguments == NULL)
    return TRUE;

  asab_daemon_image_execute (image, self->word_fd);

  return set_fork_error (error);
}

static gboolean
fork_keeper (AsabDaemon  *self,
             const Plan  *plan,
             GError     **error)
{
  g_auto(AsabDaemonImage) image = { NULL };
  int word_fds[2];
  pid_t pid;

  if (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, word_fds) < 0)
    return set_fork_error (error);

  self->word_fd = word_fds[1];
  if (asab_daemon_image_is_needed () && !asab_daemon_image_init (&image, self->word_fd, error))
    {
      close (word_fds[0]);
      return FALSE;
    }

  /* What is buffered would be written by each process. */
  fflush (NULL);

  pid = fork ();
  if (pid > 0)
    {
      close (self->word_fd);
      wait_for_word (word_fds[0], pid);
    }

  close (word_fds[0]);

  return pid == 0 ? fork_daemon (self, plan, &image, error) : set_fork_error (error);
}

/*
 * asab_daemon_start:
 * @self: a daemon
 * @config: the loaded configuration
 * @error: return location for an error
 *
 * Goes into the background and becomes who the configuration wants. The caller's process never returns from here.
 *
 * Returns: true if that worked; whether or not, asab_daemon_end() is to be called
 */
gboolean
asab_daemon_start (AsabDaemon  *self,
                   AsabConfig  *config,
                   GError     **error)
{
  g_auto(Plan) plan = { NULL };

  if (!plan_init (&plan, config, error))
    return FALSE;

  self->word_fd = asab_daemon_image_steal_word_fd ();
  if (self->word_fd < 0 && !fork_keeper (self, &plan, error))
    return FALSE;

  asab_standard_streams_silence (STDIN_FILENO, STDIN_FILENO);
  if (plan.pidfile_path != NULL)
    {
      self->pidfile = asab_pidfile_new (plan.pidfile_path, error);
      if (self->pidfile == NULL)
        return FALSE;
    }

  if (chdir (plan.working_dir) < 0)
    return asab_set_errno_error (error, _("Cannot work in the folder “%s”"), plan.working_dir);

  asab_daemon_create_log_file (config, &plan.identity);

  return asab_identity_assume (&plan.identity, error);
}

static void
tell (AsabDaemon *self,
      guint8      status)
{
  if (self->word_fd < 0)
    return;

  /* The caller may have lost patience. */
  send (self->word_fd, &status, sizeof status, MSG_NOSIGNAL);
  close (self->word_fd);
  self->word_fd = -1;
}

/* Lets go of the terminal, and the caller's process end. */
void
asab_daemon_set_ready (AsabDaemon *self)
{
  if (self->word_fd < 0)
    return;

  /* What was logged up to now is for the terminal. */
  asab_log_flush ();
  fflush (NULL);
  asab_standard_streams_silence (STDOUT_FILENO, STDERR_FILENO);
  tell (self, EXIT_SUCCESS);
}

/* Says on the terminal why the daemon does not become ready, unless the log does so. */
void
asab_daemon_report (AsabDaemon *self,
                    const char *failure)
{
  if (self->word_fd >= 0 && asab_log_writer_get_fd (ASAB_LOG_TARGET_CONSOLE) < 0)
    g_printerr ("%s: %s\n", g_get_prgname (), failure);
}

/*
 * asab_daemon_end:
 * @self: a daemon
 * @status: the status that the process is about to end with
 *
 * Removes the pidfile. A daemon that ends before it is ready has failed, whatever its status.
 */
void
asab_daemon_end (AsabDaemon *self,
                 int         status)
{
  g_clear_pointer (&self->pidfile, asab_pidfile_remove);
  asab_log_flush ();
  tell (self, (guint8) status != 0 ? (guint8) status : EXIT_FAILURE);
}
