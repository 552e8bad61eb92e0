/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <asab-glib/asab.h>
#include <asab-glib/config/asab-config-reader-private.h>

#include <string.h>

/* What a text gives: "[section]key=value@line|…", or "warning:…" lines before it. */
typedef struct
{
  const char *path;
  const char *text;
  const char *expected;
} Accepted;

typedef struct
{
  const char *path;
  const char *text;
  int         code;
  const char *message;
} Refused;

static const Accepted accepted[] = {
  { "empty", "", "" },
  { "only-comments", "# a\n; b\n\n  # c\n", "" },
  { "empty-section", "[a]\n", "[a]" },
  { "equals", "[a]\nk = v", "[a]|k=v@2" },
  { "colon", "[a]\nk: v\n", "[a]|k=v@2" },
  { "first-delimiter-counts", "[a]\nurl = http://x:1/?a=b\nl: a=b\n", "[a]|url=http://x:1/?a=b@2|l=a=b@3" },
  { "no-blanks", "[a]\nk=v\n", "[a]|k=v@2" },
  { "empty-value", "[a]\nk =\nl:\n", "[a]|k=@2|l=@3" },
  { "keys-folded", "[A]\nKeY = V\n\xc3\x84 = 1\n", "[A]|key=V@2|\xc3\xa4=1@3" },
  { "sections-case-sensitive", "[a]\n[A]\n", "[a]|[A]" },
  { "key-with-blanks", "[a]\nForward X11 = no\n", "[a]|forward x11=no@2" },
  { "no-inline-comments", "[a]\nk = v # no ; comment\n", "[a]|k=v # no ; comment@2" },
  { "comment-between", "[a]\nk = 1\n# x\n; y\nl = 2\n", "[a]|k=1@2|l=2@5" },
  { "quotes-are-literal", "[a]\nk = \"v\",\n", "[a]|k=\"v\",@2" },
  { "continuation", "[a]\nk = 1\n  2\n\t3\nl = 4\n", "[a]|k=1\n2\n3@2|l=4@5" },
  { "continuation-looks-like-a-key", "[a]\nk = 1\n  l = 2\n  [m]\n", "[a]|k=1\nl = 2\n[m]@2" },
  { "continuation-only", "[a]\nk =\n  1\n  2\n", "[a]|k=\n1\n2@2" },
  { "blank-inside", "[a]\nk = 1\n\n  2\n\n\nl = 3\n", "[a]|k=1\n\n2@2|l=3@7" },
  { "comment-inside", "[a]\nk = 1\n  # no\n  2\n", "[a]|k=1\n2@2" },
  { "indented-keys", "  [a]\n  k = 1\n  l = 2\n    3\n", "[a]|k=1@2|l=2\n3@3" },
  { "default", "[DEFAULT]\nk = 1\n[a]\n[DEFAULT]\nl = 2\n", "[DEFAULT]|k=1@2|l=2@5|[a]" },
  { "bom", "\xef\xbb\xbf[a]\nk = v\n", "[a]|k=v@2" },
  { "crlf", "[a]\r\nk = v\r\n  w\r\n\r\nl = 1", "[a]|k=v\nw@2|l=1@5" },
  { "cr", "[a]\rk = v\rl = 1", "[a]|k=v@2|l=1@3" },
  { "section-with-colon", "[logging:file]\npath = x\n", "[logging:file]|path=x@2" },
  { "section-trimmed", "[ a ]\n", "[a]" },
  { "comment-after-section", "[a] # here\n[b] ; there\n", "[a]|[b]" },
  { "doubled-brackets", "[[a:b]]\nk = v\n", "t.conf:1: A section is written with single brackets, [a:b]|[a:b]|k=v@2" },
  { "text-after-section", "[a] b\n", "t.conf:1: “b” after the section “a” is ignored|[a]" },
};

