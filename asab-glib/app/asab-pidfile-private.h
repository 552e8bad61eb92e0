/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>
#include <sys/types.h>

G_BEGIN_DECLS

typedef struct _AsabPidfile AsabPidfile;

AsabPidfile *asab_pidfile_new          (const char   *path,
                                        GError      **error);
void         asab_pidfile_remove       (AsabPidfile  *self);
gboolean     asab_pidfile_read         (const char   *path,
                                        pid_t        *pid,
                                        GError      **error);
void         asab_pidfile_remove_stale (const char   *path);

G_END_DECLS
