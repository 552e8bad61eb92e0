/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A link by ASTM E1381, also known as LIS1-A. Both sides follow the same rules, one of them at a time sends:
 *
 *                 ENQ sent                     ACK
 *     ENQUIRING <────────── NEUTRAL     SENDING <── ENQUIRING
 *                              │ ENQ received          │ frames, each until it is acknowledged
 *                              v                       v
 *                RECEIVING <───────> ACCEPTING      EOT sent, NEUTRAL
 *                    │        the handler is at work
 *                    v
 *              EOT received, NEUTRAL
 *
 * What a state does with what comes is in astm-link-sender.c and astm-link-receiver.c. Each state but the neutral one
 * has a timer, so that none lasts for ever.
 */

#include "astm-link.h"

#include "astm-enums.h"
#include "astm-frame.h"
#include "astm-link-private.h"

#define DEFAULT_MAX_MESSAGE_SIZE (1024 * 1024)
#define DEFAULT_MAX_QUEUE_LENGTH 64

/**
 * AstmLink:
 *
 * One side of a connection between an analyser and a computer.
 *
 * A message that is sent is offered frame by frame until the other side has taken it. One that is received is given to
 * `accept_message` when the frame with its terminator record has come, and only when it is accepted that frame is
 * acknowledged: with this the other side is told that it may forget the message. So a message is never lost, but when
 * the acknowledgement does not arrive it comes again. A message that ends before its terminator was not sent to its
 * end; it is dropped, for the other side knows that and will send it again.
 *
 * The other side waits 15 seconds for an acknowledgement; an acceptance that lasts longer comes too late. While one is
 * under way the link is busy, and refuses to receive.
 *
 * The times are those of the standard and can be changed by properties. A link belongs to the thread that made it.
 */
G_DEFINE_TYPE_WITH_PRIVATE (AstmLink, astm_link, ASAB_TYPE_ASYNC_CHAT)

enum
{
  PROP_ROLE = 1,
  PROP_STATE,
  PROP_FRAME_SIZE,
  PROP_MAX_MESSAGE_SIZE,
  PROP_MAX_QUEUE_LENGTH,
  PROP_TIMES, /* the first of them */
};

static GParamSpec *props[PROP_TIMES + ASTM_N_TIMES];

/* The properties of the times, and what the standard says of them, in seconds. */
static const struct
{
  const char *name;
  double seconds;
} times[ASTM_N_TIMES] = {
  [ASTM_TIME_REPLY] = { "reply-timeout", 15 },        /* for a reply to an enquiry or a frame */
  [ASTM_TIME_RECEIVE] = { "receive-timeout", 30 },    /* for a frame or EOT */
  [ASTM_TIME_BUSY] = { "busy-delay", 10 },            /* to the next enquiry, if the other side was busy or silent … */
  [ASTM_TIME_CONTENTION] = { "contention-delay", 1 }, /* … if it enquired as well, and this is the instrument … */
  [ASTM_TIME_YIELD] = { "yield-delay", 20 },          /* … or the host … */
  [ASTM_TIME_INTERRUPT] = { "interrupt-delay", 15 },  /* … and if it wanted to have its turn */
};

AstmLinkPrivate *
astm_link_get_private (AstmLink *self)
{
  return astm_link_get_instance_private (self);
}

/* Goes on to a state, in which the timer of @time runs; a neutral link, and a closed one, has none. */
void
astm_link_set_state (AstmLink      *self,
                     AstmLinkState  state,
                     AstmTime       time)
{
  AstmLinkPrivate *priv = astm_link_get_private (self);

  if (state == ASTM_LINK_NEUTRAL || state == ASTM_LINK_CLOSED)
    asab_timer_stop (priv->timer);
  else
    asab_timer_restart (priv->timer, priv->seconds[time], NULL);

  if (priv->state == state)
    return;
  priv->state = state;
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_STATE]);
}

/* Sends, or else closes the link: there is no protocol without a connection. */
void
astm_link_put (AstmLink     *self,
               const guint8 *data,
               gsize         size)
{
  g_autoptr(GError) error = NULL;

  if (asab_async_chat_push (ASAB_ASYNC_CHAT (self), data, size, &error))
    return;

  g_info ("Closing a link: %s", error->message);
  astm_link_close (self);
}

void
astm_link_put_byte (AstmLink *self,
                    guint8    byte)
{
  astm_link_put (self, &byte, 1);
}

static AsabFuture *
timed_out_cb (AsabTimer *timer G_GNUC_UNUSED,
              gpointer   user_data)
{
  g_autoptr(AstmLink) self = g_object_ref (ASTM_LINK (user_data));
  AstmLinkPrivate *priv = astm_link_get_private (self);

  priv->counters.n_timeouts++;
  if (priv->state == ASTM_LINK_ENQUIRING || priv->state == ASTM_LINK_SENDING)
    astm_link_give_up_sending (self);
  else
    astm_link_give_up_receiving (self);

  return NULL;
}

