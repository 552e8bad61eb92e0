/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Frames of ASTM E1381, also known as LIS1-A:
 *
 *     STX number text ETB|ETX checksum CR LF
 *
 * The number is a digit that counts from 1 to 7, then from 0. The checksum is the sum of the bytes from the number to
 * ETB or ETX, modulo 256, as two hexadecimal digits.
 */

#include "astm-frame.h"

#include "astm-error.h"

#include <gio/gio.h>
#include <string.h>

/* Where the parts are, from the beginning and from the end of a frame. */
#define NUMBER_OFFSET 1
#define TEXT_OFFSET 2
#define TAIL_SIZE (ASTM_FRAME_OVERHEAD - TEXT_OFFSET)

/**
 * astm_is_restricted:
 * @byte: a byte
 *
 * Tells whether a byte must not be in the text of a frame, since it is one of the protocol.
 *
 * CR is allowed there: it ends a record.
 *
 * Returns: true if it must not
 */
gboolean
astm_is_restricted (guint8 byte)
{
  switch (byte)
    {
    case 0x01: /* SOH */
    case ASTM_STX:
    case ASTM_ETX:
    case ASTM_EOT:
    case ASTM_ENQ:
    case ASTM_ACK:
    case ASTM_LF:
    case 0x10: /* DLE */
    case 0x11: /* DC1, which is XON … */
    case 0x12: /* DC2 */
    case 0x13: /* … and DC3, XOFF */
    case 0x14: /* DC4 */
    case ASTM_NAK:
    case 0x16: /* SYN */
    case ASTM_ETB:
      return TRUE;
    default:
      return FALSE;
    }
}

/* Returns false, with @error, if the text has a byte that must not be there. */
static gboolean
check_text (const guint8  *text,
            gsize          size,
            GError       **error)
{
  for (gsize i = 0; i < size; i++)
    if (astm_is_restricted (text[i]))
      {
        g_set_error (error, ASTM_ERROR, ASTM_ERROR_CHARACTER,
                     "The text has the control character 0x%02X at byte %" G_GSIZE_FORMAT, text[i], i + 1);
        return FALSE;
      }

  return TRUE;
}

/**
 * astm_check_message:
 * @text: the text of a message
 * @size: how many bytes that is
 * @error: return location for an %ASTM_ERROR
 *
 * Checks that a text can be sent: it has records, each of which ends with CR, and no restricted character.
 *
 * Returns: true if it can
 */
gboolean
astm_check_message (const guint8  *text,
                    gsize          size,
                    GError       **error)
{
  if (size == 0 || text[size - 1] != ASTM_CR)
    {
      g_set_error_literal (error, ASTM_ERROR, ASTM_ERROR_INCOMPLETE, "The last record of the message has no end");
      return FALSE;
    }

  return check_text (text, size, error);
}

/**
 * astm_checksum:
 * @bytes: what stands between STX and the checksum
 * @size: how many bytes that is
 *
 * Computes the checksum of a frame.
 *
 * Returns: the checksum
 */
guint8
astm_checksum (const guint8 *bytes,
               gsize         size)
{
  guint sum = 0;

  for (gsize i = 0; i < size; i++)
    sum += bytes[i];

  return (guint8) (sum % 256);
}

/**
 * astm_frame_encode:
 * @frame: a frame, the text of which has no restricted character
 *
 * Writes a frame.
 *
 * Returns: (transfer full): its bytes
 */
GBytes *
astm_frame_encode (const AstmFrame *frame)
{
  GByteArray *bytes = g_byte_array_sized_new ((guint) (frame->text_size + ASTM_FRAME_OVERHEAD));
  const guint8 head[] = { ASTM_STX, (guint8) ('0' + frame->number % 8) };
  const guint8 end = frame->is_last ? ASTM_ETX : ASTM_ETB;
  char tail[5];

  g_byte_array_append (bytes, head, sizeof head);
  g_byte_array_append (bytes, frame->text, (guint) frame->text_size);
  g_byte_array_append (bytes, &end, 1);
  g_snprintf (tail, sizeof tail, "%02X\r\n", astm_checksum (bytes->data + NUMBER_OFFSET, bytes->len - NUMBER_OFFSET));
  g_byte_array_append (bytes, (const guint8 *) tail, 4);

  return g_byte_array_free_to_bytes (bytes);
}

