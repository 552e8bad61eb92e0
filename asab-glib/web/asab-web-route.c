/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The routes as a tree, a level for each segment of the path:
 *
 *     /users          ─ "users" ─ GET
 *     /users/me                 ├ "me" ─ GET
 *     /users/{id}               └ {} ─ GET, DELETE
 *     /files/{path*}  ─ "files" ─ tail: GET
 *
 * At each level the exact segment is tried before the parameter and this before the tail, and the search comes
 * back when a branch ends without a route for the method. It thus visits each node at most once, whatever the
 * client sends. */

#include "config.h"

#include "asab-web-route-private.h"

#include <asab-glib/async/asab-fiber.h>

#include <glib/gi18n-lib.h>
#include <string.h>

struct _AsabWebRouteNode
{
  GHashTable *children;    /* (owned) (nullable): exact segments to nodes */
  AsabWebRouteNode *param; /* (owned) (nullable): any segment that is not empty */
  GPtrArray *routes;       /* (owned) (nullable) (element-type AsabWebRoute): of paths that end here */
  GPtrArray *tails;        /* (owned) (nullable) (element-type AsabWebRoute): of paths that go on below, in any way */
};

/* The state of one search. */
typedef struct
{
  AsabWebRequest *request;
  const char *values[ASAB_WEB_MAX_PARAMS];
  guint n_values;
  GPtrArray *allow; /* (nullable) (element-type utf8): gets the methods of the routes that were passed by */
} Search;

static void
route_free (AsabWebRoute *route)
{
  if (route->destroy != NULL)
    asab_main_stack_call (route->destroy, route->user_data);
  g_strfreev (route->params);
  g_free (route->method);
  g_free (route);
}

AsabWebRouteNode *
asab_web_route_node_new (void)
{
  return g_new0 (AsabWebRouteNode, 1);
}

void
asab_web_route_node_free (AsabWebRouteNode *self)
{
  g_clear_pointer (&self->children, g_hash_table_unref);
  g_clear_pointer (&self->param, asab_web_route_node_free);
  g_clear_pointer (&self->routes, g_ptr_array_unref);
  g_clear_pointer (&self->tails, g_ptr_array_unref);
  g_free (self);
}

static AsabWebRouteNode *
ensure_child (AsabWebRouteNode *self,
              const char       *segment)
{
  AsabWebRouteNode *child;

  if (self->children == NULL)
    self->children = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) asab_web_route_node_free);

  child = g_hash_table_lookup (self->children, segment);
  if (child == NULL)
    {
      child = asab_web_route_node_new ();
      g_hash_table_insert (self->children, g_strdup (segment), child);
    }

  return child;
}

static AsabWebRouteNode *
ensure_param (AsabWebRouteNode *self)
{
  if (self->param == NULL)
    self->param = asab_web_route_node_new ();

  return self->param;
}

static const AsabWebRoute *
find_method (GPtrArray  *routes,
             const char *method)
{
  for (guint i = 0; routes != NULL && i < routes->len; i++)
    {
      const AsabWebRoute *route = g_ptr_array_index (routes, i);

      if (strcmp (route->method, method) == 0)
        return route;
    }

  return NULL;
}

/* Reads the name in “{name}” or “{name*}”; NULL if the segment is neither. */
static char *
parse_param (const char *segment,
             gboolean   *is_tail)
{
  gsize length = strlen (segment);

  if (length < 3 || segment[0] != '{' || segment[length - 1] != '}')
    return NULL;

  *is_tail = segment[length - 2] == '*';

  return g_strndup (segment + 1, length - 2 - (*is_tail ? 1 : 0));
}

static gboolean
is_param_name (const char *name)
{
  return *name != '\0' && name[strspn (name, "_" G_CSET_a_2_z G_CSET_A_2_Z G_CSET_DIGITS)] == '\0';
}

/* Collects the names of the parameters of a pattern and checks all that can be wrong with it. */
static char **
parse_pattern (const char  *pattern,
               char       **segments,
               GError     **error)
{
  g_autoptr(GStrvBuilder) builder = g_strv_builder_new ();
  g_auto(GStrv) names = NULL;
  const char *problem = *pattern == '/' ? NULL : _("it does not begin with a slash");
  guint n_names = 0;
  gboolean is_tail = FALSE;

  for (guint i = 0; segments[i] != NULL && problem == NULL; i++)
    {
      g_autofree char *name = NULL;

      if (is_tail)
        problem = _("something follows the parameter for the rest");
      else if ((name = parse_param (segments[i], &is_tail)) != NULL)
        {
          g_strv_builder_add (builder, name);
          n_names++;
          if (!is_param_name (name))
            problem = _("the name of a parameter has other characters than letters, digits and underscores");
        }
      else if (strpbrk (segments[i], "{}") != NULL)
        problem = _("a parameter is not a whole segment");
    }
  if (problem == NULL && n_names > ASAB_WEB_MAX_PARAMS)
    problem = _("it has too many parameters");

  names = g_strv_builder_end (builder);
  for (guint i = 0; problem == NULL && i < n_names; i++)
    if (g_strv_contains ((const char *const *) names + i + 1, names[i]))
      problem = _("two parameters have the same name");

  if (problem != NULL)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, _("“%s” is no pattern of a route: %s"), pattern,
                   problem);
      return NULL;
    }

  return g_steal_pointer (&names);
}