static AsabFuture *
pause_ended_cb (AsabTimer *timer G_GNUC_UNUSED,
                gpointer   user_data)
{
  g_autoptr(AstmLink) self = g_object_ref (ASTM_LINK (user_data));

  astm_link_try_to_send (self);

  return NULL;
}

/**
 * astm_link_close:
 * @self: a link
 *
 * Closes a link. The messages that wait to be sent fail with %ASAB_ERROR_CLOSED.
 */
void
astm_link_close (AstmLink *self)
{
  AstmLinkPrivate *priv;

  g_return_if_fail (ASTM_IS_LINK (self));

  priv = astm_link_get_private (self);
  if (priv->state == ASTM_LINK_CLOSED)
    return;

  asab_timer_stop (priv->pause);
  astm_link_set_state (self, ASTM_LINK_CLOSED, 0);
  asab_dispatcher_close (ASAB_DISPATCHER (self));
  astm_link_clear_input (self);
  astm_link_clear_queue (self);
}

/**
 * astm_link_get_state:
 * @self: a link
 *
 * Gets what happens on a link.
 *
 * Returns: the state
 */
AstmLinkState
astm_link_get_state (AstmLink *self)
{
  g_return_val_if_fail (ASTM_IS_LINK (self), ASTM_LINK_CLOSED);

  return astm_link_get_private (self)->state;
}

/**
 * astm_link_get_counters:
 * @self: a link
 *
 * Gets what has happened on a link.
 *
 * Returns: (transfer none): the counters, which go on counting
 */
const AstmLinkCounters *
astm_link_get_counters (AstmLink *self)
{
  g_return_val_if_fail (ASTM_IS_LINK (self), NULL);

  return &astm_link_get_private (self)->counters;
}

/* Events of the channel */

static gboolean
astm_link_pull (AsabAsyncChat  *chat,
                GBytes         *data,
                GError        **error G_GNUC_UNUSED)
{
  AstmLink *self = ASTM_LINK (chat);
  AstmLinkPrivate *priv = astm_link_get_private (self);
  gsize size;
  const guint8 *bytes = g_bytes_get_data (data, &size);

  for (gsize i = 0; i < size; i++)
    switch (priv->state)
      {
      case ASTM_LINK_ENQUIRING:
      case ASTM_LINK_SENDING:
        astm_link_take_reply (self, bytes[i]);
        break;
      case ASTM_LINK_NEUTRAL:
      case ASTM_LINK_RECEIVING:
      case ASTM_LINK_ACCEPTING:
        astm_link_take_input (self, bytes[i]);
        break;
      case ASTM_LINK_CLOSED:
      default:
        return TRUE;
      }

  return TRUE;
}

static gboolean
astm_link_handle_connect (AsabDispatcher  *dispatcher,
                          GError         **error G_GNUC_UNUSED)
{
  astm_link_try_to_send (ASTM_LINK (dispatcher));

  return TRUE;
}

static void
astm_link_handle_close (AsabDispatcher *dispatcher)
{
  astm_link_close (ASTM_LINK (dispatcher));
}

static void
astm_link_handle_error (AsabDispatcher *dispatcher,
                        const GError   *error)
{
  g_autofree char *what = asab_dispatcher_describe (dispatcher);

  g_info ("%s: %s", what, error->message);
  astm_link_close (ASTM_LINK (dispatcher));
}

/* Life */

static AsabFuture *
astm_link_real_accept_message (AstmLink  *self,
                               GBytes    *message G_GNUC_UNUSED,
                               GError   **error)
{
  g_set_error (error, ASAB_ERROR, ASAB_ERROR_NOT_IMPLEMENTED, "“%s” has to override “accept_message”",
               G_OBJECT_TYPE_NAME (self));

  return NULL;
}

static void
astm_link_dispose (GObject *object)
{
  AstmLink *self = ASTM_LINK (object);
  AstmLinkPrivate *priv = astm_link_get_private (self);

  asab_timer_stop (priv->timer);
  asab_timer_stop (priv->pause);
  astm_link_clear_input (self);
  astm_link_clear_queue (self);

  G_OBJECT_CLASS (astm_link_parent_class)->dispose (object);
}

static void
astm_link_finalize (GObject *object)
{
  AstmLinkPrivate *priv = astm_link_get_private (ASTM_LINK (object));

  g_object_unref (priv->timer);
  g_object_unref (priv->pause);
  g_byte_array_unref (priv->message);

  G_OBJECT_CLASS (astm_link_parent_class)->finalize (object);
}