static const Refused refused[] = {
  { "no-section", "# x\nk = v\n", ASAB_CONFIG_ERROR_PARSE,
    "t.conf:2: “k = v” stands before the first section; write a section such as [general] above it" },
  { "no-delimiter", "[a]\nk = 1\nword\n", ASAB_CONFIG_ERROR_PARSE,
    "t.conf:3: “word” is neither “key = value” nor “[section]”" },
  { "no-key", "[a]\n= 1\n", ASAB_CONFIG_ERROR_PARSE, "t.conf:2: The key is missing before “=”" },
  { "no-bracket", "\n[a\n", ASAB_CONFIG_ERROR_PARSE, "t.conf:2: “]” is missing after the name of the section" },
  { "no-name", "[]\n", ASAB_CONFIG_ERROR_PARSE, "t.conf:1: The section has no name; write [name]" },
  { "no-name-doubled", "[[]]\n", ASAB_CONFIG_ERROR_PARSE, "t.conf:1: The section has no name; write [name]" },
  { "blank-name", "[  ]\n", ASAB_CONFIG_ERROR_PARSE, "t.conf:1: The section has no name; write [name]" },
  { "duplicate-section", "[a]\n[b]\n[a]\n", ASAB_CONFIG_ERROR_DUPLICATE,
    "t.conf:3: The section “a” was already begun in line 1; put its keys there" },
  { "duplicate-section-doubled", "[a]\n[[a]]\n", ASAB_CONFIG_ERROR_DUPLICATE,
    "t.conf:2: The section “a” was already begun in line 1; put its keys there" },
  { "duplicate-key", "[a]\nk = 1\n\nK : 2\n", ASAB_CONFIG_ERROR_DUPLICATE,
    "t.conf:4: The key “k” of section “a” was already given in line 2; keep one of them" },
  { "utf8", "[a]\r\nk = \xff\r\n", ASAB_CONFIG_ERROR_PARSE,
    "t.conf:2: The line is not valid UTF-8; save the file as UTF-8" },
  { "utf16", "\xff\xfe[", ASAB_CONFIG_ERROR_PARSE, "t.conf:1: The line is not valid UTF-8; save the file as UTF-8" },
};

static char *
describe (AsabConfigTable *table,
          GPtrArray       *warnings)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < warnings->len; i++)
    g_string_append_printf (text, "|%s", (const char *) warnings->pdata[i]);

  for (guint i = 0; i < table->sections->len; i++)
    {
      AsabConfigSection *section = table->sections->pdata[i];

      g_string_append_printf (text, "|[%s]", section->name);
      for (guint j = 0; j < section->entries->len; j++)
        {
          AsabConfigEntry *entry = section->entries->pdata[j];
          g_autofree char *origin = g_strdup_printf ("t.conf:%u", entry->line);

          g_assert_cmpstr (entry->origin, ==, origin);
          g_string_append_printf (text, "|%s=%s@%u", entry->key, entry->value, entry->line);
        }
    }

  if (text->len > 0)
    g_string_erase (text, 0, 1);

  return g_string_free (text, FALSE);
}

static void
test_accepted (gconstpointer data)
{
  const Accepted *test = data;
  g_autoptr(GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);
  g_autoptr(AsabConfigTable) table = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *got = NULL;

  table = asab_config_read ("t.conf", test->text, strlen (test->text), warnings, &error);
  g_assert_no_error (error);
  got = describe (table, warnings);
  g_assert_cmpstr (got, ==, test->expected);
}

static void
test_refused (gconstpointer data)
{
  const Refused *test = data;
  g_autoptr(GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);
  g_autoptr(GError) error = NULL;

  g_assert_null (asab_config_read ("t.conf", test->text, strlen (test->text), warnings, &error));
  g_assert_error (error, ASAB_CONFIG_ERROR, test->code);
  g_assert_cmpstr (error->message, ==, test->message);
}

static void
test_nul (void)
{
  g_autoptr(GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);
  g_autoptr(GError) error = NULL;

  g_assert_null (asab_config_read ("t.conf", "[a]\nk = \0v", 10, warnings, &error));
  g_assert_error (error, ASAB_CONFIG_ERROR, ASAB_CONFIG_ERROR_PARSE);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (accepted); i++)
    {
      g_autofree char *path = g_strdup_printf ("/asab/config-reader/accepted/%s", accepted[i].path);

      g_test_add_data_func (path, &accepted[i], test_accepted);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (refused); i++)
    {
      g_autofree char *path = g_strdup_printf ("/asab/config-reader/refused/%s", refused[i].path);

      g_test_add_data_func (path, &refused[i], test_refused);
    }
  g_test_add_func ("/asab/config-reader/refused/nul", test_nul);

  return g_test_run ();
}
