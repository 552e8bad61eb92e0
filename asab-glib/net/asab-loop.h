/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/net/asab-channel-map.h>
#include <asab-glib/net/asab-delayed-call.h>

G_BEGIN_DECLS

ASAB_AVAILABLE_IN_ALL
gboolean    asab_loop       (double           timeout,
                             AsabChannelMap  *map,
                             AsabTaskQueue   *tasks,
                             int              count,
                             GError         **error);

G_END_DECLS
