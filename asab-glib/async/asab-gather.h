/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/async/asab-coroutine.h>

G_BEGIN_DECLS

/**
 * ASAB_GATHER_DEFAULT_LIMIT:
 *
 * How many jobs to run at a time when there is no reason for another number.
 */
#define ASAB_GATHER_DEFAULT_LIMIT 8

/**
 * AsabGatherFlags:
 * @ASAB_GATHER_DEFAULT: the first error rejects the whole at once, and the other jobs go on unattended
 * @ASAB_GATHER_RETURN_ERRORS: errors are results as values are, and reject nothing
 * @ASAB_GATHER_CANCEL_ON_ERROR: the first error cancels the jobs that run, and those that do not yet run never will
 *
 * What happens when a job of [func@gather_limited] fails.
 */
typedef enum /*< flags >*/
{
  ASAB_GATHER_DEFAULT         = 0,
  ASAB_GATHER_RETURN_ERRORS   = 1 << 0,
  ASAB_GATHER_CANCEL_ON_ERROR = 1 << 1,
} AsabGatherFlags;

/**
 * AsabIndexFunc:
 * @index: the number of the job
 * @user_data: (closure): the data given with the function
 * @error: return location for an error
 *
 * Starts one of many jobs.
 *
 * Returns: (transfer full) (nullable): a future of the result; %NULL without @error is done without a value
 */
typedef AsabFuture *(*AsabIndexFunc) (guint      index,
                                      gpointer   user_data,
                                      GError   **error);

ASAB_AVAILABLE_IN_ALL
AsabFuture *asab_gather_limited (int               limit,
                                 AsabCoroutine   **coroutines,
                                 gsize             n_coroutines,
                                 AsabGatherFlags   flags) G_GNUC_WARN_UNUSED_RESULT;
ASAB_AVAILABLE_IN_ALL
AsabFuture *asab_map_limited    (int               limit,
                                 guint             n_jobs,
                                 AsabGatherFlags   flags,
                                 AsabIndexFunc     func,
                                 gpointer          user_data,
                                 GDestroyNotify    destroy) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
