/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/app/asab-application.h>
#include <asab-glib/web/asab-web-container.h>

G_BEGIN_DECLS

#define ASAB_TYPE_WEB_SERVICE (asab_web_service_get_type ())
ASAB_AVAILABLE_IN_ALL
G_DECLARE_FINAL_TYPE (AsabWebService, asab_web_service, ASAB, WEB_SERVICE, AsabService)

ASAB_AVAILABLE_IN_ALL
AsabWebService   *asab_web_service_new           (AsabApplication *application);
ASAB_AVAILABLE_IN_ALL
AsabWebContainer *asab_web_service_get_container (AsabWebService  *self);
ASAB_AVAILABLE_IN_ALL
AsabWebRouter    *asab_web_service_get_router    (AsabWebService  *self);

G_END_DECLS
