/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "program.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>

#define THRESHOLD "[application]\nstall_threshold = 0.02\n"
#define LONG_USEC 100000

/* Works for a while, as far as the system's clock is concerned. */
static void
work (gint64 usec)
{
  gint64 end = g_get_monotonic_time () + usec;

  while (g_get_monotonic_time () < end)
    ;
}

static gboolean
work_long (AsabApplication  *application,
           GError          **error G_GNUC_UNUSED)
{
  work (LONG_USEC);
  asab_application_stop (application, 0);

  return TRUE;
}

static int
fiber_program (int    argc,
               char **argv)
{
  return asab_run (argc, argv, .main = work_long);
}

static gboolean
add_named_source (AsabApplication *application,
                  GSourceFunc      func)
{
  g_autoptr(GSource) source = g_idle_source_new ();

  g_source_set_static_name (source, "the culprit");
  g_source_set_callback (source, func, application, NULL);
  g_source_attach (source, NULL);

  return TRUE;
}

static gboolean
source_cb (gpointer user_data)
{
  work (LONG_USEC);
  asab_application_stop (user_data, 0);

  return G_SOURCE_REMOVE;
}

static gboolean
add_source (AsabApplication  *application,
            GError          **error G_GNUC_UNUSED)
{
  return add_named_source (application, source_cb);
}

static int
source_program (int    argc,
                char **argv)
{
  return asab_run (argc, argv, .main = add_source);
}

/* Stands still until that is in the log. */
static gboolean
wait_for_report (AsabApplication  *application,
                 GError          **error)
{
  AsabConfig *config = asab_application_get_config (application);
  g_autofree char *path = asab_config_get_string (config, "logging:file", "path", NULL);
  gboolean is_reported;

  do
    {
      g_autofree char *text = NULL;

      if (!g_file_get_contents (path, &text, NULL, error))
        return FALSE;
      is_reported = strstr (text, "has stood still") != NULL;
    }
  while (!is_reported);
  asab_application_stop (application, 0);

  return TRUE;
}

static int
lasting_program (int    argc,
                 char **argv)
{
  return asab_run (argc, argv, .main = wait_for_report);
}

/* A callback whose nested loop rests does not stand still; one that works beside that does. */

static gboolean
quit_cb (gpointer user_data)
{
  g_main_loop_quit (user_data);

  return G_SOURCE_REMOVE;
}

static gboolean
nested_cb (gpointer user_data)
{
  g_autoptr(GMainLoop) loop = g_main_loop_new (NULL, FALSE);

  g_timeout_add (LONG_USEC / 1000, quit_cb, loop);
  g_main_loop_run (loop);
  asab_application_stop (user_data, 0);

  return G_SOURCE_REMOVE;
}

static gboolean
nested_then_long_cb (gpointer user_data)
{
  nested_cb (user_data);
  work (LONG_USEC);

  return G_SOURCE_REMOVE;
}

static gboolean
add_nested (AsabApplication  *application,
            GError          **error G_GNUC_UNUSED)
{
  return add_named_source (application, nested_cb);
}

static int
nested_program (int    argc,
                char **argv)
{
  return asab_run (argc, argv, .main = add_nested);
}

static gboolean
add_nested_then_long (AsabApplication  *application,
                      GError          **error G_GNUC_UNUSED)
{
  return add_named_source (application, nested_then_long_cb);
}

static int
nested_then_long_program (int    argc,
                          char **argv)
{
  return asab_run (argc, argv, .main = add_nested_then_long);
}

/* Many short turns take longer than a threshold together, but none of them does. */
static gboolean
short_turn_cb (gpointer user_data)
{
  static int n_turns;

  work (1000);
  if (++n_turns < 100)
    return G_SOURCE_CONTINUE;

  asab_application_stop (user_data, 0);

  return G_SOURCE_REMOVE;
}

static gboolean
add_short_turns (AsabApplication  *application,
                 GError          **error G_GNUC_UNUSED)
{
  g_idle_add (short_turn_cb, application);

  return TRUE;
}

static int
busy_program (int    argc,
              char **argv)
{
  return asab_run (argc, argv, .main = add_short_turns);
}

static void
ignore_signal (int signal_number G_GNUC_UNUSED)
{
}

/* Somebody else was here first. */
static int
taken_program (int    argc,
               char **argv)
{
  int status;

  signal (SIGURG, ignore_signal);
  status = asab_run (argc, argv, .main = work_long);
  g_assert_true (signal (SIGURG, SIG_DFL) == ignore_signal);

  return status;
}

/* Leaves the signal and poll() as they were. */
static int
tidy_program (int    argc,
              char **argv)
{
  GPollFunc poll_func = g_main_context_get_poll_func (NULL);
  int status = asab_run (argc, argv, .main = work_long);

  g_assert_true (g_main_context_get_poll_func (NULL) == poll_func);
  g_assert_true (signal (SIGURG, SIG_DFL) == SIG_DFL);

  return status;
}

static guint n_polls;

static int
counting_poll (GPollFD *fds,
               guint    n_fds,
               int      timeout)
{
  n_polls++;

  return g_poll (fds, n_fds, timeout);
}

