/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "pubsub-recorder.h"

static void
test_pubsub_order (void)
{
  g_autoptr(AsabPubSub) bus = asab_pubsub_new ();
  g_autoptr(AsabPubSub) other = asab_pubsub_new ();

  subscribe_letter (bus, 'a');
  subscribe_letter (bus, 'b');
  subscribe_letter (bus, 'a');
  asab_pubsub_subscribe (bus, "y!", record_cb, LETTER ('y'), NULL);
  subscribe_letter (other, 'o');
  g_assert_cmpuint (asab_pubsub_get_n_subscribers (bus, "x!"), ==, 3);

  asab_pubsub_publish (bus, "x!");
  assert_calls ("aba");
  asab_pubsub_publish (bus, "y!");
  assert_calls ("y");
  asab_pubsub_publish (bus, "nobody!");
  assert_calls ("");
  asab_pubsub_publish (other, "x!");
  assert_calls ("o");
}

static void
test_pubsub_unsubscribe (void)
{
  g_autoptr(AsabPubSub) bus = asab_pubsub_new ();
  guint a = asab_pubsub_subscribe (bus, "x!", record_cb, LETTER ('a'), record_destroyed);

  subscribe_letter (bus, 'b');
  subscribe_letter (bus, 'c');
  subscribe_letter (bus, 'b');

  g_assert_true (asab_pubsub_unsubscribe (bus, a));
  assert_calls ("-a");
  g_assert_false (asab_pubsub_unsubscribe (bus, a));
  g_assert_false (asab_pubsub_unsubscribe (bus, 0));
  asab_pubsub_publish (bus, "x!");
  assert_calls ("bcb");

  g_assert_true (asab_pubsub_unsubscribe_by_func (bus, "x!", record_cb, LETTER ('b')));
  asab_pubsub_publish (bus, "x!");
  assert_calls ("cb");
  g_assert_false (asab_pubsub_unsubscribe_by_func (bus, "y!", record_cb, LETTER ('b')));
  g_assert_false (asab_pubsub_unsubscribe_by_func (bus, "x!", record_cb, LETTER ('z')));

  g_assert_true (asab_pubsub_unsubscribe_by_func (bus, "x!", record_cb, LETTER ('b')));
  g_assert_true (asab_pubsub_unsubscribe_by_func (bus, "x!", record_cb, LETTER ('c')));
  g_assert_cmpuint (asab_pubsub_get_n_subscribers (bus, "x!"), ==, 0);
  asab_pubsub_publish (bus, "x!");
  assert_calls ("");

  subscribe_letter (bus, 'd');
  asab_pubsub_publish (bus, "x!");
  assert_calls ("d");
}

typedef struct
{
  guint n_called;
  guint last;
} Ascending;

static Ascending ascending;

static AsabFuture *
ascend_cb (AsabPubSub   *bus G_GNUC_UNUSED,
           AsabMessage  *message G_GNUC_UNUSED,
           gpointer      number,
           GError      **error G_GNUC_UNUSED)
{
  g_assert_cmpuint (GPOINTER_TO_UINT (number), >, ascending.last);
  ascending.last = GPOINTER_TO_UINT (number);
  ascending.n_called++;

  return NULL;
}

/* Whoever is taken out of a long list, the others keep their order and their ids. */
static void
test_pubsub_many (void)
{
  g_autoptr(AsabPubSub) bus = asab_pubsub_new ();
  guint ids[1000];
  guint n_left = G_N_ELEMENTS (ids);

  for (guint i = 0; i < G_N_ELEMENTS (ids); i++)
    ids[i] = asab_pubsub_subscribe (bus, "x!", ascend_cb, GUINT_TO_POINTER (i + 1), NULL);

  /* 7 and 1,000 have no common divisor, so each has its turn. */
  for (guint i = 0; n_left > 0; i = (i + 7) % G_N_ELEMENTS (ids))
    {
      g_assert_true (asab_pubsub_unsubscribe (bus, ids[i]));
      g_assert_false (asab_pubsub_unsubscribe (bus, ids[i]));
      n_left--;

      ascending = (Ascending) { 0, 0 };
      asab_pubsub_publish (bus, "x!");
      g_assert_cmpuint (ascending.n_called, ==, n_left);
      g_assert_cmpuint (asab_pubsub_get_n_subscribers (bus, "x!"), ==, n_left);
    }
}

