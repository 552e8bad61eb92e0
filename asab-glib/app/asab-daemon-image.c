/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A daemon that begins anew.
 *
 * fork() leaves all threads but one behind, and who waits for the others, as the garbage collector of JavaScript does,
 * waits for ever. If there are threads already, the daemon therefore starts the program once more, with the same
 * arguments, and tells it by the environment that it is the daemon. All is prepared before the fork: between that and
 * exec() there is no memory to be had, as a thread that is no more may hold its lock.
 */

#include "config.h"

#include "asab-daemon-image-private.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define WORD_VARIABLE "ASAB_DAEMON_WORD_FD"

/* Whether this process has threads beside the main one. */
gboolean
asab_daemon_image_is_needed (void)
{
  g_autoptr(GDir) tasks = g_dir_open ("/proc/self/task", 0, NULL);

  return tasks != NULL && g_dir_read_name (tasks) != NULL && g_dir_read_name (tasks) != NULL;
}

/* Returns the arguments that the process was started with, those of an interpreter among them. */
static char **
dup_arguments (GError **error)
{
  g_autoptr(GStrvBuilder) arguments = g_strv_builder_new ();
  g_autofree char *text = NULL;
  gsize length;

  if (!g_file_get_contents ("/proc/self/cmdline", &text, &length, error))
    return NULL;

  for (const char *argument = text; argument < text + length; argument += strlen (argument) + 1)
    g_strv_builder_add (arguments, argument);

  return g_strv_builder_end (arguments);
}

gboolean
asab_daemon_image_init (AsabDaemonImage  *self,
                        int               word_fd,
                        GError          **error)
{
  g_autofree char *value = g_strdup_printf ("%d", word_fd);

  self->arguments = dup_arguments (error);
  self->environment = g_environ_setenv (g_get_environ (), WORD_VARIABLE, value, TRUE);

  return self->arguments != NULL;
}

void
asab_daemon_image_clear (AsabDaemonImage *self)
{
  g_clear_pointer (&self->arguments, g_strfreev);
  g_clear_pointer (&self->environment, g_strfreev);
}

/* Becomes the image, between fork() and the end; returns if that did not work. */
void
asab_daemon_image_execute (AsabDaemonImage *self,
                           int              word_fd)
{
  fcntl (word_fd, F_SETFD, 0);
  execve ("/proc/self/exe", self->arguments, self->environment);
}

/*
 * asab_daemon_image_steal_word_fd:
 *
 * Asks whether this process is an image, once.
 *
 * Returns: the file descriptor that asab_daemon_image_init() was given, -1 in a process that is none
 */
int
asab_daemon_image_steal_word_fd (void)
{
  const char *value = g_getenv (WORD_VARIABLE);
  guint64 fd;

  if (value == NULL || !g_ascii_string_to_unsigned (value, 10, STDERR_FILENO + 1, G_MAXINT, &fd, NULL))
    return -1;

  g_unsetenv (WORD_VARIABLE);

  return fcntl ((int) fd, F_SETFD, FD_CLOEXEC) == 0 ? (int) fd : -1;
}
