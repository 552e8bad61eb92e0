/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <asab-glib/app/asab-pidfile-private.h>

#include <fcntl.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <sys/file.h>
#include <unistd.h>

typedef struct
{
  char *folder;
  char *path;
} Fixture;

static void
set_up (Fixture       *fixture,
        gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(GError) error = NULL;

  fixture->folder = g_dir_make_tmp ("asab-pidfile-XXXXXX", &error);
  g_assert_no_error (error);
  fixture->path = g_build_filename (fixture->folder, "test.pid", NULL);
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data G_GNUC_UNUSED)
{
  g_unlink (fixture->path);
  g_assert_no_errno (g_rmdir (fixture->folder));
  g_free (fixture->path);
  g_free (fixture->folder);
}

static void
write_file (Fixture    *fixture,
            const char *text)
{
  g_autoptr(GError) error = NULL;

  g_file_set_contents (fixture->path, text, -1, &error);
  g_assert_no_error (error);
}

static void
assert_contents (Fixture    *fixture,
                 const char *expected)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *text = NULL;

  g_file_get_contents (fixture->path, &text, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (text, ==, expected);
}

static pid_t
read_pid (Fixture *fixture)
{
  g_autoptr(GError) error = NULL;
  pid_t pid = -1;

  asab_pidfile_read (fixture->path, &pid, &error);
  g_assert_no_error (error);

  return pid;
}

static AsabPidfile *
create (Fixture *fixture)
{
  g_autoptr(GError) error = NULL;
  AsabPidfile *pidfile = asab_pidfile_new (fixture->path, &error);

  g_assert_no_error (error);
  g_assert_nonnull (pidfile);

  return pidfile;
}

static void
test_life (Fixture       *fixture,
           gconstpointer  data G_GNUC_UNUSED)
{
  AsabPidfile *pidfile = create (fixture);
  g_autofree char *expected = g_strdup_printf ("%d\n", (int) getpid ());

  assert_contents (fixture, expected);
  g_assert_cmpint (read_pid (fixture), ==, getpid ());

  asab_pidfile_remove (pidfile);
  g_assert_false (g_file_test (fixture->path, G_FILE_TEST_EXISTS));
}

static void
test_locked (Fixture       *fixture,
             gconstpointer  data G_GNUC_UNUSED)
{
  AsabPidfile *pidfile = create (fixture);
  g_autoptr(GError) error = NULL;

  g_assert_null (asab_pidfile_new (fixture->path, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS);
  asab_pidfile_remove_stale (fixture->path);
  g_assert_cmpint (read_pid (fixture), ==, getpid ());

  asab_pidfile_remove (pidfile);
}

static void
test_stale (Fixture       *fixture,
            gconstpointer  data G_GNUC_UNUSED)
{
  AsabPidfile *pidfile;

  write_file (fixture, "1\nand what a longer number left behind");
  g_assert_cmpint (read_pid (fixture), ==, 0);

  pidfile = create (fixture);
  g_assert_cmpint (read_pid (fixture), ==, getpid ());
  asab_pidfile_remove (pidfile);

  write_file (fixture, "1\n");
  asab_pidfile_remove_stale (fixture->path);
  g_assert_false (g_file_test (fixture->path, G_FILE_TEST_EXISTS));
  asab_pidfile_remove_stale (fixture->path);
}

/* Whoever replaced the file keeps it. */
static void
test_replaced (Fixture       *fixture,
               gconstpointer  data G_GNUC_UNUSED)
{
  AsabPidfile *pidfile = create (fixture);
  AsabPidfile *other;

  g_assert_no_errno (g_unlink (fixture->path));
  other = create (fixture);
  asab_pidfile_remove (pidfile);
  g_assert_cmpint (read_pid (fixture), ==, getpid ());

  asab_pidfile_remove (other);
}

static void
assert_no_pid (Fixture    *fixture,
               const char *text)
{
  g_autoptr(GError) error = NULL;
  pid_t pid;
  int fd;

  write_file (fixture, text);
  fd = open (fixture->path, O_RDONLY | O_CLOEXEC);
  g_assert_cmpint (flock (fd, LOCK_EX), ==, 0);

  g_assert_false (asab_pidfile_read (fixture->path, &pid, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);

  close (fd);
}

static void
test_garbage (Fixture       *fixture,
              gconstpointer  data G_GNUC_UNUSED)
{
  const char *garbage[] = { "", "\n", "0\n", "-1\n", "1x\n", "99999999999999\n", "12 34\n", "nobody\n" };

  for (gsize i = 0; i < G_N_ELEMENTS (garbage); i++)
    assert_no_pid (fixture, garbage[i]);
}

static void
test_errors (Fixture       *fixture,
             gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(GError) error = NULL;
  pid_t pid;

  g_assert_false (asab_pidfile_read (fixture->path, &pid, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_clear_error (&error);

  g_assert_null (asab_pidfile_new ("/nowhere/test.pid", &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_clear_error (&error);

  /* In a folder for everybody somebody may have laid a link to a file of ours. */
  g_assert_cmpint (symlink ("target", fixture->path), ==, 0);
  g_assert_null (asab_pidfile_new (fixture->path, &error));
  g_assert_nonnull (error);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add ("/asab/pidfile/life", Fixture, NULL, set_up, test_life, tear_down);
  g_test_add ("/asab/pidfile/locked", Fixture, NULL, set_up, test_locked, tear_down);
  g_test_add ("/asab/pidfile/stale", Fixture, NULL, set_up, test_stale, tear_down);
  g_test_add ("/asab/pidfile/replaced", Fixture, NULL, set_up, test_replaced, tear_down);
  g_test_add ("/asab/pidfile/garbage", Fixture, NULL, set_up, test_garbage, tear_down);
  g_test_add ("/asab/pidfile/errors", Fixture, NULL, set_up, test_errors, tear_down);

  return g_test_run ();
}
