/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <asab-glib/asab.h>

#include "config-fixture.h"

static void
assert_origin (Fixture    *fixture,
               const char *section,
               const char *key,
               const char *expected)
{
  g_autofree char *origin = asab_config_get_origin (fixture->config, section, key);

  g_assert_cmpstr (origin, ==, expected);
}

static void
assert_strv (char       **strv,
             const char  *expected)
{
  g_autofree char *joined = g_strjoinv ("|", strv);

  g_assert_cmpstr (joined, ==, expected);
  g_strfreev (strv);
}

static void
test_default (void)
{
  AsabConfig *config = asab_config_get_default ();

  g_assert_true (ASAB_IS_CONFIG (config));
  g_assert_true (asab_config_get_default () == config);
  g_assert_false (asab_config_has_section (config, "general"));
}

static void
test_document (Fixture       *fixture,
               gconstpointer  data G_GNUC_UNUSED)
{
  load (fixture, "[bitbucket.org]\nUser = hg\n\n[topsecret.server.com]\nPort = 50022\nForwardX11 = no\n");

  assert_value (fixture, "topsecret.server.com", "ForwardX11", "no");
  assert_value (fixture, "topsecret.server.com", "forwardx11", "no");
  assert_strv (asab_config_get_sections (fixture->config), "bitbucket.org|topsecret.server.com");
  assert_strv (asab_config_get_keys (fixture->config, "topsecret.server.com"), "port|forwardx11");
  assert_strv (asab_config_get_keys (fixture->config, "Bitbucket.org"), "");
  g_assert_true (asab_config_has_section (fixture->config, "bitbucket.org"));
  g_assert_false (asab_config_has_section (fixture->config, "Bitbucket.org"));
  g_assert_true (asab_config_has_key (fixture->config, "bitbucket.org", "USER"));
  g_assert_false (asab_config_has_key (fixture->config, "bitbucket.org", "port"));
}

static void
test_precedence (Fixture       *fixture,
                 gconstpointer  data G_GNUC_UNUSED)
{
  g_setenv ("ASAB_TEST_FOUR", "environment", TRUE);
  g_setenv ("ASAB_TEST_EMPTY", "", TRUE);
  asab_config_set_override (fixture->config, "s", "five", "command line", NULL);
  asab_config_add_environment (fixture->config, "s", "four", "ASAB_TEST_FOUR");
  asab_config_add_environment (fixture->config, "s", "five", "ASAB_TEST_FOUR");
  asab_config_add_environment (fixture->config, "s", "three", "ASAB_TEST_EMPTY");
  load (fixture, "[s]\nthree = file\nfour = file\nfive = file\nsix = file\n");
  asab_config_add_defaults (fixture->config, "s", "two", "default", "Three", "default", "four", "default", NULL);
  asab_config_add_default (fixture->config, "s", "TWO", "again");
  g_assert_true (asab_config_set_string (fixture->config, "s", "Six", "program", NULL));

  assert_value (fixture, "s", "two", "default");
  assert_origin (fixture, "s", "two", "default");
  assert_value (fixture, "s", "three", "file");
  assert_origin (fixture, "s", "three", "main.conf:2");
  assert_value (fixture, "s", "four", "environment");
  assert_origin (fixture, "s", "four", "environment ASAB_TEST_FOUR");
  assert_value (fixture, "s", "five", "command line");
  assert_origin (fixture, "s", "five", "command line");
  assert_value (fixture, "s", "six", "program");
  assert_origin (fixture, "s", "six", "program");
  assert_origin (fixture, "s", "seven", NULL);
}

static void
test_defaults_variant (Fixture       *fixture,
                       gconstpointer  data G_GNUC_UNUSED)
{
  asab_config_add_defaults_variant (fixture->config, "s", g_variant_new_parsed ("{'a': 'x', 'B': 'y'}"));
  asab_config_add_defaults_variant (fixture->config, "s",
                                    g_variant_new_parsed ("{'c': <true>, 'd': <8080>, 'e': <0.5>, 'a': <'z'>}"));

  assert_value (fixture, "s", "a", "x");
  assert_value (fixture, "s", "b", "y");
  assert_value (fixture, "s", "c", "true");
  assert_value (fixture, "s", "d", "8080");
  assert_value (fixture, "s", "e", "0.5");
}

