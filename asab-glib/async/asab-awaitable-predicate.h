/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/async/asab-condition.h>

G_BEGIN_DECLS

#define ASAB_TYPE_AWAITABLE_PREDICATE (asab_awaitable_predicate_get_type ())
ASAB_AVAILABLE_IN_ALL
G_DECLARE_FINAL_TYPE (AsabAwaitablePredicate, asab_awaitable_predicate, ASAB, AWAITABLE_PREDICATE, GObject)

/**
 * AsabAwaitablePredicateFunc:
 * @user_data: (closure): the data given with the function
 * @error: return location for an error
 *
 * Tells whether an [class@AwaitablePredicate] is true now.
 *
 * Returns: true if so; false with @error if that cannot be told
 */
typedef gboolean (*AsabAwaitablePredicateFunc) (gpointer   user_data,
                                                GError   **error);

ASAB_AVAILABLE_IN_ALL
AsabAwaitablePredicate *asab_awaitable_predicate_new           (AsabAwaitablePredicateFunc   func,
                                                                gpointer                     user_data,
                                                                GDestroyNotify               destroy,
                                                                AsabCondition               *condition,
                                                                double                       timeout,
                                                                GError                     **error)
  G_GNUC_WARN_UNUSED_RESULT;
ASAB_AVAILABLE_IN_ALL
AsabAwaitablePredicate *asab_awaitable_predicate_new_closure   (GClosure                    *closure,
                                                                AsabCondition               *condition,
                                                                double                       timeout,
                                                                GError                     **error)
  G_GNUC_WARN_UNUSED_RESULT;
ASAB_AVAILABLE_IN_ALL
AsabCondition          *asab_awaitable_predicate_get_condition (AsabAwaitablePredicate      *self);
ASAB_AVAILABLE_IN_ALL
double                  asab_awaitable_predicate_get_timeout   (AsabAwaitablePredicate      *self);
ASAB_AVAILABLE_IN_ALL
gboolean                asab_awaitable_predicate_is_true       (AsabAwaitablePredicate      *self,
                                                                GError                     **error);
ASAB_AVAILABLE_IN_ALL
AsabFuture             *asab_awaitable_predicate_wait          (AsabAwaitablePredicate      *self)
  G_GNUC_WARN_UNUSED_RESULT;
ASAB_AVAILABLE_IN_ALL
AsabFuture             *asab_awaitable_predicate_update        (AsabAwaitablePredicate      *self,
                                                                AsabMutatorFunc              mutator,
                                                                gpointer                     user_data,
                                                                GDestroyNotify               destroy)
  G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
