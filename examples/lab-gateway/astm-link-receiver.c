/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The side of a link that receives: answers ENQ, and each frame, until EOT.
 *
 * A frame is acknowledged when it is good and is the next one, or the last one again, since its acknowledgement may
 * have got lost. The frame with the terminator record is acknowledged when the message is accepted. If that fails, or
 * is too late, it has not been taken, and the other side sends it again.
 */

#include "astm-link-private.h"

#include "astm-frame.h"

/* Drops what has come of a message. */
static void
drop_message (AstmLink   *self,
              const char *why)
{
  AstmLinkPrivate *priv = astm_link_get_private (self);

  g_clear_pointer (&priv->frame, g_byte_array_unref);
  priv->n_pending = 0;
  if (priv->message->len == 0)
    return;

  g_message ("Dropping %u bytes of a message: %s", priv->message->len, why);
  priv->counters.n_messages_lost++;
  g_byte_array_set_size (priv->message, 0);
}

void
astm_link_clear_input (AstmLink *self)
{
  AstmLinkPrivate *priv = astm_link_get_private (self);

  drop_message (self, "the connection is over");
  if (priv->acceptance != NULL)
    asab_future_disconnect (priv->acceptance, priv->acceptance_id);
  g_clear_pointer (&priv->acceptance, asab_future_unref);
}

static void
reply (AstmLink *self,
       guint8    byte)
{
  if (byte == ASTM_NAK)
    astm_link_get_private (self)->counters.n_naks_sent++;
  astm_link_set_state (self, ASTM_LINK_RECEIVING, ASTM_TIME_RECEIVE);
  astm_link_put_byte (self, byte);
}

static void
refuse_frame (AstmLink   *self,
              const char *why)
{
  g_info ("Refusing a frame: %s", why);
  reply (self, ASTM_NAK);
}

/* Sessions */

static void
begin_session (AstmLink *self)
{
  AstmLinkPrivate *priv = astm_link_get_private (self);

  drop_message (self, "the other side began anew");
  priv->n_taken = 0;
  reply (self, ASTM_ACK);
}

/* Between two sessions nothing changes when the other side is told that there is no time for one. */
static void
take_enquiry (AstmLink *self)
{
  AstmLinkPrivate *priv = astm_link_get_private (self);

  if (priv->acceptance == NULL)
    {
      begin_session (self);
      return;
    }

  drop_message (self, "the other side began anew");
  priv->counters.n_naks_sent++;
  astm_link_set_state (self, ASTM_LINK_NEUTRAL, 0);
  astm_link_put_byte (self, ASTM_NAK);
}

/* The other side had its turn, so whatever this side waited for to have its own is over. */
static void
end_session (AstmLink   *self,
             const char *why)
{
  AstmLinkPrivate *priv = astm_link_get_private (self);

  drop_message (self, why);
  asab_timer_stop (priv->pause);
  astm_link_set_state (self, ASTM_LINK_NEUTRAL, 0);
  astm_link_try_to_send (self);
}

/* The other side is silent. */
void
astm_link_give_up_receiving (AstmLink *self)
{
  end_session (self, "the other side is silent");
}

/* Messages */

static void
take_frame (AstmLink *self)
{
  AstmLinkPrivate *priv = astm_link_get_private (self);

  priv->n_pending = 0;
  priv->n_taken++;
  priv->counters.n_frames_received++;
  reply (self, ASTM_ACK);
}

static void
end_acceptance (AstmLink     *self,
                const GError *error)
{
  AstmLinkPrivate *priv = astm_link_get_private (self);

  if (error != NULL)
    {
      g_byte_array_set_size (priv->message, priv->message->len - (guint) priv->n_pending);
      priv->n_pending = 0;
      refuse_frame (self, error->message);
      return;
    }

  g_byte_array_set_size (priv->message, 0);
  priv->counters.n_messages_received++;
  take_frame (self);
}

static void
accepted_cb (AsabFuture *future,
             gpointer    user_data)
{
  g_autoptr(AstmLink) self = g_object_ref (ASTM_LINK (user_data));
  AstmLinkPrivate *priv = astm_link_get_private (self);
  g_autoptr(GError) error = asab_future_dup_error (future);

  g_clear_pointer (&priv->acceptance, asab_future_unref);
  if (priv->state == ASTM_LINK_ACCEPTING)
    end_acceptance (self, error);
}