static void
test_inherited (Fixture       *fixture,
                gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(GError) error = NULL;

  load (fixture, "[DEFAULT]\nuser = nobody\nport = 1\n[a]\nport = 2\n[b]\n");
  asab_config_add_default (fixture->config, "a", "user", "root");

  assert_value (fixture, "a", "user", "nobody");
  assert_value (fixture, "a", "port", "2");
  assert_value (fixture, "b", "port", "1");
  assert_value (fixture, "DEFAULT", "port", "1");
  assert_origin (fixture, "b", "user", "main.conf:2");
  assert_strv (asab_config_get_sections (fixture->config), "a|b");
  assert_strv (asab_config_get_keys (fixture->config, "b"), "user|port");
  g_assert_null (asab_config_get_string (fixture->config, "c", "port", &error));
  g_assert_error (error, ASAB_CONFIG_ERROR, ASAB_CONFIG_ERROR_NOT_FOUND);
}

static void
test_expansion (Fixture       *fixture,
                gconstpointer  data G_GNUC_UNUSED)
{
  g_setenv ("ASAB_TEST_HOME", "/home/$user", TRUE);
  g_unsetenv ("ASAB_TEST_NONE");
  load (fixture,
        "[section_name]\n"
        "persistent_dir=${ASAB_TEST_HOME}/.myapp/\n"
        "short = <$ASAB_TEST_HOME>\n"
        "unknown = $ASAB_TEST_NONE and ${ASAB_TEST_NONE}\n"
        "dollar = 5$$ and $5 and $ and ${ and $$HOME and ${}\n"
        "percent = %%(asctime)s %(levelname)s 100%%\n"
        "here = ${THIS_DIR}/x\n");

  assert_value (fixture, "section_name", "persistent_dir", "/home/$user/.myapp/");
  assert_value (fixture, "section_name", "short", "</home/$user>");
  assert_value (fixture, "section_name", "unknown", "$ASAB_TEST_NONE and ${ASAB_TEST_NONE}");
  assert_value (fixture, "section_name", "dollar", "5$ and $5 and $ and ${ and $HOME and ${}");
  assert_value (fixture, "section_name", "percent", "%(asctime)s %(levelname)s 100%");
  g_assert_cmpstr (fixture->warnings->str, ==,
                   "main.conf:4: The environment has no variable “ASAB_TEST_NONE”; write $$ for a dollar\n"
                   "main.conf:4: The environment has no variable “ASAB_TEST_NONE”; write $$ for a dollar\n");
  g_assert_null (g_getenv ("THIS_DIR"));

  {
    g_autofree char *here = g_build_filename (fixture->dir, "x", NULL);

    assert_value (fixture, "section_name", "here", here);
  }

  asab_config_add_default (fixture->config, "section_name", "default", "$ASAB_TEST_HOME$$");
  assert_value (fixture, "section_name", "default", "/home/$user$");
  g_assert_true (asab_config_set_string (fixture->config, "section_name", "set", "$ASAB_TEST_HOME$$", NULL));
  assert_value (fixture, "section_name", "set", "$ASAB_TEST_HOME$$");
}

