/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "asab-web-router-private.h"

#include "asab-web-route-private.h"

#include <asab-glib/async/asab-fiber.h>
#include <asab-glib/core/asab-error.h>
#include <asab-glib/web/asab-web-error.h>

#include <glib/gi18n-lib.h>

/**
 * AsabWebRouter:
 *
 * Finds the handler of a request by its method and its path.
 *
 * The pattern of a route is a path. A segment `{name}` stands for any one segment that is not empty, and `{name*}` at
 * the end for all that follows; handlers get them with [method@Request.get_param]. An exact segment is preferred to a
 * parameter.
 *
 * A route for `GET` answers `HEAD` too. `OPTIONS` is answered with the methods that a path has, unless there is a
 * route for it. Where a path has a route for other methods only, the answer is 405, else 404.
 */
struct _AsabWebRouter
{
  GObject parent_instance;

  AsabWebRouteNode *root; /* (owned) */
};

/* What a fiber of a handler needs; it keeps the route alive by its router. */
typedef struct
{
  AsabWebRouter *router;
  AsabWebRequest *request;
} FiberCall;

/* A call of a handler, on its way to the main stack. */
typedef struct
{
  const AsabWebRoute *route;
  AsabWebRequest *request;
  AsabFuture *future;
  GError **error;
} HandlerCall;

G_DEFINE_FINAL_TYPE (AsabWebRouter, asab_web_router, G_TYPE_OBJECT)

static void
asab_web_router_finalize (GObject *object)
{
  AsabWebRouter *self = ASAB_WEB_ROUTER (object);

  asab_web_route_node_free (self->root);

  G_OBJECT_CLASS (asab_web_router_parent_class)->finalize (object);
}

static void
asab_web_router_class_init (AsabWebRouterClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = asab_web_router_finalize;
}

static void
asab_web_router_init (AsabWebRouter *self)
{
  self->root = asab_web_route_node_new ();
}

/**
 * asab_web_router_new:
 *
 * Creates a router without routes.
 *
 * Returns: (transfer full): a new router
 */
AsabWebRouter *
asab_web_router_new (void)
{
  return g_object_new (ASAB_TYPE_WEB_ROUTER, NULL);
}

static AsabWebRoute *
route_new (const char     *method,
           gpointer        user_data,
           GDestroyNotify  destroy)
{
  AsabWebRoute *route = g_new0 (AsabWebRoute, 1);

  route->method = g_strdup (method);
  route->user_data = user_data;
  route->destroy = destroy;

  return route;
}

/**
 * asab_web_router_add:
 * @self: a router
 * @method: a method, such as `GET`
 * @pattern: the pattern of a path
 * @handler: (scope notified) (closure user_data) (destroy destroy): called for each request
 * @user_data: data for @handler
 * @destroy: called with @user_data when the route is gone, which is at once if it is not added
 * @error: return location for an error
 *
 * Adds a route.
 *
 * Returns: true if the route was added, false if @pattern makes no sense or there is such a route already
 */
