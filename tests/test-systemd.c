/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "program.h"

#include <gio/gunixsocketaddress.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

/* What it is told by an application with the timeouts that are the default. */
#define INITIALIZING "STATUS=Initializing\nEXTEND_TIMEOUT_USEC=65000000"
#define READY "READY=1\nSTATUS=Running"
#define STOPPING "STOPPING=1\nEXTEND_TIMEOUT_USEC=15000000"
#define EXITING "STOPPING=1\nEXTEND_TIMEOUT_USEC=65000000"

/* A service manager that only listens. */
typedef struct
{
  GSocket *socket;
  char *folder;
  char *path;
} Manager;

static GSocket *
open_socket (GUnixSocketAddressType  type,
             const char             *path)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GSocketAddress) address = g_unix_socket_address_new_with_type (path, -1, type);
  GSocket *socket = g_socket_new (G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_DATAGRAM, G_SOCKET_PROTOCOL_DEFAULT, &error);

  g_assert_no_error (error);
  g_socket_set_blocking (socket, FALSE);
  g_assert_true (g_socket_bind (socket, address, FALSE, &error));
  g_assert_no_error (error);

  return socket;
}

static void
set_up (Manager       *manager,
        gconstpointer  data G_GNUC_UNUSED)
{
  manager->folder = g_dir_make_tmp ("asab-systemd-XXXXXX", NULL);
  manager->path = g_build_filename (manager->folder, "notify", NULL);
  manager->socket = open_socket (G_UNIX_SOCKET_ADDRESS_PATH, manager->path);
  program_set_env ("NOTIFY_SOCKET", manager->path);
}

static void
tear_down (Manager       *manager,
           gconstpointer  data G_GNUC_UNUSED)
{
  g_object_unref (manager->socket);
  g_assert_no_errno (g_unlink (manager->path));
  g_assert_no_errno (g_rmdir (manager->folder));
  g_free (manager->path);
  g_free (manager->folder);
}

static char *
receive (GSocket *socket)
{
  char buffer[4096];
  gssize length = g_socket_receive (socket, buffer, sizeof buffer, NULL, NULL);

  return length >= 0 ? g_strndup (buffer, length) : NULL;
}

static void
assert_told (GSocket    *socket,
             const char *expected)
{
  g_autofree char *state = receive (socket);

  g_assert_cmpstr (state, ==, expected);
}

/* Says “hello” and “world”, and prints whether that reached somebody. */
static int
talk_program (int    argc G_GNUC_UNUSED,
              char **argv G_GNUC_UNUSED)
{
  g_print ("%d", asab_systemd_notify ("STATUS=hello"));
  g_print ("%d", asab_systemd_notify ("STATUS=world\nX_MORE=1"));
  g_print (" %s", g_getenv ("NOTIFY_SOCKET"));

  return 0;
}

static gboolean
stop (AsabApplication  *application,
      GError          **error G_GNUC_UNUSED)
{
  g_assert_true (asab_application_reload (application, NULL));
  asab_application_stop (application, 0);

  return TRUE;
}

static int
stop_program (int    argc,
              char **argv)
{
  return asab_run (argc, argv, .main = stop);
}

static gboolean
fail (AsabApplication  *application G_GNUC_UNUSED,
      GError          **error)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, "two\nlines");

  return FALSE;
}

static int
fail_program (int    argc,
              char **argv)
{
  return asab_run (argc, argv, .initialize = fail);
}

static AsabFuture *
run_cb (AsabPubSub   *bus G_GNUC_UNUSED,
        AsabMessage  *message G_GNUC_UNUSED,
        gpointer      user_data,
        GError      **error G_GNUC_UNUSED)
{
  asab_application_stop (user_data, 5);

  return NULL;
}

static gboolean
subscribe (AsabApplication  *application,
           GError          **error G_GNUC_UNUSED)
{
  asab_pubsub_subscribe (asab_application_get_pubsub (application), "Application.run!", run_cb, application, NULL);

  return TRUE;
}

/* As a server does that cannot start. */
static int
refuse_program (int    argc,
                char **argv)
{
  return asab_run (argc, argv, .initialize = subscribe);
}

/* Prints how many sockets it got; they are none of its business if another process was meant. */
static int
sockets_program (int    argc,
                 char **argv)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *pid = g_strdup_printf ("%d", (int) getpid ());
  g_autoptr(GPtrArray) sockets = NULL;
  g_autoptr(GSocket) socket = NULL;

  socket = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_DEFAULT, &error);
  g_assert_no_error (error);
  if (g_socket_get_fd (socket) != 3)
    g_assert_cmpint (dup2 (g_socket_get_fd (socket), 3), ==, 3);
  g_setenv ("LISTEN_FDS", "1", TRUE);
  g_setenv ("LISTEN_FDNAMES", "web", TRUE);
  g_setenv ("LISTEN_PID", argc > 1 ? argv[1] : pid, TRUE);

  sockets = asab_systemd_dup_sockets ("web", &error);
  g_print ("%u %d", sockets != NULL ? sockets->len : 0, g_getenv ("LISTEN_FDS") != NULL);

  return 0;
}

