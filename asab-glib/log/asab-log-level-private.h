/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "asab-log-record-private.h"

G_BEGIN_DECLS

AsabLogSeverity asab_log_severity_from_level (GLogLevelFlags   level);
void            asab_log_levels_init         (void);
gboolean        asab_log_levels_may_pass     (AsabLogSeverity  severity);
gboolean        asab_log_levels_pass         (AsabLogSeverity  severity,
                                              const char      *domain);
gboolean        asab_log_levels_check        (const char      *text,
                                              GError         **error);

G_END_DECLS
