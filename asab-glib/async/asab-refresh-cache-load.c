/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The loads of a cache.
 *
 * A load is in the queue of all loads of its cache until it has ended, and as long as it is not outdated in the table
 * of those that can be joined. It is begun and cancelled from the ready queue, since both call code of the user, and
 * the cache may be asked on a fiber or be freed by a garbage collector. Its waiters each have a promise of their own,
 * so that one of them can leave.
 */

#include "config.h"

#include <asab-glib/async/asab-refresh-cache.h>

#include <asab-glib/async/asab-fiber.h>
#include <asab-glib/async/asab-refresh-cache-private.h>
#include <asab-glib/core/asab-error.h>

#include <glib/gi18n-lib.h>

typedef struct
{
  AsabReadyItem item;        /* to call the loader; later, to cancel what it has begun */
  AsabRefreshCache *cache;   /* (not owned) (nullable): NULL once the load has ended */
  AsabContext *context;      /* kept alive by a reference on its GMainContext */
  GList link;                /* in the queue of the cache; its data is this */
  char *key;
  AsabCacheCallback *loader; /* (owned) */
  AsabFuture *future;        /* (owned) (nullable): what the loader has begun */
  GPtrArray *waiters;        /* (element-type Waiter): those who have not left, in order */
  AsabPromise *refresh;      /* (owned) (nullable): of a load in the background, until its error is dealt with */
  gboolean was_batched;
  gboolean is_outdated;      /* the entry was removed meanwhile */
  gboolean is_calling;       /* the loader is on the stack */
  gboolean is_cancelled;
} AsabCacheLoad;

/* Belongs to the callback on the future of its promise. */
typedef struct
{
  AsabPromise *promise;      /* (owned) */
  AsabCacheLoad *load;       /* (owned) */
  gboolean wants_value;
} Waiter;

static void
load_clear (gpointer data)
{
  AsabCacheLoad *self = data;

  asab_cache_callback_unref (self->loader);
  g_clear_pointer (&self->future, asab_future_unref);
  g_ptr_array_unref (self->waiters);
  g_clear_pointer (&self->refresh, asab_promise_unref);
  g_free (self->key);
  g_main_context_unref (self->context->context);
}

static void
load_unref (gpointer data)
{
  g_rc_box_release_full (data, load_clear);
}

static void
load_push (AsabCacheLoad *self)
{
  g_rc_box_acquire (self);
  asab_ready_queue_push (self->context->ready, &self->item);
}

static void
load_outdate (AsabCacheLoad *self)
{
  if (self->is_outdated)
    return;

  self->is_outdated = TRUE;
  g_hash_table_remove (asab_refresh_cache_get_private (self->cache)->loading, self->key);
}

/* Takes the load, of which the caller has a reference, from its cache, which drops its own. */
static void
load_leave_cache (AsabCacheLoad *self)
{
  load_outdate (self);
  g_queue_unlink (&asab_refresh_cache_get_private (self->cache)->loads, &self->link);
  self->cache = NULL;
  load_unref (self);
}

/* Cancels what the loader has begun, but not from here. */
static void
load_cancel_work (AsabCacheLoad *self)
{
  if (self->future == NULL || self->is_cancelled)
    return;

  self->is_cancelled = TRUE;
  asab_future_ignore (self->future);
  load_push (self);
}

/* Ends a load for whose outcome nobody waits. */
static void
load_cancel (AsabCacheLoad *self)
{
  load_leave_cache (self);
  load_cancel_work (self);
  if (self->refresh != NULL)
    asab_promise_resolve (self->refresh, NULL);
}

/* Hands the outcome to those who wait; their own callbacks come later. */
static void
load_deliver (AsabCacheLoad *self)
{
  for (guint i = 0; i < self->waiters->len; i++)
    {
      Waiter *waiter = self->waiters->pdata[i];

      if (waiter->wants_value || asab_future_is_rejected (self->future))
        asab_future_copy_outcome (self->future, waiter->promise);
      else
        asab_promise_resolve (waiter->promise, NULL);
    }
}

static void
processed_cb (AsabFuture *processed G_GNUC_UNUSED,
              gpointer    refresh)
{
  asab_promise_resolve (refresh, NULL);
}

/* Ends a refresh in the background, when its error is dealt with. */
static void
load_end_refresh (AsabCacheLoad    *self,
                  AsabRefreshCache *cache)
{
  g_autoptr(AsabFuture) processed = NULL;

  if (asab_future_is_rejected (self->future) && !asab_future_is_cancelled (self->future))
    processed = asab_refresh_cache_process_error (cache, self->future, self->was_batched);

  if (processed == NULL)
    {
      asab_promise_resolve (self->refresh, NULL);
      return;
    }

  asab_future_log_failure (processed, "The error processor of a cache");
  asab_future_when_done (processed, processed_cb, asab_promise_ref (self->refresh),
                         (GDestroyNotify) asab_promise_unref);
}

