/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "asab-log-layout-private.h"
#include "asab-log-target-private.h"

G_BEGIN_DECLS

typedef struct
{
  guint n_backups;   /* 0: files are not rotated, only opened anew */
  guint64 max_bytes; /* 0: of any size */
  gint64 interval;   /* in microseconds; 0: never by itself */
  gboolean compresses;
} AsabLogRotation;

AsabLogTarget *asab_log_file_new (const char             *path,
                                  AsabLogLayout          *layout,
                                  const AsabLogRotation  *rotation,
                                  GError                **error);

G_END_DECLS
