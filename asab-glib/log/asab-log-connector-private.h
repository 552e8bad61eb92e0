/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "asab-log-connection-private.h"
#include "asab-log-syslog-address-private.h"
#include "asab-log-tls-files-private.h"

G_BEGIN_DECLS

typedef struct _AsabLogConnector AsabLogConnector;

AsabLogConnector  *asab_log_connector_start   (const AsabLogSyslogAddress  *address,
                                               const AsabLogTlsFiles       *tls_files,
                                               guint                        nth,
                                               GError                     **error);
int                asab_log_connector_get_fd  (AsabLogConnector            *self);
gboolean           asab_log_connector_is_done (AsabLogConnector            *self);
AsabLogConnection *asab_log_connector_finish  (AsabLogConnector            *self,
                                               GError                     **error);
void               asab_log_connector_cancel  (AsabLogConnector            *self);

G_END_DECLS