static void
load_done_cb (AsabFuture *future,
              gpointer    user_data)
{
  AsabCacheLoad *self = user_data;
  g_autoptr(AsabRefreshCache) cache = NULL;
  gboolean is_outdated = self->is_outdated;

  /* Those who wait and the processor answer for an error. */
  asab_future_ignore (future);
  if (self->cache == NULL)
    return;

  cache = g_object_ref (self->cache);
  load_leave_cache (self);
  if (asab_future_is_resolved (future) && !is_outdated)
    asab_refresh_cache_store (cache, self->key, future);
  load_deliver (self);
  if (self->refresh != NULL)
    load_end_refresh (self, cache);
}

/* Tells whether there is still somebody to load for. */
static gboolean
load_is_wanted (AsabCacheLoad *self)
{
  if (self->refresh != NULL)
    return TRUE;

  for (guint i = 0; i < self->waiters->len; i++)
    if (!asab_future_is_done (asab_promise_get_future (((Waiter *) self->waiters->pdata[i])->promise)))
      return TRUE;

  return FALSE;
}

/* Calls the loader, which may do anything to the cache, and even free it. */
static void
load_begin (AsabCacheLoad *self)
{
  GError *error = NULL;

  self->is_calling = TRUE;
  self->future = ((AsabKeyLoader) self->loader->func) (self->key, self->loader->user_data, &error);
  self->is_calling = FALSE;

  if (error != NULL)
    {
      g_clear_pointer (&self->future, asab_future_unref);
      self->future = asab_future_new_take_error (error);
    }
  else if (self->future == NULL)
    {
      self->future = asab_future_new_resolved (NULL);
    }

  asab_future_when_done (self->future, load_done_cb, g_rc_box_acquire (self), load_unref);
  if (self->cache == NULL)
    load_cancel_work (self);
}

static void
load_run (AsabReadyItem *item)
{
  AsabCacheLoad *self = (AsabCacheLoad *) item;

  if (self->future != NULL)
    asab_future_cancel (self->future);
  else if (self->cache != NULL && load_is_wanted (self))
    load_begin (self);
  else if (self->cache != NULL)
    load_leave_cache (self);
  load_unref (self);
}

/* Returns: (transfer none): a load that begins later */
static AsabCacheLoad *
load_new (AsabRefreshCache  *cache,
          const char        *key,
          AsabCacheCallback *loader)
{
  AsabRefreshCachePrivate *priv = asab_refresh_cache_get_private (cache);
  AsabCacheLoad *self = g_rc_box_new0 (AsabCacheLoad);

  self->item.run = load_run;
  self->cache = cache;
  self->context = priv->context;
  g_main_context_ref (self->context->context);
  self->link.data = self;
  self->key = g_strdup (key);
  self->loader = asab_cache_callback_ref (loader);
  self->waiters = g_ptr_array_new ();

  g_queue_push_tail_link (&priv->loads, &self->link);
  g_hash_table_insert (priv->loading, self->key, self);
  load_push (self);

  return self;
}

/* Tells whether the loader is asking for what it is to load. */
static gboolean
load_is_own (AsabCacheLoad *self)
{
  AsabFiber *fiber = asab_fiber_get_current ();

  return self->is_calling ||
         (self->future != NULL && fiber != NULL && asab_fiber_get_future (fiber) == self->future);
}

static void
waiter_free (gpointer data)
{
  Waiter *self = data;

  asab_promise_unref (self->promise);
  load_unref (self->load);
  g_free (self);
}

/* The future of a waiter is done; before the load has ended that is by cancelling. */
static void
waiter_done_cb (AsabFuture *future G_GNUC_UNUSED,
                gpointer    user_data)
{
  Waiter *self = user_data;
  AsabCacheLoad *load = self->load;

  if (load->cache == NULL)
    return;

  g_ptr_array_remove (load->waiters, self);
  if (load->waiters->len == 0 && load->refresh == NULL)
    load_cancel (load);
}

static AsabFuture *
load_add_waiter (AsabCacheLoad *self,
                 gboolean       wants_value)
{
  Waiter *waiter = g_new (Waiter, 1);
  AsabFuture *future;

  waiter->promise = asab_promise_new ();
  waiter->load = g_rc_box_acquire (self);
  waiter->wants_value = wants_value;
  g_ptr_array_add (self->waiters, waiter);

  future = asab_future_ref (asab_promise_get_future (waiter->promise));
  asab_future_when_done (future, waiter_done_cb, waiter, waiter_free);

  return future;
}

