/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "program.h"

#include <glib/gstdio.h>
#include <string.h>

/* A module that brings a service. */
#define TEST_TYPE_MODULE (test_module_get_type ())
G_DECLARE_FINAL_TYPE (TestModule, test_module, TEST, MODULE, AsabModule)

struct _TestModule
{
  AsabModule parent_instance;
};

G_DEFINE_FINAL_TYPE (TestModule, test_module, ASAB_TYPE_MODULE)

static void
test_module_constructed (GObject *object)
{
  AsabApplication *application = asab_component_get_application (ASAB_COMPONENT (object));

  g_object_unref (g_object_new (ASAB_TYPE_SERVICE, "application", application, "name", "brought", NULL));

  G_OBJECT_CLASS (test_module_parent_class)->constructed (object);
}

static AsabFuture *
test_module_initialize (AsabComponent   *component,
                        AsabApplication *application)
{
  g_autoptr(AsabFuture) brought = asab_component_require_service (component, "brought");

  g_print ("%s initialize, service ready %d\n", asab_component_get_name (component),
           asab_future_is_resolved (brought));

  return NULL;
}

static void
test_module_class_init (TestModuleClass *klass)
{
  G_OBJECT_CLASS (klass)->constructed = test_module_constructed;
  ASAB_COMPONENT_CLASS (klass)->initialize = test_module_initialize;
}

static void
test_module_init (TestModule *self)
{
}

static gboolean
stop_main (AsabApplication  *application,
           GError          **error)
{
  g_autoptr(GPtrArray) modules = asab_application_list_modules (application);

  for (guint i = 0; i < modules->len; i++)
    g_print ("module %s\n", asab_component_get_name (modules->pdata[i]));
  asab_application_stop (application, 0);

  return TRUE;
}

static gboolean
add_twice (AsabApplication  *application,
           GError          **error)
{
  AsabModule *module = asab_application_add_module (application, TEST_TYPE_MODULE, error);

  g_assert_nonnull (module);
  g_assert_true (asab_application_add_module (application, TEST_TYPE_MODULE, error) == module);
  g_assert_true (asab_application_add_module (application, ASAB_TYPE_MODULE, error) == module);

  return TRUE;
}

static int
add_program (int    argc,
             char **argv)
{
  return asab_run (argc, argv, .initialize = add_twice, .main = stop_main);
}

static gboolean
load_named (AsabApplication  *application,
            GError          **error)
{
  const char *name = asab_hooks_get_data (application);
  AsabModule *module = asab_application_load_module (application, name, error);

  return module != NULL && asab_application_load_module (application, name, error) == module;
}

static int
load_program (int    argc,
              char **argv)
{
  char *arguments[] = { argv[0], NULL };

  return asab_run (1, arguments, .initialize = load_named, .main = stop_main, .data = argv[1]);
}

static int
config_program (int    argc,
                char **argv)
{
  return asab_run (argc, argv, .main = stop_main);
}

static void
test_add (void)
{
  g_auto(ProgramResult) result = PROGRAM_RESULT_INIT;

  program_run (&result, "add", NULL);
  program_assert (&result, 0, "TestModule initialize, service ready 1\nmodule TestModule\n");
  g_assert_cmpstr (result.errors, ==, "");
}

static void
test_load (void)
{
  g_auto(ProgramResult) result = PROGRAM_RESULT_INIT;
  g_autofree char *path = g_test_build_filename (G_TEST_BUILT, "libsample-module.so", NULL);

  program_set_env ("ASAB_MODULE_PATH", g_test_get_dir (G_TEST_BUILT));
  program_run (&result, "load", "sample-module", NULL);
  program_assert (&result, 0, "sample initialize\nmodule SampleModule\n");
  g_assert_cmpstr (result.errors, ==, "");

  program_run (&result, "load", path, NULL);
  program_assert (&result, 0, "sample initialize\nmodule SampleModule\n");
}

static void
test_config (void)
{
  g_auto(ProgramResult) result = PROGRAM_RESULT_INIT;
  g_autofree char *good = program_write_file ("[general]\nmodules=sample-module\n");
  g_autofree char *bad = program_write_file ("[general]\nmodules=sample-module missing\n");

  program_set_env ("ASAB_MODULE_PATH", g_test_get_dir (G_TEST_BUILT));
  program_run (&result, "config", "-c", good, NULL);
  program_assert (&result, 0, "sample initialize\nmodule SampleModule\n");

  program_set_env ("ASAB_MODULE_PATH", g_test_get_dir (G_TEST_BUILT));
  program_run (&result, "config", "-c", bad, NULL);
  program_assert (&result, 1, "");
  program_assert_errors (&result, " ERROR asab There is no module “missing”, tried: ");

  g_assert_no_errno (g_unlink (good));
  g_assert_no_errno (g_unlink (bad));
}

static void
test_missing (void)
{
  g_auto(ProgramResult) result = PROGRAM_RESULT_INIT;

  program_set_env ("ASAB_MODULE_PATH", "/nowhere:/elsewhere");
  program_run (&result, "load", "missing", NULL);
  program_assert (&result, 1, "");
  program_assert_errors (&result,
                         " ERROR asab The application failed to initialize: There is no module “missing”, tried: "
                         "/nowhere/libmissing.so, /elsewhere/libmissing.so, /");
}

static void
test_no_module (void)
{
  g_auto(ProgramResult) result = PROGRAM_RESULT_INIT;

  program_set_env ("ASAB_MODULE_PATH", g_test_get_dir (G_TEST_BUILT));
  program_run (&result, "load", "empty-module", NULL);
  program_assert (&result, 1, "");
  program_assert_errors (&result, "libempty-module.so” is no module: it has no asab_module_entry()\n");

  program_set_env ("ASAB_MODULE_PATH", g_test_get_dir (G_TEST_BUILT));
  program_run (&result, "load", "strange-module", NULL);
  program_assert (&result, 1, "");
  program_assert_errors (&result, "libstrange-module.so” is no module: its type is GObject\n");
}

int
main (int    argc,
      char **argv)
{
  static const Program programs[] = {
    { "add", add_program },
    { "config", config_program },
    { "load", load_program },
  };
  int status;

  if (program_main (programs, G_N_ELEMENTS (programs), argc, argv, &status))
    return status;

  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/asab/module/add", test_add);
  g_test_add_func ("/asab/module/load", test_load);
  g_test_add_func ("/asab/module/config", test_config);
  g_test_add_func ("/asab/module/missing", test_missing);
  g_test_add_func ("/asab/module/no-module", test_no_module);

  return g_test_run ();
}
