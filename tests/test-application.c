/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "program.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>

/* An application that prints what happens to it, and fails, hangs or stops where it is told to. */
#define TEST_TYPE_APPLICATION (test_application_get_type ())
G_DECLARE_FINAL_TYPE (TestApplication, test_application, TEST, APPLICATION, AsabApplication)

typedef enum
{
  STEP_NULL,
  STEP_RESOLVE,
  STEP_FAIL,
  STEP_HANG,
  STEP_STOP,
  STEP_DEAF, /* hangs even when it is cancelled */
} Step;

struct _TestApplication
{
  AsabApplication parent_instance;

  Step initialize;
  Step main;
  Step terminate;
  AsabPromise *hanging;
};

G_DEFINE_FINAL_TYPE (TestApplication, test_application, ASAB_TYPE_APPLICATION)

static gboolean
sleep_deaf (gpointer   data,
            GValue    *result,
            GError   **error)
{
  g_auto(AsabShield) shield G_GNUC_UNUSED = asab_shield_begin ();

  return asab_fiber_sleep (G_MAXINT, error);
}

static AsabFuture *
take_step (TestApplication *self,
           Step             step,
           const char      *name)
{
  g_print ("%s\n", name);

  switch (step)
    {
    case STEP_RESOLVE:
      return asab_future_new_resolved (NULL);
    case STEP_FAIL:
      return asab_future_new_take_error (g_error_new (G_IO_ERROR, G_IO_ERROR_FAILED, "%s is broken", name));
    case STEP_HANG:
      self->hanging = asab_promise_new ();
      return asab_future_ref (asab_promise_get_future (self->hanging));
    case STEP_DEAF:
      return asab_spawn (sleep_deaf, NULL, NULL);
    case STEP_STOP:
      asab_application_stop (ASAB_APPLICATION (self), 0);
      return NULL;
    case STEP_NULL:
    default:
      return NULL;
    }
}

static AsabFuture *
test_application_initialize (AsabApplication *application)
{
  TestApplication *self = TEST_APPLICATION (application);

  return take_step (self, self->initialize, "initialize");
}

static AsabFuture *
test_application_main (AsabApplication *application)
{
  TestApplication *self = TEST_APPLICATION (application);

  return take_step (self, self->main, "main");
}

static AsabFuture *
test_application_terminate (AsabApplication *application)
{
  TestApplication *self = TEST_APPLICATION (application);

  return take_step (self, self->terminate, "terminate");
}

static void
test_application_finalize (GObject *object)
{
  g_clear_pointer (&TEST_APPLICATION (object)->hanging, asab_promise_unref);

  G_OBJECT_CLASS (test_application_parent_class)->finalize (object);
}

static void
test_application_class_init (TestApplicationClass *klass)
{
  AsabApplicationClass *application_class = ASAB_APPLICATION_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = test_application_finalize;
  application_class->initialize = test_application_initialize;
  application_class->main = test_application_main;
  application_class->terminate = test_application_terminate;
}

static AsabFuture *
print_message_cb (AsabPubSub   *bus,
                  AsabMessage  *message,
                  gpointer      user_data,
                  GError      **error)
{
  AsabApplication *application = user_data;
  const char *type = asab_message_get_message_type (message);

  if (asab_message_get_n_args (message) > 0)
    g_print ("%s %d\n", type, (int) asab_message_get_int64 (message, 0));
  else
    g_print ("%s phase %d\n", type, asab_application_get_phase (application));

  return NULL;
}

static void
test_application_init (TestApplication *self)
{
  static const char *const messages[] = { "init", "run", "stop", "exit", "hup" };
  AsabPubSub *bus = asab_application_get_pubsub (ASAB_APPLICATION (self));

  for (gsize i = 0; i < G_N_ELEMENTS (messages); i++)
    {
      g_autofree char *type = g_strdup_printf ("Application.%s!", messages[i]);

      asab_pubsub_subscribe (bus, type, print_message_cb, self, NULL);
    }
}

/* Programs {{{1 */

/* The first argument tells the steps: n(ull), r(esolve), f(ail), h(ang), s(top), d(eaf). */
static Step
parse_step (char c)
{
  switch (c)
    {
    case 'r':
      return STEP_RESOLVE;
    case 'f':
      return STEP_FAIL;
    case 'h':
      return STEP_HANG;
    case 's':
      return STEP_STOP;
    case 'd':
      return STEP_DEAF;
    default:
      return STEP_NULL;
    }
}

static TestApplication *
test_application_new (const char *steps)
{
  TestApplication *self = g_object_new (TEST_TYPE_APPLICATION, NULL);

  self->initialize = parse_step (steps[0]);
  self->main = parse_step (steps[1]);
  self->terminate = parse_step (steps[2]);

  return self;
}

