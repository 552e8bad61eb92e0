/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "asab-log-record-private.h"

G_BEGIN_DECLS

void     asab_log_thread_init          (void);
void     asab_log_thread_allow         (void);
void     asab_log_push                 (const AsabLogRecord *record,
                                        gboolean             is_deferred);
void     asab_log_thread_wake          (void);
void     asab_log_thread_flush         (void);

/* For the handler of a signal that ends the process */
gboolean asab_log_thread_can_help      (void);
void     asab_log_thread_call_for_help (void);

G_END_DECLS
