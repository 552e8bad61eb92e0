/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "async-stress.h"

#define N_KEYS 3

static const char *const states[] = { "a", "b", "c" };
static const char *const keys[N_KEYS] = { "x", "y", "z" };

static gboolean
sleep_a_while (GError **error)
{
  return asab_fiber_sleep (stress_random (20) / 10.0, error);
}

static gboolean
fail (GError **error)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, "as it happens");

  return FALSE;
}

/* The body of callbacks that take time. */
static gboolean
work (gpointer   data G_GNUC_UNUSED,
      GValue    *result,
      GError   **error)
{
  if (!sleep_a_while (error))
    {
      g_auto(AsabShield) shield G_GNUC_UNUSED = asab_shield_begin ();

      /* Sometimes it takes a while to end. */
      if (stress_one_in (2))
        sleep_a_while (NULL);
      return FALSE;
    }
  if (stress_one_in (8))
    return fail (error);

  g_value_init (result, G_TYPE_BOOLEAN);
  g_value_set_boolean (result, !stress_one_in (4));

  return TRUE;
}

static AsabFuture *
do_work (GError **error)
{
  switch (stress_random (4))
    {
    case 0:
      return NULL;
    case 1:
      fail (error);
      return NULL;
    default:
      return asab_spawn (work, NULL, NULL);
    }
}

static AsabFuture *
load_cb (const char  *key G_GNUC_UNUSED,
         gpointer     user_data G_GNUC_UNUSED,
         GError     **error)
{
  return do_work (error);
}

static AsabFuture *
process_error_cb (const GError *error G_GNUC_UNUSED,
                  gboolean      was_batched G_GNUC_UNUSED,
                  gpointer      user_data G_GNUC_UNUSED)
{
  return NULL;
}

static AsabFuture *
condition_cb (AsabStateMachine  *machine G_GNUC_UNUSED,
              const char        *from G_GNUC_UNUSED,
              const char        *to G_GNUC_UNUSED,
              gpointer           user_data G_GNUC_UNUSED,
              GError           **error)
{
  return do_work (error);
}

static AsabFuture *
handler_cb (AsabStateMachine  *machine,
            gpointer           user_data,
            GError           **error)
{
  World *world = user_data;

  if (!world->is_ending && stress_one_in (8))
    asab_future_unref (asab_state_machine_transition (machine, states[stress_random (G_N_ELEMENTS (states))]));

  return do_work (error);
}

static gboolean
accumulated_cb (GVariant      *args G_GNUC_UNUSED,
                const GError  *scope_error G_GNUC_UNUSED,
                gpointer       user_data G_GNUC_UNUSED,
                GVariant     **result,
                GError       **error)
{
  if (stress_one_in (8))
    return fail (error);
  *result = g_variant_new_boolean (TRUE);

  return TRUE;
}

static void
make_event (World *world)
{
  g_clear_object (&world->event);
  world->event = asab_event_new ();
  stress_watch (world, world->event);
}

static void
make_accessor (World *world)
{
  g_clear_object (&world->accessor);
  world->accessor = asab_accessor_new ("stress", stress_one_in (2) ? world->condition : NULL);
  stress_watch (world, world->accessor);
}

static void
make_cache (World *world)
{
  g_clear_object (&world->cache);
  world->cache = asab_refresh_cache_new (5, 2, NULL);
  asab_refresh_cache_configure (world->cache, 5, 2, process_error_cb, NULL, NULL, NULL);
  asab_refresh_cache_set_default_loader (world->cache, load_cb, NULL, NULL);
  asab_refresh_cache_start (world->cache);
  stress_watch (world, world->cache);
}