static void
test_path (Manager       *manager,
           gconstpointer  data G_GNUC_UNUSED)
{
  g_auto(ProgramResult) result = PROGRAM_RESULT_INIT;

  program_run (&result, "talk", NULL);
  program_assert (&result, 0, "11 (null)");
  assert_told (manager->socket, "STATUS=hello");
  assert_told (manager->socket, "STATUS=world\nX_MORE=1");
  assert_told (manager->socket, NULL);
}

static void
test_abstract (Manager       *manager G_GNUC_UNUSED,
               gconstpointer  data G_GNUC_UNUSED)
{
  g_auto(ProgramResult) result = PROGRAM_RESULT_INIT;
  g_autofree char *name = g_strdup_printf ("asab-test-systemd-%d", (int) getpid ());
  g_autofree char *variable = g_strconcat ("@", name, NULL);
  g_autoptr(GSocket) socket = open_socket (G_UNIX_SOCKET_ADDRESS_ABSTRACT, name);

  program_set_env ("NOTIFY_SOCKET", variable);
  program_run (&result, "talk", NULL);
  program_assert (&result, 0, "11 (null)");
  assert_told (socket, "STATUS=hello");
}

static void
test_nobody (Manager       *manager G_GNUC_UNUSED,
             gconstpointer  data G_GNUC_UNUSED)
{
  g_auto(ProgramResult) result = PROGRAM_RESULT_INIT;
  g_autofree char *too_long = g_strnfill (200, '/');
  const char *addresses[] = { NULL, "", "@", "relative", "/nowhere/notify", too_long };

  for (gsize i = 0; i < G_N_ELEMENTS (addresses); i++)
    {
      program_set_env ("NOTIFY_SOCKET", addresses[i]);
      program_run (&result, "talk", NULL);
      program_assert (&result, 0, "00 (null)");
    }
}

static void
test_life (Manager       *manager,
           gconstpointer  data G_GNUC_UNUSED)
{
  g_auto(ProgramResult) result = PROGRAM_RESULT_INIT;
  g_autofree char *reloading = NULL;

  program_run (&result, "stop", NULL);
  program_assert (&result, 0, "");

  assert_told (manager->socket, INITIALIZING);
  assert_told (manager->socket, READY);
  reloading = receive (manager->socket);
  g_assert_true (g_str_has_prefix (reloading, "RELOADING=1\nMONOTONIC_USEC="));
  assert_told (manager->socket, READY);
  assert_told (manager->socket, STOPPING);
  assert_told (manager->socket, EXITING);
  assert_told (manager->socket, NULL);
}

/* A program that does not come to run-time never says that it is ready. */
static void
assert_not_ready (Manager    *manager,
                  const char *program,
                  int         status,
                  const char *end)
{
  g_auto(ProgramResult) result = PROGRAM_RESULT_INIT;

  program_run (&result, program, NULL);
  program_assert (&result, status, "");

  assert_told (manager->socket, INITIALIZING);
  assert_told (manager->socket, end);
  assert_told (manager->socket, EXITING);
  assert_told (manager->socket, NULL);
}

static void
test_failure (Manager       *manager,
              gconstpointer  data G_GNUC_UNUSED)
{
  assert_not_ready (manager, "fail", 1, "STATUS=The application failed to initialize: two lines");
}

static void
test_never_ready (Manager       *manager,
                  gconstpointer  data G_GNUC_UNUSED)
{
  assert_not_ready (manager, "refuse", 5, STOPPING);
}

static void
test_sockets (Manager       *manager G_GNUC_UNUSED,
              gconstpointer  data G_GNUC_UNUSED)
{
  g_auto(ProgramResult) result = PROGRAM_RESULT_INIT;

  program_run (&result, "sockets", NULL);
  program_assert (&result, 0, "1 0");
  program_run (&result, "sockets", "1", NULL);
  program_assert (&result, 0, "0 0");
  program_run (&result, "sockets", "nonsense", NULL);
  program_assert (&result, 0, "0 0");
}

int
main (int    argc,
      char **argv)
{
  static const Program programs[] = {
    { "fail", fail_program }, { "refuse", refuse_program }, { "sockets", sockets_program },
    { "stop", stop_program }, { "talk", talk_program },
  };
  int status;

  if (program_main (programs, G_N_ELEMENTS (programs), argc, argv, &status))
    return status;

  g_test_init (&argc, &argv, NULL);

  g_test_add ("/asab/systemd/path", Manager, NULL, set_up, test_path, tear_down);
  g_test_add ("/asab/systemd/abstract", Manager, NULL, set_up, test_abstract, tear_down);
  g_test_add ("/asab/systemd/nobody", Manager, NULL, set_up, test_nobody, tear_down);
  g_test_add ("/asab/systemd/life", Manager, NULL, set_up, test_life, tear_down);
  g_test_add ("/asab/systemd/failure", Manager, NULL, set_up, test_failure, tear_down);
  g_test_add ("/asab/systemd/never-ready", Manager, NULL, set_up, test_never_ready, tear_down);
  g_test_add ("/asab/systemd/sockets", Manager, NULL, set_up, test_sockets, tear_down);

  return g_test_run ();
}
