/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/config/asab-config.h>
#include <gio/gio.h>

G_BEGIN_DECLS

#define ASAB_TYPE_TLS_CONTEXT (asab_tls_context_get_type ())

/**
 * AsabTlsVerifyMode:
 * @ASAB_TLS_VERIFY_DEFAULT: a client verifies the server, a server asks its clients for nothing
 * @ASAB_TLS_VERIFY_NONE: any certificate, or none, will do
 * @ASAB_TLS_VERIFY_OPTIONAL: a client of a server may show no certificate, but not a bad one; for clients this is the
 *   same as %ASAB_TLS_VERIFY_REQUIRED
 * @ASAB_TLS_VERIFY_REQUIRED: the peer has to show a good certificate
 *
 * What is asked of the certificate of the peer.
 */
typedef enum
{
  ASAB_TLS_VERIFY_DEFAULT,
  ASAB_TLS_VERIFY_NONE,
  ASAB_TLS_VERIFY_OPTIONAL,
  ASAB_TLS_VERIFY_REQUIRED,
} AsabTlsVerifyMode;

ASAB_AVAILABLE_IN_ALL
G_DECLARE_FINAL_TYPE (AsabTlsContext, asab_tls_context, ASAB, TLS_CONTEXT, GObject)

ASAB_AVAILABLE_IN_ALL
AsabTlsContext *asab_tls_context_new             (void) G_GNUC_WARN_UNUSED_RESULT;
ASAB_AVAILABLE_IN_ALL
AsabTlsContext *asab_tls_context_new_from_config (AsabConfig      *config,
                                                  const char      *section,
                                                  GError         **error) G_GNUC_WARN_UNUSED_RESULT;
ASAB_AVAILABLE_IN_ALL
gboolean        asab_tls_context_load            (AsabTlsContext  *self,
                                                  GError         **error);

G_END_DECLS