/* Takes @route, also when it fails. */
gboolean
asab_web_route_node_add (AsabWebRouteNode  *root,
                         const char        *pattern,
                         AsabWebRoute      *route,
                         GError           **error)
{
  g_auto(GStrv) segments = g_strsplit (*pattern == '/' ? pattern + 1 : pattern, "/", -1);
  AsabWebRouteNode *node = root;
  GPtrArray **routes;
  gboolean is_tail = FALSE;

  route->params = parse_pattern (pattern, segments, error);
  if (route->params == NULL)
    {
      route_free (route);
      return FALSE;
    }

  for (guint i = 0; segments[i] != NULL && !is_tail; i++)
    {
      g_autofree char *name = parse_param (segments[i], &is_tail);

      if (name == NULL)
        node = ensure_child (node, segments[i]);
      else if (!is_tail)
        node = ensure_param (node);
    }
  /* An empty pattern below the root, “/”, is one empty segment; g_strsplit() makes none of it. */
  if (segments[0] == NULL)
    node = ensure_child (node, "");

  routes = is_tail ? &node->tails : &node->routes;
  if (find_method (*routes, route->method) != NULL)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS, _("There is a route for “%s %s” already"), route->method,
                   pattern);
      route_free (route);
      return FALSE;
    }
  if (*routes == NULL)
    *routes = g_ptr_array_new_with_free_func ((GDestroyNotify) route_free);
  g_ptr_array_add (*routes, route);

  return TRUE;
}

static void
add_allowed (GPtrArray  *allow,
             const char *method)
{
  if (!g_ptr_array_find_with_equal_func (allow, method, g_str_equal, NULL))
    g_ptr_array_add (allow, (gpointer) method);
}

/* Picks the route of the request's method, or remembers which methods there are. HEAD is a GET whose body stays
 * here. */
static const AsabWebRoute *
pick_route (Search    *search,
            GPtrArray *routes)
{
  const AsabWebRoute *route = find_method (routes, search->request->method);

  if (route == NULL && strcmp (search->request->method, "HEAD") == 0)
    route = find_method (routes, "GET");
  if (route != NULL || routes == NULL || search->allow == NULL)
    return route;

  for (guint i = 0; i < routes->len; i++)
    {
      const AsabWebRoute *other = g_ptr_array_index (routes, i);

      add_allowed (search->allow, other->method);
      if (strcmp (other->method, "GET") == 0)
        add_allowed (search->allow, "HEAD");
    }
  add_allowed (search->allow, "OPTIONS");

  return NULL;
}

/* Makes one string of the last segments, in place. One with an encoded slash in it is not what it would then look
 * like. */
static gboolean
join_tail (char  *segment,
           guint  n_left)
{
  char *end = segment;

  for (guint i = 0; i < n_left; i++)
    {
      if (strchr (end, '/') != NULL)
        return FALSE;
      end += strlen (end) + 1;
    }
  for (char *c = segment; c < end - 1; c++)
    if (*c == '\0')
      *c = '/';

  return TRUE;
}

static const AsabWebRoute *
search_node (Search           *search,
             AsabWebRouteNode *node,
             char             *segment,
             guint             n_left)
{
  AsabWebRouteNode *child;
  const AsabWebRoute *route = NULL;

  if (n_left == 0)
    return pick_route (search, node->routes);

  child = node->children != NULL ? g_hash_table_lookup (node->children, segment) : NULL;
  if (child != NULL)
    route = search_node (search, child, segment + strlen (segment) + 1, n_left - 1);

  if (route == NULL && node->param != NULL && *segment != '\0')
    {
      search->values[search->n_values++] = segment;
      route = search_node (search, node->param, segment + strlen (segment) + 1, n_left - 1);
      if (route == NULL)
        search->n_values--;
    }

  if (route == NULL && node->tails != NULL)
    {
      route = pick_route (search, node->tails);
      if (route != NULL)
        {
          search->values[search->n_values++] = segment;
          if (!join_tail (segment, n_left))
            return NULL;
        }
    }

  return route;
}

/* Finds the route of a request and fills in its parameters. A caller that found none may ask again with @allow,
 * which then borrows the methods that the path has from their routes. */
const AsabWebRoute *
asab_web_route_node_lookup (AsabWebRouteNode  *root,
                            AsabWebRequest    *request,
                            GPtrArray         *allow)
{
  Search search = { .request = request, .allow = allow };
  const AsabWebRoute *route = search_node (&search, root, request->segments, request->n_segments);

  if (route == NULL)
    return NULL;

  request->n_params = search.n_values;
  for (guint i = 0; i < search.n_values; i++)
    request->params[i] = (AsabWebPair) { route->params[i], search.values[i] };

  return route;
}
