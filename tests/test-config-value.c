/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config-fixture.h"

#include <math.h>

typedef struct
{
  const char *text;
  double      value; /* NAN: not accepted */
} Number;

static void
set (Fixture    *fixture,
     const char *text)
{
  g_assert_true (asab_config_set_string (fixture->config, "s", "k", text, NULL));
}

static void
assert_number (const Number *number,
               double        value,
               GError       *error)
{
  g_test_message ("“%s”", number->text);
  if (isnan (number->value))
    g_assert_error (error, ASAB_CONFIG_ERROR, ASAB_CONFIG_ERROR_INVALID_VALUE);
  else
    g_assert_no_error (error);
  g_assert_cmpfloat_with_epsilon (value, isnan (number->value) ? 0 : number->value, 1e-12);
}

static void
test_boolean (Fixture       *fixture,
              gconstpointer  data G_GNUC_UNUSED)
{
  static const Number numbers[] = {
    { "1", 1 }, { "yes", 1 }, { "True", 1 }, { "ON", 1 }, { " on ", 1 },
    { "0", 0 }, { "no", 0 }, { "FALSE", 0 }, { "Off", 0 },
    { "", NAN }, { "2", NAN }, { "y", NAN }, { "truely", NAN },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      g_autoptr(GError) error = NULL;
      double value;

      set (fixture, numbers[i].text);
      value = asab_config_get_boolean (fixture->config, "s", "k", &error);
      assert_number (&numbers[i], value, error);
    }
}

static void
test_int64 (Fixture       *fixture,
            gconstpointer  data G_GNUC_UNUSED)
{
  static const Number numbers[] = {
    { "0", 0 }, { " 8080 ", 8080 }, { "-5", -5 }, { "007", 7 },
    { "", NAN }, { "1.5", NAN }, { "0x10", NAN }, { "1 2", NAN }, { "9223372036854775808", NAN }, { "k", NAN },
  };
  g_autoptr(GError) error = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      double value;

      set (fixture, numbers[i].text);
      value = asab_config_get_int64 (fixture->config, "s", "k", &error);
      assert_number (&numbers[i], value, error);
      g_clear_error (&error);
    }

  set (fixture, "-9223372036854775808");
  g_assert_cmpint (asab_config_get_int64 (fixture->config, "s", "k", &error), ==, G_MININT64);
  g_assert_no_error (error);
}

static void
test_double (Fixture       *fixture,
             gconstpointer  data G_GNUC_UNUSED)
{
  static const Number numbers[] = {
    { "0", 0 }, { "-0.5", -0.5 }, { " .25 ", 0.25 }, { "1e3", 1000 },
    { "", NAN }, { "1,5", NAN }, { "0x10", NAN }, { "nan", NAN }, { "inf", NAN }, { "1e999", NAN }, { "1s", NAN },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      g_autoptr(GError) error = NULL;
      double value;

      set (fixture, numbers[i].text);
      value = asab_config_get_double (fixture->config, "s", "k", &error);
      assert_number (&numbers[i], value, error);
    }
}

static void
test_seconds (Fixture       *fixture,
              gconstpointer  data G_GNUC_UNUSED)
{
  static const Number numbers[] = {
    { "10", 10 }, { " 1.5 ", 1.5 }, { "500ms", 0.5 }, { "2 s", 2 }, { "3m", 180 }, { "1.5h", 5400 }, { "1d", 86400 },
    { "1D", 86400 }, { "1w", 604800 }, { "1W", 604800 }, { "1M", 31 * 86400 }, { "1y", 365 * 86400 },
    { "1Y", 365 * 86400 }, { "1h30m", 5400 }, { "1h 30m 5s 250ms", 5405.25 }, { "0", 0 }, { "0s5s", 5 }, { ".5s", 0.5 },
    { "", NAN }, { "5H", NAN }, { "1h30", NAN }, { "0s5", NAN }, { "h", NAN }, { "-1", NAN }, { "1e3", NAN },
    { "1 2", NAN }, { ".", NAN }, { "1.2.3", NAN }, { "5 sec", NAN }, { "0x10", NAN },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      g_autoptr(GError) error = NULL;
      double value;

      set (fixture, numbers[i].text);
      value = asab_config_get_seconds (fixture->config, "s", "k", &error);
      assert_number (&numbers[i], value, error);
    }
}

