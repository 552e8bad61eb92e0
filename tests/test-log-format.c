/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "asab-log-layout-private.h"
#include "asab-log-text-private.h"
#include "asab-log-time-private.h"

#include <asab-glib/asab.h>

#include <glib/gstdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* 13-Sep-2020 14:26:40.007123 in UTC */
#define SOME_TIME (G_GINT64_CONSTANT (1600007200) * G_USEC_PER_SEC + 7123)

static void
pack_fields (AsabLogPacker   *packer,
             const GLogField *fields,
             gsize            n_fields)
{
  for (gsize i = 0; i < n_fields; i++)
    {
      AsabLogDatum datum = { ASAB_LOG_DATUM_TEXT, fields[i].key, fields[i].value, (gsize) fields[i].length };

      if (fields[i].length < 0)
        datum.length = strlen (datum.value);
      if (g_str_has_prefix (datum.key, "CODE_"))
        datum.kind = ASAB_LOG_DATUM_FIELD;
      asab_log_packer_add_datum (packer, &datum);
    }
}

/* Formats a record with a message and other fields in a layout. */
static char *
format_record (AsabLogLayout   *layout,
               GLogLevelFlags   level,
               const char      *message,
               gsize            length,
               const GLogField *fields,
               gsize            n_fields)
{
  g_auto(AsabLogPacker) packer;
  AsabLogBuffer line = ASAB_LOG_BUFFER_INIT;

  asab_log_packer_init (&packer, (AsabLogSeverity) g_bit_nth_lsf (level, -1), SOME_TIME, "my.mod");
  asab_log_packer_add_message (&packer, message, length);
  pack_fields (&packer, fields, n_fields);
  asab_log_layout_append (layout, &line, asab_log_packer_finish (&packer));
  asab_log_buffer_append_c (&line, '\0');

  return line.text;
}

static char *
format_line (GLogLevelFlags   level,
             const char      *message,
             const GLogField *fields,
             gsize            n_fields)
{
  g_autoptr(AsabLogLayout) layout = asab_log_layout_new_default ("sd");

  return format_record (layout, level, message, strlen (message), fields, n_fields);
}

static void
test_line (void)
{
  const GLogField fields[] = { { "CODE_FILE", "a.c", -1 }, { "key1", "x", -1 }, { "key2", "2", -1 } };
  g_autofree char *line = format_line (G_LOG_LEVEL_WARNING, "Warn", fields, G_N_ELEMENTS (fields));

  g_assert_cmpstr (line, ==, "13-Sep-2020 14:26:40.007123 WARNING my.mod [sd key1=\"x\" key2=\"2\"] Warn\n");
}

static void
assert_time (AsabLogTimeFormat *format,
             gint64             time,
             const char        *expected)
{
  AsabLogBuffer text = ASAB_LOG_BUFFER_INIT;

  asab_log_append_time (&text, format, time);
  asab_log_buffer_append_c (&text, '\0');
  g_assert_cmpstr (text.text, ==, expected);
  asab_log_buffer_clear (&text);
}

static void
test_time (void)
{
  static const struct
  {
    gint64 time;
    const char *expected;
  } cases[] = {
    { 0, "01-Jan-1970 00:00:00.000000" },
    { 1, "01-Jan-1970 00:00:00.000001" },
    { 999999, "01-Jan-1970 00:00:00.999999" },
    { -1, "31-Dec-1969 23:59:59.999999" },
    { -G_USEC_PER_SEC, "31-Dec-1969 23:59:59.000000" },
    { SOME_TIME, "13-Sep-2020 14:26:40.007123" },
    { SOME_TIME + 100000, "13-Sep-2020 14:26:40.107123" },
    { SOME_TIME + G_USEC_PER_SEC, "13-Sep-2020 14:26:41.007123" },
    { G_GINT64_CONSTANT (253402300799) * G_USEC_PER_SEC, "31-Dec-9999 23:59:59.000000" },
  };

  AsabLogTimeFormat by_default = ASAB_LOG_TIME_FORMAT_INIT;
  AsabLogTimeFormat by_pattern;

  g_assert_true (asab_log_time_format_init (&by_pattern, ASAB_LOG_DATE_DEFAULT, TRUE));
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      assert_time (&by_default, cases[i].time, cases[i].expected);
      assert_time (&by_pattern, cases[i].time, cases[i].expected);
    }
  asab_log_time_format_clear (&by_pattern);
}

