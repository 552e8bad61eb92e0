/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/web/asab-web-router.h>

#include "asab-web-request-private.h"

G_BEGIN_DECLS

gboolean    asab_web_router_route    (AsabWebRouter   *self,
                                      AsabWebRequest  *request);
AsabFuture *asab_web_router_dispatch (AsabWebRouter   *self,
                                      AsabWebRequest  *request,
                                      GError         **error);

G_END_DECLS
