/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Where an application may keep its files. */

#include "config.h"

#include <asab-glib/app/asab-application.h>

#include <asab-glib/core/asab-errno-private.h>

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <unistd.h>

static const struct
{
  const char *variable;    /* set by systemd, with colons between several folders */
  const char *system_base; /* for root */
} directories[] = {
  [ASAB_DIRECTORY_STATE] = { "STATE_DIRECTORY", "/var/lib" },
  [ASAB_DIRECTORY_RUNTIME] = { "RUNTIME_DIRECTORY", "/run" },
  [ASAB_DIRECTORY_LOGS] = { "LOGS_DIRECTORY", "/var/log" },
  [ASAB_DIRECTORY_CACHE] = { "CACHE_DIRECTORY", "/var/cache" },
};

static char *
find_passed (AsabDirectory directory)
{
  const char *value = g_getenv (directories[directory].variable);
  g_auto(GStrv) folders = g_strsplit (value != NULL ? value : "", ":", -1);

  return folders[0] != NULL && g_path_is_absolute (folders[0]) ? g_strdup (folders[0]) : NULL;
}

/* As systemd places the folders of services of a user. */
static char *
find_of_user (AsabDirectory  directory,
              const char    *name)
{
  switch (directory)
    {
    case ASAB_DIRECTORY_RUNTIME:
      return g_build_filename (g_get_user_runtime_dir (), name, NULL);
    case ASAB_DIRECTORY_LOGS:
      return g_build_filename (g_get_user_state_dir (), "log", name, NULL);
    case ASAB_DIRECTORY_CACHE:
      return g_build_filename (g_get_user_cache_dir (), name, NULL);
    case ASAB_DIRECTORY_STATE:
    default:
      return g_build_filename (g_get_user_state_dir (), name, NULL);
    }
}

/**
 * asab_application_ensure_directory:
 * @self: an application
 * @directory: what the directory is for
 * @error: return location for an error
 *
 * Gets a directory for files of the application, which is created if it is missing, for its user alone.
 *
 * It is the one that systemd passes, the first one of `STATE_DIRECTORY` for example. Without that it is a directory
 * with the name of the program, in `/var/lib`, `/run`, `/var/log` or `/var/cache` for root, and for others where the
 * XDG Base Directory Specification has it.
 *
 * Returns: (transfer full) (type filename): the path of the directory
 */
char *
asab_application_ensure_directory (AsabApplication  *self,
                                   AsabDirectory     directory,
                                   GError          **error)
{
  g_autofree char *path = NULL;

  g_return_val_if_fail (ASAB_IS_APPLICATION (self), NULL);
  g_return_val_if_fail (directory < G_N_ELEMENTS (directories), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  path = find_passed (directory);
  if (path == NULL && geteuid () == 0)
    path = g_build_filename (directories[directory].system_base, g_get_prgname (), NULL);
  if (path == NULL)
    path = find_of_user (directory, g_get_prgname ());

  if (g_mkdir_with_parents (path, 0700) == 0)
    return g_steal_pointer (&path);

  asab_set_errno_error (error, _("Cannot create the folder “%s”"), path);

  return NULL;
}
