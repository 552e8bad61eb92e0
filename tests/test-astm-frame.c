/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <astm-error.h>
#include <astm-frame.h>

#include <gio/gio.h>
#include <string.h>

static void
assert_bytes (GBytes     *bytes,
              const char *expected)
{
  gsize size;
  const char *data = g_bytes_get_data (bytes, &size);

  g_assert_cmpmem (data, size, expected, strlen (expected));
}

static gboolean
decode (AstmFrame   *frame,
        const char  *text,
        GError     **error)
{
  return astm_frame_decode (frame, (const guint8 *) text, strlen (text), error);
}

static void
test_encode (void)
{
  const char *text = "L|1|N\r";
  AstmFrame frame = { .number = 3, .text = (const guint8 *) text, .text_size = strlen (text), .is_last = TRUE };
  g_autoptr(GBytes) last = astm_frame_encode (&frame);
  g_autoptr(GBytes) middle = NULL;

  assert_bytes (last, "\0023L|1|N\r\00306\r\n");
  frame.is_last = FALSE;
  frame.number = 8;
  middle = astm_frame_encode (&frame);
  assert_bytes (middle, "\0020L|1|N\r\02717\r\n");
}

static void
test_decode (void)
{
  g_autoptr(GError) error = NULL;
  AstmFrame frame;

  g_assert_true (decode (&frame, "\0023L|1|N\r\00306\r\n", &error));
  g_assert_no_error (error);
  g_assert_cmpuint (frame.number, ==, 3);
  g_assert_cmpmem (frame.text, frame.text_size, "L|1|N\r", 6);
  g_assert_true (frame.is_last);

  g_assert_true (decode (&frame, "\0020\02747\r\n", &error));
  g_assert_cmpuint (frame.number, ==, 0);
  g_assert_cmpuint (frame.text_size, ==, 0);
  g_assert_false (frame.is_last);
}

/* The digits of a checksum may be small letters. */
static void
test_checksum_case (void)
{
  g_autoptr(GError) error = NULL;
  AstmFrame frame;

  g_assert_true (decode (&frame, "\0021M\r\0038E\r\n", &error));
  g_assert_no_error (error);
  g_assert_true (decode (&frame, "\0021M\r\0038e\r\n", &error));
  g_assert_no_error (error);
}

static const struct
{
  const char *frame;
  AstmError code;
  const char *message;
} bad_frames[] = {
  { "", ASTM_ERROR_MALFORMED, "A frame of 0 bytes is too short" },
  { "\0021\00334\r", ASTM_ERROR_MALFORMED, "A frame of 6 bytes is too short" },
  { "x1a\003FF\r\n", ASTM_ERROR_MALFORMED, "The frame does not begin with STX" },
  { "\0028a\003FF\r\n", ASTM_ERROR_MALFORMED, "The number of the frame is 0x38, and no digit from 0 to 7" },
  { "\0021a\003FFxx", ASTM_ERROR_MALFORMED, "The frame does not end with CR LF" },
  { "\0021abcFF\r\n", ASTM_ERROR_MALFORMED, "Before the checksum is neither ETX nor ETB" },
  { "\0023L|1|N\r\00307\r\n", ASTM_ERROR_CHECKSUM, "The checksum of the frame is 07, and should be 06" },
  { "\0023L|1|N\r\003-1\r\n", ASTM_ERROR_CHECKSUM, "The checksum of the frame is no number" },
  { "\0021a\006b\003FD\r\n", ASTM_ERROR_CHARACTER, "The text has the control character 0x06 at byte 2" },
};

static void
test_bad_frames (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (bad_frames); i++)
    {
      g_autoptr(GError) error = NULL;
      AstmFrame frame;

      g_assert_false (decode (&frame, bad_frames[i].frame, &error));
      g_assert_error (error, ASTM_ERROR, (int) bad_frames[i].code);
      g_assert_cmpstr (error->message, ==, bad_frames[i].message);
    }
}

