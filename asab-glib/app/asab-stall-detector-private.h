/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/config/asab-config.h>

G_BEGIN_DECLS

void asab_stall_detector_start (AsabConfig *config);
void asab_stall_detector_stop  (void);

G_END_DECLS
