/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The side of a link that sends: ENQ, then the frames, each until it is acknowledged, then EOT.
 *
 * Each message has a session of its own, so that one that fails takes no other with it, and the other side can have its
 * turn between two of them.
 */

#include "astm-link-private.h"

#include "astm-frame.h"

/* How often a frame is sent at most, and how often the other side is asked whether it has time for a message. */
#define MAX_ATTEMPTS 6
#define MAX_ENQUIRIES 6

typedef struct
{
  GBytes *text;         /* (owned) */
  AsabPromise *promise; /* (owned) */
} Outgoing;

/* Takes the first message out of the queue. Returns: (transfer full): its promise */
static AsabPromise *
pop_message (AstmLinkPrivate *priv)
{
  Outgoing *outgoing = g_queue_pop_head (&priv->queue);
  AsabPromise *promise = outgoing->promise;

  g_bytes_unref (outgoing->text);
  g_free (outgoing);
  g_clear_pointer (&priv->frames, g_ptr_array_unref);
  priv->n_confirmed = priv->n_attempts = priv->n_enquiries = 0;

  return promise;
}

/* Nobody wants to know of a message the future of which was cancelled. */
static void
drop_cancelled (AstmLinkPrivate *priv)
{
  const Outgoing *outgoing;

  while ((outgoing = g_queue_peek_head (&priv->queue)) != NULL &&
         asab_future_is_done (asab_promise_get_future (outgoing->promise)))
    asab_promise_unref (pop_message (priv));
}

void
astm_link_clear_queue (AstmLink *self)
{
  AstmLinkPrivate *priv = astm_link_get_private (self);

  while (priv->queue.head != NULL)
    {
      g_autoptr(AsabPromise) promise = pop_message (priv);

      asab_promise_reject_literal (promise, ASAB_ERROR, ASAB_ERROR_CLOSED, "The connection is over");
    }
}

/* Enquires for the first message in the queue, if this side may. */
void
astm_link_try_to_send (AstmLink *self)
{
  AstmLinkPrivate *priv = astm_link_get_private (self);

  if (priv->state != ASTM_LINK_NEUTRAL || asab_timer_is_started (priv->pause) ||
      !asab_dispatcher_is_connected (ASAB_DISPATCHER (self)))
    return;

  drop_cancelled (priv);
  if (priv->queue.head == NULL)
    return;

  priv->n_enquiries++;
  astm_link_set_state (self, ASTM_LINK_ENQUIRING, ASTM_TIME_REPLY);
  astm_link_put_byte (self, ASTM_ENQ);
}

/* Ends the session of the first message in the queue: it was taken, or @error tells why not. */
static void
end_session (AstmLink     *self,
             const GError *error)
{
  AstmLinkPrivate *priv = astm_link_get_private (self);
  g_autoptr(AsabPromise) promise = pop_message (priv);

  if (error == NULL)
    {
      priv->counters.n_messages_sent++;
      asab_promise_resolve (promise, NULL);
    }
  else
    {
      asab_promise_reject (promise, error);
    }

  if (priv->is_interrupted)
    asab_timer_restart (priv->pause, priv->seconds[ASTM_TIME_INTERRUPT], NULL);
  priv->is_interrupted = FALSE;

  if (priv->state != ASTM_LINK_NEUTRAL)
    astm_link_put_byte (self, ASTM_EOT);
  if (priv->state == ASTM_LINK_CLOSED)
    return;
  astm_link_set_state (self, ASTM_LINK_NEUTRAL, 0);
  astm_link_try_to_send (self);
}

static void
fail (AstmLink   *self,
      GQuark      domain,
      int         code,
      const char *message)
{
  g_autoptr(GError) error = g_error_new_literal (domain, code, message);

  end_session (self, error);
}

/* Comes back to the enquiry later, if it has not been refused too often. */
static void
put_off (AstmLink *self,
         AstmTime  time)
{
  AstmLinkPrivate *priv = astm_link_get_private (self);

  asab_timer_restart (priv->pause, priv->seconds[time], NULL);
  astm_link_set_state (self, ASTM_LINK_NEUTRAL, 0);
  if (priv->n_enquiries >= MAX_ENQUIRIES)
    fail (self, ASTM_ERROR, ASTM_ERROR_BUSY, "The other side has no time for a message");
}

static void
send_frame (AstmLink *self)
{
  AstmLinkPrivate *priv = astm_link_get_private (self);
  g_autoptr(GBytes) frame = g_bytes_ref (g_ptr_array_index (priv->frames, priv->n_confirmed));
  gsize size;
  const guint8 *data = g_bytes_get_data (frame, &size);

  priv->n_attempts++;
  priv->counters.n_frames_sent++;
  astm_link_set_state (self, ASTM_LINK_SENDING, ASTM_TIME_REPLY);
  astm_link_put (self, data, size);
}

static void
begin_to_send (AstmLink *self)
{
  AstmLinkPrivate *priv = astm_link_get_private (self);
  const Outgoing *outgoing = g_queue_peek_head (&priv->queue);
  gsize size;
  const guint8 *text = g_bytes_get_data (outgoing->text, &size);

  priv->frames = astm_split_message (text, size, priv->max_text_size);
  send_frame (self);
}

static void
send_next_frame (AstmLink *self)
{
  AstmLinkPrivate *priv = astm_link_get_private (self);

  priv->n_attempts = 0;
  if (++priv->n_confirmed < priv->frames->len)
    send_frame (self);
  else
    end_session (self, NULL);
}

