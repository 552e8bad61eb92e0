/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "asab-log-syslog-format-private.h"

#include <asab-glib/asab.h>

#include <string.h>
#include <unistd.h>

/* 3-Sep-2020 14:26:40.007123 in UTC, which is what local time is here */
#define SOME_TIME (G_GINT64_CONSTANT (1599143200) * G_USEC_PER_SEC + 7123)
#define LOCAL0 16

typedef struct
{
  const char *name;
  AsabLogSyslogFormat options;
  AsabLogSeverity severity;
  const char *domain;
  const char *key; /* (nullable) */
  const char *value;
  const char *message;
  const char *expected; /* with the number of the process in place of a `$` */
} FormatCase;

/* What is left out is as in complete(). */
#define FORMAT(style_, ...) { .style = ASAB_LOG_SYSLOG_##style_, __VA_ARGS__ }

static const FormatCase format_cases[] = {
  { "5/plain", FORMAT (RFC5424), ASAB_LOG_SEVERITY_INFO, "my.mod", NULL, NULL, "info",
    "<134>1 2020-09-03T14:26:40.007123Z vm myapp $ my.mod [log l=\"INFO\"] info" },
  { "5/data", FORMAT (RFC5424), ASAB_LOG_SEVERITY_WARNING, "my.mod", "key", "x", "Warn",
    "<132>1 2020-09-03T14:26:40.007123Z vm myapp $ my.mod [log l=\"WARNING\"][sd key=\"x\"] Warn" },
  { "5/escaped", FORMAT (RFC5424), ASAB_LOG_SEVERITY_ERROR, "d", "a=b c", "\"]\\[\n", "\xff",
    "<131>1 2020-09-03T14:26:40.007123Z vm myapp $ d [log l=\"ERROR\"][sd a_b_c=\"\\\"\\]\\\\[#012\"] \xef\xbf\xbd" },
  { "5/enterprise", FORMAT (RFC5424, .sd_id = (char *) "sd@32473"), ASAB_LOG_SEVERITY_NOTICE, "d", "k", "v", "m",
    "<133>1 2020-09-03T14:26:40.007123Z vm myapp $ d [log@32473 l=\"NOTICE\"][sd@32473 k=\"v\"] m" },
  { "5/names", FORMAT (RFC5424, .host_name = (char *) "", .app_name = (char *) "my app\xc3\xa9"),
    ASAB_LOG_SEVERITY_DEBUG, "a domain that is longer than an id may be", NULL, NULL, "",
    "<135>1 2020-09-03T14:26:40.007123Z - my_app__ $ a_domain_that_is_longer_than_an_ [log l=\"DEBUG\"] " },
  { "5/facility", FORMAT (RFC5424, .facility = 1), ASAB_LOG_SEVERITY_CRITICAL, "d", NULL, NULL, "m",
    "<10>1 2020-09-03T14:26:40.007123Z vm myapp $ d [log l=\"CRITICAL\"] m" },
  { "5/datagram", FORMAT (RFC5424), ASAB_LOG_SEVERITY_INFO, "d", NULL, NULL, "one\n\ttwo\a",
    "<134>1 2020-09-03T14:26:40.007123Z vm myapp $ d [log l=\"INFO\"] one\n\ttwo#007" },
  { "5/lf", FORMAT (RFC5424, .framing = ASAB_LOG_SYSLOG_FRAMING_LF), ASAB_LOG_SEVERITY_INFO, "d", NULL, NULL,
    "one\ntwo", "<134>1 2020-09-03T14:26:40.007123Z vm myapp $ d [log l=\"INFO\"] one#012two\n" },
  { "5/cut", FORMAT (RFC5424, .max_length = 76), ASAB_LOG_SEVERITY_INFO, "domain", NULL, NULL,
    "01234567890123456789", NULL },
  { "3/plain", FORMAT (RFC3164), ASAB_LOG_SEVERITY_INFO, "my.mod", NULL, NULL, "info",
    "<134>Sep  3 14:26:40 vm myapp[$]: INFO my.mod info" },
  { "3/local", FORMAT (RFC3164, .is_local = TRUE), ASAB_LOG_SEVERITY_INFO, "my.mod", "k", "v", "one\ntwo",
    "<134>Sep  3 14:26:40 myapp[$]: INFO my.mod [sd k=\"v\"] one#012two" },
  { "3/lf", FORMAT (RFC3164, .framing = ASAB_LOG_SYSLOG_FRAMING_LF), ASAB_LOG_SEVERITY_INFO, "d", NULL, NULL, "m",
    "<134>Sep  3 14:26:40 vm myapp[$]: INFO d m\n" },
  { "3/tag", FORMAT (RFC3164, .app_name = (char *) "a[b]:c"), ASAB_LOG_SEVERITY_INFO, "d", NULL, NULL, "m",
    "<134>Sep  3 14:26:40 vm a_b__c[$]: INFO d m" },
  { "m/plain", FORMAT (MACOS), ASAB_LOG_SEVERITY_INFO, "my.mod", "k", "v", "info",
    "<134>Sep  3 14:26:40 myapp[$]: INFO my.mod [sd k=\"v\"] info" },
};

