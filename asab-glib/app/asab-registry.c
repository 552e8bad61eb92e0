/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The components of an application and how far each has come.
 *
 * A unit is a component with its state. At init-time the lifecycle asks for one unit after the other, in order of
 * registration; a unit that is required by another one is started ahead of its turn. At run-time a new unit is started
 * when control returns to the main loop. Who became ready is remembered in that order, to be terminated in the
 * opposite one.
 *
 * A unit that is being initialized and requires another one adds an edge to a graph. An edge that would close a circle
 * is refused: nobody in it could ever become ready. The requiring unit is known when it says so itself, when it is just
 * being called, and when it runs on the fiber whose future it returned; else there is no edge, and the deadline of
 * init-time ends such a circle.
 */

#include "config.h"

#include "asab-registry-private.h"

#include <asab-glib/app/asab-service.h>
#include <asab-glib/async/asab-fiber.h>
#include <asab-glib/core/asab-error.h>

#include "asab-unit-private.h"

#include <glib/gi18n-lib.h>

struct _AsabRegistry
{
  GPtrArray *units;      /* (element-type AsabUnit): owned, in order of registration */
  GHashTable *services;  /* name → AsabUnit, both borrowed from units */
  GPtrArray *ready;      /* (element-type AsabUnit): in the order in which they became ready, borrowed */
  guint n_asked;         /* how many units init-time has asked for */
  AsabUnit *called;      /* (nullable): whose initialize() is on the stack */
  GSource *start_source; /* (owned) (nullable): starts new units at run-time */
  GError *failure;       /* (nullable): of the first component that could not be registered when it was constructed */
  gboolean is_open;      /* from the beginning of init-time to that of exit-time */
  gboolean is_closed;    /* since the beginning of exit-time */
  gboolean is_running;
};

static void
unit_done_cb (AsabUnit     *unit,
              const GError *error,
              gpointer      user_data)
{
  AsabRegistry *self = user_data;

  if (error == NULL)
    g_ptr_array_add (self->ready, unit);
  else if (self->is_running)
    g_critical ("%s", error->message);
}

static void
start_unit (AsabRegistry *self,
            AsabUnit     *unit)
{
  AsabUnit *caller = self->called;

  if (!self->is_open)
    return;

  self->called = unit;
  asab_unit_start (unit);
  self->called = caller;
}

static gboolean
start_new_units_cb (gpointer data)
{
  AsabRegistry *self = data;

  g_clear_pointer (&self->start_source, g_source_unref);
  for (guint i = 0; i < self->units->len; i++)
    start_unit (self, g_ptr_array_index (self->units, i));

  return G_SOURCE_REMOVE;
}

static void
schedule_start (AsabRegistry *self)
{
  if (self->start_source != NULL)
    return;

  self->start_source = g_idle_source_new ();
  g_source_set_priority (self->start_source, G_PRIORITY_DEFAULT);
  g_source_set_static_name (self->start_source, "[asab] initialize new components");
  g_source_set_callback (self->start_source, start_new_units_cb, self, NULL);
  g_source_attach (self->start_source, NULL);
}

static void
clear_start_source (AsabRegistry *self)
{
  if (self->start_source == NULL)
    return;

  g_source_destroy (self->start_source);
  g_clear_pointer (&self->start_source, g_source_unref);
}

AsabRegistry *
asab_registry_new (void)
{
  AsabRegistry *self = g_new0 (AsabRegistry, 1);

  self->units = g_ptr_array_new_with_free_func ((GDestroyNotify) asab_unit_free);
  self->services = g_hash_table_new (g_str_hash, g_str_equal);
  self->ready = g_ptr_array_new ();

  return self;
}

void
asab_registry_free (AsabRegistry *self)
{
  clear_start_source (self);
  g_clear_error (&self->failure);
  g_ptr_array_unref (self->ready);
  g_hash_table_unref (self->services);
  g_ptr_array_unref (self->units);
  g_free (self);
}

static AsabUnit *
find_unit (AsabRegistry  *self,
           AsabComponent *component)
{
  for (guint i = 0; i < self->units->len; i++)
    {
      AsabUnit *unit = g_ptr_array_index (self->units, i);

      if (unit->component == component)
        return unit;
    }

  return NULL;
}

