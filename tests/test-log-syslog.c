/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The syslog target by itself: what it has to report comes here, and the test waits where otherwise the writer does. */

#include "asab-log-syslog-private.h"
#include "asab-log-writer-private.h"

#include <asab-glib/asab.h>

#include <gio/gunixsocketaddress.h>
#include <glib/gstdio.h>
#include <string.h>

#define TIMEOUT (20 * G_USEC_PER_SEC)
#define N_RECORDS 2000

static GString *reports; /* (owned) */
static gboolean is_queue_full;

gboolean
asab_log_writer_report (AsabLogSeverity  severity G_GNUC_UNUSED,
                        const char      *format,
                        ...)
{
  va_list arguments;

  if (is_queue_full)
    return FALSE;

  va_start (arguments, format);
  g_string_append_vprintf (reports, format, arguments);
  va_end (arguments);
  g_string_append_c (reports, '\n');

  return TRUE;
}

void
asab_log_writer_add_helper (void)
{
}

/* A server */

typedef struct
{
  char *folder;     /* (owned) (nullable) */
  char *address;    /* (owned) */
  GSocketAddress *socket_address; /* (owned) */
  GSocket *socket;  /* (owned) (nullable): listens, or takes datagrams */
  GSocket *peer;    /* (owned) (nullable): a connection that was accepted */
  GString *text;    /* (owned): what came */
} Server;

static void
server_listen (Server      *self,
               GSocketType  type)
{
  g_autoptr(GError) error = NULL;
  GSocketFamily family = g_socket_address_get_family (self->socket_address);
  g_autoptr(GSocketAddress) local_address = NULL;

  self->socket = g_socket_new (family, type, G_SOCKET_PROTOCOL_DEFAULT, &error);
  g_assert_no_error (error);
  g_socket_set_blocking (self->socket, FALSE);
  /* What may be used again would for datagrams be shared with other processes. */
  g_socket_bind (self->socket, self->socket_address, type == G_SOCKET_TYPE_STREAM, &error);
  g_assert_no_error (error);
  if (type == G_SOCKET_TYPE_STREAM)
    g_socket_listen (self->socket, &error);
  g_assert_no_error (error);

  local_address = g_socket_get_local_address (self->socket, &error);
  g_set_object (&self->socket_address, local_address);
}

static void
server_init (Server     *self,
             const char *scheme)
{
  gboolean is_stream = strcmp (scheme, "tcp") == 0 || strcmp (scheme, "unix-connect") == 0;
  gboolean is_local = g_str_has_prefix (scheme, "unix-");
  g_autofree char *path = NULL;

  *self = (Server) { .text = g_string_new (NULL) };
  if (is_local)
    {
      self->folder = g_dir_make_tmp ("asab-syslog-XXXXXX", NULL);
      path = g_build_filename (self->folder, "socket", NULL);
      self->socket_address = g_unix_socket_address_new (path);
    }
  else
    {
      self->socket_address = g_inet_socket_address_new_from_string ("127.0.0.1", 0);
    }

  server_listen (self, is_stream ? G_SOCKET_TYPE_STREAM : G_SOCKET_TYPE_DATAGRAM);
  if (is_local)
    self->address = g_strdup_printf ("%s://%s", scheme, path);
  else
    self->address = g_strdup_printf ("%s://127.0.0.1:%u/", scheme,
                                     g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (self->socket_address)));
}

static void
server_stop (Server *self)
{
  g_clear_object (&self->peer);
  g_clear_object (&self->socket);
  if (self->folder != NULL)
    g_unlink (g_unix_socket_address_get_path (G_UNIX_SOCKET_ADDRESS (self->socket_address)));
}

static void
server_clear (Server *self)
{
  server_stop (self);
  if (self->folder != NULL)
    g_rmdir (self->folder);
  g_free (self->folder);
  g_free (self->address);
  g_object_unref (self->socket_address);
  g_string_free (self->text, TRUE);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Server, server_clear)

