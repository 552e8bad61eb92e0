/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef enum
{
  ASAB_LOG_SYSLOG_UDP,
  ASAB_LOG_SYSLOG_TCP,
  ASAB_LOG_SYSLOG_TLS,
  ASAB_LOG_SYSLOG_UNIX_DATAGRAM,
  ASAB_LOG_SYSLOG_UNIX_STREAM,
} AsabLogSyslogTransport;

/* Where a syslog server listens. */
typedef struct
{
  AsabLogSyslogTransport transport;
  char *text; /* (owned): as it was given */
  char *path; /* (owned) (nullable): of a UNIX socket */
  char *host; /* (owned) (nullable): otherwise */
  guint16 port;
} AsabLogSyslogAddress;

gboolean            asab_log_syslog_address_init            (AsabLogSyslogAddress        *self,
                                                             const char                  *text,
                                                             GError                     **error);
void                asab_log_syslog_address_clear           (AsabLogSyslogAddress        *self);
gboolean            asab_log_syslog_address_is_datagram     (const AsabLogSyslogAddress  *self);
gboolean            asab_log_syslog_address_is_local        (const AsabLogSyslogAddress  *self);
GSocketConnectable *asab_log_syslog_address_get_connectable (const AsabLogSyslogAddress  *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (AsabLogSyslogAddress, asab_log_syslog_address_clear)

G_END_DECLS
