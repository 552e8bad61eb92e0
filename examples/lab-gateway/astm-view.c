/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a laboratory wants to know from the records of a message, and tells an analyser that asks. */

#include "astm-view.h"

#include <string.h>

/* Where a universal test identifier has the name that the manufacturer gave the test. */
#define TEST_NAME_COMPONENT 4

/**
 * astm_walk_next:
 * @self: a walk
 *
 * Goes on to the next record.
 *
 * Returns: false if there is none
 */
gboolean
astm_walk_next (AstmWalk *self)
{
  if (self->n_walked == astm_message_get_n_records (self->message))
    return FALSE;

  self->record = astm_message_get_record (self->message, self->n_walked++);
  switch (astm_record_get_type_letter (self->record))
    {
    case 'P':
      self->patient = self->record;
      self->order = self->result = NULL;
      break;
    case 'Q':
      self->patient = self->order = self->result = NULL;
      break;
    case 'O':
      self->order = self->record;
      self->result = NULL;
      break;
    case 'R':
      self->result = self->record;
      break;
    default:
      break;
    }

  return TRUE;
}

/**
 * astm_patient_get_id:
 * @patient: a patient record
 *
 * Gets the identification of a patient: that of the laboratory, of the practice, or another one.
 *
 * Returns: the first that there is; an empty string if there is none
 */
const char *
astm_patient_get_id (const AstmRecord *patient)
{
  const char *id = astm_record_get (patient, ASTM_PATIENT_LABORATORY_ID);

  if (*id == '\0')
    id = astm_record_get (patient, ASTM_PATIENT_PRACTICE_ID);
  if (*id == '\0')
    id = astm_record_get (patient, ASTM_PATIENT_THIRD_ID);

  return id;
}

/**
 * astm_patient_dup_name:
 * @patient: a patient record
 *
 * Gets the name of a patient as people write it, such as “Dr. Ada M. Smith Jr.”.
 *
 * Returns: (transfer full): the name; an empty string if there is none
 */
char *
astm_patient_dup_name (const AstmRecord *patient)
{
  static const guint order[] = { 5, 2, 3, 1, 4 }; /* title, first, middle, last, suffix */
  GString *name = g_string_new (NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (order); i++)
    {
      const char *part = astm_record_get_part (patient, ASTM_PATIENT_NAME, 1, order[i]);

      if (*part != '\0' && name->len > 0)
        g_string_append_c (name, ' ');
      g_string_append (name, part);
    }

  return g_string_free (name, FALSE);
}

/**
 * astm_record_get_test:
 * @record: an order, a result, or a query
 * @field: its field for tests
 * @repeat: which of the tests, from 1 on
 *
 * Gets the name of a test: the manufacturer's, which is the fourth component, or else what the first one says.
 *
 * Returns: the name; an empty string if there is none
 */
const char *
astm_record_get_test (const AstmRecord *record,
                      guint             field,
                      guint             repeat)
{
  const char *name = astm_record_get_part (record, field, repeat, TEST_NAME_COMPONENT);

  return *name != '\0' ? name : astm_record_get_part (record, field, repeat, 1);
}

/* Reads @n_digits digits. Returns: the number; -1 if they are none */
static int
read_digits (const char *text,
             gsize       n_digits)
{
  int number = 0;

  for (gsize i = 0; i < n_digits; i++)
    {
      if (!g_ascii_isdigit (text[i]))
        return -1;
      number = number * 10 + g_ascii_digit_value (text[i]);
    }

  return number;
}

/* Reads what is behind the date and the time: nothing, or the offset from universal time, “+0100”. */
static GTimeZone *
read_zone (const char *text)
{
  if (*text == '\0')
    return g_time_zone_new_local ();
  if ((*text != '+' && *text != '-') || strlen (text) != 5 || read_digits (text + 1, 4) < 0)
    return NULL;

  return g_time_zone_new_identifier (text);
}

/* Reads “YYYYMMDD”, “YYYYMMDDHHMM” or “YYYYMMDDHHMMSS”, and a zone. */
static GDateTime *
read_time (const char *text)
{
  const gsize n_digits = strspn (text, "0123456789");
  g_autoptr(GTimeZone) zone = NULL;

  if (n_digits != 8 && n_digits != 12 && n_digits != 14)
    return NULL;
  zone = read_zone (text + n_digits);
  if (zone == NULL)
    return NULL;

  return g_date_time_new (zone, read_digits (text, 4), read_digits (text + 4, 2), read_digits (text + 6, 2),
                          n_digits > 8 ? read_digits (text + 8, 2) : 0,
                          n_digits > 8 ? read_digits (text + 10, 2) : 0,
                          n_digits > 12 ? read_digits (text + 12, 2) : 0);
}

/**
 * astm_record_dup_time:
 * @record: a record
 * @field: a field with a date, or a date and a time
 * @error: return location for %ASTM_ERROR_MALFORMED
 *
 * Gets the time of a field. Without a zone it is local time.
 *
 * Returns: (transfer full) (nullable): the time; %NULL without @error if the field says nothing
 */
