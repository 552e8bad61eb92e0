/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The thread that writes: nothing is lost at the end of a process, whichever it is. */

#include "program.h"

#include <glib-unix.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define N_THREADS 8
#define N_LINES 1000
#define BIG_SIZE (1024 * 1024)

static void
start (void)
{
  g_log_set_always_fatal (G_LOG_FATAL_MASK);
  asab_log_install ();
  asab_log_set_threshold (G_LOG_LEVEL_DEBUG);
  asab_log_start_thread ();
}

/* Like g_strsplit(), which under the address sanitizer looks at the whole of what is left for each line. */
static char **
split_lines (const char *text)
{
  GPtrArray *lines = g_ptr_array_new ();
  const char *end = text + strlen (text);

  while (text <= end)
    {
      const char *newline = memchr (text, '\n', (gsize) (end - text));
      const char *line_end = newline != NULL ? newline : end;

      g_ptr_array_add (lines, g_strndup (text, (gsize) (line_end - text)));
      text = line_end + 1;
    }
  g_ptr_array_add (lines, NULL);

  return (char **) g_ptr_array_free (lines, FALSE);
}

/* Returns: the lines that a program logged */
static char **
run_program (const char *name,
             int         expected_status)
{
  g_auto(ProgramResult) result = PROGRAM_RESULT_INIT;

  program_run (&result, name, NULL);
  if (result.status != expected_status)
    g_test_message ("%.2000s", result.errors);
  g_assert_cmpint (result.status, ==, expected_status);

  return split_lines (result.errors);
}

static gpointer
log_lines (gpointer data)
{
  for (int i = 0; i < N_LINES; i++)
    asab_log_info ("%d %d", GPOINTER_TO_INT (data), i);

  return NULL;
}

static int
many_program (int    argc G_GNUC_UNUSED,
              char **argv G_GNUC_UNUSED)
{
  GThread *threads[N_THREADS];

  start ();
  for (int i = 0; i < N_THREADS; i++)
    threads[i] = g_thread_new ("log", log_lines, GINT_TO_POINTER (i));
  for (int i = 0; i < N_THREADS; i++)
    g_thread_join (threads[i]);

  return 0;
}

/* Each line of each thread arrives, in order. */
static void
test_many (void)
{
  g_auto(GStrv) lines = run_program ("many", 0);
  int next[N_THREADS] = { 0 };

  g_assert_cmpuint (g_strv_length (lines), ==, N_THREADS * N_LINES + 1);
  for (gsize i = 0; lines[i + 1] != NULL; i++)
    {
      const char *message = strstr (lines[i], " INFO root ");
      int thread, n;

      g_assert_nonnull (message);
      g_assert_cmpint (sscanf (message, " INFO root %d %d", &thread, &n), ==, 2);
      g_assert_cmpint (n, ==, next[thread]++);
    }
}

static int
big_program (int    argc G_GNUC_UNUSED,
             char **argv G_GNUC_UNUSED)
{
  g_autofree char *big = g_strnfill (BIG_SIZE, 'x');

  start ();
  for (int i = 0; i < 20; i++)
    asab_log_info ("%d %s", i, big);
  g_log_structured ("big", G_LOG_LEVEL_INFO, "data", big, "MESSAGE", "as data");

  return 0;
}

static void
test_big (void)
{
  g_auto(GStrv) lines = run_program ("big", 0);

  g_assert_cmpuint (g_strv_length (lines), ==, 22);
  for (int i = 0; i < 20; i++)
    {
      g_autofree char *start_of_line = g_strdup_printf (" INFO root %d xxx", i);

      g_assert_nonnull (strstr (lines[i], start_of_line));
      g_assert_cmpuint (strlen (lines[i]), >, BIG_SIZE);
    }
  g_assert_true (g_str_has_suffix (lines[20], "xxx\"] as data"));
}

/* What ends each of these programs. */

static int
exit_program (int    argc G_GNUC_UNUSED,
              char **argv G_GNUC_UNUSED)
{
  start ();
  log_lines (NULL);
  exit (3);
}

static void
last_words_cb (void)
{
  asab_log_info ("last words");
}

static int
after_exit_program (int    argc G_GNUC_UNUSED,
                    char **argv G_GNUC_UNUSED)
{
  atexit (last_words_cb); /* which runs after that of the log */
  start ();
  log_lines (NULL);

  return 0;
}

static int
raise_program (int    argc G_GNUC_UNUSED,
               char **argv)
{
  start ();
  log_lines (NULL);
  raise (atoi (argv[1]));

  return 0;
}

