/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/async/asab-future.h>

G_BEGIN_DECLS

#define ASAB_TYPE_ASYNC_FUNCTION (asab_async_function_get_type ())
ASAB_AVAILABLE_IN_ALL
G_DECLARE_FINAL_TYPE (AsabAsyncFunction, asab_async_function, ASAB, ASYNC_FUNCTION, GObject)

ASAB_AVAILABLE_IN_ALL
AsabAsyncFunction *asab_make_async           (GCallback           func,
                                              GType               return_type,
                                              gpointer            user_data,
                                              GDestroyNotify      destroy) G_GNUC_WARN_UNUSED_RESULT;
ASAB_AVAILABLE_IN_ALL
AsabFuture        *asab_async_function_call  (AsabAsyncFunction  *self,
                                              GCancellable       *cancellable,
                                              GType               first_type,
                                              ...);
ASAB_AVAILABLE_IN_ALL
AsabFuture        *asab_async_function_callv (AsabAsyncFunction  *self,
                                              const GValue       *args,
                                              guint               n_args,
                                              GCancellable       *cancellable);

G_END_DECLS