static void
test_find_file (Fixture       *fixture,
                gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(GError) error = NULL;

  g_unsetenv ("ASAB_CONFIG");
  g_assert_true (asab_config_load (fixture->config, NULL, &error));
  g_assert_no_error (error);

  write_file ("default.conf", "[s]\nfrom = default\n");
  write_file ("environment.conf", "[s]\nfrom = environment\n");
  write_file ("option.conf", "[s]\nfrom = option\n");

  asab_config_add_default (fixture->config, "general", "config_file", "default.conf");
  g_assert_true (asab_config_load (fixture->config, NULL, NULL));
  assert_value (fixture, "s", "from", "default");

  g_setenv ("ASAB_CONFIG", "environment.conf", TRUE);
  g_assert_true (asab_config_load (fixture->config, "", NULL));
  assert_value (fixture, "s", "from", "environment");

  g_assert_true (asab_config_load (fixture->config, "option.conf", NULL));
  assert_value (fixture, "s", "from", "option");

  g_assert_false (asab_config_load (fixture->config, "absent.conf", &error));
  g_assert_error (error, ASAB_CONFIG_ERROR, ASAB_CONFIG_ERROR_UNREADABLE);
  g_assert_true (g_str_has_prefix (error->message, "The configuration file “absent.conf” cannot be read: "));
  assert_value (fixture, "s", "from", "option");
  g_unsetenv ("ASAB_CONFIG");
}

static void
test_includes (Fixture       *fixture,
               gconstpointer  data G_GNUC_UNUSED)
{
  write_file ("site.conf", "[s]\na = site\nb = site\n[general]\ninclude = nested.conf\n");
  write_file ("nested.conf", "[s]\nb = nested\nc = nested\n");
  write_file ("site.d/2.conf", "[s]\nc = two\nd = two\n");
  write_file ("site.d/1.conf", "[s]\nd = one\n");
  write_file ("last dir/last.conf", "[s]\nz = last\n");
  load (fixture,
        "[general]\ninclude=./site.conf:./site.d/*.conf absent.conf\n  last?dir/*.conf:absent/*.conf\n"
        "[s]\na = main\nmain = main\n");

  assert_value (fixture, "s", "main", "main");
  assert_value (fixture, "s", "a", "site");
  assert_origin (fixture, "s", "a", "./site.conf:2");
  assert_value (fixture, "s", "b", "nested");
  assert_value (fixture, "s", "c", "two");
  assert_value (fixture, "s", "d", "two");
  assert_origin (fixture, "s", "d", "./site.d/2.conf:3");
  assert_value (fixture, "s", "z", "last");
  g_assert_cmpstr (fixture->warnings->str, ==, "");
}

/* A folder whose name looks like a pattern. */
static void
test_include_from_pattern (Fixture       *fixture,
                           gconstpointer  data G_GNUC_UNUSED)
{
  write_file ("we[ir]d*/B.conf", "[s]\na = B\n");
  write_file ("we[ir]d*/a.conf", "[s]\na = a\n");
  g_assert_cmpint (g_chdir ("we[ir]d*"), ==, 0);
  load (fixture, "[general]\ninclude = [aB].conf\n");

  assert_value (fixture, "s", "a", "a");
  assert_origin (fixture, "s", "a", "a.conf:2");
}

static void
test_include_this_dir (Fixture       *fixture,
                       gconstpointer  data G_GNUC_UNUSED)
{
  write_file ("etc/app.conf", "[general]\ninclude = ${THIS_DIR}/app.d/*.conf\n");
  write_file ("etc/app.d/x.conf", "[s]\nfrom = app.d\nhere = $THIS_DIR\n");
  g_assert_true (asab_config_load (fixture->config, "etc/app.conf", NULL));

  assert_value (fixture, "s", "from", "app.d");
}

static void
test_include_once (Fixture       *fixture,
                   gconstpointer  data G_GNUC_UNUSED)
{
  write_file ("a.conf", "[general]\ninclude = main.conf\n[s]\na = 1\n");
  load (fixture, "[general]\ninclude = a.conf ./a.conf\n");

  assert_value (fixture, "s", "a", "1");
  g_assert_cmpstr (fixture->warnings->str, ==,
                   "main.conf: The file is included more than once; it is read the first time only\n"
                   "./a.conf: The file is included more than once; it is read the first time only\n");
}

