/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * What one call of a log function says. A record borrows everything from the fields of that call, so it lives on the
 * stack of the caller and not longer than the call.
 */
typedef struct
{
  gint64 time; /* microseconds since the epoch */
  GLogLevelFlags level;
  const char *domain; /* (nullable) */
  const char *message;
  gsize message_length;
  const GLogField *fields; /* all fields of the call; see asab_log_field_is_structured_data() */
  gsize n_fields;
  gboolean is_deferred; /* see ASAB_LOG_DEFERRED */
} AsabLogRecord;

void        asab_log_record_init                (AsabLogRecord    *self,
                                                 gint64            time,
                                                 GLogLevelFlags    level,
                                                 const GLogField  *fields,
                                                 gsize             n_fields);
const char *asab_log_record_get_level_name      (const AsabLogRecord *self);
gboolean    asab_log_field_is_structured_data   (const GLogField  *field);
gsize       asab_log_field_get_length           (const GLogField  *field);

G_END_DECLS