/* Takes what there is, without waiting. */
static void
server_read (Server *self)
{
  gboolean is_datagram = g_socket_get_socket_type (self->socket) == G_SOCKET_TYPE_DATAGRAM;
  static char part[70000];
  gssize n;

  if (self->peer == NULL && !is_datagram)
    {
      self->peer = g_socket_accept (self->socket, NULL, NULL);
      if (self->peer == NULL)
        return;
      g_socket_set_blocking (self->peer, FALSE);
    }

  while ((n = g_socket_receive (is_datagram ? self->socket : self->peer, part, sizeof part, NULL, NULL)) > 0)
    {
      g_string_append_len (self->text, part, n);
      if (is_datagram)
        g_string_append_c (self->text, '\n');
    }
}

/* The target */

static AsabLogTarget *
make_target (const char *address,
             gsize       buffer_size)
{
  AsabLogSyslogOptions options = {
    .address = address,
    .framing = "lf",
    .buffer_size = buffer_size,
    .format = { .style = ASAB_LOG_SYSLOG_RFC3164, .host_name = (char *) "vm", .app_name = (char *) "app",
                .sd_id = (char *) "sd" },
  };
  g_autoptr(GError) error = NULL;
  AsabLogTarget *target = asab_log_syslog_new (&options, &error);

  g_assert_no_error (error);

  return target;
}

static void
log_as (AsabLogTarget   *target,
        AsabLogSeverity  severity,
        const char      *message)
{
  g_auto(AsabLogPacker) packer;

  asab_log_packer_init (&packer, severity, 0, "d");
  asab_log_packer_add_message (&packer, message, strlen (message));
  target->klass->append (target, asab_log_packer_finish (&packer));
}

static void
log_to (AsabLogTarget *target,
        const char    *message)
{
  log_as (target, ASAB_LOG_SEVERITY_NOTICE, message);
}

static void
log_numbers (AsabLogTarget *target,
             int            first,
             int            n)
{
  for (int i = first; i < first + n; i++)
    {
      g_autofree char *message = g_strdup_printf ("<%d>", i);

      log_to (target, message);
      if (i % 10 == 0)
        target->klass->flush (target);
    }
}

/* What the thread that writes does when it has nothing to write. */
static void
turn (AsabLogTarget *target)
{
  GPollFD fd = { .fd = -1 };
  int timeout_ms = target->klass->prepare (target, &fd);

  g_poll (&fd, fd.fd >= 0, timeout_ms >= 0 ? MIN (timeout_ms, 10) : 10);
  target->klass->flush (target);
}

static void
run_until_received (AsabLogTarget *target,
                    Server        *server,
                    const char    *text)
{
  gint64 deadline = g_get_monotonic_time () + TIMEOUT;

  while (memmem (server->text->str, server->text->len, text, strlen (text)) == NULL)
    {
      if (g_get_monotonic_time () > deadline)
        g_error ("“%s” did not come; reported was:\n%s", text, reports->str);
      turn (target);
      server_read (server);
    }
}

/* Otherwise what is logged waits for the connection, and how much of that is lost depends on how long it takes. */
static void
connect_to (AsabLogTarget *target,
            Server        *server)
{
  log_to (target, "the beginning");
  run_until_received (target, server, "the beginning");
}

static gboolean
has_waiting (AsabLogTarget *target)
{
  GPollFD fd = { .fd = -1 };

  target->klass->prepare (target, &fd);

  return fd.fd < 0 || (fd.events & G_IO_OUT) != 0;
}

static void
run_until_sent (AsabLogTarget *target,
                Server        *server)
{
  gint64 deadline = g_get_monotonic_time () + TIMEOUT;

  while (has_waiting (target))
    {
      g_assert_cmpint (g_get_monotonic_time (), <, deadline);
      turn (target);
      server_read (server);
    }
}

static void
run_until_reported (AsabLogTarget *target,
                    const char    *text)
{
  gint64 deadline = g_get_monotonic_time () + TIMEOUT;

  while (strstr (reports->str, text) == NULL)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, deadline);
      turn (target);
    }
}

static void
finish (AsabLogTarget *target)
{
  target->klass->finish (target, g_get_monotonic_time () + G_USEC_PER_SEC / 2);
  target->klass->free (target);
}

