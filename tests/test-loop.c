/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "async-fixture.h"

#include <math.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* A channel that does what it is told when it can be read. */

typedef struct
{
  AsabDispatcher parent_instance;

  gboolean exits;
  gboolean closes; /* when it is asked for its interest */
} Channel;

typedef struct
{
  AsabDispatcherClass parent_class;
} ChannelClass;

static GType channel_get_type (void);
G_DEFINE_FINAL_TYPE (Channel, channel, ASAB_TYPE_DISPATCHER)

static gboolean
channel_writable (AsabDispatcher *dispatcher)
{
  if (((Channel *) dispatcher)->closes)
    asab_dispatcher_close (dispatcher);

  return FALSE;
}

static gboolean
channel_handle_read (AsabDispatcher  *dispatcher,
                     GError         **error)
{
  async_trace ("read");
  if (((Channel *) dispatcher)->exits)
    {
      g_set_error_literal (error, ASAB_ERROR, ASAB_ERROR_EXIT_NOW, "Enough");
      return FALSE;
    }
  asab_dispatcher_close (dispatcher);

  return TRUE;
}

static void
channel_class_init (ChannelClass *klass)
{
  ASAB_DISPATCHER_CLASS (klass)->writable = channel_writable;
  ASAB_DISPATCHER_CLASS (klass)->handle_read = channel_handle_read;
}

static void
channel_init (Channel *self G_GNUC_UNUSED)
{
}

/* A channel in @map, with the other end of its connection. */
static Channel *
channel_new (AsabChannelMap *map,
             int            *peer)
{
  g_autoptr(GSocket) socket = NULL;
  int fds[2];

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), ==, 0);
  socket = g_socket_new_from_fd (fds[0], NULL);
  *peer = fds[1];

  return g_object_new (channel_get_type (), "socket", socket, "map", map, NULL);
}

static void
drop (Channel *channel,
      int      peer)
{
  asab_dispatcher_close (ASAB_DISPATCHER (channel));
  g_assert_finalize_object (channel);
  close (peer);
}

static gboolean
call_cb (gpointer   user_data,
         GError   **error G_GNUC_UNUSED)
{
  async_trace (user_data);

  return TRUE;
}

static gboolean
fail_cb (gpointer   user_data G_GNUC_UNUSED,
         GError   **error)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "It broke");

  return FALSE;
}

static AsabDelayedCall *
call_later (double         seconds,
            const char    *what,
            AsabTaskQueue *queue)
{
  g_autoptr(GError) error = NULL;
  AsabDelayedCall *call = asab_call_later (seconds, call_cb, (gpointer) what, NULL, queue, &error);

  g_assert_no_error (error);

  return call;
}

static void
assert_loop (double          timeout,
             AsabChannelMap *map,
             AsabTaskQueue  *tasks,
             int             count)
{
  g_autoptr(GError) error = NULL;

  g_assert_true (asab_loop (timeout, map, tasks, count, &error));
  g_assert_no_error (error);
}

/* By the system's clock: passes in which nothing happens take their time, and count. */
static void
test_idle (void)
{
  AsabChannelMap *map = asab_channel_map_new ();
  gint64 begin = g_get_monotonic_time ();
  int peer;
  Channel *channel = channel_new (map, &peer);

  assert_loop (0.01, map, NULL, 3);
  g_assert_cmpint (g_get_monotonic_time () - begin, >=, 30000);
  g_assert_cmpuint (asab_channel_map_get_n_channels (map), ==, 1);
  assert_loop (30, map, NULL, 0);

  drop (channel, peer);
  g_assert_finalize_object (map);
}

static void
count_cb (gpointer user_data)
{
  ++*(guint *) user_data;
}

typedef struct
{
  GSource source;

  guint n_turns;
} Counter;

static gboolean
counter_prepare (GSource *source,
                 int     *timeout)
{
  ((Counter *) source)->n_turns++;
  *timeout = -1;

  return FALSE;
}

static gboolean
do_nothing_cb (gpointer   user_data G_GNUC_UNUSED,
               GError   **error G_GNUC_UNUSED)
{
  return TRUE;
}

/* By the system's clock: with no channels the loop waits for the next call, and does not spin. */
static void
test_call_only (void)
{
  static GSourceFuncs funcs = { .prepare = counter_prepare };
  g_autoptr(GSource) source = g_source_new (&funcs, sizeof (Counter));
  g_autoptr(AsabTaskQueue) queue = asab_task_queue_new ();

  g_source_attach (source, NULL);
  g_object_unref (asab_call_later (0.02, do_nothing_cb, NULL, NULL, queue, NULL));
  g_assert_cmpuint (asab_task_queue_get_n_pending (queue), ==, 1);
  assert_loop (30, NULL, queue, -1);
  g_assert_cmpuint (asab_task_queue_get_n_pending (queue), ==, 0);
  g_assert_cmpuint (((Counter *) source)->n_turns, <, 20);
  g_source_destroy (source);
}

