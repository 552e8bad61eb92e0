/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/asab.h>

#include "astm-error.h"

G_BEGIN_DECLS

/**
 * AstmRole:
 * @ASTM_ROLE_HOST: the computer, which gives way when both sides want to send
 * @ASTM_ROLE_INSTRUMENT: the analyser, which goes first then
 *
 * Which end of a link this is.
 */
typedef enum
{
  ASTM_ROLE_HOST,
  ASTM_ROLE_INSTRUMENT,
} AstmRole;

/**
 * AstmLinkState:
 * @ASTM_LINK_NEUTRAL: nobody sends
 * @ASTM_LINK_ENQUIRING: this side has asked whether it may send
 * @ASTM_LINK_SENDING: this side has sent a frame, and waits for the reply
 * @ASTM_LINK_RECEIVING: the other side sends
 * @ASTM_LINK_ACCEPTING: the other side has sent a message and waits until it is accepted
 * @ASTM_LINK_CLOSED: the connection is over
 *
 * What happens on a link.
 */
typedef enum
{
  ASTM_LINK_NEUTRAL,
  ASTM_LINK_ENQUIRING,
  ASTM_LINK_SENDING,
  ASTM_LINK_RECEIVING,
  ASTM_LINK_ACCEPTING,
  ASTM_LINK_CLOSED,
} AstmLinkState;

/* What has happened on a link. */
typedef struct
{
  guint64 n_messages_sent;     /* that the other side has taken */
  guint64 n_messages_received; /* that this side has accepted */
  guint64 n_messages_lost;     /* broken off by the other side, or not accepted in time */
  guint64 n_frames_sent;
  guint64 n_frames_received;   /* good ones, without repetitions */
  guint64 n_repeats_sent;      /* frames that were sent again */
  guint64 n_repeats_received;
  guint64 n_naks_sent;
  guint64 n_naks_received;
  guint64 n_timeouts;
  guint64 n_contentions;
  guint64 n_strays;            /* bytes that nobody expected */
} AstmLinkCounters;

#define ASTM_TYPE_LINK (astm_link_get_type ())
G_DECLARE_DERIVABLE_TYPE (AstmLink, astm_link, ASTM, LINK, AsabAsyncChat)

/**
 * AstmLinkClass:
 * @accept_message: takes responsibility for the text of a message, each record of which ends with CR, before the other
 *   side is told that it has arrived; returns a future, or %NULL for “done already”; one that fails, or %NULL with
 *   @error set, refuses the message, which the other side then offers again; by default every message is refused
 */
struct _AstmLinkClass
{
  AsabAsyncChatClass parent_class;

  AsabFuture *(*accept_message) (AstmLink  *self,
                                 GBytes    *message,
                                 GError   **error);

  /*< private >*/
  gpointer padding[4];
};

AstmLinkState           astm_link_get_state    (AstmLink  *self);
const AstmLinkCounters *astm_link_get_counters (AstmLink  *self);
guint                   astm_link_get_n_queued (AstmLink  *self);
AsabFuture             *astm_link_send         (AstmLink  *self,
                                                GBytes    *message) G_GNUC_WARN_UNUSED_RESULT;
void                    astm_link_close        (AstmLink  *self);

G_END_DECLS
