/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A frame that is read is written as it was, and a message that can be sent survives being split into frames. */

#include "fuzz.h"

#include <astm-error.h>
#include <astm-frame.h>

#include <gio/gio.h>

static const gsize frame_sizes[] = { 1, 7, ASTM_FRAME_TEXT_MAX };

static void
check_frame (const guint8 *data,
             gsize         size)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GBytes) bytes = NULL;
  AstmFrame frame;

  if (!astm_frame_decode (&frame, data, size, &error))
    {
      g_assert_nonnull (error);
      return;
    }

  bytes = astm_frame_encode (&frame);
  g_assert_cmpuint (g_bytes_get_size (bytes), ==, size);
  g_assert_cmpint (g_ascii_strncasecmp (g_bytes_get_data (bytes, NULL), (const char *) data, size), ==, 0);
}

static void
check_split (const guint8 *data,
             gsize         size,
             gsize         frame_size)
{
  g_autoptr(GPtrArray) frames = astm_split_message (data, size, frame_size);
  g_autoptr(GByteArray) joined = g_byte_array_new ();

  for (guint i = 0; i < frames->len; i++)
    {
      gsize n_bytes;
      const guint8 *bytes = g_bytes_get_data (g_ptr_array_index (frames, i), &n_bytes);
      AstmFrame frame;

      g_assert_true (astm_frame_decode (&frame, bytes, n_bytes, NULL));
      g_assert_cmpuint (frame.number, ==, (i + 1) % 8);
      g_assert_cmpuint (frame.text_size, <=, frame_size);
      g_byte_array_append (joined, frame.text, (guint) frame.text_size);
      g_assert_true (frame.is_last == (data[joined->len - 1] == ASTM_CR));
    }

  g_assert_cmpmem (joined->data, joined->len, data, size);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data,
                        size_t         size)
{
  check_frame (data, size);

  for (gsize i = 0; i < G_N_ELEMENTS (frame_sizes) && astm_check_message (data, size, NULL); i++)
    check_split (data, size, frame_sizes[i]);

  return 0;
}
