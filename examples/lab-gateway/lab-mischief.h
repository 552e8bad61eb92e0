/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/asab.h>

G_BEGIN_DECLS

/* Ways to misbehave, to be called from a fiber. Each succeeds if the gateway does what the standard says. */

gboolean lab_mischief_send_bad_checksum (const char  *host_and_port,
                                         GError     **error);
gboolean lab_mischief_drop              (const char  *host_and_port,
                                         GError     **error);

G_END_DECLS
