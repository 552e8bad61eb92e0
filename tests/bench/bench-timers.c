/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Timers while very many are pending, against libev's. No timer is ever due. Times and the order of cancelling are
 * random, and the same on both sides; there are too many timers for the caches near the processor.
 */

#include "bench.h"

#include <asab-glib/asab.h>

#include <ev.h>
#include <glib-unix.h>
#include <unistd.h>

#define N_PENDING 100000
#define N_CALLS 100000
#define N_TURNS 500

/* The first ones stay, the others come and go. */
static double seconds[N_PENDING + N_CALLS];
static AsabTimer *timers[N_PENDING + N_CALLS];
static AsabTimer *shuffled_timers[N_CALLS];
static struct ev_loop *loop;
static ev_timer ev_timers[N_PENDING + N_CALLS];
static ev_timer *shuffled_ev_timers[N_CALLS];

static AsabFuture *
never_cb (AsabTimer *timer G_GNUC_UNUSED,
          gpointer   user_data G_GNUC_UNUSED)
{
  g_assert_not_reached ();
}

static void
never_ev_cb (struct ev_loop *ev_loop G_GNUC_UNUSED,
             ev_timer       *timer G_GNUC_UNUSED,
             int             events G_GNUC_UNUSED)
{
  g_assert_not_reached ();
}

static void
make_timers (void)
{
  g_autoptr(GRand) rand = g_rand_new_with_seed (1);

  for (guint i = 0; i < N_PENDING + N_CALLS; i++)
    {
      seconds[i] = g_rand_double_range (rand, 30, 40);
      timers[i] = asab_timer_new (never_cb, NULL, NULL, FALSE);
    }

  for (guint i = 0; i < N_CALLS; i++)
    {
      guint other = (guint) g_rand_int_range (rand, 0, (gint32) i + 1);

      shuffled_timers[i] = shuffled_timers[other];
      shuffled_timers[other] = timers[N_PENDING + i];
      shuffled_ev_timers[i] = shuffled_ev_timers[other];
      shuffled_ev_timers[other] = &ev_timers[N_PENDING + i];
    }
}

static void
arm (gpointer data G_GNUC_UNUSED,
     guint    n_calls)
{
  for (guint i = N_PENDING; i < N_PENDING + n_calls; i++)
    asab_timer_start (timers[i], seconds[i], NULL);
}

/* Those that are due before all that are pending. */
static void
arm_short (gpointer data G_GNUC_UNUSED,
           guint    n_calls)
{
  for (guint i = N_PENDING; i < N_PENDING + n_calls; i++)
    asab_timer_start (timers[i], seconds[i] / 1000, NULL);
}

static void
cancel (gpointer data G_GNUC_UNUSED,
        guint    n_calls)
{
  for (guint i = 0; i < n_calls; i++)
    asab_timer_stop (shuffled_timers[i]);
}

static void
arm_ev (gpointer data G_GNUC_UNUSED,
        guint    n_calls)
{
  for (guint i = N_PENDING; i < N_PENDING + n_calls; i++)
    {
      ev_timer_init (&ev_timers[i], never_ev_cb, seconds[i], 0);
      ev_timer_start (loop, &ev_timers[i]);
    }
}

static void
arm_short_ev (gpointer data G_GNUC_UNUSED,
              guint    n_calls)
{
  for (guint i = N_PENDING; i < N_PENDING + n_calls; i++)
    {
      ev_timer_init (&ev_timers[i], never_ev_cb, seconds[i] / 1000, 0);
      ev_timer_start (loop, &ev_timers[i]);
    }
}

static void
cancel_ev (gpointer data G_GNUC_UNUSED,
           guint    n_calls)
{
  for (guint i = 0; i < n_calls; i++)
    ev_timer_stop (loop, shuffled_ev_timers[i]);
}

static void
bench_arm_and_cancel (void)
{
  for (guint i = 0; i < N_PENDING; i++)
    {
      asab_timer_start (timers[i], seconds[i], NULL);
      ev_timer_init (&ev_timers[i], never_ev_cb, seconds[i], 0);
      ev_timer_start (loop, &ev_timers[i]);
    }

  bench_run (&(BenchCase) { "arm, 100,000 pending", "libev", BENCH_AT_MOST, 2.0,
                            { arm, NULL, N_CALLS, cancel },
                            { arm_ev, NULL, N_CALLS, cancel_ev } });
  bench_run (&(BenchCase) { "arm, 30 to 40 ms, 100,000 pending", "libev", BENCH_AT_MOST, 2.0,
                            { arm_short, NULL, N_CALLS, cancel },
                            { arm_short_ev, NULL, N_CALLS, cancel_ev } });
  cancel (NULL, N_CALLS);
  cancel_ev (NULL, N_CALLS);
  bench_run (&(BenchCase) { "cancel, 100,000 pending", "libev", BENCH_AT_MOST, 2.0,
                            { cancel, NULL, N_CALLS, arm },
                            { cancel_ev, NULL, N_CALLS, arm_ev } });
}

/* A turn of the loop is a byte that goes through a pipe. */

typedef struct
{
  GMainContext *context;
  int fds[2];
} Turner;

static gboolean
readable_cb (int          fd,
             GIOCondition condition G_GNUC_UNUSED,
             gpointer     user_data G_GNUC_UNUSED)
{
  char byte;

  g_assert_cmpint (read (fd, &byte, 1), ==, 1);

  return G_SOURCE_CONTINUE;
}

static void
turner_init (Turner       *self,
             GMainContext *context)
{
  GSource *source;

  self->context = context;
  g_assert_cmpint (pipe (self->fds), ==, 0);
  source = g_unix_fd_source_new (self->fds[0], G_IO_IN);
  g_source_set_callback (source, G_SOURCE_FUNC (readable_cb), NULL, NULL);
  g_source_attach (source, context);
  g_source_unref (source);
}

static void
turn (gpointer data,
      guint    n_calls)
{
  Turner *self = data;

  for (guint i = 0; i < n_calls; i++)
    {
      g_assert_cmpint (write (self->fds[1], "x", 1), ==, 1);
      g_main_context_iteration (self->context, FALSE);
    }
}

static void
bench_turn (void)
{
  g_autoptr(GMainContext) context = g_main_context_new ();
  g_autoptr(AsabTimer) timer = NULL;
  Turner full;
  Turner empty;

  turner_init (&full, g_main_context_default ());
  turner_init (&empty, context);

  /* One that was there leaves what ours adds to a context. */
  g_main_context_push_thread_default (context);
  timer = asab_timer_new (never_cb, NULL, NULL, FALSE);
  asab_timer_start (timer, 1, NULL);
  asab_timer_stop (timer);
  g_main_context_pop_thread_default (context);

  bench_run (&(BenchCase) { "turn of the loop, 100,000 pending", "none pending", BENCH_AT_MOST, 1.1,
                            { turn, &full, N_TURNS, NULL },
                            { turn, &empty, N_TURNS, NULL } });
}

int
main (int   argc,
      char *argv[])
{
  bench_init ("timers", argc, argv);

  loop = ev_default_loop (EVBACKEND_EPOLL);
  make_timers ();
  bench_arm_and_cancel ();
  bench_turn ();

  return 0;
}
