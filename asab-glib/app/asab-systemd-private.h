/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/app/asab-systemd.h>

G_BEGIN_DECLS

void    asab_systemd_take_environment (void);
guint64 asab_systemd_get_watchdog     (void);

G_END_DECLS