static void
test_pubsub_dispose (void)
{
  AsabPubSub *bus = asab_pubsub_new ();

  asab_pubsub_subscribe (bus, "x!", record_cb, LETTER ('a'), record_destroyed);
  asab_pubsub_subscribe (bus, "x!", record_cb, LETTER ('b'), record_destroyed);
  g_assert_finalize_object (bus);
  assert_calls ("-a-b");
}

/* What a subscriber does in the midst of a delivery */

typedef struct
{
  char letter;
  AsabPubSub *bus;
  guint ids[4];
  guint n_nested;
} Plan;

static AsabFuture *
unsubscribe_all_cb (AsabPubSub   *bus,
                    AsabMessage  *message,
                    gpointer      user_data,
                    GError      **error)
{
  Plan *plan = user_data;

  for (guint i = 0; i < G_N_ELEMENTS (plan->ids); i++)
    if (plan->ids[i] != 0)
      g_assert_true (asab_pubsub_unsubscribe (bus, plan->ids[i]));

  return record_cb (bus, message, LETTER (plan->letter), error);
}

static void
test_pubsub_unsubscribe_in_delivery (void)
{
  g_autoptr(AsabPubSub) bus = asab_pubsub_new ();
  Plan plan = { 'p' };

  /* Itself, one before it and the one after it; nobody else is skipped, and data lives until the end of the round. */
  plan.ids[0] = asab_pubsub_subscribe (bus, "x!", record_cb, LETTER ('a'), record_destroyed);
  subscribe_letter (bus, 'b');
  plan.ids[1] = asab_pubsub_subscribe (bus, "x!", unsubscribe_all_cb, &plan, NULL);
  plan.ids[2] = asab_pubsub_subscribe (bus, "x!", record_cb, LETTER ('c'), record_destroyed);
  subscribe_letter (bus, 'd');

  asab_pubsub_publish (bus, "x!");
  assert_calls ("abpd-a-c");
  g_assert_cmpuint (asab_pubsub_get_n_subscribers (bus, "x!"), ==, 2);
  asab_pubsub_publish (bus, "x!");
  assert_calls ("bd");
}

static void
test_pubsub_unsubscribe_last_in_delivery (void)
{
  g_autoptr(AsabPubSub) bus = asab_pubsub_new ();
  const AsabMessageType *type = asab_message_type ("x!");
  Plan plan = { 'p' };

  plan.ids[0] = asab_pubsub_subscribe (bus, "x!", unsubscribe_all_cb, &plan, NULL);
  asab_pubsub_publish_type (bus, type);
  assert_calls ("p");
  asab_pubsub_publish_type (bus, type);
  assert_calls ("");

  subscribe_letter (bus, 'a');
  asab_pubsub_publish_type (bus, type);
  assert_calls ("a");
}

static AsabFuture *
subscribe_many_cb (AsabPubSub   *bus,
                   AsabMessage  *message,
                   gpointer      user_data,
                   GError      **error)
{
  /* Enough for the list to move in memory. */
  for (guint i = 0; i < 10; i++)
    subscribe_letter (bus, 'n');

  return record_cb (bus, message, user_data, error);
}

