/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/web/asab-web-router.h>

G_BEGIN_DECLS

#define ASAB_TYPE_WEB_CONTAINER (asab_web_container_get_type ())
ASAB_AVAILABLE_IN_ALL
G_DECLARE_FINAL_TYPE (AsabWebContainer, asab_web_container, ASAB, WEB_CONTAINER, GObject)

ASAB_AVAILABLE_IN_ALL
AsabWebContainer *asab_web_container_new               (void) G_GNUC_WARN_UNUSED_RESULT;
ASAB_AVAILABLE_IN_ALL
AsabWebRouter    *asab_web_container_get_router        (AsabWebContainer  *self);
ASAB_AVAILABLE_IN_ALL
gboolean          asab_web_container_is_running        (AsabWebContainer  *self);
ASAB_AVAILABLE_IN_ALL
char            **asab_web_container_dup_addresses     (AsabWebContainer  *self);
ASAB_AVAILABLE_IN_ALL
guint             asab_web_container_get_n_connections (AsabWebContainer  *self);
ASAB_AVAILABLE_IN_ALL
gboolean          asab_web_container_listen            (AsabWebContainer  *self,
                                                        GError           **error);
ASAB_AVAILABLE_IN_ALL
AsabFuture       *asab_web_container_start             (AsabWebContainer  *self);
ASAB_AVAILABLE_IN_ALL
AsabFuture       *asab_web_container_stop              (AsabWebContainer  *self);

G_END_DECLS