static void
accept_message (AstmLink *self)
{
  AstmLinkPrivate *priv = astm_link_get_private (self);
  g_autoptr(GBytes) message = g_bytes_new (priv->message->data, priv->message->len);
  g_autoptr(GError) error = NULL;

  astm_link_set_state (self, ASTM_LINK_ACCEPTING, ASTM_TIME_RECEIVE);
  if (priv->state != ASTM_LINK_ACCEPTING)
    return;

  priv->acceptance = ASTM_LINK_GET_CLASS (self)->accept_message (self, message, &error);
  if (priv->acceptance != NULL)
    priv->acceptance_id = asab_future_when_done (priv->acceptance, accepted_cb, self, NULL);
  else if (priv->state == ASTM_LINK_ACCEPTING)
    end_acceptance (self, error);
}

/* Whether the last record of the message is its terminator. */
static gboolean
is_terminated (const GByteArray *message)
{
  gsize begin = message->len;

  while (begin > 0 && message->data[begin - 1] == ASTM_CR)
    begin--;
  while (begin > 0 && message->data[begin - 1] != ASTM_CR)
    begin--;

  return begin < message->len && g_ascii_toupper ((char) message->data[begin]) == 'L';
}

/* Frames */

static void
take_next_frame (AstmLink        *self,
                 const AstmFrame *frame)
{
  AstmLinkPrivate *priv = astm_link_get_private (self);

  if (frame->text_size > priv->max_message_size - MIN (priv->message->len, priv->max_message_size))
    {
      refuse_frame (self, "the message is too long");
      return;
    }

  g_byte_array_append (priv->message, frame->text, (guint) frame->text_size);
  priv->n_pending = frame->text_size;
  if (frame->is_last && is_terminated (priv->message))
    accept_message (self);
  else
    take_frame (self);
}

static void
take_numbered_frame (AstmLink        *self,
                     const AstmFrame *frame)
{
  AstmLinkPrivate *priv = astm_link_get_private (self);

  if (frame->number == (priv->n_taken + 1) % 8)
    {
      take_next_frame (self, frame);
    }
  else if (priv->n_taken > 0 && frame->number == priv->n_taken % 8)
    {
      priv->counters.n_repeats_received++;
      reply (self, ASTM_ACK);
    }
  else
    {
      refuse_frame (self, "its number is wrong");
    }
}

static void
end_frame (AstmLink *self)
{
  AstmLinkPrivate *priv = astm_link_get_private (self);
  g_autoptr(GByteArray) bytes = g_steal_pointer (&priv->frame);
  g_autoptr(GError) error = NULL;
  AstmFrame frame;

  if (bytes->len > ASTM_FRAME_TEXT_MAX_LARGE + ASTM_FRAME_OVERHEAD)
    refuse_frame (self, "it is too long");
  else if (!astm_frame_decode (&frame, bytes->data, bytes->len, &error))
    refuse_frame (self, error->message);
  else
    take_numbered_frame (self, &frame);
}

/* Of a frame that is too long one byte more is kept, to know that it is. */
static void
append_to_frame (AstmLink *self,
                 guint8    byte)
{
  AstmLinkPrivate *priv = astm_link_get_private (self);

  if (priv->frame->len <= ASTM_FRAME_TEXT_MAX_LARGE + ASTM_FRAME_OVERHEAD)
    g_byte_array_append (priv->frame, &byte, 1);
  if (byte == ASTM_LF)
    end_frame (self);
}

/* A frame that is cut off by the beginning of another one is as if it had not been there. */
static void
begin_frame (AstmLinkPrivate *priv)
{
  const guint8 stx = ASTM_STX;

  if (priv->frame == NULL)
    priv->frame = g_byte_array_new ();
  priv->counters.n_strays += priv->frame->len;
  g_byte_array_set_size (priv->frame, 0);
  g_byte_array_append (priv->frame, &stx, 1);
}

/* ENQ and EOT also count within a frame: the other side is not at it any more. */
void
astm_link_take_input (AstmLink *self,
                      guint8    byte)
{
  AstmLinkPrivate *priv = astm_link_get_private (self);

  if (byte == ASTM_ENQ)
    take_enquiry (self);
  else if (byte == ASTM_EOT && priv->state != ASTM_LINK_NEUTRAL)
    end_session (self, "the other side broke it off");
  else if (byte == ASTM_STX && priv->state == ASTM_LINK_RECEIVING)
    begin_frame (priv);
  else if (priv->frame != NULL)
    append_to_frame (self, byte);
  else
    priv->counters.n_strays++;
}
