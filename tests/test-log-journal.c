/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The journal target, with a socket that plays the journal: slow, full, away, and back. */

#include "log-target-fixture.h"

#include "asab-log-journal-private.h"

#include <gio/gunixfdmessage.h>
#include <gio/gunixsocketaddress.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#define FIELDS "PRIORITY=6\nGLIB_DOMAIN=my.mod\nAL_M=GET\nCODE_LINE=12\nSYSLOG_IDENTIFIER=me\n"
#define N_KEPT 20
#define BIG_SIZE (4 * 1024 * 1024)

typedef struct
{
  char *folder;
  char *path;
  GSocket *journal;
  AsabLogTarget *target;
} Fixture;

static void
open_journal (Fixture *fixture)
{
  g_autoptr(GSocketAddress) address = g_unix_socket_address_new (fixture->path);
  g_autoptr(GError) error = NULL;

  fixture->journal = g_socket_new (G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_DATAGRAM, G_SOCKET_PROTOCOL_DEFAULT, &error);
  g_assert_no_error (error);
  g_socket_set_blocking (fixture->journal, FALSE);
  g_socket_bind (fixture->journal, address, FALSE, &error);
  g_assert_no_error (error);
}

static void
close_journal (Fixture *fixture)
{
  g_clear_object (&fixture->journal);
  g_assert_no_errno (g_unlink (fixture->path));
}

static void
set_up (Fixture       *fixture,
        gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(GError) error = NULL;

  fixture->folder = log_make_folder ();
  fixture->path = g_build_filename (fixture->folder, "socket", NULL);
  open_journal (fixture);
  fixture->target = asab_log_journal_new (fixture->path, "me", &error);
  g_assert_no_error (error);
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data G_GNUC_UNUSED)
{
  fixture->target->klass->free (fixture->target);
  g_clear_object (&fixture->journal);
  log_remove_folder (fixture->folder);
  g_free (fixture->path);
  g_free (fixture->folder);
}

/* Returns: (nullable): the next datagram, with a NUL behind it */
static char *
receive (Fixture *fixture,
         gssize  *length)
{
  char text[1024];

  *length = g_socket_receive (fixture->journal, text, sizeof text - 1, NULL, NULL);
  if (*length < 0)
    return NULL;
  text[*length] = '\0';

  return g_memdup2 (text, (gsize) *length + 1);
}

static void
assert_receives (Fixture    *fixture,
                 const char *message)
{
  g_autofree char *expected = g_strdup_printf ("MESSAGE=%s\n" FIELDS, message);
  gssize length;
  g_autofree char *text = receive (fixture, &length);

  g_assert_cmpstr (text, ==, expected);
}

static void
test_fields (Fixture       *fixture,
             gconstpointer  data G_GNUC_UNUSED)
{
  static const char expected[] = "MESSAGE\n\7\0\0\0\0\0\0\0one\ntwo\n" FIELDS;
  g_autofree char *text = NULL;
  gssize length;

  log_target_write (fixture->target, "one\ntwo");
  text = receive (fixture, &length);
  g_assert_cmpmem (text, length, expected, sizeof expected - 1);
}

/* Names that the journal refuses, or that mean something else there, get another one. */
static void
test_names (Fixture       *fixture,
            gconstpointer  data G_GNUC_UNUSED)
{
  g_autofree char *long_name = g_strnfill (100, '_');
  const char *names[] = { "1st", "_PID", "priority", "al.m-x", long_name };
  g_auto(AsabLogPacker) packer;
  g_autofree char *text = NULL;
  g_auto(GStrv) lines = NULL;
  gssize length;

  asab_log_packer_init (&packer, ASAB_LOG_SEVERITY_INFO, 0, "my.mod");
  asab_log_packer_add_message (&packer, "m", 1);
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    asab_log_packer_add_datum (&packer, &(AsabLogDatum) { ASAB_LOG_DATUM_TEXT, names[i], "v", 1 });
  fixture->target->klass->append (fixture->target, asab_log_packer_finish (&packer));
  fixture->target->klass->flush (fixture->target);

  text = receive (fixture, &length);
  lines = g_strsplit (text, "\n", -1);
  g_assert_cmpuint (g_strv_length (lines), ==, 3 + G_N_ELEMENTS (names) + 2);
  g_assert_cmpstr (lines[3], ==, "X_1ST=v");
  g_assert_cmpstr (lines[4], ==, "X__PID=v");
  g_assert_cmpstr (lines[5], ==, "X_PRIORITY=v");
  g_assert_cmpstr (lines[6], ==, "AL_M_X=v");
  g_assert_cmpuint (strlen (lines[7]), ==, 64 + strlen ("=v"));
}

