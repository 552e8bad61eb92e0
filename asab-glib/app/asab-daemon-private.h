/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/config/asab-config.h>

#include "asab-identity-private.h"

G_BEGIN_DECLS

typedef struct _AsabDaemon AsabDaemon;

AsabDaemon *asab_daemon_new             (void);
void        asab_daemon_free            (AsabDaemon          *self);
gboolean    asab_daemon_start           (AsabDaemon          *self,
                                         AsabConfig          *config,
                                         GError             **error);
void        asab_daemon_set_ready       (AsabDaemon          *self);
void        asab_daemon_report          (AsabDaemon          *self,
                                         const char          *failure);
void        asab_daemon_end             (AsabDaemon          *self,
                                         int                  status);
void        asab_daemon_create_log_file (AsabConfig          *config,
                                         const AsabIdentity  *identity);
int         asab_daemon_kill            (AsabConfig          *config);

G_END_DECLS
