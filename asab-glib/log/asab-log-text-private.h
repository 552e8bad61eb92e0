/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "asab-log-buffer-private.h"
#include "asab-log-record-private.h"

G_BEGIN_DECLS

/* Which of the characters that need care a text may have as they are. */
typedef enum
{
  ASAB_LOG_TEXT_LINE,    /* none */
  ASAB_LOG_TEXT_MESSAGE, /* tabs and line ends */
  ASAB_LOG_TEXT_VALUE,   /* none, and `"`, `\` and `]` get a backslash */
  ASAB_LOG_TEXT_JSON,    /* none; as it is written in JSON */
} AsabLogTextRules;

void     asab_log_append_text            (AsabLogBuffer       *buffer,
                                          const char          *text,
                                          gsize                length,
                                          AsabLogTextRules     rules);
void     asab_log_append_sd_name         (AsabLogBuffer       *buffer,
                                          const char          *name);
gboolean asab_log_append_sd_element      (AsabLogBuffer       *buffer,
                                          const AsabLogRecord *record,
                                          const char          *sd_id);
void     asab_log_append_structured_data (AsabLogBuffer       *buffer,
                                          const AsabLogRecord *record,
                                          const char          *sd_id);

G_END_DECLS
