/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "asab-log-buffer-private.h"
#include "asab-log-record-private.h"
#include "asab-log-syslog-address-private.h"
#include "asab-log-time-private.h"

G_BEGIN_DECLS

typedef enum
{
  ASAB_LOG_SYSLOG_RFC5424,
  ASAB_LOG_SYSLOG_RFC3164,
  ASAB_LOG_SYSLOG_MACOS,
} AsabLogSyslogStyle;

/* How the receiver finds out where a message ends: RFC 6587, 3.4 */
typedef enum
{
  ASAB_LOG_SYSLOG_FRAMING_NONE, /* each is a datagram */
  ASAB_LOG_SYSLOG_FRAMING_LF,
  ASAB_LOG_SYSLOG_FRAMING_OCTETS,
} AsabLogSyslogFraming;

/* How a record becomes a message of syslog. */
typedef struct
{
  AsabLogSyslogStyle style;
  AsabLogSyslogFraming framing;
  guint facility;
  gsize max_length; /* of a message; what is longer is cut */
  gboolean is_local; /* by convention a message in the old format does not tell its host then */

  char *host_name; /* (owned) */
  char *app_name;  /* (owned) */
  char *sd_id;     /* (owned) */
  char *log_id;    /* (owned): of the element with the level */
  AsabLogTimeFormat time_format;
} AsabLogSyslogFormat;

void     asab_log_syslog_format_init    (AsabLogSyslogFormat       *self,
                                         const AsabLogSyslogFormat *options);
void     asab_log_syslog_format_clear   (AsabLogSyslogFormat       *self);
void     asab_log_syslog_format_append  (AsabLogSyslogFormat       *self,
                                         AsabLogBuffer             *buffer,
                                         const AsabLogRecord       *record);
gboolean asab_log_syslog_parse_style    (const char                *text,
                                         AsabLogSyslogStyle        *style);
gboolean asab_log_syslog_parse_facility (const char                *text,
                                         guint                     *facility);
gboolean asab_log_syslog_choose_framing (const char                *text,
                                         AsabLogSyslogStyle         style,
                                         AsabLogSyslogTransport     transport,
                                         AsabLogSyslogFraming      *framing);

G_END_DECLS
