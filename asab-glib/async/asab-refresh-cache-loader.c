/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The loaders of a cache, and how it keeps functions of the user. */

#include "config.h"

#include <asab-glib/async/asab-refresh-cache.h>

#include <asab-glib/async/asab-fiber.h>
#include <asab-glib/async/asab-refresh-cache-private.h>
#include <asab-glib/core/asab-error.h>

#include <glib/gi18n-lib.h>

/* Returns: (nullable): NULL without a function */
AsabCacheCallback *
asab_cache_callback_new (GCallback      func,
                         gpointer       user_data,
                         GDestroyNotify destroy)
{
  AsabCacheCallback *self;

  if (func == NULL)
    return NULL;

  self = g_rc_box_new (AsabCacheCallback);
  self->func = func;
  self->user_data = user_data;
  self->destroy = destroy;

  return self;
}

AsabCacheCallback *
asab_cache_callback_ref (AsabCacheCallback *self)
{
  return g_rc_box_acquire (self);
}

static void
asab_cache_callback_clear (gpointer data)
{
  AsabCacheCallback *self = data;

  if (self->destroy != NULL)
    asab_main_stack_call (self->destroy, self->user_data);
}

void
asab_cache_callback_unref (AsabCacheCallback *self)
{
  g_rc_box_release_full (self, asab_cache_callback_clear);
}

/* Puts @callback, which is taken and may be NULL, in the place of another. That may run code of the user. */
void
asab_cache_callback_replace (AsabCacheCallback **place,
                             AsabCacheCallback  *callback)
{
  AsabCacheCallback *old = *place;

  *place = callback;
  if (old != NULL)
    asab_cache_callback_unref (old);
}

/**
 * asab_refresh_cache_set_default_loader:
 * @self: a cache
 * @loader: (nullable) (scope notified) (closure user_data) (destroy destroy): what loads the keys that have no loader
 *   of their own; %NULL for nothing
 * @user_data: data for @loader
 * @destroy: (nullable): called with @user_data when the loader is not needed any more
 *
 * Sets the default loader.
 */
void
asab_refresh_cache_set_default_loader (AsabRefreshCache *self,
                                       AsabKeyLoader     loader,
                                       gpointer          user_data,
                                       GDestroyNotify    destroy)
{
  g_return_if_fail (ASAB_IS_REFRESH_CACHE (self));

  asab_cache_callback_replace (&asab_refresh_cache_get_private (self)->default_loader,
                               asab_cache_callback_new (G_CALLBACK (loader), user_data, destroy));
}

/**
 * asab_refresh_cache_register_loader:
 * @self: a cache
 * @key: a key
 * @loader: (nullable) (scope notified) (closure user_data) (destroy destroy): what loads @key; %NULL for the default
 *   loader
 * @user_data: data for @loader
 * @destroy: (nullable): called with @user_data when the loader is not needed any more
 *
 * Sets the loader of a key, in the place of the one that it had. It loads nothing yet, and stays when the entry is
 * removed.
 */
void
asab_refresh_cache_register_loader (AsabRefreshCache *self,
                                    const char       *key,
                                    AsabKeyLoader     loader,
                                    gpointer          user_data,
                                    GDestroyNotify    destroy)
{
  GHashTable *loaders;
  gpointer old_key = NULL;
  gpointer old = NULL;

  g_return_if_fail (ASAB_IS_REFRESH_CACHE (self));
  g_return_if_fail (key != NULL);

  /* The old loader goes last, when the table is in order again. */
  loaders = asab_refresh_cache_get_private (self)->loaders;
  g_hash_table_steal_extended (loaders, key, &old_key, &old);
  if (loader != NULL)
    g_hash_table_insert (loaders, g_strdup (key),
                         asab_cache_callback_new (G_CALLBACK (loader), user_data, destroy));
  g_free (old_key);
  if (old != NULL)
    asab_cache_callback_unref (old);
}

/* Gets what loads @key. Returns: (transfer none) (nullable): NULL with @error if nothing does */
AsabCacheCallback *
asab_refresh_cache_lookup_loader (AsabRefreshCache  *self,
                                  const char        *key,
                                  GError           **error)
{
  AsabRefreshCachePrivate *priv = asab_refresh_cache_get_private (self);
  AsabCacheCallback *loader = g_hash_table_lookup (priv->loaders, key);

  if (loader == NULL)
    loader = priv->default_loader;
  if (loader == NULL)
    g_set_error (error, ASAB_ERROR, ASAB_ERROR_NO_LOADER, _("There is no loader for the key “%s”"), key);

  return loader;
}

/**
 * asab_refresh_cache_has_loader:
 * @self: a cache
 * @key: a key
 * @error: return location for %ASAB_ERROR_NO_LOADER
 *
 * Tells whether the key can be loaded, by a loader of its own or by the default one.
 *
 * Returns: true if it can, false with @error if not
 */
gboolean
asab_refresh_cache_has_loader (AsabRefreshCache  *self,
                               const char        *key,
                               GError           **error)
{
  g_return_val_if_fail (ASAB_IS_REFRESH_CACHE (self), FALSE);
  g_return_val_if_fail (key != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return asab_refresh_cache_lookup_loader (self, key, error) != NULL;
}