static void
astm_link_get_property (GObject    *object,
                        guint       prop_id,
                        GValue     *value,
                        GParamSpec *pspec)
{
  AstmLinkPrivate *priv = astm_link_get_private (ASTM_LINK (object));

  if (prop_id >= PROP_TIMES)
    {
      g_value_set_double (value, priv->seconds[prop_id - PROP_TIMES]);
      return;
    }

  switch (prop_id)
    {
    case PROP_ROLE:
      g_value_set_enum (value, (int) priv->role);
      break;
    case PROP_STATE:
      g_value_set_enum (value, (int) priv->state);
      break;
    case PROP_FRAME_SIZE:
      g_value_set_uint (value, priv->max_text_size);
      break;
    case PROP_MAX_MESSAGE_SIZE:
      g_value_set_uint (value, priv->max_message_size);
      break;
    case PROP_MAX_QUEUE_LENGTH:
      g_value_set_uint (value, priv->max_queue_length);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
astm_link_set_property (GObject      *object,
                        guint         prop_id,
                        const GValue *value,
                        GParamSpec   *pspec)
{
  AstmLinkPrivate *priv = astm_link_get_private (ASTM_LINK (object));

  if (prop_id >= PROP_TIMES)
    {
      priv->seconds[prop_id - PROP_TIMES] = g_value_get_double (value);
      return;
    }

  switch (prop_id)
    {
    case PROP_ROLE:
      priv->role = (AstmRole) g_value_get_enum (value);
      break;
    case PROP_FRAME_SIZE:
      priv->max_text_size = g_value_get_uint (value);
      break;
    case PROP_MAX_MESSAGE_SIZE:
      priv->max_message_size = g_value_get_uint (value);
      break;
    case PROP_MAX_QUEUE_LENGTH:
      priv->max_queue_length = g_value_get_uint (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
add_properties (GObjectClass *object_class)
{
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS;

  /**
   * AstmLink:role:
   *
   * Which end of the link this is.
   */
  props[PROP_ROLE] = g_param_spec_enum ("role", NULL, NULL, ASTM_TYPE_ROLE, ASTM_ROLE_HOST,
                                        flags | G_PARAM_CONSTRUCT_ONLY);

  /**
   * AstmLink:state: (getter get_state)
   *
   * What happens on the link.
   */
  props[PROP_STATE] = g_param_spec_enum ("state", NULL, NULL, ASTM_TYPE_LINK_STATE, ASTM_LINK_NEUTRAL,
                                         G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);

  /**
   * AstmLink:frame-size:
   *
   * How much text a frame has at most that is sent: 240 bytes by E1381, 64,000 by LIS1-A. The latter are received in
   * any case.
   */
  props[PROP_FRAME_SIZE] = g_param_spec_uint ("frame-size", NULL, NULL, 1, ASTM_FRAME_TEXT_MAX_LARGE,
                                              ASTM_FRAME_TEXT_MAX, flags | G_PARAM_CONSTRUCT);

  /**
   * AstmLink:max-message-size:
   *
   * How much text a message has at most that is received.
   */
  props[PROP_MAX_MESSAGE_SIZE] = g_param_spec_uint ("max-message-size", NULL, NULL, 1, G_MAXINT32,
                                                    DEFAULT_MAX_MESSAGE_SIZE, flags | G_PARAM_CONSTRUCT);

  /**
   * AstmLink:max-queue-length:
   *
   * How many messages wait to be sent at most.
   */
  props[PROP_MAX_QUEUE_LENGTH] = g_param_spec_uint ("max-queue-length", NULL, NULL, 1, G_MAXUINT,
                                                    DEFAULT_MAX_QUEUE_LENGTH, flags | G_PARAM_CONSTRUCT);

  for (guint i = 0; i < ASTM_N_TIMES; i++)
    props[PROP_TIMES + i] = g_param_spec_double (times[i].name, NULL, NULL, 0, G_MAXDOUBLE, times[i].seconds,
                                                 flags | G_PARAM_CONSTRUCT);

  g_object_class_install_properties (object_class, G_N_ELEMENTS (props), props);
}

static void
astm_link_class_init (AstmLinkClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  AsabDispatcherClass *dispatcher_class = ASAB_DISPATCHER_CLASS (klass);

  object_class->dispose = astm_link_dispose;
  object_class->finalize = astm_link_finalize;
  object_class->get_property = astm_link_get_property;
  object_class->set_property = astm_link_set_property;

  dispatcher_class->handle_connect = astm_link_handle_connect;
  dispatcher_class->handle_close = astm_link_handle_close;
  dispatcher_class->handle_error = astm_link_handle_error;

  ASAB_ASYNC_CHAT_CLASS (klass)->pull = astm_link_pull;

  klass->accept_message = astm_link_real_accept_message;

  add_properties (object_class);
}

static void
astm_link_init (AstmLink *self)
{
  AstmLinkPrivate *priv = astm_link_get_private (self);

  priv->timer = asab_timer_new (timed_out_cb, self, NULL, FALSE);
  priv->pause = asab_timer_new (pause_ended_cb, self, NULL, FALSE);
  priv->message = g_byte_array_new ();
}