/* Each number has come, those for the first time in order. */
static void
assert_numbers (Server   *server,
                int       n,
                gboolean  may_repeat)
{
  const char *text = server->text->str;
  const char *end = text + server->text->len;
  int next = 0;

  /* Functions for strings look at the whole of what is left under the address sanitizer. */
  while ((text = memmem (text, (gsize) (end - text), " d <", 4)) != NULL)
    {
      int number = (int) g_ascii_strtoll (text + 4, NULL, 10);

      if (number == next)
        next++;
      else if (may_repeat)
        g_assert_cmpint (number, <, next);
      else
        g_assert_cmpint (number, ==, next);
      text += 4;
    }
  g_assert_cmpint (next, ==, n);
}

static void
test_delivery (gconstpointer scheme)
{
  g_auto(Server) server;
  AsabLogTarget *target;

  server_init (&server, scheme);
  target = make_target (server.address, 16 * 1024 * 1024);
  log_numbers (target, 0, 100);
  run_until_received (target, &server, "<99>");
  log_numbers (target, 100, 100);
  run_until_received (target, &server, "<199>");
  finish (target);

  assert_numbers (&server, 200, FALSE);
  g_assert_cmpstr (reports->str, ==, "");
}

/* A host has several addresses, the server listens at one of them. */
static void
test_localhost (gconstpointer scheme)
{
  g_autofree char *address = NULL;
  g_auto(Server) server;
  AsabLogTarget *target;

  server_init (&server, scheme);
  address = g_strdup_printf ("%s://localhost:%u", (const char *) scheme,
                             g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (server.socket_address)));
  target = make_target (address, 64 * 1024);
  log_numbers (target, 0, 1);
  finish (target);
  server_read (&server);

  assert_numbers (&server, 1, FALSE);
  g_assert_cmpstr (reports->str, ==, "");
}

/* The server goes while records come, and returns: all of them arrive in the end. */
static void
test_restart (gconstpointer scheme)
{
  g_auto(Server) server;
  AsabLogTarget *target;
  int n = N_RECORDS;
  g_autofree char *last = NULL;
  GSocketType type;

  server_init (&server, scheme);
  type = g_socket_get_socket_type (server.socket);
  target = make_target (server.address, 16 * 1024 * 1024);
  log_numbers (target, 0, n);
  run_until_received (target, &server, "<10>");
  server_stop (&server);
  log_numbers (target, n, n);
  run_until_reported (target, "trying again");
  server_listen (&server, type);
  log_numbers (target, 2 * n, 1);
  last = g_strdup_printf ("<%d>", 2 * n);
  run_until_received (target, &server, last);
  finish (target);

  assert_numbers (&server, 2 * n + 1, TRUE);
}

/* Goes on logging, because the kernel may drop any datagram of UDP. */
static void
log_until (AsabLogTarget *target,
           Server        *server,
           GString       *text,
           const char    *expected)
{
  gint64 deadline = g_get_monotonic_time () + TIMEOUT;

  while (strstr (text->str, expected) == NULL)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, deadline);
      log_to (target, "a datagram");
      turn (target);
      if (server->socket != NULL)
        server_read (server);
    }
}

static void
test_udp (gconstpointer scheme)
{
  g_auto(Server) server;
  AsabLogTarget *target;

  server_init (&server, scheme);
  target = make_target (server.address, 64 * 1024);
  log_until (target, &server, server.text, " d a datagram");
  server_stop (&server);
  log_until (target, &server, reports, "trying again");
  server_listen (&server, G_SOCKET_TYPE_DATAGRAM);
  g_string_truncate (server.text, 0);
  log_until (target, &server, server.text, " d a datagram");
  finish (target);
}

/* While nobody reads, memory does not grow beyond the limit, and what was lost is told. */
static void
test_slow (gconstpointer scheme)
{
  g_autofree char *message = g_strnfill (1000, 'x');
  g_auto(Server) server;
  AsabLogTarget *target;

  server_init (&server, scheme);
  target = make_target (server.address, 128 * 1024);
  connect_to (target, &server);
  for (int i = 0; i < N_RECORDS; i++)
    {
      log_to (target, message);
      if (i % 100 == 0)
        turn (target);
    }
  log_to (target, "the end");
  run_until_sent (target, &server);
  g_assert_nonnull (strstr (reports->str, " records were lost"));
  log_to (target, "after");
  run_until_received (target, &server, " d after");
  g_assert_cmpuint (server.text->len, <, N_RECORDS * 1000 / 2);
  finish (target);
}