static void
test_size (Fixture       *fixture,
           gconstpointer  data G_GNUC_UNUSED)
{
  static const Number numbers[] = {
    { "0", 0 }, { "4096", 4096 }, { "1B", 1 }, { "10kB", 10000 }, { "10k", 10000 }, { "10K", 10000 },
    { "1 M", 1e6 }, { "1MB", 1e6 }, { "1G", 1e9 }, { "1GB", 1e9 }, { "1T", 1e12 }, { "1TB", 1e12 },
    { "1KiB", 1024 }, { "64MiB", 67108864 }, { "1GiB", 1073741824 }, { "1TiB", 1099511627776 },
    { "1.5KiB", 1536 }, { "0.5k", 500 },
    { "", NAN }, { "1KB", NAN }, { "1kiB", NAN }, { "-1", NAN }, { "B", NAN }, { "1 k B", NAN }, { "1x", NAN },
    { "18446744073709551616", NAN }, { "18446744073709551615k", NAN }, { "99999999.5TiB", NAN }, { "1k1", NAN },
  };
  g_autoptr(GError) error = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      double value;

      set (fixture, numbers[i].text);
      value = asab_config_get_size (fixture->config, "s", "k", &error);
      assert_number (&numbers[i], value, error);
      g_clear_error (&error);
    }

  set (fixture, "18446744073709551615");
  g_assert_cmpuint (asab_config_get_size (fixture->config, "s", "k", &error), ==, G_MAXUINT64);
  g_assert_no_error (error);
}

static void
test_lists (Fixture       *fixture,
            gconstpointer  data G_GNUC_UNUSED)
{
  g_auto(GStrv) words = NULL;
  g_auto(GStrv) lines = NULL;
  g_auto(GStrv) none = NULL;

  set (fixture, "\n one, two  three\n\tfour,,\n");
  words = asab_config_get_list (fixture->config, "s", "k", NULL);
  g_assert_cmpstrv (words, ((const char *[]) { "one", "two", "three", "four", NULL }));
  lines = asab_config_get_lines (fixture->config, "s", "k", NULL);
  g_assert_cmpstrv (lines, ((const char *[]) { "one, two  three", "four,,", NULL }));

  set (fixture, "");
  none = asab_config_get_list (fixture->config, "s", "k", NULL);
  g_assert_cmpuint (g_strv_length (none), ==, 0);
}

static void
test_uri (Fixture       *fixture,
          gconstpointer  data G_GNUC_UNUSED)
{
  static const struct
  {
    const char *text;
    const char *expected; /* (nullable): NULL is an error */
  } uris[] = {
    { "http://localhost:8080/path/", "http://localhost:8080/path" },
    { " https://h/ ", "https://h" },
    { "http://h//", "http://h/" },
    { "http://u:p@h/%2F/?q=%20#f", "http://u:p@h/%2F?q=%20#f" },
    { "ftp://h/", NULL },
    { "localhost", NULL },
    { "/path", NULL },
    { "", NULL },
  };
  const char * const schemes[] = { "http", "https", NULL };
  g_autoptr(GError) error = NULL;
  g_autoptr(GUri) any = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (uris); i++)
    {
      g_autoptr(GUri) uri = NULL;
      g_autofree char *text = NULL;

      set (fixture, uris[i].text);
      uri = asab_config_get_uri (fixture->config, "s", "k", schemes, &error);
      text = uri != NULL ? g_uri_to_string (uri) : NULL;
      g_assert_cmpstr (text, ==, uris[i].expected);
      if (uris[i].expected == NULL)
        g_assert_error (error, ASAB_CONFIG_ERROR, ASAB_CONFIG_ERROR_INVALID_VALUE);
      g_clear_error (&error);
    }

  set (fixture, "ftp://u:secret@h/");
  g_assert_null (asab_config_get_uri (fixture->config, "s", "k", schemes, &error));
  g_assert_cmpstr (error->message, ==,
                   "[s] k: “ftp://u:***@h/” (program) is not an address with one of the schemes http, https");
  any = asab_config_get_uri (fixture->config, "s", "k", NULL, NULL);
  g_assert_cmpstr (g_uri_get_password (any), ==, "secret");
}

static void
test_missing (Fixture       *fixture,
              gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(GError) error = NULL;

  set (fixture, "1");
  g_assert_cmpint (asab_config_get_int64 (fixture->config, "s", "Other", &error), ==, 0);
  g_assert_error (error, ASAB_CONFIG_ERROR, ASAB_CONFIG_ERROR_NOT_FOUND);
  g_assert_cmpstr (error->message, ==, "The section “s” of the configuration has no key “other”");
  g_clear_error (&error);

  g_assert_null (asab_config_get_list (fixture->config, "t", "k", &error));
  g_assert_error (error, ASAB_CONFIG_ERROR, ASAB_CONFIG_ERROR_NOT_FOUND);
  g_assert_cmpstr (error->message, ==, "The configuration has no section “t”, in which “k” should be");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  ADD ("/asab/config-value/boolean", NULL, test_boolean);
  ADD ("/asab/config-value/int64", NULL, test_int64);
  ADD ("/asab/config-value/double", NULL, test_double);
  ADD ("/asab/config-value/seconds", NULL, test_seconds);
  ADD ("/asab/config-value/size", NULL, test_size);
  ADD ("/asab/config-value/lists", NULL, test_lists);
  ADD ("/asab/config-value/uri", NULL, test_uri);
  ADD ("/asab/config-value/missing", NULL, test_missing);

  return g_test_run ();
}
