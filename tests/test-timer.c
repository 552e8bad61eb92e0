/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "async-fixture.h"

#include <math.h>

static AsabFuture *
trace_cb (AsabTimer *timer G_GNUC_UNUSED,
          gpointer   user_data)
{
  async_trace (user_data);

  return NULL;
}

static AsabTimer *
new_timer (const char *what)
{
  return asab_timer_new (trace_cb, (gpointer) what, NULL, FALSE);
}

static void
start (AsabTimer *timer,
       double     seconds)
{
  g_autoptr(GError) error = NULL;

  g_assert_true (asab_timer_start (timer, seconds, &error));
  g_assert_no_error (error);
}

static void
test_start (AsyncFixture  *fixture,
            gconstpointer  data G_GNUC_UNUSED)
{
  AsabTimer *timer = new_timer ("A");

  g_assert_false (asab_timer_is_started (timer));
  g_assert_false (asab_timer_get_auto_restart (timer));
  start (timer, 1);
  g_assert_true (asab_timer_is_started (timer));
  async_advance (fixture, 0.999999);
  async_assert_trace (fixture, "");
  async_advance (fixture, 0.000001);
  async_assert_trace (fixture, "A");
  g_assert_false (asab_timer_is_started (timer));
  async_advance (fixture, 10);
  async_assert_trace (fixture, "");

  start (timer, 0);
  async_run_ready (fixture);
  async_assert_trace (fixture, "A");
  g_assert_finalize_object (timer);
}

static void
test_stop (AsyncFixture  *fixture,
           gconstpointer  data G_GNUC_UNUSED)
{
  AsabTimer *timer = new_timer ("A");

  asab_timer_stop (timer);
  start (timer, 1);
  asab_timer_stop (timer);
  g_assert_false (asab_timer_is_started (timer));
  async_advance (fixture, 2);
  async_assert_trace (fixture, "");
  g_assert_finalize_object (timer);
}

static void
test_restart (AsyncFixture  *fixture,
              gconstpointer  data G_GNUC_UNUSED)
{
  AsabTimer *timer = new_timer ("A");

  g_assert_true (asab_timer_restart (timer, 1, NULL));
  async_advance (fixture, 0.9);
  g_assert_true (asab_timer_restart (timer, 1, NULL));
  async_advance (fixture, 0.9);
  async_assert_trace (fixture, "");
  async_advance (fixture, 0.1);
  async_assert_trace (fixture, "A");
  g_assert_finalize_object (timer);
}

