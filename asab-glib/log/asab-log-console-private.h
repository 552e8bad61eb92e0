/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "asab-log-record-private.h"

G_BEGIN_DECLS

void asab_log_console_init  (void);
void asab_log_console_write (const AsabLogRecord *record);
void asab_log_console_flush (void);

G_END_DECLS
