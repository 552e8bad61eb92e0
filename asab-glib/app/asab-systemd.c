/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What a service manager tells a service in its environment, and what the service may tell the manager: the protocol of
 * systemd, which others speak too. It is small enough to do without a library.
 *
 * The variables are taken out of the environment, because they are not meant for programs that this one starts.
 */

#include "config.h"

#include "asab-systemd-private.h"

#include "asab-listen-fds-private.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define FIRST_LISTEN_FD 3

/* Written once, before anybody reads it. */
static struct
{
  struct sockaddr_un address; /* where the manager wants to be told */
  socklen_t address_length;   /* 0 if there is no such place */
  guint64 watchdog_usec;      /* 0 if the manager does not watch */
  AsabListenFds *sockets;     /* (owned) */
} environment;

static guint64
parse_number (const char *text)
{
  guint64 number;

  return text != NULL && g_ascii_string_to_unsigned (text, 10, 0, G_MAXINT64, &number, NULL) ? number : 0;
}

/* Whether the variables were meant for this process, not for one that it descends from. */
static gboolean
is_for_us (const char *pid)
{
  return parse_number (pid) == (guint64) getpid ();
}

/* A path, or with an @ in front a name in the abstract namespace. */
static void
take_address (const char *address)
{
  gsize length = address != NULL ? strlen (address) : 0;

  if (length < 2 || length >= sizeof environment.address.sun_path || (*address != '/' && *address != '@'))
    return;

  environment.address.sun_family = AF_UNIX;
  memcpy (environment.address.sun_path, address, length);
  if (*address == '@')
    environment.address.sun_path[0] = '\0';
  environment.address_length = (socklen_t) (offsetof (struct sockaddr_un, sun_path) + length);
}

static void
take_watchdog (const char *usec,
               const char *pid)
{
  if (pid == NULL || is_for_us (pid))
    environment.watchdog_usec = parse_number (usec);
}

static void
take_sockets (const char *n_fds,
              const char *names,
              const char *pid)
{
  guint64 n = is_for_us (pid) ? parse_number (n_fds) : 0;

  environment.sockets = asab_listen_fds_new (FIRST_LISTEN_FD, (guint) MIN (n, G_MAXINT / 2), names);
}

/* Reads the environment, the first time that it is called. */
void
asab_systemd_take_environment (void)
{
  static const char * const variables[] = {
    "NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID", "LISTEN_FDS", "LISTEN_FDNAMES", "LISTEN_PID",
  };
  static gsize is_taken;

  if (!g_once_init_enter (&is_taken))
    return;

  take_address (g_getenv ("NOTIFY_SOCKET"));
  take_watchdog (g_getenv ("WATCHDOG_USEC"), g_getenv ("WATCHDOG_PID"));
  take_sockets (g_getenv ("LISTEN_FDS"), g_getenv ("LISTEN_FDNAMES"), g_getenv ("LISTEN_PID"));
  for (gsize i = 0; i < G_N_ELEMENTS (variables); i++)
    g_unsetenv (variables[i]);

  g_once_init_leave (&is_taken, TRUE);
}

/* Returns within how many microseconds the manager wants to hear of us, 0 if it does not. */
guint64
asab_systemd_get_watchdog (void)
{
  asab_systemd_take_environment ();

  return environment.watchdog_usec;
}

/**
 * asab_systemd_notify:
 * @state: assignments, one a line, such as `STATUS=Warming the cache`
 *
 * Tells the service manager how the service is.
 *
 * What `sd_notify(3)` documents can be told. An application tells by itself when it is ready, reloads and stops, and
 * that it is alive; `STATUS` is for the program to tell.
 *
 * The manager is found by the environment variable `NOTIFY_SOCKET`. The first use of this function, or the start of an
 * application, takes that out of the environment, so that child processes do not speak for this one.
 *
 * Returns: true if there is a manager that wants to know, and it was told
 */
gboolean
asab_systemd_notify (const char *state)
{
  gsize length;
  ssize_t n_sent;
  int fd;

  g_return_val_if_fail (state != NULL, FALSE);

  asab_systemd_take_environment ();
  if (environment.address_length == 0)
    return FALSE;

  fd = socket (AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0)
    return FALSE;

  length = strlen (state);
  n_sent = sendto (fd, state, length, MSG_NOSIGNAL | MSG_DONTWAIT, (struct sockaddr *) &environment.address,
                   environment.address_length);
  if (n_sent < 0)
    g_debug ("Cannot notify the service manager: %s", g_strerror (errno));
  close (fd);

  return n_sent == (ssize_t) length;
}

/**
 * asab_systemd_dup_sockets:
 * @name: a name that the service manager has given to sockets, such as that of `FileDescriptorName=`
 * @error: return location for an error
 *
 * Gets the sockets of a name that the service manager has opened for this process.
 *
 * They are found by the environment variables `LISTEN_FDS`, `LISTEN_FDNAMES` and `LISTEN_PID`. Each call gives new
 * copies: when they are closed, clients wait until somebody asks for the sockets again.
 *
 * It fails with %G_IO_ERROR_NOT_FOUND if there is no socket of that name.
 *
 * Returns: (transfer container) (element-type Gio.Socket): the sockets
 */
GPtrArray *
asab_systemd_dup_sockets (const char  *name,
                          GError     **error)
{
  g_return_val_if_fail (name != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  asab_systemd_take_environment ();

  return asab_listen_fds_dup_sockets (environment.sockets, name, error);
}