static void
test_errors (AsyncFixture  *fixture,
             gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabTimer) timer = new_timer ("A");
  g_autoptr(GError) error = NULL;

  g_assert_false (asab_timer_start (timer, -0.1, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);
  g_assert_false (asab_timer_start (timer, NAN, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);
  g_assert_false (asab_timer_is_started (timer));

  start (timer, 1);
  g_assert_false (asab_timer_start (timer, 2, &error));
  g_assert_error (error, ASAB_ERROR, ASAB_ERROR_ALREADY_STARTED);
  g_clear_error (&error);
  g_assert_false (asab_timer_restart (timer, -1, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
  async_advance (fixture, 1);
  async_assert_trace (fixture, "A");
}

/* A started timer needs nobody else; a timer that never triggers can be stopped. */
static void
test_references (AsyncFixture  *fixture,
                 gconstpointer  data G_GNUC_UNUSED)
{
  AsabTimer *alone = new_timer ("A");
  AsabTimer *never = new_timer ("B");
  AsabTimer *stopped = new_timer ("C");

  start (alone, 1);
  g_object_add_weak_pointer (G_OBJECT (alone), (gpointer *) &alone);
  g_object_unref (alone);
  g_assert_nonnull (alone);
  start (stopped, 1);
  g_object_add_weak_pointer (G_OBJECT (stopped), (gpointer *) &stopped);
  g_object_unref (stopped);
  g_assert_nonnull (stopped);
  asab_timer_stop (stopped);
  g_assert_null (stopped);
  start (never, INFINITY);
  async_advance (fixture, 1e6);
  async_assert_trace (fixture, "A");
  g_assert_null (alone);
  g_assert_true (asab_timer_is_started (never));
  asab_timer_stop (never);
  g_assert_finalize_object (never);
}

static void
test_auto_restart (AsyncFixture  *fixture,
                   gconstpointer  data G_GNUC_UNUSED)
{
  AsabTimer *timer = asab_timer_new (trace_cb, (gpointer) "A", NULL, TRUE);
  gboolean auto_restart;

  g_object_get (timer, "auto-restart", &auto_restart, NULL);
  g_assert_true (auto_restart);
  start (timer, 0.1);
  for (guint i = 0; i < 20; i++)
    async_advance (fixture, 0.1);
  async_assert_trace (fixture, "AAAAAAAAAAAAAAAAAAAA");

  /* Late by less than a period: the next one is on time again. */
  async_advance (fixture, 0.15);
  async_assert_trace (fixture, "A");
  async_advance (fixture, 0.05);
  async_assert_trace (fixture, "A");

  /* After a long pause there is one, not as many as were missed. */
  async_advance (fixture, 1000.05);
  async_assert_trace (fixture, "A");
  async_advance (fixture, 0.05);
  async_assert_trace (fixture, "A");

  asab_timer_stop (timer);
  g_assert_finalize_object (timer);
}

static AsabFuture *
stop_cb (AsabTimer *timer,
         gpointer   user_data)
{
  async_trace (user_data);
  asab_timer_stop (timer);

  return NULL;
}

static AsabFuture *
start_again_cb (AsabTimer *timer,
                gpointer   user_data)
{
  async_trace (user_data);
  start (timer, 0);

  return NULL;
}

static void
trace_destroy_cb (gpointer user_data G_GNUC_UNUSED)
{
  async_trace ("D");
}

static void
test_in_handler (AsyncFixture  *fixture,
                 gconstpointer  data G_GNUC_UNUSED)
{
  AsabTimer *stopped = asab_timer_new (stop_cb, (gpointer) "S", trace_destroy_cb, TRUE);
  g_autoptr(AsabTimer) again = asab_timer_new (start_again_cb, (gpointer) "R", NULL, FALSE);

  start (stopped, 1);
  g_object_unref (stopped);
  async_advance (fixture, 5);
  async_assert_trace (fixture, "SD");

  /* What is started by a handler, and due at once, does not hold up the main loop. */
  start (again, 0);
  g_main_context_iteration (fixture->context, FALSE);
  async_assert_trace (fixture, "R");
  g_main_context_iteration (fixture->context, FALSE);
  async_assert_trace (fixture, "R");
  asab_timer_stop (again);
}

static AsabFuture *
fail_cb (AsabTimer *timer G_GNUC_UNUSED,
         gpointer   user_data G_GNUC_UNUSED)
{
  return asab_future_new_take_error (g_error_new_literal (G_IO_ERROR, G_IO_ERROR_BUSY, "busy"));
}

static void
test_failure (AsyncFixture  *fixture,
              gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabTimer) timer = asab_timer_new (fail_cb, NULL, NULL, FALSE);

  start (timer, 1);
  async_advance (fixture, 1);
  async_assert_log (fixture, "The handler of a timer failed: busy\n");
}

static void
test_order (AsyncFixture  *fixture,
            gconstpointer  data G_GNUC_UNUSED)
{
  const char *names[] = { "A", "B", "C", "D", "E", "F", "G", "H", "I", "J" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr(AsabTimer) timer = new_timer (names[i]);

      start (timer, 1);
    }
  async_advance (fixture, 1);
  async_assert_trace (fixture, "ABCDEFGHIJ");
}

#define N_TIMERS 10000

typedef struct
{
  gint64 when;   /* 0 while it is stopped */
  guint turn;    /* of its start */
  AsabTimer *timer;
} Reference;

typedef struct
{
  Reference *references;
  gint64 last_when;
  guint last_turn;
  guint n_triggered;
} Many;

static Many many;

static AsabFuture *
check_order_cb (AsabTimer *timer,
                gpointer   user_data)
{
  Reference *reference = user_data;

  g_assert_true (timer == reference->timer);
  g_assert_cmpint (reference->when, >, 0);
  g_assert_cmpint (reference->when, <=, asab_get_time ());
  if (reference->when == many.last_when)
    g_assert_cmpuint (reference->turn, >, many.last_turn);
  else
    g_assert_cmpint (reference->when, >, many.last_when);
  many.last_when = reference->when;
  many.last_turn = reference->turn;
  many.n_triggered++;
  reference->when = 0;

  return NULL;
}

static guint
count_started (void)
{
  guint n = 0;

  for (guint i = 0; i < N_TIMERS; i++)
    {
      g_assert_cmpint (asab_timer_is_started (many.references[i].timer), ==, many.references[i].when != 0);
      if (many.references[i].when != 0)
        n++;
    }

  return n;
}

static void
start_or_stop (guint turn)
{
  Reference *reference = &many.references[g_test_rand_int_range (0, N_TIMERS)];
  int milliseconds = g_test_rand_int_range (1, 1000);

  if (reference->when != 0 && g_test_rand_bit ())
    {
      asab_timer_stop (reference->timer);
      reference->when = 0;
      return;
    }

  asab_timer_restart (reference->timer, milliseconds / 1000.0, NULL);
  reference->when = asab_get_time () + milliseconds * 1000;
  reference->turn = turn;
}

static void
test_many (AsyncFixture  *fixture,
           gconstpointer  data G_GNUC_UNUSED)
{
  guint turn = 0;

  many = (Many) { g_new0 (Reference, N_TIMERS), 0, 0, 0 };
  for (guint i = 0; i < N_TIMERS; i++)
    many.references[i].timer = asab_timer_new (check_order_cb, &many.references[i], NULL, FALSE);

  for (guint round = 0; round < 20; round++)
    {
      guint n_before;

      for (guint i = 0; i < N_TIMERS / 5; i++)
        start_or_stop (++turn);
      n_before = count_started ();
      many.n_triggered = 0;
      async_advance (fixture, 0.1);
      g_assert_cmpuint (count_started () + many.n_triggered, ==, n_before);
      for (guint i = 0; i < N_TIMERS; i++)
        g_assert_true (many.references[i].when == 0 || many.references[i].when > asab_get_time ());
    }

  for (guint i = 0; i < N_TIMERS; i++)
    {
      asab_timer_stop (many.references[i].timer);
      g_assert_finalize_object (many.references[i].timer);
    }
  g_free (many.references);
}

/* What was 1.001 seconds in decimal is due when the clock was moved by that much. */
static void
test_rounding (AsyncFixture  *fixture,
               gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabTimer) timer = new_timer ("A");

  for (int microseconds = 1; microseconds < 2000; microseconds++)
    {
      start (timer, microseconds / 1e6);
      asab_clock_advance (fixture->clock, microseconds / 1e6);
      g_main_context_iteration (fixture->context, FALSE);
      async_assert_trace (fixture, "A");
    }
}

typedef struct
{
  AsabTimer *timer;
  gint64 not_before;
  guint *n_pending;
} Punctual;

static AsabFuture *
punctual_cb (AsabTimer *timer G_GNUC_UNUSED,
             gpointer   user_data)
{
  Punctual *punctual = user_data;

  g_assert_cmpint (g_get_monotonic_time (), >=, punctual->not_before);
  --*punctual->n_pending;

  return NULL;
}

/* By the system's clock: starting a timer does not look at it each time. */
static void
test_never_early (void)
{
  Punctual punctuals[200];
  guint n_pending = G_N_ELEMENTS (punctuals);

  for (guint i = 0; i < G_N_ELEMENTS (punctuals); i++)
    {
      double seconds = 0.1 + 0.001 * i;

      punctuals[i].timer = asab_timer_new (punctual_cb, &punctuals[i], NULL, FALSE);
      punctuals[i].n_pending = &n_pending;
      punctuals[i].not_before = g_get_monotonic_time () + (gint64) (seconds * G_USEC_PER_SEC);
      start (punctuals[i].timer, seconds);
    }

  while (n_pending > 0)
    g_main_context_iteration (NULL, TRUE);

  for (guint i = 0; i < G_N_ELEMENTS (punctuals); i++)
    g_assert_finalize_object (punctuals[i].timer);
}

static void
add_tests (void)
{
  async_test_add ("/asab/timer/start", test_start);
  async_test_add ("/asab/timer/stop", test_stop);
  async_test_add ("/asab/timer/restart", test_restart);
  async_test_add ("/asab/timer/errors", test_errors);
  async_test_add ("/asab/timer/references", test_references);
  async_test_add ("/asab/timer/auto-restart", test_auto_restart);
  async_test_add ("/asab/timer/in-handler", test_in_handler);
  async_test_add ("/asab/timer/failure", test_failure);
  async_test_add ("/asab/timer/order", test_order);
  async_test_add ("/asab/timer/many", test_many);
  async_test_add ("/asab/timer/rounding", test_rounding);
  g_test_add_func ("/asab/timer/never-early", test_never_early);
}

int
main (int    argc,
      char **argv)
{
  return async_test_run (argc, argv, add_tests);
}
