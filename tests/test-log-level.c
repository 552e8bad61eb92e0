/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Levels of domains, and the macros, whose calls are as cheap as they are wanted. */

#define G_LOG_DOMAIN "shop.cart"

#include "program.h"

#include <errno.h>
#include <math.h>
#include <string.h>

static void
reset (void)
{
  asab_log_set_threshold (G_LOG_LEVEL_MESSAGE);
  g_assert_true (asab_log_set_levels ("", NULL));
}

static void
test_domains (void)
{
  g_assert_false (asab_log_is_enabled ("shop", G_LOG_LEVEL_INFO));
  g_assert_true (asab_log_is_enabled (NULL, G_LOG_LEVEL_MESSAGE));

  asab_log_set_domain_level ("shop", G_LOG_LEVEL_DEBUG);
  asab_log_set_domain_level ("shop.cart", G_LOG_LEVEL_CRITICAL);
  g_assert_true (asab_log_is_enabled ("shop", G_LOG_LEVEL_DEBUG));
  g_assert_true (asab_log_is_enabled ("shop.till", G_LOG_LEVEL_DEBUG));
  g_assert_false (asab_log_is_enabled ("shopping", G_LOG_LEVEL_INFO));
  g_assert_false (asab_log_is_enabled ("shop.cart.item", G_LOG_LEVEL_WARNING));
  g_assert_true (asab_log_is_enabled ("shop.cart.item", G_LOG_LEVEL_CRITICAL));
  g_assert_cmpint (asab_log_get_domain_level ("shop.cart.item"), ==, G_LOG_LEVEL_CRITICAL);
  g_assert_cmpint (asab_log_get_domain_level ("other"), ==, G_LOG_LEVEL_MESSAGE);

  asab_log_set_domain_level ("shop.cart", 0);
  g_assert_true (asab_log_is_enabled ("shop.cart.item", G_LOG_LEVEL_DEBUG));
  asab_log_set_domain_level ("shop", 0);
  g_assert_false (asab_log_is_enabled ("shop", G_LOG_LEVEL_INFO));
  reset ();
}

static void
test_text (void)
{
  g_autoptr(GError) error = NULL;

  g_assert_true (asab_log_set_levels ("# comment\n\n  a DEBUG\n\tb.c \t warn  d info\n; comment\n", &error));
  g_assert_no_error (error);
  g_assert_cmpint (asab_log_get_domain_level ("a"), ==, G_LOG_LEVEL_DEBUG);
  g_assert_cmpint (asab_log_get_domain_level ("b.c"), ==, G_LOG_LEVEL_WARNING);
  g_assert_cmpint (asab_log_get_domain_level ("d"), ==, G_LOG_LEVEL_INFO);

  g_assert_true (asab_log_set_levels ("root ERROR\nd DEBUG", &error));
  g_assert_cmpint (asab_log_get_threshold (), ==, G_LOG_LEVEL_CRITICAL);
  g_assert_cmpint (asab_log_get_domain_level ("a"), ==, G_LOG_LEVEL_CRITICAL);
  reset ();
}

static void
test_text_error (void)
{
  static const char *const texts[] = { "a", "a LOUD", "a DEBUG b", "a DEBUG\nb\n" };

  g_assert_true (asab_log_set_levels ("kept DEBUG", NULL));
  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr(GError) error = NULL;

      g_assert_false (asab_log_set_levels (texts[i], &error));
      g_assert_error (error, ASAB_CONFIG_ERROR, ASAB_CONFIG_ERROR_INVALID_VALUE);
    }
  g_assert_cmpint (asab_log_get_domain_level ("kept"), ==, G_LOG_LEVEL_DEBUG);
  reset ();
}

static int
count (int *n)
{
  return ++*n;
}

/* One place in a program follows the changes of its level. */
static void
log_debug (int *n_evaluated)
{
  asab_log_debug ("%d", count (n_evaluated));
}

static int
macros_program (int    argc G_GNUC_UNUSED,
                char **argv G_GNUC_UNUSED)
{
  int n_evaluated = 0;

  asab_log_install ();
  errno = ENOENT;
  log_debug (&n_evaluated);
  g_assert_cmpint (n_evaluated, ==, 0);
  asab_log_set_domain_level ("shop", G_LOG_LEVEL_DEBUG);
  log_debug (&n_evaluated);
  asab_log_set_domain_level ("shop", G_LOG_LEVEL_WARNING);
  log_debug (&n_evaluated);
  asab_log_notice ("not shown");
  g_message ("not shown");
  asab_log_set_domain_level ("shop", 0);

  asab_log_info ("not shown");
  asab_log_notice ("a %s", "notice");
  asab_log_warning ("a warning");
  asab_log_error ("an error");
  asab_log_critical ("the worst, without an end");
  asab_log_notice_with (ASAB_LOG_DATA (asab_log_text ("text", "t]"), asab_log_text ("none", NULL),
                                       asab_log_number ("number", G_MININT64), asab_log_real ("real", 0.5),
                                       asab_log_real ("odd", NAN), asab_log_boolean ("is", TRUE)),
                        "%d%%", 100);
  g_assert_cmpint (errno, ==, ENOENT);

  return 0;
}

static void
test_macros (void)
{
  static const char *const expected[] = {
    "DEBUG shop.cart 1",
    "NOTICE shop.cart a notice",
    "WARNING shop.cart a warning",
    "ERROR shop.cart an error",
    "CRITICAL shop.cart the worst, without an end",
    ("NOTICE shop.cart [sd text=\"t\\]\" none=\"\" number=\"-9223372036854775808\" real=\"0.5\" "
     "odd=\"nan\" is=\"true\"] 100%"),
  };
  g_auto(ProgramResult) result = PROGRAM_RESULT_INIT;
  g_auto(GStrv) lines = NULL;

  program_run (&result, "macros", NULL);
  g_assert_cmpint (result.status, ==, 0);
  lines = g_strsplit (result.errors, "\n", -1);
  g_assert_cmpuint (g_strv_length (lines), ==, G_N_ELEMENTS (expected) + 1);
  for (gsize i = 0; i < G_N_ELEMENTS (expected); i++)
    g_assert_cmpstr (lines[i] + strlen ("DD-Mon-YYYY HH:MM:SS.ffffff "), ==, expected[i]);
}

static const Program programs[] = { { "macros", macros_program } };

int
main (int    argc,
      char **argv)
{
  int status;

  if (program_main (programs, G_N_ELEMENTS (programs), argc, argv, &status))
    return status;

  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/asab/log-level/domains", test_domains);
  g_test_add_func ("/asab/log-level/text", test_text);
  g_test_add_func ("/asab/log-level/text-error", test_text_error);
  g_test_add_func ("/asab/log-level/macros", test_macros);

  return g_test_run ();
}
