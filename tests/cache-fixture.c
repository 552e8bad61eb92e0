/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cache-fixture.h"

static int last_value; /* of the running test */

/* Makes a cache the one of the test. Returns: @cache */
AsabRefreshCache *
cache_use (AsabRefreshCache *cache,
           AsabKeyLoader     loader)
{
  last_value = 0;
  asab_refresh_cache_set_default_loader (cache, loader, NULL, NULL);

  return cache;
}

/* Creates a cache with the default times. */
AsabRefreshCache *
cache_new_with (AsabKeyLoader loader)
{
  return cache_use (asab_refresh_cache_new (60, 15, NULL), loader);
}

/* Creates a cache whose values are 1, 2, 3 and so on, in the order of loading. */
AsabRefreshCache *
cache_new_loading (void)
{
  return cache_new_with (cache_load_next);
}

void
cache_set_processor (AsabRefreshCache *cache,
                     double            ttl,
                     double            refresh)
{
  g_assert_true (asab_refresh_cache_configure (cache, ttl, refresh, cache_trace_error, NULL, NULL, NULL));
}

/* Gets a value that has to be loaded, and does not take time. */
void
cache_load (AsyncFixture     *fixture,
            AsabRefreshCache *cache,
            const char       *key,
            int               value)
{
  g_autoptr(AsabFuture) future = asab_refresh_cache_get (cache, key);

  g_assert_false (asab_future_is_done (future));
  async_run_ready (fixture);
  async_assert_int (future, value);
}

/* Gets a value that is there. */
void
cache_assert_hit (AsabRefreshCache *cache,
                  const char       *key,
                  int               value)
{
  g_autoptr(AsabFuture) future = asab_refresh_cache_get (cache, key);

  async_assert_int (future, value);
}

AsabFuture *
cache_load_next (const char  *key,
                 gpointer     user_data G_GNUC_UNUSED,
                 GError     **error G_GNUC_UNUSED)
{
  async_trace (key);

  return async_new_int_future (++last_value);
}

typedef struct
{
  char *key;
  int value;
} Delivery;

static void
delivery_free (gpointer data)
{
  Delivery *delivery = data;

  g_free (delivery->key);
  g_free (delivery);
}

static gboolean
deliver_fiber (gpointer   data,
               GValue    *result,
               GError   **error)
{
  Delivery *delivery = data;

  if (!asab_fiber_sleep (5, error))
    {
      async_trace ("-");
      async_trace (delivery->key);
      return FALSE;
    }

  g_value_init (result, G_TYPE_INT);
  g_value_set_int (result, delivery->value);

  return TRUE;
}

/* Takes five seconds, and notes when it is cancelled. */
AsabFuture *
cache_load_later (const char  *key,
                  gpointer     user_data G_GNUC_UNUSED,
                  GError     **error G_GNUC_UNUSED)
{
  Delivery *delivery = g_new (Delivery, 1);

  async_trace (key);
  delivery->key = g_strdup (key);
  delivery->value = ++last_value;

  return asab_spawn (deliver_fiber, delivery, delivery_free);
}

AsabFuture *
cache_load_constant (const char  *key G_GNUC_UNUSED,
                     gpointer     user_data,
                     GError     **error G_GNUC_UNUSED)
{
  return async_new_int_future (GPOINTER_TO_INT (user_data));
}

AsabFuture *
cache_load_nothing (const char  *key G_GNUC_UNUSED,
                    gpointer     user_data G_GNUC_UNUSED,
                    GError     **error G_GNUC_UNUSED)
{
  return NULL;
}

AsabFuture *
cache_fail_to_load (const char  *key,
                    gpointer     user_data G_GNUC_UNUSED,
                    GError     **error)
{
  async_trace ("!");
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "no %s today", key);

  return NULL;
}

AsabFuture *
cache_trace_error (const GError *error,
                   gboolean      was_batched,
                   gpointer      user_data G_GNUC_UNUSED)
{
  async_trace (was_batched ? "[batch: " : "[single: ");
  async_trace (error->message);
  async_trace ("]");

  return NULL;
}

void
cache_trace_destroyed (gpointer what)
{
  async_trace ("~");
  async_trace (what);
}

void
cache_trace_notify_cb (GObject    *object G_GNUC_UNUSED,
                       GParamSpec *pspec,
                       gpointer    user_data G_GNUC_UNUSED)
{
  async_trace ("(");
  async_trace (pspec->name);
  async_trace (")");
}
