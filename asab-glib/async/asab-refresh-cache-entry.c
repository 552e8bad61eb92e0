/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The entries of a cache: what is there, how old it is, and how it gets in and out. */

#include "config.h"

#include <asab-glib/async/asab-refresh-cache.h>

#include <asab-glib/async/asab-future-set.h>
#include <asab-glib/async/asab-refresh-cache-private.h>
#include <asab-glib/core/asab-error.h>

#include <glib/gi18n-lib.h>

static void
asab_cache_entry_free (gpointer data)
{
  AsabCacheEntry *self = data;

  asab_future_unref (self->value);
  g_free (self);
}

GHashTable *
asab_refresh_cache_new_entries (void)
{
  return g_hash_table_new_full (g_str_hash, g_str_equal, g_free, asab_cache_entry_free);
}

static gint64
get_age (AsabCacheEntry          *self,
         AsabRefreshCachePrivate *priv)
{
  return asab_refresh_cache_get_time (priv) - self->loaded_at;
}

/* Tells whether the entry is to be refreshed; it may have expired too. */
gboolean
asab_cache_entry_is_stale (AsabCacheEntry          *self,
                           AsabRefreshCachePrivate *priv)
{
  return get_age (self, priv) > priv->fresh_us;
}

/* Stores a resolved future as the value of @key, which keeps its place in the order. */
void
asab_refresh_cache_store (AsabRefreshCache *self,
                          const char       *key,
                          AsabFuture       *value)
{
  AsabRefreshCachePrivate *priv = asab_refresh_cache_get_private (self);
  AsabCacheEntry *entry = g_hash_table_lookup (priv->entries, key);
  g_autoptr(AsabFuture) old_value G_GNUC_UNUSED = NULL; /* goes last, since that may run code of the user */

  if (entry == NULL)
    {
      char *own_key = g_strdup (key);

      entry = g_new0 (AsabCacheEntry, 1);
      entry->link.data = entry;
      entry->key = own_key;
      g_queue_push_tail_link (&priv->order, &entry->link);
      g_hash_table_insert (priv->entries, own_key, entry);
    }

  old_value = entry->value;
  entry->value = asab_future_ref (value);
  entry->loaded_at = asab_refresh_cache_get_time (priv);
}

/**
 * asab_refresh_cache_get:
 * @self: a cache
 * @key: a key
 *
 * Gets the value of a key.
 *
 * A value that is there and has not expired is in a future that is resolved already; if it is to be refreshed, that
 * begins in the background. Otherwise the value is loaded, and the future is completed with that. Cancelling the future
 * does not harm others who wait for the same load.
 *
 * Returns: (transfer full): a future of the value, rejected with the error of the load, %ASAB_ERROR_NO_LOADER or
 *   %ASAB_ERROR_DEADLOCK
 */
AsabFuture *
asab_refresh_cache_get (AsabRefreshCache *self,
                        const char       *key)
{
  AsabRefreshCachePrivate *priv;
  AsabCacheEntry *entry;
  g_autoptr(AsabFuture) refresh G_GNUC_UNUSED = NULL; /* goes on without us */
  gint64 age;

  g_return_val_if_fail (ASAB_IS_REFRESH_CACHE (self), NULL);
  g_return_val_if_fail (key != NULL, NULL);

  priv = asab_refresh_cache_get_private (self);
  entry = g_hash_table_lookup (priv->entries, key);
  age = entry != NULL ? get_age (entry, priv) : G_MAXINT64;
  if (entry == NULL || age > priv->ttl_us)
    return asab_refresh_cache_join_load (self, key, TRUE);

  if (age > priv->fresh_us)
    refresh = asab_refresh_cache_begin_refresh (self, key, FALSE);

  return asab_future_ref (entry->value);
}

/**
 * asab_refresh_cache_get_with_loader:
 * @self: a cache
 * @key: a key
 * @loader: (nullable) (scope notified) (closure user_data) (destroy destroy): what loads @key, from now on; %NULL for
 *   what loads it already
 * @user_data: data for @loader
 * @destroy: (nullable): called with @user_data when the loader is not needed any more
 *
 * Gets the value of a key, as [method@RefreshCache.get] does, after its loader was set as by
 * [method@RefreshCache.register_loader].
 *
 * Returns: (transfer full): a future of the value
 */
