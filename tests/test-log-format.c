/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "asab-log-format-private.h"

#include <string.h>

/* 13-Sep-2020 14:26:40.007123 in UTC */
#define SOME_TIME (G_GINT64_CONSTANT (1600007200) * G_USEC_PER_SEC + 7123)

static char *
format_line (GLogLevelFlags   level,
             const GLogField *fields,
             gsize            n_fields,
             gboolean         use_colour)
{
  GString *line = g_string_new (NULL);
  AsabLogRecord record;

  asab_log_record_init (&record, SOME_TIME, level, fields, n_fields);
  asab_log_format_line (line, &record, use_colour);

  return g_string_free (line, FALSE);
}

static char *
format_message (GLogLevelFlags  level,
                const char     *message)
{
  const GLogField fields[] = { { "MESSAGE", message, -1 }, { "GLIB_DOMAIN", "my.mod", -1 } };

  return format_line (level, fields, G_N_ELEMENTS (fields), FALSE);
}

static void
test_line (void)
{
  const GLogField fields[] = {
    { "PRIORITY", "4", -1 },   { "GLIB_DOMAIN", "my.mod", -1 }, { "CODE_FILE", "a.c", -1 },
    { "MESSAGE", "Warn", -1 }, { "key1", "x", -1 },             { "key2", "2", -1 },
  };
  g_autofree char *line = format_line (G_LOG_LEVEL_WARNING, fields, G_N_ELEMENTS (fields), FALSE);

  g_assert_cmpstr (line, ==, "13-Sep-2020 14:26:40.007123 WARNING my.mod [sd key1=\"x\" key2=\"2\"] Warn\n");
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

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(GString) text = g_string_new (NULL);

      asab_log_format_time (text, cases[i].time);
      g_assert_cmpstr (text->str, ==, cases[i].expected);
    }
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
    { 1 << G_LOG_LEVEL_USER_SHIFT, "INFO" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *expected = g_strdup_printf ("13-Sep-2020 14:26:40.007123 %s my.mod m\n", cases[i].expected);
      g_autofree char *line = format_message (cases[i].level, "m");

      g_assert_cmpstr (line, ==, expected);
    }
}

static void
test_colour (void)
{
  const GLogField fields[] = { { "MESSAGE", "m", -1 }, { "GLIB_DOMAIN", "d", -1 } };
  g_autofree char *line = format_line (G_LOG_LEVEL_CRITICAL, fields, G_N_ELEMENTS (fields), TRUE);

  g_assert_cmpstr (line, ==, "13-Sep-2020 14:26:40.007123 \033[1;31mERROR\033[0m d m\n");
}

static void
test_missing (void)
{
  g_autofree char *line = format_line (G_LOG_LEVEL_INFO, NULL, 0, FALSE);

  g_assert_cmpstr (line, ==, "13-Sep-2020 14:26:40.007123 INFO root \n");
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
    { "pointer", bytes, 0 },
    { "utf8", "žluť", -1 },
    { "MESSAGE", "m", -1 },
  };
  g_autofree char *line = format_line (G_LOG_LEVEL_INFO, fields, G_N_ELEMENTS (fields), FALSE);

  g_assert_cmpstr (line, ==, "13-Sep-2020 14:26:40.007123 INFO root "
                             "[sd quote=\"say \\\"hi\\\" \\\\ [now\\]\" bad_name___=\"v\" "
                             "a-name-that-is-longer-than-32-ch=\"v\" bytes=\"a\357\277\275b#012\357\277\275\" "
                             "utf8=\"žluť\"] m\n");
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
      g_autofree char *line = format_message (G_LOG_LEVEL_INFO, cases[i].message);

      g_assert_cmpstr (line, ==, expected);
    }
}

/* The first message counts, and its length is taken as given. */
static void
test_message_length (void)
{
  const GLogField fields[] = { { "MESSAGE", "abcdef", 3 }, { "MESSAGE", "second", -1 } };
  g_autofree char *line = format_line (G_LOG_LEVEL_INFO, fields, G_N_ELEMENTS (fields), FALSE);

  g_assert_cmpstr (line, ==, "13-Sep-2020 14:26:40.007123 INFO root abc\n");
}

int
main (int    argc,
      char **argv)
{
  g_setenv ("TZ", "UTC", TRUE);
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/asab/log-format/line", test_line);
  g_test_add_func ("/asab/log-format/time", test_time);
  g_test_add_func ("/asab/log-format/levels", test_levels);
  g_test_add_func ("/asab/log-format/colour", test_colour);
  g_test_add_func ("/asab/log-format/missing", test_missing);
  g_test_add_func ("/asab/log-format/structured-data", test_structured_data);
  g_test_add_func ("/asab/log-format/message", test_message);
  g_test_add_func ("/asab/log-format/message-length", test_message_length);

  return g_test_run ();
}