static void
test_pubsub_subscribe_in_delivery (void)
{
  g_autoptr(AsabPubSub) bus = asab_pubsub_new ();
  guint id = asab_pubsub_subscribe (bus, "x!", subscribe_many_cb, LETTER ('s'), NULL);

  subscribe_letter (bus, 'a');
  asab_pubsub_publish (bus, "x!");
  assert_calls ("sa");

  asab_pubsub_unsubscribe (bus, id);
  asab_pubsub_publish (bus, "x!");
  assert_calls ("annnnnnnnnn");
}

static AsabFuture *
publish_again_cb (AsabPubSub   *bus,
                  AsabMessage  *message,
                  gpointer      user_data,
                  GError      **error)
{
  Plan *plan = user_data;

  record_cb (bus, message, LETTER (plan->letter), error);
  if (plan->n_nested-- > 0)
    {
      asab_pubsub_unsubscribe (bus, plan->ids[plan->n_nested]);
      asab_pubsub_publish (bus, asab_message_get_message_type (message));
      subscribe_letter (bus, 'n');
    }

  return NULL;
}

static void
test_pubsub_nested (void)
{
  g_autoptr(AsabPubSub) bus = asab_pubsub_new ();
  Plan plan = { 'p', .n_nested = 2 };

  asab_pubsub_subscribe (bus, "x!", publish_again_cb, &plan, NULL);
  plan.ids[0] = subscribe_letter (bus, 'a');
  plan.ids[1] = subscribe_letter (bus, 'b');
  subscribe_letter (bus, 'c');

  asab_pubsub_publish (bus, "x!");
  /* The innermost round has only c left; it ends before the middle one goes on, and so does that. */
  assert_calls ("pppccc");
  plan.n_nested = 0;
  asab_pubsub_publish (bus, "x!");
  assert_calls ("pcnn");
}

static AsabFuture *
drop_bus_cb (AsabPubSub   *bus,
             AsabMessage  *message,
             gpointer      user_data,
             GError      **error)
{
  Plan *plan = user_data;

  g_clear_object (&plan->bus);

  return record_cb (bus, message, LETTER (plan->letter), error);
}

static AsabFuture *
publish_inner_cb (AsabPubSub   *bus,
                  AsabMessage  *message,
                  gpointer      user_data,
                  GError      **error)
{
  asab_pubsub_publish (bus, "inner!");

  return record_cb (bus, message, user_data, error);
}

static void
test_pubsub_drop_in_delivery (void)
{
  Plan plan = { 'p', asab_pubsub_new () };
  AsabPubSub *watched = plan.bus;

  g_object_add_weak_pointer (G_OBJECT (watched), (gpointer *) &watched);
  asab_pubsub_subscribe (plan.bus, "x!", publish_inner_cb, LETTER ('o'), NULL);
  asab_pubsub_subscribe (plan.bus, "x!", record_cb, LETTER ('a'), record_destroyed);
  asab_pubsub_subscribe (plan.bus, "inner!", drop_bus_cb, &plan, NULL);
  asab_pubsub_subscribe (plan.bus, "inner!", record_cb, LETTER ('i'), record_destroyed);

  asab_pubsub_publish (plan.bus, "x!");
  g_assert_null (watched);
  g_assert_true (g_str_has_prefix (calls->str, "pioa"));
  g_assert_nonnull (strstr (calls->str, "-a"));
  g_assert_nonnull (strstr (calls->str, "-i"));
  g_string_truncate (calls, 0);
}

static AsabFuture *
fail_cb (AsabPubSub   *bus G_GNUC_UNUSED,
         AsabMessage  *message G_GNUC_UNUSED,
         gpointer      code,
         GError      **error)
{
  g_set_error_literal (error, G_IO_ERROR, GPOINTER_TO_INT (code), "no luck");

  return NULL;
}

