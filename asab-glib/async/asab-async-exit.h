/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/async/asab-async-context.h>

G_BEGIN_DECLS

ASAB_AVAILABLE_IN_ALL
AsabFuture *asab_async_exit_on_error (AsabAsyncContext *context,
                                      AsabFuture       *task,
                                      GMainContext     *main_context);

G_END_DECLS
