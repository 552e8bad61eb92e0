/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "asab-log-target-private.h"

G_BEGIN_DECLS

void     asab_log_writer_set_target       (AsabLogTargetKind  kind,
                                           AsabLogTarget     *target);
gboolean asab_log_writer_has_target       (AsabLogTargetKind  kind);
gboolean asab_log_writer_wants_fields     (void);
gboolean asab_log_writer_report           (AsabLogSeverity    severity,
                                           const char        *format,
                                           ...) G_GNUC_PRINTF (2, 3);

void     asab_log_writer_drain            (void);
void     asab_log_writer_finish           (void);
void     asab_log_writer_give_up          (void);
gboolean asab_log_writer_is_caller        (void);
void     asab_log_writer_add_helper       (void);
int      asab_log_writer_prepare          (GPollFD            fds[ASAB_LOG_N_TARGETS]);

void     asab_log_writer_count_dropped    (void);
void     asab_log_writer_set_stands_still (void);
gboolean asab_log_writer_stands_still     (void);

gboolean asab_log_writer_lock             (void);
void     asab_log_writer_unlock           (void);
void     asab_log_writer_leave            (gboolean           is_locked);

int      asab_log_writer_get_fd           (AsabLogTargetKind  kind);

G_END_DECLS
