/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The bus and what is around it: owners that die, the main loop, threads, fibers and futures. */

#include "pubsub-recorder.h"

static void
run_loop (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

static void
resolve_boolean_cb (AsabFuture *future G_GNUC_UNUSED,
                    gpointer    flag)
{
  *(gboolean *) flag = TRUE;
}

/* Owners */

static void
test_pubsub_owner (void)
{
  g_autoptr(AsabPubSub) bus = asab_pubsub_new ();
  GObject *owner = g_object_new (G_TYPE_OBJECT, NULL);

  subscribe_letter (bus, 'a');
  asab_pubsub_subscribe_object (bus, "x!", owner, record_cb, LETTER ('o'), record_destroyed);
  asab_pubsub_subscribe_object (bus, "x!", owner, record_cb, LETTER ('p'), NULL);
  asab_pubsub_publish (bus, "x!");
  assert_calls ("aop");

  /* The data is not destroyed within the unref, but from the main loop. */
  g_assert_finalize_object (owner);
  g_assert_cmpuint (asab_pubsub_get_n_subscribers (bus, "x!"), ==, 1);
  asab_pubsub_publish (bus, "x!");
  assert_calls ("a");
  run_loop ();
  assert_calls ("-o");
}

static void
test_pubsub_owner_unsubscribe (void)
{
  g_autoptr(AsabPubSub) bus = asab_pubsub_new ();
  GObject *owner = g_object_new (G_TYPE_OBJECT, NULL);
  guint id = asab_pubsub_subscribe_object (bus, "x!", owner, record_cb, LETTER ('o'), record_destroyed);

  asab_pubsub_subscribe_object (bus, "x!", owner, record_cb, LETTER ('p'), record_destroyed);
  g_assert_true (asab_pubsub_unsubscribe (bus, id));
  assert_calls ("-o");
  g_assert_true (asab_pubsub_unsubscribe_by_func (bus, "x!", record_cb, LETTER ('p')));
  assert_calls ("-p");
  g_assert_finalize_object (owner);
  run_loop ();
  assert_calls ("");
}

static void
test_pubsub_owner_outlives_bus (void)
{
  AsabPubSub *bus = asab_pubsub_new ();
  GObject *owner = g_object_new (G_TYPE_OBJECT, NULL);

  asab_pubsub_subscribe_object (bus, "x!", owner, record_cb, LETTER ('o'), record_destroyed);
  g_assert_finalize_object (bus);
  assert_calls ("-o");
  g_assert_finalize_object (owner);
}

static AsabFuture *
drop_object_cb (AsabPubSub   *bus,
                AsabMessage  *message,
                gpointer      user_data,
                GError      **error)
{
  g_clear_object ((GObject **) user_data);

  return record_cb (bus, message, LETTER ('d'), error);
}

static void
test_pubsub_owner_dies_in_delivery (void)
{
  g_autoptr(AsabPubSub) bus = asab_pubsub_new ();
  GObject *own = g_object_new (G_TYPE_OBJECT, NULL);
  GObject *next = g_object_new (G_TYPE_OBJECT, NULL);

  asab_pubsub_subscribe_object (bus, "x!", own, drop_object_cb, &own, NULL);
  asab_pubsub_subscribe (bus, "x!", drop_object_cb, &next, NULL);
  asab_pubsub_subscribe_object (bus, "x!", next, record_cb, LETTER ('n'), NULL);
  subscribe_letter (bus, 'a');

  asab_pubsub_publish (bus, "x!");
  assert_calls ("dda");
  g_assert_cmpuint (asab_pubsub_get_n_subscribers (bus, "x!"), ==, 2);
}

static AsabFuture *
object_cb (AsabPubSub   *bus,
           AsabMessage  *message,
           gpointer      user_data,
           GError      **error)
{
  g_assert_true (G_IS_OBJECT (user_data));

  return record_cb (bus, message, LETTER (*asab_message_get_message_type (message)), error);
}

static void
test_pubsub_subscribe_all (void)
{
  static const AsabSubscription subscriptions[] = { { "x!", object_cb }, { "y!", object_cb }, { NULL } };
  g_autoptr(AsabPubSub) bus = asab_pubsub_new ();
  GObject *owner = g_object_new (G_TYPE_OBJECT, NULL);

  asab_pubsub_subscribe_all (bus, owner, subscriptions);
  asab_pubsub_publish (bus, "y!");
  asab_pubsub_publish (bus, "x!");
  assert_calls ("yx");

  g_assert_finalize_object (owner);
  asab_pubsub_publish (bus, "x!");
  assert_calls ("");
}

static gpointer
unref_in_thread (gpointer object)
{
  g_object_unref (object);

  return NULL;
}

static void
test_pubsub_owner_dies_in_thread (void)
{
  g_autoptr(AsabPubSub) bus = asab_pubsub_new ();
  GObject *owner = g_object_new (G_TYPE_OBJECT, NULL);

  asab_pubsub_subscribe_object (bus, "x!", owner, record_cb, LETTER ('o'), record_destroyed);
  g_thread_join (g_thread_new ("unref", unref_in_thread, owner));

  asab_pubsub_publish (bus, "x!");
  assert_calls ("");
  run_loop ();
  assert_calls ("-o");
  g_assert_cmpuint (asab_pubsub_get_n_subscribers (bus, "x!"), ==, 0);
}

static gpointer
make_and_drop_owners (gpointer data)
{
  GAsyncQueue *owners = data;
  gpointer owner;

  while ((owner = g_async_queue_pop (owners)) != owners)
    g_object_unref (owner);

  return NULL;
}

/* Owners that die in another thread at just any time: while the bus calls them, lets them go, or goes itself. */
static void
test_pubsub_owner_race (void)
{
  g_autoptr(GAsyncQueue) owners = g_async_queue_new ();
  GThread *thread = g_thread_new ("owners", make_and_drop_owners, owners);

  for (guint round = 0; round < 50; round++)
    {
      g_autoptr(AsabPubSub) bus = asab_pubsub_new ();

      for (guint i = 0; i < 40; i++)
        {
          GObject *owner = g_object_new (G_TYPE_OBJECT, NULL);
          guint id = asab_pubsub_subscribe_object (bus, "x!", owner, object_cb, bus, NULL);

          g_async_queue_push (owners, owner);
          asab_pubsub_publish (bus, "x!");
          if (i % 2 == 0)
            asab_pubsub_unsubscribe (bus, id);
        }
    }

  g_async_queue_push (owners, owners);
  g_thread_join (thread);
  run_loop ();
  g_string_truncate (calls, 0);
}

/* Later */

static void
test_pubsub_later (void)
{
  g_autoptr(AsabPubSub) bus = asab_pubsub_new ();
  g_autoptr(AsabMessage) message = asab_message_new ("y!", NULL, 0);
  guint b;

  subscribe_letter (bus, 'a');
  b = subscribe_letter (bus, 'b');
  subscribe_letter (bus, 'c');
  asab_pubsub_subscribe (bus, "y!", record_cb, LETTER ('y'), NULL);

  asab_pubsub_publish_later (bus, "x!");
  asab_pubsub_publish_message_later (bus, message);
  asab_pubsub_publish_later (bus, "nobody!");
  assert_calls ("");

  /* Who came later is not called, nor is who left. */
  subscribe_letter (bus, 'd');
  asab_pubsub_unsubscribe (bus, b);
  run_loop ();
  assert_calls ("acy");
  asab_pubsub_publish (bus, "x!");
  assert_calls ("acd");
}

static void
test_pubsub_later_owner (void)
{
  g_autoptr(AsabPubSub) bus = asab_pubsub_new ();
  GObject *owner = g_object_new (G_TYPE_OBJECT, NULL);
  GObject *watched = owner;

  g_object_add_weak_pointer (owner, (gpointer *) &watched);
  asab_pubsub_subscribe_object (bus, "x!", owner, record_cb, LETTER ('o'), NULL);
  asab_pubsub_publish_later (bus, "x!");
  g_object_unref (owner);
  g_assert_nonnull (watched);

  run_loop ();
  assert_calls ("o");
  g_assert_null (watched);
}

static void
test_pubsub_later_keeps_bus (void)
{
  AsabPubSub *bus = asab_pubsub_new ();
  AsabPubSub *watched = bus;

  g_object_add_weak_pointer (G_OBJECT (bus), (gpointer *) &watched);
  subscribe_letter (bus, 'a');
  asab_pubsub_publish_later (bus, "x!");
  g_object_unref (bus);
  run_loop ();
  assert_calls ("a");
  g_assert_null (watched);
}

/* Threads */

typedef struct
{
  GThread *main_thread;
  gint64 expected;
} Order;

static AsabFuture *
check_order_cb (AsabPubSub   *bus G_GNUC_UNUSED,
                AsabMessage  *message,
                gpointer      user_data,
                GError      **error G_GNUC_UNUSED)
{
  Order *order = user_data;

  g_assert_true (g_thread_self () == order->main_thread);
  g_assert_cmpint (asab_message_get_int64 (message, 0), ==, order->expected);
  order->expected++;

  return NULL;
}

static gpointer
publish_in_thread (gpointer bus)
{
  for (int i = 0; i < 1000; i++)
    asab_pubsub_publish_with (bus, "n!", G_TYPE_INT, i, G_TYPE_INVALID);

  asab_pubsub_publish (bus, "x!");
  asab_pubsub_publish_type (bus, asab_message_type ("x!"));
  asab_pubsub_publish_later (bus, "x!");
  g_object_unref (bus);

  return NULL;
}

static void
test_pubsub_threads (void)
{
  AsabPubSub *bus = asab_pubsub_new ();
  AsabPubSub *watched = bus;
  Order order = { g_thread_self (), 0 };
  GThread *thread;

  g_object_add_weak_pointer (G_OBJECT (bus), (gpointer *) &watched);
  asab_pubsub_subscribe (bus, "n!", check_order_cb, &order, NULL);
  asab_pubsub_subscribe (bus, "x!", record_cb, LETTER ('a'), record_destroyed);

  thread = g_thread_new ("publish", publish_in_thread, g_object_ref (bus));
  g_object_unref (bus);
  while (order.expected < 1000)
    g_main_context_iteration (NULL, TRUE);
  g_thread_join (thread);
  run_loop ();
  assert_calls ("aaa-a");
  g_assert_null (watched);
}

static void
test_pubsub_drop_in_thread (void)
{
  AsabPubSub *bus = asab_pubsub_new ();

  asab_pubsub_subscribe (bus, "x!", record_cb, LETTER ('a'), record_destroyed);
  g_thread_join (g_thread_new ("unref", unref_in_thread, bus));
  assert_calls ("");
  run_loop ();
  assert_calls ("-a");
}

/* Futures and fibers */

static AsabFuture *
give_future_cb (AsabPubSub   *bus G_GNUC_UNUSED,
                AsabMessage  *message G_GNUC_UNUSED,
                gpointer      user_data,
                GError      **error G_GNUC_UNUSED)
{
  return asab_future_ref (user_data);
}

static void
test_pubsub_async_callback (void)
{
  g_autoptr(AsabPubSub) bus = asab_pubsub_new ();
  g_autoptr(AsabPromise) good = asab_promise_new ();
  g_autoptr(AsabPromise) bad = asab_promise_new ();
  g_autoptr(AsabPromise) cancelled = asab_promise_new ();

  asab_pubsub_subscribe (bus, "x!", give_future_cb, asab_promise_get_future (good), NULL);
  asab_pubsub_subscribe (bus, "x!", give_future_cb, asab_promise_get_future (bad), NULL);
  asab_pubsub_subscribe (bus, "x!", give_future_cb, asab_promise_get_future (cancelled), NULL);
  subscribe_letter (bus, 'a');

  asab_pubsub_publish (bus, "x!");
  assert_calls ("a");

  asab_promise_resolve (good, NULL);
  asab_promise_reject_literal (bad, G_IO_ERROR, G_IO_ERROR_FAILED, "no luck");
  asab_future_cancel (asab_promise_get_future (cancelled));
  run_loop ();
  assert_warning ("A subscriber of “x!” failed: no luck");

  /* And when they are done before. */
  asab_pubsub_publish (bus, "x!");
  assert_calls ("a");
  run_loop ();
  assert_warning ("A subscriber of “x!” failed: no luck");
}

static AsabFuture *
no_fiber_cb (AsabPubSub   *bus,
             AsabMessage  *message,
             gpointer      user_data,
             GError      **error)
{
  g_autoptr(AsabPromise) promise = asab_promise_new ();
  g_autoptr(GError) local_error = NULL;

  asab_future_ignore (asab_promise_get_future (promise));
  g_assert_false (asab_await (asab_promise_get_future (promise), &local_error));
  g_assert_error (local_error, ASAB_ERROR, ASAB_ERROR_NOT_FIBER);

  return record_cb (bus, message, user_data, error);
}

static void
no_fiber_destroy (gpointer data)
{
  g_assert_null (asab_fiber_get_current ());
  record_destroyed (data);
}

static gboolean
publish_fiber (gpointer   bus,
               GValue    *result G_GNUC_UNUSED,
               GError   **error G_GNUC_UNUSED)
{
  guint id = asab_pubsub_subscribe (bus, "x!", record_cb, LETTER ('d'), no_fiber_destroy);

  asab_pubsub_publish (bus, "x!");
  asab_pubsub_publish_type (bus, asab_message_type ("x!"));
  asab_pubsub_publish_with (bus, "x!", G_TYPE_INT, 1, G_TYPE_INVALID);
  asab_pubsub_unsubscribe (bus, id);

  return TRUE;
}

static void
test_pubsub_from_fiber (void)
{
  g_autoptr(AsabPubSub) bus = asab_pubsub_new ();
  g_autoptr(AsabFuture) future = NULL;

  asab_pubsub_subscribe (bus, "x!", no_fiber_cb, LETTER ('a'), NULL);
  future = asab_spawn (publish_fiber, bus, NULL);
  g_assert_true (asab_run_until_complete (future, NULL, NULL));
  assert_calls ("adadad-d");
}

/* One message */

static void
test_pubsub_wait (void)
{
  g_autoptr(AsabPubSub) bus = asab_pubsub_new ();
  g_autoptr(AsabFuture) future = asab_pubsub_wait_message (bus, "x!");
  g_autoptr(AsabFuture) cancelled = asab_pubsub_wait_message (bus, "x!");
  g_autoptr(AsabMessage) message = NULL;
  gboolean done = FALSE;

  asab_future_cancel (cancelled);
  run_loop ();
  g_assert_cmpuint (asab_pubsub_get_n_subscribers (bus, "x!"), ==, 1);

  asab_future_when_done (future, resolve_boolean_cb, &done, NULL);
  asab_pubsub_publish_with (bus, "x!", G_TYPE_INT, 1, G_TYPE_INVALID);
  asab_pubsub_publish_with (bus, "x!", G_TYPE_INT, 2, G_TYPE_INVALID);
  g_assert_cmpuint (asab_pubsub_get_n_subscribers (bus, "x!"), ==, 0);
  run_loop ();
  g_assert_true (done);

  message = asab_future_dup_boxed (future, ASAB_TYPE_MESSAGE, NULL);
  g_assert_nonnull (message);
  g_assert_cmpint (asab_message_get_int64 (message, 0), ==, 1);
}

static void
test_pubsub_wait_closed (void)
{
  AsabPubSub *bus = asab_pubsub_new ();
  g_autoptr(AsabFuture) future = asab_pubsub_wait_message (bus, "x!");
  g_autoptr(GError) error = NULL;

  g_assert_finalize_object (bus);
  g_assert_null (asab_future_get_value (future, &error));
  g_assert_error (error, ASAB_ERROR, ASAB_ERROR_CLOSED);
  run_loop ();
}

int
main (int    argc,
      char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  recorder_start ();

  g_test_add_func ("/asab/pubsub/owner", test_pubsub_owner);
  g_test_add_func ("/asab/pubsub/owner/unsubscribe", test_pubsub_owner_unsubscribe);
  g_test_add_func ("/asab/pubsub/owner/outlives-bus", test_pubsub_owner_outlives_bus);
  g_test_add_func ("/asab/pubsub/owner/dies-in-delivery", test_pubsub_owner_dies_in_delivery);
  g_test_add_func ("/asab/pubsub/owner/dies-in-thread", test_pubsub_owner_dies_in_thread);
  g_test_add_func ("/asab/pubsub/owner/race", test_pubsub_owner_race);
  g_test_add_func ("/asab/pubsub/subscribe-all", test_pubsub_subscribe_all);
  g_test_add_func ("/asab/pubsub/later", test_pubsub_later);
  g_test_add_func ("/asab/pubsub/later/owner", test_pubsub_later_owner);
  g_test_add_func ("/asab/pubsub/later/keeps-bus", test_pubsub_later_keeps_bus);
  g_test_add_func ("/asab/pubsub/threads", test_pubsub_threads);
  g_test_add_func ("/asab/pubsub/drop-in-thread", test_pubsub_drop_in_thread);
  g_test_add_func ("/asab/pubsub/async-callback", test_pubsub_async_callback);
  g_test_add_func ("/asab/pubsub/from-fiber", test_pubsub_from_fiber);
  g_test_add_func ("/asab/pubsub/wait", test_pubsub_wait);
  g_test_add_func ("/asab/pubsub/wait/closed", test_pubsub_wait_closed);

  status = g_test_run ();
  recorder_end ();

  return status;
}