static int
segv_program (int    argc G_GNUC_UNUSED,
              char **argv G_GNUC_UNUSED)
{
  int *page = mmap (NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

  start ();
  log_lines (NULL);
  *page = 1;

  return 0;
}

/* Without the thread, what is deferred is in the queue. */
static int
deferred_program (int    argc G_GNUC_UNUSED,
                  char **argv G_GNUC_UNUSED)
{
  asab_log_install ();
  for (int i = 0; i < N_LINES; i++)
    {
      g_autofree char *message = g_strdup_printf ("0 %d", i);
      const GLogField fields[] = { { "MESSAGE", message, -1 }, { ASAB_LOG_DEFERRED, fields, 0 } };

      g_log_structured_array (G_LOG_LEVEL_MESSAGE, fields, G_N_ELEMENTS (fields));
    }
  raise (SIGSEGV);

  return 0;
}

static int
error_program (int    argc G_GNUC_UNUSED,
               char **argv G_GNUC_UNUSED)
{
  start ();
  log_lines (NULL);
  g_error ("the end");

  return 0;
}

static gpointer
crash_in_thread (gpointer data G_GNUC_UNUSED)
{
  abort ();
}

static int
abort_program (int    argc G_GNUC_UNUSED,
               char **argv G_GNUC_UNUSED)
{
  start ();
  log_lines (NULL);
  g_thread_join (g_thread_new ("crash", crash_in_thread, NULL));

  return 0;
}

/* Asserts that all lines of log_lines() came. */
static void
assert_lines (char **lines)
{
  for (int i = 0; i < N_LINES; i++)
    {
      g_autofree char *suffix = g_strdup_printf (" root 0 %d", i);

      g_assert_nonnull (lines[i]);
      g_assert_true (g_str_has_suffix (lines[i], suffix));
    }
}

static void
test_exit (void)
{
  g_auto(GStrv) lines = run_program ("exit", 3);

  assert_lines (lines);
  g_assert_cmpuint (g_strv_length (lines), ==, N_LINES + 1);
}

static void
test_after_exit (void)
{
  g_auto(GStrv) lines = run_program ("after-exit", 0);

  assert_lines (lines);
  g_assert_true (g_str_has_suffix (lines[N_LINES], " INFO root last words"));
}

static void
test_signals (void)
{
  static const int signals[] = { SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV };

  for (gsize i = 0; i < G_N_ELEMENTS (signals); i++)
    {
      g_auto(ProgramResult) result = PROGRAM_RESULT_INIT;
      g_autofree char *number = g_strdup_printf ("%d", signals[i]);
      g_auto(GStrv) lines = NULL;

      program_run (&result, "raise", number, NULL);
      g_assert_cmpint (result.status, !=, 0);
      lines = split_lines (result.errors);
      assert_lines (lines);
    }
}

static void
test_crash (gconstpointer data)
{
  g_auto(ProgramResult) result = PROGRAM_RESULT_INIT;
  g_auto(GStrv) lines = NULL;

  program_run (&result, data, NULL);
  g_assert_cmpint (result.status, !=, 0);
  lines = split_lines (result.errors);
  assert_lines (lines);
  if (g_str_equal (data, "error"))
    g_assert_true (g_str_has_suffix (lines[N_LINES], " CRITICAL root the end"));
}

/* A child that goes on by itself has a thread of its own, and does not repeat what its parent says. */
static int
fork_program (int    argc G_GNUC_UNUSED,
              char **argv G_GNUC_UNUSED)
{
  int status;
  pid_t child;

  start ();
  asab_log_info ("first");
  asab_log_flush (); /* the thread has all its memory by now: that of the address sanitizer does not survive a fork */
  log_lines (NULL);
  child = fork ();
  if (child == 0)
    {
      asab_log_info ("child");
      asab_log_flush ();
      _exit (0);
    }
  asab_log_info ("parent");
  waitpid (child, &status, 0);

  return status;
}

static void
test_fork (void)
{
  g_auto(GStrv) lines = run_program ("fork", 0);
  guint n_children = 0;
  guint n_parents = 0;

  for (gsize i = 0; lines[i] != NULL; i++)
    {
      n_children += g_str_has_suffix (lines[i], " INFO root child");
      n_parents += g_str_has_suffix (lines[i], " INFO root parent");
    }
  g_assert_cmpuint (n_children, ==, 1);
  g_assert_cmpuint (n_parents, ==, 1);
  g_assert_cmpuint (g_strv_length (lines), ==, N_LINES + 4);
}

/* Nobody reads for a while: what is not important is dropped and counted, warnings are not. */

#define N_MANY 25000
#define N_BIG 100
#define N_WARNINGS 500

static int
overflow (guint n_records,
          gsize size)
{
  g_autofree char *filler = g_strnfill (size, 'x');

  start ();
  for (guint i = 0; i < n_records; i++)
    asab_log_info ("%s", filler);
  for (int i = 0; i < N_WARNINGS; i++)
    asab_log_warning ("%d", i);
  g_print ("logged\n"); /* the parent reads from now on */
  asab_log_flush ();

  return 0;
}

static int
overflow_program (int    argc G_GNUC_UNUSED,
                  char **argv G_GNUC_UNUSED)
{
  return overflow (N_MANY, 200);
}

static int
overflow_big_program (int    argc G_GNUC_UNUSED,
                      char **argv G_GNUC_UNUSED)
{
  return overflow (N_BIG, BIG_SIZE);
}

/* At least @n_at_least of @n_records are dropped. */
static void
check_overflow (const char *name,
                guint       n_records,
                guint       n_at_least)
{
  g_autoptr(GSubprocess) child = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *program = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *output = NULL;
  g_auto(GStrv) lines = NULL;
  guint n_infos = 0;
  guint n_warnings = 0;
  guint n_dropped = 0;
  char word[16];

  child = g_subprocess_new (G_SUBPROCESS_FLAGS_STDERR_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error,
                            program, "--program", name, NULL);
  g_assert_no_error (error);
  g_assert_cmpint (g_input_stream_read (g_subprocess_get_stdout_pipe (child), word, sizeof word, NULL, NULL), ==, 7);
  g_subprocess_communicate_utf8 (child, NULL, NULL, NULL, &output, &error);
  g_assert_no_error (error);
  g_assert_true (g_subprocess_get_successful (child));

  lines = split_lines (output);
  for (gsize i = 0; lines[i] != NULL; i++)
    {
      const char *text = strstr (lines[i], " WARNING asab.log ");
      guint n;

      n_infos += strstr (lines[i], " INFO root xxx") != NULL;
      n_warnings += strstr (lines[i], " WARNING root ") != NULL;
      if (text != NULL && sscanf (text, " WARNING asab.log %u records were dropped", &n) == 1)
        n_dropped += n;
    }
  g_assert_cmpuint (n_warnings, ==, N_WARNINGS);
  g_assert_cmpuint (n_dropped, >=, n_at_least);
  g_assert_cmpuint (n_infos + n_dropped, ==, n_records);
}

static void
test_overflow (void)
{
  check_overflow ("overflow", N_MANY, 1);
}

/* The bound for those that are too long for the ring is 32 MiB. */
static void
test_overflow_big (void)
{
  check_overflow ("overflow-big", N_BIG, N_BIG - 32);
}

static const Program programs[] = {
  { "abort", abort_program }, { "after-exit", after_exit_program }, { "big", big_program },
  { "deferred", deferred_program }, { "error", error_program }, { "exit", exit_program },
  { "fork", fork_program }, { "many", many_program }, { "overflow", overflow_program },
  { "overflow-big", overflow_big_program }, { "raise", raise_program }, { "segv", segv_program },
};

int
main (int    argc,
      char **argv)
{
  int status;

  if (program_main (programs, G_N_ELEMENTS (programs), argc, argv, &status))
    return status;

  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/asab/log-thread/many", test_many);
  g_test_add_func ("/asab/log-thread/big", test_big);
  g_test_add_func ("/asab/log-thread/exit", test_exit);
  g_test_add_func ("/asab/log-thread/after-exit", test_after_exit);
  g_test_add_func ("/asab/log-thread/signals", test_signals);
  g_test_add_data_func ("/asab/log-thread/crash/segv", "segv", test_crash);
  g_test_add_data_func ("/asab/log-thread/crash/abort", "abort", test_crash);
  g_test_add_data_func ("/asab/log-thread/crash/error", "error", test_crash);
  g_test_add_data_func ("/asab/log-thread/crash/deferred", "deferred", test_crash);
  g_test_add_func ("/asab/log-thread/fork", test_fork);
  g_test_add_func ("/asab/log-thread/overflow", test_overflow);
  g_test_add_func ("/asab/log-thread/overflow-big", test_overflow_big);

  return g_test_run ();
}
