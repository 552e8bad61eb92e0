/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/net/asab-tls-context.h>

G_BEGIN_DECLS

/* What was loaded. It never changes, for the threads that shake hands read it. */
typedef struct
{
  GTlsCertificate *certificate; /* (owned) (nullable) */
  GTlsDatabase *authorities;    /* (owned) (nullable): NULL for those of the system */
  AsabTlsVerifyMode verify_mode;
  gboolean is_hostname_checked;
  double handshake_timeout;     /* seconds */
} AsabTlsSettings;

void             asab_tls_settings_unref         (AsabTlsSettings  *self);
AsabTlsSettings *asab_tls_context_ref_settings   (AsabTlsContext   *self,
                                                  GError          **error);
AsabTlsSettings *asab_tls_settings_new_default   (void);
gboolean         asab_tls_settings_check_server  (AsabTlsSettings  *self,
                                                  GError          **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AsabTlsSettings, asab_tls_settings_unref)

G_END_DECLS