static gboolean
stop_cb (gpointer user_data)
{
  asab_application_stop (user_data, 0);

  return G_SOURCE_REMOVE;
}

static gboolean
rest (AsabApplication  *application,
      GError          **error G_GNUC_UNUSED)
{
  n_polls = 0;
  g_timeout_add (30 * 20, stop_cb, application);

  return TRUE;
}

/* A loop that rests for thirty thresholds is not woken thirty times. */
static int
resting_program (int    argc,
                 char **argv)
{
  int status;

  g_main_context_set_poll_func (NULL, counting_poll);
  status = asab_run (argc, argv, .main = rest);
  g_assert_cmpuint (n_polls, <, 15);

  return status;
}

static void
run (ProgramResult *result,
     const char    *program,
     const char    *configuration)
{
  g_autofree char *path = program_write_file (configuration);

  program_run (result, program, "-c", path, NULL);
  program_assert (result, 0, "");
  g_assert_no_errno (g_unlink (path));
}

static void
assert_stalled (const char *program,
                const char *culprit)
{
  g_auto(ProgramResult) result = PROGRAM_RESULT_INIT;
  g_autoptr(GRegex) regex = NULL;
  /* The clock is coarse: a tenth of a second may be some milliseconds less by it. */
  g_autofree char *pattern = g_strdup_printf (" WARNING asab The main loop stood still for 0\\.(09|[1-9]\\d)\\d s "
                                              "in the source “%s\n", culprit);

  run (&result, program, THRESHOLD);
  regex = g_regex_new (pattern, 0, 0, NULL);
  if (!g_regex_match (regex, result.errors, 0, NULL))
    g_error ("“%s” is not in “%s”", pattern, result.errors);
}

static void
assert_quiet (const char *program,
              const char *configuration)
{
  g_auto(ProgramResult) result = PROGRAM_RESULT_INIT;

  run (&result, program, configuration);
  g_assert_null (strstr (result.errors, "stood still"));
}

static void
test_source (void)
{
  assert_stalled ("source", "the culprit”");
}

static void
test_fiber (void)
{
  assert_stalled ("fiber", "\\[asab\\] ready queue”, in the fiber “main_fiber”");
}

/* Reported while it lasts, and when it is over. */
static void
test_lasting (void)
{
  g_auto(ProgramResult) result = PROGRAM_RESULT_INIT;
  g_autofree char *log = program_write_file ("");
  g_autofree char *path = program_write_file (THRESHOLD);

  program_run (&result, "lasting", "-c", path, "-l", log, NULL);
  program_assert (&result, 0, "");
  program_assert_errors (&result, " WARNING asab The main loop has stood still for ");
  program_assert_errors (&result, " WARNING asab The main loop stood still for ");
  program_assert_errors (&result, " s in the source “[asab] ready queue”, in the fiber “main_fiber”\n");
  g_assert_no_errno (g_unlink (path));
  g_assert_no_errno (g_unlink (log));
}

static void
test_nested (void)
{
  assert_stalled ("nested-then-long", "the culprit”");
}

static void
test_quiet (void)
{
  assert_quiet ("busy", "[application]\nstall_threshold = 0.5\n");
  assert_quiet ("fiber", "[application]\nstall_threshold = 0\n");
  assert_quiet ("fiber", "[application]\nstall_threshold = 60\n");
  assert_quiet ("taken", THRESHOLD);
  assert_quiet ("resting", THRESHOLD);
  assert_quiet ("nested", THRESHOLD);
}

static void
test_tidy (void)
{
  assert_stalled ("tidy", "\\[asab\\] ready queue”, in the fiber “main_fiber”");
}

static void
test_negative (void)
{
  g_auto(ProgramResult) result = PROGRAM_RESULT_INIT;
  g_autofree char *path = program_write_file ("[application]\nstall_threshold = -1\n");

  program_run (&result, "fiber", "-c", path, NULL);
  program_assert (&result, 1, "");
  program_assert_errors (&result, "stall_threshold");
  g_assert_no_errno (g_unlink (path));
}

int
main (int    argc,
      char **argv)
{
  static const Program programs[] = {
    { "busy", busy_program },       { "fiber", fiber_program },
    { "lasting", lasting_program }, { "nested", nested_program },
    { "resting", resting_program }, { "nested-then-long", nested_then_long_program },
    { "source", source_program },   { "taken", taken_program },
    { "tidy", tidy_program },
  };
  int status;

  if (program_main (programs, G_N_ELEMENTS (programs), argc, argv, &status))
    return status;

  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/asab/stall-detector/source", test_source);
  g_test_add_func ("/asab/stall-detector/fiber", test_fiber);
  g_test_add_func ("/asab/stall-detector/lasting", test_lasting);
  g_test_add_func ("/asab/stall-detector/nested", test_nested);
  g_test_add_func ("/asab/stall-detector/quiet", test_quiet);
  g_test_add_func ("/asab/stall-detector/tidy", test_tidy);
  g_test_add_func ("/asab/stall-detector/negative", test_negative);

  return g_test_run ();
}