static AsabLogSyslogFormat
complete (AsabLogSyslogFormat options)
{
  if (options.host_name == NULL)
    options.host_name = (char *) "vm";
  if (options.app_name == NULL)
    options.app_name = (char *) "myapp";
  if (options.sd_id == NULL)
    options.sd_id = (char *) "sd";
  if (options.facility == 0)
    options.facility = LOCAL0;
  if (options.max_length == 0)
    options.max_length = 1000;

  return options;
}

static void
append (AsabLogBuffer    *buffer,
        const FormatCase *test)
{
  AsabLogSyslogFormat options = complete (test->options);
  AsabLogSyslogFormat format;
  g_auto(AsabLogPacker) packer;

  asab_log_syslog_format_init (&format, &options);
  asab_log_packer_init (&packer, test->severity, SOME_TIME, test->domain);
  asab_log_packer_add_message (&packer, test->message, strlen (test->message));
  if (test->key != NULL)
    asab_log_packer_add_datum (&packer, &(AsabLogDatum) { ASAB_LOG_DATUM_TEXT, test->key, test->value,
                                                          strlen (test->value) });
  asab_log_syslog_format_append (&format, buffer, asab_log_packer_finish (&packer));
  asab_log_syslog_format_clear (&format);
}

static void
test_format (gconstpointer data)
{
  const FormatCase *test = data;
  AsabLogBuffer buffer = ASAB_LOG_BUFFER_INIT;

  append (&buffer, test);
  if (test->expected != NULL)
    {
      g_autofree char *process = g_strdup_printf ("%d", (int) getpid ());
      g_auto(GStrv) parts = g_strsplit (test->expected, "$", 2);
      g_autofree char *expected = g_strjoinv (process, parts);

      g_assert_cmpmem (buffer.text, buffer.length, expected, strlen (expected));
    }
  else
    {
      g_assert_cmpuint (buffer.length, ==, test->options.max_length);
    }
  asab_log_buffer_clear (&buffer);
}

/* The frame of RFC 6587, 3.4.1, around what is sent otherwise, lines and all. */
static void
test_octets (void)
{
  FormatCase test = { NULL, FORMAT (RFC5424), ASAB_LOG_SEVERITY_INFO, "d", NULL, NULL, "one\ntwo", NULL };
  AsabLogBuffer plain = ASAB_LOG_BUFFER_INIT;
  AsabLogBuffer framed = ASAB_LOG_BUFFER_INIT;
  g_autofree char *expected = NULL;

  append (&plain, &test);
  test.options.framing = ASAB_LOG_SYSLOG_FRAMING_OCTETS;
  append (&framed, &test);
  append (&framed, &test);
  expected = g_strdup_printf ("%d %.*s%d %.*s", (int) plain.length, (int) plain.length, plain.text,
                              (int) plain.length, (int) plain.length, plain.text);

  g_assert_cmpmem (framed.text, framed.length, expected, strlen (expected));
  asab_log_buffer_clear (&plain);
  asab_log_buffer_clear (&framed);
}

