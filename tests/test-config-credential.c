/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <asab-glib/asab.h>

#include "config-fixture.h"

static void
set_up_credentials (Fixture       *fixture,
                    gconstpointer  data)
{
  g_autofree char *folder = NULL;

  set_up (fixture, data);
  folder = g_build_filename (fixture->dir, "credentials", NULL);
  g_assert_no_errno (g_mkdir (folder, 0700));
  g_setenv ("CREDENTIALS_DIRECTORY", folder, TRUE);
  write_file ("credentials/db-password", "pa$$ ž\n");
  write_file ("credentials/two-lines", "one\ntwo");
  write_file ("credentials/not-utf8", "\xff");
}

static void
test_value (Fixture       *fixture,
            gconstpointer  data G_GNUC_UNUSED)
{
  load (fixture,
        "[db]\n"
        "plain = ${credential:db-password}\n"
        "inside = amqp://me:${credential:db-password}@host\n"
        "lines = ${credential:two-lines}\n"
        "no_braces = $credential:db-password\n");

  assert_value (fixture, "db", "plain", "pa$$ ž");
  assert_value (fixture, "db", "inside", "amqp://me:pa$$ ž@host");
  assert_value (fixture, "db", "lines", "one\ntwo");
  assert_value (fixture, "db", "no_braces", "$credential:db-password");
}

static void
test_missing (Fixture       *fixture,
              gconstpointer  data G_GNUC_UNUSED)
{
  write_file ("outside", "not yours");
  load (fixture,
        "[db]\n"
        "missing = ${credential:none}\n"
        "outside = ${credential:../outside}\n"
        "binary = ${credential:not-utf8}\n");

  assert_value (fixture, "db", "missing", "${credential:none}");
  assert_value (fixture, "db", "outside", "${credential:../outside}");
  g_assert_cmpstr (fixture->warnings->str, ==,
                   "main.conf:2: The service manager has passed no “credential:none”\n"
                   "main.conf:3: The service manager has passed no “credential:../outside”\n"
                   "main.conf:4: The service manager has passed no “credential:not-utf8”\n");
}

static void
test_no_folder (Fixture       *fixture,
                gconstpointer  data G_GNUC_UNUSED)
{
  g_unsetenv ("CREDENTIALS_DIRECTORY");
  load (fixture, "[db]\nplain = ${credential:db-password}\n");

  assert_value (fixture, "db", "plain", "${credential:db-password}");
  g_assert_cmpstr (fixture->warnings->str, !=, "");
}

/* Whatever the name of its key, a value with a credential is shown to nobody. */
static void
test_secret (Fixture       *fixture,
             gconstpointer  data G_GNUC_UNUSED)
{
  g_autofree char *dump = NULL;
  g_autoptr(GError) error = NULL;

  asab_config_declare (fixture->config, "db", "port", ASAB_CONFIG_KIND_INT64);
  asab_config_add_default (fixture->config, "db", "fallback", "${credential:db-password}");
  load (fixture, "[db]\nserver = host=x key=${credential:db-password}\n");
  dump = asab_config_dump (fixture->config);
  g_assert_cmpstr (dump, ==, "[db]\n# default\nfallback = ***\n# main.conf:2\nserver = ***\n");

  write_file ("main.conf", "[db]\nport = ${credential:db-password}\n");
  g_assert_false (asab_config_load (fixture->config, "main.conf", &error));
  g_assert_error (error, ASAB_CONFIG_ERROR, ASAB_CONFIG_ERROR_INVALID_VALUE);
  g_assert_null (strstr (error->message, "pa$$"));
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  collect_warnings ();

  g_test_add ("/asab/config/credential/value", Fixture, NULL, set_up_credentials, test_value, tear_down);
  g_test_add ("/asab/config/credential/missing", Fixture, NULL, set_up_credentials, test_missing, tear_down);
  g_test_add ("/asab/config/credential/no-folder", Fixture, NULL, set_up_credentials, test_no_folder, tear_down);
  g_test_add ("/asab/config/credential/secret", Fixture, NULL, set_up_credentials, test_secret, tear_down);

  return g_test_run ();
}
