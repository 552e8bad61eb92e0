/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Files for TLS, each of which may be missing */
typedef struct
{
  char *cafile; /* (owned) (nullable): whom to believe, instead of those whom the system believes */
  char *cert;   /* (owned) (nullable): who this is */
  char *key;    /* (owned) (nullable): if it is not in the same file */
} AsabLogTlsFiles;

void     asab_log_tls_files_init  (AsabLogTlsFiles        *self,
                                   const AsabLogTlsFiles  *options);
void     asab_log_tls_files_clear (AsabLogTlsFiles        *self);
gboolean asab_log_tls_files_check (const AsabLogTlsFiles  *self,
                                   GError                **error);
gboolean asab_log_tls_files_apply (const AsabLogTlsFiles  *self,
                                   GTlsConnection         *connection,
                                   GError                **error);

G_END_DECLS
