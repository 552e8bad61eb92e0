/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "asab-socket-private.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

typedef union
{
  struct sockaddr any;
  struct sockaddr_storage storage;
} Address;

/* Sets @error to what errno was when @what, a sentence, came true. */
void
asab_socket_set_error (GError     **error,
                       int          code,
                       const char  *what)
{
  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (code), "%s: %s", what, g_strerror (code));
}

/* Returns: a descriptor, or -1 on error */
int
asab_socket_new (GSocketFamily   family,
                 GSocketType     type,
                 GError        **error)
{
  static const int types[] = {
    [G_SOCKET_TYPE_STREAM] = SOCK_STREAM,
    [G_SOCKET_TYPE_DATAGRAM] = SOCK_DGRAM,
    [G_SOCKET_TYPE_SEQPACKET] = SOCK_SEQPACKET,
  };
  int fd;

  if (type <= G_SOCKET_TYPE_INVALID || (gsize) type >= G_N_ELEMENTS (types))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, _("There is no type of socket %d"), type);
      return -1;
    }

  fd = socket ((int) family, types[type] | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0)
    asab_socket_set_error (error, errno, _("A socket cannot be made"));

  return fd;
}

static gboolean
to_native (GSocketAddress  *address,
           Address         *native,
           socklen_t       *size,
           GError         **error)
{
  gssize native_size = g_socket_address_get_native_size (address);

  if (!g_socket_address_to_native (address, native, sizeof *native, error))
    return FALSE;

  *size = (socklen_t) native_size;

  return TRUE;
}

/* Sets @error to what errno was when @what, a sentence about @address, came true. */
static void
set_address_error (GError         **error,
                   int              code,
                   const char      *what,
                   GSocketAddress  *address)
{
  g_autofree char *name = g_socket_connectable_to_string (G_SOCKET_CONNECTABLE (address));

  asab_socket_set_error (error, code, what);
  g_prefix_error (error, "“%s”: ", name);
}

gboolean
asab_socket_bind (int              fd,
                  GSocketAddress  *address,
                  GError         **error)
{
  Address native;
  socklen_t size;

  if (!to_native (address, &native, &size, error))
    return FALSE;
  if (bind (fd, &native.any, size) == 0)
    return TRUE;

  set_address_error (error, errno, _("The socket cannot be bound"), address);

  return FALSE;
}

/* Begins to connect; how it went is told by asab_socket_take_error () when the socket can be written. */
gboolean
asab_socket_connect (int              fd,
                     GSocketAddress  *address,
                     GError         **error)
{
  Address native;
  socklen_t size;

  if (!to_native (address, &native, &size, error))
    return FALSE;
  if (connect (fd, &native.any, size) == 0 || errno == EINPROGRESS || errno == EINTR || errno == EISCONN)
    return TRUE;

  set_address_error (error, errno, _("The socket cannot connect"), address);

  return FALSE;
}

/* Returns: a descriptor, or -1, with @error set unless there is just nobody to accept */
int
asab_socket_accept (int              fd,
                    GSocketAddress **peer,
                    GError         **error)
{
  Address native;
  socklen_t size = sizeof native;
  int client;

  do
    client = accept4 (fd, &native.any, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
  while (client < 0 && errno == EINTR);

  if (client >= 0 && peer != NULL)
    *peer = g_socket_address_new_from_native (&native, size);
  if (client < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != ECONNABORTED)
    asab_socket_set_error (error, errno, _("A client cannot be accepted"));

  return client;
}

/* Returns: (nullable): the address to which it is bound */
GSocketAddress *
asab_socket_dup_own (int fd)
{
  Address native;
  socklen_t size = sizeof native;

  return getsockname (fd, &native.any, &size) == 0 ? g_socket_address_new_from_native (&native, size) : NULL;
}

/* Returns: (nullable): the address of the peer */
GSocketAddress *
asab_socket_dup_peer (int fd)
{
  Address native;
  socklen_t size = sizeof native;

  return getpeername (fd, &native.any, &size) == 0 ? g_socket_address_new_from_native (&native, size) : NULL;
}

gboolean
asab_socket_has_peer (int fd)
{
  Address native;
  socklen_t size = sizeof native;

  return getpeername (fd, &native.any, &size) == 0;
}

static int
get_option (int fd,
            int option)
{
  int value = 0;
  socklen_t size = sizeof value;

  return getsockopt (fd, SOL_SOCKET, option, &value, &size) == 0 ? value : 0;
}

/* Has small writes sent at once; sockets that are not TCP's do that anyway. */
void
asab_socket_set_no_delay (int fd)
{
  int one = 1;

  setsockopt (fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
}

gboolean
asab_socket_is_stream (int fd)
{
  int type = get_option (fd, SO_TYPE);

  return type == SOCK_STREAM || type == SOCK_SEQPACKET;
}

gboolean
asab_socket_is_listening (int fd)
{
  return get_option (fd, SO_ACCEPTCONN) != 0;
}

/* Gets the error that is pending, and forgets it; 0 is none. */
int
asab_socket_take_error (int fd)
{
  return get_option (fd, SO_ERROR);
}

/* Tells whether the error @code means that there is no peer any more. */
gboolean
asab_socket_is_lost (int code)
{
  return code == ECONNRESET || code == ENOTCONN || code == ESHUTDOWN || code == ECONNABORTED || code == EPIPE ||
         code == EBADF;
}
