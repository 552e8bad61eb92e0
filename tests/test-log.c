/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <asab-glib/asab.h>
#include <gio/gio.h>

#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define N_THREADS 8
#define N_LINES 50

/* Messages are not fatal in a child, whatever the test framework made of them. */
static gboolean
install_in_child (void)
{
  if (!g_test_subprocess ())
    {
      g_test_trap_subprocess (NULL, 0, 0);
      return FALSE;
    }

  g_log_set_always_fatal (G_LOG_FATAL_MASK);
  asab_log_install ();

  return TRUE;
}

static void
test_threshold (void)
{
  if (install_in_child ())
    {
      asab_log_install ();
      g_assert_cmpint (asab_log_get_threshold (), ==, G_LOG_LEVEL_MESSAGE);
      g_debug ("hidden");
      g_info ("hidden");
      g_message ("shown-notice");
      g_warning ("shown-warning");
      g_critical ("shown-error");
      asab_log_set_threshold (G_LOG_LEVEL_DEBUG);
      g_debug ("shown-debug");
      asab_log_set_threshold (G_LOG_LEVEL_CRITICAL);
      g_warning ("hidden");
      return;
    }

  g_test_trap_assert_passed ();
  g_test_trap_assert_stderr ("*-*-* *:*:*.* NOTICE root shown-notice\n"
                             "* WARNING root shown-warning\n"
                             "* ERROR root shown-error\n"
                             "* DEBUG root shown-debug\n");
  g_test_trap_assert_stderr_unmatched ("*hidden*");
  g_test_trap_assert_stderr_unmatched ("*\033*");
}

/* g_log() and g_log_variant() end up in the same writer. */
static void
test_front_ends (void)
{
  if (install_in_child ())
    {
      g_autoptr(GVariant) fields = NULL;
      GVariantDict dict;

      g_log ("old.api", G_LOG_LEVEL_MESSAGE, "old");
      g_log_structured ("new.api", G_LOG_LEVEL_MESSAGE, "user", "jo", "MESSAGE", "new %d", 1);
      g_variant_dict_init (&dict, NULL);
      g_variant_dict_insert (&dict, "MESSAGE", "s", "variant");
      fields = g_variant_ref_sink (g_variant_dict_end (&dict));
      g_log_variant ("variant.api", G_LOG_LEVEL_MESSAGE, fields);
      return;
    }

  g_test_trap_assert_passed ();
  g_test_trap_assert_stderr ("* NOTICE old.api old\n"
                             "* NOTICE new.api ?sd user=\"jo\"? new 1\n"
                             "* NOTICE variant.api variant\n");
}

static void
log_deferred (const char *message)
{
  const GLogField fields[] = { { "MESSAGE", message, -1 }, { ASAB_LOG_DEFERRED, fields, 0 } };

  g_log_structured_array (G_LOG_LEVEL_MESSAGE, fields, G_N_ELEMENTS (fields));
}

static gpointer
log_deferred_in_thread (gpointer data)
{
  log_deferred (data);

  return NULL;
}

/* Deferred lines come out in order: with the next one that is not, at the end of their thread, or when they are
 * told to. What is printed in between shows where. */
static void
test_deferred (void)
{
  if (install_in_child ())
    {
      log_deferred ("one");
      g_printerr ("before one\n");
      g_message ("two");
      log_deferred ("three");
      g_printerr ("before three\n");
      asab_log_flush_deferred ();
      asab_log_flush_deferred ();
      g_thread_join (g_thread_new ("log", log_deferred_in_thread, (gpointer) "four"));
      g_printerr ("after four\n");
      return;
    }

  g_test_trap_assert_passed ();
  g_test_trap_assert_stderr ("before one\n"
                             "* NOTICE root one\n"
                             "* NOTICE root two\n"
                             "before three\n"
                             "* NOTICE root three\n"
                             "* NOTICE root four\n"
                             "after four\n");
}

static gpointer
log_lines (gpointer data)
{
  g_autofree char *filler = g_strnfill (6000, 'x');

  for (int i = 0; i < N_LINES; i++)
    g_message ("%d <%s>", GPOINTER_TO_INT (data), filler);

  return NULL;
}

