/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The background loop: every so often it begins to refresh what is about to expire. */

#include "config.h"

#include <asab-glib/async/asab-refresh-cache.h>

#include <asab-glib/async/asab-fiber.h>
#include <asab-glib/async/asab-future-set.h>
#include <asab-glib/async/asab-refresh-cache-private.h>

#include <glib/gi18n-lib.h>

static void tick_cb (AsabTimeout *timeout);

static void
start_timeout (AsabCacheLoop *self,
               gint64         when)
{
  self->timeout.func = tick_cb;
  asab_timeout_start_at (&self->timeout, asab_refresh_cache_get_private (self->cache)->context, when);
}

/* Waits for the next turn. Turns keep to their raster; those that were missed are not made up for. */
static void
wait_for_next_tick (AsabCacheLoop *self)
{
  AsabRefreshCachePrivate *priv = asab_refresh_cache_get_private (self->cache);
  gint64 now = asab_context_get_time (priv->context);
  gint64 when = self->timeout.when + priv->period_us;

  if (priv->period_us == 0)
    return;

  if (when <= now)
    when += ((now - when) / priv->period_us + 1) * priv->period_us;
  start_timeout (self, when);
}

static void
clear_batch (AsabCacheLoop *self)
{
  if (self->batch == NULL)
    return;

  asab_future_disconnect (self->batch, self->batch_id);
  g_clear_pointer (&self->batch, asab_future_unref);
}

static void
batch_ended_cb (AsabFuture *batch G_GNUC_UNUSED,
                gpointer    user_data)
{
  AsabCacheLoop *self = user_data;

  g_clear_pointer (&self->batch, asab_future_unref);
  wait_for_next_tick (self);
}

static GPtrArray *
refresh_stale_entries (AsabRefreshCache *cache)
{
  AsabRefreshCachePrivate *priv = asab_refresh_cache_get_private (cache);
  GPtrArray *refreshes = g_ptr_array_new_with_free_func ((GDestroyNotify) asab_future_unref);

  for (GList *l = priv->order.head; l != NULL; l = l->next)
    {
      AsabCacheEntry *entry = l->data;
      AsabFuture *refresh = NULL;

      if (asab_cache_entry_is_stale (entry, priv))
        refresh = asab_refresh_cache_begin_refresh (cache, entry->key, TRUE);
      if (refresh != NULL)
        g_ptr_array_add (refreshes, refresh);
    }

  return refreshes;
}

static void
tick_cb (AsabTimeout *timeout)
{
  AsabCacheLoop *self = (AsabCacheLoop *) timeout;
  g_autoptr(GPtrArray) refreshes = refresh_stale_entries (self->cache);

  if (refreshes->len == 0)
    {
      wait_for_next_tick (self);
      return;
    }

  self->batch = asab_future_all_settled ((AsabFuture **) refreshes->pdata, refreshes->len);
  self->batch_id = asab_future_when_done (self->batch, batch_ended_cb, self, NULL);
}

/* Lets the loop go by new times; while a batch is under way they count from its end. */
void
asab_cache_loop_rearm (AsabCacheLoop *self)
{
  AsabRefreshCachePrivate *priv = asab_refresh_cache_get_private (self->cache);

  if (!self->running || self->batch != NULL)
    return;

  asab_timeout_stop (&self->timeout, priv->context);
  if (priv->period_us != 0)
    start_timeout (self, asab_context_get_time (priv->context) + priv->period_us);
}

static void
end_run (AsabCacheLoop *self)
{
  g_autoptr(AsabPromise) run = g_steal_pointer (&self->run);

  if (run == NULL)
    return;

  asab_future_disconnect (asab_promise_get_future (run), self->run_id);
  asab_promise_reject_literal (run, G_IO_ERROR, G_IO_ERROR_CANCELLED, _("The loop of the cache was stopped"));
}

/* Ends the loop, but not the refreshes that it has begun. */
void
asab_cache_loop_end (AsabCacheLoop *self)
{
  self->running = FALSE;
  asab_timeout_stop (&self->timeout, asab_refresh_cache_get_private (self->cache)->context);
  clear_batch (self);
  end_run (self);
}

static void
notify_running (gpointer self)
{
  g_object_notify (self, "running");
}

