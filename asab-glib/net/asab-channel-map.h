/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/net/asab-dispatcher.h>

G_BEGIN_DECLS

#define ASAB_TYPE_CHANNEL_MAP (asab_channel_map_get_type ())
ASAB_AVAILABLE_IN_ALL
G_DECLARE_FINAL_TYPE (AsabChannelMap, asab_channel_map, ASAB, CHANNEL_MAP, GObject)

ASAB_AVAILABLE_IN_ALL
AsabChannelMap *asab_channel_map_new            (void) G_GNUC_WARN_UNUSED_RESULT;
ASAB_AVAILABLE_IN_ALL
AsabChannelMap *asab_channel_map_dup_default    (void) G_GNUC_WARN_UNUSED_RESULT;
ASAB_AVAILABLE_IN_ALL
guint           asab_channel_map_get_n_channels (AsabChannelMap  *self);
ASAB_AVAILABLE_IN_ALL
GPtrArray      *asab_channel_map_dup_channels   (AsabChannelMap  *self) G_GNUC_WARN_UNUSED_RESULT;
ASAB_AVAILABLE_IN_ALL
void            asab_channel_map_close_all      (AsabChannelMap  *self);
ASAB_AVAILABLE_IN_ALL
void            asab_channel_map_quit           (AsabChannelMap  *self);

G_END_DECLS
