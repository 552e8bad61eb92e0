/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <asab-glib/asab.h>

#define TANK_TYPE (tank_get_type ())
G_DECLARE_FINAL_TYPE (Tank, tank, EXAMPLE, TANK, GObject)

struct _Tank
{
  GObject parent_instance;

  int content;
};

G_DEFINE_FINAL_TYPE (Tank, tank, G_TYPE_OBJECT)

static AsabConditionProperty *level_property;

static gboolean
get_level (GObject  *object,
           GValue   *value,
           GError  **error)
{
  g_value_init (value, G_TYPE_INT);
  g_value_set_int (value, EXAMPLE_TANK (object)->content);

  return TRUE;
}

static gboolean
set_level (GObject       *object,
           const GValue  *value,
           GError       **error)
{
  EXAMPLE_TANK (object)->content = g_value_get_int (value);

  return TRUE;
}

static void
tank_class_init (TankClass *klass)
{
  level_property = asab_condition_property_new ("level", "How full it is", get_level, set_level, NULL);
}

static void
tank_init (Tank *self)
{
}

static AsabAccessor *
tank_get_level (Tank *self)
{
  return asab_condition_property_get (level_property, G_OBJECT (self));
}

static gboolean
wait_for_level (gpointer   user_data,
                GValue    *result,
                GError   **error)
{
  AsabAccessor *level = tank_get_level (user_data);
  const GValue *value = asab_await_value (ASAB_TEMP (asab_accessor_get (level)), error);

  if (value == NULL)
    return FALSE;

  g_print ("%s: %d\n", asab_accessor_get_name (level), g_value_get_int (value));

  return TRUE;
}

static gboolean
fill (gpointer   user_data,
      GValue    *result,
      GError   **error)
{
  AsabAccessor *level = tank_get_level (user_data);
  g_autoptr(AsabFuture) waiting = asab_spawn (wait_for_level, user_data, NULL);
  GValue value = G_VALUE_INIT;

  g_value_init (&value, G_TYPE_INT);
  g_value_set_int (&value, 40);
  if (!asab_await (ASAB_TEMP (asab_accessor_set_when_read (level, &value)), error))
    return FALSE;

  return asab_await (waiting, error);
}

int
main (int    argc,
      char **argv)
{
  g_autoptr(Tank) tank = g_object_new (TANK_TYPE, NULL);
  g_autoptr(AsabFuture) filling = asab_spawn (fill, tank, NULL);

  return asab_run_until_complete (filling, NULL, NULL) ? 0 : 1;
}