static void
test_last_channel (AsyncFixture  *fixture,
                   gconstpointer  data G_GNUC_UNUSED)
{
  int peer;
  Channel *channel = channel_new (NULL, &peer);

  g_assert_cmpint (write (peer, "x", 1), ==, 1);
  assert_loop (30, NULL, NULL, -1);
  async_assert_trace (fixture, "read");
  drop (channel, peer);
}

static void
test_exit_now (AsyncFixture  *fixture,
               gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(GError) error = NULL;
  int peers[2];
  Channel *channel = channel_new (NULL, &peers[0]);
  Channel *other = channel_new (NULL, &peers[1]);

  channel->exits = TRUE;
  g_assert_cmpint (write (peers[0], "x", 1), ==, 1);
  g_assert_false (asab_loop (30, NULL, NULL, -1, &error));
  g_assert_error (error, ASAB_ERROR, ASAB_ERROR_EXIT_NOW);
  async_assert_trace (fixture, "read");
  g_assert_false (asab_dispatcher_is_closed (ASAB_DISPATCHER (other)));

  drop (channel, peers[0]);
  drop (other, peers[1]);
}

static void
close_cb (gpointer user_data)
{
  asab_dispatcher_close (user_data);
}

/* The loop does not wait in vain when the last channel is closed by somebody else, or by itself between two passes. */
static void
test_closed_meanwhile (void)
{
  gint64 begin = g_get_monotonic_time ();
  int peer;
  Channel *channel = channel_new (NULL, &peer);

  g_idle_add_once (close_cb, channel);
  assert_loop (30, NULL, NULL, -1);
  drop (channel, peer);

  channel = channel_new (NULL, &peer);
  channel->closes = TRUE;
  assert_loop (30, NULL, NULL, -1);
  drop (channel, peer);
  g_assert_cmpint (g_get_monotonic_time () - begin, <, 20 * G_USEC_PER_SEC);
}

static gboolean
quit_cb (gpointer   user_data,
         GError   **error G_GNUC_UNUSED)
{
  asab_channel_map_quit (user_data);

  return TRUE;
}

static void
test_quit (void)
{
  g_autoptr(AsabChannelMap) map = asab_channel_map_dup_default ();
  int peer;
  Channel *channel = channel_new (map, &peer);

  g_object_unref (asab_call_later (0, quit_cb, map, NULL, NULL, NULL));
  assert_loop (30, map, NULL, -1);
  drop (channel, peer);
}

/* The calls of another queue wait until the loop is over, but are not lost. */
static void
test_own_queue (AsyncFixture  *fixture,
                gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabTaskQueue) queue = asab_task_queue_new ();

  g_object_unref (call_later (0, "other", NULL));
  g_object_unref (call_later (0, "own", queue));
  g_object_unref (call_later (0, "own2", queue));
  assert_loop (30, NULL, queue, -1);
  async_assert_trace (fixture, "ownown2");
  async_run_ready (fixture);
  async_assert_trace (fixture, "other");
}

static void
test_two_maps (AsyncFixture  *fixture,
               gconstpointer  data G_GNUC_UNUSED)
{
  AsabChannelMap *map = asab_channel_map_new ();
  int peers[2];
  Channel *own = channel_new (map, &peers[0]);
  Channel *other = channel_new (NULL, &peers[1]);

  g_assert_cmpint (write (peers[0], "x", 1), ==, 1);
  assert_loop (30, map, NULL, -1);
  async_assert_trace (fixture, "read");
  g_assert_true (asab_dispatcher_get_map (ASAB_DISPATCHER (other)) != map);

  drop (own, peers[0]);
  drop (other, peers[1]);
  g_assert_finalize_object (map);
}

