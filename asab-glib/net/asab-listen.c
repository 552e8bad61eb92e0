/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "asab-listen.h"

#include "asab-address-private.h"

#include <asab-glib/app/asab-systemd.h>

#include <gio/gunixsocketaddress.h>
#include <glib/gi18n-lib.h>
#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

#define SYSTEMD_PREFIX "systemd:"

/* A process that died leaves the file of its UNIX socket behind, which then is in the way. It is only taken for
 * dead when it is a socket that nobody answers at. */
static void
remove_stale_file (GSocketAddress *address)
{
  const char *path = g_unix_socket_address_get_path (G_UNIX_SOCKET_ADDRESS (address));
  g_autoptr(GSocket) probe = NULL;
  g_autoptr(GError) error = NULL;

  probe = g_socket_new (G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_DEFAULT, NULL);
  if (probe != NULL && !g_socket_connect (probe, address, NULL, &error) &&
      g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED))
    unlink (path);
}

static GSocket *
open_socket (GSocketAddress  *address,
             guint            backlog,
             GError         **error)
{
  GSocketFamily family = g_socket_address_get_family (address);
  g_autoptr(GSocket) socket = NULL;

  socket = g_socket_new (family, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_DEFAULT, error);
  if (socket == NULL)
    return NULL;

  if (family == G_SOCKET_FAMILY_UNIX)
    remove_stale_file (address);
  if (family == G_SOCKET_FAMILY_IPV6 && !g_socket_set_option (socket, IPPROTO_IPV6, IPV6_V6ONLY, TRUE, error))
    return NULL;

  g_socket_set_listen_backlog (socket, (int) backlog);
  g_socket_set_blocking (socket, FALSE);
  if (!g_socket_bind (socket, address, TRUE, error) || !g_socket_listen (socket, error))
    return NULL;

  return g_steal_pointer (&socket);
}

/* Opens a socket and adds it to @sockets; what fails is told with the words of the configuration. */
static gboolean
add_socket (GPtrArray       *sockets,
            const char      *entry,
            GSocketAddress  *address,
            guint            backlog,
            GError         **error)
{
  GSocket *socket = open_socket (address, backlog, error);

  if (socket == NULL)
    {
      g_prefix_error (error, _("Cannot listen at “%s”: "), entry);
      return FALSE;
    }

  g_ptr_array_add (sockets, socket);

  return TRUE;
}

/* Opens a port on both loopback addresses; a machine without IPv6 has only one of them. */
static gboolean
add_loopback (GPtrArray   *sockets,
              const char  *entry,
              guint16      port,
              guint        backlog,
              GError     **error)
{
  g_autoptr(GSocketAddress) first = g_inet_socket_address_new_from_string ("127.0.0.1", port);
  g_autoptr(GSocketAddress) bound = NULL;
  g_autoptr(GSocketAddress) second = NULL;
  g_autoptr(GSocket) socket = NULL;
  g_autoptr(GError) local_error = NULL;

  if (!add_socket (sockets, entry, first, backlog, error))
    return FALSE;

  /* Port 0 is any free one, and the same for both. */
  bound = g_socket_get_local_address (g_ptr_array_index (sockets, sockets->len - 1), error);
  if (bound == NULL)
    return FALSE;

  port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (bound));
  second = g_inet_socket_address_new_from_string ("::1", port);
  socket = open_socket (second, backlog, &local_error);
  if (socket != NULL)
    g_ptr_array_add (sockets, g_steal_pointer (&socket));
  else if (g_error_matches (local_error, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE))
    {
      g_propagate_prefixed_error (error, g_steal_pointer (&local_error), _("Cannot listen at “%s”: "), entry);
      return FALSE;
    }

  return TRUE;
}

static GSocketAddress *
parse_address (const char *entry)
{
  g_autofree char *host = NULL;
  guint16 port;

  return asab_address_split (entry, &host, &port) ? g_inet_socket_address_new_from_string (host, port) : NULL;
}

/* Marks what somebody else has opened, and will remove. */
static GQuark
get_inherited_quark (void)
{
  return g_quark_from_static_string ("asab-inherited");
}

static gboolean
check_inherited (GSocket     *socket,
                 const char  *entry,
                 GError     **error)
{
  int is_listening;

  if (!g_socket_get_option (socket, SOL_SOCKET, SO_ACCEPTCONN, &is_listening, error))
    return FALSE;
  if (is_listening != 0 && g_socket_get_socket_type (socket) == G_SOCKET_TYPE_STREAM)
    return TRUE;

  g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, _("“%s” is no socket that listens for connections"), entry);

  return FALSE;
}

