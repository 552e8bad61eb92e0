/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "asab-terminator-private.h"

#include <string.h>

void
asab_terminator_clear (AsabTerminator *self)
{
  g_clear_pointer (&self->sequences, g_ptr_array_unref);
  self->length = 0;
}

/* Adds a sequence; an empty one is none. */
void
asab_terminator_add (AsabTerminator *self,
                     GBytes         *sequence)
{
  if (g_bytes_get_size (sequence) == 0)
    return;

  if (self->sequences == NULL)
    self->sequences = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_ptr_array_add (self->sequences, g_bytes_ref (sequence));
}

/* How many bytes at the end of @data are the beginning of @sequence, but not all of it. */
static gsize
measure_beginning (const guint8 *data,
                   gsize         size,
                   const guint8 *sequence,
                   gsize         sequence_size)
{
  for (gsize n = MIN (size, sequence_size - 1); n > 0; n--)
    if (memcmp (data + size - n, sequence, n) == 0)
      return n;

  return 0;
}

/* Finds the sequence that ends first, and of those that end there the longest. */
static AsabTerminatorMatch
find_first (GPtrArray    *sequences,
            const guint8 *data,
            gsize         size)
{
  AsabTerminatorMatch first = { size, 0, FALSE };
  gsize first_end = 0;

  for (guint i = 0; i < sequences->len; i++)
    {
      gsize sequence_size;
      const guint8 *sequence = g_bytes_get_data (g_ptr_array_index (sequences, i), &sequence_size);
      const guint8 *found = memmem (data, size, sequence, sequence_size);
      gsize end = found != NULL ? (gsize) (found - data) + sequence_size : G_MAXSIZE;

      if (found == NULL || (first.is_found && end > first_end))
        continue;
      if (first.is_found && end == first_end && sequence_size < first.n_terminator)
        continue;

      first = (AsabTerminatorMatch) { end - sequence_size, sequence_size, TRUE };
      first_end = end;
    }

  return first;
}

/* Makes of a match the longest one that begins where it does, or none if a longer one may be about to come. */
static AsabTerminatorMatch
extend (AsabTerminatorMatch  match,
        GPtrArray           *sequences,
        const guint8        *data,
        gsize                size,
        gboolean             is_end)
{
  const guint8 *rest = data + match.n_content;
  gsize rest_size = size - match.n_content;

  for (guint i = 0; i < sequences->len; i++)
    {
      gsize sequence_size;
      const guint8 *sequence = g_bytes_get_data (g_ptr_array_index (sequences, i), &sequence_size);

      if (sequence_size <= match.n_terminator || memcmp (rest, sequence, MIN (sequence_size, rest_size)) != 0)
        continue;
      if (sequence_size <= rest_size)
        match.n_terminator = sequence_size;
      else if (!is_end)
        return (AsabTerminatorMatch) { match.n_content, 0, FALSE };
    }

  return match;
}

static AsabTerminatorMatch
match_sequences (GPtrArray    *sequences,
                 const guint8 *data,
                 gsize         size,
                 gboolean      is_end)
{
  AsabTerminatorMatch match = find_first (sequences, data, size);
  gsize n_held_back = 0;

  if (match.is_found)
    return sequences->len > 1 ? extend (match, sequences, data, size, is_end) : match;

  for (guint i = 0; i < sequences->len && !is_end; i++)
    {
      gsize sequence_size;
      const guint8 *sequence = g_bytes_get_data (g_ptr_array_index (sequences, i), &sequence_size);

      n_held_back = MAX (n_held_back, measure_beginning (data, size, sequence, sequence_size));
    }

  return (AsabTerminatorMatch) { size - n_held_back, 0, FALSE };
}

/* Looks for the end of a record of which @n_before bytes came before @data; @is_end tells that no data follows. */
AsabTerminatorMatch
asab_terminator_match (const AsabTerminator *self,
                       const guint8         *data,
                       gsize                 size,
                       gsize                 n_before,
                       gboolean              is_end)
{
  gsize n_missing = self->length - MIN (n_before, self->length);

  if (self->length > 0 && n_missing <= size)
    return (AsabTerminatorMatch) { n_missing, 0, TRUE };
  if (self->length > 0 || self->sequences == NULL)
    return (AsabTerminatorMatch) { size, 0, FALSE };

  return match_sequences (self->sequences, data, size, is_end);
}