/* The calendar is our own: it is that of the C library. */
static void
test_calendar (void)
{
  AsabLogTimeFormat format;

  g_assert_true (asab_log_time_format_init (&format, "%a %d %b %Y %j %U %H:%M:%S", TRUE));
  for (gint64 day = -200000; day < 200000; day += 31)
    {
      time_t second = (time_t) day * 86400 + day % 86400;
      char expected[64];

      strftime (expected, sizeof expected, "%a %d %b %Y %j %U %H:%M:%S", gmtime (&second));
      assert_time (&format, (gint64) second * G_USEC_PER_SEC, expected);
    }
  asab_log_time_format_clear (&format);
}

static void
test_time_zone (void)
{
  AsabLogTimeFormat format;

  g_setenv ("TZ", "Europe/Prague", TRUE);
  tzset ();
  g_assert_true (asab_log_time_format_init (&format, "%H:%M %z %Z", FALSE));
  assert_time (&format, SOME_TIME, "16:26 +0200 CEST");
  assert_time (&format, 0, "01:00 +0100 CET");
  asab_log_time_format_clear (&format);
  g_setenv ("TZ", "UTC", TRUE);
  tzset ();
}

static void
test_time_pattern (void)
{
  AsabLogTimeFormat format;

  g_assert_true (asab_log_time_format_init (&format, "%Y%m%d,%f!", TRUE));
  assert_time (&format, SOME_TIME, "20200913,007123!");
  asab_log_time_format_clear (&format);

  g_assert_true (asab_log_time_format_init (&format, "", TRUE));
  assert_time (&format, SOME_TIME, "");
  asab_log_time_format_clear (&format);

  g_assert_false (asab_log_time_format_init (&format, "%f %f", TRUE));
  asab_log_time_format_clear (&format);
  g_assert_false (asab_log_time_format_init (&format, "%c %c %c %c %c %c %c %c %c", TRUE));
  asab_log_time_format_clear (&format);
}

