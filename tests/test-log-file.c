/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "log-target-fixture.h"

#include "asab-log-file-private.h"

#include <fcntl.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct
{
  char *folder;
  char *path;
  AsabLogTarget *target;
} Fixture;

static AsabLogLayout *
make_layout (void)
{
  g_autoptr(GError) error = NULL;
  AsabLogLayout *layout = asab_log_layout_new ("%(message)s", "", "sd", &error);

  g_assert_no_error (error);

  return layout;
}

static void
open_target (Fixture               *fixture,
             const AsabLogRotation *rotation)
{
  g_autoptr(GError) error = NULL;

  fixture->target = asab_log_file_new (fixture->path, make_layout (), rotation, &error);
  g_assert_no_error (error);
}

static void
set_up (Fixture       *fixture,
        gconstpointer  data G_GNUC_UNUSED)
{
  fixture->folder = log_make_folder ();
  fixture->path = g_build_filename (fixture->folder, "sub", "a.log", NULL);
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data G_GNUC_UNUSED)
{
  if (fixture->target != NULL)
    fixture->target->klass->free (fixture->target);
  log_remove_folder (fixture->folder);
  g_free (fixture->path);
  g_free (fixture->folder);
}

static void
assert_content (Fixture    *fixture,
                const char *suffix,
                const char *expected)
{
  g_autofree char *path = g_strconcat (fixture->path, suffix, NULL);
  g_autofree char *content = NULL;

  g_file_get_contents (path, &content, NULL, NULL);
  g_assert_cmpstr (content, ==, expected);
}

static goffset
get_size (Fixture    *fixture,
          const char *suffix)
{
  g_autofree char *path = g_strconcat (fixture->path, suffix, NULL);
  GStatBuf status;

  g_assert_no_errno (g_stat (path, &status));

  return status.st_size;
}

static void
test_append (Fixture       *fixture,
             gconstpointer  data G_GNUC_UNUSED)
{
  open_target (fixture, &(AsabLogRotation) { 0 });
  log_target_write (fixture->target, "one");
  log_target_append (fixture->target, "two");
  assert_content (fixture, "", "one\n");
  fixture->target->klass->finish (fixture->target, 0);
  assert_content (fixture, "", "one\ntwo\n");
  fixture->target->klass->free (fixture->target);

  open_target (fixture, &(AsabLogRotation) { 0 });
  log_target_write (fixture->target, "three");
  assert_content (fixture, "", "one\ntwo\nthree\n");
}

/* Without backups a file is only opened anew, for tools that have moved it. */
static void
test_reopen (Fixture       *fixture,
             gconstpointer  data G_GNUC_UNUSED)
{
  g_autofree char *moved = g_strconcat (fixture->path, ".moved", NULL);

  open_target (fixture, &(AsabLogRotation) { 0 });
  log_target_write (fixture->target, "one");
  fixture->target->klass->reopen (fixture->target);
  log_target_write (fixture->target, "two");
  assert_content (fixture, "", "one\ntwo\n");

  g_assert_no_errno (g_rename (fixture->path, moved));
  fixture->target->klass->reopen (fixture->target);
  log_target_write (fixture->target, "three");
  assert_content (fixture, ".moved", "one\ntwo\n");
  assert_content (fixture, "", "three\n");
}

/* Each rotation begins a new file, and so many are kept. */
static void
test_rotate (Fixture       *fixture,
             gconstpointer  data G_GNUC_UNUSED)
{
  open_target (fixture, &(AsabLogRotation) { .n_backups = 2 });
  for (int i = 1; i <= 4; i++)
    {
      g_autofree char *message = g_strdup_printf ("%d", i);

      log_target_write (fixture->target, message);
      fixture->target->klass->reopen (fixture->target);
    }

  assert_content (fixture, "", "");
  assert_content (fixture, ".1", "4\n");
  assert_content (fixture, ".2", "3\n");
  assert_content (fixture, ".3", NULL);
}

