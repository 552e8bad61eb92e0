/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The same records come out however the bytes came in, and they are those that a search at every single place finds.
 *
 * The first line of an input has the terminators, with “|” between them, or the length of a record.
 */

#include "fuzz.h"

#include <asab-glib/net/asab-terminator-private.h>

#include <string.h>

static const gsize chunk_sizes[] = { 1, 2, 3, 7, 4096 };

static gsize
measure_line (const guint8 *data,
              gsize         size)
{
  const guint8 *end = size > 0 ? memchr (data, '\n', size) : NULL;

  return end != NULL ? (gsize) (end - data) : size;
}

static void
set_up (AsabTerminator *terminator,
        const char     *line,
        gsize           size)
{
  if (size > 0 && g_ascii_isdigit (line[0]))
    {
      g_autofree char *text = g_strndup (line, size);

      terminator->length = (gsize) g_ascii_strtoull (text, NULL, 10);
      return;
    }

  for (gsize i = 0, end = 0; i < size; i = end + 1)
    {
      g_autoptr(GBytes) sequence = NULL;

      for (end = i; end < size && line[end] != '|'; end++)
        ;
      sequence = g_bytes_new (line + i, end - i);
      asab_terminator_add (terminator, sequence);
    }
}

/* The text of a split: each record with its size before it, so that no two splits have the same text. */
static void
add_record (GString    *records,
            const char *data,
            gsize       size)
{
  g_string_append_printf (records, "%" G_GSIZE_FORMAT ":", size);
  g_string_append_len (records, data, (gssize) size);
}

/* Splits what comes in chunks, and keeps what was not used for the next one. */
static GString *
split (const AsabTerminator *terminator,
       const guint8         *data,
       gsize                 size,
       gsize                 chunk_size)
{
  GString *records = g_string_new (NULL);
  g_autoptr(GString) record = g_string_new (NULL);
  gsize i = 0;

  for (gsize end = MIN (chunk_size, size); i < size; end += MIN (chunk_size, size - end))
    while (i < end)
      {
        AsabTerminatorMatch match = asab_terminator_match (terminator, data + i, end - i, record->len, end == size);

        g_assert_cmpuint (match.n_content + match.n_terminator, <=, end - i);
        g_string_append_len (record, (const char *) data + i, (gssize) match.n_content);
        i += match.n_content + match.n_terminator;
        if (!match.is_found)
          break;
        add_record (records, record->str, record->len);
        g_string_truncate (record, 0);
      }
  add_record (records, record->str, record->len);

  return records;
}

/* The longest sequence at the beginning of the data: its length. */
static gsize
match_here (const AsabTerminator *terminator,
            const guint8         *data,
            gsize                 size)
{
  gsize longest = 0;

  for (guint i = 0; terminator->sequences != NULL && i < terminator->sequences->len; i++)
    {
      gsize sequence_size;
      const guint8 *sequence = g_bytes_get_data (g_ptr_array_index (terminator->sequences, i), &sequence_size);

      if (sequence_size <= size && memcmp (data, sequence, sequence_size) == 0)
        longest = MAX (longest, sequence_size);
    }

  return longest;
}

/* Looks at the data as if it ended after each of its bytes, until there is a sequence in it. */
static gboolean
find (const AsabTerminator *terminator,
      const guint8         *data,
      gsize                 size,
      gsize                *n_content)
{
  if (terminator->length > 0)
    {
      *n_content = terminator->length;
      return terminator->length <= size;
    }

  for (gsize end = 1; end <= size; end++)
    for (*n_content = 0; *n_content < end; ++*n_content)
      if (match_here (terminator, data + *n_content, end - *n_content) > 0)
        return TRUE;

  return FALSE;
}

static GString *
split_naively (const AsabTerminator *terminator,
               const guint8         *data,
               gsize                 size)
{
  GString *records = g_string_new (NULL);
  gsize n_content;

  while (size > 0 && find (terminator, data, size, &n_content))
    {
      gsize n_terminator = terminator->length > 0 ? 0 : match_here (terminator, data + n_content, size - n_content);

      add_record (records, (const char *) data, n_content);
      data += n_content + n_terminator;
      size -= n_content + n_terminator;
    }
  add_record (records, (const char *) data, size);

  return records;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data,
                        size_t         size)
{
  AsabTerminator terminator = { NULL, 0 };
  gsize line_size = measure_line (data, size);
  gsize n_skipped = MIN (line_size + 1, size);
  g_autoptr(GString) expected = NULL;

  if (size > chunk_sizes[G_N_ELEMENTS (chunk_sizes) - 1])
    return 0; /* the naive way takes its time */

  set_up (&terminator, (const char *) data, line_size);
  expected = split_naively (&terminator, data + n_skipped, size - n_skipped);

  for (gsize i = 0; i < G_N_ELEMENTS (chunk_sizes); i++)
    {
      GString *records = split (&terminator, data + n_skipped, size - n_skipped, chunk_sizes[i]);

      g_assert_cmpmem (records->str, records->len, expected->str, expected->len);
      g_string_free (records, TRUE);
    }
  asab_terminator_clear (&terminator);

  return 0;
}