static int
run_to_end (AsabApplication *application)
{
  char *argv[] = { (char *) "test", NULL };
  int status = asab_application_run (application, 1, argv);

  g_assert_cmpint (asab_application_get_phase (application), ==, ASAB_APPLICATION_PHASE_DONE);
  g_assert_cmpint (asab_application_get_exit_code (application), ==, status);
  g_assert_finalize_object (application);
  g_assert_null (asab_application_get_default ());

  return status;
}

static int
steps_program (int    argc,
               char **argv)
{
  program_use_fast_clock ();

  return run_to_end (ASAB_APPLICATION (test_application_new (argv[1])));
}

static gboolean
stop_cb (gpointer user_data)
{
  asab_application_stop (user_data, 3);

  return G_SOURCE_REMOVE;
}

/* Stops from outside, as often as the second argument says, a timeout of its own apart. */
static int
stop_program (int    argc,
              char **argv)
{
  TestApplication *self = test_application_new (argv[1]);

  for (int i = 0; i < atoi (argv[2]); i++)
    g_timeout_add (i, stop_cb, self);

  return run_to_end (ASAB_APPLICATION (self));
}

static gboolean
raise_cb (gpointer user_data)
{
  raise (GPOINTER_TO_INT (user_data));

  return G_SOURCE_REMOVE;
}

static int
signal_program (int    argc,
                char **argv)
{
  TestApplication *self = test_application_new ("nnn");
  struct sigaction action = { .sa_handler = SIG_IGN };
  int status;

  sigaction (SIGINT, &action, NULL);
  for (int i = 1; i < argc; i++)
    g_idle_add (raise_cb, GINT_TO_POINTER (atoi (argv[i])));
  status = run_to_end (ASAB_APPLICATION (self));

  sigaction (SIGINT, NULL, &action);
  g_assert_true (action.sa_handler == SIG_IGN);

  return status;
}

static gboolean
raise_three_cb (gpointer user_data)
{
  for (int i = 0; i < 3; i++)
    raise (SIGTERM);

  return G_SOURCE_REMOVE;
}

static int
kill_program (int    argc,
              char **argv)
{
  g_idle_add (raise_three_cb, NULL);

  return run_to_end (ASAB_APPLICATION (test_application_new ("nnn")));
}

static gboolean
quit_cb (gpointer user_data)
{
  g_application_quit (user_data);

  return G_SOURCE_REMOVE;
}

static int
quit_program (int    argc,
              char **argv)
{
  TestApplication *self = test_application_new ("rhr");

  program_use_fast_clock ();
  g_idle_add_full (G_PRIORITY_LOW - 1, quit_cb, self, NULL);

  return run_to_end (ASAB_APPLICATION (self));
}

static int
second_program (int    argc,
                char **argv)
{
  TestApplication *first = test_application_new ("nsn");
  TestApplication *second = test_application_new ("nsn");
  char *arguments[] = { (char *) "test", NULL };

  g_assert_true (asab_application_get_default () == ASAB_APPLICATION (first));
  g_print ("second %d\n", asab_application_run (ASAB_APPLICATION (second), 1, arguments));
  g_assert_finalize_object (second);
  g_print ("first %d\n", asab_application_run (ASAB_APPLICATION (first), 1, arguments));
  g_print ("again %d\n", asab_application_run (ASAB_APPLICATION (first), 1, arguments));
  g_assert_finalize_object (first);

  return 0;
}

static int
exit_code_program (int    argc,
                   char **argv)
{
  AsabApplication *self = asab_application_new (NULL, G_APPLICATION_NON_UNIQUE);

  asab_application_set_exit_code (self, 5, FALSE);
  asab_application_set_exit_code (self, 2, FALSE);
  g_assert_cmpint (asab_application_get_exit_code (self), ==, 5);
  asab_application_set_exit_code (self, 1, TRUE);
  g_assert_cmpint (asab_application_get_exit_code (self), ==, 1);

  /* Init-time finds that it was stopped before. */
  asab_application_stop (self, 4);

  return run_to_end (self);
}

static gboolean
count_timer_cb (gpointer user_data)
{
  g_print ("timer %d\n", asab_timer_is_started (user_data));

  return G_SOURCE_REMOVE;
}

static AsabFuture *
ignore_timer_cb (AsabTimer *timer,
                 gpointer   user_data)
{
  return NULL;
}

