/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "program.h"

#include <glib/gstdio.h>
#include <string.h>

/* A service that prints what happens to it. Its `behaviour` says what its initialization does. */
#define TEST_TYPE_SERVICE (test_service_get_type ())
G_DECLARE_FINAL_TYPE (TestService, test_service, TEST, SERVICE, AsabService)

struct _TestService
{
  AsabService parent_instance;

  char *behaviour; /* (nullable): "fail", "hang", "stop", or names of services to require, separated by commas */
  int limit;
  gboolean terminate_fails;
};

G_DEFINE_FINAL_TYPE (TestService, test_service, ASAB_TYPE_SERVICE)

typedef enum
{
  PROP_BEHAVIOUR = 1,
  PROP_LIMIT,
} TestServiceProperty;

static GParamSpec *props[PROP_LIMIT + 1];

static const char *
get_name (gpointer service)
{
  return asab_component_get_name (service);
}

static gboolean
require_fiber (gpointer   data,
               GValue    *result,
               GError   **error)
{
  TestService *self = data;
  AsabApplication *application = asab_component_get_application (ASAB_COMPONENT (self));
  g_auto(GStrv) names = g_strsplit (self->behaviour, ",", -1);

  for (gsize i = 0; names[i] != NULL; i++)
    {
      g_autoptr(AsabFuture) future = asab_application_require_service (application, names[i]);
      g_autoptr(GObject) service = asab_await_object (future, error);

      if (service == NULL)
        return FALSE;
      g_print ("%s has %s\n", get_name (self), get_name (service));
    }

  g_print ("%s is ready\n", get_name (self));

  return TRUE;
}

static gboolean
hang_fiber (gpointer   data,
            GValue    *result,
            GError   **error)
{
  return asab_fiber_sleep (G_MAXINT, error);
}

static AsabFuture *
test_service_initialize (AsabComponent   *component,
                         AsabApplication *application)
{
  TestService *self = TEST_SERVICE (component);

  g_print ("%s initialize\n", get_name (self));

  if (self->behaviour == NULL)
    return NULL;
  if (g_str_equal (self->behaviour, "fail"))
    return asab_future_new_take_error (g_error_new (G_IO_ERROR, G_IO_ERROR_FAILED, "no luck"));
  if (g_str_equal (self->behaviour, "hang"))
    return asab_spawn (hang_fiber, NULL, NULL);
  if (g_str_equal (self->behaviour, "stop"))
    {
      asab_application_stop (application, 0);
      return NULL;
    }

  return asab_spawn (require_fiber, self, NULL);
}

static AsabFuture *
test_service_terminate (AsabComponent   *component,
                        AsabApplication *application)
{
  g_print ("%s terminate\n", get_name (component));

  if (TEST_SERVICE (component)->terminate_fails)
    return asab_future_new_take_error (g_error_new (G_IO_ERROR, G_IO_ERROR_FAILED, "stuck"));

  return NULL;
}

