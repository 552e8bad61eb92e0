/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "asab-subscriber.h"

#include <asab-glib/async/asab-fiber.h>
#include <asab-glib/async/asab-future-private.h>
#include <asab-glib/core/asab-error.h>
#include <asab-glib/pubsub/asab-pubsub-private.h>

#include <glib/gi18n-lib.h>

/**
 * AsabSubscriber:
 *
 * A queue of messages, of any number of types from any number of buses, for code that waits for messages instead of
 * being called.
 *
 * Messages are received in the order in which they were published, each once. Of several receivers, who came first is
 * served first. A subscriber whose last reference is dropped leaves its buses; it does not keep them alive.
 *
 * It belongs to the thread of its buses.
 */
struct _AsabSubscriber
{
  GObject parent_instance;

  GQueue messages;  /* (element-type AsabMessage): empty while somebody waits */
  GQueue receivers; /* (element-type AsabPromise): who waits, first come first; some may have given up */
  GPtrArray *links; /* (element-type Link) */
  guint max_size;   /* 0 is no limit */
  guint64 dropped;
  gboolean closed;
};

/* A subscription on a bus. */
typedef struct
{
  GWeakRef *bus; /* (owned) */
  guint id;
} Link;

G_DEFINE_FINAL_TYPE (AsabSubscriber, asab_subscriber, G_TYPE_OBJECT)

typedef enum
{
  PROP_MAX_SIZE = 1,
  PROP_DROPPED,
} AsabSubscriberProperty;

static GParamSpec *props[PROP_DROPPED + 1];

static void
link_free (gpointer data)
{
  Link *self = data;

  asab_pubsub_release_weak (self->bus);
  g_free (self);
}

/* A receiver that gave up must not take a message with it. */
static gboolean
is_waiting (AsabPromise *promise)
{
  AsabFuture *future = asab_promise_get_future (promise);

  return !asab_future_is_done (future) && asab_future_has_consumers (future);
}

/* Lets go of a receiver; one that gave up has nobody to look at the error of a dropped promise. */
static void
release_receiver (gpointer data)
{
  AsabPromise *promise = data;

  if (!asab_future_has_consumers (asab_promise_get_future (promise)))
    asab_future_ignore (asab_promise_get_future (promise));
  asab_promise_unref (promise);
}

static void
reject_receivers (AsabSubscriber *self)
{
  AsabPromise *promise;

  while ((promise = g_queue_pop_head (&self->receivers)) != NULL)
    {
      asab_promise_reject_literal (promise, ASAB_ERROR, ASAB_ERROR_CLOSED, _("The subscriber is closed"));
      release_receiver (promise);
    }
}

