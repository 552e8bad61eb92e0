/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The sockets that a service manager has opened, each with a name. They stay open as long as the process lives. */

#include "config.h"

#include "asab-listen-fds-private.h"

#include <glib/gi18n-lib.h>

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define UNKNOWN_NAME "unknown" /* what systemd calls a file descriptor that nobody has named */

struct _AsabListenFds
{
  int first_fd;
  guint n_fds;
  char **names; /* (owned): may be shorter than the list of file descriptors */
};

/*
 * asab_listen_fds_new:
 * @first_fd: the first file descriptor
 * @n_fds: how many there are
 * @names: (nullable): their names, with colons between them
 *
 * Takes the file descriptors over; programs that this process starts will not inherit them.
 */
AsabListenFds *
asab_listen_fds_new (int         first_fd,
                     guint       n_fds,
                     const char *names)
{
  AsabListenFds *self = g_new0 (AsabListenFds, 1);

  self->first_fd = first_fd;
  self->n_fds = n_fds;
  self->names = g_strsplit (names != NULL ? names : "", ":", -1);

  for (guint i = 0; i < n_fds; i++)
    fcntl (first_fd + (int) i, F_SETFD, FD_CLOEXEC);

  return self;
}

void
asab_listen_fds_free (AsabListenFds *self)
{
  for (guint i = 0; i < self->n_fds; i++)
    close (self->first_fd + (int) i);
  g_strfreev (self->names);
  g_free (self);
}

static GSocket *
dup_socket (int      fd,
            GError **error)
{
  GSocket *socket;
  int saved_errno;
  int copy = fcntl (fd, F_DUPFD_CLOEXEC, 0);

  if (copy < 0)
    {
      saved_errno = errno;
      g_set_error_literal (error, G_IO_ERROR, g_io_error_from_errno (saved_errno), g_strerror (saved_errno));
      return NULL;
    }

  socket = g_socket_new_from_fd (copy, error);
  if (socket == NULL)
    close (copy);

  return socket;
}

/*
 * asab_listen_fds_dup_sockets:
 * @self: file descriptors
 * @name: a name
 * @error: return location for an error: %G_IO_ERROR_NOT_FOUND if no socket has that name
 *
 * Gets sockets for all file descriptors of that name.
 *
 * Returns: the sockets
 */
GPtrArray *
asab_listen_fds_dup_sockets (AsabListenFds  *self,
                             const char     *name,
                             GError        **error)
{
  g_autoptr(GPtrArray) sockets = g_ptr_array_new_with_free_func (g_object_unref);
  guint n_names = g_strv_length (self->names);

  for (guint i = 0; i < self->n_fds; i++)
    {
      GSocket *socket;

      if (!g_str_equal (i < n_names ? self->names[i] : UNKNOWN_NAME, name))
        continue;

      socket = dup_socket (self->first_fd + (int) i, error);
      if (socket == NULL)
        {
          g_prefix_error (error, _("What the service manager passed as “%s” cannot be used: "), name);
          return NULL;
        }
      g_ptr_array_add (sockets, socket);
    }

  if (sockets->len == 0)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                   _("The service manager passed no socket with the name “%s”"), name);
      return NULL;
    }

  return g_steal_pointer (&sockets);
}
