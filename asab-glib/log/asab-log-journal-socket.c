/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * How datagrams get to the journal: many at once; one that is too long for the socket through a sealed file in memory,
 * whose descriptor is sent instead.
 */

#include "config.h"

#include "asab-log-journal-socket-private.h"

#include "asab-log-buffer-private.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define MAX_AT_ONCE 64

void
asab_log_journal_socket_init (AsabLogJournalSocket *self,
                              const char           *path)
{
  self->path = g_strdup (path);
  self->fd = -1;
}

void
asab_log_journal_socket_clear (AsabLogJournalSocket *self)
{
  asab_log_journal_socket_close (self);
  g_clear_pointer (&self->path, g_free);
}

void
asab_log_journal_socket_close (AsabLogJournalSocket *self)
{
  if (self->fd >= 0)
    close (self->fd);
  self->fd = -1;
}

/* It is connected, although datagrams could do without, because one can wait for room in a connected socket only. */
gboolean
asab_log_journal_socket_connect (AsabLogJournalSocket *self)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int error_number;

  if (g_strlcpy (address.sun_path, self->path, sizeof address.sun_path) >= sizeof address.sun_path)
    {
      errno = ENAMETOOLONG;
      return FALSE;
    }

  self->fd = socket (AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (self->fd < 0)
    return FALSE;
  if (connect (self->fd, (struct sockaddr *) &address, sizeof address) == 0)
    return TRUE;

  error_number = errno;
  asab_log_journal_socket_close (self);
  errno = error_number;

  return FALSE;
}

static gboolean
send_file (AsabLogJournalSocket *self,
           const struct iovec   *datagram)
{
  union
  {
    struct cmsghdr header;
    char space[CMSG_SPACE (sizeof (int))];
  } control = { .header = { CMSG_LEN (sizeof (int)), SOL_SOCKET, SCM_RIGHTS } };
  struct msghdr message = { .msg_control = &control, .msg_controllen = sizeof control.space };
  int fd = memfd_create ("asab-log", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  gboolean succeeded;
  int error_number;

  if (fd < 0)
    return FALSE;

  memcpy (CMSG_DATA (&control.header), &fd, sizeof fd);
  succeeded = asab_log_write_all (fd, datagram->iov_base, datagram->iov_len, NULL) &&
              fcntl (fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) == 0 &&
              sendmsg (self->fd, &message, MSG_NOSIGNAL) >= 0;
  error_number = errno;
  close (fd);
  errno = error_number;

  return succeeded;
}

/*
 * asab_log_journal_socket_send:
 * @self: a connected socket
 * @datagrams: what to send
 * @n_datagrams: how many, at least one
 *
 * Sends some of them.
 *
 * Returns: how many were sent, or -1; errno is EAGAIN then if there is no room
 */
int
asab_log_journal_socket_send (AsabLogJournalSocket *self,
                              struct iovec         *datagrams,
                              guint                 n_datagrams)
{
  struct mmsghdr messages[MAX_AT_ONCE];
  int n;

  n_datagrams = MIN (n_datagrams, MAX_AT_ONCE);
  for (guint i = 0; i < n_datagrams; i++)
    messages[i] = (struct mmsghdr) { .msg_hdr = { .msg_iov = &datagrams[i], .msg_iovlen = 1 } };

  do
    n = sendmmsg (self->fd, messages, n_datagrams, MSG_NOSIGNAL);
  while (n < 0 && errno == EINTR);
  if (n < 0 && (errno == EMSGSIZE || errno == ENOBUFS))
    n = send_file (self, &datagrams[0]) ? 1 : -1;

  return n;
}

/* Returns: whether there is room, or an error, within that time */
gboolean
asab_log_journal_socket_wait (AsabLogJournalSocket *self,
                              int                   timeout_ms)
{
  return poll (&(struct pollfd) { .fd = self->fd, .events = POLLOUT }, 1, timeout_ms) > 0;
}