static void
asab_subscriber_get_property (GObject    *object,
                              guint       prop_id,
                              GValue     *value,
                              GParamSpec *pspec)
{
  AsabSubscriber *self = ASAB_SUBSCRIBER (object);

  switch ((AsabSubscriberProperty) prop_id)
    {
    case PROP_MAX_SIZE:
      g_value_set_uint (value, self->max_size);
      break;
    case PROP_DROPPED:
      g_value_set_uint64 (value, self->dropped);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
asab_subscriber_set_property (GObject      *object,
                              guint         prop_id,
                              const GValue *value,
                              GParamSpec   *pspec)
{
  AsabSubscriber *self = ASAB_SUBSCRIBER (object);

  switch ((AsabSubscriberProperty) prop_id)
    {
    case PROP_MAX_SIZE:
      asab_subscriber_set_max_size (self, g_value_get_uint (value));
      break;
    case PROP_DROPPED:
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
asab_subscriber_dispose (GObject *object)
{
  AsabSubscriber *self = ASAB_SUBSCRIBER (object);

  /* The buses notice by themselves that the owner of the subscriptions goes, whatever thread this is. */
  self->closed = TRUE;
  reject_receivers (self);

  G_OBJECT_CLASS (asab_subscriber_parent_class)->dispose (object);
}

static void
asab_subscriber_finalize (GObject *object)
{
  AsabSubscriber *self = ASAB_SUBSCRIBER (object);

  g_ptr_array_unref (self->links);
  g_queue_clear_full (&self->messages, (GDestroyNotify) asab_message_unref);

  G_OBJECT_CLASS (asab_subscriber_parent_class)->finalize (object);
}

static void
asab_subscriber_class_init (AsabSubscriberClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = asab_subscriber_get_property;
  object_class->set_property = asab_subscriber_set_property;
  object_class->dispose = asab_subscriber_dispose;
  object_class->finalize = asab_subscriber_finalize;

  /**
   * AsabSubscriber:max-size: (getter get_max_size) (setter set_max_size)
   *
   * How many messages may wait to be received; 0 is no limit. When one more comes, the oldest is dropped.
   */
  props[PROP_MAX_SIZE] =
    g_param_spec_uint ("max-size", NULL, NULL, 0, G_MAXUINT, 0,
                       G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);

  /**
   * AsabSubscriber:dropped: (getter get_dropped)
   *
   * How many messages were dropped because too many waited.
   */
  props[PROP_DROPPED] =
    g_param_spec_uint64 ("dropped", NULL, NULL, 0, G_MAXUINT64, 0,
                         G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);

  g_object_class_install_properties (object_class, G_N_ELEMENTS (props), props);
}

static void
asab_subscriber_init (AsabSubscriber *self)
{
  g_queue_init (&self->messages);
  g_queue_init (&self->receivers);
  self->links = g_ptr_array_new_with_free_func (link_free);
}

/**
 * asab_subscriber_new:
 * @bus: (nullable): the first bus to subscribe to
 * @message_types: (array zero-terminated=1) (nullable): message types on @bus
 *
 * Creates a subscriber, and subscribes it to each of @message_types if there is a @bus.
 *
 * Returns: (transfer full): a new subscriber
 */
AsabSubscriber *
asab_subscriber_new (AsabPubSub         *bus,
                     const char * const *message_types)
{
  AsabSubscriber *self;

  g_return_val_if_fail (bus == NULL || ASAB_IS_PUBSUB (bus), NULL);

  self = g_object_new (ASAB_TYPE_SUBSCRIBER, NULL);
  for (gsize i = 0; bus != NULL && message_types != NULL && message_types[i] != NULL; i++)
    asab_subscriber_subscribe (self, bus, message_types[i]);

  return self;
}

static void
drop_excess (AsabSubscriber *self)
{
  if (self->max_size == 0 || self->messages.length <= self->max_size)
    return;

  while (self->messages.length > self->max_size)
    {
      asab_message_unref (g_queue_pop_head (&self->messages));
      self->dropped++;
    }
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_DROPPED]);
}

/* Hands @message to who has waited longest. Returns whether somebody waited. */
static gboolean
hand_over (AsabSubscriber *self,
           AsabMessage    *message)
{
  gboolean taken = FALSE;

  while (!taken && self->receivers.length > 0)
    {
      AsabPromise *promise = g_queue_pop_head (&self->receivers);

      taken = is_waiting (promise) &&
              asab_promise_take_boxed (promise, ASAB_TYPE_MESSAGE, asab_message_ref (message));
      release_receiver (promise);
    }

  return taken;
}

static AsabFuture *
enqueue_cb (AsabPubSub   *bus G_GNUC_UNUSED,
            AsabMessage  *message,
            gpointer      user_data,
            GError      **error G_GNUC_UNUSED)
{
  AsabSubscriber *self = ASAB_SUBSCRIBER (user_data);

  if (!hand_over (self, message))
    {
      g_queue_push_tail (&self->messages, asab_message_ref (message));
      drop_excess (self);
    }

  return NULL;
}

/**
 * asab_subscriber_subscribe:
 * @self: a subscriber
 * @bus: a bus
 * @message_type: a message type
 *
 * Subscribes to one more message type, on the same or another bus. A closed subscriber is left as it is.
 */
void
asab_subscriber_subscribe (AsabSubscriber *self,
                           AsabPubSub     *bus,
                           const char     *message_type)
{
  Link *link;

  g_return_if_fail (ASAB_IS_SUBSCRIBER (self));
  g_return_if_fail (ASAB_IS_PUBSUB (bus));
  g_return_if_fail (message_type != NULL && *message_type != '\0');

  if (self->closed)
    return;

  link = g_new0 (Link, 1);
  link->bus = asab_pubsub_acquire_weak (bus);
  link->id = asab_pubsub_subscribe_object (bus, message_type, G_OBJECT (self), enqueue_cb, self, NULL);
  g_ptr_array_add (self->links, link);
}

/* Whoever waits with a time-out again and again must not fill the queue with what has timed out. */
static void
forget_gone_receivers (AsabSubscriber *self)
{
  while (self->receivers.length > 0 && !is_waiting (g_queue_peek_tail (&self->receivers)))
    release_receiver (g_queue_pop_tail (&self->receivers));
  while (self->receivers.length > 0 && !is_waiting (g_queue_peek_head (&self->receivers)))
    release_receiver (g_queue_pop_head (&self->receivers));
}

/**
 * asab_subscriber_receive:
 * @self: a subscriber
 *
 * Takes the next message off the queue, or waits for it.
 *
 * The future is rejected with %ASAB_ERROR_CLOSED when the subscriber is closed and its queue is empty. One that is
 * cancelled, or dropped, while it waits does not take a message from others.
 *
 * Returns: (transfer full): the future of an [struct@Message]
 */
AsabFuture *
asab_subscriber_receive (AsabSubscriber *self)
{
  AsabPromise *promise;
  AsabMessage *message;

  g_return_val_if_fail (ASAB_IS_SUBSCRIBER (self), NULL);

  message = g_queue_pop_head (&self->messages);
  if (message != NULL)
    {
      g_auto(GValue) value = G_VALUE_INIT;

      g_value_init (&value, ASAB_TYPE_MESSAGE);
      g_value_take_boxed (&value, message);

      return asab_future_new_resolved (&value);
    }

  if (self->closed)
    return asab_future_new_take_error (g_error_new_literal (ASAB_ERROR, ASAB_ERROR_CLOSED,
                                                            _("The subscriber is closed")));

  forget_gone_receivers (self);
  promise = asab_promise_new ();
  g_queue_push_tail (&self->receivers, promise);

  return asab_future_ref (asab_promise_get_future (promise));
}

/**
 * asab_subscriber_await: (skip)
 * @self: a subscriber
 * @error: return location for %ASAB_ERROR_CLOSED, %G_IO_ERROR_CANCELLED or %ASAB_ERROR_NOT_FIBER
 *
 * Lets the running fiber wait for the next message.
 *
 * A fiber that is cancelled meanwhile takes no message with it.
 *
 * Returns: (transfer full) (nullable): the message, or %NULL with @error
 */
AsabMessage *
asab_subscriber_await (AsabSubscriber  *self,
                       GError         **error)
{
  g_autoptr(AsabFuture) future = NULL;

  g_return_val_if_fail (ASAB_IS_SUBSCRIBER (self), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  future = asab_subscriber_receive (self);

  return asab_await_boxed (future, ASAB_TYPE_MESSAGE, error);
}

/**
 * asab_subscriber_put_back:
 * @self: a subscriber
 * @message: a message that was received
 *
 * Gives back a message that its receiver could not deal with: it goes to who has waited longest, or is the next one to
 * be received.
 */
void
asab_subscriber_put_back (AsabSubscriber *self,
                          AsabMessage    *message)
{
  g_return_if_fail (ASAB_IS_SUBSCRIBER (self));
  g_return_if_fail (message != NULL);

  if (hand_over (self, message))
    return;

  g_queue_push_head (&self->messages, asab_message_ref (message));
  drop_excess (self);
}

/**
 * asab_subscriber_close:
 * @self: a subscriber
 *
 * Leaves all buses. Messages that are there can still be received; who waits is told that the subscriber is closed.
 */
void
asab_subscriber_close (AsabSubscriber *self)
{
  g_return_if_fail (ASAB_IS_SUBSCRIBER (self));

  self->closed = TRUE;

  for (guint i = 0; i < self->links->len; i++)
    {
      Link *link = self->links->pdata[i];
      g_autoptr(AsabPubSub) bus = g_weak_ref_get (link->bus);

      if (bus != NULL)
        asab_pubsub_unsubscribe (bus, link->id);
    }
  g_ptr_array_set_size (self->links, 0);

  reject_receivers (self);
}

/**
 * asab_subscriber_get_max_size: (get-property max-size)
 * @self: a subscriber
 *
 * Gets how many messages may wait to be received.
 *
 * Returns: the number of messages; 0 is no limit
 */
guint
asab_subscriber_get_max_size (AsabSubscriber *self)
{
  g_return_val_if_fail (ASAB_IS_SUBSCRIBER (self), 0);

  return self->max_size;
}

/**
 * asab_subscriber_set_max_size: (set-property max-size)
 * @self: a subscriber
 * @max_size: the number of messages; 0 is no limit
 *
 * Sets how many messages may wait to be received. If more do, the oldest are dropped.
 */
void
asab_subscriber_set_max_size (AsabSubscriber *self,
                              guint           max_size)
{
  g_return_if_fail (ASAB_IS_SUBSCRIBER (self));

  if (self->max_size == max_size)
    return;

  self->max_size = max_size;
  drop_excess (self);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_MAX_SIZE]);
}

/**
 * asab_subscriber_get_n_messages:
 * @self: a subscriber
 *
 * Gets how many messages wait to be received.
 *
 * Returns: the number of messages
 */
guint
asab_subscriber_get_n_messages (AsabSubscriber *self)
{
  g_return_val_if_fail (ASAB_IS_SUBSCRIBER (self), 0);

  return self->messages.length;
}

/**
 * asab_subscriber_get_dropped: (get-property dropped)
 * @self: a subscriber
 *
 * Gets how many messages were dropped because too many waited.
 *
 * Returns: the number of messages
 */
guint64
asab_subscriber_get_dropped (AsabSubscriber *self)
{
  g_return_val_if_fail (ASAB_IS_SUBSCRIBER (self), 0);

  return self->dropped;
}
