/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/asab-version-macros.h>
#include <gio/gio.h>

G_BEGIN_DECLS

ASAB_AVAILABLE_IN_ALL
GPtrArray *asab_listen       (const char  *addresses,
                              guint        backlog,
                              GError     **error) G_GNUC_WARN_UNUSED_RESULT;
ASAB_AVAILABLE_IN_ALL
void       asab_listen_close (GPtrArray   *sockets);

G_END_DECLS