AsabFuture *
asab_refresh_cache_get_with_loader (AsabRefreshCache *self,
                                    const char       *key,
                                    AsabKeyLoader     loader,
                                    gpointer          user_data,
                                    GDestroyNotify    destroy)
{
  g_return_val_if_fail (ASAB_IS_REFRESH_CACHE (self), NULL);
  g_return_val_if_fail (key != NULL, NULL);

  if (loader != NULL)
    asab_refresh_cache_register_loader (self, key, loader, user_data, destroy);

  return asab_refresh_cache_get (self, key);
}

/**
 * asab_refresh_cache_load_item:
 * @self: a cache
 * @key: a key
 *
 * Loads the value of a key and stores it, however fresh the one that is there; joins a load that goes on.
 *
 * Returns: (transfer full): a future without a value, rejected with the error of the load, %ASAB_ERROR_NO_LOADER or
 *   %ASAB_ERROR_DEADLOCK
 */
AsabFuture *
asab_refresh_cache_load_item (AsabRefreshCache *self,
                              const char       *key)
{
  g_return_val_if_fail (ASAB_IS_REFRESH_CACHE (self), NULL);
  g_return_val_if_fail (key != NULL, NULL);

  return asab_refresh_cache_join_load (self, key, FALSE);
}

/**
 * asab_refresh_cache_refresh_item:
 * @self: a cache
 * @key: a key
 *
 * Loads the value of a key in the background; the one that is there can be read meanwhile, and stays if that fails. The
 * error goes to the error processor.
 *
 * Nothing is done for a key that is absent, has no loader or is being loaded.
 *
 * Returns: (transfer full): a future without a value, resolved when the refresh has ended, well or not
 */
AsabFuture *
asab_refresh_cache_refresh_item (AsabRefreshCache *self,
                                 const char       *key)
{
  g_autoptr(AsabFuture) refresh = NULL;

  g_return_val_if_fail (ASAB_IS_REFRESH_CACHE (self), NULL);
  g_return_val_if_fail (key != NULL, NULL);

  refresh = asab_refresh_cache_begin_refresh (self, key, FALSE);

  return refresh != NULL ? asab_future_shield (refresh) : asab_future_new_resolved (NULL);
}

/**
 * asab_refresh_cache_invalidate:
 * @self: a cache
 * @key: a key
 *
 * Removes the entry of a key.
 *
 * The value of a load that goes on is for those who wait for it already, and is not stored; who asks from now on begins
 * another load.
 *
 * Returns: (transfer full): a future of the value that was there, which may have expired; without a value if there was
 *   none
 */
AsabFuture *
asab_refresh_cache_invalidate (AsabRefreshCache *self,
                               const char       *key)
{
  AsabRefreshCachePrivate *priv;
  AsabCacheEntry *entry;
  AsabFuture *value;

  g_return_val_if_fail (ASAB_IS_REFRESH_CACHE (self), NULL);
  g_return_val_if_fail (key != NULL, NULL);

  asab_refresh_cache_outdate_load (self, key);

  priv = asab_refresh_cache_get_private (self);
  entry = g_hash_table_lookup (priv->entries, key);
  if (entry == NULL)
    return asab_future_new_resolved (NULL);

  value = asab_future_ref (entry->value);
  g_queue_unlink (&priv->order, &entry->link);
  g_hash_table_remove (priv->entries, key);

  return value;
}

/**
 * asab_refresh_cache_clear:
 * @self: a cache
 *
 * Removes all entries, as [method@RefreshCache.invalidate] does with one. Loaders stay.
 *
 * Returns: (transfer full): a future without a value
 */
