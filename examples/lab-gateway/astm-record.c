/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A record of ASTM E1394, also known as LIS2-A: fields, each of which may be repeated, and has components.
 *
 * Most fields of most records are empty, so a record is a sorted list of what is not.
 */

#include "astm-record.h"

#include "astm-record-private.h"

AstmRecord *
astm_record_new (char          type_letter,
                 GStringChunk *strings)
{
  AstmRecord *self = g_new (AstmRecord, 1);

  *self = (AstmRecord) {
    .type_letter = type_letter,
    .values = g_array_new (FALSE, FALSE, sizeof (AstmValue)),
    .strings = strings,
  };

  return self;
}

void
astm_record_free (AstmRecord *self)
{
  g_array_unref (self->values);
  g_free (self);
}

static int
compare_places (const AstmValue *a,
                const AstmValue *b)
{
  if (a->field != b->field)
    return a->field < b->field ? -1 : 1;
  if (a->repeat != b->repeat)
    return a->repeat < b->repeat ? -1 : 1;

  return (a->component > b->component) - (a->component < b->component);
}

/* The index of the first value that is not before @place. */
static guint
find (const AstmRecord *self,
      const AstmValue  *place)
{
  guint low = 0;
  guint high = self->values->len;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if (compare_places (&g_array_index (self->values, AstmValue, middle), place) < 0)
        low = middle + 1;
      else
        high = middle;
    }

  return low;
}

static gboolean
is_at (const AstmRecord *self,
       guint             index,
       const AstmValue  *place)
{
  return index < self->values->len &&
         compare_places (&g_array_index (self->values, AstmValue, index), place) == 0;
}

/**
 * astm_record_get_type_letter:
 * @self: a record
 *
 * Gets what a record is about: a letter of “HPORCQLMS”.
 *
 * Returns: the letter
 */
char
astm_record_get_type_letter (const AstmRecord *self)
{
  return self->type_letter;
}

/**
 * astm_record_get:
 * @self: a record
 * @field: the number of a field, from 2 on
 *
 * Gets the first component of a field.
 *
 * Returns: what it says, in UTF-8; an empty string if it says nothing
 */
const char *
astm_record_get (const AstmRecord *self,
                 guint             field)
{
  return astm_record_get_part (self, field, 1, 1);
}

/**
 * astm_record_get_part:
 * @self: a record
 * @field: the number of a field, from 2 on
 * @repeat: which of its repetitions, from 1 on
 * @component: which component of that, from 1 on
 *
 * Gets a part of a field.
 *
 * Returns: what it says, in UTF-8; an empty string if it says nothing
 */
const char *
astm_record_get_part (const AstmRecord *self,
                      guint             field,
                      guint             repeat,
                      guint             component)
{
  AstmValue place = { (guint16) field, (guint16) repeat, (guint16) component, NULL };
  guint index;

  if (MAX (field, MAX (repeat, component)) > ASTM_MAX_PLACE)
    return "";

  index = find (self, &place);

  return is_at (self, index, &place) ? g_array_index (self->values, AstmValue, index).text : "";
}

/**
 * astm_record_get_n_fields:
 * @self: a record
 *
 * Gets the number of the last field that says something.
 *
 * Returns: the number, at least 1
 */
guint
astm_record_get_n_fields (const AstmRecord *self)
{
  return self->values->len > 0 ? g_array_index (self->values, AstmValue, self->values->len - 1).field : 1;
}

/**
 * astm_record_get_n_repeats:
 * @self: a record
 * @field: the number of a field, from 2 on
 *
 * Gets how often a field is repeated.
 *
 * Returns: the number of the last repetition that says something; 0 if none does
 */
guint
astm_record_get_n_repeats (const AstmRecord *self,
                           guint             field)
{
  AstmValue end = { (guint16) MIN (field + 1, G_MAXUINT16), 0, 0, NULL };
  guint index = find (self, &end);
  const AstmValue *last = index > 0 ? &g_array_index (self->values, AstmValue, index - 1) : NULL;

  return last != NULL && last->field == field ? last->repeat : 0;
}

/**
 * astm_record_set:
 * @self: a record
 * @field: the number of a field, from 2 on, in a header from 3 on
 * @value: (nullable): what it is to say, in UTF-8
 *
 * Sets the first component of a field.
 */
void
astm_record_set (AstmRecord *self,
                 guint       field,
                 const char *value)
{
  astm_record_set_part (self, field, 1, 1, value);
}

/**
 * astm_record_set_part:
 * @self: a record
 * @field: the number of a field, from 2 on, in a header from 3 on
 * @repeat: which of its repetitions, from 1 on
 * @component: which component of that, from 1 on
 * @value: (nullable): what it is to say, in UTF-8
 *
 * Sets a part of a field. There may be a thousand of each at most.
 */
void
astm_record_set_part (AstmRecord *self,
                      guint       field,
                      guint       repeat,
                      guint       component,
                      const char *value)
{
  AstmValue place = { (guint16) field, (guint16) repeat, (guint16) component, NULL };
  guint index;

  g_return_if_fail (field > (self->type_letter == 'H' ? 2u : 1u) && field <= ASTM_MAX_PLACE);
  g_return_if_fail (repeat > 0 && repeat <= ASTM_MAX_PLACE);
  g_return_if_fail (component > 0 && component <= ASTM_MAX_PLACE);

  index = find (self, &place);
  if (is_at (self, index, &place))
    g_array_remove_index (self->values, index);
  if (value == NULL || *value == '\0')
    return;

  place.text = g_string_chunk_insert (self->strings, value);
  g_array_insert_val (self->values, index, place);
}
