/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <astm-view.h>

#include <string.h>

static AstmMessage *
parse (const char *text)
{
  g_autoptr(GError) error = NULL;
  AstmMessage *message = astm_message_parse (text, strlen (text), &error);

  g_assert_no_error (error);

  return message;
}

static AstmMessage *
parse_sample (const char *name)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *path = g_build_filename (ASTM_SAMPLES, name, NULL);
  g_autofree char *text = NULL;

  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);

  return parse (text);
}

static void
assert_encoded (AstmMessage *message,
                AstmCharset  charset,
                const char  *expected)
{
  g_autoptr(GBytes) bytes = astm_message_encode (message, charset);
  gsize size;
  const char *data = g_bytes_get_data (bytes, &size);

  g_assert_cmpmem (data, size, expected, strlen (expected));
}

/* The first component of field 4 of the comment in a message that has nothing else. */
static void
assert_text (const char *written,
             const char *expected)
{
  g_autofree char *text = g_strdup_printf ("H|\\^&\rC|1|I|%s|G\rL|1\r", written);
  g_autoptr(AstmMessage) message = parse (text);
  AstmRecord *comment = astm_message_get_record (message, 1);

  g_assert_cmpstr (astm_record_get (comment, ASTM_COMMENT_TEXT), ==, expected);
  g_assert_cmpstr (astm_record_get (comment, ASTM_COMMENT_TYPE), ==, "G");
}

static void
test_fields (void)
{
  g_autoptr(AstmMessage) message = parse ("H|\\^&||x\rP|1\rO|1|S1||^^^A\\^^^B^2||\rL|1|N\r");
  AstmRecord *order = astm_message_get_record (message, 2);

  g_assert_cmpuint (astm_message_get_n_records (message), ==, 4);
  g_assert_cmpint (astm_record_get_type_letter (order), ==, 'O');
  g_assert_cmpstr (astm_record_get (order, 2), ==, "1");
  g_assert_cmpstr (astm_record_get (order, ASTM_ORDER_SPECIMEN_ID), ==, "S1");
  g_assert_cmpstr (astm_record_get (order, 4), ==, "");
  g_assert_cmpuint (astm_record_get_n_repeats (order, 4), ==, 0);
  g_assert_cmpuint (astm_record_get_n_repeats (order, ASTM_ORDER_TEST), ==, 2);
  g_assert_cmpstr (astm_record_get_part (order, ASTM_ORDER_TEST, 2, 4), ==, "B");
  g_assert_cmpstr (astm_record_get_part (order, ASTM_ORDER_TEST, 2, 5), ==, "2");
  g_assert_cmpstr (astm_record_get_part (order, ASTM_ORDER_TEST, 3, 1), ==, "");
  g_assert_cmpstr (astm_record_get_part (order, 100000, 1, 1), ==, "");
  g_assert_cmpuint (astm_record_get_n_fields (order), ==, ASTM_ORDER_TEST);
  g_assert_cmpstr (astm_record_get (astm_message_get_record (message, 0), 4), ==, "x");
}

/* Files have lines, and what is between the lines is nothing. */
static void
test_line_ends (void)
{
  g_autoptr(AstmMessage) message = parse ("H|\\^&\r\n\nP|1\n\rL|1");

  g_assert_cmpuint (astm_message_get_n_records (message), ==, 3);
  assert_encoded (message, ASTM_CHARSET_UTF8, "H|\\^&\rP|1\rL|1\r");
}

static void
test_other_delimiters (void)
{
  g_autoptr(AstmMessage) message = parse ("H!~+*!!1|2\rP!1!!a+b~c!*F**X41*\rL!1\r");

  assert_encoded (message, ASTM_CHARSET_UTF8, "H|\\^&||1&F&2\rP|1||a^b\\c|!A\rL|1\r");
}

static void
test_escapes (void)
{
  assert_text ("a&F&b&S&c&R&d&E&e", "a|b^c\\d&e");
  assert_text ("&X4142&&X0A&", "AB\n");
  assert_text ("&XC3A9&", "é");
  assert_text ("&XE9&", "é");
  assert_text ("plain & simple", "plain & simple");
  assert_text ("&", "&");
  assert_text ("R&D&F&", "R&D|");
  assert_text ("&H&bold&N&", "&H&bold&N&");
  assert_text ("&X4&&X00&&XG1&&X&", "&X4&&X00&&XG1&&X&");
}