/* Neither a character nor structured data are cut within, and that there was more is marked. */
static void
test_cut (void)
{
  g_autofree char *message = g_strnfill (100, 'x');
  g_autofree char *value = g_strnfill (200, 'y');
  FormatCase test = { NULL, FORMAT (RFC5424, .max_length = 120), ASAB_LOG_SEVERITY_INFO,
                      "d", "k", value, message, NULL };
  AsabLogBuffer buffer = ASAB_LOG_BUFFER_INIT;

  for (gsize i = 0; i < 50; i++)
    memcpy (message + 2 * i, "\xc3\xa9", 2);
  for (gsize i = 0; i < 2; i++)
    {
      asab_log_buffer_empty (&buffer);
      test.options.max_length = 120 + i;
      append (&buffer, &test);
      g_assert_cmpuint (buffer.length, <=, test.options.max_length);
      g_assert_cmpuint (buffer.length, >=, test.options.max_length - 1);
      g_assert_true (g_utf8_validate_len (buffer.text, buffer.length, NULL));
      g_assert_null (g_strstr_len (buffer.text, (gssize) buffer.length, "yyy"));
      g_assert_nonnull (g_strstr_len (buffer.text, (gssize) buffer.length, "[log l=\"INFO\" cut=\"data\"] "));
      g_assert_cmpmem (buffer.text + buffer.length - 3, 3, "…", 3);
    }
  asab_log_buffer_clear (&buffer);
}

static void
test_facility (void)
{
  guint facility;

  g_assert_true (asab_log_syslog_parse_facility ("kern", &facility));
  g_assert_cmpuint (facility, ==, 0);
  g_assert_true (asab_log_syslog_parse_facility ("LOCAL7", &facility));
  g_assert_cmpuint (facility, ==, 23);
  g_assert_true (asab_log_syslog_parse_facility ("16", &facility));
  g_assert_cmpuint (facility, ==, LOCAL0);
  g_assert_false (asab_log_syslog_parse_facility ("24", &facility));
  g_assert_false (asab_log_syslog_parse_facility ("local8", &facility));
}

static void
assert_framing (const char             *text,
                AsabLogSyslogStyle      style,
                AsabLogSyslogTransport  transport,
                AsabLogSyslogFraming    expected)
{
  AsabLogSyslogFraming framing;

  g_assert_true (asab_log_syslog_choose_framing (text, style, transport, &framing));
  g_assert_cmpint (framing, ==, expected);
}

static void
test_framing (void)
{
  AsabLogSyslogFraming framing;

  assert_framing ("auto", ASAB_LOG_SYSLOG_RFC5424, ASAB_LOG_SYSLOG_TCP, ASAB_LOG_SYSLOG_FRAMING_OCTETS);
  assert_framing ("auto", ASAB_LOG_SYSLOG_RFC3164, ASAB_LOG_SYSLOG_TCP, ASAB_LOG_SYSLOG_FRAMING_LF);
  assert_framing ("auto", ASAB_LOG_SYSLOG_RFC3164, ASAB_LOG_SYSLOG_TLS, ASAB_LOG_SYSLOG_FRAMING_OCTETS);
  assert_framing ("auto", ASAB_LOG_SYSLOG_RFC5424, ASAB_LOG_SYSLOG_UNIX_STREAM, ASAB_LOG_SYSLOG_FRAMING_LF);
  assert_framing ("lf", ASAB_LOG_SYSLOG_RFC5424, ASAB_LOG_SYSLOG_TLS, ASAB_LOG_SYSLOG_FRAMING_LF);
  assert_framing ("octets", ASAB_LOG_SYSLOG_MACOS, ASAB_LOG_SYSLOG_UNIX_STREAM, ASAB_LOG_SYSLOG_FRAMING_OCTETS);
  assert_framing ("octets", ASAB_LOG_SYSLOG_RFC5424, ASAB_LOG_SYSLOG_UDP, ASAB_LOG_SYSLOG_FRAMING_NONE);
  g_assert_false (asab_log_syslog_choose_framing ("crlf", ASAB_LOG_SYSLOG_RFC5424, ASAB_LOG_SYSLOG_UDP, &framing));
}

int
main (int    argc,
      char **argv)
{
  g_setenv ("TZ", "UTC", TRUE);
  g_test_init (&argc, &argv, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (format_cases); i++)
    {
      g_autofree char *path = g_strconcat ("/asab/log-syslog-format/", format_cases[i].name, NULL);

      g_test_add_data_func (path, &format_cases[i], test_format);
    }
  g_test_add_func ("/asab/log-syslog-format/framing", test_framing);
  g_test_add_func ("/asab/log-syslog-format/octets", test_octets);
  g_test_add_func ("/asab/log-syslog-format/cut", test_cut);
  g_test_add_func ("/asab/log-syslog-format/facility", test_facility);

  return g_test_run ();
}