static void
test_levels (void)
{
  static const struct
  {
    GLogLevelFlags level;
    const char *expected;
  } cases[] = {
    { G_LOG_LEVEL_DEBUG, "DEBUG" },       { G_LOG_LEVEL_INFO, "INFO" },      { G_LOG_LEVEL_MESSAGE, "NOTICE" },
    { G_LOG_LEVEL_WARNING, "WARNING" },   { G_LOG_LEVEL_CRITICAL, "ERROR" }, { G_LOG_LEVEL_ERROR, "CRITICAL" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *expected = g_strdup_printf ("13-Sep-2020 14:26:40.007123 %s my.mod m\n", cases[i].expected);
      g_autofree char *line = format_line (cases[i].level, "m", NULL, 0);

      g_assert_cmpstr (line, ==, expected);
    }
}

static void
test_colour (void)
{
  g_autoptr(AsabLogLayout) layout = asab_log_layout_new_default ("sd");
  g_autofree char *line = NULL;

  asab_log_layout_set_colour (layout, TRUE);
  line = format_record (layout, G_LOG_LEVEL_CRITICAL, "m", 1, NULL, 0);
  g_assert_cmpstr (line, ==, "13-Sep-2020 14:26:40.007123 \033[1;31mERROR\033[0m my.mod m\n");
}

static void
test_structured_data (void)
{
  static const char bytes[] = { 'a', '\0', 'b', '\n', (char) 0xff };
  const GLogField fields[] = {
    { "quote", "say \"hi\" \\ [now]", -1 },
    { "bad name=]\"", "v", -1 },
    { "a-name-that-is-longer-than-32-characters", "v", -1 },
    { "bytes", bytes, sizeof bytes },
    { "empty", "", -1 },
    { "utf8", "žluť", -1 },
  };
  g_autofree char *line = format_line (G_LOG_LEVEL_INFO, "m", fields, G_N_ELEMENTS (fields));

  g_assert_cmpstr (line, ==, "13-Sep-2020 14:26:40.007123 INFO my.mod "
                             "[sd quote=\"say \\\"hi\\\" \\\\ [now\\]\" bad_name___=\"v\" "
                             "a-name-that-is-longer-than-32-ch=\"v\" bytes=\"a\357\277\275b#012\357\277\275\" "
                             "empty=\"\" utf8=\"žluť\"] m\n");
}

static void
test_message (void)
{
  static const struct
  {
    const char *message;
    const char *expected;
  } cases[] = {
    { "", "" },
    { "two\nlines\tand a \"tab\" \\]", "two\nlines\tand a \"tab\" \\]" },
    { "\033[2J bell \a del \177", "#033[2J bell #007 del #177" },
    { "c1 \302\233", "c1 #233" },
    { "broken \xff\xfe", "broken \357\277\275\357\277\275" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *expected = g_strdup_printf ("13-Sep-2020 14:26:40.007123 INFO my.mod %s\n", cases[i].expected);
      g_autofree char *line = format_line (G_LOG_LEVEL_INFO, cases[i].message, NULL, 0);

      g_assert_cmpstr (line, ==, expected);
    }
}

/* Each byte comes out as it should, in whatever surroundings. */
static void
test_every_byte (void)
{
  for (guint byte = 0; byte < 256; byte++)
    {
      g_autoptr(AsabLogLayout) layout = asab_log_layout_new ("%(message)s", "", "sd", NULL);
      char message[] = { 'a', (char) byte, 'b', 'c', 'd', 'e', (char) byte };
      g_autofree char *line = format_record (layout, G_LOG_LEVEL_INFO, message, sizeof message, NULL, 0);
      g_autofree char *shown = NULL;
      g_autofree char *expected = NULL;

      if (byte == 0 || byte >= 0x80)
        shown = g_strdup ("\357\277\275");
      else if (g_ascii_iscntrl ((char) byte) && byte != '\n' && byte != '\t')
        shown = g_strdup_printf ("#%03o", byte);
      else
        shown = g_strdup_printf ("%c", byte);

      expected = g_strdup_printf ("a%sbcde%s\n", shown, shown);
      g_assert_cmpstr (line, ==, expected);
    }
}

/* Broken UTF-8 of every kind: what comes out is valid. */
static void
test_broken_utf8 (void)
{
  static const struct
  {
    const char *message;
    const char *expected;
  } cases[] = {
    { "\xc3", "\357\277\275" },
    { "\xc3(", "\357\277\275(" },
    { "\xe2\x82", "\357\277\275\357\277\275" },
    { "\xc0\xaf", "\357\277\275\357\277\275" },
    { "\xed\xa0\x80", "\357\277\275\357\277\275\357\277\275" },
    { "\xf4\x90\x80\x80", "\357\277\275\357\277\275\357\277\275\357\277\275" },
    { "a€😀\xff", "a€😀\357\277\275" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(AsabLogLayout) layout = asab_log_layout_new ("%(message)s|", "", "sd", NULL);
      g_autofree char *expected = g_strconcat (cases[i].expected, "|\n", NULL);
      g_autofree char *line = format_record (layout, G_LOG_LEVEL_INFO, cases[i].message, strlen (cases[i].message),
                                             NULL, 0);

      g_assert_cmpstr (line, ==, expected);
    }
}

/* The length of a message is taken as given. */
static void
test_message_length (void)
{
  g_autoptr(AsabLogLayout) layout = asab_log_layout_new_default ("sd");
  g_autofree char *line = format_record (layout, G_LOG_LEVEL_INFO, "abcdef", 3, NULL, 0);

  g_assert_cmpstr (line, ==, "13-Sep-2020 14:26:40.007123 INFO my.mod abc\n");
}

/* A text that is longer than what a buffer of fixed size holds leaves it in parts. */
static void
test_fixed_buffer (void)
{
  g_autofree char *name = NULL;
  g_autofree char *message = g_strnfill (10000, 'x');
  g_autofree char *written = NULL;
  g_autofree char *expected = g_strconcat ("start ", message, " #007", NULL);
  g_autoptr(GError) error = NULL;
  char text[256];
  AsabLogBuffer buffer = { .text = text, .capacity = sizeof text };

  buffer.fd = g_file_open_tmp (NULL, &name, &error);
  g_assert_no_error (error);
  asab_log_buffer_append_string (&buffer, "start ");
  asab_log_append_text (&buffer, message, strlen (message), ASAB_LOG_TEXT_MESSAGE);
  asab_log_append_text (&buffer, " \007", 2, ASAB_LOG_TEXT_MESSAGE);
  asab_log_buffer_write_out (&buffer);
  g_assert_false (buffer.has_given_up);
  g_assert_true (g_close (buffer.fd, &error));
  g_file_get_contents (name, &written, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (written, ==, expected);
  g_assert_no_errno (g_remove (name));
}

static void
test_layout (void)
{
  static const struct
  {
    const char *format;
    const char *expected;
  } cases[] = {
    { "%(levelname)s|%(message)s", "NOTICE|Hi\n" },
    { "%(levelname)-8s|%(levelname)8s|%(levelname)2s", "NOTICE  |  NOTICE|NOTICE\n" },
    { "%(levelno)03d %(msecs)03d", "025 007\n" },
    { "%(created)f 100%%", "1600007200.007123 100%\n" },
    { "%(filename)s:%(lineno)d %(funcName)s %(pathname)s", "a.c:12 main src/a.c\n" },
    { "%(asctime)s [%(name)s] %(struct_data)s", "14:26:40 [my.mod] [sd k=\"v\"] \n" },
    { "žluť", "žluť\n" },
    { "", "\n" },
  };
  const GLogField fields[] = {
    { "CODE_FILE", "src/a.c", -1 }, { "CODE_LINE", "12", -1 }, { "CODE_FUNC", "main", -1 }, { "k", "v", -1 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(GError) error = NULL;
      g_autoptr(AsabLogLayout) layout = asab_log_layout_new (cases[i].format, "%H:%M:%S", "sd", &error);
      g_autofree char *line = NULL;

      g_assert_no_error (error);
      line = format_record (layout, G_LOG_LEVEL_MESSAGE, "Hi", 2, fields, G_N_ELEMENTS (fields));
      g_assert_cmpstr (line, ==, cases[i].expected);
    }
}

static void
test_layout_error (void)
{
  static const char *const formats[] = { "%", "%s", "%(", "%(message", "%(message)", "%(nonsense)s", "%(message)x" };

  for (gsize i = 0; i < G_N_ELEMENTS (formats); i++)
    {
      g_autoptr(GError) error = NULL;

      g_assert_null (asab_log_layout_new (formats[i], "", "sd", &error));
      g_assert_error (error, ASAB_CONFIG_ERROR, ASAB_CONFIG_ERROR_INVALID_VALUE);
    }
}

static void
test_json (void)
{
  g_autoptr(AsabLogLayout) layout = asab_log_layout_new (ASAB_LOG_LAYOUT_JSON, "", "sd", NULL);
  const GLogField fields[] = {
    { "CODE_FILE", "a.c", -1 }, { "CODE_LINE", "12", -1 }, { "k", "\"\\]\n\t\001\177ž\xff", -1 }, { "l", "", -1 },
  };
  g_autofree char *line = format_record (layout, G_LOG_LEVEL_INFO, "Hi", 2, fields, G_N_ELEMENTS (fields));
  g_autofree char *expected = g_strdup_printf (
    "{\"time\":\"2020-09-13T14:26:40.007123Z\",\"level\":\"INFO\",\"logger\":\"my.mod\",\"message\":\"Hi\","
    "\"process\":%d,\"file\":\"a.c\",\"line\":12,"
    "\"data\":{\"k\":\"\\\"\\\\]\\n\\t\\u0001\\u007fž\357\277\275\",\"l\":\"\"}}\n", (int) getpid ());

  g_assert_cmpstr (line, ==, expected);
}

int
main (int    argc,
      char **argv)
{
  g_setenv ("TZ", "UTC", TRUE);
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/asab/log-format/line", test_line);
  g_test_add_func ("/asab/log-format/time", test_time);
  g_test_add_func ("/asab/log-format/calendar", test_calendar);
  g_test_add_func ("/asab/log-format/time-zone", test_time_zone);
  g_test_add_func ("/asab/log-format/time-pattern", test_time_pattern);
  g_test_add_func ("/asab/log-format/levels", test_levels);
  g_test_add_func ("/asab/log-format/colour", test_colour);
  g_test_add_func ("/asab/log-format/structured-data", test_structured_data);
  g_test_add_func ("/asab/log-format/message", test_message);
  g_test_add_func ("/asab/log-format/message-length", test_message_length);
  g_test_add_func ("/asab/log-format/every-byte", test_every_byte);
  g_test_add_func ("/asab/log-format/broken-utf8", test_broken_utf8);
  g_test_add_func ("/asab/log-format/fixed-buffer", test_fixed_buffer);
  g_test_add_func ("/asab/log-format/layout", test_layout);
  g_test_add_func ("/asab/log-format/layout-error", test_layout_error);
  g_test_add_func ("/asab/log-format/json", test_json);

  return g_test_run ();
}