static void
test_encode_escapes (void)
{
  g_autoptr(AstmMessage) message = astm_message_new ();
  AstmRecord *comment;

  astm_message_add_record (message, 'H');
  comment = astm_message_add_record (message, 'C');
  astm_record_set (comment, ASTM_COMMENT_TEXT, "a|b^c\\d&e\r\n\005");
  astm_message_add_record (message, 'L');
  assert_encoded (message, ASTM_CHARSET_UTF8,
                  "H|\\^&\rC|1||a&F&b&S&c&R&d&E&e&X0D&&X0A&&X05&\rL|1\r");
}

static void
test_charsets (void)
{
  g_autoptr(AstmMessage) utf8 = parse ("H|\\^&\rP|1||||M\303\274ller^\342\202\254\rL|1\r");
  g_autoptr(AstmMessage) latin1 = parse ("H|\\^&\rP|1||||M\374ller\rL|1\r");

  g_assert_cmpint (astm_message_get_charset (utf8), ==, ASTM_CHARSET_UTF8);
  g_assert_cmpint (astm_message_get_charset (latin1), ==, ASTM_CHARSET_LATIN1);
  g_assert_cmpstr (astm_record_get (astm_message_get_record (latin1, 1), ASTM_PATIENT_NAME), ==, "Müller");
  assert_encoded (utf8, ASTM_CHARSET_LATIN1, "H|\\^&\rP|1||||M\374ller^?\rL|1\r");
  assert_encoded (latin1, ASTM_CHARSET_LATIN1, "H|\\^&\rP|1||||M\374ller\rL|1\r");
  assert_encoded (latin1, ASTM_CHARSET_UTF8, "H|\\^&\rP|1||||M\303\274ller\rL|1\r");
}

static const struct
{
  const char *text;
  AstmError code;
  const char *message;
} bad_messages[] = {
  { "", ASTM_ERROR_INCOMPLETE, "The message has no terminator behind its 0 records" },
  { "H|\\^&\rP|1\r", ASTM_ERROR_INCOMPLETE, "The message has no terminator behind its 2 records" },
  { "P|1\r", ASTM_ERROR_HIERARCHY, "Record 1 (P), field 1: a message begins with its header" },
  { "H|\\^&\rH|\\^&\r", ASTM_ERROR_HIERARCHY, "Record 2 (H), field 1: a second header" },
  { "H|\\^&\rO|1\r", ASTM_ERROR_HIERARCHY, "Record 2 (O), field 1: an order that belongs to no patient" },
  { "H|\\^&\rP|1\rR|1\r", ASTM_ERROR_HIERARCHY, "Record 3 (R), field 1: a result that belongs to no order" },
  { "H|\\^&\rP|1\rO|1\rP|2\rR|1\r", ASTM_ERROR_HIERARCHY, "Record 5 (R), field 1: a result that belongs to no order" },
  { "H|\\^&\rL|1\rC|1\r", ASTM_ERROR_HIERARCHY, "Record 3 (C), field 1: the message has ended before" },
  { "H|\\^&\rX|1\r", ASTM_ERROR_MALFORMED, "Record 2 (?), field 1: there is no such type of record" },
  { "H|\\^&\r\001\r", ASTM_ERROR_MALFORMED, "Record 2 (?), field 1: there is no such type of record" },
  { "H|\\^&\rPR|1\r", ASTM_ERROR_MALFORMED, "Record 2 (P), field 1: the type of a record is a single letter" },
  { "H|\\^\r", ASTM_ERROR_MALFORMED, "Record 1 (H), field 2: there should be four delimiters" },
  { "H|\\^&x|\r", ASTM_ERROR_MALFORMED, "Record 1 (H), field 2: there should be four delimiters" },
  { "H|\\^^|\r", ASTM_ERROR_MALFORMED, "Record 1 (H), field 2: “|\\^^” are no delimiters" },
  { "H|\\^a|\r", ASTM_ERROR_MALFORMED, "Record 1 (H), field 2: “|\\^a” are no delimiters" },
};

static void
test_bad_messages (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (bad_messages); i++)
    {
      g_autoptr(GError) error = NULL;

      g_assert_null (astm_message_parse (bad_messages[i].text, strlen (bad_messages[i].text), &error));
      g_assert_error (error, ASTM_ERROR, (int) bad_messages[i].code);
      g_assert_cmpstr (error->message, ==, bad_messages[i].message);
    }
}