static void
make_machine (World *world)
{
  g_clear_object (&world->machine);
  world->machine = asab_state_machine_new ("a");
  for (guint i = 0; i < 2 * G_N_ELEMENTS (states); i++)
    asab_state_machine_add (world->machine, states[stress_random (G_N_ELEMENTS (states))],
                            states[stress_random (G_N_ELEMENTS (states))],
                            stress_one_in (2) ? condition_cb : NULL, NULL, NULL);
  asab_state_machine_on_enter (world->machine, "b", handler_cb, world, NULL);
  asab_state_machine_on_exit (world->machine, "b", handler_cb, world, NULL);
  stress_watch (world, world->machine);
}

static void
make_nursery (World *world)
{
  static guint n_nurseries;
  g_autofree char *name = g_strdup_printf ("stress %u", n_nurseries++);

  world->nursery = asab_task_nursery_new (name);
  asab_task_nursery_set_stop_timeout (world->nursery, G_MAXDOUBLE);
  stress_watch (world, world->nursery);
}

void
stress_make_objects (World *world)
{
  world->lock = asab_lock_new ();
  stress_watch (world, world->lock);
  world->semaphore = asab_semaphore_new (2);
  stress_watch (world, world->semaphore);
  world->condition = asab_condition_new (NULL);
  stress_watch (world, world->condition);
  make_event (world);
  make_accessor (world);
  make_cache (world);
  make_machine (world);
  make_nursery (world);
}

/* Drops an object, for which somebody may wait, and makes a new one. */
void
stress_replace_object (World *world)
{
  void (*const makers[]) (World *) = { make_event, make_accessor, make_cache, make_machine };

  makers[stress_random (G_N_ELEMENTS (makers))] (world);
}

/* Takes @future (nullable), and waits for it or not. */
static gboolean
take_future (Actor       *actor,
             AsabFuture  *future,
             GError     **error)
{
  if (future == NULL)
    return TRUE;

  g_ptr_array_add (actor->world->futures, asab_future_ref (future));
  if (stress_one_in (8))
    asab_future_cancel (future);
  if (stress_one_in (4))
    {
      asab_future_unref (future);
      return TRUE;
    }

  return asab_await (ASAB_TEMP (future), error);
}

static gboolean
step_sleep (Actor   *actor G_GNUC_UNUSED,
            GError **error)
{
  return sleep_a_while (error);
}

static gboolean
step_yield (Actor   *actor G_GNUC_UNUSED,
            GError **error)
{
  return asab_fiber_yield (error);
}

static gboolean
step_lock (Actor   *actor,
           GError **error)
{
  g_auto(AsabLockGuard) guard = asab_lock_guard (actor->world->lock, error);

  return guard.lock != NULL && sleep_a_while (error);
}

static gboolean
step_lock_future (Actor   *actor,
                  GError **error)
{
  g_autoptr(AsabLock) lock = g_object_ref (actor->world->lock);
  gboolean slept;

  if (!asab_await (ASAB_TEMP (asab_lock_acquire (lock)), error))
    return FALSE;
  slept = sleep_a_while (error);
  asab_lock_release (lock);

  return slept;
}

static gboolean
step_semaphore (Actor   *actor,
                GError **error)
{
  g_autoptr(AsabSemaphore) semaphore = g_object_ref (actor->world->semaphore);
  gboolean slept;

  if (stress_one_in (2))
    {
      if (!asab_semaphore_hold (semaphore, error))
        return FALSE;
    }
  else if (!asab_await (ASAB_TEMP (asab_semaphore_acquire (semaphore)), error))
    {
      return FALSE;
    }
  slept = sleep_a_while (error);
  asab_semaphore_release (semaphore);

  return slept;
}

static gboolean
step_condition (Actor   *actor,
                GError **error)
{
  g_autoptr(AsabCondition) condition = g_object_ref (actor->world->condition);
  g_auto(AsabLockGuard) guard = asab_lock_guard (asab_condition_get_lock (condition), error);

  if (guard.lock == NULL)
    return FALSE;
  if (stress_one_in (2))
    return asab_condition_notify (condition, stress_random (3), error);

  return asab_condition_await (condition, error);
}

static void
mutate_cb (gpointer user_data G_GNUC_UNUSED)
{
}

