/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/net/asab-dispatcher.h>

G_BEGIN_DECLS

/* What servers and clients do with the channels that are made for their connections. */

gboolean asab_protocol_check_made (AsabDispatcher  *channel,
                                   GError         **error);
void     asab_protocol_dismiss    (AsabDispatcher  *channel);

G_END_DECLS