static void
test_include_broken (Fixture       *fixture,
                     gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(GError) error = NULL;

  load (fixture, "[s]\na = 1\n");
  write_file ("broken.conf", "[s]\nnonsense\n");
  write_file ("main.conf", "[general]\ninclude = broken.conf\n[s]\na = 2\n");
  g_assert_false (asab_config_reload (fixture->config, &error));
  g_assert_error (error, ASAB_CONFIG_ERROR, ASAB_CONFIG_ERROR_PARSE);
  g_assert_cmpstr (error->message, ==, "broken.conf:2: “nonsense” is neither “key = value” nor “[section]”");
  assert_value (fixture, "s", "a", "1");
  g_clear_error (&error);

  g_assert_cmpint (g_remove ("broken.conf"), ==, 0);
  g_assert_cmpint (g_mkdir ("broken.conf", 0755), ==, 0);
  g_assert_false (asab_config_reload (fixture->config, &error));
  g_assert_error (error, ASAB_CONFIG_ERROR, ASAB_CONFIG_ERROR_UNREADABLE);
  assert_value (fixture, "s", "a", "1");
}

static void
test_include_default (Fixture       *fixture,
                      gconstpointer  data G_GNUC_UNUSED)
{
  write_file ("a.conf", "[s]\na = 1\n");
  asab_config_add_default (fixture->config, "general", "include", "a.conf");
  g_unsetenv ("ASAB_CONFIG");
  g_assert_true (asab_config_load (fixture->config, NULL, NULL));

  assert_value (fixture, "s", "a", "1");
}

