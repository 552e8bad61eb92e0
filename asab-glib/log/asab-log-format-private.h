/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "asab-log-record-private.h"

G_BEGIN_DECLS

void asab_log_format_time            (GString             *line,
                                      gint64               time);
void asab_log_format_structured_data (GString             *line,
                                      const AsabLogRecord *record);
void asab_log_format_line            (GString             *line,
                                      const AsabLogRecord *record,
                                      gboolean             use_colour);

G_END_DECLS
