/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "asab-log-buffer-private.h"

#include <sys/uio.h>

G_BEGIN_DECLS

/*
 * Frames that wait to be sent, and, in front of them, those that were sent lately: if the connection breaks, nobody
 * knows which of these the receiver has still read.
 *
 *   ├── settled ──┼── sent ──┼───── waiting ─────┤
 *   0          n_settled   n_sent           frames->len
 *
 * When there is no room for an important frame, it takes that of others.
 */
typedef struct
{
  AsabLogBuffer bytes;
  GArray *frames;  /* (owned): where each of them ends in @bytes, and whether it is important */
  guint n_settled; /* frames that had been sent when asab_log_spool_settle() was called */
  guint n_sent;    /* frames that are sent completely */
  guint n_minor;   /* frames that wait and are not important */
  gsize cursor;    /* how far @bytes are sent */
  gsize offered;   /* how far they were given away to be sent; the receiver may have them half */
  gsize limit;     /* of @bytes */
} AsabLogSpool;

void        asab_log_spool_init        (AsabLogSpool *self,
                                        gsize         limit);
void        asab_log_spool_clear       (AsabLogSpool *self);
guint       asab_log_spool_push        (AsabLogSpool *self,
                                        const char   *frame,
                                        gsize         length,
                                        gboolean      is_important);
guint       asab_log_spool_n_waiting   (AsabLogSpool *self);
const char *asab_log_spool_peek        (AsabLogSpool *self,
                                        gsize         max_length,
                                        gsize        *length);
const char *asab_log_spool_peek_frame  (AsabLogSpool *self,
                                        gsize        *length);
guint       asab_log_spool_peek_frames (AsabLogSpool *self,
                                        struct iovec *frames,
                                        guint         n_max);
void        asab_log_spool_advance     (AsabLogSpool *self,
                                        gsize         length);
void        asab_log_spool_rewind      (AsabLogSpool *self);
void        asab_log_spool_settle      (AsabLogSpool *self);
void        asab_log_spool_forget_sent (AsabLogSpool *self);
void        asab_log_spool_empty       (AsabLogSpool *self);

G_END_DECLS
