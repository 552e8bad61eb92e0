/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "program.h"

#include <glib/gstdio.h>
#include <string.h>

static gboolean
print_and_stop (AsabApplication  *application,
                GError          **error)
{
  AsabConfig *config = asab_application_get_config (application);
  g_autofree char *value = asab_config_get_string (config, "test", "key", NULL);

  g_print ("key %s\n", value);
  g_debug ("chatter");
  asab_application_stop (application, 0);

  return TRUE;
}

static int
plain_program (int    argc,
               char **argv)
{
  return asab_run (argc, argv, .main = print_and_stop);
}

static int
described_program (int    argc,
                   char **argv)
{
  static char *greeting;
  const GOptionEntry options[] = {
    { "greeting", 'g', 0, G_OPTION_ARG_STRING, &greeting, "What to say", "TEXT" },
    { NULL },
  };

  return asab_run (argc, argv, .description = "First line.\nSecond line.", .version = "1.2", .options = options,
                   .main = print_and_stop);
}

static int
set_default_cb (GApplication *application,
                GVariantDict *options,
                gpointer      user_data)
{
  if (g_variant_dict_contains (options, "seven"))
    return 7;

  asab_config_add_default (asab_config_get_default (), "test", "key", "from the program");

  return -1;
}

/* A program that has its own say, before the configuration is loaded. */
static int
handler_program (int    argc,
                 char **argv)
{
  g_autoptr(AsabApplication) self = asab_application_new ("org.example.Test", G_APPLICATION_NON_UNIQUE);

  g_application_add_main_option (G_APPLICATION (self), "seven", 0, 0, G_OPTION_ARG_NONE, "End with 7", NULL);
  g_signal_connect (self, "handle-local-options", G_CALLBACK (set_default_cb), NULL);

  return asab_application_run (self, argc, argv);
}

static void
test_help (void)
{
  g_auto(ProgramResult) result = PROGRAM_RESULT_INIT;

  program_run (&result, "described", "--help", NULL);
  g_assert_cmpint (result.status, ==, 0);
  g_assert_nonnull (strstr (result.output, "First line.\nSecond line.\n"));
  g_assert_nonnull (strstr (result.output, "-g, --greeting=TEXT"));
  g_assert_nonnull (strstr (result.output, "-c, --config=FILE"));
  g_assert_nonnull (strstr (result.output, "-v, --verbose"));
  g_assert_cmpstr (result.errors, ==, "");
}

static void
test_version (void)
{
  g_auto(ProgramResult) result = PROGRAM_RESULT_INIT;

  program_run (&result, "described", "--version", NULL);
  program_assert (&result, 0, "described 1.2 (asab-glib " ASAB_VERSION_S ")\n");

  program_run (&result, "plain", "--version", NULL);
  program_assert (&result, 0, "plain (asab-glib " ASAB_VERSION_S ")\n");
}

static void
test_mistakes (void)
{
  g_auto(ProgramResult) result = PROGRAM_RESULT_INIT;

  program_run (&result, "plain", "--bogus", NULL);
  program_assert (&result, 2, "");
  program_assert_errors (&result, "Unknown option --bogus\nUsage: plain [OPTION…]\n");

  program_run (&result, "plain", "-c", NULL);
  program_assert (&result, 2, "");
  program_assert_errors (&result, "Missing argument for -c\nUsage: plain");

  program_run (&result, "plain", "stray", NULL);
  program_assert (&result, 2, "");
  program_assert_errors (&result, "plain: unexpected argument “stray”\nUsage: plain");
}

static void
test_missing_file (void)
{
  g_auto(ProgramResult) result = PROGRAM_RESULT_INIT;

  program_run (&result, "plain", "-c", "/nowhere/none.conf", NULL);
  program_assert (&result, 1, "");
  program_assert_errors (&result, "plain: ");
  program_assert_errors (&result, "/nowhere/none.conf");

  program_set_env ("ASAB_CONFIG", "/nowhere/other.conf");
  program_run (&result, "plain", NULL);
  program_assert (&result, 1, "");
  program_assert_errors (&result, "/nowhere/other.conf");
}

static void
assert_refused (const char *text,
                const char *option,
                const char *part)
{
  g_auto(ProgramResult) result = PROGRAM_RESULT_INIT;
  g_autofree char *path = program_write_file (text);

  program_run (&result, "plain", "-c", path, option, NULL);
  program_assert (&result, 1, "");
  program_assert_errors (&result, part);

  g_assert_no_errno (g_unlink (path));
}

