/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "asab-address-private.h"

#include <gio/gunixsocketaddress.h>
#include <glib/gi18n-lib.h>
#include <string.h>

#define UNIX_PREFIX "unix:"

gboolean
asab_address_parse_port (const char *text,
                         guint16    *port)
{
  guint64 number;

  if (!g_ascii_string_to_unsigned (text, 10, 0, G_MAXUINT16, &number, NULL))
    return FALSE;

  *port = (guint16) number;

  return TRUE;
}

/* Takes the brackets off an IPv6 address that has some. */
static char *
unwrap (const char *host,
        gsize       length)
{
  if (length >= 2 && host[0] == '[' && host[length - 1] == ']')
    return g_strndup (host + 1, length - 2);

  return g_strndup (host, length);
}

/* Splits “host port” or “host:port”; an address with colons in it stands in brackets in the second form. */
gboolean
asab_address_split (const char  *text,
                    char       **host,
                    guint16     *port)
{
  const char *separator = strpbrk (text, " \t");
  gsize length;

  if (separator == NULL)
    separator = strrchr (text, ':');
  if (separator == NULL || separator == text)
    return FALSE;

  length = (gsize) (separator - text);
  if (*separator == ':' && text[length - 1] != ']' && memchr (text, ':', length) != NULL)
    return FALSE;
  if (!asab_address_parse_port (separator + strspn (separator, " \t:"), port))
    return FALSE;

  *host = unwrap (text, length);

  return TRUE;
}

/* Returns: (nullable): the path of a UNIX socket, if that is what the text is */
static const char *
get_path (const char *text)
{
  if (g_str_has_prefix (text, UNIX_PREFIX "/"))
    return text + strlen (UNIX_PREFIX);

  return *text == '/' ? text : NULL;
}

/* Parses the address of somebody to connect to: “host port”, “host:port”, a host if @default_port is not 0, a port of
 * this machine, “unix:/path” or “/path”. */
GSocketConnectable *
asab_address_parse_peer (const char  *text,
                         guint16      default_port,
                         GError     **error)
{
  g_autofree char *stripped = g_strstrip (g_strdup (text));
  g_autofree char *host = NULL;
  const char *path = get_path (stripped);
  guint16 port = default_port;

  if (path != NULL)
    return G_SOCKET_CONNECTABLE (g_unix_socket_address_new (path));

  if (asab_address_parse_port (stripped, &port))
    host = g_strdup ("localhost");
  else if (!asab_address_split (stripped, &host, &port) && strpbrk (stripped, " \t") == NULL)
    host = unwrap (stripped, strlen (stripped));

  if (host != NULL && *host != '\0' && port != 0)
    return g_network_address_new (host, port);

  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
               _("“%s” is no address to connect to: give a host and a port such as “localhost 8080”, a port alone, "
                 "or “unix:/path”"),
               text);

  return NULL;
}