static void
test_pubsub_failing (void)
{
  g_autoptr(AsabPubSub) bus = asab_pubsub_new ();

  subscribe_letter (bus, 'a');
  asab_pubsub_subscribe (bus, "x!", fail_cb, GINT_TO_POINTER (G_IO_ERROR_FAILED), NULL);
  asab_pubsub_subscribe (bus, "x!", fail_cb, GINT_TO_POINTER (G_IO_ERROR_CANCELLED), NULL);
  subscribe_letter (bus, 'b');

  asab_pubsub_publish (bus, "x!");
  assert_calls ("ab");
  assert_warning ("A subscriber of “x!” failed: no luck");
}

/* What a message carries */

static AsabFuture *
check_args_cb (AsabPubSub   *bus,
               AsabMessage  *message,
               gpointer      user_data,
               GError      **error)
{
  g_assert_cmpstr (asab_message_get_message_type (message), ==, "x!");
  g_assert_cmpuint (asab_message_get_n_args (message), ==, 2);
  g_assert_cmpint (asab_message_get_int64 (message, 0), ==, 7);
  g_assert_true (asab_message_get_object (message, 1) == user_data);

  return record_cb (bus, message, LETTER ('c'), error);
}

static void
test_pubsub_args (void)
{
  g_autoptr(AsabPubSub) bus = asab_pubsub_new ();
  g_autoptr(GObject) object = g_object_new (G_TYPE_OBJECT, NULL);
  g_autoptr(AsabMessage) message = asab_message_new_with ("x!", G_TYPE_INT, 7, G_TYPE_OBJECT, object, G_TYPE_INVALID);
  GValue args[2] = { G_VALUE_INIT, G_VALUE_INIT };

  g_value_init (&args[0], G_TYPE_UINT);
  g_value_set_uint (&args[0], 7);
  g_value_init (&args[1], G_TYPE_OBJECT);
  g_value_set_object (&args[1], object);

  asab_pubsub_publish_args (bus, "x!", args, 2);
  asab_pubsub_publish_with (bus, "x!", G_TYPE_INT, 7, G_TYPE_OBJECT, object, G_TYPE_INVALID);
  asab_pubsub_publish_message (bus, message);
  assert_calls ("");

  asab_pubsub_subscribe (bus, "x!", check_args_cb, object, NULL);
  asab_pubsub_publish_args (bus, "x!", args, 2);
  asab_pubsub_publish_with (bus, "x!", G_TYPE_INT, 7, G_TYPE_OBJECT, object, G_TYPE_INVALID);
  asab_pubsub_publish_message (bus, message);
  assert_calls ("ccc");

  g_value_unset (&args[1]);
  g_clear_pointer (&message, asab_message_unref);
  g_assert_finalize_object (g_steal_pointer (&object));
}

static AsabFuture *
keep_cb (AsabPubSub   *bus G_GNUC_UNUSED,
         AsabMessage  *message,
         gpointer      kept,
         GError      **error G_GNUC_UNUSED)
{
  g_ptr_array_add (kept, asab_message_ref (message));

  return NULL;
}

static void
test_pubsub_no_args (void)
{
  g_autoptr(GPtrArray) kept = g_ptr_array_new_with_free_func ((GDestroyNotify) asab_message_unref);
  g_autoptr(AsabPubSub) bus = asab_pubsub_new ();

  asab_pubsub_subscribe (bus, "x!", keep_cb, kept, NULL);
  asab_pubsub_publish (bus, "x!");
  asab_pubsub_publish_type (bus, asab_message_type ("x!"));

  /* There is nothing in it, so it is the same each time, and may be kept. */
  g_assert_cmpuint (kept->len, ==, 2);
  g_assert_true (kept->pdata[0] == kept->pdata[1]);
  g_clear_object (&bus);
  g_assert_cmpstr (asab_message_get_message_type (kept->pdata[0]), ==, "x!");
}