/* Nobody is there, until the end. */
static void
test_away (gconstpointer scheme)
{
  g_auto(Server) server;
  AsabLogTarget *target;
  gint64 begin = g_get_monotonic_time ();

  server_init (&server, scheme);
  server_stop (&server);
  target = make_target (server.address, 64 * 1024);
  log_numbers (target, 0, 10 * N_RECORDS);
  run_until_reported (target, "trying again");
  g_assert_nonnull (strstr (reports->str, "records are lost"));
  finish (target);

  g_assert_nonnull (strstr (reports->str, "20000 records were lost"));
  g_assert_cmpint (g_get_monotonic_time () - begin, <, TIMEOUT);
}

/* Warnings take the room of lesser records: they all arrive, in order, and the others that are not lost. */
static void
test_important (gconstpointer scheme)
{
  g_autofree char *filling = g_strnfill (1000, 'x');
  g_auto(Server) server;
  AsabLogTarget *target;

  server_init (&server, scheme);
  target = make_target (server.address, 256 * 1024);
  connect_to (target, &server);
  for (int i = 0; i < N_RECORDS; i++)
    {
      g_autofree char *message = g_strdup_printf ("<%d>", i);

      log_as (target, ASAB_LOG_SEVERITY_WARNING, message);
      log_to (target, filling);
      if (i % 100 == 0)
        turn (target);
    }
  run_until_sent (target, &server);
  g_assert_nonnull (strstr (reports->str, " records were lost"));
  finish (target);
  server_read (&server);

  assert_numbers (&server, N_RECORDS, FALSE);
  g_assert_cmpuint (server.text->len, <, N_RECORDS * 1000 / 2);
}

/* A count that could not be told is told later. */
static void
test_count (gconstpointer scheme)
{
  g_auto(Server) server;
  AsabLogTarget *target;

  server_init (&server, scheme);
  target = make_target (server.address, 64 * 1024);
  is_queue_full = TRUE;
  log_numbers (target, 0, 10 * N_RECORDS);
  run_until_received (target, &server, "<0>");
  is_queue_full = FALSE;
  run_until_reported (target, " records were lost");
  finish (target);
}

static void
set_up (gpointer      *fixture G_GNUC_UNUSED,
        gconstpointer  data G_GNUC_UNUSED)
{
  reports = g_string_new (NULL);
}

static void
tear_down (gpointer      *fixture G_GNUC_UNUSED,
           gconstpointer  data G_GNUC_UNUSED)
{
  g_string_free (g_steal_pointer (&reports), TRUE);
}

typedef struct
{
  const char *path;
  void (*func) (gconstpointer scheme);
  const char *scheme;
} Test;

static void
call_test (gpointer      *fixture G_GNUC_UNUSED,
           gconstpointer  data)
{
  const Test *test = data;

  test->func (test->scheme);
}

int
main (int    argc,
      char **argv)
{
  static const Test tests[] = {
    { "delivery/tcp", test_delivery, "tcp" },
    { "delivery/unix-sendto", test_delivery, "unix-sendto" },
    { "delivery/unix-connect", test_delivery, "unix-connect" },
    { "localhost/udp", test_localhost, "udp" },
    { "localhost/tcp", test_localhost, "tcp" },
    { "restart/udp", test_udp, "udp" },
    { "restart/tcp", test_restart, "tcp" },
    { "restart/unix-sendto", test_restart, "unix-sendto" },
    { "restart/unix-connect", test_restart, "unix-connect" },
    { "away/tcp", test_away, "tcp" },
    { "away/unix-connect", test_away, "unix-connect" },
    { "count/unix-connect", test_count, "unix-connect" },
    { "important/tcp", test_important, "tcp" },
    { "important/unix-sendto", test_important, "unix-sendto" },
    { "slow/unix-sendto", test_slow, "unix-sendto" },
    { "slow/unix-connect", test_slow, "unix-connect" },
  };

  g_test_init (&argc, &argv, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    {
      g_autofree char *path = g_strconcat ("/asab/log-syslog/", tests[i].path, NULL);

      g_test_add (path, gpointer, &tests[i], set_up, call_test, tear_down);
    }

  return g_test_run ();
}
