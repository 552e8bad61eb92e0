/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Promises and fibers against what GIO has for the same, GTask; and what is measured by the clock alone. */

#include "bench.h"

#include <asab-glib/asab.h>

#define N_CALLS 2000

/* GTask, in a context that has no source of ours */

static GMainContext *task_context;
static guint n_tasks_left;

static void
return_task (GAsyncReadyCallback callback)
{
  GTask *task = g_task_new (NULL, NULL, callback, NULL);

  g_task_return_int (task, 1);
  g_object_unref (task);
}

static void
run_tasks (void)
{
  while (n_tasks_left > 0)
    g_main_context_iteration (task_context, TRUE);
}

static void
task_done_cb (GObject      *object G_GNUC_UNUSED,
              GAsyncResult *result,
              gpointer      user_data G_GNUC_UNUSED)
{
  g_assert_cmpint (g_task_propagate_int (G_TASK (result), NULL), ==, 1);
  n_tasks_left--;
}

/* All of them, then the loop: a turn of the loop serves many. */
static void
tasks_work (gpointer data G_GNUC_UNUSED,
            guint    n_calls)
{
  g_main_context_push_thread_default (task_context);
  n_tasks_left = n_calls;
  for (guint i = 0; i < n_calls; i++)
    return_task (task_done_cb);
  run_tasks ();
  g_main_context_pop_thread_default (task_context);
}

static void
next_task_cb (GObject      *object,
              GAsyncResult *result,
              gpointer      user_data)
{
  task_done_cb (object, result, user_data);
  if (n_tasks_left > 0)
    return_task (next_task_cb);
}

/* One after the other, as a sequence of waits is. */
static void
task_round_trip_work (gpointer data G_GNUC_UNUSED,
                      guint    n_calls)
{
  g_main_context_push_thread_default (task_context);
  n_tasks_left = n_calls;
  return_task (next_task_cb);
  run_tasks ();
  g_main_context_pop_thread_default (task_context);
}

/* A promise */

static void
promise_work (gpointer data G_GNUC_UNUSED,
              guint    n_calls)
{
  for (guint i = 0; i < n_calls; i++)
    {
      g_autoptr(AsabPromise) promise = asab_promise_new ();

      asab_promise_resolve_int64 (promise, 1);
      g_assert_cmpint (asab_future_get_int64 (asab_promise_get_future (promise), NULL), ==, 1);
    }
}

/* Fibers */

static void
run_fiber (AsabFiberFunc func,
           gpointer      data)
{
  g_autoptr(AsabFuture) future = asab_spawn (func, data, NULL);
  g_autoptr(GError) error = NULL;

  asab_run_until_complete (future, NULL, &error);
  g_assert_no_error (error);
}

static gboolean
child_fiber (gpointer   data G_GNUC_UNUSED,
             GValue    *result,
             GError   **error G_GNUC_UNUSED)
{
  g_value_init (result, G_TYPE_INT64);
  g_value_set_int64 (result, 1);

  return TRUE;
}

static gboolean
parent_fiber (gpointer   data,
              GValue    *result G_GNUC_UNUSED,
              GError   **error)
{
  guint n_calls = GPOINTER_TO_UINT (data);

  for (guint i = 0; i < n_calls; i++)
    {
      g_autoptr(AsabFuture) future = asab_spawn (child_fiber, NULL, NULL);

      if (asab_await_int64 (future, error) != 1)
        return FALSE;
    }

  return TRUE;
}

static void
spawn_work (gpointer data G_GNUC_UNUSED,
            guint    n_calls)
{
  run_fiber (parent_fiber, GUINT_TO_POINTER (n_calls));
}

/* Two fibers and a ball. With promises: who has the ball makes a promise for himself, keeps the other's, and waits. */

typedef struct
{
  guint n_hops;
  AsabPromise *waiting; /* (owned) (nullable): of the player without the ball */
} PromisePlay;

static void
pass_to (AsabPromise *promise)
{
  if (promise == NULL)
    return; /* the first one plays against nobody */

  asab_promise_resolve_int64 (promise, 1);
  asab_promise_unref (promise);
}

static gboolean
promise_player_fiber (gpointer   data,
                      GValue    *result G_GNUC_UNUSED,
                      GError   **error)
{
  PromisePlay *play = data;

  for (guint i = 0; i < play->n_hops / 2; i++)
    {
      AsabPromise *other = play->waiting;
      g_autoptr(AsabFuture) turn = NULL;

      play->waiting = asab_promise_new ();
      turn = asab_future_ref (asab_promise_get_future (play->waiting));
      pass_to (other);
      if (asab_await_int64 (turn, error) != 1)
        return FALSE;
    }
  pass_to (g_steal_pointer (&play->waiting));

  return TRUE;
}

static void
promise_hop_work (gpointer data G_GNUC_UNUSED,
                  guint    n_calls)
{
  PromisePlay play = { n_calls, NULL };
  g_autoptr(AsabFuture) first = asab_spawn (promise_player_fiber, &play, NULL);

  run_fiber (promise_player_fiber, &play);
  asab_run_until_complete (first, NULL, NULL);
}

typedef struct
{
  guint n_hops;
  AsabEvent *turns[2];
} EventPlay;

static gboolean
take_turn (AsabEvent  *turn,
           GError    **error)
{
  if (!asab_event_await (turn, error))
    return FALSE;
  asab_event_clear (turn);

  return TRUE;
}

static gboolean
serving_fiber (gpointer   data,
               GValue    *result G_GNUC_UNUSED,
               GError   **error)
{
  EventPlay *play = data;

  for (guint i = 0; i < play->n_hops / 2; i++)
    {
      asab_event_set (play->turns[1]);
      if (!take_turn (play->turns[0], error))
        return FALSE;
    }

  return TRUE;
}

