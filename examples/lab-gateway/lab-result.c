/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "lab-result.h"

#include "astm-view.h"

G_DEFINE_BOXED_TYPE (LabResult, lab_result, lab_result_ref, lab_result_unref)

static void
lab_result_clear (gpointer data)
{
  LabResult *self = data;

  g_free (self->received);
  g_free (self->analyser);
  g_free (self->patient);
  g_free (self->specimen);
  g_free (self->test);
  g_free (self->value);
  g_free (self->units);
  g_free (self->range);
  g_free (self->flags);
  g_free (self->status);
  g_free (self->completed);
}

LabResult *
lab_result_ref (LabResult *self)
{
  return g_rc_box_acquire (self);
}

void
lab_result_unref (LabResult *self)
{
  g_rc_box_release_full (self, lab_result_clear);
}

static char *
dup_field (const AstmRecord *record,
           guint             field)
{
  return g_strdup (record != NULL ? astm_record_get (record, field) : "");
}

/* The limits of what is normal are the components of a field, or one text. */
static char *
dup_range (const AstmRecord *record)
{
  const char *low = astm_record_get (record, ASTM_RESULT_RANGE);
  const char *high = astm_record_get_part (record, ASTM_RESULT_RANGE, 1, 2);

  return *high != '\0' ? g_strdup_printf ("%s-%s", low, high) : g_strdup (low);
}

/* Takes what is told of a result by its record and by those above it. */
static LabResult *
lab_result_new (const AstmWalk   *walk,
                const AstmRecord *header,
                guint64           id,
                const char       *received)
{
  LabResult *self = g_rc_box_new0 (LabResult);

  self->id = id;
  self->received = g_strdup (received);
  self->analyser = dup_field (header, ASTM_HEADER_SENDER);
  self->patient = g_strdup (walk->patient != NULL ? astm_patient_get_id (walk->patient) : "");
  self->specimen = dup_field (walk->order, ASTM_ORDER_SPECIMEN_ID);
  self->test = g_strdup (astm_record_get_test (walk->record, ASTM_RESULT_TEST, 1));
  self->value = dup_field (walk->record, ASTM_RESULT_VALUE);
  self->units = dup_field (walk->record, ASTM_RESULT_UNITS);
  self->range = dup_range (walk->record);
  self->flags = dup_field (walk->record, ASTM_RESULT_FLAGS);
  self->status = dup_field (walk->record, ASTM_RESULT_STATUS);
  self->completed = dup_field (walk->record, ASTM_RESULT_TIME);

  return self;
}

/* Returns: (transfer full) (element-type LabResult): the results of a message, with numbers from @first_id on */
GPtrArray *
lab_result_list_of_message (const AstmMessage *message,
                            guint64            first_id,
                            const char        *received)
{
  GPtrArray *results = g_ptr_array_new_with_free_func ((GDestroyNotify) lab_result_unref);
  const AstmRecord *header = astm_message_get_record (message, 0);
  AstmWalk walk = { message };

  while (astm_walk_next (&walk))
    {
      if (astm_record_get_type_letter (walk.record) == 'R')
        g_ptr_array_add (results, lab_result_new (&walk, header, first_id + results->len, received));
    }

  return results;
}

/* Returns: (transfer floating): the result as it is told to browsers */
GVariant *
lab_result_to_variant (LabResult *self)
{
  return g_variant_new_parsed ("{'id': <%t>, 'received': <%s>, 'analyser': <%s>, 'patient': <%s>, 'specimen': <%s>,"
                               " 'test': <%s>, 'value': <%s>, 'units': <%s>, 'range': <%s>, 'flags': <%s>,"
                               " 'status': <%s>, 'completed': <%s>}",
                               self->id, self->received, self->analyser, self->patient, self->specimen, self->test,
                               self->value, self->units, self->range, self->flags, self->status, self->completed);
}
