/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "asab-log-connector-private.h"
#include "asab-log-syslog-format-private.h"
#include "asab-log-target-private.h"

G_BEGIN_DECLS

typedef struct
{
  const char *address;
  const char *framing; /* “auto”, “lf” or “octets” */
  gsize buffer_size;
  AsabLogSyslogFormat format; /* without what follows from the address */
  AsabLogTlsFiles tls_files;
} AsabLogSyslogOptions;

AsabLogTarget *asab_log_syslog_new (const AsabLogSyslogOptions  *options,
                                    GError                     **error);

G_END_DECLS
