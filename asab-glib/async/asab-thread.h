/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/async/asab-future.h>

G_BEGIN_DECLS

/**
 * AsabThreadFunc: (skip)
 * @user_data: the data given to `asab_run_in_thread ()`
 * @cancellable: (nullable): the cancellable of the call, to be looked at by work that takes long
 * @result: an unset value, to be set to the result if there is one
 * @error: return location for an error
 *
 * Work that blocks, called in a thread of the pool.
 *
 * Returns: true if the future is to be resolved with @result, false if it is to be rejected with @error
 */
typedef gboolean (*AsabThreadFunc) (gpointer       user_data,
                                    GCancellable  *cancellable,
                                    GValue        *result,
                                    GError       **error);

ASAB_AVAILABLE_IN_ALL
AsabFuture *asab_run_in_thread           (AsabThreadFunc   func,
                                          gpointer         user_data,
                                          GDestroyNotify   destroy,
                                          GCancellable    *cancellable);
ASAB_AVAILABLE_IN_ALL
AsabFuture *asab_run_in_thread_closure   (GClosure        *closure,
                                          GCancellable    *cancellable);
ASAB_AVAILABLE_IN_ALL
void        asab_set_max_threads         (guint            max_threads);
ASAB_AVAILABLE_IN_ALL
guint       asab_get_max_threads         (void);

G_END_DECLS
