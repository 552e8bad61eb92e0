/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Addresses as people write them into a configuration. */

gboolean            asab_address_parse_port (const char   *text,
                                             guint16      *port);
gboolean            asab_address_split      (const char   *text,
                                             char        **host,
                                             guint16      *port);
GSocketConnectable *asab_address_parse_peer (const char   *text,
                                             guint16       default_port,
                                             GError      **error);

G_END_DECLS
