/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "program.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct
{
  char *folder;
} Fixture;

static void
set_up (Fixture       *fixture,
        gconstpointer  data G_GNUC_UNUSED)
{
  fixture->folder = g_dir_make_tmp ("asab-directory-XXXXXX", NULL);
  g_assert_no_errno (g_chmod (fixture->folder, 0777));
}

static void
remove_tree (const char *path)
{
  g_autoptr(GDir) folder = g_dir_open (path, 0, NULL);
  const char *name;

  while (folder != NULL && (name = g_dir_read_name (folder)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      remove_tree (child);
    }

  g_remove (path);
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data G_GNUC_UNUSED)
{
  remove_tree (fixture->folder);
  g_free (fixture->folder);
}

/* Prints the directory of a kind, or the code of the error. It does not stay root, who has directories elsewhere. */
static int
directory_program (int    argc G_GNUC_UNUSED,
                   char **argv)
{
  g_autoptr(AsabApplication) application = asab_application_new ("org.example.Test", G_APPLICATION_NON_UNIQUE);
  g_autoptr(GError) error = NULL;
  g_autofree char *path = NULL;
  struct stat status;

  if (getuid () == 0)
    g_assert_no_errno (seteuid (65534));
  path = asab_application_ensure_directory (application, (AsabDirectory) atoi (argv[1]), &error);
  g_assert_no_errno (seteuid (getuid ()));

  if (path == NULL)
    {
      g_print ("%d", error->code);
      return 1;
    }

  g_assert_no_errno (stat (path, &status));
  g_assert_true (S_ISDIR (status.st_mode));
  g_assert_cmpint (status.st_mode & 0077, ==, 0);
  g_print ("%s", path);

  return 0;
}

static void
assert_directory (Fixture       *fixture,
                  AsabDirectory  directory,
                  const char    *expected)
{
  g_auto(ProgramResult) result = PROGRAM_RESULT_INIT;
  g_autofree char *kind = g_strdup_printf ("%d", directory);
  g_autofree char *path = g_build_filename (fixture->folder, expected, NULL);

  program_set_env ("XDG_RUNTIME_DIR", fixture->folder);
  program_set_env ("XDG_STATE_HOME", fixture->folder);
  program_set_env ("XDG_CACHE_HOME", fixture->folder);
  program_run (&result, "directory", kind, NULL);
  program_assert (&result, 0, path);
}

static void
test_passed (Fixture       *fixture,
             gconstpointer  data G_GNUC_UNUSED)
{
  static const struct
  {
    AsabDirectory directory;
    const char *variable;
  } passed[] = {
    { ASAB_DIRECTORY_STATE, "STATE_DIRECTORY" },
    { ASAB_DIRECTORY_RUNTIME, "RUNTIME_DIRECTORY" },
    { ASAB_DIRECTORY_LOGS, "LOGS_DIRECTORY" },
    { ASAB_DIRECTORY_CACHE, "CACHE_DIRECTORY" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (passed); i++)
    {
      g_autofree char *paths = g_strdup_printf ("%s/%s:/nowhere/second", fixture->folder, passed[i].variable);

      program_set_env (passed[i].variable, paths);
      assert_directory (fixture, passed[i].directory, passed[i].variable);
    }
}

static void
test_of_user (Fixture       *fixture,
              gconstpointer  data G_GNUC_UNUSED)
{
  assert_directory (fixture, ASAB_DIRECTORY_STATE, "directory");
  assert_directory (fixture, ASAB_DIRECTORY_RUNTIME, "directory");
  assert_directory (fixture, ASAB_DIRECTORY_LOGS, "log/directory");
  assert_directory (fixture, ASAB_DIRECTORY_CACHE, "directory");

  program_set_env ("STATE_DIRECTORY", "relative");
  assert_directory (fixture, ASAB_DIRECTORY_STATE, "directory");
}

static void
test_error (Fixture       *fixture G_GNUC_UNUSED,
            gconstpointer  data G_GNUC_UNUSED)
{
  g_auto(ProgramResult) result = PROGRAM_RESULT_INIT;
  g_autofree char *code = g_strdup_printf ("%d", G_IO_ERROR_NOT_DIRECTORY);

  program_set_env ("STATE_DIRECTORY", "/dev/null/state");
  program_run (&result, "directory", "0", NULL);
  program_assert (&result, 1, code);
}

int
main (int    argc,
      char **argv)
{
  static const Program programs[] = {
    { "directory", directory_program },
  };
  int status;

  if (program_main (programs, G_N_ELEMENTS (programs), argc, argv, &status))
    return status;

  g_test_init (&argc, &argv, NULL);

  g_test_add ("/asab/directory/passed", Fixture, NULL, set_up, test_passed, tear_down);
  g_test_add ("/asab/directory/of-user", Fixture, NULL, set_up, test_of_user, tear_down);
  g_test_add ("/asab/directory/error", Fixture, NULL, set_up, test_error, tear_down);

  return g_test_run ();
}