/* What is too long for a datagram comes as a file. */
static void
test_big (Fixture       *fixture,
          gconstpointer  data G_GNUC_UNUSED)
{
  g_autofree char *big = g_strnfill (BIG_SIZE, 'x');
  GSocketControlMessage **messages = NULL;
  char text[16];
  GInputVector vector = { text, sizeof text };
  g_autoptr(GError) error = NULL;
  int n_messages = 0;
  gssize length;
  const int *fds;
  int n_fds;

  log_target_append (fixture->target, "before");
  log_target_append (fixture->target, big);
  log_target_write (fixture->target, "after");

  assert_receives (fixture, "before");
  length = g_socket_receive_message (fixture->journal, NULL, &vector, 1, &messages, &n_messages, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (length, ==, 0);
  g_assert_cmpint (n_messages, ==, 1);
  fds = g_unix_fd_list_peek_fds (g_unix_fd_message_get_fd_list (G_UNIX_FD_MESSAGE (messages[0])), &n_fds);
  g_assert_cmpint (n_fds, ==, 1);
  g_assert_cmpint (lseek (fds[0], 0, SEEK_END), ==, strlen ("MESSAGE=\n" FIELDS) + BIG_SIZE);
  g_object_unref (messages[0]);
  g_free (messages);
  assert_receives (fixture, "after");
  log_assert_reports ("");
}

static void
write_numbers (Fixture *fixture,
               int      n)
{
  for (int i = 0; i < n; i++)
    {
      g_autofree char *message = g_strdup_printf ("%d", i);

      log_target_append (fixture->target, message);
    }
  fixture->target->klass->flush (fixture->target);
}

/* Returns: how many numbers came, in order, from @next on */
static int
receive_numbers (Fixture *fixture,
                 int      next)
{
  int first = next;

  for (;; next++)
    {
      gssize length;
      g_autofree char *text = receive (fixture, &length);
      g_autofree char *expected = g_strdup_printf ("MESSAGE=%d\n", next);

      if (text == NULL)
        return next - first;
      g_assert_true (g_str_has_prefix (text, expected));
    }
}

/* While the socket is full, the target lets the thread wait for it, and loses nothing. */
static void
test_full (Fixture       *fixture,
           gconstpointer  data G_GNUC_UNUSED)
{
  GPollFD fd = { .fd = -1 };
  int n = 600; /* more than any socket takes */
  int n_received;

  write_numbers (fixture, n);
  g_assert_cmpint (fixture->target->klass->prepare (fixture->target, &fd), ==, -1);
  g_assert_cmpint (fd.fd, >=, 0);
  g_assert_cmpint (fd.events, ==, G_IO_OUT);
  g_assert_cmpint (g_poll (&fd, 1, 0), ==, 0);

  for (n_received = 0; n_received < n;)
    {
      int n_more = receive_numbers (fixture, n_received);

      g_assert_cmpint (n_more, >, 0);
      n_received += n_more;
      fixture->target->klass->flush (fixture->target);
    }

  fd.fd = -1;
  g_assert_cmpint (fixture->target->klass->prepare (fixture->target, &fd), ==, -1);
  g_assert_cmpint (fd.fd, ==, -1);
  log_assert_reports ("");
}

/* What is logged while the journal is away comes when it is back, with the time when it was logged. */
static void
test_away (Fixture       *fixture,
           gconstpointer  data G_GNUC_UNUSED)
{
  GPollFD fd = { .fd = -1 };
  g_autofree char *text = NULL;
  gssize length;

  log_target_write (fixture->target, "before");
  assert_receives (fixture, "before");
  close_journal (fixture);
  log_target_write (fixture->target, "at first");
  log_target_write (fixture->target, "later");
  log_assert_reports ("WARNING: Cannot write to the journal, trying again: Connection refused\n");
  g_assert_cmpint (fixture->target->klass->prepare (fixture->target, &fd), >, 0);
  g_assert_cmpint (fd.fd, ==, -1);

  open_journal (fixture);
  fixture->target->klass->finish (fixture->target, g_get_monotonic_time () + G_USEC_PER_SEC);
  assert_receives (fixture, "at first");
  text = receive (fixture, &length);
  g_assert_cmpstr (text, ==, "MESSAGE=later\n" FIELDS "SYSLOG_TIMESTAMP=1970-01-01T00:00:00.000000Z\n");
  log_assert_reports ("NOTICE: The journal can be written again\n");
}

/* What does not fit is counted, and told, at the latest at the end. */
static void
test_lost (Fixture       *fixture,
           gconstpointer  data G_GNUC_UNUSED)
{
  g_autofree char *big = g_strnfill (BIG_SIZE, 'x');

  close_journal (fixture);
  for (int i = 0; i < N_KEPT; i++)
    log_target_write (fixture->target, big);
  fixture->target->klass->finish (fixture->target, g_get_monotonic_time ());
  log_assert_reports ("WARNING: Cannot write to the journal, trying again: Connection refused\n"
                      "WARNING: 20 records were lost, because the journal was away or slow\n");
}

/* A child that was forked leaves to its parent what waits. */
static void
test_leave (Fixture       *fixture,
            gconstpointer  data G_GNUC_UNUSED)
{
  g_autofree char *text = NULL;
  gssize length;

  close_journal (fixture);
  log_target_write (fixture->target, "of the parent");
  open_journal (fixture);
  fixture->target->klass->leave (fixture->target);
  log_target_append (fixture->target, "of the child");
  fixture->target->klass->finish (fixture->target, g_get_monotonic_time ());
  text = receive (fixture, &length);
  g_assert_true (g_str_has_prefix (text, "MESSAGE=of the child\n"));
}

static void
test_open_error (Fixture       *fixture,
                 gconstpointer  data G_GNUC_UNUSED)
{
  g_autofree char *long_name = g_strnfill (200, 'x');
  g_autoptr(GError) error = NULL;

  g_assert_null (asab_log_journal_new ("/nonexistent/socket", "me", &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_null (asab_log_journal_new (long_name, "me", &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_FILENAME_TOO_LONG);
  g_assert_nonnull (fixture->target);
}

#define add_test(path, func) g_test_add (path, Fixture, NULL, set_up, func, tear_down)

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  add_test ("/asab/log-journal/fields", test_fields);
  add_test ("/asab/log-journal/names", test_names);
  add_test ("/asab/log-journal/big", test_big);
  add_test ("/asab/log-journal/full", test_full);
  add_test ("/asab/log-journal/away", test_away);
  add_test ("/asab/log-journal/lost", test_lost);
  add_test ("/asab/log-journal/leave", test_leave);
  add_test ("/asab/log-journal/open-error", test_open_error);

  return g_test_run ();
}
