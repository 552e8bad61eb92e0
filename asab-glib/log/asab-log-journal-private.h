/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "asab-log-target-private.h"

G_BEGIN_DECLS

#define ASAB_LOG_JOURNAL_SOCKET "/run/systemd/journal/socket"

AsabLogTarget *asab_log_journal_new (const char  *path,
                                     const char  *identifier,
                                     GError     **error);

G_END_DECLS
