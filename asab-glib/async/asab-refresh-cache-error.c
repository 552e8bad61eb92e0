/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What becomes of the errors of the background. */

#include "config.h"

#include <asab-glib/async/asab-refresh-cache.h>

#include <asab-glib/async/asab-refresh-cache-private.h>

ASAB_THREAD_LOCAL AsabFuture *processed_failure; /* (not owned) (nullable) */

/* Asks the user what to do about the error of a refresh. Returns: (transfer full) (nullable): what to wait for */
AsabFuture *
asab_refresh_cache_process_error (AsabRefreshCache *self,
                                  AsabFuture       *failed,
                                  gboolean          was_batched)
{
  AsabRefreshCachePrivate *priv = asab_refresh_cache_get_private (self);
  const GError *error = asab_future_peek_error (failed);
  AsabFuture *outer = processed_failure;
  AsabFuture *processed;

  processed_failure = failed;
  if (priv->processor != NULL)
    {
      AsabCacheCallback *processor = asab_cache_callback_ref (priv->processor);

      processed = ((AsabErrorProcessor) processor->func) (error, was_batched, processor->user_data);
      asab_cache_callback_unref (processor);
    }
  else
    {
      processed = ASAB_REFRESH_CACHE_GET_CLASS (self)->process_error (self, error, was_batched);
    }
  processed_failure = outer;

  return processed;
}

/**
 * asab_refresh_cache_get_failed:
 *
 * Gets the load whose error is being processed in this thread: bindings find there the exception behind the error.
 *
 * Returns: (transfer none) (nullable): the rejected future, %NULL outside of an error processor
 */
AsabFuture *
asab_refresh_cache_get_failed (void)
{
  return processed_failure;
}