/* Waits for the load of @key, which begins if there is none. Returns: (transfer full): a future of the value if
 * @wants_value, or else without one */
AsabFuture *
asab_refresh_cache_join_load (AsabRefreshCache *self,
                              const char       *key,
                              gboolean          wants_value)
{
  AsabCacheLoad *load = g_hash_table_lookup (asab_refresh_cache_get_private (self)->loading, key);
  GError *error = NULL;

  if (load == NULL)
    {
      AsabCacheCallback *loader = asab_refresh_cache_lookup_loader (self, key, &error);

      if (loader == NULL)
        return asab_future_new_take_error (error);
      load = load_new (self, key, loader);
    }
  else if (load_is_own (load))
    {
      return asab_future_new_take_error (g_error_new (ASAB_ERROR, ASAB_ERROR_DEADLOCK,
                                                      _("The loader of the key “%s” waits for itself"), key));
    }

  return load_add_waiter (load, wants_value);
}

/* Loads an entry in the background. Returns: (transfer full) (nullable): a future that is resolved when this has ended
 * and an error is dealt with; NULL if there is nothing to do */
AsabFuture *
asab_refresh_cache_begin_refresh (AsabRefreshCache *self,
                                  const char       *key,
                                  gboolean          was_batched)
{
  AsabRefreshCachePrivate *priv = asab_refresh_cache_get_private (self);
  AsabCacheCallback *loader = asab_refresh_cache_lookup_loader (self, key, NULL);
  AsabCacheLoad *load;

  if (loader == NULL || !g_hash_table_contains (priv->entries, key) || g_hash_table_contains (priv->loading, key))
    return NULL;

  load = load_new (self, key, loader);
  load->refresh = asab_promise_new ();
  load->was_batched = was_batched;

  return asab_future_ref (asab_promise_get_future (load->refresh));
}

/* Lets the load of @key, if there is one, store nothing. */
void
asab_refresh_cache_outdate_load (AsabRefreshCache *self,
                                 const char       *key)
{
  AsabCacheLoad *load = g_hash_table_lookup (asab_refresh_cache_get_private (self)->loading, key);

  if (load != NULL)
    load_outdate (load);
}

void
asab_refresh_cache_outdate_loads (AsabRefreshCache *self)
{
  for (GList *l = asab_refresh_cache_get_private (self)->loads.head; l != NULL; l = l->next)
    load_outdate (l->data);
}

/* Ends a load in the background; somebody who waits for it turns it into one of the foreground. */
static void
load_end_background (AsabCacheLoad *self,
                     GPtrArray     *refreshes)
{
  if (self->waiters->len > 0)
    {
      asab_promise_resolve (self->refresh, NULL);
      g_clear_pointer (&self->refresh, asab_promise_unref);
    }
  else if (self->future == NULL)
    {
      g_rc_box_acquire (self);
      load_cancel (self);
      load_unref (self);
    }
  else
    {
      g_ptr_array_add (refreshes, asab_future_ref (asab_promise_get_future (self->refresh)));
      load_cancel_work (self);
    }
}

/* Cancels the loads in the background, and adds to @refreshes what tells when they have ended. */
void
asab_refresh_cache_end_refreshes (AsabRefreshCache *self,
                                  GPtrArray        *refreshes)
{
  GList *next;

  for (GList *l = asab_refresh_cache_get_private (self)->loads.head; l != NULL; l = next)
    {
      AsabCacheLoad *load = l->data;

      next = l->next;
      if (load->refresh != NULL)
        load_end_background (load, refreshes);
    }
}

static void
reject_abandoned (AsabPromise *promise)
{
  asab_promise_take_error (promise, asab_error_new_cancelled ("AsabRefreshCache"));
}

/* The cache is being freed: rejects all who wait for it. */
static void
load_abandon (AsabCacheLoad *self)
{
  g_rc_box_acquire (self);
  load_leave_cache (self);
  load_cancel_work (self);
  for (guint i = 0; i < self->waiters->len; i++)
    reject_abandoned (((Waiter *) self->waiters->pdata[i])->promise);
  if (self->refresh != NULL)
    reject_abandoned (self->refresh);
  load_unref (self);
}

void
asab_refresh_cache_abandon_loads (AsabRefreshCache *self)
{
  GQueue *loads = &asab_refresh_cache_get_private (self)->loads;

  while (!g_queue_is_empty (loads))
    load_abandon (g_queue_peek_head (loads));
}