GDateTime *
astm_record_dup_time (const AstmRecord  *record,
                      guint              field,
                      GError           **error)
{
  const char *text = astm_record_get (record, field);
  GDateTime *time = NULL;

  if (*text == '\0')
    return NULL;

  time = read_time (text);
  if (time == NULL)
    g_set_error (error, ASTM_ERROR, ASTM_ERROR_MALFORMED, "Field %u of a record %c: “%s” is no time", field,
                 astm_record_get_type_letter (record), text);

  return time;
}

/**
 * astm_query_get_patient_id:
 * @query: a query record
 *
 * Gets the patient that an analyser asks for.
 *
 * Returns: the identification; an empty string if it does not tell
 */
const char *
astm_query_get_patient_id (const AstmRecord *query)
{
  return astm_record_get_part (query, ASTM_QUERY_FIRST_ID, 1, 1);
}

/**
 * astm_query_get_specimen_id:
 * @query: a query record
 *
 * Gets the specimen that an analyser asks for: what it has read from the label of a tube.
 *
 * Returns: the identification; an empty string if it does not tell
 */
const char *
astm_query_get_specimen_id (const AstmRecord *query)
{
  return astm_record_get_part (query, ASTM_QUERY_FIRST_ID, 1, 2);
}

/**
 * astm_query_has_range:
 * @query: a query record
 *
 * Tells whether an analyser asks for all from one identification to another.
 *
 * Returns: true if there is another one
 */
gboolean
astm_query_has_range (const AstmRecord *query)
{
  return astm_record_get_n_repeats (query, ASTM_QUERY_LAST_ID) > 0;
}

/**
 * astm_answer_new:
 * @sender: who sends the message
 * @receiver: (nullable): who is to get it
 *
 * Makes a message with a header, to which patients and orders are to be added, and an end.
 *
 * Returns: (transfer full): the message
 */
AstmMessage *
astm_answer_new (const char *sender,
                 const char *receiver)
{
  AstmMessage *answer = astm_message_new ();
  AstmRecord *header = astm_message_add_record (answer, 'H');
  g_autoptr(GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *time = g_date_time_format (now, "%Y%m%d%H%M%S");

  astm_record_set (header, ASTM_HEADER_SENDER, sender);
  astm_record_set (header, ASTM_HEADER_RECEIVER, receiver);
  astm_record_set (header, ASTM_HEADER_PROCESSING_ID, "P");
  astm_record_set (header, ASTM_HEADER_VERSION, "LIS2-A2");
  astm_record_set (header, ASTM_HEADER_TIME, time);

  return answer;
}

/**
 * astm_answer_add_patient:
 * @answer: a message
 * @id: (nullable): the laboratory's identification of the patient
 * @last_name: (nullable): the patient's last name
 * @first_name: (nullable): and first name
 *
 * Adds a patient, the orders for whom are to follow.
 *
 * Returns: (transfer none): the patient record
 */
AstmRecord *
astm_answer_add_patient (AstmMessage *answer,
                         const char  *id,
                         const char  *last_name,
                         const char  *first_name)
{
  AstmRecord *patient = astm_message_add_record (answer, 'P');

  astm_record_set (patient, ASTM_PATIENT_LABORATORY_ID, id);
  astm_record_set_part (patient, ASTM_PATIENT_NAME, 1, 1, last_name);
  astm_record_set_part (patient, ASTM_PATIENT_NAME, 1, 2, first_name);

  return patient;
}

/**
 * astm_answer_add_order:
 * @answer: a message
 * @specimen_id: the specimen that is to be examined
 * @tests: (array zero-terminated=1): what is to be measured, a thousand tests at most
 *
 * Adds an order for the patient that was added last.
 *
 * Returns: (transfer none): the order record
 */
AstmRecord *
astm_answer_add_order (AstmMessage        *answer,
                       const char         *specimen_id,
                       const char * const *tests)
{
  AstmRecord *order = astm_message_add_record (answer, 'O');

  astm_record_set (order, ASTM_ORDER_SPECIMEN_ID, specimen_id);
  for (guint i = 0; tests[i] != NULL; i++)
    astm_record_set_part (order, ASTM_ORDER_TEST, i + 1, TEST_NAME_COMPONENT, tests[i]);
  astm_record_set (order, ASTM_ORDER_PRIORITY, "R");
  astm_record_set (order, ASTM_ORDER_ACTION, "N");
  astm_record_set (order, ASTM_ORDER_REPORT_TYPE, "Q");

  return order;
}

/**
 * astm_answer_end:
 * @answer: a message
 * @code: “N” for a normal end, “F” for the end of an answer, “I” if there is no information, “Q” if the query was wrong
 *
 * Adds the terminator of a message.
 */
void
astm_answer_end (AstmMessage *answer,
                 char         code)
{
  AstmRecord *terminator = astm_message_add_record (answer, 'L');

  astm_record_set (terminator, ASTM_TERMINATOR_CODE, (const char[]) { code, '\0' });
}