static gboolean
step_condition_update (Actor   *actor,
                       GError **error)
{
  return take_future (actor, asab_condition_update (actor->world->condition, mutate_cb, NULL, NULL), error);
}

static gboolean
step_event (Actor   *actor,
            GError **error)
{
  AsabEvent *event = actor->world->event;

  switch (stress_random (4))
    {
    case 0:
      asab_event_set (event);
      return TRUE;
    case 1:
      asab_event_clear (event);
      return TRUE;
    case 2:
      return asab_event_await (event, error);
    default:
      return take_future (actor, asab_event_wait (event), error);
    }
}

static gboolean
step_accessor (Actor   *actor,
               GError **error)
{
  AsabAccessor *accessor = actor->world->accessor;
  g_auto(GValue) value = G_VALUE_INIT;

  g_value_init (&value, G_TYPE_INT);
  g_value_set_int (&value, stress_random (5));
  switch (stress_random (4))
    {
    case 0:
      return take_future (actor, asab_accessor_get (accessor), error);
    case 1:
      return take_future (actor, asab_accessor_set_when_read (accessor, &value), error);
    default:
      return take_future (actor, asab_accessor_set (accessor, &value), error);
    }
}

static gboolean
step_cache (Actor   *actor,
            GError **error)
{
  AsabRefreshCache *cache = actor->world->cache;
  const char *key = keys[stress_random (N_KEYS)];

  switch (stress_random (8))
    {
    case 0:
      return take_future (actor, asab_refresh_cache_invalidate (cache, key), error);
    case 1:
      return take_future (actor, asab_refresh_cache_clear (cache), error);
    case 2:
      return take_future (actor, asab_refresh_cache_refresh_item (cache, key), error);
    case 3:
      return take_future (actor, asab_refresh_cache_load_item (cache, key), error);
    default:
      return take_future (actor, asab_refresh_cache_get (cache, key), error);
    }
}

static gboolean
step_machine (Actor   *actor,
              GError **error)
{
  const char *state = states[stress_random (G_N_ELEMENTS (states))];

  return take_future (actor, asab_state_machine_transition (actor->world->machine, state), error);
}

static gboolean
step_accumulator (Actor   *actor,
                  GError **error)
{
  g_autoptr(AsabCallbackAccumulator) accumulator = asab_callback_accumulator_new ("exit", 3, stress_one_in (2));

  stress_watch (actor->world, accumulator);
  for (int i = stress_random (5); i > 0; i--)
    asab_callback_accumulator_add_callback (accumulator, accumulated_cb, NULL, NULL);

  if (stress_one_in (2))
    return asab_callback_accumulator_exit (accumulator, NULL, NULL, error);

  return take_future (actor, asab_callback_accumulator_exit_async (accumulator, NULL), error);
}

static gboolean
generate (gpointer   data,
          GValue    *result G_GNUC_UNUSED,
          GError   **error)
{
  AsabCoroutine **coroutine = data;

  for (int i = stress_random (4); i > 0; i--)
    if (!sleep_a_while (error) || !asab_coroutine_yield (*coroutine, NULL, NULL, error))
      return FALSE;

  return TRUE;
}

static gboolean
step_coroutine (Actor   *actor,
                GError **error)
{
  AsabCoroutine **data = g_new0 (AsabCoroutine *, 1);
  g_autoptr(AsabCoroutine) coroutine = asab_coroutine_new_for_fiber ("generator", generate, data, g_free);

  *data = coroutine;
  stress_watch (actor->world, coroutine);
  for (int i = stress_random (4); i > 0; i--)
    if (!take_future (actor, asab_coroutine_send (coroutine, NULL), error))
      break;

  /* Nobody else would send it anything. */
  g_clear_error (error);

  return take_future (actor, asab_coroutine_close (coroutine), error);
}

/* The body of a handler whose failure would be logged. */
static gboolean
work_well (gpointer   data G_GNUC_UNUSED,
           GValue    *result G_GNUC_UNUSED,
           GError   **error)
{
  return sleep_a_while (error);
}