static void
test_nothing (void)
{
  g_autoptr(GError) error = NULL;

  g_assert_null (astm_message_parse (NULL, 0, &error));
  g_assert_error (error, ASTM_ERROR, ASTM_ERROR_INCOMPLETE);
}

static void
test_zero (void)
{
  static const char text[] = "H|\\^&\rC|1|\0\rL|1\r";
  g_autoptr(GError) error = NULL;

  g_assert_null (astm_message_parse (text, sizeof text - 1, &error));
  g_assert_error (error, ASTM_ERROR, ASTM_ERROR_CHARACTER);
}

/* In the second field a thousand repeats or components are read, and in a record a thousand fields. */
static void
assert_bounded (char delimiter,
                int  n_good)
{
  g_autofree char *enough = g_strnfill ((gsize) n_good, delimiter);
  g_autofree char *flood = g_strnfill (1000000, delimiter);
  g_autofree char *good = g_strdup_printf ("H|\\^&\rC|%s\rL|1\r", enough);
  g_autofree char *too_many = g_strdup_printf ("H|\\^&\rC|%s%c\rL|1\r", enough, delimiter);
  g_autofree char *bad = g_strdup_printf ("H|\\^&\rC|%s\rL|1\r", flood);
  g_autoptr(AstmMessage) message = parse (good);
  g_autoptr(GError) error = NULL;

  g_assert_cmpuint (astm_message_get_n_records (message), ==, 3);
  g_assert_null (astm_message_parse (too_many, strlen (too_many), &error));
  g_assert_error (error, ASTM_ERROR, ASTM_ERROR_TOO_LARGE);
  g_clear_error (&error);
  g_assert_null (astm_message_parse (bad, strlen (bad), &error));
  g_assert_error (error, ASTM_ERROR, ASTM_ERROR_TOO_LARGE);
}

static void
test_bounds (void)
{
  assert_bounded ('|', 998);
  assert_bounded ('\\', 999);
  assert_bounded ('^', 999);
}

static void
test_set (void)
{
  g_autoptr(AstmMessage) message = astm_message_new ();
  AstmRecord *record;

  astm_message_add_record (message, 'H');
  record = astm_message_add_record (message, 'P');
  astm_record_set (record, 5, "later");
  astm_record_set_part (record, 3, 2, 2, "b");
  astm_record_set_part (record, 3, 1, 3, "a");
  assert_encoded (message, ASTM_CHARSET_UTF8, "H|\\^&\rP|1|^^a\\^b||later\r");
  astm_record_set (record, 5, "changed");
  astm_record_set_part (record, 3, 1, 3, NULL);
  astm_record_set_part (record, 3, 2, 2, "");
  assert_encoded (message, ASTM_CHARSET_UTF8, "H|\\^&\rP|1|||changed\r");
}

static void
test_numbers (void)
{
  g_autoptr(AstmMessage) message = astm_message_new ();

  for (const char *type = "HPOORRCCROCPOQQMML"; *type != '\0'; type++)
    astm_message_add_record (message, *type);
  assert_encoded (message, ASTM_CHARSET_UTF8,
                  "H|\\^&\rP|1\rO|1\rO|2\rR|1\rR|2\rC|1\rC|2\rR|3\rO|3\rC|1\rP|2\rO|1\rQ|1\rQ|2\rM|1\rM|2\rL|1\r");
}

static void
assert_time (const char *text,
             const char *expected)
{
  g_autoptr(AstmMessage) message = astm_message_new ();
  g_autoptr(GError) error = NULL;
  g_autoptr(GDateTime) time = NULL;
  g_autofree char *formatted = NULL;
  AstmRecord *result = astm_message_add_record (message, 'R');

  astm_record_set (result, ASTM_RESULT_TIME, text);
  time = astm_record_dup_time (result, ASTM_RESULT_TIME, &error);
  if (expected == NULL)
    {
      g_assert_null (time);
      g_assert_error (error, ASTM_ERROR, ASTM_ERROR_MALFORMED);
      return;
    }

  g_assert_no_error (error);
  formatted = g_date_time_format (time, strchr (text, '+') != NULL ? "%F %T %z" : "%F %T");
  g_assert_cmpstr (formatted, ==, expected);
}

