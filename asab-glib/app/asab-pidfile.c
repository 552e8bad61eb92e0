/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The file that names the process of a daemon.
 *
 * The daemon holds a lock on it as long as it lives. So a file that nobody has locked is stale, whatever process has
 * got its number meanwhile, and is taken over. Whoever got the lock looks again whether the path still leads to that
 * file: the former owner may have removed it in between, and then the lock is worth nothing.
 */

#include "config.h"

#include "asab-pidfile-private.h"

#include <asab-glib/core/asab-errno-private.h>

#include <gio/gio.h>
#include <glib/gi18n-lib.h>

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* Somebody who only looks holds the lock for a moment, and so does a child between fork() and exec(). */
#define LOCK_ATTEMPTS 5
#define LOCK_PAUSE_USEC 20000

struct _AsabPidfile
{
  char *path; /* (owned) */
  int fd;     /* locked */
};

static gboolean
read_pid (int    fd,
          pid_t *pid)
{
  char text[32];
  ssize_t length = pread (fd, text, sizeof text - 1, 0);
  guint64 number;

  if (length < 0)
    return FALSE;

  text[length] = '\0';
  if (!g_ascii_string_to_unsigned (g_strstrip (text), 10, 1, G_MAXINT, &number, NULL))
    return FALSE;

  *pid = (pid_t) number;

  return TRUE;
}

static gboolean
lock_file (int          fd,
           const char  *path,
           GError     **error)
{
  pid_t pid;

  for (int i = 0; flock (fd, LOCK_EX | LOCK_NB) < 0; i++)
    {
      if (errno != EWOULDBLOCK)
        return asab_set_errno_error (error, _("Cannot lock the pidfile “%s”"), path);
      if (i == LOCK_ATTEMPTS)
        {
          if (!read_pid (fd, &pid))
            pid = 0;
          g_set_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS,
                       _("The daemon is running already, as process %d, which holds the pidfile “%s”"),
                       (int) pid, path);
          return FALSE;
        }
      g_usleep (LOCK_PAUSE_USEC);
    }

  return TRUE;
}

/* Whether @path is still the file that was opened. */
static gboolean
is_current (int         fd,
            const char *path)
{
  struct stat opened;
  struct stat present;

  return fstat (fd, &opened) == 0 && lstat (path, &present) == 0 &&
         opened.st_dev == present.st_dev && opened.st_ino == present.st_ino;
}

static int
open_locked (const char  *path,
             GError     **error)
{
  for (;;)
    {
      int fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);

      if (fd < 0)
        {
          asab_set_errno_error (error, _("Cannot create the pidfile “%s”"), path);
          return -1;
        }
      if (!lock_file (fd, path, error))
        {
          close (fd);
          return -1;
        }
      if (is_current (fd, path))
        return fd;

      close (fd);
    }
}

static gboolean
write_pid (int          fd,
           const char  *path,
           GError     **error)
{
  g_autofree char *text = g_strdup_printf ("%d\n", (int) getpid ());
  gssize length = (gssize) strlen (text);

  if (ftruncate (fd, 0) == 0 && pwrite (fd, text, (gsize) length, 0) == length)
    return TRUE;

  return asab_set_errno_error (error, _("Cannot write the pidfile “%s”"), path);
}

/*
 * asab_pidfile_new:
 * @path: an absolute path
 * @error: return location for an error; %G_IO_ERROR_EXISTS says that another process has the file
 *
 * Creates the file of this process, or takes over a stale one.
 *
 * Returns: the file, locked
 */
AsabPidfile *
asab_pidfile_new (const char  *path,
                  GError     **error)
{
  AsabPidfile *self;
  int fd = open_locked (path, error);

  if (fd < 0)
    return NULL;
  if (!write_pid (fd, path, error))
    {
      g_unlink (path);
      close (fd);
      return NULL;
    }

  self = g_new0 (AsabPidfile, 1);
  self->path = g_strdup (path);
  self->fd = fd;

  return self;
}

/* Removes the file, as far as this process may, and gives it up. */
void
asab_pidfile_remove (AsabPidfile *self)
{
  if (is_current (self->fd, self->path))
    g_unlink (self->path);

  close (self->fd);
  g_free (self->path);
  g_free (self);
}

/*
 * asab_pidfile_read:
 * @path: a path
 * @pid: (out): return location for the process, 0 if the file is stale
 * @error: return location for an error: %G_IO_ERROR_NOT_FOUND if there is no file
 *
 * Looks up who has the file.
 *
 * Returns: true if the file could be read
 */
gboolean
asab_pidfile_read (const char  *path,
                   pid_t       *pid,
                   GError     **error)
{
  int fd = open (path, O_RDONLY | O_CLOEXEC);
  gboolean succeeded = TRUE;

  if (fd < 0)
    return asab_set_errno_error (error, _("Cannot open the pidfile “%s”"), path);

  if (flock (fd, LOCK_SH | LOCK_NB) == 0)
    *pid = 0;
  else if (!read_pid (fd, pid))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, _("The pidfile “%s” does not name a process"), path);
      succeeded = FALSE;
    }

  close (fd);

  return succeeded;
}

/* Removes the file unless a process has it. */
void
asab_pidfile_remove_stale (const char *path)
{
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

  if (fd < 0)
    return;

  if (flock (fd, LOCK_EX | LOCK_NB) == 0 && is_current (fd, path))
    g_unlink (path);
  close (fd);
}
