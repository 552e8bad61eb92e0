/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "program.h"

#include <glib/gstdio.h>
#include <string.h>

#define CHILD_OPTION "--program"

static GSubprocessLauncher *launcher; /* made by the first one who needs it */

/* If this process is the child, runs its program: returns TRUE, and the status to end with. */
gboolean
program_main (const Program *programs,
              gsize          n_programs,
              int            argc,
              char         **argv,
              int           *status)
{
  if (argc < 3 || !g_str_equal (argv[1], CHILD_OPTION))
    return FALSE;

  g_set_prgname (argv[2]);
  for (gsize i = 0; i < n_programs; i++)
    {
      if (!g_str_equal (argv[2], programs[i].name))
        continue;

      *status = programs[i].func (argc - 2, argv + 2);
      return TRUE;
    }

  g_error ("There is no program “%s”", argv[2]);
}

static GSubprocessLauncher *
get_launcher (void)
{
  if (launcher == NULL)
    {
      launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE);
      g_subprocess_launcher_unsetenv (launcher, "ASAB_CONFIG");
      g_subprocess_launcher_unsetenv (launcher, "ASAB_VERBOSE");
      g_subprocess_launcher_unsetenv (launcher, "G_DEBUG");
      g_subprocess_launcher_unsetenv (launcher, "G_MESSAGES_DEBUG");
    }

  return launcher;
}

/* Sets a variable for the next child, or unsets it. */
void
program_set_env (const char *variable,
                 const char *value)
{
  if (value != NULL)
    g_subprocess_launcher_setenv (get_launcher (), variable, value, TRUE);
  else
    g_subprocess_launcher_unsetenv (get_launcher (), variable);
}

/* The address sanitizer warns of the function that makes the stacks of fibers, which are annotated. */
static void
drop_sanitizer_warning (char **errors)
{
  g_autoptr(GRegex) regex = g_regex_new ("^==[0-9]+==WARNING: ASan doesn't fully support makecontext.*\n",
                                         G_REGEX_MULTILINE, 0, NULL);
  g_autofree char *text = g_steal_pointer (errors);

  *errors = g_regex_replace_literal (regex, text, -1, 0, "", 0, NULL);
}

/* Runs a program of this test with arguments to its end. The environment is that of program_set_env(). */
void
program_run (ProgramResult *result,
             const char    *name,
             ...)
{
  g_autoptr(GPtrArray) arguments = g_ptr_array_new ();
  g_autoptr(GSubprocess) child = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);
  const char *argument;
  va_list va;

  g_ptr_array_add (arguments, self);
  g_ptr_array_add (arguments, (gpointer) CHILD_OPTION);
  g_ptr_array_add (arguments, (gpointer) name);
  va_start (va, name);
  while ((argument = va_arg (va, const char *)) != NULL)
    g_ptr_array_add (arguments, (gpointer) argument);
  va_end (va);
  g_ptr_array_add (arguments, NULL);

  program_result_clear (result);
  child = g_subprocess_launcher_spawnv (get_launcher (), (const char *const *) arguments->pdata, &error);
  g_assert_no_error (error);
  g_subprocess_communicate_utf8 (child, NULL, NULL, &result->output, &result->errors, &error);
  g_assert_no_error (error);
  drop_sanitizer_warning (&result->errors);
  result->status = g_subprocess_get_if_exited (child) ? g_subprocess_get_exit_status (child) : -1;

  g_clear_object (&launcher);
}

void
program_result_clear (ProgramResult *self)
{
  g_clear_pointer (&self->output, g_free);
  g_clear_pointer (&self->errors, g_free);
}

static gboolean
advance_cb (gpointer user_data)
{
  asab_clock_advance (user_data, 0.5);

  return G_SOURCE_CONTINUE;
}

/* Gives the default context a clock that goes on, half a second at a time, when there is nothing else to do. */
void
program_use_fast_clock (void)
{
  AsabClock *clock = asab_clock_new ();

  asab_clock_install (clock, NULL);
  g_idle_add_full (G_PRIORITY_LOW, advance_cb, clock, g_object_unref);
}

/* Writes a temporary file; the caller removes and frees it. */
char *
program_write_file (const char *text)
{
  g_autoptr(GError) error = NULL;
  char *path = NULL;
  int fd = g_file_open_tmp ("asab-test-XXXXXX.conf", &path, &error);

  g_assert_no_error (error);
  g_assert_true (g_close (fd, NULL));
  g_file_set_contents (path, text, -1, &error);
  g_assert_no_error (error);

  return path;
}
