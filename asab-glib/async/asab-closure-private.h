/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/async/asab-future.h>

G_BEGIN_DECLS

GClosure   *asab_closure_take (GClosure     *closure);
AsabFuture *asab_closure_call (GClosure     *closure,
                               gpointer      object,
                               const GValue *value,
                               GValue       *result);
AsabFuture *asab_closure_test (GClosure     *closure,
                               gpointer      object,
                               const GValue *value,
                               gboolean     *result);

G_END_DECLS
