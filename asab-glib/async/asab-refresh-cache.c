/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <asab-glib/async/asab-refresh-cache.h>

#include <asab-glib/async/asab-async-context.h>
#include <asab-glib/async/asab-fiber.h>
#include <asab-glib/async/asab-refresh-cache-private.h>

#include <math.h>

/**
 * AsabRefreshCache:
 *
 * Values by key that are loaded when they are asked for, and loaded again in the background before they expire.
 *
 * An entry expires when it is older than [property@RefreshCache:ttl]. In the time before that, which is as long as
 * [property@RefreshCache:refresh], [method@RefreshCache.get] gives the value that is there and begins to load a new
 * one. While the cache is started, a loop looks every `refresh` seconds for entries that are in that time or have
 * expired, and loads them together, so that readers rarely wait. The age of an entry counts from the end of its load.
 *
 * A key is loaded by its own loader, or else by the default one. There is one load of a key at a time: whoever asks
 * meanwhile joins it and gets the same value or error, in the order of asking. It is cancelled when all who waited for
 * it have cancelled, unless it is one of the background. A failed load leaves the entry as it was. The error goes to
 * those who wait; that of the background goes to the error processor, or to
 * [vfunc@RefreshCache.process_error], and a cancellation to nobody.
 *
 * A loader that asks for its own key gets %ASAB_ERROR_DEADLOCK if it does so before it returns or in the fiber whose
 * future it returns. In other ways it would wait for itself for ever.
 *
 * A cache is an [iface@AsyncContext]: it is started when it is entered, and stopped when it is exited. It belongs to
 * the main context in which it was made, where loaders and processors are called too, from the main loop and never
 * while a function of the cache is. Nobody but its users keeps it alive: when it is freed, those who wait are rejected
 * with %G_IO_ERROR_CANCELLED.
 *
 * The behaviour is that of `CacheWithBackgroundRefresh` of Python's asyncutils, as its documentation has it.
 *
 * ```c
 * asab_refresh_cache_set_default_loader (cache, load_user, NULL, NULL);
 * asab_refresh_cache_start (cache);
 * ```
 */

#define DEFAULT_TTL 60.0
#define DEFAULT_REFRESH 15.0

/* So long a loop pauses at least: the refresh time is a time of the data, not meant to keep a processor busy. */
#define MIN_PERIOD_US 1000

static void asab_refresh_cache_async_context_init (AsabAsyncContextInterface *iface);

G_DEFINE_TYPE_WITH_CODE (AsabRefreshCache, asab_refresh_cache, G_TYPE_OBJECT,
                         G_ADD_PRIVATE (AsabRefreshCache)
                         G_IMPLEMENT_INTERFACE (ASAB_TYPE_ASYNC_CONTEXT, asab_refresh_cache_async_context_init))

typedef enum
{
  PROP_TTL = 1,
  PROP_REFRESH,
  PROP_CLOCK,
  PROP_RUNNING,
} AsabRefreshCacheProperty;

static GParamSpec *props[PROP_RUNNING + 1];

AsabRefreshCachePrivate *
asab_refresh_cache_get_private (AsabRefreshCache *self)
{
  return asab_refresh_cache_get_instance_private (self);
}

/* The time from which ages are counted, in microseconds. */
gint64
asab_refresh_cache_get_time (AsabRefreshCachePrivate *priv)
{
  return priv->clock != NULL ? asab_clock_get_time (priv->clock) : asab_context_get_time (priv->context);
}

static void
asab_refresh_cache_finalize (GObject *object)
{
  AsabRefreshCache *self = ASAB_REFRESH_CACHE (object);
  AsabRefreshCachePrivate *priv = asab_refresh_cache_get_instance_private (self);

  asab_cache_loop_end (&priv->loop);
  asab_refresh_cache_abandon_loads (self);
  g_hash_table_unref (priv->loading);
  g_hash_table_unref (priv->entries);
  g_hash_table_unref (priv->loaders);
  g_clear_pointer (&priv->default_loader, asab_cache_callback_unref);
  g_clear_pointer (&priv->processor, asab_cache_callback_unref);
  g_clear_object (&priv->clock);
  g_main_context_unref (priv->context->context);

  G_OBJECT_CLASS (asab_refresh_cache_parent_class)->finalize (object);
}

static gint64
to_microseconds (double seconds)
{
  double microseconds = seconds * G_USEC_PER_SEC;

  return microseconds < (double) (G_MAXINT64 / 4) ? (gint64) llround (microseconds) : G_MAXINT64;
}

