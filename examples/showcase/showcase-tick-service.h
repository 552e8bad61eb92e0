/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/asab.h>

G_BEGIN_DECLS

#define SHOWCASE_TYPE_TICK_SERVICE (showcase_tick_service_get_type ())
G_DECLARE_FINAL_TYPE (ShowcaseTickService, showcase_tick_service, SHOWCASE, TICK_SERVICE, AsabService)

ShowcaseTickService *showcase_tick_service_new       (AsabApplication     *application) G_GNUC_WARN_UNUSED_RESULT;
guint64              showcase_tick_service_get_count (ShowcaseTickService *self);

G_END_DECLS
