/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The control characters of the protocol. */
enum
{
  ASTM_STX = 0x02,
  ASTM_ETX = 0x03,
  ASTM_EOT = 0x04,
  ASTM_ENQ = 0x05,
  ASTM_ACK = 0x06,
  ASTM_LF = 0x0a,
  ASTM_CR = 0x0d,
  ASTM_NAK = 0x15,
  ASTM_ETB = 0x17,
};

/* How much text a frame has at most, by E1381 and by LIS1-A. */
#define ASTM_FRAME_TEXT_MAX 240
#define ASTM_FRAME_TEXT_MAX_LARGE 64000

/* What a frame has besides its text: STX, number, ETB or ETX, checksum, CR, LF. */
#define ASTM_FRAME_OVERHEAD 7

/* A frame that was read. */
typedef struct
{
  guint number;       /* 0 to 7 */
  const guint8 *text; /* (not owned): in the bytes that were read */
  gsize text_size;
  gboolean is_last;   /* ends a record (ETX), and does not go on in the next frame (ETB) */
} AstmFrame;

gboolean   astm_is_restricted  (guint8          byte);
gboolean   astm_check_message  (const guint8   *text,
                                gsize           size,
                                GError        **error);
guint8     astm_checksum       (const guint8   *bytes,
                                gsize           size);
GBytes    *astm_frame_encode   (const AstmFrame *frame);
gboolean   astm_frame_decode   (AstmFrame       *frame,
                                const guint8    *bytes,
                                gsize            size,
                                GError         **error);
GPtrArray *astm_split_message  (const guint8    *text,
                                gsize            size,
                                gsize            max_text_size);

G_END_DECLS
