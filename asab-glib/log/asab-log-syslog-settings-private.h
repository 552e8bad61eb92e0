/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "asab-log-target-private.h"

#include <asab-glib/config/asab-config.h>

G_BEGIN_DECLS

#define ASAB_LOG_SYSLOG_SECTION "logging:syslog"

AsabLogTarget *asab_log_syslog_new_from_config (AsabConfig  *config,
                                                GError     **error);

G_END_DECLS