static void
test_service_set_property (GObject      *object,
                           guint         prop_id,
                           const GValue *value,
                           GParamSpec   *pspec)
{
  TestService *self = TEST_SERVICE (object);

  switch ((TestServiceProperty) prop_id)
    {
    case PROP_BEHAVIOUR:
      self->behaviour = g_value_dup_string (value);
      break;
    case PROP_LIMIT:
      self->limit = g_value_get_int (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
test_service_finalize (GObject *object)
{
  g_free (TEST_SERVICE (object)->behaviour);

  G_OBJECT_CLASS (test_service_parent_class)->finalize (object);
}

static void
test_service_class_init (TestServiceClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  AsabComponentClass *component_class = ASAB_COMPONENT_CLASS (klass);

  object_class->set_property = test_service_set_property;
  object_class->finalize = test_service_finalize;
  component_class->initialize = test_service_initialize;
  component_class->terminate = test_service_terminate;

  props[PROP_BEHAVIOUR] = g_param_spec_string ("behaviour", NULL, NULL, NULL,
                                               G_PARAM_WRITABLE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);
  props[PROP_LIMIT] = g_param_spec_int ("limit", NULL, NULL, 0, 100, 1, G_PARAM_WRITABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (props), props);
}

static void
test_service_init (TestService *self)
{
}

/* The application owns the service, if it takes it. */
static TestService *
add_service (AsabApplication *application,
             const char      *name,
             const char      *behaviour)
{
  TestService *self = g_object_new (TEST_TYPE_SERVICE, "application", application, "name", name, "behaviour", behaviour,
                                    NULL);

  g_assert_true (asab_component_get_application (ASAB_COMPONENT (self)) == application);
  g_object_unref (self);

  return self;
}

static gboolean
stop_main (AsabApplication  *application,
           GError          **error)
{
  g_print ("main\n");
  asab_application_stop (application, 0);

  return TRUE;
}

/* Adds the services that its arguments tell, NAME or NAME=BEHAVIOUR. */
static gboolean
add_services (AsabApplication  *application,
              GError          **error)
{
  char **arguments = asab_hooks_get_data (application);

  for (gsize i = 1; arguments[i] != NULL; i++)
    {
      g_auto(GStrv) parts = g_strsplit (arguments[i], "=", 2);

      add_service (application, parts[0], parts[1]);
    }
  g_print ("application\n");

  return TRUE;
}

static int
services_program (int    argc,
                  char **argv)
{
  char *arguments[] = { argv[0], NULL };

  program_use_fast_clock ();

  return asab_run (1, arguments, .initialize = add_services, .main = stop_main, .data = argv);
}

static gboolean
print_services (AsabApplication  *application,
                GError          **error)
{
  g_autoptr(GPtrArray) services = NULL;
  g_autoptr(TestService) loose = g_object_new (TEST_TYPE_SERVICE, NULL);
  g_autoptr(TestService) twin = g_object_new (TEST_TYPE_SERVICE, "name", "early", NULL);
  g_autoptr(GError) local_error = NULL;

  add_service (application, "early", NULL);
  services = asab_application_list_services (application);
  for (guint i = 0; i < services->len; i++)
    g_print ("service %s\n", get_name (services->pdata[i]));

  g_assert_null (asab_component_get_application (ASAB_COMPONENT (loose)));
  g_assert_true (asab_application_add_service (application, ASAB_SERVICE (loose), error));
  g_assert_true (asab_application_add_service (application, ASAB_SERVICE (loose), error));
  g_assert_true (asab_component_get_application (ASAB_COMPONENT (loose)) == application);
  g_assert_true (asab_application_get_service (application, "TestService") == ASAB_SERVICE (loose));

  g_assert_false (asab_application_add_service (application, ASAB_SERVICE (twin), &local_error));
  g_assert_error (local_error, ASAB_ERROR, ASAB_ERROR_EXISTS);
  g_assert_cmpstr (local_error->message, ==, "There is a service “early” already");
  g_assert_null (asab_component_get_application (ASAB_COMPONENT (twin)));
  g_assert_null (asab_application_get_service (application, "late"));

  return TRUE;
}

static int
registry_program (int    argc,
                  char **argv)
{
  return asab_run (argc, argv, .initialize = print_services, .main = stop_main);
}

/* Requires a service that comes at run-time and one that fails then. */
static gboolean
late_main (AsabApplication  *application,
           GError          **error)
{
  g_autoptr(AsabFuture) future = NULL;
  g_autoptr(AsabFuture) failing = NULL;
  g_autoptr(GObject) service = NULL;
  g_autoptr(GError) local_error = NULL;

  add_service (application, "late", NULL);
  add_service (application, "later", "late");
  add_service (application, "bad", "fail");
  g_print ("added\n");

  future = asab_application_require_service (application, "later");
  service = asab_await_object (future, error);
  g_assert_nonnull (service);

  failing = asab_application_require_service (application, "bad");
  g_assert_false (asab_await (failing, &local_error));
  g_assert_cmpstr (local_error->message, ==, "Service “bad” failed to initialize: no luck");

  asab_application_stop (application, 0);
  add_service (application, "too-late", NULL);

  return TRUE;
}

static int
late_program (int    argc,
              char **argv)
{
  return asab_run (argc, argv, .main = late_main);
}

static gboolean
config_main (AsabApplication  *application,
             GError          **error)
{
  TestService *service = TEST_SERVICE (asab_application_get_service (application, "limited"));

  g_print ("limit %d\n", service->limit);
  service->terminate_fails = TRUE;
  asab_application_stop (application, 0);

  return TRUE;
}

static gboolean
config_initialize (AsabApplication  *application,
                   GError          **error)
{
  add_service (application, "limited", NULL);

  return TRUE;
}

static int
config_program (int    argc,
                char **argv)
{
  return asab_run (argc, argv, .initialize = config_initialize, .main = config_main);
}

static void
test_order (void)
{
  g_auto(ProgramResult) result = PROGRAM_RESULT_INIT;

  program_run (&result, "services", "a", "b", "c", NULL);
  program_assert (&result, 0,
                  "application\na initialize\nb initialize\nc initialize\nmain\n"
                  "c terminate\nb terminate\na terminate\n");
}

static void
test_require (void)
{
  g_auto(ProgramResult) result = PROGRAM_RESULT_INIT;

  program_run (&result, "services", "a=c,b", "b", "c=b", NULL);
  program_assert (&result, 0,
                  "application\na initialize\nc initialize\nb initialize\nc has b\nc is ready\na has c\na has b\n"
                  "a is ready\nmain\na terminate\nc terminate\nb terminate\n");
  g_assert_cmpstr (result.errors, ==, "");
}

static void
test_require_unknown (void)
{
  g_auto(ProgramResult) result = PROGRAM_RESULT_INIT;

  program_run (&result, "services", "a=nobody", NULL);
  program_assert (&result, 1, "application\na initialize\n");
  program_assert_errors (&result, "ERROR asab Service “a” failed to initialize: There is no service “nobody”\n");
}

static void
test_circle (void)
{
  g_auto(ProgramResult) result = PROGRAM_RESULT_INIT;

  program_run (&result, "services", "z", "a=b", "b=c", "c=a", NULL);
  program_assert (&result, 1,
                  "application\nz initialize\na initialize\nb initialize\nc initialize\nz terminate\n");
  program_assert_errors (&result,
                         "ERROR asab Service “a” failed to initialize: Service “b” failed to initialize: "
                         "Service “c” failed to initialize: Services wait for each other in a circle: "
                         "c → a → b → c\n");

  program_run (&result, "services", "a=a", NULL);
  program_assert (&result, 1, "application\na initialize\n");
  program_assert_errors (&result, "in a circle: a → a\n");
}

/* A failure is reported once, and what was up is terminated. */
static void
test_roll_back (void)
{
  g_auto(ProgramResult) result = PROGRAM_RESULT_INIT;
  g_auto(GStrv) lines = NULL;

  program_run (&result, "services", "a", "b", "c=fail", "d", NULL);
  program_assert (&result, 1,
                  "application\na initialize\nb initialize\nc initialize\nb terminate\na terminate\n");
  lines = g_strsplit (result.errors, "\n", -1);
  g_assert_cmpuint (g_strv_length (lines), ==, 2);
  g_assert_true (g_str_has_suffix (lines[0], " ERROR asab Service “c” failed to initialize: no luck"));
}

/* What hangs is named, not who waits for it. */
static void
test_hang (void)
{
  g_auto(ProgramResult) result = PROGRAM_RESULT_INIT;

  program_run (&result, "services", "a", "b=c", "c=hang", NULL);
  program_assert (&result, 1, "application\na initialize\nb initialize\nc initialize\na terminate\n");
  program_assert_errors (&result, " ERROR asab Service “c” was not ready in time\n");
}

static void
test_stop (void)
{
  g_auto(ProgramResult) result = PROGRAM_RESULT_INIT;

  program_run (&result, "services", "a", "b=stop", "c", NULL);
  program_assert (&result, 0, "application\na initialize\nb initialize\nb terminate\na terminate\n");
  g_assert_cmpstr (result.errors, ==, "");
}

static void
test_duplicate (void)
{
  g_auto(ProgramResult) result = PROGRAM_RESULT_INIT;

  program_run (&result, "services", "a", "twice", "twice", NULL);
  program_assert (&result, 1, "application\n");
  program_assert_errors (&result, " ERROR asab There is a service “twice” already\n");
}

static void
test_registry (void)
{
  g_auto(ProgramResult) result = PROGRAM_RESULT_INIT;

  program_run (&result, "registry", NULL);
  program_assert (&result, 0,
                  "service early\nearly initialize\nTestService initialize\nmain\n"
                  "TestService terminate\nearly terminate\n");
}

static void
test_late (void)
{
  g_auto(ProgramResult) result = PROGRAM_RESULT_INIT;

  program_run (&result, "late", NULL);
  program_assert (&result, 0,
                  "added\nlater initialize\nlate initialize\nlater has late\nlater is ready\nbad initialize\n"
                  "later terminate\nlate terminate\n");
  program_assert_errors (&result, " ERROR asab Service “bad” failed to initialize: no luck\n");
}

static void
test_config (void)
{
  g_auto(ProgramResult) result = PROGRAM_RESULT_INIT;
  g_autofree char *good = program_write_file ("[limited]\nlimit=7\n");
  g_autofree char *bad = program_write_file ("[limited]\nlimit=700\n");

  program_run (&result, "config", "-c", good, NULL);
  program_assert (&result, 1, "limited initialize\nlimit 7\nlimited terminate\n");
  program_assert_errors (&result, " ERROR asab Service “limited” failed to terminate: stuck\n");

  program_run (&result, "config", "-c", bad, NULL);
  program_assert (&result, 1, "");
  program_assert_errors (&result, " ERROR asab Service “limited” failed to initialize: ");
  program_assert_errors (&result, bad);

  g_assert_no_errno (g_unlink (good));
  g_assert_no_errno (g_unlink (bad));
}

int
main (int    argc,
      char **argv)
{
  static const Program programs[] = {
    { "config", config_program },
    { "late", late_program },
    { "registry", registry_program },
    { "services", services_program },
  };
  int status;

  if (program_main (programs, G_N_ELEMENTS (programs), argc, argv, &status))
    return status;

  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/asab/service/order", test_order);
  g_test_add_func ("/asab/service/require", test_require);
  g_test_add_func ("/asab/service/require-unknown", test_require_unknown);
  g_test_add_func ("/asab/service/circle", test_circle);
  g_test_add_func ("/asab/service/roll-back", test_roll_back);
  g_test_add_func ("/asab/service/hang", test_hang);
  g_test_add_func ("/asab/service/stop", test_stop);
  g_test_add_func ("/asab/service/duplicate", test_duplicate);
  g_test_add_func ("/asab/service/registry", test_registry);
  g_test_add_func ("/asab/service/late", test_late);
  g_test_add_func ("/asab/service/config", test_config);

  return g_test_run ();
}
