/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/asab-version-macros.h>
#include <gio/gio.h>

G_BEGIN_DECLS

ASAB_AVAILABLE_IN_ALL
gboolean   asab_systemd_notify      (const char  *state);
ASAB_AVAILABLE_IN_ALL
GPtrArray *asab_systemd_dup_sockets (const char  *name,
                                     GError     **error);

G_END_DECLS
