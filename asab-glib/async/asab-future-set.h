/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/async/asab-future.h>

G_BEGIN_DECLS

#define ASAB_TYPE_FUTURE_SET (asab_future_set_get_type ())

typedef struct _AsabFutureSet AsabFutureSet;

ASAB_AVAILABLE_IN_ALL
GType          asab_future_set_get_type      (void) G_GNUC_CONST;
ASAB_AVAILABLE_IN_ALL
AsabFutureSet *asab_future_set_ref           (AsabFutureSet  *self);
ASAB_AVAILABLE_IN_ALL
void           asab_future_set_unref         (AsabFutureSet  *self);
ASAB_AVAILABLE_IN_ALL
guint          asab_future_set_get_n_futures (AsabFutureSet  *self);
ASAB_AVAILABLE_IN_ALL
AsabFuture    *asab_future_set_get_future    (AsabFutureSet  *self,
                                              guint           index);
ASAB_AVAILABLE_IN_ALL
const GValue  *asab_future_set_get_value     (AsabFutureSet  *self,
                                              guint           index,
                                              GError        **error);

ASAB_AVAILABLE_IN_ALL
AsabFuture    *asab_future_all               (AsabFuture    **futures,
                                              gsize           n_futures) G_GNUC_WARN_UNUSED_RESULT;
ASAB_AVAILABLE_IN_ALL
AsabFuture    *asab_future_all_settled       (AsabFuture    **futures,
                                              gsize           n_futures) G_GNUC_WARN_UNUSED_RESULT;
ASAB_AVAILABLE_IN_ALL
AsabFuture    *asab_future_any               (AsabFuture    **futures,
                                              gsize           n_futures) G_GNUC_WARN_UNUSED_RESULT;
ASAB_AVAILABLE_IN_ALL
AsabFuture    *asab_future_race              (AsabFuture    **futures,
                                              gsize           n_futures) G_GNUC_WARN_UNUSED_RESULT;
ASAB_AVAILABLE_IN_ALL
AsabFuture    *asab_future_with_timeout      (AsabFuture     *self,
                                              double          seconds,
                                              gboolean        cancel_source) G_GNUC_WARN_UNUSED_RESULT;
ASAB_AVAILABLE_IN_ALL
AsabFuture    *asab_future_shield            (AsabFuture     *self) G_GNUC_WARN_UNUSED_RESULT;
ASAB_AVAILABLE_IN_ALL
AsabFuture    *asab_sleep                    (double          seconds) G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AsabFutureSet, asab_future_set_unref)

G_END_DECLS