static void
test_times (void)
{
  g_autoptr(AstmMessage) message = astm_message_new ();
  g_autoptr(GError) error = NULL;

  assert_time ("20261121", "2026-11-21 00:00:00");
  assert_time ("202611210745", "2026-11-21 07:45:00");
  assert_time ("20261121074512", "2026-11-21 07:45:12");
  assert_time ("20261121074512+0130", "2026-11-21 07:45:12 +0130");
  assert_time ("2026112", NULL);
  assert_time ("20261321", NULL);
  assert_time ("20261121074512Z", NULL);
  assert_time ("20261121074512+9", NULL);
  assert_time ("20261121074512+12x4", NULL);
  assert_time ("today", NULL);

  g_assert_null (astm_record_dup_time (astm_message_add_record (message, 'R'), ASTM_RESULT_TIME, &error));
  g_assert_no_error (error);
}

static void
test_chemistry (void)
{
  g_autoptr(AstmMessage) message = parse_sample ("chemistry.astm");
  AstmWalk walk = { message };
  g_autoptr(GString) results = g_string_new (NULL);
  g_autofree char *name = NULL;

  while (astm_walk_next (&walk))
    if (astm_record_get_type_letter (walk.record) == 'R')
      g_string_append_printf (results, "%s %s=%s %s %s; ", astm_record_get (walk.order, ASTM_ORDER_SPECIMEN_ID),
                              astm_record_get_test (walk.record, ASTM_RESULT_TEST, 1),
                              astm_record_get (walk.record, ASTM_RESULT_VALUE),
                              astm_record_get (walk.record, ASTM_RESULT_UNITS),
                              astm_record_get (walk.record, ASTM_RESULT_FLAGS));
  g_assert_cmpstr (results->str, ==,
                   "26112100417 GLU=5.8 mmol/L H; 26112100417 UREA=4.6 mmol/L N; 26112100417 CREA=71 umol/L N; "
                   "26112100417 NA=139 mmol/L N; 26112100417 K=6.4 mmol/L HH; 26112100417 CRP=<0.6 mg/L N; ");
  g_assert_cmpstr (astm_patient_get_id (walk.patient), ==, "PAT-004711");
  name = astm_patient_dup_name (walk.patient);
  g_assert_cmpstr (name, ==, "Dr. Eva M. Novak");
  g_assert_cmpstr (astm_record_get_part (walk.result, ASTM_RESULT_RANGE, 1, 2), ==, "5");
  g_assert_cmpstr (astm_record_get_test (walk.order, ASTM_ORDER_TEST, 6), ==, "CRP");
}

static void
test_comments (void)
{
  g_autoptr(AstmMessage) message = parse_sample ("comments.astm");
  AstmWalk walk = { message };
  g_autoptr(GString) comments = g_string_new (NULL);
  g_autofree char *name = NULL;

  while (astm_walk_next (&walk))
    if (astm_record_get_type_letter (walk.record) == 'C')
      g_string_append_printf (comments, "%s%.36s\n", walk.result != NULL ? "R " : walk.order != NULL ? "O " : "",
                              astm_record_get (walk.record, ASTM_COMMENT_TEXT));
  g_assert_cmpstr (comments->str, ==,
                   "Second shift\n"
                   "Allergic to penicillin | see chart\n"
                   "O Volume 4^5 mL, both tubes \\ one labe\n"
                   "R 10^5 CFU/mL\r\nconfirmed by MALDI-TOF\n"
                   "R A comment that is longer than a fram\n");
  name = astm_patient_dup_name (walk.patient);
  g_assert_cmpstr (name, ==, "Siobhán O&Brien");
  g_assert_cmpstr (astm_patient_get_id (walk.patient), ==, "PR-88");
}

static void
test_query (void)
{
  g_autoptr(AstmMessage) message = parse_sample ("query.astm");
  AstmRecord *query = astm_message_get_record (message, 1);

  g_assert_cmpstr (astm_query_get_patient_id (query), ==, "");
  g_assert_cmpstr (astm_query_get_specimen_id (query), ==, "26112100418");
  g_assert_cmpstr (astm_record_get_test (query, ASTM_QUERY_TEST, 1), ==, "ALL");
  g_assert_false (astm_query_has_range (query));
}

