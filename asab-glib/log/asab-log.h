/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/asab-version-macros.h>
#include <glib.h>

G_BEGIN_DECLS

/**
 * ASAB_LOG_DEFERRED:
 *
 * The key of a field, of length 0, that lets its record wait for [func@log_flush], so that many records are written at
 * once.
 */
#define ASAB_LOG_DEFERRED "ASAB_LOG_DEFERRED"

ASAB_AVAILABLE_IN_ALL
void           asab_log_install            (void);
ASAB_AVAILABLE_IN_ALL
GLogLevelFlags asab_log_get_threshold      (void);
ASAB_AVAILABLE_IN_ALL
void           asab_log_set_threshold      (GLogLevelFlags   level);
ASAB_AVAILABLE_IN_ALL
gboolean       asab_log_parse_level        (const char      *name,
                                            GLogLevelFlags  *level);
ASAB_AVAILABLE_IN_ALL
void           asab_log_flush              (void);

G_END_DECLS
