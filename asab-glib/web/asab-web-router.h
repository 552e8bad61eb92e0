/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/async/asab-future.h>
#include <asab-glib/web/asab-web-request.h>

G_BEGIN_DECLS

#define ASAB_TYPE_WEB_ROUTER (asab_web_router_get_type ())
ASAB_AVAILABLE_IN_ALL
G_DECLARE_FINAL_TYPE (AsabWebRouter, asab_web_router, ASAB, WEB_ROUTER, GObject)

/**
 * AsabWebHandler:
 * @request: the request
 * @user_data: (closure): the data given to [method@Router.add]
 * @error: return location for an error
 *
 * Answers a request.
 *
 * A handler that has answered returns %NULL. One that has to wait returns a future and answers before it is
 * completed; if it did not, the value of the future is the answer: a string is sent as text, a [struct@GLib.Variant]
 * and a [struct@Json.Node] as JSON, [struct@GLib.Bytes] as they are. The future is cancelled when the client goes
 * away.
 *
 * A handler that fails with a [error@Error] is answered with the status that this stands for, else with status 500.
 *
 * Returns: (transfer full) (nullable): a future of what goes on, or %NULL
 */
typedef AsabFuture *(*AsabWebHandler) (AsabWebRequest  *request,
                                       gpointer         user_data,
                                       GError         **error);

/**
 * AsabWebFiberHandler: (skip)
 * @request: the request
 * @user_data: the data given to [method@Router.add_fiber]
 * @error: return location for an error
 *
 * Answers a request from a fiber, so that it may wait with `asab_await ()` and its like.
 *
 * Returns: true if the request is answered, false if @error is the answer
 */
typedef gboolean (*AsabWebFiberHandler) (AsabWebRequest  *request,
                                         gpointer         user_data,
                                         GError         **error);

ASAB_AVAILABLE_IN_ALL
AsabWebRouter *asab_web_router_new        (void) G_GNUC_WARN_UNUSED_RESULT;
ASAB_AVAILABLE_IN_ALL
gboolean       asab_web_router_add        (AsabWebRouter        *self,
                                           const char           *method,
                                           const char           *pattern,
                                           AsabWebHandler        handler,
                                           gpointer              user_data,
                                           GDestroyNotify        destroy,
                                           GError              **error);
ASAB_AVAILABLE_IN_ALL
gboolean       asab_web_router_add_fiber  (AsabWebRouter        *self,
                                           const char           *method,
                                           const char           *pattern,
                                           AsabWebFiberHandler   handler,
                                           gpointer              user_data,
                                           GDestroyNotify        destroy,
                                           GError              **error);
ASAB_AVAILABLE_IN_ALL
gboolean       asab_web_router_add_get    (AsabWebRouter        *self,
                                           const char           *pattern,
                                           AsabWebHandler        handler,
                                           gpointer              user_data,
                                           GDestroyNotify        destroy,
                                           GError              **error);
ASAB_AVAILABLE_IN_ALL
gboolean       asab_web_router_add_post   (AsabWebRouter        *self,
                                           const char           *pattern,
                                           AsabWebHandler        handler,
                                           gpointer              user_data,
                                           GDestroyNotify        destroy,
                                           GError              **error);
ASAB_AVAILABLE_IN_ALL
gboolean       asab_web_router_add_put    (AsabWebRouter        *self,
                                           const char           *pattern,
                                           AsabWebHandler        handler,
                                           gpointer              user_data,
                                           GDestroyNotify        destroy,
                                           GError              **error);
ASAB_AVAILABLE_IN_ALL
gboolean       asab_web_router_add_patch  (AsabWebRouter        *self,
                                           const char           *pattern,
                                           AsabWebHandler        handler,
                                           gpointer              user_data,
                                           GDestroyNotify        destroy,
                                           GError              **error);
ASAB_AVAILABLE_IN_ALL
gboolean       asab_web_router_add_delete (AsabWebRouter        *self,
                                           const char           *pattern,
                                           AsabWebHandler        handler,
                                           gpointer              user_data,
                                           GDestroyNotify        destroy,
                                           GError              **error);

G_END_DECLS