static int
timer_program (int    argc,
               char **argv)
{
  TestApplication *self = test_application_new ("nnn");
  g_autoptr(AsabTimer) timer = asab_timer_new (ignore_timer_cb, NULL, NULL, TRUE);

  g_assert_true (asab_timer_start (timer, 1000, NULL));
  asab_application_add_timer (ASAB_APPLICATION (self), timer);
  asab_application_add_timer (ASAB_APPLICATION (self), timer);
  count_timer_cb (timer);
  asab_application_stop (ASAB_APPLICATION (self), 0);
  count_timer_cb (timer);

  return run_to_end (ASAB_APPLICATION (self));
}

/* Hooks {{{1 */

static gboolean
hook_initialize (AsabApplication  *application,
                 GError          **error)
{
  g_print ("initialize %s\n", (const char *) asab_hooks_get_data (application));

  return asab_fiber_sleep (0, error);
}

static gboolean
hook_main (AsabApplication  *application,
           GError          **error)
{
  if (!asab_fiber_sleep (0, error))
    return FALSE;

  g_print ("main\n");
  asab_application_stop (application, 0);

  return TRUE;
}

static gboolean
hook_terminate (AsabApplication  *application,
                GError          **error)
{
  g_print ("terminate\n");
  if (asab_hooks_get_data (application) != NULL)
    return TRUE;

  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, "no data");

  return FALSE;
}

static int
hooks_program (int    argc,
               char **argv)
{
  static char *greeting;
  const GOptionEntry options[] = {
    { "greeting", 'g', 0, G_OPTION_ARG_STRING, &greeting, "What to say", "TEXT" },
    { NULL },
  };
  int status = asab_run (argc, argv, .description = "Tests hooks.\nIn two lines.", .version = "1.2", .options = options,
                         .initialize = hook_initialize, .main = hook_main, .terminate = hook_terminate,
                         .data = (gpointer) "data");

  g_print ("greeting %s\n", greeting);
  g_free (greeting);

  return status;
}

static gboolean
hook_fail (AsabApplication  *application,
           GError          **error)
{
  return FALSE;
}

static int
hook_fail_program (int    argc,
                   char **argv)
{
  return asab_run (argc, argv, .main = hook_fail);
}

static gboolean
write_and_reload (AsabApplication  *application,
                  const char       *text,
                  GError          **error)
{
  AsabConfig *config = asab_application_get_config (application);
  g_autofree char *value = NULL;
  gboolean succeeded;

  g_assert_true (g_file_set_contents (asab_hooks_get_data (application), text, -1, NULL));
  succeeded = asab_application_reload (application, error);
  value = asab_config_get_string (config, "test", "key", NULL);
  g_print ("reload %d key %s verbose %d\n", succeeded, value, asab_log_get_threshold () == G_LOG_LEVEL_DEBUG);

  return succeeded;
}

static gboolean
reload_main (AsabApplication  *application,
             GError          **error)
{
  AsabPubSub *bus = asab_application_get_pubsub (application);
  g_autoptr(GError) local_error = NULL;

  asab_pubsub_subscribe (bus, "Application.hup!", print_message_cb, application, NULL);
  g_assert_true (write_and_reload (application, "[test]\nkey=2\n[logging]\nverbose=yes\n", error));
  g_assert_false (write_and_reload (application, "[test]\nkey=3\nbroken", &local_error));
  g_assert_error (local_error, ASAB_CONFIG_ERROR, ASAB_CONFIG_ERROR_PARSE);
  asab_application_stop (application, 0);

  return TRUE;
}

static int
reload_program (int    argc,
                char **argv)
{
  return asab_run (argc, argv, .main = reload_main, .data = argv[2]);
}

/* Counts ticks through a change of their period. */
static AsabFuture *
count_tick_cb (AsabPubSub   *bus,
               AsabMessage  *message,
               gpointer      user_data,
               GError      **error)
{
  AsabApplication *application = user_data;
  static int n_ticks;

  g_print ("tick %g\n", (double) asab_get_time () / G_USEC_PER_SEC);
  if (++n_ticks == 2)
    {
      g_assert_true (asab_config_set_string (asab_application_get_config (application), "general", "tick_period", "5",
                                             NULL));
    }
  else if (n_ticks == 4)
    {
      asab_application_stop (application, 0);
    }

  return NULL;
}

static int
tick_program (int    argc,
              char **argv)
{
  TestApplication *self = test_application_new ("nnn");

  program_use_fast_clock ();
  asab_pubsub_subscribe (asab_application_get_pubsub (ASAB_APPLICATION (self)), "Application.tick!", count_tick_cb,
                         self, NULL);

  return run_to_end (ASAB_APPLICATION (self));
}

/* Tests {{{1 */

