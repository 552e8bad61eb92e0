/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "asab-log-buffer-private.h"

G_BEGIN_DECLS

/* How times look. It remembers the text of its last second. */
typedef struct
{
  char *before; /* (owned) (nullable): a pattern of strftime(); NULL for the default */
  char *after;  /* (owned) (nullable): the same, behind the microseconds */
  gboolean has_fraction;
  gboolean is_utc;

  gint64 second;
  guint length;
  guint fraction_at; /* where in the text the microseconds are */
  char text[128];
} AsabLogTimeFormat;

/* Of UTC: RFC 3339, which is a profile of ISO 8601 */
#define ASAB_LOG_TIME_PATTERN_RFC3339 "%Y-%m-%dT%H:%M:%S.%fZ"

/* DD-Mon-YYYY HH:MM:SS.ffffff in local time */
#define ASAB_LOG_TIME_FORMAT_INIT { .has_fraction = TRUE, .second = G_MININT64 }

gboolean asab_log_time_format_init  (AsabLogTimeFormat *self,
                                     const char        *pattern,
                                     gboolean           is_utc);
void     asab_log_time_format_clear (AsabLogTimeFormat *self);
void     asab_log_append_time       (AsabLogBuffer     *buffer,
                                     AsabLogTimeFormat *format,
                                     gint64             time);

G_END_DECLS