/* One byte that changes on the way, or is lost, is noticed wherever it is. */
static void
test_damage (void)
{
  static const guint8 good[] = "\0023L|1|N\r\00306\r\n";
  const gsize size = sizeof good - 1;
  AstmFrame frame;

  for (gsize i = 0; i < size; i++)
    {
      guint8 bytes[sizeof good];

      memcpy (bytes, good, size);
      bytes[i] ^= 0x01;
      g_assert_false (astm_frame_decode (&frame, bytes, size, NULL));
      memcpy (bytes + i, good + i + 1, size - i - 1);
      g_assert_false (astm_frame_decode (&frame, bytes, size - 1, NULL));
    }
}

static void
test_check_message (void)
{
  g_autoptr(GError) error = NULL;

  g_assert_true (astm_check_message ((const guint8 *) "H\rL\r", 4, &error));
  g_assert_no_error (error);
  g_assert_false (astm_check_message ((const guint8 *) "", 0, &error));
  g_assert_error (error, ASTM_ERROR, ASTM_ERROR_INCOMPLETE);
  g_clear_error (&error);
  g_assert_false (astm_check_message ((const guint8 *) "H\rL", 3, &error));
  g_assert_error (error, ASTM_ERROR, ASTM_ERROR_INCOMPLETE);
  g_clear_error (&error);
  g_assert_false (astm_check_message ((const guint8 *) "H\r\nL\r", 5, &error));
  g_assert_error (error, ASTM_ERROR, ASTM_ERROR_CHARACTER);
}

/* What was split is there again when the frames are put together. */
static void
assert_split (const char *text,
              gsize       max_text_size,
              const char *expected)
{
  g_autoptr(GPtrArray) frames = astm_split_message ((const guint8 *) text, strlen (text), max_text_size);
  g_autoptr(GString) shape = g_string_new (NULL);
  g_autoptr(GString) joined = g_string_new (NULL);

  for (guint i = 0; i < frames->len; i++)
    {
      g_autoptr(GError) error = NULL;
      gsize size;
      const guint8 *bytes = g_bytes_get_data (g_ptr_array_index (frames, i), &size);
      AstmFrame frame;

      g_assert_true (astm_frame_decode (&frame, bytes, size, &error));
      g_assert_no_error (error);
      g_assert_cmpuint (frame.number, ==, (i + 1) % 8);
      g_string_append_printf (shape, "%" G_GSIZE_FORMAT "%c", frame.text_size, frame.is_last ? '.' : '+');
      g_string_append_len (joined, (const char *) frame.text, (gssize) frame.text_size);
    }

  g_assert_cmpstr (shape->str, ==, expected);
  g_assert_cmpstr (joined->str, ==, text);
}

static void
test_split (void)
{
  g_autofree char *fill = g_strnfill (480, 'x');
  g_autofree char *text = g_strdup_printf ("H|\\^&\rC|%s\rL|1\r", fill);

  assert_split ("", 240, "");
  assert_split ("H\rL\r", 240, "2.2.");
  assert_split ("abcd\rL\r", 3, "3+2.2.");
  assert_split ("abcde\rL\r", 3, "3+3.2.");
  assert_split (text, ASTM_FRAME_TEXT_MAX, "6.240+240+3.4.");
  assert_split (text, ASTM_FRAME_TEXT_MAX_LARGE, "6.483.4.");
  assert_split ("1\r2\r3\r4\r5\r6\r7\r0\r1\r", 240, "2.2.2.2.2.2.2.2.2.");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/astm/frame/encode", test_encode);
  g_test_add_func ("/astm/frame/decode", test_decode);
  g_test_add_func ("/astm/frame/checksum-case", test_checksum_case);
  g_test_add_func ("/astm/frame/bad", test_bad_frames);
  g_test_add_func ("/astm/frame/damage", test_damage);
  g_test_add_func ("/astm/frame/check-message", test_check_message);
  g_test_add_func ("/astm/frame/split", test_split);

  return g_test_run ();
}
