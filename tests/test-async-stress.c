/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Everything at once: fibers that wait for each other and for what they share, while futures are cancelled and dropped
 * and objects go away at random. Nothing may be left in the end.
 *
 * The first line of the output has the seed. With it the same happens again: `test-async-stress --seed=R02S…`. The
 * environment variable ASAB_STRESS_ROUNDS sets how many rounds are played.
 */

#include "async-stress.h"

#define N_ROUNDS 100
#define N_TURNS 200
#define N_ROOTS 6
#define MAX_ACTORS 60
#define MAX_DEPTH 3
#define MAX_LAST_TURNS 1000

/* A number from 0 up to, and without, @end. */
int
stress_random (int end)
{
  return g_test_rand_int_range (0, end);
}

gboolean
stress_one_in (int n)
{
  return stress_random (n) == 0;
}

static void
object_gone_cb (gpointer  data,
                GObject  *object)
{
  g_ptr_array_remove_fast (((World *) data)->objects, object);
}

/* Notes an object as long as it lives. */
void
stress_watch (World    *world,
              gpointer  object)
{
  g_ptr_array_add (world->objects, object);
  g_object_weak_ref (object, object_gone_cb, world);
}

void
stress_cancel_one (World *world)
{
  g_autoptr(AsabFuture) future = NULL;

  if (world->futures->len == 0)
    return;
  future = asab_future_ref (g_ptr_array_index (world->futures, stress_random (world->futures->len)));
  asab_future_cancel (future);
}

void
stress_drop_one (World *world)
{
  if (world->futures->len > 0)
    g_ptr_array_remove_index_fast (world->futures, stress_random (world->futures->len));
}

static void
actor_free (gpointer data)
{
  Actor *self = data;

  g_ptr_array_remove_fast (self->world->actors, self);
  g_clear_pointer (&self->future, asab_future_unref);
  g_free (self);
}

/* The body of an actor. It gets over all errors but its own cancellation, after which it may have to clean up. */
static gboolean
act (gpointer   data,
     GValue    *result G_GNUC_UNUSED,
     GError   **error)
{
  Actor *self = data;

  for (int i = 1 + stress_random (6); i > 0; i--)
    {
      g_autoptr(GError) local = NULL;

      if (stress_do_step (self, &local) || !asab_fiber_is_cancelled ())
        continue;

      if (stress_one_in (2))
        {
          g_auto(AsabShield) shield G_GNUC_UNUSED = asab_shield_begin ();

          asab_fiber_sleep (0.1, NULL);
        }
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "cancelled");
      return FALSE;
    }

  return TRUE;
}

/* Returns: (transfer full) (nullable): the future of a new actor, NULL if there are enough */
AsabFuture *
stress_start_actor (World    *world,
                    guint     depth,
                    gboolean  in_nursery)
{
  AsabFuture *future;
  Actor *actor;

  if (world->is_ending || world->n_started == MAX_ACTORS || depth > MAX_DEPTH)
    return NULL;

  world->n_started++;
  actor = g_new0 (Actor, 1);
  actor->world = world;
  actor->depth = depth;
  g_ptr_array_add (world->actors, actor);
  if (in_nursery)
    future = asab_task_nursery_spawn (world->nursery, "actor", act, actor, actor_free, NULL);
  else
    future = asab_spawn (act, actor, actor_free);
  if (future != NULL)
    actor->future = asab_future_ref (future);

  return future;
}

static void
start_root (World *world)
{
  AsabFuture *future = stress_start_actor (world, 0, stress_one_in (2));

  if (future != NULL)
    g_ptr_array_add (world->futures, future);
}

static void
disturb (World *world)
{
  switch (stress_random (10))
    {
    case 0:
      async_advance (world->fixture, stress_random (20) / 10.0);
      break;
    case 1:
      stress_cancel_one (world);
      break;
    case 2:
      stress_drop_one (world);
      break;
    case 3:
      if (stress_one_in (4))
        stress_replace_object (world);
      break;
    case 4:
      if (stress_one_in (16))
        asab_future_unref (asab_task_nursery_close (world->nursery));
      break;
    case 5:
      start_root (world);
      break;
    default:
      g_main_context_iteration (world->fixture->context, FALSE);
    }
}

