/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "astm-link.h"

G_BEGIN_DECLS

/* Times that the standard sets, in the order of their properties. */
typedef enum
{
  ASTM_TIME_REPLY,
  ASTM_TIME_RECEIVE,
  ASTM_TIME_BUSY,
  ASTM_TIME_CONTENTION,
  ASTM_TIME_YIELD,
  ASTM_TIME_INTERRUPT,
  ASTM_N_TIMES,
} AstmTime;

typedef struct
{
  AstmRole role;
  AstmLinkState state;
  AstmLinkCounters counters;
  double seconds[ASTM_N_TIMES];
  guint max_text_size;      /* of a frame that is sent */
  guint max_message_size;   /* that is received */
  guint max_queue_length;

  AsabTimer *timer;         /* (owned): how long the present state lasts at most */
  AsabTimer *pause;         /* (owned): while it is started this side does not enquire */

  /* Sending */
  GQueue queue;             /* (owned) (element-type Outgoing): the first one is being sent, unless neutral */
  GPtrArray *frames;        /* (owned) (nullable) (element-type GBytes): of that one */
  guint n_confirmed;        /* of the frames */
  guint n_attempts;         /* to send the present frame */
  guint n_enquiries;        /* for the present message */
  gboolean is_interrupted;  /* the other side would like to send */

  /* Receiving */
  GByteArray *frame;        /* (owned) (nullable): what has come of a frame, from STX on */
  GByteArray *message;      /* (owned): the text of the frames that were taken, without that of the pending one */
  gsize n_pending;          /* bytes in it of the frame that is to be accepted */
  guint n_taken;            /* frames since the enquiry */
  AsabFuture *acceptance;   /* (owned) (nullable): what the handler is at, also when nobody waits for it any more */
  guint acceptance_id;
} AstmLinkPrivate;

AstmLinkPrivate *astm_link_get_private      (AstmLink      *self);

void             astm_link_set_state        (AstmLink      *self,
                                             AstmLinkState  state,
                                             AstmTime       time);
void             astm_link_put              (AstmLink      *self,
                                             const guint8  *data,
                                             gsize          size);
void             astm_link_put_byte         (AstmLink      *self,
                                             guint8         byte);

/* The sender */

void             astm_link_try_to_send      (AstmLink      *self);
void             astm_link_take_reply       (AstmLink      *self,
                                             guint8         byte);
void             astm_link_give_up_sending  (AstmLink      *self);
void             astm_link_clear_queue      (AstmLink      *self);

/* The receiver */

void             astm_link_take_input       (AstmLink      *self,
                                             guint8         byte);
void             astm_link_give_up_receiving (AstmLink     *self);
void             astm_link_clear_input      (AstmLink      *self);

G_END_DECLS