gboolean
asab_web_router_add (AsabWebRouter   *self,
                     const char      *method,
                     const char      *pattern,
                     AsabWebHandler   handler,
                     gpointer         user_data,
                     GDestroyNotify   destroy,
                     GError         **error)
{
  AsabWebRoute *route;

  g_return_val_if_fail (ASAB_IS_WEB_ROUTER (self), FALSE);
  g_return_val_if_fail (method != NULL, FALSE);
  g_return_val_if_fail (pattern != NULL, FALSE);
  g_return_val_if_fail (handler != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  route = route_new (method, user_data, destroy);
  route->handler = handler;

  return asab_web_route_node_add (self->root, pattern, route, error);
}

/**
 * asab_web_router_add_fiber: (skip)
 * @self: a router
 * @method: a method, such as `GET`
 * @pattern: the pattern of a path
 * @handler: called for each request, in a fiber of its own
 * @user_data: data for @handler
 * @destroy: (nullable): called with @user_data when the route is gone, which is at once if it is not added
 * @error: return location for an error
 *
 * Adds a route whose handler may wait.
 *
 * Returns: true if the route was added, false if @pattern makes no sense or there is such a route already
 */
gboolean
asab_web_router_add_fiber (AsabWebRouter        *self,
                           const char           *method,
                           const char           *pattern,
                           AsabWebFiberHandler   handler,
                           gpointer              user_data,
                           GDestroyNotify        destroy,
                           GError              **error)
{
  AsabWebRoute *route;

  g_return_val_if_fail (ASAB_IS_WEB_ROUTER (self), FALSE);
  g_return_val_if_fail (method != NULL, FALSE);
  g_return_val_if_fail (pattern != NULL, FALSE);
  g_return_val_if_fail (handler != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  route = route_new (method, user_data, destroy);
  route->fiber = handler;

  return asab_web_route_node_add (self->root, pattern, route, error);
}

/**
 * asab_web_router_add_get:
 * @self: a router
 * @pattern: the pattern of a path
 * @handler: (scope notified) (closure user_data) (destroy destroy): called for each request
 * @user_data: data for @handler
 * @destroy: called with @user_data when the route is gone, which is at once if it is not added
 * @error: return location for an error
 *
 * Adds a route of the method `GET`, and of `HEAD`.
 *
 * Returns: true if the route was added, false if @pattern makes no sense or there is such a route already
 */
gboolean
asab_web_router_add_get (AsabWebRouter   *self,
                         const char      *pattern,
                         AsabWebHandler   handler,
                         gpointer         user_data,
                         GDestroyNotify   destroy,
                         GError         **error)
{
  return asab_web_router_add (self, "GET", pattern, handler, user_data, destroy, error);
}

/**
 * asab_web_router_add_post:
 * @self: a router
 * @pattern: the pattern of a path
 * @handler: (scope notified) (closure user_data) (destroy destroy): called for each request
 * @user_data: data for @handler
 * @destroy: called with @user_data when the route is gone, which is at once if it is not added
 * @error: return location for an error
 *
 * Adds a route of the method `POST`.
 *
 * Returns: true if the route was added, false if @pattern makes no sense or there is such a route already
 */
gboolean
asab_web_router_add_post (AsabWebRouter   *self,
                          const char      *pattern,
                          AsabWebHandler   handler,
                          gpointer         user_data,
                          GDestroyNotify   destroy,
                          GError         **error)
{
  return asab_web_router_add (self, "POST", pattern, handler, user_data, destroy, error);
}

/**
 * asab_web_router_add_put:
 * @self: a router
 * @pattern: the pattern of a path
 * @handler: (scope notified) (closure user_data) (destroy destroy): called for each request
 * @user_data: data for @handler
 * @destroy: called with @user_data when the route is gone, which is at once if it is not added
 * @error: return location for an error
 *
 * Adds a route of the method `PUT`.
 *
 * Returns: true if the route was added, false if @pattern makes no sense or there is such a route already
 */
gboolean
asab_web_router_add_put (AsabWebRouter   *self,
                         const char      *pattern,
                         AsabWebHandler   handler,
                         gpointer         user_data,
                         GDestroyNotify   destroy,
                         GError         **error)
{
  return asab_web_router_add (self, "PUT", pattern, handler, user_data, destroy, error);
}

/**
 * asab_web_router_add_patch:
 * @self: a router
 * @pattern: the pattern of a path
 * @handler: (scope notified) (closure user_data) (destroy destroy): called for each request
 * @user_data: data for @handler
 * @destroy: called with @user_data when the route is gone, which is at once if it is not added
 * @error: return location for an error
 *
 * Adds a route of the method `PATCH`.
 *
 * Returns: true if the route was added, false if @pattern makes no sense or there is such a route already
 */
gboolean
asab_web_router_add_patch (AsabWebRouter   *self,
                           const char      *pattern,
                           AsabWebHandler   handler,
                           gpointer         user_data,
                           GDestroyNotify   destroy,
                           GError         **error)
{
  return asab_web_router_add (self, "PATCH", pattern, handler, user_data, destroy, error);
}

/**
 * asab_web_router_add_delete:
 * @self: a router
 * @pattern: the pattern of a path
 * @handler: (scope notified) (closure user_data) (destroy destroy): called for each request
 * @user_data: data for @handler
 * @destroy: called with @user_data when the route is gone, which is at once if it is not added
 * @error: return location for an error
 *
 * Adds a route of the method `DELETE`.
 *
 * Returns: true if the route was added, false if @pattern makes no sense or there is such a route already
 */
gboolean
asab_web_router_add_delete (AsabWebRouter   *self,
                            const char      *pattern,
                            AsabWebHandler   handler,
                            gpointer         user_data,
                            GDestroyNotify   destroy,
                            GError         **error)
{
  return asab_web_router_add (self, "DELETE", pattern, handler, user_data, destroy, error);
}

/* Answers a request that has no route. */
static void
refuse_request (AsabWebRouter  *self,
                AsabWebRequest *request)
{
  g_autoptr(GPtrArray) allow = g_ptr_array_new ();
  g_autofree char *list = NULL;

  asab_web_route_node_lookup (self->root, request, allow);
  if (allow->len == 0)
    {
      asab_web_request_refuse (request, ASAB_WEB_ERROR_NOT_FOUND, _("There is nothing at this path"));
      return;
    }

  g_ptr_array_add (allow, NULL);
  list = g_strjoinv (", ", (char **) allow->pdata);
  asab_web_request_add_header (request, "Allow", list, NULL);

  if (g_str_equal (request->method, "OPTIONS"))
    asab_web_request_set_status (request, 204);
  else
    asab_web_request_refuse (request, ASAB_WEB_ERROR_METHOD_NOT_ALLOWED, _("The path has no such method"));
}

/* Finds who handles a request whose body has not been read yet; false if there is nobody and the request is
 * answered. */
gboolean
asab_web_router_route (AsabWebRouter  *self,
                       AsabWebRequest *request)
{
  g_autoptr(GError) error = NULL;

  if (!asab_web_request_parse_target (request, &error))
    {
      asab_web_request_fail (request, error);
      return FALSE;
    }

  request->route = asab_web_route_node_lookup (self->root, request, NULL);
  if (request->route == NULL)
    refuse_request (self, request);

  return request->route != NULL;
}

static gboolean
run_fiber_handler (gpointer   user_data,
                   GValue    *result G_GNUC_UNUSED,
                   GError   **error)
{
  FiberCall *call = user_data;
  const AsabWebRoute *route = call->request->route;

  return route->fiber (call->request, route->user_data, error);
}

static void
fiber_call_free (gpointer user_data)
{
  FiberCall *call = user_data;

  asab_web_request_unref (call->request);
  g_object_unref (call->router);
  g_free (call);
}

static void
call_handler (gpointer user_data)
{
  HandlerCall *call = user_data;

  call->future = call->route->handler (call->request, call->route->user_data, call->error);
}

/* Runs the handler of a routed request. */
AsabFuture *
asab_web_router_dispatch (AsabWebRouter   *self,
                          AsabWebRequest  *request,
                          GError         **error)
{
  HandlerCall call = { .route = request->route, .request = request, .error = error };
  FiberCall *fiber_call;

  if (request->route->fiber == NULL)
    {
      asab_main_stack_call (call_handler, &call);
      return call.future;
    }

  fiber_call = g_new (FiberCall, 1);
  fiber_call->router = g_object_ref (self);
  fiber_call->request = asab_web_request_ref (request);

  return asab_spawn (run_fiber_handler, fiber_call, fiber_call_free);
}