static AsabFuture *
timer_cb (AsabTimer *timer G_GNUC_UNUSED,
          gpointer   user_data)
{
  World *world = user_data;

  asab_event_set (world->event);

  return stress_one_in (4) ? asab_spawn (work_well, NULL, NULL) : NULL;
}

static gboolean
step_timer (Actor   *actor,
            GError **error)
{
  World *world = actor->world;
  AsabTimer *timer;

  if (world->is_ending)
    return TRUE;

  timer = asab_timer_new (timer_cb, world, NULL, stress_one_in (2));
  stress_watch (world, timer);
  g_ptr_array_add (world->timers, timer);

  return asab_timer_start (timer, 0.1 + stress_random (20) / 10.0, error);
}

static gboolean
step_child (Actor   *actor,
            GError **error)
{
  return take_future (actor, stress_start_actor (actor->world, actor->depth + 1, stress_one_in (2)), error);
}

static gboolean
step_set (Actor   *actor,
          GError **error)
{
  AsabFuture *(*const combine[]) (AsabFuture **, gsize) = {
    asab_future_all, asab_future_all_settled, asab_future_any, asab_future_race,
  };
  g_autoptr(GPtrArray) futures = g_ptr_array_new_with_free_func ((GDestroyNotify) asab_future_unref);

  for (int i = 1 + stress_random (3); i > 0; i--)
    g_ptr_array_add (futures, stress_one_in (2) ? asab_sleep (stress_random (20) / 10.0)
                                                : asab_spawn (work, NULL, NULL));

  return take_future (actor, combine[stress_random (G_N_ELEMENTS (combine))] ((AsabFuture **) futures->pdata,
                                                                              futures->len), error);
}

static AsabFuture *
job_cb (guint      job G_GNUC_UNUSED,
        gpointer   user_data G_GNUC_UNUSED,
        GError   **error)
{
  return do_work (error);
}

static gboolean
step_map (Actor   *actor,
          GError **error)
{
  return take_future (actor, asab_map_limited (1 + stress_random (3), stress_random (6), stress_random (3), job_cb,
                                               NULL, NULL), error);
}

static gboolean
step_gather (Actor   *actor,
             GError **error)
{
  g_autoptr(GPtrArray) coroutines = g_ptr_array_new_with_free_func (g_object_unref);

  for (int i = stress_random (6); i > 0; i--)
    {
      g_ptr_array_add (coroutines, asab_coroutine_new_for_fiber ("gathered", work, NULL, NULL));
      stress_watch (actor->world, g_ptr_array_index (coroutines, coroutines->len - 1));
    }

  return take_future (actor, asab_gather_limited (1 + stress_random (3), (AsabCoroutine **) coroutines->pdata,
                                                  coroutines->len, stress_random (3)), error);
}

static gboolean
step_timeout (Actor   *actor,
              GError **error)
{
  g_autoptr(AsabFuture) future = asab_spawn (work, NULL, NULL);

  return take_future (actor, asab_future_with_timeout (future, stress_random (20) / 10.0, stress_one_in (2)), error);
}

static gboolean
step_disturb (Actor   *actor,
              GError **error)
{
  World *world = actor->world;

  if (stress_one_in (4) && !world->is_ending)
    stress_replace_object (world);
  stress_cancel_one (world);
  stress_drop_one (world);

  return asab_fiber_yield (error);
}

gboolean
stress_do_step (Actor   *actor,
                GError **error)
{
  static const Step steps[] = {
    step_sleep, step_yield, step_lock, step_lock_future, step_semaphore, step_condition, step_condition_update,
    step_event, step_accessor, step_cache, step_machine, step_accumulator, step_coroutine, step_timer, step_child,
    step_set, step_map, step_gather, step_timeout, step_disturb,
  };

  return steps[stress_random (G_N_ELEMENTS (steps))] (actor, error);
}
