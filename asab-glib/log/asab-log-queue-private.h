/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "asab-log-record-private.h"

G_BEGIN_DECLS

#define ASAB_LOG_QUEUE_SIZE (4 * 1024 * 1024)
#define ASAB_LOG_QUEUE_OUTSIDE (32 * 1024 * 1024) /* what may be outside of the ring */
#define ASAB_LOG_QUEUE_RESERVE (ASAB_LOG_QUEUE_SIZE / 8) /* for warnings and worse */

/* Callers, any thread */
gboolean             asab_log_queue_push         (const AsabLogRecord *record,
                                                  guint64             *blocked_at);
gboolean             asab_log_queue_wait         (guint64              position,
                                                  gint64               deadline);
guint64              asab_log_queue_get_head     (void);
guint64              asab_log_queue_get_tail     (void);

/* The one who writes */
const AsabLogRecord *asab_log_queue_next         (guint64             *cursor);
void                 asab_log_queue_release      (guint64              cursor);

/* Around fork() */
void                 asab_log_queue_lock         (void);
void                 asab_log_queue_unlock       (void);
void                 asab_log_queue_reset        (void);

G_END_DECLS