static void
test_reload (Fixture       *fixture,
             gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(GString) in_a = g_string_new (NULL);
  g_autoptr(GError) error = NULL;
  g_autofree char *path = g_build_filename (fixture->dir, "main.conf", NULL);

  load (fixture, "[a]\nsame = 1\nother = 1\ngone = 1\n[b]\nother = 1\n");
  asab_config_add_default (fixture->config, "a", "other", "3");
  g_assert_cmpstr (fixture->changes->str, ==, "a.same a.other a.gone b.other ");
  g_string_truncate (fixture->changes, 0);
  g_signal_connect (fixture->config, "changed::a", G_CALLBACK (changed_cb), in_a);

  /* The files are found again from elsewhere. */
  g_assert_cmpint (g_chdir ("/"), ==, 0);
  write_file (path, "[a]\nother = 2\nsame = 1\nnew = 1\n[b]\nother = 2\n[c]\n");
  g_assert_true (asab_config_reload (fixture->config, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (fixture->changes->str, ==, "a.other a.gone a.new b.other ");
  g_assert_cmpstr (in_a->str, ==, "a.other a.gone a.new ");
  assert_value (fixture, "a", "other", "2");
  assert_origin (fixture, "a", "other", "main.conf:2");
  g_assert_false (asab_config_has_key (fixture->config, "a", "gone"));

  g_string_truncate (fixture->changes, 0);
  g_assert_true (asab_config_reload (fixture->config, NULL));
  g_assert_cmpstr (fixture->changes->str, ==, "");

  write_file (path, "[a]\nother = 9\nother = 8\n");
  g_assert_false (asab_config_reload (fixture->config, &error));
  g_assert_error (error, ASAB_CONFIG_ERROR, ASAB_CONFIG_ERROR_DUPLICATE);
  g_assert_cmpstr (error->message, ==,
                   "main.conf:3: The key “other” of section “a” was already given in line 2; keep one of them");
  g_assert_cmpstr (fixture->changes->str, ==, "");
  assert_value (fixture, "a", "other", "2");
  g_clear_error (&error);

  g_assert_cmpint (g_remove (path), ==, 0);
  g_assert_false (asab_config_reload (fixture->config, &error));
  g_assert_error (error, ASAB_CONFIG_ERROR, ASAB_CONFIG_ERROR_UNREADABLE);
  assert_value (fixture, "a", "other", "2");
}

static void
test_set (Fixture       *fixture,
          gconstpointer  data G_GNUC_UNUSED)
{
  load (fixture, "[DEFAULT]\nd = 0\n[a]\nk = 1\n");
  g_string_truncate (fixture->changes, 0);

  g_assert_true (asab_config_set_string (fixture->config, "a", "K", "1", NULL));
  g_assert_cmpstr (fixture->changes->str, ==, "");
  g_assert_true (asab_config_set_string (fixture->config, "a", "K", "2", NULL));
  g_assert_cmpstr (fixture->changes->str, ==, "a.k ");
  g_assert_true (asab_config_set_string (fixture->config, "DEFAULT", "d", "1", NULL));
  g_assert_cmpstr (fixture->changes->str, ==, "a.k DEFAULT.d a.d ");
}

static void
test_declare (Fixture       *fixture,
              gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(GError) error = NULL;

  load (fixture, "[a]\nperiod = 5x\n");
  g_assert_true (asab_config_check (fixture->config, &error));
  asab_config_declare (fixture->config, "a", "Period", ASAB_CONFIG_KIND_SECONDS);
  asab_config_declare (fixture->config, "a", "absent", ASAB_CONFIG_KIND_BOOLEAN);
  g_assert_false (asab_config_check (fixture->config, &error));
  g_assert_error (error, ASAB_CONFIG_ERROR, ASAB_CONFIG_ERROR_INVALID_VALUE);
  g_assert_cmpstr (error->message, ==,
                   "[a] period: “5x” (main.conf:2) is not a duration such as 10, 500ms or 1h30m "
                   "(units: ms, s, m, h, d, w, M, y)");
  g_clear_error (&error);

  load (fixture, "[a]\nperiod = 5s\n");
  g_assert_true (asab_config_check (fixture->config, &error));
  write_file ("main.conf", "[a]\nperiod = 6x\n");
  g_assert_false (asab_config_reload (fixture->config, &error));
  g_assert_error (error, ASAB_CONFIG_ERROR, ASAB_CONFIG_ERROR_INVALID_VALUE);
  assert_value (fixture, "a", "period", "5s");
}

static void
test_declare_kinds (Fixture       *fixture,
                    gconstpointer  data G_GNUC_UNUSED)
{
  static const struct
  {
    const char *key;
    const char *good;
    const char *bad; /* (nullable) */
  } kinds[] = {
    [ASAB_CONFIG_KIND_STRING] = { "string", "any", NULL },
    [ASAB_CONFIG_KIND_BOOLEAN] = { "boolean", "on", "2" },
    [ASAB_CONFIG_KIND_INT64] = { "int64", "-1", "1.5" },
    [ASAB_CONFIG_KIND_DOUBLE] = { "double", "1.5", "1s" },
    [ASAB_CONFIG_KIND_SECONDS] = { "seconds", "1s", "1B" },
    [ASAB_CONFIG_KIND_SIZE] = { "size", "1B", "1s" },
    [ASAB_CONFIG_KIND_URI] = { "uri", "http://h", "h" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autoptr(GError) error = NULL;

      asab_config_declare (fixture->config, "s", kinds[i].key, i);
      g_assert_true (asab_config_set_string (fixture->config, "s", kinds[i].key, kinds[i].good, NULL));
      if (kinds[i].bad == NULL)
        continue;
      g_assert_false (asab_config_set_string (fixture->config, "s", kinds[i].key, kinds[i].bad, &error));
      g_assert_error (error, ASAB_CONFIG_ERROR, ASAB_CONFIG_ERROR_INVALID_VALUE);
      assert_value (fixture, "s", kinds[i].key, kinds[i].good);
    }
}

static void
test_dump (Fixture       *fixture,
           gconstpointer  data G_GNUC_UNUSED)
{
  g_autofree char *dump = NULL;
  g_autofree char *again = NULL;
  g_autoptr(AsabConfig) other = asab_config_new ();
  g_autoptr(GError) error = NULL;

  asab_config_add_default (fixture->config, "web", "servertokens", "full");
  asab_config_set_override (fixture->config, "logging", "verbose", "yes", NULL);
  write_file ("more.conf", "[web]\nlisten = 80\n");
  load (fixture,
        "[DEFAULT]\nsalt = 1\n"
        "[general]\ninclude = more.conf\n"
        "[web]\nlisten = 8080\nempty =\nAPI-Key = 123\naccess_token = abc\ndollar = $$HOME %% 5%\npassword =\n"
        "db = amqp://user:p:w@host:1/x http://a/b@c mongodb://u@h\n"
        "[passwords]\nanything = x\n"
        "[list]\nlines =\n  one\n\n  two\n");

  dump = asab_config_dump (fixture->config);
  g_assert_cmpstr (dump, ==,
                   "[DEFAULT]\n"
                   "# main.conf:2\nsalt = 1\n"
                   "\n[web]\n"
                   "# default\nservertokens = full\n"
                   "# more.conf:2\nlisten = 80\n"
                   "# main.conf:7\nempty =\n"
                   "# main.conf:8\napi-key = ***\n"
                   "# main.conf:9\naccess_token = ***\n"
                   "# main.conf:10\ndollar = $$HOME % 5%\n"
                   "# main.conf:11\npassword =\n"
                   "# main.conf:12\ndb = amqp://user:***@host:1/x http://a/b@c mongodb://u@h\n"
                   "\n[general]\n"
                   "# main.conf:4\n# include = more.conf\n"
                   "\n[passwords]\n"
                   "# main.conf:14\nanything = ***\n"
                   "\n[list]\n"
                   "# main.conf:16\nlines =\n    one\n    \n    two\n"
                   "\n[logging]\n"
                   "# command line\nverbose = yes\n");

  write_file ("dump.conf", dump);
  asab_config_load (other, "dump.conf", &error);
  g_assert_no_error (error);
  again = asab_config_get_string (other, "web", "dollar", NULL);
  g_assert_cmpstr (again, ==, "$HOME % 5%");
  g_clear_pointer (&again, g_free);
  again = asab_config_get_string (other, "list", "lines", NULL);
  g_assert_cmpstr (again, ==, "\none\n\ntwo");
}

static gpointer
read_often (gpointer data)
{
  AsabConfig *config = data;
  gsize n_read = 0;

  for (int i = 0; i < 2000; i++)
    {
      g_autofree char *value = asab_config_get_string (config, "a", "k", NULL);

      n_read += g_strcmp0 (value, "one") == 0 || g_strcmp0 (value, "two") == 0;
    }

  return GSIZE_TO_POINTER (n_read);
}

/* Other threads may read while the main one loads. */
static void
test_threads (Fixture       *fixture,
              gconstpointer  data G_GNUC_UNUSED)
{
  GThread *threads[2];

  load (fixture, "[a]\nk = one\n");
  for (gsize i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("reader", read_often, fixture->config);
  for (int i = 0; i < 50; i++)
    load (fixture, i % 2 == 0 ? "[a]\nk = two\n" : "[a]\nk = one\n");
  for (gsize i = 0; i < G_N_ELEMENTS (threads); i++)
    g_assert_cmpuint (GPOINTER_TO_SIZE (g_thread_join (threads[i])), ==, 2000);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  collect_warnings ();

  g_test_add_func ("/asab/config/default", test_default);
  ADD ("/asab/config/document", NULL, test_document);
  ADD ("/asab/config/precedence", NULL, test_precedence);
  ADD ("/asab/config/defaults-variant", NULL, test_defaults_variant);
  ADD ("/asab/config/inherited", NULL, test_inherited);
  ADD ("/asab/config/expansion", NULL, test_expansion);
  ADD ("/asab/config/find-file", NULL, test_find_file);
  ADD ("/asab/config/includes", NULL, test_includes);
  ADD ("/asab/config/include/from-pattern", NULL, test_include_from_pattern);
  ADD ("/asab/config/include/this-dir", NULL, test_include_this_dir);
  ADD ("/asab/config/include/once", NULL, test_include_once);
  ADD ("/asab/config/include/broken", NULL, test_include_broken);
  ADD ("/asab/config/include/default", NULL, test_include_default);
  ADD ("/asab/config/reload", NULL, test_reload);
  ADD ("/asab/config/set", NULL, test_set);
  ADD ("/asab/config/declare", NULL, test_declare);
  ADD ("/asab/config/declare-kinds", NULL, test_declare_kinds);
  ADD ("/asab/config/dump", NULL, test_dump);
  ADD ("/asab/config/threads", NULL, test_threads);

  return g_test_run ();
}
