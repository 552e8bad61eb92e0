/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/async/asab-future.h>

G_BEGIN_DECLS

#define ASAB_TYPE_ASYNC_CONTEXT (asab_async_context_get_type ())
ASAB_AVAILABLE_IN_ALL
G_DECLARE_INTERFACE (AsabAsyncContext, asab_async_context, ASAB, ASYNC_CONTEXT, GObject)

struct _AsabAsyncContextInterface
{
  GTypeInterface parent_iface;

  /**
   * AsabAsyncContextInterface::enter:
   * @self: a context
   *
   * Begins the scope.
   *
   * Returns: (transfer full) (nullable): a future of what the scope works with, or %NULL if the scope has begun
   */
  AsabFuture *(*enter) (AsabAsyncContext *self);

  /**
   * AsabAsyncContextInterface::exit:
   * @self: a context
   * @error: (nullable): the error with which the scope ends, %NULL if it ends well
   *
   * Ends the scope.
   *
   * Returns: (transfer full) (nullable): a future of whether @error is dealt with, or %NULL if the scope has ended and
   *   @error goes on
   */
  AsabFuture *(*exit)  (AsabAsyncContext *self,
                        const GError     *error);
};

ASAB_AVAILABLE_IN_ALL
AsabFuture *asab_async_context_enter (AsabAsyncContext *self) G_GNUC_WARN_UNUSED_RESULT;
ASAB_AVAILABLE_IN_ALL
AsabFuture *asab_async_context_exit  (AsabAsyncContext *self,
                                      const GError     *error) G_GNUC_WARN_UNUSED_RESULT;
ASAB_AVAILABLE_IN_ALL
AsabFuture *asab_async_context_leave (AsabAsyncContext *self) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
