/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/async/asab-future.h>
#include <asab-glib/core/asab-clock.h>

G_BEGIN_DECLS

#define ASAB_TYPE_REFRESH_CACHE (asab_refresh_cache_get_type ())
ASAB_AVAILABLE_IN_ALL
G_DECLARE_DERIVABLE_TYPE (AsabRefreshCache, asab_refresh_cache, ASAB, REFRESH_CACHE, GObject)

/**
 * AsabKeyLoader:
 * @key: the key of the entry
 * @user_data: (closure): the data given with the function
 * @error: return location for an error
 *
 * Loads the value of a key, called from the main context of the cache.
 *
 * Returns: (transfer full) (nullable): a future of the value; %NULL without @error stands for no value
 */
typedef AsabFuture *(*AsabKeyLoader) (const char  *key,
                                      gpointer     user_data,
                                      GError     **error);

/**
 * AsabErrorProcessor:
 * @error: why a refresh in the background failed
 * @was_batched: true if the background loop began the refresh, maybe with others; false if it was of a single item
 * @user_data: (closure): the data given to [method@RefreshCache.configure]
 *
 * Deals with an error of the background, called from the main context of the cache.
 *
 * Returns: (transfer full) (nullable): a future to wait for before the refresh counts as ended, or %NULL
 */
typedef AsabFuture *(*AsabErrorProcessor) (const GError *error,
                                           gboolean      was_batched,
                                           gpointer      user_data);

struct _AsabRefreshCacheClass
{
  GObjectClass parent_class;

  /**
   * AsabRefreshCacheClass::process_error:
   * @self: a cache
   * @error: why a refresh in the background failed
   * @was_batched: true if the background loop began the refresh, false if it was of a single item
   *
   * Deals with an error of the background when the cache has no error processor; logs a warning by default.
   *
   * Returns: (transfer full) (nullable): a future to wait for before the refresh counts as ended, or %NULL
   */
  AsabFuture *(*process_error) (AsabRefreshCache *self,
                                const GError     *error,
                                gboolean          was_batched);

  /*< private >*/
  gpointer padding[8];
};

ASAB_AVAILABLE_IN_ALL
AsabRefreshCache *asab_refresh_cache_new                (double               ttl,
                                                         double               refresh,
                                                         GError             **error) G_GNUC_WARN_UNUSED_RESULT;
ASAB_AVAILABLE_IN_ALL
gboolean          asab_refresh_cache_configure          (AsabRefreshCache    *self,
                                                         double               ttl,
                                                         double               refresh,
                                                         AsabErrorProcessor   processor,
                                                         gpointer             user_data,
                                                         GDestroyNotify       destroy,
                                                         GError             **error);
ASAB_AVAILABLE_IN_ALL
double            asab_refresh_cache_get_ttl            (AsabRefreshCache    *self);
ASAB_AVAILABLE_IN_ALL
double            asab_refresh_cache_get_refresh        (AsabRefreshCache    *self);
ASAB_AVAILABLE_IN_ALL
AsabClock        *asab_refresh_cache_get_clock          (AsabRefreshCache    *self);

ASAB_AVAILABLE_IN_ALL
void              asab_refresh_cache_set_default_loader (AsabRefreshCache    *self,
                                                         AsabKeyLoader        loader,
                                                         gpointer             user_data,
                                                         GDestroyNotify       destroy);
ASAB_AVAILABLE_IN_ALL
void              asab_refresh_cache_register_loader    (AsabRefreshCache    *self,
                                                         const char          *key,
                                                         AsabKeyLoader        loader,
                                                         gpointer             user_data,
                                                         GDestroyNotify       destroy);
ASAB_AVAILABLE_IN_ALL
gboolean          asab_refresh_cache_has_loader         (AsabRefreshCache    *self,
                                                         const char          *key,
                                                         GError             **error);

ASAB_AVAILABLE_IN_ALL
AsabFuture       *asab_refresh_cache_get                (AsabRefreshCache    *self,
                                                         const char          *key);
ASAB_AVAILABLE_IN_ALL
AsabFuture       *asab_refresh_cache_get_with_loader    (AsabRefreshCache    *self,
                                                         const char          *key,
                                                         AsabKeyLoader        loader,
                                                         gpointer             user_data,
                                                         GDestroyNotify       destroy);
ASAB_AVAILABLE_IN_ALL
AsabFuture       *asab_refresh_cache_load_item          (AsabRefreshCache    *self,
                                                         const char          *key);
ASAB_AVAILABLE_IN_ALL
AsabFuture       *asab_refresh_cache_refresh_item       (AsabRefreshCache    *self,
                                                         const char          *key);
ASAB_AVAILABLE_IN_ALL
AsabFuture       *asab_refresh_cache_invalidate         (AsabRefreshCache    *self,
                                                         const char          *key);
ASAB_AVAILABLE_IN_ALL
AsabFuture       *asab_refresh_cache_clear              (AsabRefreshCache    *self);

ASAB_AVAILABLE_IN_ALL
gboolean          asab_refresh_cache_contains           (AsabRefreshCache    *self,
                                                         const char          *key);
ASAB_AVAILABLE_IN_ALL
double            asab_refresh_cache_time_past          (AsabRefreshCache    *self,
                                                         const char          *key,
                                                         GError             **error);
ASAB_AVAILABLE_IN_ALL
gboolean          asab_refresh_cache_is_expired         (AsabRefreshCache    *self,
                                                         const char          *key,
                                                         GError             **error);
ASAB_AVAILABLE_IN_ALL
gboolean          asab_refresh_cache_should_refresh     (AsabRefreshCache    *self,
                                                         const char          *key);

ASAB_AVAILABLE_IN_ALL
void              asab_refresh_cache_start              (AsabRefreshCache    *self);
ASAB_AVAILABLE_IN_ALL
AsabFuture       *asab_refresh_cache_refresh_loop       (AsabRefreshCache    *self);
ASAB_AVAILABLE_IN_ALL
AsabFuture       *asab_refresh_cache_stop               (AsabRefreshCache    *self);
ASAB_AVAILABLE_IN_ALL
gboolean          asab_refresh_cache_get_running        (AsabRefreshCache    *self);
ASAB_AVAILABLE_IN_ALL
AsabFuture       *asab_refresh_cache_get_failed         (void);

G_END_DECLS
