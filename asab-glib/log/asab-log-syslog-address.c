/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "asab-log-syslog-address-private.h"

#include <asab-glib/config/asab-config.h>

#include <gio/gunixsocketaddress.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <sys/un.h>

#define MAX_PATH (sizeof ((struct sockaddr_un *) NULL)->sun_path - 1)
#define DEFAULT_HOST "localhost"

static const struct
{
  const char *scheme;
  AsabLogSyslogTransport transport;
  guint16 port;
} schemes[] = {
  { "udp", ASAB_LOG_SYSLOG_UDP, 514 },
  { "tcp", ASAB_LOG_SYSLOG_TCP, 514 },
  { "tls", ASAB_LOG_SYSLOG_TLS, 6514 },
  { "unix-sendto", ASAB_LOG_SYSLOG_UNIX_DATAGRAM, 0 },
  { "unix-connect", ASAB_LOG_SYSLOG_UNIX_STREAM, 0 },
};

/* Returns: whether the URI has no parts that mean nothing here */
static gboolean
is_plain (GUri *uri)
{
  return g_uri_get_userinfo (uri) == NULL && g_uri_get_query (uri) == NULL && g_uri_get_fragment (uri) == NULL;
}

static gboolean
set_host (AsabLogSyslogAddress *self,
          GUri                 *uri,
          guint16               default_port)
{
  const char *host = g_uri_get_host (uri);
  const char *path = g_uri_get_path (uri);
  int port = g_uri_get_port (uri);

  self->host = g_strdup (host != NULL && host[0] != '\0' ? host : DEFAULT_HOST);
  self->port = port >= 0 ? (guint16) port : default_port;

  return self->port > 0 && (path[0] == '\0' || strcmp (path, "/") == 0);
}

static gboolean
set_path (AsabLogSyslogAddress *self,
          GUri                 *uri)
{
  const char *host = g_uri_get_host (uri);

  self->path = g_strdup (g_uri_get_path (uri));

  return (host == NULL || host[0] == '\0') && self->path[0] == '/';
}

static gboolean
parse_uri (AsabLogSyslogAddress *self)
{
  g_autoptr(GUri) uri = g_uri_parse (self->text, G_URI_FLAGS_NON_DNS, NULL);

  if (uri == NULL || !is_plain (uri))
    return FALSE;

  for (gsize i = 0; i < G_N_ELEMENTS (schemes); i++)
    {
      if (strcmp (g_uri_get_scheme (uri), schemes[i].scheme) != 0)
        continue;

      self->transport = schemes[i].transport;
      return schemes[i].port > 0 ? set_host (self, uri, schemes[i].port) : set_path (self, uri);
    }

  return FALSE;
}

/*
 * asab_log_syslog_address_init:
 * @self: an address
 * @text: the path of a UNIX socket, or `tcp://`, `udp://` or `tls://` with a host and a port, or `unix-sendto://` or
 *   `unix-connect://` with a path
 * @error: return location for a [error@ConfigError]
 *
 * Returns: false if @text is no such thing; then too @self has to be cleared
 */
gboolean
asab_log_syslog_address_init (AsabLogSyslogAddress  *self,
                              const char            *text,
                              GError               **error)
{
  *self = (AsabLogSyslogAddress) { .transport = ASAB_LOG_SYSLOG_UNIX_DATAGRAM, .text = g_strdup (text) };
  if (text[0] == '/')
    {
      self->path = g_strdup (text);
    }
  else if (!parse_uri (self))
    {
      g_set_error (error, ASAB_CONFIG_ERROR, ASAB_CONFIG_ERROR_INVALID_VALUE,
                   _("“%s” is no address of a syslog server, such as “%s” or “%s”"),
                   text, "tcp://HOST:PORT/", "unix-connect:///PATH");
      return FALSE;
    }

  if (self->path != NULL && strlen (self->path) > MAX_PATH)
    {
      g_set_error (error, ASAB_CONFIG_ERROR, ASAB_CONFIG_ERROR_INVALID_VALUE,
                   _("“%s” is too long for the path of a socket"), self->path);
      return FALSE;
    }

  return TRUE;
}

void
asab_log_syslog_address_clear (AsabLogSyslogAddress *self)
{
  g_clear_pointer (&self->text, g_free);
  g_clear_pointer (&self->path, g_free);
  g_clear_pointer (&self->host, g_free);
}

gboolean
asab_log_syslog_address_is_datagram (const AsabLogSyslogAddress *self)
{
  return self->transport == ASAB_LOG_SYSLOG_UDP || self->transport == ASAB_LOG_SYSLOG_UNIX_DATAGRAM;
}

gboolean
asab_log_syslog_address_is_local (const AsabLogSyslogAddress *self)
{
  return self->path != NULL;
}

/* Returns: (transfer full): what to connect to */
GSocketConnectable *
asab_log_syslog_address_get_connectable (const AsabLogSyslogAddress *self)
{
  if (self->path != NULL)
    return G_SOCKET_CONNECTABLE (g_unix_socket_address_new (self->path));

  return g_network_address_new (self->host, self->port);
}
