/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Loaders and error processors that note that they were called, for the tests of caches. */

#pragma once

#include "async-fixture.h"

#include <math.h>

AsabRefreshCache *cache_use             (AsabRefreshCache  *cache,
                                         AsabKeyLoader      loader);
AsabRefreshCache *cache_new_with        (AsabKeyLoader      loader);
AsabRefreshCache *cache_new_loading     (void);
void              cache_set_processor   (AsabRefreshCache  *cache,
                                         double             ttl,
                                         double             refresh);
void              cache_load            (AsyncFixture      *fixture,
                                         AsabRefreshCache  *cache,
                                         const char        *key,
                                         int                value);
void              cache_assert_hit      (AsabRefreshCache  *cache,
                                         const char        *key,
                                         int                value);

AsabFuture       *cache_load_next       (const char        *key,
                                         gpointer           user_data,
                                         GError           **error);
AsabFuture       *cache_load_later      (const char        *key,
                                         gpointer           user_data,
                                         GError           **error);
AsabFuture       *cache_load_constant   (const char        *key,
                                         gpointer           user_data,
                                         GError           **error);
AsabFuture       *cache_load_nothing    (const char        *key,
                                         gpointer           user_data,
                                         GError           **error);
AsabFuture       *cache_fail_to_load    (const char        *key,
                                         gpointer           user_data,
                                         GError           **error);
AsabFuture       *cache_trace_error     (const GError      *error,
                                         gboolean           was_batched,
                                         gpointer           user_data);
void              cache_trace_destroyed (gpointer           what);
void              cache_trace_notify_cb (GObject           *object,
                                         GParamSpec        *pspec,
                                         gpointer           user_data);
