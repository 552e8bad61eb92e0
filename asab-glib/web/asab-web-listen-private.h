/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

GPtrArray *asab_web_listen         (const char  *addresses,
                                    guint        backlog,
                                    GError     **error);
char      *asab_web_socket_dup_uri (GSocket     *socket);
void       asab_web_socket_close   (GSocket     *socket);

G_END_DECLS