static void
send_frame_again (AstmLink *self)
{
  AstmLinkPrivate *priv = astm_link_get_private (self);

  priv->counters.n_naks_received++;
  if (priv->n_attempts >= MAX_ATTEMPTS)
    {
      fail (self, ASTM_ERROR, ASTM_ERROR_REFUSED, "The other side did not take a frame");
      return;
    }

  priv->counters.n_repeats_sent++;
  send_frame (self);
}

/*
 * The other side does not answer. If it does after all, during the pause, that is not taken for the answer to the next
 * enquiry.
 */
void
astm_link_give_up_sending (AstmLink *self)
{
  AstmLinkPrivate *priv = astm_link_get_private (self);

  asab_timer_restart (priv->pause, priv->seconds[ASTM_TIME_BUSY], NULL);
  fail (self, G_IO_ERROR, G_IO_ERROR_TIMED_OUT, "The other side did not answer in time");
}

static void
take_reply_to_enquiry (AstmLink *self,
                       guint8    byte)
{
  AstmLinkPrivate *priv = astm_link_get_private (self);

  switch (byte)
    {
    case ASTM_ACK:
      begin_to_send (self);
      break;
    case ASTM_NAK:
      priv->counters.n_naks_received++;
      put_off (self, ASTM_TIME_BUSY);
      break;
    case ASTM_ENQ:
      /* The host lets the instrument ask again, which does it soon. */
      priv->counters.n_contentions++;
      put_off (self, priv->role == ASTM_ROLE_HOST ? ASTM_TIME_YIELD : ASTM_TIME_CONTENTION);
      break;
    default:
      priv->counters.n_strays++;
    }
}

/*
 * A reply that is none is not taken for a NAK. Over TCP it is no damaged one, and whoever repeats a frame for nothing
 * gets two replies to it, and takes the second one for that to the next frame.
 */
static void
take_reply_to_frame (AstmLink *self,
                     guint8    byte)
{
  AstmLinkPrivate *priv = astm_link_get_private (self);

  switch (byte)
    {
    case ASTM_ACK:
      send_next_frame (self);
      break;
    case ASTM_NAK:
      send_frame_again (self);
      break;
    case ASTM_EOT:
      /* The frame was taken, and the other side asks for its turn: it has it after this message. */
      priv->is_interrupted = TRUE;
      send_next_frame (self);
      break;
    default:
      priv->counters.n_strays++;
    }
}

void
astm_link_take_reply (AstmLink *self,
                      guint8    byte)
{
  if (astm_link_get_private (self)->state == ASTM_LINK_ENQUIRING)
    take_reply_to_enquiry (self, byte);
  else
    take_reply_to_frame (self, byte);
}

static gboolean
check_sendable (AstmLink  *self,
                GBytes    *message,
                GError   **error)
{
  AstmLinkPrivate *priv = astm_link_get_private (self);
  gsize size;
  const guint8 *text = g_bytes_get_data (message, &size);

  if (priv->state == ASTM_LINK_CLOSED)
    {
      g_set_error_literal (error, ASAB_ERROR, ASAB_ERROR_CLOSED, "The connection is over");
      return FALSE;
    }
  if (priv->queue.length >= priv->max_queue_length)
    {
      g_set_error (error, ASAB_ERROR, ASAB_ERROR_NO_RESOURCES, "%u messages wait already", priv->queue.length);
      return FALSE;
    }

  return astm_check_message (text, size, error);
}

/**
 * astm_link_send:
 * @self: a link
 * @message: the text of a message, each record of which ends with CR
 *
 * Sends a message, behind all that were sent before, and as soon as the other side is ready.
 *
 * The future is done when the other side has taken the message. It fails with an %ASTM_ERROR if the other side has no
 * time or does not take it or if it is no text that can be sent, with %G_IO_ERROR_TIMED_OUT if there is no answer,
 * %ASAB_ERROR_CLOSED if there is no connection any more, and %ASAB_ERROR_NO_RESOURCES if too many messages wait. To
 * cancel the future takes the message out of the queue, unless it is being sent.
 *
 * Returns: (transfer full): a future without a value
 */
AsabFuture *
astm_link_send (AstmLink *self,
                GBytes   *message)
{
  AstmLinkPrivate *priv;
  Outgoing *outgoing;
  AsabFuture *future;
  GError *error = NULL;

  g_return_val_if_fail (ASTM_IS_LINK (self), NULL);
  g_return_val_if_fail (message != NULL, NULL);

  if (!check_sendable (self, message, &error))
    return asab_future_new_take_error (error);

  priv = astm_link_get_private (self);
  outgoing = g_new (Outgoing, 1);
  *outgoing = (Outgoing) { g_bytes_ref (message), asab_promise_new () };
  future = asab_future_ref (asab_promise_get_future (outgoing->promise));
  g_queue_push_tail (&priv->queue, outgoing);
  astm_link_try_to_send (self);

  return future;
}

/**
 * astm_link_get_n_queued:
 * @self: a link
 *
 * Gets how many messages wait to be sent, with the one that is being sent.
 *
 * Returns: the number
 */
guint
astm_link_get_n_queued (AstmLink *self)
{
  g_return_val_if_fail (ASTM_IS_LINK (self), 0);

  return astm_link_get_private (self)->queue.length;
}
