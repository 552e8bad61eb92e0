/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What one more object costs, in bytes of the heap, or for a fiber, which has a stack, in resident memory. */

#include "bench.h"

#include <asab-glib/asab.h>

#include <malloc.h>
#include <stdio.h>
#include <unistd.h>

#define N_OBJECTS 10000
#define N_FIBERS 30000

typedef void (*Make) (void);
typedef double (*Measure) (void);

static AsabPubSub *bus;
static GCancellable *emitter;

static double
get_heap (void)
{
  struct mallinfo2 info = mallinfo2 ();

  return (double) (info.uordblks + info.hblkhd);
}

static double
get_resident (void)
{
  unsigned long size;
  unsigned long resident;
  FILE *file = fopen ("/proc/self/statm", "r");

  g_assert_nonnull (file);
  g_assert_cmpint (fscanf (file, "%lu %lu", &size, &resident), ==, 2);
  fclose (file);

  return (double) resident * (double) sysconf (_SC_PAGESIZE);
}

static double
measure (Make    make,
         Measure get)
{
  double before;

  make (); /* the first one brings its class along */
  before = get ();
  for (guint i = 0; i < N_OBJECTS; i++)
    make ();

  return (get () - before) / N_OBJECTS;
}

static void
make_promise (void)
{
  g_assert_nonnull (asab_promise_new ());
}

static void
make_task (void)
{
  g_assert_nonnull (g_task_new (NULL, NULL, NULL, NULL));
}

static AsabFuture *
never_cb (AsabTimer *timer G_GNUC_UNUSED,
          gpointer   user_data G_GNUC_UNUSED)
{
  g_assert_not_reached ();
}

static void
make_timer (void)
{
  asab_timer_start (asab_timer_new (never_cb, NULL, NULL, FALSE), 3600, NULL);
}

static gboolean
never_source_cb (gpointer user_data G_GNUC_UNUSED)
{
  g_assert_not_reached ();
}

static void
make_timeout_source (void)
{
  g_timeout_add_seconds (3600, never_source_cb, NULL);
}

static AsabFuture *
message_cb (AsabPubSub   *pubsub G_GNUC_UNUSED,
            AsabMessage  *message G_GNUC_UNUSED,
            gpointer      user_data G_GNUC_UNUSED,
            GError      **error G_GNUC_UNUSED)
{
  return NULL;
}

static void
make_subscription (void)
{
  asab_pubsub_subscribe (bus, "Topic!", message_cb, NULL, NULL);
}

static void
make_handler (void)
{
  g_signal_connect (emitter, "cancelled", G_CALLBACK (never_source_cb), NULL);
}

static gboolean
waiting_fiber (gpointer   data G_GNUC_UNUSED,
               GValue    *result G_GNUC_UNUSED,
               GError   **error)
{
  return asab_fiber_sleep (3600, error);
}

static void
make_fibers (AsabFuture **futures)
{
  for (guint i = 0; i < N_FIBERS; i++)
    futures[i] = asab_spawn (waiting_fiber, NULL, NULL);
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

/* Returns: KiB */
static double
measure_fiber (void)
{
  g_autofree AsabFuture **futures = g_new (AsabFuture *, N_FIBERS);
  double before = get_resident ();
  double after;

  make_fibers (futures);
  after = get_resident ();

  for (guint i = 0; i < N_FIBERS; i++)
    {
      g_assert_false (asab_future_is_done (futures[i]));
      asab_future_cancel (futures[i]);
    }
  for (guint i = 0; i < N_FIBERS; i++)
    {
      asab_run_until_complete (futures[i], NULL, NULL);
      asab_future_unref (futures[i]);
    }

  return (after - before) / 1024 / N_FIBERS;
}

int
main (int   argc,
      char *argv[])
{
  bench_init ("memory", argc, argv);

  bus = asab_pubsub_new ();
  emitter = g_cancellable_new ();

  bench_report ("30,000 fibers waiting on a timer, resident each", "KiB", measure_fiber (), NULL, 0, 12);
  bench_report ("a promise with its future", "bytes", measure (make_promise, get_heap),
                "GTask", measure (make_task, get_heap), 0);
  bench_report ("a pending timer", "bytes", measure (make_timer, get_heap),
                "timeout source", measure (make_timeout_source, get_heap), 0);
  bench_report ("a subscription", "bytes", measure (make_subscription, get_heap),
                "signal handler", measure (make_handler, get_heap), 0);

  g_object_unref (emitter);
  g_object_unref (bus);

  return 0;
}