static void
test_size (Fixture       *fixture,
           gconstpointer  data G_GNUC_UNUSED)
{
  open_target (fixture, &(AsabLogRotation) { .n_backups = 3, .max_bytes = 8 });
  for (int i = 1; i <= 3; i++)
    {
      log_target_append (fixture->target, "abc");
      log_target_append (fixture->target, "def");
    }
  log_target_append (fixture->target, "longer than the limit");
  log_target_append (fixture->target, "x");
  fixture->target->klass->flush (fixture->target);

  assert_content (fixture, "", "x\n");
  assert_content (fixture, ".1", "longer than the limit\n");
  assert_content (fixture, ".2", "abc\ndef\n");
  assert_content (fixture, ".3", "abc\ndef\n");
}

/* After a while a file is rotated, unless nearly nothing is in it. */
static void
test_interval (Fixture       *fixture,
               gconstpointer  data G_GNUC_UNUSED)
{
  g_autofree char *long_line = g_strnfill (1000, 'x');
  GPollFD fd = { .fd = -1 };
  int timeout_ms;

  open_target (fixture, &(AsabLogRotation) { .n_backups = 1, .interval = 1 });
  log_target_write (fixture->target, long_line);
  log_target_write (fixture->target, "short");
  g_assert_cmpuint (get_size (fixture, ".1"), ==, 1001);
  log_target_write (fixture->target, "the second");
  assert_content (fixture, "", "short\nthe second\n");
  log_assert_reports ("");
  fixture->target->klass->free (fixture->target);

  /* The thread that writes wakes up for it. */
  open_target (fixture, &(AsabLogRotation) { .n_backups = 1, .interval = G_USEC_PER_SEC });
  timeout_ms = fixture->target->klass->prepare (fixture->target, &fd);
  g_assert_cmpint (timeout_ms, >, 0);
  g_assert_cmpint (timeout_ms, <=, 1001);
}

/* A file that cannot be rotated goes on to grow. That is told once, not with each record. */
static void
test_rotation_error (Fixture       *fixture,
                     gconstpointer  data G_GNUC_UNUSED)
{
  g_autofree char *obstacle = g_strconcat (fixture->path, ".1", NULL);
  g_autofree char *expected = NULL;

  open_target (fixture, &(AsabLogRotation) { .n_backups = 1, .max_bytes = 8 });
  g_assert_no_errno (g_mkdir (obstacle, 0700));
  for (int i = 0; i < 3; i++)
    log_target_write (fixture->target, "12345678");
  fixture->target->klass->reopen (fixture->target);
  assert_content (fixture, "", "12345678\n12345678\n12345678\n");
  expected = g_strdup_printf ("ERROR: Cannot rotate the log file “%s”: Is a directory\n", fixture->path);
  log_assert_reports (expected);

  g_assert_no_errno (g_rmdir (obstacle));
  fixture->target->klass->reopen (fixture->target);
  log_target_write (fixture->target, "new");
  log_target_write (fixture->target, "12345678");
  assert_content (fixture, ".1", "new\n");
  assert_content (fixture, "", "12345678\n");
}

static void
test_compress (Fixture       *fixture,
               gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(GConverter) decompressor = G_CONVERTER (g_zlib_decompressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP));
  g_autofree char *path = g_strconcat (fixture->path, ".2.gz", NULL);
  g_autoptr(GFile) file = g_file_new_for_path (path);
  g_autoptr(GInputStream) compressed = NULL;
  g_autoptr(GInputStream) input = NULL;
  g_autoptr(GError) error = NULL;
  char text[16];
  gssize length;

  open_target (fixture, &(AsabLogRotation) { .n_backups = 2, .compresses = TRUE });
  log_target_write (fixture->target, "one");
  fixture->target->klass->reopen (fixture->target);
  log_target_write (fixture->target, "two");
  fixture->target->klass->reopen (fixture->target);
  fixture->target->klass->finish (fixture->target, 0);
  assert_content (fixture, ".1", NULL);
  assert_content (fixture, ".2", NULL);

  compressed = G_INPUT_STREAM (g_file_read (file, NULL, &error));
  g_assert_no_error (error);
  input = g_converter_input_stream_new (compressed, decompressor);
  length = g_input_stream_read (input, text, sizeof text, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (text, length, "one\n", 4);
}

/* A file that somebody moves or deletes is made again. */
static void
test_moved (Fixture       *fixture,
            gconstpointer  data G_GNUC_UNUSED)
{
  open_target (fixture, &(AsabLogRotation) { 0 });
  g_assert_no_errno (g_remove (fixture->path));
  log_target_write (fixture->target, "one"); /* the first batch looks it up */
  assert_content (fixture, "", "one\n");
}

