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

/* The sequence that ends first wins, and of those that begin at one place the longest. */
static gboolean
is_better (const AsabTerminatorMatch *match,
           const AsabTerminatorMatch *best)
{
  if (!best->is_found)
    return TRUE;
  if (match->n_content == best->n_content)
    return match->n_terminator > best->n_terminator;

  return match->n_content + match->n_terminator < best->n_content + best->n_terminator;
}

static AsabTerminatorMatch
match_sequences (GPtrArray    *sequences,
                 const guint8 *data,
                 gsize         size,
                 gboolean      is_end)
{
  AsabTerminatorMatch best = { size, 0, FALSE };
  gsize n_held_back = 0;

  for (guint i = 0; i < sequences->len; i++)
    {
      gsize sequence_size;
      const guint8 *sequence = g_bytes_get_data (g_ptr_array_index (sequences, i), &sequence_size);
      const guint8 *found = memmem (data, size, sequence, sequence_size);
      AsabTerminatorMatch match = { found != NULL ? (gsize) (found - data) : 0, sequence_size, TRUE };

      if (found != NULL && is_better (&match, &best))
        best = match;
      if (!is_end)
        n_held_back = MAX (n_held_back, measure_beginning (data, size, sequence, sequence_size));
    }

  /* A longer one may begin where the best one does. */
  if (!best.is_found || best.n_content == size - n_held_back)
    best = (AsabTerminatorMatch) { size - n_held_back, 0, FALSE };

  return best;
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
