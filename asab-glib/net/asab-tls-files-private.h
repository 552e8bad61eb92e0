/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

GTlsCertificate *asab_tls_read_certificate (const char  *cert,
                                            const char  *key,
                                            const char  *key_password,
                                            GError     **error);
GTlsDatabase    *asab_tls_read_authorities (const char  *cafile,
                                            const char  *capath,
                                            GError     **error);
gboolean         asab_tls_prove_key        (GTlsCertificate  *certificate,
                                            GError          **error);

G_END_DECLS
