/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "asab-log-syslog-address-private.h"

#include <asab-glib/asab.h>

#include <string.h>

typedef struct
{
  const char *text;
  AsabLogSyslogTransport transport;
  const char *host; /* (nullable) */
  guint16 port;
  const char *path; /* (nullable) */
} AddressCase;

static void
test_good (void)
{
  static const AddressCase cases[] = {
    { "tcp://syslog.server.lan:1554/", ASAB_LOG_SYSLOG_TCP, "syslog.server.lan", 1554, NULL },
    { "udp://syslog.server.lan:1554/", ASAB_LOG_SYSLOG_UDP, "syslog.server.lan", 1554, NULL },
    { "udp://", ASAB_LOG_SYSLOG_UDP, "localhost", 514, NULL },
    { "UDP://a:1", ASAB_LOG_SYSLOG_UDP, "a", 1, NULL },
    { "tcp://[::1]", ASAB_LOG_SYSLOG_TCP, "::1", 514, NULL },
    { "tcp://[::1]:1554/", ASAB_LOG_SYSLOG_TCP, "::1", 1554, NULL },
    { "tcp://:1554/", ASAB_LOG_SYSLOG_TCP, "localhost", 1554, NULL },
    { "tls://a", ASAB_LOG_SYSLOG_TLS, "a", 6514, NULL },
    { "unix-connect:///path/to/syslog.socket", ASAB_LOG_SYSLOG_UNIX_STREAM, NULL, 0, "/path/to/syslog.socket" },
    { "unix-sendto:///path/to/syslog.socket", ASAB_LOG_SYSLOG_UNIX_DATAGRAM, NULL, 0, "/path/to/syslog.socket" },
    { "unix-sendto:/path", ASAB_LOG_SYSLOG_UNIX_DATAGRAM, NULL, 0, "/path" },
    { "unix-sendto:///a%20b", ASAB_LOG_SYSLOG_UNIX_DATAGRAM, NULL, 0, "/a b" },
    { "/dev/log", ASAB_LOG_SYSLOG_UNIX_DATAGRAM, NULL, 0, "/dev/log" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto(AsabLogSyslogAddress) address = { 0 };

      g_assert_true (asab_log_syslog_address_init (&address, cases[i].text, NULL));
      g_assert_cmpint (address.transport, ==, cases[i].transport);
      g_assert_cmpstr (address.host, ==, cases[i].host);
      g_assert_cmpstr (address.path, ==, cases[i].path);
      g_assert_cmpuint (address.port, ==, cases[i].port);
    }
}

static void
assert_bad (const char *text,
            const char *reason)
{
  g_auto(AsabLogSyslogAddress) address = { 0 };
  g_autoptr(GError) error = NULL;

  g_assert_false (asab_log_syslog_address_init (&address, text, &error));
  g_assert_error (error, ASAB_CONFIG_ERROR, ASAB_CONFIG_ERROR_INVALID_VALUE);
  if (strstr (error->message, reason) == NULL)
    g_error ("“%s”: %s", text, error->message);
}

static void
test_bad (void)
{
  g_autofree char *long_path = g_strnfill (108, '/');

  assert_bad ("", "is no address of a syslog server");
  assert_bad ("dev/log", "is no address of a syslog server");
  assert_bad ("localhost:514", "is no address of a syslog server");
  assert_bad ("http://a/", "is no address of a syslog server");
  assert_bad ("tcp://a:99999/", "is no address of a syslog server");
  assert_bad ("tcp://a:-1/", "is no address of a syslog server");
  assert_bad ("tcp://a:0/", "is no address of a syslog server");
  assert_bad ("tcp://a/b", "is no address of a syslog server");
  assert_bad ("tcp://user@a/", "is no address of a syslog server");
  assert_bad ("tcp://a/?b", "is no address of a syslog server");
  assert_bad ("tcp://a/#b", "is no address of a syslog server");
  assert_bad ("unix-sendto://", "is no address of a syslog server");
  assert_bad ("unix-sendto://run/log", "is no address of a syslog server");
  assert_bad ("unix-sendto:log", "is no address of a syslog server");
  assert_bad (long_path, "is too long for the path of a socket");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/asab/log-syslog-address/good", test_good);
  g_test_add_func ("/asab/log-syslog-address/bad", test_bad);

  return g_test_run ();
}
