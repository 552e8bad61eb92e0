/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Nurseries in an application. */

#include "program.h"

#include <math.h>
#include <signal.h>

/* An application that prints when it terminates. */
#define TEST_TYPE_APPLICATION (test_application_get_type ())
G_DECLARE_FINAL_TYPE (TestApplication, test_application, TEST, APPLICATION, AsabApplication)

struct _TestApplication
{
  AsabApplication parent_instance;

  AsabAsyncFunc exit_func; /* pushed on the nursery … */
  AsabFiberFunc task_func; /* … which has this task */
};

G_DEFINE_FINAL_TYPE (TestApplication, test_application, ASAB_TYPE_APPLICATION)

static AsabFuture *
test_application_main (AsabApplication *application)
{
  TestApplication *self = TEST_APPLICATION (application);
  g_autoptr(AsabTaskNursery) nursery = asab_task_nursery_new ("Foo");

  asab_task_nursery_push_callback (nursery, self->exit_func, NULL, NULL, NULL);
  asab_future_unref (asab_task_nursery_spawn (nursery, "task", self->task_func, self, NULL, NULL));

  return NULL;
}

static AsabFuture *
test_application_terminate (AsabApplication *application G_GNUC_UNUSED)
{
  g_print ("terminate\n");

  return NULL;
}

static void
test_application_class_init (TestApplicationClass *klass)
{
  AsabApplicationClass *application_class = ASAB_APPLICATION_CLASS (klass);

  application_class->main = test_application_main;
  application_class->terminate = test_application_terminate;
}

static void
test_application_init (TestApplication *self G_GNUC_UNUSED)
{
}

static AsabFuture *
print_exit (gpointer   data G_GNUC_UNUSED,
            GError   **error G_GNUC_UNUSED)
{
  g_print ("exit\n");

  return NULL;
}

static AsabFuture *
hang_exit (gpointer   data G_GNUC_UNUSED,
           GError   **error G_GNUC_UNUSED)
{
  return asab_sleep (G_MAXINT);
}

static gboolean
raise_and_wait (gpointer   data G_GNUC_UNUSED,
                GValue    *result G_GNUC_UNUSED,
                GError   **error)
{
  gboolean woken;

  raise (SIGTERM);
  woken = asab_fiber_sleep (INFINITY, error);
  g_print ("cancelled\n");

  return woken;
}

static gboolean
fail (gpointer   data G_GNUC_UNUSED,
      GValue    *result G_GNUC_UNUSED,
      GError   **error)
{
  g_set_error_literal (error, ASAB_ERROR, ASAB_ERROR_FAILED, "It is broken");

  return FALSE;
}

static int
run (AsabAsyncFunc exit_func,
     AsabFiberFunc task_func)
{
  char *argv[] = { (char *) "test", NULL };
  g_autoptr(TestApplication) self = g_object_new (TEST_TYPE_APPLICATION, NULL);

  program_use_fast_clock ();
  self->exit_func = exit_func;
  self->task_func = task_func;

  return asab_application_run (ASAB_APPLICATION (self), 1, argv);
}

static int
signal_program (int    argc G_GNUC_UNUSED,
                char **argv G_GNUC_UNUSED)
{
  return run (print_exit, raise_and_wait);
}

static int
fail_program (int    argc G_GNUC_UNUSED,
              char **argv G_GNUC_UNUSED)
{
  return run (print_exit, fail);
}

static int
hang_program (int    argc G_GNUC_UNUSED,
              char **argv G_GNUC_UNUSED)
{
  return run (hang_exit, raise_and_wait);
}

/* The nurseries of an application are closed when its exit-time begins. */
static void
test_signal (void)
{
  g_auto(ProgramResult) result = PROGRAM_RESULT_INIT;

  program_run (&result, "signal", NULL);
  program_assert (&result, 0, "exit\ncancelled\nterminate\n");
}

/* A task that fails stops the application. */
static void
test_task_fails (void)
{
  g_auto(ProgramResult) result = PROGRAM_RESULT_INIT;

  program_run (&result, "fail", NULL);
  program_assert (&result, 1, "exit\nterminate\n");
  program_assert_errors (&result, "The task “task:Foo” of the nursery “Foo” has failed: It is broken");
}

/* A nursery that cannot be closed is left behind. */
static void
test_hangs (void)
{
  g_auto(ProgramResult) result = PROGRAM_RESULT_INIT;

  program_run (&result, "hang", NULL);
  g_assert_cmpint (result.status, ==, 1);
  program_assert_errors (&result, "The nurseries did not terminate in time");
}

int
main (int    argc,
      char **argv)
{
  static const Program programs[] = {
    { "fail", fail_program },
    { "hang", hang_program },
    { "signal", signal_program },
  };
  int status;

  if (program_main (programs, G_N_ELEMENTS (programs), argc, argv, &status))
    return status;

  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/asab/application-nursery/signal", test_signal);
  g_test_add_func ("/asab/application-nursery/task-fails", test_task_fails);
  g_test_add_func ("/asab/application-nursery/hangs", test_hangs);

  return g_test_run ();
}