/* Adds what the service manager has opened under a name. */
static gboolean
add_inherited (GPtrArray   *sockets,
               const char  *entry,
               GError     **error)
{
  g_autoptr(GPtrArray) inherited = asab_systemd_dup_sockets (entry + strlen (SYSTEMD_PREFIX), error);

  if (inherited == NULL)
    return FALSE;

  for (guint i = 0; i < inherited->len; i++)
    {
      GSocket *socket = g_ptr_array_index (inherited, i);

      if (!check_inherited (socket, entry, error))
        return FALSE;

      g_object_set_qdata (G_OBJECT (socket), get_inherited_quark (), GINT_TO_POINTER (TRUE));
      g_socket_set_blocking (socket, FALSE);
      g_ptr_array_add (sockets, g_object_ref (socket));
    }

  return TRUE;
}

/* One line of the configuration: a port, an address and a port, a UNIX socket, or what the service manager passed. */
static gboolean
add_entry (GPtrArray   *sockets,
           const char  *entry,
           guint        backlog,
           GError     **error)
{
  g_autoptr(GSocketAddress) address = NULL;
  guint16 port;

  if (asab_address_parse_port (entry, &port))
    return add_loopback (sockets, entry, port, backlog, error);
  if (g_str_has_prefix (entry, SYSTEMD_PREFIX))
    return add_inherited (sockets, entry, error);

  if (g_str_has_prefix (entry, "unix:/"))
    address = g_unix_socket_address_new (entry + strlen ("unix:"));
  else
    address = parse_address (entry);

  if (address == NULL)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                   _("“%s” is no address to listen at: give an address and a port such as “127.0.0.1 8080”, "
                     "a port alone, “unix:/path”, or “systemd:name”"),
                   entry);
      return FALSE;
    }

  return add_socket (sockets, entry, address, backlog, error);
}

static void
close_socket (GSocket *socket)
{
  g_autoptr(GSocketAddress) address = g_socket_get_local_address (socket, NULL);

  if (address != NULL && G_IS_UNIX_SOCKET_ADDRESS (address) &&
      g_object_get_qdata (G_OBJECT (socket), get_inherited_quark ()) == NULL)
    unlink (g_unix_socket_address_get_path (G_UNIX_SOCKET_ADDRESS (address)));
  g_socket_close (socket, NULL);
}

/**
 * asab_listen:
 * @addresses: where to listen, one address a line
 * @backlog: how many clients may wait to be accepted
 * @error: return location for an error
 *
 * Opens listening sockets: for all of @addresses or for none.
 *
 * An address is an IP address and a port such as `127.0.0.1 8080`, `127.0.0.1:8080`, or `[::1]:8080`, where port 0 is
 * any that is free; a port alone, for both loopback addresses; the path of a UNIX socket such as `unix:/run/socket`,
 * where a socket file that nobody answers at is replaced; or the name of sockets that the service manager has opened,
 * as in `systemd:name`.
 *
 * Returns: (transfer container) (element-type GSocket): the sockets, to be closed with [func@listen_close], or %NULL on
 *   error
 */
GPtrArray *
asab_listen (const char  *addresses,
             guint        backlog,
             GError     **error)
{
  g_autoptr(GPtrArray) sockets = g_ptr_array_new_with_free_func (g_object_unref);
  g_auto(GStrv) entries = NULL;

  g_return_val_if_fail (addresses != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  entries = g_strsplit (addresses, "\n", -1);
  for (guint i = 0; entries[i] != NULL; i++)
    {
      const char *entry = g_strstrip (entries[i]);

      if (*entry != '\0' && !add_entry (sockets, entry, backlog, error))
        {
          asab_listen_close (sockets);
          return NULL;
        }
    }

  if (sockets->len == 0)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, _("There is no address to listen at"));
      return NULL;
    }

  return g_steal_pointer (&sockets);
}

/**
 * asab_listen_close:
 * @sockets: (element-type GSocket): what [func@listen] returned
 *
 * Closes listening sockets, with the files of UNIX ones unless the service manager has made them.
 */
void
asab_listen_close (GPtrArray *sockets)
{
  g_return_if_fail (sockets != NULL);

  g_ptr_array_foreach (sockets, (GFunc) close_socket, NULL);
}