/* Lines longer than what a pipe takes at once stay whole. */
static void
test_threads (void)
{
  g_autoptr(GSubprocess) child = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *output = NULL;
  g_auto(GStrv) lines = NULL;

  if (g_test_subprocess ())
    {
      GThread *threads[N_THREADS];

      asab_log_install ();
      for (int i = 0; i < N_THREADS; i++)
        threads[i] = g_thread_new ("log", log_lines, GINT_TO_POINTER (i));
      for (int i = 0; i < N_THREADS; i++)
        g_thread_join (threads[i]);
      return;
    }

  child = g_subprocess_new (G_SUBPROCESS_FLAGS_STDERR_PIPE | G_SUBPROCESS_FLAGS_STDOUT_SILENCE, &error,
                            g_get_prgname (), "--GTestSubprocess", "-p", "/asab/log/threads", NULL);
  g_assert_no_error (error);
  g_subprocess_communicate_utf8 (child, NULL, NULL, NULL, &output, &error);
  g_assert_no_error (error);
  g_assert_true (g_subprocess_get_successful (child));

  lines = g_strsplit (output, "\n", -1);
  g_assert_cmpuint (g_strv_length (lines), ==, N_THREADS * N_LINES + 1);
  for (gsize i = 0; lines[i + 1] != NULL; i++)
    g_assert_true (g_pattern_match_simple ("*-*-* *:*:*.* NOTICE root ? <x*x>", lines[i]));
}

/* Only a terminal gets colours. */
static void
test_terminal (void)
{
  g_autoptr(GSubprocessLauncher) launcher = NULL;
  g_autoptr(GSubprocess) child = NULL;
  g_autoptr(GError) error = NULL;
  char text[256] = "";
  int terminal;
  gssize length;

  if (g_test_subprocess ())
    {
      asab_log_install ();
      g_message ("colourful");
      return;
    }

  terminal = posix_openpt (O_RDWR | O_NOCTTY | O_CLOEXEC);
  g_assert_no_errno (terminal);
  g_assert_no_errno (grantpt (terminal));
  g_assert_no_errno (unlockpt (terminal));

  launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_SILENCE);
  g_subprocess_launcher_take_stderr_fd (launcher, g_open (ptsname (terminal), O_RDWR | O_NOCTTY | O_CLOEXEC));
  child = g_subprocess_launcher_spawn (launcher, &error, g_get_prgname (), "--GTestSubprocess", "-p",
                                       "/asab/log/terminal", NULL);
  g_assert_no_error (error);
  length = read (terminal, text, sizeof text - 1);
  g_assert_cmpint (length, >, 0);
  g_assert_true (g_subprocess_wait_check (child, NULL, &error));
  g_assert_no_error (error);
  g_assert_nonnull (strstr (text, " \033[1;36mNOTICE\033[0m root colourful\r\n"));

  g_assert_true (g_close (terminal, NULL));
}

static void
test_fatal (void)
{
  if (g_test_subprocess ())
    {
      g_log_set_always_fatal (G_LOG_FATAL_MASK | G_LOG_LEVEL_WARNING);
      asab_log_install ();
      g_warning ("the last words");
      g_message ("not reached");
      return;
    }

  g_test_trap_subprocess (NULL, 0, 0);
  g_test_trap_assert_failed ();
  g_test_trap_assert_stderr ("*WARNING root the last words*");
  g_test_trap_assert_stderr_unmatched ("*not reached*");
}

static void
test_debug_domains (void)
{
  if (g_test_subprocess ())
    {
      g_setenv ("G_MESSAGES_DEBUG", "chatty", TRUE);
      asab_log_install ();
      g_log_structured ("chatty", G_LOG_LEVEL_DEBUG, "MESSAGE", "shown");
      g_log_structured ("quiet", G_LOG_LEVEL_DEBUG, "MESSAGE", "hidden");
      return;
    }

  g_test_trap_subprocess (NULL, 0, 0);
  g_test_trap_assert_passed ();
  g_test_trap_assert_stderr ("* DEBUG chatty shown\n");
}

static void
test_parse_level (void)
{
  GLogLevelFlags level = 0;

  g_assert_true (asab_log_parse_level ("notice", &level));
  g_assert_cmpint (level, ==, G_LOG_LEVEL_MESSAGE);
  g_assert_true (asab_log_parse_level ("ERROR", &level));
  g_assert_cmpint (level, ==, G_LOG_LEVEL_CRITICAL);
  g_assert_false (asab_log_parse_level ("loud", &level));
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/asab/log/threshold", test_threshold);
  g_test_add_func ("/asab/log/front-ends", test_front_ends);
  g_test_add_func ("/asab/log/deferred", test_deferred);
  g_test_add_func ("/asab/log/threads", test_threads);
  g_test_add_func ("/asab/log/terminal", test_terminal);
  g_test_add_func ("/asab/log/fatal", test_fatal);
  g_test_add_func ("/asab/log/debug-domains", test_debug_domains);
  g_test_add_func ("/asab/log/parse-level", test_parse_level);

  return g_test_run ();
}