/* The size is that of the file, whoever has made it longer or shorter. */
static void
test_resized (Fixture       *fixture,
              gconstpointer  data G_GNUC_UNUSED)
{
  open_target (fixture, &(AsabLogRotation) { .n_backups = 1, .max_bytes = 8 });
  g_assert_no_errno (truncate (fixture->path, 7));
  log_target_write (fixture->target, "one"); /* the first batch looks it up */
  log_target_write (fixture->target, "two");
  g_assert_cmpuint (get_size (fixture, ".1"), ==, 7 + strlen ("one\n"));
  assert_content (fixture, "", "two\n");
}

/* What cannot be written is kept, up to a limit; the rest is counted, and at the end all of it. */
static void
test_full (Fixture       *fixture,
           gconstpointer  data G_GNUC_UNUSED)
{
  g_autofree char *big = g_strnfill (1024 * 1024, 'x');
  g_autoptr(GError) error = NULL;
  GPollFD fd = { .fd = -1 };

  fixture->target = asab_log_file_new ("/dev/full", make_layout (), &(AsabLogRotation) { 3, 10, 0, TRUE }, &error);
  g_assert_no_error (error);
  g_assert_cmpint (fixture->target->klass->prepare (fixture->target, &fd), ==, -1);
  for (int i = 0; i < 5; i++)
    log_target_write (fixture->target, big);
  g_assert_cmpint (fixture->target->klass->prepare (fixture->target, &fd), ==, 1000);
  fixture->target->klass->finish (fixture->target, 0);
  log_assert_reports ("ERROR: Cannot write the log file “/dev/full”: No space left on device\n"
                      "ERROR: The log file “/dev/full” lacks its end; up to 5 records were lost\n");
}

/* A child that was forked leaves to its parent what waits. */
static void
test_leave (Fixture       *fixture,
            gconstpointer  data G_GNUC_UNUSED)
{
  open_target (fixture, &(AsabLogRotation) { 0 });
  log_target_append (fixture->target, "of the parent");
  fixture->target->klass->leave (fixture->target);
  log_target_write (fixture->target, "of the child");
  assert_content (fixture, "", "of the child\n");
}

/* Nobody has to read from a named pipe for it to be opened, and a reader may come late. */
static void
test_pipe (Fixture       *fixture,
           gconstpointer  data G_GNUC_UNUSED)
{
  g_autofree char *folder = g_path_get_dirname (fixture->path);
  char text[16];
  int reader;

  g_assert_no_errno (g_mkdir (folder, 0700));
  g_assert_no_errno (mkfifo (fixture->path, 0600));
  open_target (fixture, &(AsabLogRotation) { 0 });
  log_target_write (fixture->target, "early");
  reader = g_open (fixture->path, O_RDONLY | O_NONBLOCK, 0);
  g_assert_no_errno (reader);
  g_assert_cmpint (read (reader, text, sizeof text), ==, 6);
  g_close (reader, NULL);
  log_target_write (fixture->target, "late");
  log_assert_reports ("");
}

static void
test_open_error (Fixture       *fixture,
                 gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(GError) error = NULL;

  g_assert_null (asab_log_file_new (fixture->folder, make_layout (), &(AsabLogRotation) { 0 }, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_IS_DIRECTORY);
}

#define add_test(path, func) g_test_add (path, Fixture, NULL, set_up, func, tear_down)

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  add_test ("/asab/log-file/append", test_append);
  add_test ("/asab/log-file/reopen", test_reopen);
  add_test ("/asab/log-file/rotate", test_rotate);
  add_test ("/asab/log-file/size", test_size);
  add_test ("/asab/log-file/interval", test_interval);
  add_test ("/asab/log-file/rotation-error", test_rotation_error);
  add_test ("/asab/log-file/compress", test_compress);
  add_test ("/asab/log-file/moved", test_moved);
  add_test ("/asab/log-file/resized", test_resized);
  add_test ("/asab/log-file/full", test_full);
  add_test ("/asab/log-file/leave", test_leave);
  add_test ("/asab/log-file/pipe", test_pipe);
  add_test ("/asab/log-file/open-error", test_open_error);

  return g_test_run ();
}
