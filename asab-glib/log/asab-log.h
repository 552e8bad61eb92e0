/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/asab-version-macros.h>
#include <asab-glib/config/asab-config.h>

G_BEGIN_DECLS

/**
 * ASAB_LOG_DEFERRED:
 *
 * The key of a field, of length 0, that lets its record wait for [func@log_flush_deferred], so that many records are
 * written at once.
 */
#define ASAB_LOG_DEFERRED "ASAB_LOG_DEFERRED"

ASAB_AVAILABLE_IN_ALL
void           asab_log_install            (void);
ASAB_AVAILABLE_IN_ALL
void           asab_log_start_thread       (void);
ASAB_AVAILABLE_IN_ALL
gboolean       asab_log_configure          (AsabConfig          *config,
                                            GError             **error);
ASAB_AVAILABLE_IN_ALL
GLogLevelFlags asab_log_get_threshold      (void);
ASAB_AVAILABLE_IN_ALL
void           asab_log_set_threshold      (GLogLevelFlags       level);
ASAB_AVAILABLE_IN_ALL
GLogLevelFlags asab_log_get_domain_level   (const char          *domain);
ASAB_AVAILABLE_IN_ALL
void           asab_log_set_domain_level   (const char          *domain,
                                            GLogLevelFlags       level);
ASAB_AVAILABLE_IN_ALL
gboolean       asab_log_set_levels         (const char          *text,
                                            GError             **error);
ASAB_AVAILABLE_IN_ALL
gboolean       asab_log_is_enabled         (const char          *domain,
                                            GLogLevelFlags       level);
ASAB_AVAILABLE_IN_ALL
gboolean       asab_log_parse_level        (const char          *name,
                                            GLogLevelFlags      *level);
ASAB_AVAILABLE_IN_ALL
void           asab_log_write              (const char          *domain,
                                            GLogLevelFlags       level,
                                            const char          *message,
                                            const char *const   *data);
ASAB_AVAILABLE_IN_ALL
void           asab_log_reopen             (void);
ASAB_AVAILABLE_IN_ALL
void           asab_log_flush              (void);
ASAB_AVAILABLE_IN_ALL
void           asab_log_flush_deferred     (void);

G_END_DECLS