/*
 * asab_registry_add:
 * @self: a registry
 * @component: a component that is not registered yet
 * @error: return location for an error
 *
 * Registers @component. At run-time it is initialized soon, at init-time when its turn comes.
 *
 * Returns: true if it was registered, false if a service has its name
 */
gboolean
asab_registry_add (AsabRegistry   *self,
                   AsabComponent  *component,
                   GError        **error)
{
  const char *name = asab_component_get_name (component);
  AsabUnit *unit;

  if (find_unit (self, component) != NULL)
    return TRUE;
  if (self->is_closed)
    {
      g_set_error (error, ASAB_ERROR, ASAB_ERROR_CLOSED, _("The application is exiting and cannot take “%s”"), name);
      return FALSE;
    }
  if (ASAB_IS_SERVICE (component) && g_hash_table_contains (self->services, name))
    {
      g_set_error (error, ASAB_ERROR, ASAB_ERROR_EXISTS, _("There is a service “%s” already"), name);
      return FALSE;
    }

  unit = asab_unit_new (component, unit_done_cb, self);
  g_ptr_array_add (self->units, unit);
  if (ASAB_IS_SERVICE (component))
    g_hash_table_insert (self->services, (gpointer) name, unit);
  if (self->is_running)
    schedule_start (self);

  return TRUE;
}

/*
 * asab_registry_add_constructed:
 * @self: a registry
 * @component: a component under construction
 *
 * Registers @component. As a constructor cannot fail, the first failure is kept for asab_registry_check(); later than
 * init-time it is logged.
 */
void
asab_registry_add_constructed (AsabRegistry  *self,
                               AsabComponent *component)
{
  g_autoptr(GError) error = NULL;

  if (asab_registry_add (self, component, &error))
    return;

  if (self->failure != NULL || self->is_running || self->is_closed)
    g_critical ("%s", error->message);
  else
    self->failure = g_steal_pointer (&error);
}

/*
 * asab_registry_check:
 * @self: a registry
 * @error: return location for an error
 *
 * Returns: true if all components that were constructed could be registered
 */
gboolean
asab_registry_check (AsabRegistry  *self,
                     GError       **error)
{
  if (self->failure == NULL)
    return TRUE;

  g_propagate_error (error, g_steal_pointer (&self->failure));

  return FALSE;
}

AsabComponent *
asab_registry_lookup_service (AsabRegistry *self,
                              const char   *name)
{
  AsabUnit *unit = g_hash_table_lookup (self->services, name);

  return unit != NULL ? unit->component : NULL;
}

AsabComponent *
asab_registry_lookup_module (AsabRegistry *self,
                             GType         type)
{
  for (guint i = 0; i < self->units->len; i++)
    {
      AsabUnit *unit = g_ptr_array_index (self->units, i);

      if (G_TYPE_CHECK_INSTANCE_TYPE (unit->component, type))
        return unit->component;
    }

  return NULL;
}

GPtrArray *
asab_registry_list (AsabRegistry *self,
                    GType         type)
{
  GPtrArray *components = g_ptr_array_new ();

  for (guint i = 0; i < self->units->len; i++)
    {
      AsabUnit *unit = g_ptr_array_index (self->units, i);

      if (G_TYPE_CHECK_INSTANCE_TYPE (unit->component, type))
        g_ptr_array_add (components, unit->component);
    }

  return components;
}

static AsabUnit *
find_requester (AsabRegistry  *self,
                AsabComponent *component)
{
  AsabFiber *fiber;
  AsabFuture *future;

  if (component != NULL)
    return find_unit (self, component);
  if (self->called != NULL)
    return self->called;

  fiber = asab_fiber_get_current ();
  if (fiber == NULL)
    return NULL;

  future = asab_fiber_get_future (fiber);
  for (guint i = 0; i < self->units->len; i++)
    {
      AsabUnit *unit = g_ptr_array_index (self->units, i);

      if (unit->work == future)
        return unit;
    }

  return NULL;
}