#define INIT "initialize\nApplication.init! phase 1\n"
#define RUN "Application.run! phase 2\nmain\n"
#define EXIT "Application.exit! phase 3\n"

static void
assert_steps (const char *steps,
              int         status,
              const char *output,
              const char *errors)
{
  g_auto(ProgramResult) result = PROGRAM_RESULT_INIT;

  program_run (&result, "steps", steps, NULL);
  program_assert (&result, status, output);
  if (errors == NULL)
    g_assert_cmpstr (result.errors, ==, "");
  else
    program_assert_errors (&result, errors);
}

static void
test_phases (void)
{
  assert_steps ("nsn", 0, INIT RUN "Application.stop! 1\n" EXIT "terminate\n", NULL);
  assert_steps ("rsr", 0, INIT RUN "Application.stop! 1\n" EXIT "terminate\n", NULL);
}

static void
test_initialize_fails (void)
{
  assert_steps ("fss", 1, "initialize\n" EXIT,
                "ERROR asab The application failed to initialize: initialize is broken\n");
}

static void
test_initialize_hangs (void)
{
  assert_steps ("hss", 1, "initialize\n" EXIT, "ERROR asab The application was not ready in time\n");
}

static void
test_main_fails (void)
{
  assert_steps ("nfn", 1, INIT RUN EXIT "terminate\n", "ERROR asab The main function failed: main is broken\n");
}

static void
test_terminate_fails (void)
{
  assert_steps ("nsf", 1, INIT RUN "Application.stop! 1\n" EXIT "terminate\n",
                "ERROR asab The application failed to terminate: terminate is broken\n");
}

static void
test_terminate_hangs (void)
{
  assert_steps ("nsh", 1, INIT RUN "Application.stop! 1\n" EXIT "terminate\n",
                "ERROR asab The application did not terminate in time\n");
}

static void
test_stop_at_init_time (void)
{
  assert_steps ("snn", 0, "initialize\nApplication.stop! 1\n" EXIT "terminate\n", NULL);
}

/* A stop cancels a step of init-time that hangs. */
static void
test_stop_initialize (void)
{
  g_auto(ProgramResult) result = PROGRAM_RESULT_INIT;

  program_run (&result, "stop", "hnn", "1", NULL);
  program_assert (&result, 3, "initialize\nApplication.stop! 1\n" EXIT);
  g_assert_cmpstr (result.errors, ==, "");
}

/* main() that has not ended at a stop is cancelled by a second one … */
static void
test_stop_main (void)
{
  g_auto(ProgramResult) result = PROGRAM_RESULT_INIT;

  program_run (&result, "stop", "nhn", "2", NULL);
  program_assert (&result, 3, INIT RUN "Application.stop! 1\nApplication.stop! 2\n" EXIT "terminate\n");
  g_assert_cmpstr (result.errors, ==, "");
}

/* … and a third one ends the process. */
static void
test_stop_at_once (void)
{
  g_auto(ProgramResult) result = PROGRAM_RESULT_INIT;

  program_run (&result, "stop", "ndn", "3", NULL);
  g_assert_cmpint (result.status, ==, 70);
  program_assert_errors (&result, "Emergency exit");
}

/* Without a second stop, main() is cancelled after a while, and then left behind. */
static void
test_main_hangs (void)
{
  g_auto(ProgramResult) result = PROGRAM_RESULT_INIT;

  program_run (&result, "quit", NULL);
  program_assert (&result, 0, INIT RUN "Application.stop! 1\n" EXIT "terminate\n");
  g_assert_cmpstr (result.errors, ==, "");
}

static void
test_signals (void)
{
  static const int signals[] = { SIGINT, SIGTERM };

  for (gsize i = 0; i < G_N_ELEMENTS (signals); i++)
    {
      g_auto(ProgramResult) result = PROGRAM_RESULT_INIT;
      g_autofree char *number = g_strdup_printf ("%d", signals[i]);

      program_run (&result, "signal", number, NULL);
      g_assert_cmpint (result.status, ==, 0);
      g_assert_nonnull (strstr (result.output, "Application.stop! 1\n" EXIT));
      g_assert_cmpstr (result.errors, ==, "");
    }
}

static void
test_hang_up (void)
{
  g_auto(ProgramResult) result = PROGRAM_RESULT_INIT;
  g_autofree char *hup = g_strdup_printf ("%d", SIGHUP);
  g_autofree char *term = g_strdup_printf ("%d", SIGTERM);

  program_run (&result, "signal", hup, hup, term, NULL);
  g_assert_cmpint (result.status, ==, 0);
  g_assert_nonnull (strstr (result.output, "Application.hup!"));
  g_assert_nonnull (strstr (result.output, "Application.stop! 1\n"));
}

