/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/config/asab-config.h>

G_BEGIN_DECLS

void     asab_settings_add_defaults  (AsabConfig  *config);
gboolean asab_settings_check         (AsabConfig  *config,
                                      GError     **error);
double   asab_settings_get_positive  (AsabConfig  *config,
                                      const char  *section,
                                      const char  *key);

G_END_DECLS
