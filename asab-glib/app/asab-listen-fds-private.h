/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _AsabListenFds AsabListenFds;

AsabListenFds *asab_listen_fds_new         (int             first_fd,
                                            guint           n_fds,
                                            const char     *names);
void           asab_listen_fds_free        (AsabListenFds  *self);
GPtrArray     *asab_listen_fds_dup_sockets (AsabListenFds  *self,
                                            const char     *name,
                                            GError        **error);

G_END_DECLS