static GError *
new_circle_error (AsabUnit  *requester,
                  GPtrArray *way)
{
  g_autoptr(GString) circle = g_string_new (asab_component_get_name (requester->component));

  for (guint i = 0; i < way->len; i++)
    {
      AsabUnit *unit = g_ptr_array_index (way, i);

      g_string_append_printf (circle, " → %s", asab_component_get_name (unit->component));
    }

  return g_error_new (ASAB_ERROR, ASAB_ERROR_DEADLOCK, _("Services wait for each other in a circle: %s"), circle->str);
}

/*
 * asab_registry_require:
 * @self: a registry
 * @requester: (nullable): who waits, if it is known
 * @name: the name of a service
 *
 * Starts the initialization of a service, if it has not begun, ahead of its turn; but not before init-time.
 *
 * Returns: (transfer full): a future of the service
 */
AsabFuture *
asab_registry_require (AsabRegistry  *self,
                       AsabComponent *requester,
                       const char    *name)
{
  AsabUnit *unit = g_hash_table_lookup (self->services, name);
  AsabUnit *waiting = find_requester (self, requester);
  g_autoptr(GPtrArray) way = NULL;

  if (unit == NULL)
    return asab_future_new_take_error (
      g_error_new (G_IO_ERROR, G_IO_ERROR_NOT_FOUND, _("There is no service “%s”"), name));

  if (waiting != NULL && waiting->state == ASAB_UNIT_INITIALIZING)
    {
      way = g_ptr_array_new ();
      if (asab_unit_find_way (unit, waiting, way))
        return asab_future_new_take_error (new_circle_error (waiting, way));
      g_ptr_array_add (waiting->required, unit);
    }

  start_unit (self, unit);

  return asab_future_ref (asab_unit_get_ready_future (unit));
}

/*
 * asab_registry_initialize_next:
 * @self: a registry
 *
 * Starts the next component in order of registration, unless somebody required it before.
 *
 * Returns: (transfer full) (nullable): a future of the component, or %NULL if init-time has asked for all of them
 */
AsabFuture *
asab_registry_initialize_next (AsabRegistry *self)
{
  AsabUnit *unit;

  self->is_open = TRUE;
  if (self->n_asked == self->units->len)
    return NULL;

  unit = g_ptr_array_index (self->units, self->n_asked++);
  start_unit (self, unit);

  return asab_future_ref (asab_unit_get_ready_future (unit));
}

/*
 * asab_registry_set_running:
 * @self: a registry
 * @is_running: whether it is run-time
 *
 * Says whether new components are to be initialized when they come.
 */
void
asab_registry_set_running (AsabRegistry *self,
                           gboolean      is_running)
{
  self->is_running = is_running;
  if (!is_running)
    clear_start_source (self);
  else if (self->n_asked < self->units->len)
    schedule_start (self);
}

/*
 * asab_registry_find_hanging:
 * @self: a registry
 *
 * Finds a component whose initialization goes on although it does not wait for another one.
 *
 * Returns: (transfer none) (nullable): the component
 */
AsabComponent *
asab_registry_find_hanging (AsabRegistry *self)
{
  for (guint i = 0; i < self->units->len; i++)
    {
      AsabUnit *unit = g_ptr_array_index (self->units, i);

      if (unit->state == ASAB_UNIT_INITIALIZING && !asab_unit_is_waiting (unit))
        return unit->component;
    }

  return NULL;
}

/*
 * asab_registry_abandon:
 * @self: a registry
 *
 * Cancels the initializations that go on, does not wait for them any longer, and starts no other.
 */
void
asab_registry_abandon (AsabRegistry *self)
{
  self->is_open = FALSE;
  self->is_closed = TRUE;
  for (guint i = 0; i < self->units->len; i++)
    asab_unit_abandon (g_ptr_array_index (self->units, i));
}

/*
 * asab_registry_steal_last_ready:
 * @self: a registry
 *
 * Takes the component that became ready last from the list of those that are.
 *
 * Returns: (transfer none) (nullable): the component
 */
AsabComponent *
asab_registry_steal_last_ready (AsabRegistry *self)
{
  AsabUnit *unit;

  if (self->ready->len == 0)
    return NULL;

  unit = g_ptr_array_steal_index (self->ready, self->ready->len - 1);

  return unit->component;
}
