/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/web/asab-web-router.h>

#include "asab-web-request-private.h"

G_BEGIN_DECLS

/* A method, a pattern and who handles them. */
struct _AsabWebRoute
{
  char *method;                /* (owned) */
  AsabWebHandler handler;      /* (nullable): either this */
  AsabWebFiberHandler fiber;   /* (nullable): or this */
  gpointer user_data;          /* (owned) */
  GDestroyNotify destroy;      /* (nullable) */
  char **params;               /* (owned): the names of the parameters, in the order of the pattern */
};

typedef struct _AsabWebRouteNode AsabWebRouteNode;

AsabWebRouteNode   *asab_web_route_node_new    (void);
void                asab_web_route_node_free   (AsabWebRouteNode  *root);
gboolean            asab_web_route_node_add    (AsabWebRouteNode  *root,
                                                const char        *pattern,
                                                AsabWebRoute      *route,
                                                GError           **error);
const AsabWebRoute *asab_web_route_node_lookup (AsabWebRouteNode  *root,
                                                AsabWebRequest    *request,
                                                GPtrArray         *allow);

G_END_DECLS
