/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The log file of a daemon that gives its privileges away, and may then not be allowed to create it: it is created
 * before, for the user to come. What is there already stays whose it is, so that nobody can make root give it away.
 */

#include "config.h"

#include "asab-daemon-private.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MODE 0640
#define FOLDER_MODE 0750

static void
give (int                 fd,
      const AsabIdentity *identity)
{
  if (fd < 0)
    return;

  if (fchown (fd, identity->uid, identity->gid) < 0)
    {
      /* Whoever opens the file will tell. */
    }
  close (fd);
}

/*
 * asab_daemon_create_log_file:
 * @config: the configuration
 * @identity: who will write the log
 *
 * Creates the log file that the configuration names, and the folder that it is in. If that fails, opening it tells why.
 */
void
asab_daemon_create_log_file (AsabConfig         *config,
                             const AsabIdentity *identity)
{
  g_autofree char *path = asab_config_get_string (config, "logging:file", "path", NULL);
  g_autofree char *folder = NULL;

  if (!identity->is_other || path == NULL || *path == '\0')
    return;

  folder = g_path_get_dirname (path);
  if (mkdir (folder, FOLDER_MODE) == 0)
    give (open (folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), identity);
  give (open (path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, FILE_MODE), identity);
}
