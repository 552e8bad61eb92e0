/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/async/asab-future-private.h>
#include <asab-glib/async/asab-promise.h>
#include <asab-glib/async/asab-refresh-cache.h>
#include <asab-glib/async/asab-timeout-private.h>

G_BEGIN_DECLS

/*
 * A cache is three tables by key: entries, loaders, and the loads in flight.
 *
 *   asab-refresh-cache.c         the class and its settings
 *   asab-refresh-cache-loader.c  loaders, of a key and for all
 *   asab-refresh-cache-entry.c   what callers read and remove
 *   asab-refresh-cache-load.c    a load, those who wait for it, and what becomes of its outcome
 *   asab-refresh-cache-error.c   what becomes of the errors of the background
 *   asab-refresh-cache-loop.c    the background loop
 *
 * Loaders and processors are called from the main loop only, never inside a function of the cache. Nothing but the
 * caller holds the cache: loads and the loop borrow it, and its finalization ends them.
 */

/* A function of the user; counted, as it may be replaced while it is called. */
typedef struct
{
  GCallback func;
  gpointer user_data;
  GDestroyNotify destroy;
} AsabCacheCallback;

typedef struct
{
  GList link;        /* in the order of the cache; its data is this */
  const char *key;   /* (not owned): of the table */
  AsabFuture *value; /* (owned): resolved; a hit is one more reference on it */
  gint64 loaded_at;  /* microseconds, when the load had ended */
} AsabCacheEntry;

typedef struct
{
  AsabTimeout timeout;
  AsabRefreshCache *cache; /* (not owned) */
  AsabFuture *batch;       /* (owned) (nullable): the refreshes that the last tick has begun, until all have ended */
  guint batch_id;          /* of its callback */
  AsabPromise *run;        /* (owned) (nullable): for who waits for the end of the loop */
  guint run_id;            /* of its callback */
  gboolean running;
} AsabCacheLoop;

typedef struct
{
  AsabContext *context;              /* kept alive by a reference on its GMainContext */
  AsabClock *clock;                  /* (owned) (nullable) */
  double ttl;
  double refresh;                    /* at most ttl */
  gint64 ttl_us;
  gint64 fresh_us;                   /* the age from which on an entry is to be refreshed */
  gint64 period_us;                  /* of the loop; 0 is never */

  GHashTable *entries;               /* (element-type utf8 AsabCacheEntry) (owned) */
  GQueue order;                      /* (element-type AsabCacheEntry): from the oldest key to the newest */
  GHashTable *loaders;               /* (element-type utf8 AsabCacheCallback) (owned) */
  AsabCacheCallback *default_loader; /* (owned) (nullable) */
  AsabCacheCallback *processor;      /* (owned) (nullable) */
  GHashTable *loading;               /* (element-type utf8 AsabCacheLoad): which load of a key is to be joined */
  GQueue loads;                      /* (element-type AsabCacheLoad): all, also those that nobody is to join */
  AsabCacheLoop loop;
} AsabRefreshCachePrivate;

AsabRefreshCachePrivate *asab_refresh_cache_get_private   (AsabRefreshCache         *self);
gint64                   asab_refresh_cache_get_time      (AsabRefreshCachePrivate  *priv);

AsabCacheCallback       *asab_cache_callback_new          (GCallback                 func,
                                                           gpointer                  user_data,
                                                           GDestroyNotify            destroy);
AsabCacheCallback       *asab_cache_callback_ref          (AsabCacheCallback        *self);
void                     asab_cache_callback_unref        (AsabCacheCallback        *self);
void                     asab_cache_callback_replace      (AsabCacheCallback       **place,
                                                           AsabCacheCallback        *callback);
AsabCacheCallback       *asab_refresh_cache_lookup_loader (AsabRefreshCache         *self,
                                                           const char               *key,
                                                           GError                  **error);

GHashTable              *asab_refresh_cache_new_entries   (void);
gboolean                 asab_cache_entry_is_stale        (AsabCacheEntry           *self,
                                                           AsabRefreshCachePrivate  *priv);
void                     asab_refresh_cache_store         (AsabRefreshCache         *self,
                                                           const char               *key,
                                                           AsabFuture               *value);

AsabFuture              *asab_refresh_cache_join_load     (AsabRefreshCache         *self,
                                                           const char               *key,
                                                           gboolean                  wants_value);
AsabFuture              *asab_refresh_cache_begin_refresh (AsabRefreshCache         *self,
                                                           const char               *key,
                                                           gboolean                  was_batched);
void                     asab_refresh_cache_outdate_load  (AsabRefreshCache         *self,
                                                           const char               *key);
void                     asab_refresh_cache_outdate_loads (AsabRefreshCache         *self);
void                     asab_refresh_cache_end_refreshes (AsabRefreshCache         *self,
                                                           GPtrArray                *refreshes);
void                     asab_refresh_cache_abandon_loads (AsabRefreshCache         *self);

AsabFuture              *asab_refresh_cache_process_error (AsabRefreshCache         *self,
                                                           AsabFuture               *failed,
                                                           gboolean                  was_batched);

void                     asab_cache_loop_rearm            (AsabCacheLoop            *self);
void                     asab_cache_loop_end              (AsabCacheLoop            *self);

G_END_DECLS
