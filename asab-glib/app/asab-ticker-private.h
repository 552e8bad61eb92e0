/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/pubsub/asab-pubsub.h>

G_BEGIN_DECLS

typedef struct _AsabTicker AsabTicker;

AsabTicker *asab_ticker_new   (AsabPubSub *bus);
void        asab_ticker_free  (AsabTicker *self);
void        asab_ticker_start (AsabTicker *self,
                               double      period);
void        asab_ticker_stop  (AsabTicker *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AsabTicker, asab_ticker_free)

G_END_DECLS