static void
cancel_all (World *world)
{
  for (guint i = 0; i < world->actors->len; i++)
    {
      Actor *actor = g_ptr_array_index (world->actors, i);

      asab_future_cancel (actor->future);
    }
  for (guint i = 0; i < world->futures->len; i++)
    asab_future_cancel (g_ptr_array_index (world->futures, i));
  for (guint i = 0; i < world->timers->len; i++)
    asab_timer_stop (g_ptr_array_index (world->timers, i));
}

/* Ends what goes on, for which those who clean up need time. */
static void
end_all (World *world)
{
  g_autoptr(AsabFuture) closed = NULL;
  g_autoptr(AsabFuture) stopped = NULL;
  int n_turns = 0;

  world->is_ending = TRUE;
  closed = asab_task_nursery_close (world->nursery);
  stopped = asab_refresh_cache_stop (world->cache);
  do
    {
      cancel_all (world);
      async_advance (world->fixture, 1);
    }
  while (asab_debug_count_fibers () > 0 && ++n_turns < MAX_LAST_TURNS);

  /* What nobody waits for any more goes by. */
  async_advance (world->fixture, 10);
}

static void
assert_nothing_left (World *world)
{
  g_autofree char *dump = asab_debug_dump ();

  g_assert_cmpstr (dump, ==, "");
  g_assert_cmpuint (asab_debug_count_stacks (), ==, 0);
  g_assert_cmpuint (world->actors->len, ==, 0);
  for (guint i = 0; i < world->objects->len; i++)
    g_error ("A %s is left", G_OBJECT_TYPE_NAME (g_ptr_array_index (world->objects, i)));
}

static void
play_round (AsyncFixture *fixture)
{
  World world = {
    .fixture = fixture,
    .objects = g_ptr_array_new (),
    .actors = g_ptr_array_new (),
    .futures = g_ptr_array_new_with_free_func ((GDestroyNotify) asab_future_unref),
    .timers = g_ptr_array_new_with_free_func (g_object_unref),
  };

  stress_make_objects (&world);
  for (int i = 0; i < N_ROOTS; i++)
    start_root (&world);
  for (int i = stress_random (N_TURNS); i > 0; i--)
    disturb (&world);
  end_all (&world);

  g_ptr_array_unref (world.futures);
  g_ptr_array_unref (world.timers);
  g_clear_object (&world.nursery);
  g_clear_object (&world.machine);
  g_clear_object (&world.cache);
  g_clear_object (&world.accessor);
  g_clear_object (&world.event);
  g_clear_object (&world.condition);
  g_clear_object (&world.semaphore);
  g_clear_object (&world.lock);
  async_run_ready (fixture);
  assert_nothing_left (&world);
  g_ptr_array_unref (world.actors);
  g_ptr_array_unref (world.objects);
}

static void
ignore_error_cb (const GError *error G_GNUC_UNUSED,
                 const char   *name G_GNUC_UNUSED,
                 const char   *site G_GNUC_UNUSED,
                 gpointer      user_data G_GNUC_UNUSED)
{
}

static void
test_stress (AsyncFixture  *fixture,
             gconstpointer  data G_GNUC_UNUSED)
{
  const char *rounds = g_getenv ("ASAB_STRESS_ROUNDS");

  asab_set_unhandled_error_func (ignore_error_cb, NULL, NULL);
  for (gint64 i = rounds != NULL ? g_ascii_strtoll (rounds, NULL, 10) : N_ROUNDS; i > 0; i--)
    play_round (fixture);
  asab_set_unhandled_error_func (NULL, NULL, NULL);
}

static void
add_tests (void)
{
  async_test_add ("/asab/async/stress", test_stress);
}

int
main (int    argc,
      char **argv)
{
  return async_test_run (argc, argv, add_tests);
}
