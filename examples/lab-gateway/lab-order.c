/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "lab-order.h"

/* More does not belong into one message. */
#define MAX_TESTS 200
#define MAX_TEXT_SIZE 100

static void
lab_order_clear (gpointer data)
{
  LabOrder *self = data;

  g_free (self->specimen);
  g_free (self->patient);
  g_strfreev (self->tests);
}

LabOrder *
lab_order_ref (LabOrder *self)
{
  return g_rc_box_acquire (self);
}

void
lab_order_unref (LabOrder *self)
{
  g_rc_box_release_full (self, lab_order_clear);
}

/* It becomes a field of a record: what would end the record must not be in it. */
static gboolean
check_text (const char  *text,
            const char  *what,
            GError     **error)
{
  gsize size = strlen (text);

  if (size > MAX_TEXT_SIZE)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "A %s is too long", what);
      return FALSE;
    }
  for (gsize i = 0; i < size; i++)
    {
      if (g_ascii_iscntrl (text[i]))
        {
          g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "A %s has a control character", what);
          return FALSE;
        }
    }

  return TRUE;
}

static gboolean
check_texts (const char          *specimen,
             const char          *patient,
             const char *const   *tests,
             GError             **error)
{
  gsize n_tests = g_strv_length ((char **) tests);

  if (*specimen == '\0' || n_tests == 0)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "An order needs a specimen and tests");
      return FALSE;
    }
  if (n_tests > MAX_TESTS)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "An order has too many tests");
      return FALSE;
    }
  for (gsize i = 0; i < n_tests; i++)
    {
      if (!check_text (tests[i], "test", error))
        return FALSE;
    }

  return check_text (specimen, "specimen", error) && check_text (patient, "patient", error);
}

static LabOrder *
lab_order_new (const char         *specimen,
               const char         *patient,
               const char *const  *tests,
               GError            **error)
{
  LabOrder *self;

  if (!check_texts (specimen, patient, tests, error))
    return NULL;

  self = g_rc_box_new0 (LabOrder);
  self->specimen = g_strdup (specimen);
  self->patient = g_strdup (patient);
  self->tests = g_strdupv ((char **) tests);

  return self;
}

/* A line of the configuration: specimen, patient, and the tests, with spaces between; a patient that is - is none. */
LabOrder *
lab_order_new_from_line (const char  *line,
                         GError     **error)
{
  g_auto(GStrv) words = g_strsplit_set (line, " \t", -1);
  const char *texts[MAX_TESTS + 4] = { "", "" };
  gsize n_texts = 0;
  LabOrder *self;

  for (gsize i = 0; words[i] != NULL && n_texts < G_N_ELEMENTS (texts) - 1; i++)
    {
      if (*words[i] != '\0')
        texts[n_texts++] = words[i];
    }

  self = lab_order_new (texts[0], g_str_equal (texts[1], "-") ? "" : texts[1], texts + 2, error);
  if (self == NULL)
    g_prefix_error (error, "“%s”: ", line);

  return self;
}

/* An object of JSON, from a client or from the journal: {"specimen": …, "patient": …, "tests": […]} */
LabOrder *
lab_order_new_from_variant (GVariant  *variant,
                            GError   **error)
{
  const char *specimen = "", *patient = "";
  g_autoptr(GVariant) tests = NULL;
  g_autofree const char **texts = NULL;
  gsize n_tests = 0;

  g_variant_lookup (variant, "specimen", "&s", &specimen);
  g_variant_lookup (variant, "patient", "&s", &patient);
  tests = g_variant_lookup_value (variant, "tests", G_VARIANT_TYPE ("av"));
  n_tests = tests != NULL ? g_variant_n_children (tests) : 0;
  texts = g_new0 (const char *, n_tests + 1);

  for (gsize i = 0; i < n_tests; i++)
    {
      g_autoptr(GVariant) boxed = g_variant_get_child_value (tests, i);
      g_autoptr(GVariant) test = g_variant_get_variant (boxed);

      if (!g_variant_is_of_type (test, G_VARIANT_TYPE_STRING))
        {
          g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "A test is not a text");
          return NULL;
        }
      texts[i] = g_variant_get_string (test, NULL); /* it lives as long as its container */
    }

  return lab_order_new (specimen, patient, texts, error);
}

/* Returns: (transfer floating): the same as JSON */
GVariant *
lab_order_to_variant (LabOrder *self)
{
  return g_variant_new_parsed ("{'specimen': <%s>, 'patient': <%s>, 'tests': <%^as>}", self->specimen, self->patient,
                               self->tests);
}
