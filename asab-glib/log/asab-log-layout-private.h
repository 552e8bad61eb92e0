/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "asab-log-buffer-private.h"
#include "asab-log-record-private.h"

G_BEGIN_DECLS

#define ASAB_LOG_LAYOUT_DEFAULT "%(asctime)s %(levelname)s %(name)s %(struct_data)s%(message)s"
#define ASAB_LOG_LAYOUT_JSON "json"
#define ASAB_LOG_DATE_DEFAULT "%d-%b-%Y %H:%M:%S.%f"

/* How a record becomes a line. */
typedef struct _AsabLogLayout AsabLogLayout;

AsabLogLayout *asab_log_layout_new          (const char           *format,
                                             const char           *date_format,
                                             const char           *sd_id,
                                             GError              **error);
AsabLogLayout *asab_log_layout_new_default  (const char           *sd_id);
void           asab_log_layout_free         (AsabLogLayout        *self);
void           asab_log_layout_set_colour   (AsabLogLayout        *self,
                                             gboolean              use_colour);
gboolean       asab_log_layout_wants_fields (AsabLogLayout        *self);
void           asab_log_layout_append       (AsabLogLayout        *self,
                                             AsabLogBuffer        *buffer,
                                             const AsabLogRecord  *record);

void           asab_log_append_json         (AsabLogBuffer        *buffer,
                                             const AsabLogRecord  *record);
const char    *asab_log_record_get_field    (const AsabLogRecord  *record,
                                             const char           *key,
                                             gsize                *length);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AsabLogLayout, asab_log_layout_free)

G_END_DECLS
