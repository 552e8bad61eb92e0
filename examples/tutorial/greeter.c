/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <asab-glib/asab.h>

#define MY_TYPE_GREETER (my_greeter_get_type ())
G_DECLARE_FINAL_TYPE (MyGreeter, my_greeter, MY, GREETER, AsabService)

struct _MyGreeter
{
  AsabService parent_instance;

  char *greeting; /* (owned) */
};

G_DEFINE_FINAL_TYPE (MyGreeter, my_greeter, ASAB_TYPE_SERVICE)

typedef enum
{
  PROP_GREETING = 1,
} MyGreeterProperty;

static void
my_greeter_set_property (GObject      *object,
                         guint         prop_id,
                         const GValue *value,
                         GParamSpec   *pspec)
{
  MyGreeter *self = MY_GREETER (object);

  switch ((MyGreeterProperty) prop_id)
    {
    case PROP_GREETING:
      g_free (self->greeting);
      self->greeting = g_value_dup_string (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
my_greeter_finalize (GObject *object)
{
  g_free (MY_GREETER (object)->greeting);

  G_OBJECT_CLASS (my_greeter_parent_class)->finalize (object);
}

static AsabFuture *
my_greeter_initialize (AsabComponent   *component,
                       AsabApplication *app)
{
  g_print ("The greeter says “%s”\n", MY_GREETER (component)->greeting);

  return NULL;
}

static void
my_greeter_class_init (MyGreeterClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->set_property = my_greeter_set_property;
  object_class->finalize = my_greeter_finalize;

  ASAB_COMPONENT_CLASS (klass)->initialize = my_greeter_initialize;

  g_object_class_install_property (object_class, PROP_GREETING,
    g_param_spec_string ("greeting", NULL, NULL, "Hello", G_PARAM_WRITABLE | G_PARAM_CONSTRUCT));
}

static void
my_greeter_init (MyGreeter *self)
{
}

static void
my_greeter_greet (MyGreeter  *self,
                  const char *name)
{
  g_print ("%s, %s!\n", self->greeting, name);
}

static gboolean
initialize (AsabApplication  *app,
            GError          **error)
{
  g_autoptr(MyGreeter) greeter = g_object_new (MY_TYPE_GREETER, "name", "greeter", NULL);

  return asab_application_add_service (app, ASAB_SERVICE (greeter), error);
}

static gboolean
greet (AsabApplication  *app,
       GError          **error)
{
  my_greeter_greet (MY_GREETER (asab_application_get_service (app, "greeter")), "Ada");
  asab_application_stop (app, 0);

  return TRUE;
}

int
main (int    argc,
      char **argv)
{
  return asab_run (argc, argv, .initialize = initialize, .main = greet);
}
