/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/config/asab-config.h>

G_BEGIN_DECLS

#define ASAB_LOG_CONSOLE_SECTION "logging:console"

gboolean asab_log_console_settings_check (AsabConfig  *config,
                                          GError     **error);
gboolean asab_log_console_settings_apply (AsabConfig  *config,
                                          GError     **error);

G_END_DECLS
