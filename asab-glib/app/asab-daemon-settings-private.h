/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/config/asab-config.h>

G_BEGIN_DECLS

void      asab_daemon_settings_add_defaults (AsabConfig  *config);
gboolean  asab_daemon_settings_get          (AsabConfig  *config,
                                             const char  *key,
                                             char       **value,
                                             GError     **error);
gboolean  asab_daemon_settings_get_pidfile  (AsabConfig  *config,
                                             char       **path,
                                             GError     **error);

G_END_DECLS
