/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/async/asab-future.h>

G_BEGIN_DECLS

#define ASAB_TYPE_EVENT (asab_event_get_type ())
ASAB_AVAILABLE_IN_ALL
G_DECLARE_FINAL_TYPE (AsabEvent, asab_event, ASAB, EVENT, GObject)

ASAB_AVAILABLE_IN_ALL
AsabEvent  *asab_event_new    (void) G_GNUC_WARN_UNUSED_RESULT;
ASAB_AVAILABLE_IN_ALL
AsabFuture *asab_event_wait   (AsabEvent  *self) G_GNUC_WARN_UNUSED_RESULT;
ASAB_AVAILABLE_IN_ALL
gboolean    asab_event_await  (AsabEvent  *self,
                               GError    **error);
ASAB_AVAILABLE_IN_ALL
void        asab_event_set    (AsabEvent  *self);
ASAB_AVAILABLE_IN_ALL
void        asab_event_clear  (AsabEvent  *self);
ASAB_AVAILABLE_IN_ALL
gboolean    asab_event_is_set (AsabEvent  *self);

G_END_DECLS