static void
test_order (AsyncFixture  *fixture,
            gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabDelayedCall) early = call_later (0.06, "early", NULL);
  g_autoptr(AsabDelayedCall) last = call_later (0.02, "last", NULL);
  g_autoptr(AsabDelayedCall) second G_GNUC_UNUSED = call_later (0.05, "second", NULL);
  g_autoptr(AsabDelayedCall) same = call_later (0.05, "same", NULL);
  g_autoptr(AsabDelayedCall) never = call_later (0.01, "never", NULL);
  g_autoptr(GError) error = NULL;

  async_advance (fixture, 0.005);
  g_assert_true (asab_delayed_call_delay (early, 0.001, &error));
  g_assert_true (asab_delayed_call_delay (last, 0.07, &error));
  g_assert_true (asab_delayed_call_reset (same, &error));
  g_assert_true (asab_delayed_call_cancel (never, &error));
  g_assert_no_error (error);
  g_assert_true (asab_delayed_call_is_cancelled (never));
  g_assert_false (asab_delayed_call_is_pending (never));
  g_assert_true (asab_delayed_call_is_pending (early));

  async_advance (fixture, 0.1);
  async_assert_trace (fixture, "earlysecondsamelast");
  g_assert_false (asab_delayed_call_is_pending (early));
  g_assert_false (asab_delayed_call_is_cancelled (early));
}

static void
test_bad_calls (AsyncFixture  *fixture,
                gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabDelayedCall) call = call_later (1, "A", NULL);
  g_autoptr(GError) error = NULL;
  guint n_destroyed = 0;

  g_assert_null (asab_call_later (-1, call_cb, &n_destroyed, count_cb, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
  g_assert_cmpuint (n_destroyed, ==, 1);
  g_clear_error (&error);
  g_assert_false (asab_delayed_call_delay (call, NAN, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);
  g_assert_false (asab_loop (-1, NULL, NULL, -1, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);

  async_advance (fixture, 1);
  async_assert_trace (fixture, "A");
  g_assert_false (asab_delayed_call_cancel (call, &error));
  g_assert_error (error, ASAB_ERROR, ASAB_ERROR_CLOSED);
  g_clear_error (&error);
  g_assert_false (asab_delayed_call_reset (call, &error));
  g_assert_error (error, ASAB_ERROR, ASAB_ERROR_CLOSED);
}

static void
test_cancel_all (AsyncFixture  *fixture,
                 gconstpointer  data G_GNUC_UNUSED)
{
  AsabTaskQueue *queue = asab_task_queue_new ();
  guint n_destroyed = 0;

  g_object_unref (asab_call_later (1, call_cb, &n_destroyed, count_cb, queue, NULL));
  g_object_unref (asab_call_later (2, call_cb, &n_destroyed, count_cb, queue, NULL));
  asab_task_queue_cancel_all (queue);
  g_assert_cmpuint (n_destroyed, ==, 2);
  g_assert_finalize_object (queue);
  async_advance (fixture, 3);
  async_assert_trace (fixture, "");
}

static void
test_failing_call (AsyncFixture  *fixture,
                   gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(GError) error = NULL;

  g_object_unref (asab_call_later (0, fail_cb, NULL, NULL, NULL, NULL));
  g_object_unref (call_later (0, "A", NULL));
  g_assert_false (asab_loop (30, NULL, NULL, -1, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);

  assert_loop (30, NULL, NULL, -1);
  async_assert_trace (fixture, "A");

  /* Nobody is there to be told. */
  g_object_unref (asab_call_later (0, fail_cb, NULL, NULL, NULL, NULL));
  async_run_ready (fixture);
  async_assert_log (fixture, "*A delayed call failed: It broke*");
}

static gboolean
loop_in_fiber (gpointer   user_data G_GNUC_UNUSED,
               GValue    *result G_GNUC_UNUSED,
               GError   **error)
{
  return asab_loop (30, NULL, NULL, -1, error);
}

static void
test_fiber (AsyncFixture  *fixture,
            gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabFuture) future = asab_spawn (loop_in_fiber, NULL, NULL);

  async_run_ready (fixture);
  async_assert_error (future, ASAB_ERROR, ASAB_ERROR_DEADLOCK);
}

static void
add_tests (void)
{
  g_test_add_func ("/asab/loop/idle", test_idle);
  g_test_add_func ("/asab/loop/call-only", test_call_only);
  async_test_add ("/asab/loop/last-channel", test_last_channel);
  async_test_add ("/asab/loop/exit-now", test_exit_now);
  g_test_add_func ("/asab/loop/closed-meanwhile", test_closed_meanwhile);
  g_test_add_func ("/asab/loop/quit", test_quit);
  async_test_add ("/asab/loop/own-queue", test_own_queue);
  async_test_add ("/asab/loop/two-maps", test_two_maps);
  async_test_add ("/asab/loop/order", test_order);
  async_test_add ("/asab/loop/bad-calls", test_bad_calls);
  async_test_add ("/asab/loop/cancel-all", test_cancel_all);
  async_test_add ("/asab/loop/failing-call", test_failing_call);
  async_test_add ("/asab/loop/fiber", test_fiber);
}

int
main (int    argc,
      char **argv)
{
  return async_test_run (argc, argv, add_tests);
}