/* The laboratory's identification goes before that of the practice, and that before a third one. */
static void
test_patient_ids (void)
{
  g_autoptr(AstmMessage) message = parse ("H|\\^&\rP|1|PR|LAB|3\rP|2|PR||3\rP|3|||3\rP|4\rL|1\r");
  static const char * const expected[] = { "LAB", "PR", "3", "" };

  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    g_assert_cmpstr (astm_patient_get_id (astm_message_get_record (message, i + 1)), ==, expected[i]);
}

/* What stands below a patient, an order or a result knows them, and nobody else does. */
static void
test_walk (void)
{
  g_autoptr(AstmMessage) message = parse ("H|\\^&\rP|1\rO|1\rR|1\rC|1\rO|2\rP|2\rQ|1\rL|1\r");
  g_autoptr(GString) shape = g_string_new (NULL);
  AstmWalk walk = { message };

  while (astm_walk_next (&walk))
    g_string_append_printf (shape, "%c%s%s%s ", astm_record_get_type_letter (walk.record),
                            walk.patient != NULL ? "p" : "", walk.order != NULL ? "o" : "",
                            walk.result != NULL ? "r" : "");
  g_assert_cmpstr (shape->str, ==, "H Pp Opo Rpor Cpor Opo Pp Q L ");
  g_assert_false (astm_walk_next (&walk));
}

static void
test_answer (void)
{
  g_autoptr(AstmMessage) answer = astm_answer_new ("gateway", NULL);
  g_autoptr(GDateTime) time = NULL;
  AstmRecord *header = astm_message_get_record (answer, 0);

  astm_answer_add_patient (answer, "PAT-1", "Novak", "Eva");
  astm_answer_add_order (answer, "S1", (const char *[]) { "GLU", "K", NULL });
  astm_answer_add_order (answer, "S2", (const char *[]) { "CBC", NULL });
  astm_answer_end (answer, 'F');

  time = astm_record_dup_time (header, ASTM_HEADER_TIME, NULL);
  g_assert_nonnull (time);
  astm_record_set (header, ASTM_HEADER_TIME, NULL);
  assert_encoded (answer, ASTM_CHARSET_UTF8,
                  "H|\\^&|||gateway|||||||P|LIS2-A2\r"
                  "P|1||PAT-1||Novak^Eva\r"
                  "O|1|S1||^^^GLU\\^^^K|R||||||N||||||||||||||Q\r"
                  "O|2|S2||^^^CBC|R||||||N||||||||||||||Q\r"
                  "L|1|F\r");
}

/* What was written is read as the same. */
static void
test_samples (void)
{
  static const char * const names[] = { "chemistry.astm", "comments.astm", "haematology.astm", "query.astm" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr(AstmMessage) message = parse_sample (names[i]);
      g_autoptr(GBytes) first = astm_message_encode (message, ASTM_CHARSET_UTF8);
      g_autofree char *text = g_strndup (g_bytes_get_data (first, NULL), g_bytes_get_size (first));
      g_autoptr(AstmMessage) again = parse (text);
      g_autoptr(GBytes) second = astm_message_encode (again, ASTM_CHARSET_UTF8);

      g_assert_true (g_bytes_equal (first, second));
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/astm/record/fields", test_fields);
  g_test_add_func ("/astm/record/line-ends", test_line_ends);
  g_test_add_func ("/astm/record/other-delimiters", test_other_delimiters);
  g_test_add_func ("/astm/record/escapes", test_escapes);
  g_test_add_func ("/astm/record/encode-escapes", test_encode_escapes);
  g_test_add_func ("/astm/record/charsets", test_charsets);
  g_test_add_func ("/astm/record/bad", test_bad_messages);
  g_test_add_func ("/astm/record/nothing", test_nothing);
  g_test_add_func ("/astm/record/zero", test_zero);
  g_test_add_func ("/astm/record/bounds", test_bounds);
  g_test_add_func ("/astm/record/set", test_set);
  g_test_add_func ("/astm/record/numbers", test_numbers);
  g_test_add_func ("/astm/record/times", test_times);
  g_test_add_func ("/astm/record/chemistry", test_chemistry);
  g_test_add_func ("/astm/record/comments", test_comments);
  g_test_add_func ("/astm/record/query", test_query);
  g_test_add_func ("/astm/record/patient-ids", test_patient_ids);
  g_test_add_func ("/astm/record/walk", test_walk);
  g_test_add_func ("/astm/record/answer", test_answer);
  g_test_add_func ("/astm/record/samples", test_samples);

  return g_test_run ();
}