static void
test_bad_file (void)
{
  g_auto(ProgramResult) result = PROGRAM_RESULT_INIT;
  g_autofree char *path = program_write_file ("[test]\nkey=value\nnonsense\n");
  g_autofree char *place = g_strdup_printf ("plain: %s:3: ", path);

  program_run (&result, "plain", "-c", path, NULL);
  program_assert (&result, 1, "");
  program_assert_errors (&result, place);
  g_assert_no_errno (g_unlink (path));

  assert_refused ("[general]\ntick_period=soon\n", NULL, "tick_period");
  assert_refused ("[general]\ntick_period=0\n", NULL, "“tick_period” in section “general” must be greater than 0");
  assert_refused ("[logging]\nlevel=loud\n", NULL, "“level” in section “logging” is no level: “loud”");
  assert_refused ("[logging]\nverbose=maybe\n", "--check-config", "verbose");
  assert_refused ("[logging]\nlevels=\n  shop DEBUG\n  cart LOUD\n", "--check-config",
                  "“levels” in section “logging”: “cart LOUD” is not a log domain and a level");
  assert_refused ("[logging:console]\npiped=xml\n", "--check-config",
                  "“piped” in section “logging:console” cannot be “xml”");
  assert_refused ("[logging:file]\nbackup_count=-1\n", "--check-config",
                  "“backup_count” in section “logging:file” cannot be “-1”");
  assert_refused ("[logging:file]\nbackup_max_bytes=1M\n", "--check-config",
                  "“backup_max_bytes” in section “logging:file” needs a “backup_count” of at least 1");
  assert_refused ("[logging:file]\nrotate_every=1d\n", "--check-config",
                  "“rotate_every” in section “logging:file” needs a “backup_count” of at least 1");
}

static void
test_check_config (void)
{
  g_auto(ProgramResult) result = PROGRAM_RESULT_INIT;

  program_run (&result, "plain", "--check-config", NULL);
  program_assert (&result, 0, "The configuration is valid\n");
  g_assert_cmpstr (result.errors, ==, "");
}

static void
test_dump_config (void)
{
  g_auto(ProgramResult) result = PROGRAM_RESULT_INIT;
  g_autofree char *path = program_write_file ("[general]\ntick_period=3\n[test]\npassword=secret\n");
  g_autofree char *place = g_strdup_printf ("# %s:2\ntick_period = 3\n", path);

  program_run (&result, "plain", "-v", "--dump-config", "-c", path, NULL);
  g_assert_cmpint (result.status, ==, 0);
  g_assert_nonnull (strstr (result.output, place));
  g_assert_nonnull (strstr (result.output, "# command line\nverbose = true\n"));
  g_assert_null (strstr (result.output, "secret"));
  g_assert_no_errno (g_unlink (path));
}

/* The command line beats the environment beats the file. */
static void
test_precedence (void)
{
  g_auto(ProgramResult) result = PROGRAM_RESULT_INIT;
  g_autofree char *one = program_write_file ("[test]\nkey=one\n[logging]\nverbose=no\n");
  g_autofree char *two = program_write_file ("[test]\nkey=two\n");

  program_run (&result, "plain", "-c", one, "-v", NULL);
  program_assert (&result, 0, "key one\n");
  program_assert_errors (&result, "DEBUG root chatter\n");

  program_run (&result, "plain", "--config", one, NULL);
  program_assert (&result, 0, "key one\n");
  g_assert_cmpstr (result.errors, ==, "");

  program_set_env ("ASAB_CONFIG", two);
  program_run (&result, "plain", NULL);
  program_assert (&result, 0, "key two\n");

  program_set_env ("ASAB_CONFIG", two);
  program_set_env ("ASAB_VERBOSE", "true");
  program_run (&result, "plain", "-c", one, NULL);
  program_assert (&result, 0, "key one\n");
  program_assert_errors (&result, "DEBUG root chatter\n");

  g_assert_no_errno (g_unlink (one));
  g_assert_no_errno (g_unlink (two));
}

static void
test_handler (void)
{
  g_auto(ProgramResult) result = PROGRAM_RESULT_INIT;

  program_run (&result, "handler", "--seven", NULL);
  program_assert (&result, 7, "");

  program_run (&result, "handler", "--dump-config", NULL);
  g_assert_cmpint (result.status, ==, 0);
  g_assert_nonnull (strstr (result.output, "key = from the program\n"));
}

int
main (int    argc,
      char **argv)
{
  static const Program programs[] = {
    { "described", described_program },
    { "handler", handler_program },
    { "plain", plain_program },
  };
  int status;

  if (program_main (programs, G_N_ELEMENTS (programs), argc, argv, &status))
    return status;

  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/asab/command-line/help", test_help);
  g_test_add_func ("/asab/command-line/version", test_version);
  g_test_add_func ("/asab/command-line/mistakes", test_mistakes);
  g_test_add_func ("/asab/command-line/missing-file", test_missing_file);
  g_test_add_func ("/asab/command-line/bad-file", test_bad_file);
  g_test_add_func ("/asab/command-line/check-config", test_check_config);
  g_test_add_func ("/asab/command-line/dump-config", test_dump_config);
  g_test_add_func ("/asab/command-line/precedence", test_precedence);
  g_test_add_func ("/asab/command-line/handler", test_handler);

  return g_test_run ();
}
