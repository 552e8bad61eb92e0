/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

gboolean asab_log_rotation_shift    (const char *path,
                                     guint       n_backups);
GThread *asab_log_rotation_compress (const char *path);

G_END_DECLS
