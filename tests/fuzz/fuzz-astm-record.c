/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A message that is read can be written, sent, and read again as the same. */

#include "fuzz.h"

#include <astm-frame.h>
#include <astm-view.h>

/* A text is a time, or is refused as one. */
static void
check_time (const AstmRecord *record)
{
  const gboolean is_empty = *astm_record_get (record, ASTM_RESULT_TIME) == '\0';
  g_autoptr(GError) error = NULL;
  g_autoptr(GDateTime) time = astm_record_dup_time (record, ASTM_RESULT_TIME, &error);

  g_assert_true ((time != NULL) + (error != NULL) + is_empty == 1);
}

static void
check_record (const AstmWalk *walk)
{
  const guint n_fields = astm_record_get_n_fields (walk->record);

  check_time (walk->record);
  for (guint field = 2; field <= n_fields; field++)
    for (guint repeat = 1; repeat <= astm_record_get_n_repeats (walk->record, field); repeat++)
      {
        const char *text = astm_record_get_test (walk->record, field, repeat);

        g_assert_true (g_utf8_validate (text, -1, NULL));
      }
  if (walk->patient != NULL)
    g_free (astm_patient_dup_name (walk->patient));
  g_assert_true (astm_record_get_type_letter (walk->record) != 'R' || walk->order != NULL);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data,
                        size_t         size)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(AstmMessage) message = astm_message_parse ((const char *) data, size, &error);
  g_autoptr(AstmMessage) again = NULL;
  g_autoptr(GBytes) first = NULL;
  g_autoptr(GBytes) second = NULL;
  g_autoptr(GBytes) latin1 = NULL;
  AstmWalk walk = { message };
  const char *text;
  gsize n_bytes;

  g_assert_true ((message == NULL) == (error != NULL));
  if (message == NULL)
    return 0;

  while (astm_walk_next (&walk))
    check_record (&walk);

  first = astm_message_encode (message, ASTM_CHARSET_UTF8);
  text = g_bytes_get_data (first, &n_bytes);
  g_assert_true (astm_check_message ((const guint8 *) text, n_bytes, NULL));
  again = astm_message_parse (text, n_bytes, &error);
  g_assert_no_error (error);
  second = astm_message_encode (again, ASTM_CHARSET_UTF8);
  g_assert_true (g_bytes_equal (first, second));

  latin1 = astm_message_encode (message, ASTM_CHARSET_LATIN1);
  text = g_bytes_get_data (latin1, &n_bytes);
  g_assert_true (astm_check_message ((const guint8 *) text, n_bytes, NULL));

  return 0;
}
