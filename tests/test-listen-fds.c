/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <asab-glib/app/asab-listen-fds-private.h>

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#define FIRST_FD 50 /* out of the way of what GLib has open */

/* A socket of IPv4 at each of @n_sockets file descriptors. */
static void
open_sockets (int n_sockets)
{
  for (int i = 0; i < n_sockets; i++)
    {
      int fd = socket (AF_INET, SOCK_STREAM, 0);

      g_assert_cmpint (fd, >=, 0);
      g_assert_cmpint (dup2 (fd, FIRST_FD + i), ==, FIRST_FD + i);
      close (fd);
    }
}

static void
assert_n_sockets (AsabListenFds *fds,
                  const char    *name,
                  guint          expected)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) sockets = asab_listen_fds_dup_sockets (fds, name, &error);

  if (expected == 0)
    {
      g_assert_null (sockets);
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
      return;
    }

  g_assert_no_error (error);
  g_assert_cmpuint (sockets->len, ==, expected);
  for (guint i = 0; i < sockets->len; i++)
    g_assert_cmpint (g_socket_get_family (g_ptr_array_index (sockets, i)), ==, G_SOCKET_FAMILY_IPV4);
}

static void
test_names (void)
{
  AsabListenFds *fds;

  open_sockets (4);
  fds = asab_listen_fds_new (FIRST_FD, 4, "web:admin:web");

  assert_n_sockets (fds, "web", 2);
  assert_n_sockets (fds, "admin", 1);
  assert_n_sockets (fds, "unknown", 1);
  assert_n_sockets (fds, "we", 0);
  assert_n_sockets (fds, "", 0);

  asab_listen_fds_free (fds);
}

static void
test_no_names (void)
{
  AsabListenFds *fds;

  open_sockets (2);
  fds = asab_listen_fds_new (FIRST_FD, 2, NULL);
  assert_n_sockets (fds, "unknown", 2);
  asab_listen_fds_free (fds);
}

static void
test_none (void)
{
  AsabListenFds *fds = asab_listen_fds_new (FIRST_FD, 0, "web");

  assert_n_sockets (fds, "web", 0);
  asab_listen_fds_free (fds);
}

/* Children do not get them, and closing a copy leaves the socket open. */
static void
test_life (void)
{
  AsabListenFds *fds;

  open_sockets (1);
  fds = asab_listen_fds_new (FIRST_FD, 1, "web");
  g_assert_cmpint (fcntl (FIRST_FD, F_GETFD), ==, FD_CLOEXEC);

  assert_n_sockets (fds, "web", 1);
  assert_n_sockets (fds, "web", 1);
  g_assert_cmpint (fcntl (FIRST_FD, F_GETFD), ==, FD_CLOEXEC);

  asab_listen_fds_free (fds);
  g_assert_cmpint (fcntl (FIRST_FD, F_GETFD), ==, -1);
}

static void
test_no_socket (void)
{
  g_autoptr(GError) error = NULL;
  AsabListenFds *fds;
  int null_fd = open ("/dev/null", O_RDONLY | O_CLOEXEC);

  g_assert_cmpint (dup2 (null_fd, FIRST_FD), ==, FIRST_FD);
  close (null_fd);
  fds = asab_listen_fds_new (FIRST_FD, 2, "null:closed");

  g_assert_null (asab_listen_fds_dup_sockets (fds, "null", &error));
  g_assert_nonnull (g_strstr_len (error->message, -1, "“null” cannot be used: "));
  g_clear_error (&error);
  g_assert_null (asab_listen_fds_dup_sockets (fds, "closed", &error));
  g_assert_nonnull (g_strstr_len (error->message, -1, "“closed” cannot be used: "));

  asab_listen_fds_free (fds);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/asab/listen-fds/names", test_names);
  g_test_add_func ("/asab/listen-fds/no-names", test_no_names);
  g_test_add_func ("/asab/listen-fds/none", test_none);
  g_test_add_func ("/asab/listen-fds/life", test_life);
  g_test_add_func ("/asab/listen-fds/no-socket", test_no_socket);

  return g_test_run ();
}
