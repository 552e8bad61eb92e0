/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Certificates and keys for tests, made by openssl in a folder that is removed at the end. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

void  tls_files_set_up    (void);
void  tls_files_tear_down (void);

/* Such as “server.crt”; free it. */
char *tls_files_path      (const char *name);

G_END_DECLS
