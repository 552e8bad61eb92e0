/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "log-target-fixture.h"

#include "asab-log-file-private.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>
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

/* What cannot be written is kept, up to a limit; the rest is counted. */
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
  add_test ("/asab/log-file/compress", test_compress);
  add_test ("/asab/log-file/moved", test_moved);
  add_test ("/asab/log-file/full", test_full);
  add_test ("/asab/log-file/open-error", test_open_error);

  return g_test_run ();
}