AsabFuture *
asab_refresh_cache_clear (AsabRefreshCache *self)
{
  AsabRefreshCachePrivate *priv;
  g_autoptr(GHashTable) entries = NULL;

  g_return_val_if_fail (ASAB_IS_REFRESH_CACHE (self), NULL);

  asab_refresh_cache_outdate_loads (self);

  /* The entries go when the cache is in order: their values may be objects that use it. */
  priv = asab_refresh_cache_get_private (self);
  entries = priv->entries;
  priv->entries = asab_refresh_cache_new_entries ();
  g_queue_init (&priv->order);

  return asab_future_new_resolved (NULL);
}

/**
 * asab_refresh_cache_contains:
 * @self: a cache
 * @key: a key
 *
 * Tells whether there is an entry, which may have expired.
 *
 * Returns: true if there is
 */
gboolean
asab_refresh_cache_contains (AsabRefreshCache *self,
                             const char       *key)
{
  g_return_val_if_fail (ASAB_IS_REFRESH_CACHE (self), FALSE);
  g_return_val_if_fail (key != NULL, FALSE);

  return g_hash_table_contains (asab_refresh_cache_get_private (self)->entries, key);
}

static AsabCacheEntry *
lookup_entry (AsabRefreshCachePrivate  *priv,
              const char               *key,
              GError                  **error)
{
  AsabCacheEntry *entry = g_hash_table_lookup (priv->entries, key);

  if (entry == NULL)
    g_set_error (error, ASAB_ERROR, ASAB_ERROR_NO_SUCH_KEY, _("There is no key “%s” in the cache"), key);

  return entry;
}

/**
 * asab_refresh_cache_time_past:
 * @self: a cache
 * @key: a key
 * @error: return location for %ASAB_ERROR_NO_SUCH_KEY
 *
 * Gets how long ago the value of a key was loaded.
 *
 * Returns: the time in seconds, 0 with @error
 */
double
asab_refresh_cache_time_past (AsabRefreshCache  *self,
                              const char        *key,
                              GError           **error)
{
  AsabRefreshCachePrivate *priv;
  AsabCacheEntry *entry;

  g_return_val_if_fail (ASAB_IS_REFRESH_CACHE (self), 0);
  g_return_val_if_fail (key != NULL, 0);
  g_return_val_if_fail (error == NULL || *error == NULL, 0);

  priv = asab_refresh_cache_get_private (self);
  entry = lookup_entry (priv, key, error);

  return entry != NULL ? (double) get_age (entry, priv) / G_USEC_PER_SEC : 0;
}

/**
 * asab_refresh_cache_is_expired:
 * @self: a cache
 * @key: a key
 * @error: return location for %ASAB_ERROR_NO_SUCH_KEY
 *
 * Tells whether an entry is older than its time to live.
 *
 * Returns: true if it is, false with @error if there is no entry
 */
gboolean
asab_refresh_cache_is_expired (AsabRefreshCache  *self,
                               const char        *key,
                               GError           **error)
{
  AsabRefreshCachePrivate *priv;
  AsabCacheEntry *entry;

  g_return_val_if_fail (ASAB_IS_REFRESH_CACHE (self), FALSE);
  g_return_val_if_fail (key != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  priv = asab_refresh_cache_get_private (self);
  entry = lookup_entry (priv, key, error);

  return entry != NULL && get_age (entry, priv) > priv->ttl_us;
}

/**
 * asab_refresh_cache_should_refresh:
 * @self: a cache
 * @key: a key
 *
 * Tells whether an entry is to be refreshed now, since it is about to expire or has.
 *
 * Returns: true if it is, false also if there is no entry
 */
gboolean
asab_refresh_cache_should_refresh (AsabRefreshCache *self,
                                   const char       *key)
{
  AsabRefreshCachePrivate *priv;
  AsabCacheEntry *entry;

  g_return_val_if_fail (ASAB_IS_REFRESH_CACHE (self), FALSE);
  g_return_val_if_fail (key != NULL, FALSE);

  priv = asab_refresh_cache_get_private (self);
  entry = g_hash_table_lookup (priv->entries, key);

  return entry != NULL && asab_cache_entry_is_stale (entry, priv);
}
