/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Instances that can be found by their names as long as they live. */

#include <asab-glib/asab.h>

#define EXAMPLE_TYPE_PLANET (example_planet_get_type ())
G_DECLARE_FINAL_TYPE (ExamplePlanet, example_planet, EXAMPLE, PLANET, GObject)

struct _ExamplePlanet
{
  GObject parent_instance;

  char *name;
};

G_DEFINE_FINAL_TYPE_WITH_CODE (ExamplePlanet, example_planet, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (ASAB_TYPE_REGISTRABLE, NULL))

enum
{
  PROP_NAME = 1,
};

static void
example_planet_constructed (GObject *object)
{
  G_OBJECT_CLASS (example_planet_parent_class)->constructed (object);

  asab_registrable_register (ASAB_REGISTRABLE (object), NULL);
}

static void
example_planet_finalize (GObject *object)
{
  g_free (EXAMPLE_PLANET (object)->name);

  G_OBJECT_CLASS (example_planet_parent_class)->finalize (object);
}

static void
example_planet_get_property (GObject    *object,
                             guint       prop_id G_GNUC_UNUSED,
                             GValue     *value,
                             GParamSpec *pspec G_GNUC_UNUSED)
{
  g_value_set_string (value, EXAMPLE_PLANET (object)->name);
}

static void
example_planet_set_property (GObject      *object,
                             guint         prop_id G_GNUC_UNUSED,
                             const GValue *value,
                             GParamSpec   *pspec G_GNUC_UNUSED)
{
  ExamplePlanet *self = EXAMPLE_PLANET (object);

  g_free (self->name);
  self->name = g_value_dup_string (value);
}

static void
example_planet_class_init (ExamplePlanetClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->constructed = example_planet_constructed;
  object_class->finalize = example_planet_finalize;
  object_class->get_property = example_planet_get_property;
  object_class->set_property = example_planet_set_property;

  g_object_class_install_property (object_class, PROP_NAME,
                                   g_param_spec_string ("name", NULL, NULL, NULL,
                                                        G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS));
  asab_registrable_set_key_property (EXAMPLE_TYPE_PLANET, "name");
}

static void
example_planet_init (ExamplePlanet *self G_GNUC_UNUSED)
{
}

static void
print_registry (void)
{
  g_auto(GStrv) keys = asab_registrable_list_keys (EXAMPLE_TYPE_PLANET);
  g_autofree char *joined = g_strjoinv (", ", keys);

  g_print ("%s\n", joined);
}

int
main (void)
{
  ExamplePlanet *first = g_object_new (EXAMPLE_TYPE_PLANET, "name", "Vulcan", NULL);
  g_autoptr(ExamplePlanet) second = NULL;
  g_autoptr(AsabRegistrable) found = NULL;

  print_registry ();
  second = g_object_new (EXAMPLE_TYPE_PLANET, "name", "George", NULL);
  print_registry ();

  /* The registry does not keep what nobody else has. */
  g_object_unref (first);
  print_registry ();

  g_object_set (second, "name", "Uranus", NULL);
  print_registry ();
  found = asab_registrable_lookup (EXAMPLE_TYPE_PLANET, "Uranus");
  g_print ("%s\n", (gpointer) found == second ? "found" : "lost");

  return 0;
}