/* Takes two valid durations, of which the longer one is the time to live. */
static void
set_times (AsabRefreshCachePrivate *priv,
           double                   a,
           double                   b)
{
  gint64 refresh_us;

  priv->ttl = MAX (a, b);
  priv->refresh = MIN (a, b);

  priv->ttl_us = to_microseconds (priv->ttl);
  refresh_us = to_microseconds (priv->refresh);
  priv->fresh_us = priv->ttl_us == G_MAXINT64 ? G_MAXINT64 : priv->ttl_us - refresh_us;
  priv->period_us = priv->fresh_us == G_MAXINT64 || refresh_us == 0 ? 0 : MAX (refresh_us, MIN_PERIOD_US);
}

static void
asab_refresh_cache_constructed (GObject *object)
{
  AsabRefreshCachePrivate *priv = asab_refresh_cache_get_instance_private (ASAB_REFRESH_CACHE (object));

  set_times (priv, priv->ttl, priv->refresh);

  G_OBJECT_CLASS (asab_refresh_cache_parent_class)->constructed (object);
}

static void
asab_refresh_cache_get_property (GObject    *object,
                                 guint       prop_id,
                                 GValue     *value,
                                 GParamSpec *pspec)
{
  AsabRefreshCachePrivate *priv = asab_refresh_cache_get_instance_private (ASAB_REFRESH_CACHE (object));

  switch ((AsabRefreshCacheProperty) prop_id)
    {
    case PROP_TTL:
      g_value_set_double (value, priv->ttl);
      break;
    case PROP_REFRESH:
      g_value_set_double (value, priv->refresh);
      break;
    case PROP_CLOCK:
      g_value_set_object (value, priv->clock);
      break;
    case PROP_RUNNING:
      g_value_set_boolean (value, priv->loop.running);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
asab_refresh_cache_set_property (GObject      *object,
                                 guint         prop_id,
                                 const GValue *value,
                                 GParamSpec   *pspec)
{
  AsabRefreshCachePrivate *priv = asab_refresh_cache_get_instance_private (ASAB_REFRESH_CACHE (object));

  switch ((AsabRefreshCacheProperty) prop_id)
    {
    case PROP_TTL:
      priv->ttl = g_value_get_double (value);
      break;
    case PROP_REFRESH:
      priv->refresh = g_value_get_double (value);
      break;
    case PROP_CLOCK:
      priv->clock = g_value_dup_object (value);
      break;
    case PROP_RUNNING:
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static AsabFuture *
asab_refresh_cache_real_process_error (AsabRefreshCache *self G_GNUC_UNUSED,
                                       const GError     *error,
                                       gboolean          was_batched G_GNUC_UNUSED)
{
  g_warning ("An entry of a cache could not be refreshed: %s", error->message);

  return NULL;
}

static AsabFuture *
asab_refresh_cache_enter (AsabAsyncContext *context)
{
  asab_refresh_cache_start (ASAB_REFRESH_CACHE (context));

  return NULL;
}

static AsabFuture *
asab_refresh_cache_exit (AsabAsyncContext *context,
                         const GError     *error G_GNUC_UNUSED)
{
  return asab_refresh_cache_stop (ASAB_REFRESH_CACHE (context));
}

static void
asab_refresh_cache_async_context_init (AsabAsyncContextInterface *iface)
{
  iface->enter = asab_refresh_cache_enter;
  iface->exit = asab_refresh_cache_exit;
}

static void
asab_refresh_cache_class_init (AsabRefreshCacheClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = asab_refresh_cache_finalize;
  object_class->constructed = asab_refresh_cache_constructed;
  object_class->get_property = asab_refresh_cache_get_property;
  object_class->set_property = asab_refresh_cache_set_property;
  klass->process_error = asab_refresh_cache_real_process_error;

  /**
   * AsabRefreshCache:ttl: (getter get_ttl)
   *
   * How long an entry lives, in seconds; infinity for ever.
   *
   * The longer one of this and [property@RefreshCache:refresh] is the time to live, whichever is given as which.
   */
  props[PROP_TTL] =
    g_param_spec_double ("ttl", NULL, NULL, 0, INFINITY, DEFAULT_TTL,
                         G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);

  /**
   * AsabRefreshCache:refresh: (getter get_refresh)
   *
   * How long before it expires an entry begins to be refreshed, in seconds, and how often the loop looks; zero for
   * never.
   */
  props[PROP_REFRESH] =
    g_param_spec_double ("refresh", NULL, NULL, 0, INFINITY, DEFAULT_REFRESH,
                         G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);

  /**
   * AsabRefreshCache:clock: (getter get_clock)
   *
   * The clock by which entries age, if it is not that of the main context, by which the loop goes in any case.
   */
  props[PROP_CLOCK] =
    g_param_spec_object ("clock", NULL, NULL, ASAB_TYPE_CLOCK,
                         G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);

  /**
   * AsabRefreshCache:running: (getter get_running)
   *
   * Whether the background loop runs.
   */
  props[PROP_RUNNING] =
    g_param_spec_boolean ("running", NULL, NULL, FALSE,
                          G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);

  g_object_class_install_properties (object_class, G_N_ELEMENTS (props), props);
}

static void
asab_refresh_cache_init (AsabRefreshCache *self)
{
  AsabRefreshCachePrivate *priv = asab_refresh_cache_get_instance_private (self);

  priv->context = asab_context_get_current ();
  g_main_context_ref (priv->context->context);
  priv->entries = asab_refresh_cache_new_entries ();
  priv->loaders = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) asab_cache_callback_unref);
  priv->loading = g_hash_table_new (g_str_hash, g_str_equal);
  priv->loop.cache = self;
}

static gboolean
check_times (double    ttl,
             double    refresh,
             GError  **error)
{
  return asab_timeout_check_seconds (ttl, error) && asab_timeout_check_seconds (refresh, error);
}

/**
 * asab_refresh_cache_new:
 * @ttl: how long an entry lives, in seconds
 * @refresh: how long before it expires an entry begins to be refreshed, in seconds
 * @error: return location for %G_IO_ERROR_INVALID_ARGUMENT
 *
 * Creates a cache without entries, loaders and error processor; the longer one of the two times is the time to live.
 *
 * Returns: (transfer full): a new cache; %NULL with @error if a time is negative or no number
 */
AsabRefreshCache *
asab_refresh_cache_new (double    ttl,
                        double    refresh,
                        GError  **error)
{
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (!check_times (ttl, refresh, error))
    return NULL;

  return g_object_new (ASAB_TYPE_REFRESH_CACHE, "ttl", ttl, "refresh", refresh, NULL);
}

static void
notify_times (gpointer self)
{
  g_object_freeze_notify (self);
  g_object_notify_by_pspec (self, props[PROP_TTL]);
  g_object_notify_by_pspec (self, props[PROP_REFRESH]);
  g_object_thaw_notify (self);
}

/**
 * asab_refresh_cache_configure:
 * @self: a cache
 * @ttl: how long an entry lives, in seconds
 * @refresh: how long before it expires an entry begins to be refreshed, in seconds
 * @processor: (nullable) (scope notified) (closure user_data) (destroy destroy): what deals with errors of the
 *   background; %NULL for [vfunc@RefreshCache.process_error]
 * @user_data: data for @processor
 * @destroy: (nullable): called with @user_data when the processor is replaced
 * @error: return location for %G_IO_ERROR_INVALID_ARGUMENT
 *
 * Changes the settings, which count from now on for the entries that are there too; a running loop has its next turn
 * after the new time.
 *
 * Returns: false, and nothing has changed, if a time is negative or no number
 */
gboolean
asab_refresh_cache_configure (AsabRefreshCache    *self,
                              double               ttl,
                              double               refresh,
                              AsabErrorProcessor   processor,
                              gpointer             user_data,
                              GDestroyNotify       destroy,
                              GError             **error)
{
  AsabRefreshCachePrivate *priv = asab_refresh_cache_get_instance_private (self);
  AsabCacheCallback *callback;

  g_return_val_if_fail (ASAB_IS_REFRESH_CACHE (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  callback = asab_cache_callback_new (G_CALLBACK (processor), user_data, destroy);
  if (!check_times (ttl, refresh, error))
    {
      g_clear_pointer (&callback, asab_cache_callback_unref);
      return FALSE;
    }

  set_times (priv, ttl, refresh);
  asab_cache_loop_rearm (&priv->loop);
  asab_cache_callback_replace (&priv->processor, callback);
  asab_main_stack_call (notify_times, self);

  return TRUE;
}

/**
 * asab_refresh_cache_get_ttl: (get-property ttl)
 * @self: a cache
 *
 * Gets how long an entry lives.
 *
 * Returns: the time in seconds
 */
double
asab_refresh_cache_get_ttl (AsabRefreshCache *self)
{
  g_return_val_if_fail (ASAB_IS_REFRESH_CACHE (self), 0);

  return asab_refresh_cache_get_private (self)->ttl;
}

/**
 * asab_refresh_cache_get_refresh: (get-property refresh)
 * @self: a cache
 *
 * Gets how long before it expires an entry begins to be refreshed.
 *
 * Returns: the time in seconds
 */
double
asab_refresh_cache_get_refresh (AsabRefreshCache *self)
{
  g_return_val_if_fail (ASAB_IS_REFRESH_CACHE (self), 0);

  return asab_refresh_cache_get_private (self)->refresh;
}

/**
 * asab_refresh_cache_get_clock: (get-property clock)
 * @self: a cache
 *
 * Gets the clock by which entries age.
 *
 * Returns: (transfer none) (nullable): the clock, %NULL for that of the main context
 */
AsabClock *
asab_refresh_cache_get_clock (AsabRefreshCache *self)
{
  g_return_val_if_fail (ASAB_IS_REFRESH_CACHE (self), NULL);

  return asab_refresh_cache_get_private (self)->clock;
}
