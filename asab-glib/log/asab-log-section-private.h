/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "asab-log-layout-private.h"

#include <asab-glib/config/asab-config.h>

G_BEGIN_DECLS

#define ASAB_LOG_SECTION "logging"

/* What the sections of targets have in common. */
char          *asab_log_section_get_string  (AsabConfig  *config,
                                             const char  *section,
                                             const char  *key);
AsabLogLayout *asab_log_section_make_layout (AsabConfig  *config,
                                             const char  *section,
                                             GError     **error);
gboolean       asab_log_section_refuse      (AsabConfig  *config,
                                             const char  *section,
                                             const char  *key,
                                             GError     **error);

G_END_DECLS