/* Checks what is fixed in a frame: where it begins and ends, and its number. */
static gboolean
check_shape (const guint8  *bytes,
             gsize          size,
             GError       **error)
{
  if (size < ASTM_FRAME_OVERHEAD)
    g_set_error (error, ASTM_ERROR, ASTM_ERROR_MALFORMED, "A frame of %" G_GSIZE_FORMAT " bytes is too short", size);
  else if (bytes[0] != ASTM_STX)
    g_set_error_literal (error, ASTM_ERROR, ASTM_ERROR_MALFORMED, "The frame does not begin with STX");
  else if (bytes[NUMBER_OFFSET] < '0' || bytes[NUMBER_OFFSET] > '7')
    g_set_error (error, ASTM_ERROR, ASTM_ERROR_MALFORMED, "The number of the frame is 0x%02X, and no digit from 0 to 7",
                 bytes[NUMBER_OFFSET]);
  else if (bytes[size - 2] != ASTM_CR || bytes[size - 1] != ASTM_LF)
    g_set_error_literal (error, ASTM_ERROR, ASTM_ERROR_MALFORMED, "The frame does not end with CR LF");
  else if (bytes[size - TAIL_SIZE] != ASTM_ETX && bytes[size - TAIL_SIZE] != ASTM_ETB)
    g_set_error_literal (error, ASTM_ERROR, ASTM_ERROR_MALFORMED, "Before the checksum is neither ETX nor ETB");
  else
    return TRUE;

  return FALSE;
}

/* Digits in lower case are against the standard, but nobody gains if we refuse them. */
static gboolean
check_checksum (const guint8  *bytes,
                gsize          size,
                GError       **error)
{
  const char *digits = (const char *) bytes + size - TAIL_SIZE + 1;
  guint8 sum = astm_checksum (bytes + NUMBER_OFFSET, size - NUMBER_OFFSET - (TAIL_SIZE - 1));
  int high = g_ascii_xdigit_value (digits[0]);
  int low = g_ascii_xdigit_value (digits[1]);

  if (high < 0 || low < 0)
    g_set_error_literal (error, ASTM_ERROR, ASTM_ERROR_CHECKSUM, "The checksum of the frame is no number");
  else if (high * 16 + low != sum)
    g_set_error (error, ASTM_ERROR, ASTM_ERROR_CHECKSUM, "The checksum of the frame is %02X, and should be %02X",
                 (guint) (high * 16 + low), sum);
  else
    return TRUE;

  return FALSE;
}

/**
 * astm_frame_decode:
 * @frame: (out caller-allocates): the frame
 * @bytes: from STX to LF
 * @size: how many bytes that is
 * @error: return location for an %ASTM_ERROR
 *
 * Reads a frame, and checks it.
 *
 * Returns: true if it is good
 */
gboolean
astm_frame_decode (AstmFrame     *frame,
                   const guint8  *bytes,
                   gsize          size,
                   GError       **error)
{
  if (!check_shape (bytes, size, error) || !check_checksum (bytes, size, error) ||
      !check_text (bytes + TEXT_OFFSET, size - ASTM_FRAME_OVERHEAD, error))
    return FALSE;

  *frame = (AstmFrame) {
    .number = (guint) (bytes[NUMBER_OFFSET] - '0'),
    .text = bytes + TEXT_OFFSET,
    .text_size = size - ASTM_FRAME_OVERHEAD,
    .is_last = bytes[size - TAIL_SIZE] == ASTM_ETX,
  };

  return TRUE;
}

/* The size of the record at the beginning of the text, with the CR that ends it. */
static gsize
measure_record (const guint8 *text,
                gsize         size)
{
  const guint8 *end = memchr (text, ASTM_CR, size);

  return end != NULL ? (gsize) (end - text) + 1 : size;
}

/**
 * astm_split_message:
 * @text: the text of a message
 * @size: how many bytes that is
 * @max_text_size: how much text a frame may have
 *
 * Splits a message into frames.
 *
 * Each record begins a frame; one that is too long for it goes on in the next ones.
 *
 * Returns: (transfer full) (element-type GBytes): the frames
 */
GPtrArray *
astm_split_message (const guint8 *text,
                    gsize         size,
                    gsize         max_text_size)
{
  GPtrArray *frames = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);

  for (gsize i = 0, record_end = 0; i < size;)
    {
      AstmFrame frame = { .number = (frames->len + 1) % 8, .text = text + i };

      if (i == record_end)
        record_end = i + measure_record (text + i, size - i);
      frame.text_size = MIN (record_end - i, max_text_size);
      i += frame.text_size;
      frame.is_last = i == record_end;
      g_ptr_array_add (frames, astm_frame_encode (&frame));
    }

  return frames;
}
