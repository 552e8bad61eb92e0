/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <asab-glib/asab.h>
#include <gio/gio.h>

static const char * const x_and_y[] = { "x!", "y!", NULL };

static void
run_loop (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

static void
publish_number (AsabPubSub *bus,
                int         number)
{
  asab_pubsub_publish_with (bus, "x!", G_TYPE_INT, number, G_TYPE_INVALID);
}

/* Drops @future. */
static void
assert_number (AsabFuture *future,
               int         expected)
{
  g_autoptr(AsabMessage) message = asab_future_dup_boxed (future, ASAB_TYPE_MESSAGE, NULL);

  g_assert_nonnull (message);
  g_assert_cmpstr (asab_message_get_message_type (message), ==, "x!");
  g_assert_cmpint (asab_message_get_int64 (message, 0), ==, expected);
  asab_future_unref (future);
}

/* Drops @future. */
static void
assert_closed (AsabFuture *future)
{
  g_autoptr(GError) error = NULL;

  g_assert_null (asab_future_get_value (future, &error));
  g_assert_error (error, ASAB_ERROR, ASAB_ERROR_CLOSED);
  asab_future_unref (future);
}

static void
test_subscriber_fifo (void)
{
  g_autoptr(AsabPubSub) bus = asab_pubsub_new ();
  g_autoptr(AsabPubSub) other = asab_pubsub_new ();
  g_autoptr(AsabSubscriber) subscriber = asab_subscriber_new (bus, x_and_y);
  const char *expected[] = { "y!", "x!", "z!", "y!" };

  asab_subscriber_subscribe (subscriber, other, "z!");
  asab_pubsub_publish (bus, "y!");
  asab_pubsub_publish (bus, "x!");
  asab_pubsub_publish (bus, "z!");
  asab_pubsub_publish (other, "z!");
  asab_pubsub_publish (bus, "y!");
  g_assert_cmpuint (asab_subscriber_get_n_messages (subscriber), ==, 4);

  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    {
      g_autoptr(AsabFuture) future = asab_subscriber_receive (subscriber);
      g_autoptr(AsabMessage) message = asab_future_dup_boxed (future, ASAB_TYPE_MESSAGE, NULL);

      g_assert_nonnull (message);
      g_assert_cmpstr (asab_message_get_message_type (message), ==, expected[i]);
    }
  g_assert_cmpuint (asab_subscriber_get_n_messages (subscriber), ==, 0);
}

static void
test_subscriber_put_back (void)
{
  g_autoptr(AsabPubSub) bus = asab_pubsub_new ();
  g_autoptr(AsabSubscriber) subscriber = asab_subscriber_new (bus, x_and_y);
  g_autoptr(AsabMessage) message = NULL;
  g_autoptr(AsabFuture) future = NULL;
  AsabFuture *waiting;

  publish_number (bus, 1);
  publish_number (bus, 2);
  future = asab_subscriber_receive (subscriber);
  message = asab_future_dup_boxed (future, ASAB_TYPE_MESSAGE, NULL);
  asab_subscriber_put_back (subscriber, message);
  assert_number (asab_subscriber_receive (subscriber), 1);
  assert_number (asab_subscriber_receive (subscriber), 2);

  waiting = asab_subscriber_receive (subscriber);
  asab_subscriber_put_back (subscriber, message);
  assert_number (waiting, 1);
}

static void
test_subscriber_wait (void)
{
  g_autoptr(AsabPubSub) bus = asab_pubsub_new ();
  g_autoptr(AsabSubscriber) subscriber = asab_subscriber_new (bus, x_and_y);
  AsabFuture *first = asab_subscriber_receive (subscriber);
  AsabFuture *second = asab_subscriber_receive (subscriber);

  g_assert_false (asab_future_is_done (first));
  publish_number (bus, 1);
  g_assert_true (asab_future_is_done (first));
  g_assert_false (asab_future_is_done (second));
  publish_number (bus, 2);
  publish_number (bus, 3);

  assert_number (second, 2);
  assert_number (first, 1);
  assert_number (asab_subscriber_receive (subscriber), 3);
}

static void
test_subscriber_give_up (void)
{
  g_autoptr(AsabPubSub) bus = asab_pubsub_new ();
  g_autoptr(AsabSubscriber) subscriber = asab_subscriber_new (bus, x_and_y);
  AsabFuture *cancelled = asab_subscriber_receive (subscriber);
  AsabFuture *dropped = asab_subscriber_receive (subscriber);
  AsabFuture *patient = asab_subscriber_receive (subscriber);

  asab_future_cancel (cancelled);
  asab_future_unref (cancelled);
  asab_future_unref (dropped);
  asab_future_unref (asab_subscriber_receive (subscriber));

  publish_number (bus, 1);
  publish_number (bus, 2);
  assert_number (patient, 1);
  assert_number (asab_subscriber_receive (subscriber), 2);
}

static gboolean
receive_fiber (gpointer   subscriber,
               GValue    *result,
               GError   **error)
{
  AsabMessage *message = asab_subscriber_await (subscriber, error);

  if (message == NULL)
    return FALSE;

  g_value_init (result, ASAB_TYPE_MESSAGE);
  g_value_take_boxed (result, message);

  return TRUE;
}

static void
test_subscriber_fiber (void)
{
  g_autoptr(AsabPubSub) bus = asab_pubsub_new ();
  g_autoptr(AsabSubscriber) subscriber = asab_subscriber_new (bus, x_and_y);
  AsabFuture *first = asab_spawn (receive_fiber, subscriber, NULL);
  AsabFuture *second = asab_spawn (receive_fiber, subscriber, NULL);

  run_loop ();
  publish_number (bus, 1);
  publish_number (bus, 2);
  run_loop ();
  assert_number (second, 2);
  assert_number (first, 1);
}

static void
test_subscriber_fiber_cancelled (void)
{
  g_autoptr(AsabPubSub) bus = asab_pubsub_new ();
  g_autoptr(AsabSubscriber) subscriber = asab_subscriber_new (bus, x_and_y);
  AsabFuture *early = asab_spawn (receive_fiber, subscriber, NULL);
  AsabFuture *late = asab_spawn (receive_fiber, subscriber, NULL);

  run_loop ();
  asab_future_cancel (early);
  run_loop ();
  g_assert_true (asab_future_is_cancelled (early));
  asab_future_unref (early);

  /* The message comes after the fiber was cancelled, and before it has noticed: then it has a message. */
  asab_future_cancel (late);
  publish_number (bus, 1);
  publish_number (bus, 2);
  run_loop ();
  assert_number (late, 1);
  assert_number (asab_subscriber_receive (subscriber), 2);
}

static void
count_notify_cb (AsabSubscriber *subscriber G_GNUC_UNUSED,
                 GParamSpec     *pspec G_GNUC_UNUSED,
                 guint          *n_notified)
{
  (*n_notified)++;
}

static void
test_subscriber_bounded (void)
{
  g_autoptr(AsabPubSub) bus = asab_pubsub_new ();
  g_autoptr(AsabSubscriber) subscriber = asab_subscriber_new (bus, x_and_y);
  guint n_notified = 0;
  guint max_size = 0;
  guint64 dropped = 0;

  g_signal_connect (subscriber, "notify::dropped", G_CALLBACK (count_notify_cb), &n_notified);
  g_object_set (subscriber, "max-size", 3, NULL);
  for (int i = 0; i < 5; i++)
    publish_number (bus, i);

  g_object_get (subscriber, "max-size", &max_size, "dropped", &dropped, NULL);
  g_assert_cmpuint (max_size, ==, 3);
  g_assert_cmpuint (dropped, ==, 2);
  g_assert_cmpuint (n_notified, ==, 2);
  assert_number (asab_subscriber_receive (subscriber), 2);

  asab_subscriber_set_max_size (subscriber, 1);
  g_assert_cmpuint (asab_subscriber_get_dropped (subscriber), ==, 3);
  assert_number (asab_subscriber_receive (subscriber), 4);
  g_assert_cmpuint (asab_subscriber_get_n_messages (subscriber), ==, 0);
}

static void
test_subscriber_close (void)
{
  g_autoptr(AsabPubSub) bus = asab_pubsub_new ();
  g_autoptr(AsabSubscriber) subscriber = asab_subscriber_new (bus, x_and_y);
  g_autoptr(AsabSubscriber) waiting = asab_subscriber_new (bus, x_and_y);
  AsabFuture *future = asab_subscriber_receive (waiting);
  AsabFuture *dropped = asab_subscriber_receive (waiting);

  asab_future_unref (dropped);
  asab_subscriber_close (waiting);
  assert_closed (future);

  publish_number (bus, 1);
  asab_subscriber_close (subscriber);
  publish_number (bus, 2);
  g_assert_cmpuint (asab_pubsub_get_n_subscribers (bus, "x!"), ==, 0);

  /* What was there before can still be had. */
  assert_number (asab_subscriber_receive (subscriber), 1);
  assert_closed (asab_subscriber_receive (subscriber));

  asab_subscriber_subscribe (subscriber, bus, "x!");
  g_assert_cmpuint (asab_pubsub_get_n_subscribers (bus, "x!"), ==, 0);
}

static void
test_subscriber_drop (void)
{
  AsabPubSub *bus = asab_pubsub_new ();
  AsabSubscriber *subscriber = asab_subscriber_new (bus, x_and_y);
  AsabSubscriber *survivor = asab_subscriber_new (bus, x_and_y);
  AsabFuture *future = asab_subscriber_receive (subscriber);

  g_assert_finalize_object (subscriber);
  assert_closed (future);
  g_assert_cmpuint (asab_pubsub_get_n_subscribers (bus, "x!"), ==, 1);

  /* A subscriber does not keep its bus, and what it has received stays. */
  publish_number (bus, 1);
  g_assert_finalize_object (bus);
  assert_number (asab_subscriber_receive (survivor), 1);
  asab_subscriber_close (survivor);
  g_assert_finalize_object (survivor);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/asab/subscriber/fifo", test_subscriber_fifo);
  g_test_add_func ("/asab/subscriber/put-back", test_subscriber_put_back);
  g_test_add_func ("/asab/subscriber/wait", test_subscriber_wait);
  g_test_add_func ("/asab/subscriber/give-up", test_subscriber_give_up);
  g_test_add_func ("/asab/subscriber/fiber", test_subscriber_fiber);
  g_test_add_func ("/asab/subscriber/fiber/cancelled", test_subscriber_fiber_cancelled);
  g_test_add_func ("/asab/subscriber/bounded", test_subscriber_bounded);
  g_test_add_func ("/asab/subscriber/close", test_subscriber_close);
  g_test_add_func ("/asab/subscriber/drop", test_subscriber_drop);

  return g_test_run ();
}