static gboolean
returning_fiber (gpointer   data,
                 GValue    *result G_GNUC_UNUSED,
                 GError   **error)
{
  EventPlay *play = data;

  for (guint i = 0; i < play->n_hops / 2; i++)
    {
      if (!take_turn (play->turns[1], error))
        return FALSE;
      asab_event_set (play->turns[0]);
    }

  return TRUE;
}

static void
event_hop_work (gpointer data G_GNUC_UNUSED,
                guint    n_calls)
{
  g_autoptr(AsabEvent) first = asab_event_new ();
  g_autoptr(AsabEvent) second = asab_event_new ();
  EventPlay play = { n_calls, { first, second } };
  g_autoptr(AsabFuture) returning = asab_spawn (returning_fiber, &play, NULL);

  run_fiber (serving_fiber, &play);
  asab_run_until_complete (returning, NULL, NULL);
}

/* A cache that has the value */

static AsabFuture *
load_one (const char  *key G_GNUC_UNUSED,
          gpointer     user_data G_GNUC_UNUSED,
          GError     **error G_GNUC_UNUSED)
{
  g_autoptr(AsabPromise) promise = asab_promise_new ();

  asab_promise_resolve_int64 (promise, 1);

  return asab_future_ref (asab_promise_get_future (promise));
}

static void
cache_hit_work (gpointer data,
                guint    n_calls)
{
  AsabRefreshCache *cache = data;

  for (guint i = 0; i < n_calls; i++)
    {
      g_autoptr(AsabFuture) future = asab_refresh_cache_get (cache, "a key of 16 char");

      g_assert_cmpint (asab_future_get_int64 (future, NULL), ==, 1);
    }
}

static void
bench_cache (void)
{
  g_autoptr(AsabRefreshCache) cache = asab_refresh_cache_new (3600, 1, NULL);
  g_autoptr(AsabFuture) loaded = NULL;

  asab_refresh_cache_set_default_loader (cache, load_one, NULL, NULL);
  loaded = asab_refresh_cache_load_item (cache, "a key of 16 char");
  asab_run_until_complete (loaded, NULL, NULL);
  bench_run (&(BenchCase) { .name = "cache: hit, read, unref", .target = 200,
                            .ours = { cache_hit_work, cache, 5 * N_CALLS, NULL } });
}

/* An accessor. The reader tells the writer that it waits, so that each write finds it waiting. */

typedef struct
{
  AsabAccessor *accessor;
  AsabEvent *reader_waits;
  guint n_writes;
} AccessorPlay;

static gboolean
reading_fiber (gpointer   data,
               GValue    *result G_GNUC_UNUSED,
               GError   **error)
{
  AccessorPlay *play = data;

  for (guint i = 0; i < play->n_writes; i++)
    {
      g_autoptr(AsabFuture) read = asab_accessor_get (play->accessor);

      asab_event_set (play->reader_waits);
      if (asab_await_int64 (read, error) != i)
        return FALSE;
    }

  return TRUE;
}

static gboolean
writing_fiber (gpointer   data,
               GValue    *result G_GNUC_UNUSED,
               GError   **error)
{
  AccessorPlay *play = data;
  GValue value = G_VALUE_INIT;

  g_value_init (&value, G_TYPE_INT64);
  for (guint i = 0; i < play->n_writes; i++)
    {
      g_autoptr(AsabFuture) write = NULL;

      if (!take_turn (play->reader_waits, error))
        return FALSE;
      g_value_set_int64 (&value, i);
      write = asab_accessor_set (play->accessor, &value);
      if (!asab_await (write, error))
        return FALSE;
    }

  return TRUE;
}

static void
accessor_work (gpointer data G_GNUC_UNUSED,
               guint    n_calls)
{
  g_autoptr(AsabAccessor) accessor = asab_accessor_new (NULL, NULL);
  g_autoptr(AsabEvent) reader_waits = asab_event_new ();
  AccessorPlay play = { accessor, reader_waits, n_calls };
  g_autoptr(AsabFuture) reading = asab_spawn (reading_fiber, &play, NULL);

  run_fiber (writing_fiber, &play);
  asab_run_until_complete (reading, NULL, NULL);
}

int
main (int   argc,
      char *argv[])
{
  const BenchSide round_trip = { task_round_trip_work, NULL, N_CALLS, NULL };

  bench_init ("async", argc, argv);
  task_context = g_main_context_new ();

  bench_run (&(BenchCase) { "promise: new, resolve, read, unref", "GTask create and return", BENCH_FASTER, 12,
                            { promise_work, NULL, 5 * N_CALLS, NULL },
                            { tasks_work, NULL, N_CALLS, NULL } });
  bench_run (&(BenchCase) { "fiber: spawn, run, await, end", "GTask round trip", BENCH_FASTER, 2,
                            { spawn_work, NULL, N_CALLS, NULL }, round_trip });
  bench_run (&(BenchCase) { "fiber to fiber, a new promise each hop", "GTask round trip", BENCH_FASTER, 6,
                            { promise_hop_work, NULL, 2 * N_CALLS, NULL }, round_trip });
  bench_run (&(BenchCase) { "fiber to fiber by AsabEvent, per hop", "GTask round trip", BENCH_FASTER, 10,
                            { event_hop_work, NULL, 2 * N_CALLS, NULL }, round_trip });

  bench_cache ();

  bench_run (&(BenchCase) { "accessor set, one waiting reader", "fiber to fiber, a new promise each hop",
                            BENCH_AT_MOST, 3,
                            { accessor_work, NULL, N_CALLS, NULL },
                            { promise_hop_work, NULL, 2 * N_CALLS, NULL } });

  g_main_context_unref (task_context);

  return 0;
}