static void
test_pubsub_interned (void)
{
  g_autoptr(AsabPubSub) bus = asab_pubsub_new ();
  g_autoptr(AsabPubSub) other = asab_pubsub_new ();
  const AsabMessageType *x = asab_message_type ("x!");
  const AsabMessageType *y = asab_message_type ("y!");
  guint id;

  asab_pubsub_publish_type (bus, x);
  id = subscribe_letter (bus, 'x');
  asab_pubsub_subscribe (bus, "y!", record_cb, LETTER ('y'), NULL);
  subscribe_letter (other, 'o');

  asab_pubsub_publish_type (bus, y);
  asab_pubsub_publish_type (bus, x);
  asab_pubsub_publish_type (bus, x);
  asab_pubsub_publish_type (other, x);
  asab_pubsub_publish_type (other, y);
  assert_calls ("yxxo");

  asab_pubsub_unsubscribe (bus, id);
  asab_pubsub_publish_type (bus, x);
  assert_calls ("");
  subscribe_letter (bus, 'z');
  asab_pubsub_publish_type (bus, x);
  assert_calls ("z");
}

/* The signal */

static void
message_cb (AsabPubSub  *bus,
            AsabMessage *message,
            gpointer     letter)
{
  GError *error = NULL;

  record_cb (bus, message, letter, &error);
}

static void
test_pubsub_signal (void)
{
  g_autoptr(AsabPubSub) bus = asab_pubsub_new ();
  gulong id;

  subscribe_letter (bus, 'a');
  asab_pubsub_publish (bus, "x!");
  assert_calls ("a");

  id = g_signal_connect (bus, "message::x!", G_CALLBACK (message_cb), LETTER ('s'));
  g_signal_connect (bus, "message::Application.tick/10!", G_CALLBACK (message_cb), LETTER ('t'));
  g_signal_connect (bus, "message", G_CALLBACK (message_cb), LETTER ('m'));

  asab_pubsub_publish (bus, "x!");
  assert_calls ("asm");
  asab_pubsub_publish (bus, "Application.tick/10!");
  assert_calls ("tm");
  asab_pubsub_publish_type (bus, asab_message_type ("Application.tick/10!"));
  assert_calls ("tm");
  asab_pubsub_publish_with (bus, "y!", G_TYPE_INT, 1, G_TYPE_INVALID);
  assert_calls ("m");

  /* No detail is made of a message type: it would stay for ever. */
  asab_pubsub_publish (bus, "request/4711!");
  assert_calls ("m");
  g_assert_cmpuint (g_quark_try_string ("request/4711!"), ==, 0);

  g_signal_handler_disconnect (bus, id);
  asab_pubsub_publish (bus, "x!");
  assert_calls ("am");
}

int
main (int    argc,
      char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  recorder_start ();

  g_test_add_func ("/asab/pubsub/order", test_pubsub_order);
  g_test_add_func ("/asab/pubsub/unsubscribe", test_pubsub_unsubscribe);
  g_test_add_func ("/asab/pubsub/many", test_pubsub_many);
  g_test_add_func ("/asab/pubsub/dispose", test_pubsub_dispose);
  g_test_add_func ("/asab/pubsub/unsubscribe-in-delivery", test_pubsub_unsubscribe_in_delivery);
  g_test_add_func ("/asab/pubsub/unsubscribe-last-in-delivery", test_pubsub_unsubscribe_last_in_delivery);
  g_test_add_func ("/asab/pubsub/subscribe-in-delivery", test_pubsub_subscribe_in_delivery);
  g_test_add_func ("/asab/pubsub/nested", test_pubsub_nested);
  g_test_add_func ("/asab/pubsub/drop-in-delivery", test_pubsub_drop_in_delivery);
  g_test_add_func ("/asab/pubsub/failing", test_pubsub_failing);
  g_test_add_func ("/asab/pubsub/args", test_pubsub_args);
  g_test_add_func ("/asab/pubsub/no-args", test_pubsub_no_args);
  g_test_add_func ("/asab/pubsub/interned", test_pubsub_interned);
  g_test_add_func ("/asab/pubsub/signal", test_pubsub_signal);

  status = g_test_run ();
  recorder_end ();

  return status;
}
