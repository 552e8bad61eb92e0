/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "lab-sample.h"

#include "astm-view.h"

/* How many results a specimen has. */
#define MIN_RESULTS 2
#define MAX_RESULTS 6

/* What can be measured, with what is normal for adults. */
typedef struct
{
  const char *test;
  const char *units;
  double low;
  double high;
} Measurement;

static const Measurement measurements[] = {
  { "GLU", "mmol/L", 3.9, 5.6 },  { "CREA", "umol/L", 60, 105 }, { "UREA", "mmol/L", 2.5, 7.5 },
  { "NA", "mmol/L", 136, 145 },   { "K", "mmol/L", 3.5, 5.1 },   { "CA", "mmol/L", 2.15, 2.55 },
  { "ALT", "U/L", 8, 45 },        { "AST", "U/L", 8, 40 },       { "CRP", "mg/L", 0.2, 5 },
  { "CHOL", "mmol/L", 3.2, 5.2 }, { "TSH", "mIU/L", 0.4, 4.0 },  { "HGB", "g/L", 125, 170 },
};

/* A test that the analyser does not know; it measures something all the same. */
static const Measurement other_measurement = { "", "", 1, 10 };

static const Measurement *
find_measurement (const char *test)
{
  for (gsize i = 0; i < G_N_ELEMENTS (measurements); i++)
    {
      if (g_str_equal (measurements[i].test, test))
        return &measurements[i];
    }

  return &other_measurement;
}

static void
set_time (AstmRecord *record,
          guint       field)
{
  g_autoptr(GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *text = g_date_time_format (now, "%Y%m%d%H%M%S");

  astm_record_set (record, field, text);
}

static const char *
choose_flags (double value,
              double low,
              double high)
{
  double width = high - low;

  if (value < low)
    return value < low - 0.2 * width ? "LL" : "L";
  if (value > high)
    return value > high + 0.2 * width ? "HH" : "H";

  return "N";
}

/* Most values are normal, some are not. */
static void
add_result (AstmMessage *message,
            const char  *test)
{
  const Measurement *m = find_measurement (test);
  AstmRecord *record = astm_message_add_record (message, 'R');
  int n_digits = m->high < 10 ? 2 : m->high < 100 ? 1 : 0;
  double place = g_random_double_range (-0.3, 1.35); /* 0 is the lower limit, 1 the upper one */
  double value = MAX (m->low + (m->high - m->low) * place, m->low / 2);
  char text[G_ASCII_DTOSTR_BUF_SIZE], low[G_ASCII_DTOSTR_BUF_SIZE], high[G_ASCII_DTOSTR_BUF_SIZE], format[8];

  g_snprintf (format, sizeof format, "%%.%df", n_digits);
  value = g_ascii_strtod (g_ascii_formatd (text, sizeof text, format, value), NULL);

  astm_record_set_part (record, ASTM_RESULT_TEST, 1, 4, test);
  astm_record_set (record, ASTM_RESULT_VALUE, text);
  astm_record_set (record, ASTM_RESULT_UNITS, m->units);
  astm_record_set_part (record, ASTM_RESULT_RANGE, 1, 1, g_ascii_formatd (low, sizeof low, "%g", m->low));
  astm_record_set_part (record, ASTM_RESULT_RANGE, 1, 2, g_ascii_formatd (high, sizeof high, "%g", m->high));
  astm_record_set (record, ASTM_RESULT_FLAGS, choose_flags (value, m->low, m->high));
  astm_record_set (record, ASTM_RESULT_STATUS, "F");
  set_time (record, ASTM_RESULT_TIME);
}

static GBytes *
finish (AstmMessage *message)
{
  astm_answer_end (message, 'N');

  return astm_message_encode (message, ASTM_CHARSET_UTF8);
}

/* Makes a message up: a patient, a specimen, and some results. */
GBytes *
lab_sample_new (const char *analyser,
                guint       number)
{
  g_autoptr(AstmMessage) message = astm_answer_new (analyser, "");
  guint n_results = (guint) g_random_int_range (MIN_RESULTS, MAX_RESULTS + 1);
  guint first = (guint) g_random_int_range (0, G_N_ELEMENTS (measurements));
  g_autofree char *patient = g_strdup_printf ("P-%04d", g_random_int_range (1, 10000));
  g_autofree char *specimen = g_strdup_printf ("S-%05u", number);

  astm_record_set (astm_message_add_record (message, 'P'), ASTM_PATIENT_PRACTICE_ID, patient);
  astm_record_set (astm_message_add_record (message, 'O'), ASTM_ORDER_SPECIMEN_ID, specimen);
  for (guint i = 0; i < n_results; i++)
    add_result (message, measurements[(first + i) % G_N_ELEMENTS (measurements)].test);

  return finish (message);
}

/* Makes up what was ordered. */
GBytes *
lab_sample_new_for_order (const char       *analyser,
                          const AstmRecord *patient,
                          const AstmRecord *order)
{
  g_autoptr(AstmMessage) message = astm_answer_new (analyser, "");
  guint n_tests = astm_record_get_n_repeats (order, ASTM_ORDER_TEST);

  astm_record_set (astm_message_add_record (message, 'P'), ASTM_PATIENT_PRACTICE_ID,
                   patient != NULL ? astm_patient_get_id (patient) : "");
  astm_record_set (astm_message_add_record (message, 'O'), ASTM_ORDER_SPECIMEN_ID,
                   astm_record_get (order, ASTM_ORDER_SPECIMEN_ID));
  for (guint i = 1; i <= n_tests; i++)
    add_result (message, astm_record_get_test (order, ASTM_ORDER_TEST, i));

  return finish (message);
}