/**
 * asab_refresh_cache_start:
 * @self: a cache
 *
 * Starts the background loop, unless it runs; its first turn is after [property@RefreshCache:refresh].
 *
 * The next turn never begins before all that the last one had begun has ended. Without an end of their life or without
 * a time for refreshing the entries need no loop, and nothing happens.
 */
void
asab_refresh_cache_start (AsabRefreshCache *self)
{
  AsabCacheLoop *loop;

  g_return_if_fail (ASAB_IS_REFRESH_CACHE (self));

  loop = &asab_refresh_cache_get_private (self)->loop;
  if (loop->running)
    return;

  loop->running = TRUE;
  asab_cache_loop_rearm (loop);
  asab_main_stack_call (notify_running, self);
}

static AsabFuture *
drop_value_cb (AsabFuture  *future G_GNUC_UNUSED,
               gpointer     user_data G_GNUC_UNUSED,
               GError     **error G_GNUC_UNUSED)
{
  return NULL;
}

static void
run_cancelled_cb (AsabFuture *run G_GNUC_UNUSED,
                  gpointer    user_data)
{
  AsabCacheLoop *self = user_data;

  g_clear_pointer (&self->run, asab_promise_unref);
  asab_future_unref (asab_refresh_cache_stop (self->cache));
}

/**
 * asab_refresh_cache_refresh_loop:
 * @self: a cache
 *
 * Runs the background loop as a task: starts it as [method@RefreshCache.start] does, and ends it when the future is
 * cancelled.
 *
 * All who call it while the loop runs share one future.
 *
 * Returns: (transfer full): a future that is never resolved; rejected with %G_IO_ERROR_CANCELLED when the loop was
 *   stopped
 */
AsabFuture *
asab_refresh_cache_refresh_loop (AsabRefreshCache *self)
{
  AsabCacheLoop *loop;
  AsabFuture *run;

  g_return_val_if_fail (ASAB_IS_REFRESH_CACHE (self), NULL);

  loop = &asab_refresh_cache_get_private (self)->loop;
  asab_refresh_cache_start (self);
  if (loop->run == NULL)
    {
      loop->run = asab_promise_new ();
      run = asab_promise_get_future (loop->run);
      asab_future_ignore (run);
      loop->run_id = asab_future_when_done (run, run_cancelled_cb, loop, NULL);
    }

  return asab_future_ref (asab_promise_get_future (loop->run));
}

/**
 * asab_refresh_cache_stop:
 * @self: a cache
 *
 * Ends the background loop, cancels what is being refreshed in the background and waits until that has ended.
 *
 * Somebody who joined such a refresh still gets his value. The entries stay, and the cache can be used and started
 * again.
 *
 * Returns: (transfer full): a future without a value
 */
AsabFuture *
asab_refresh_cache_stop (AsabRefreshCache *self)
{
  g_autoptr(GPtrArray) refreshes = NULL;
  g_autoptr(AsabFuture) ended = NULL;
  AsabCacheLoop *loop;
  gboolean was_running;

  g_return_val_if_fail (ASAB_IS_REFRESH_CACHE (self), NULL);

  loop = &asab_refresh_cache_get_private (self)->loop;
  was_running = loop->running;
  refreshes = g_ptr_array_new_with_free_func ((GDestroyNotify) asab_future_unref);
  if (loop->batch != NULL)
    g_ptr_array_add (refreshes, asab_future_ref (loop->batch));
  asab_cache_loop_end (loop);
  asab_refresh_cache_end_refreshes (self, refreshes);

  ended = asab_future_all_settled ((AsabFuture **) refreshes->pdata, refreshes->len);
  if (was_running)
    asab_main_stack_call (notify_running, self);

  return asab_future_then (ended, drop_value_cb, NULL, NULL);
}

/**
 * asab_refresh_cache_get_running: (get-property running)
 * @self: a cache
 *
 * Tells whether the background loop runs.
 *
 * Returns: true between [method@RefreshCache.start] and [method@RefreshCache.stop]
 */
gboolean
asab_refresh_cache_get_running (AsabRefreshCache *self)
{
  g_return_val_if_fail (ASAB_IS_REFRESH_CACHE (self), FALSE);

  return asab_refresh_cache_get_private (self)->loop.running;
}