static void
test_three_signals (void)
{
  g_auto(ProgramResult) result = PROGRAM_RESULT_INIT;

  program_run (&result, "kill", NULL);
  g_assert_cmpint (result.status, ==, 70);
}

static void
test_second_object (void)
{
  g_auto(ProgramResult) result = PROGRAM_RESULT_INIT;

  program_run (&result, "second", NULL);
  program_assert (&result, 0,
                  "second 70\n" INIT RUN "Application.stop! 1\n" EXIT "terminate\nfirst 0\nagain 70\n");
  program_assert_errors (&result, "There can be one application in a process");
  program_assert_errors (&result, "There can be one application in a process, and it runs once\n");
}

static void
test_exit_code (void)
{
  g_auto(ProgramResult) result = PROGRAM_RESULT_INIT;

  program_run (&result, "exit-code", NULL);
  program_assert (&result, 4, "");
}

static void
test_timer (void)
{
  g_auto(ProgramResult) result = PROGRAM_RESULT_INIT;

  program_run (&result, "timer", NULL);
  program_assert (&result, 0, "timer 1\nApplication.stop! 1\ntimer 0\n" EXIT);
}

static void
test_hooks (void)
{
  g_auto(ProgramResult) result = PROGRAM_RESULT_INIT;

  program_run (&result, "hooks", "--greeting", "hi", NULL);
  program_assert (&result, 0, "initialize data\nmain\nterminate\ngreeting hi\n");
  g_assert_cmpstr (result.errors, ==, "");

  program_run (&result, "hook-fail", NULL);
  program_assert (&result, 1, "");
  program_assert_errors (&result, "ERROR asab The main function failed: ");
}

static void
test_reload (void)
{
  g_auto(ProgramResult) result = PROGRAM_RESULT_INIT;
  g_autofree char *path = program_write_file ("[test]\nkey=1\n");

  program_run (&result, "reload", "-c", path, NULL);
  program_assert (&result, 0,
                  "Application.hup! phase 2\nreload 1 key 2 verbose 1\n"
                  "Application.hup! phase 2\nreload 0 key 2 verbose 1\n");
  g_assert_no_errno (g_unlink (path));
}

static void
test_tick (void)
{
  g_auto(ProgramResult) result = PROGRAM_RESULT_INIT;

  program_run (&result, "tick", NULL);
  program_assert (&result, 0,
                  INIT RUN "tick 1\ntick 2\ntick 7\ntick 12\nApplication.stop! 1\n" EXIT "terminate\n");
}

int
main (int    argc,
      char **argv)
{
  static const Program programs[] = {
    { "exit-code", exit_code_program }, { "hook-fail", hook_fail_program }, { "hooks", hooks_program },
    { "kill", kill_program },           { "quit", quit_program },           { "reload", reload_program },
    { "second", second_program },       { "signal", signal_program },       { "steps", steps_program },
    { "stop", stop_program },           { "tick", tick_program },           { "timer", timer_program },
  };
  int status;

  if (program_main (programs, G_N_ELEMENTS (programs), argc, argv, &status))
    return status;

  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/asab/application/phases", test_phases);
  g_test_add_func ("/asab/application/initialize-fails", test_initialize_fails);
  g_test_add_func ("/asab/application/initialize-hangs", test_initialize_hangs);
  g_test_add_func ("/asab/application/main-fails", test_main_fails);
  g_test_add_func ("/asab/application/main-hangs", test_main_hangs);
  g_test_add_func ("/asab/application/terminate-fails", test_terminate_fails);
  g_test_add_func ("/asab/application/terminate-hangs", test_terminate_hangs);
  g_test_add_func ("/asab/application/stop/at-init-time", test_stop_at_init_time);
  g_test_add_func ("/asab/application/stop/initialize", test_stop_initialize);
  g_test_add_func ("/asab/application/stop/main", test_stop_main);
  g_test_add_func ("/asab/application/stop/at-once", test_stop_at_once);
  g_test_add_func ("/asab/application/signals", test_signals);
  g_test_add_func ("/asab/application/hang-up", test_hang_up);
  g_test_add_func ("/asab/application/three-signals", test_three_signals);
  g_test_add_func ("/asab/application/second-object", test_second_object);
  g_test_add_func ("/asab/application/exit-code", test_exit_code);
  g_test_add_func ("/asab/application/timer", test_timer);
  g_test_add_func ("/asab/application/hooks", test_hooks);
  g_test_add_func ("/asab/application/reload", test_reload);
  g_test_add_func ("/asab/application/tick", test_tick);

  return g_test_run ();
}
