/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/async/asab-fiber.h>
#include <asab-glib/async/asab-lock.h>

G_BEGIN_DECLS

#define ASAB_TYPE_CONDITION (asab_condition_get_type ())
ASAB_AVAILABLE_IN_ALL
G_DECLARE_FINAL_TYPE (AsabCondition, asab_condition, ASAB, CONDITION, GObject)

/**
 * AsabPredicateFunc:
 * @user_data: (closure): the data given with the function
 *
 * Tells whether what somebody waits for has come true; called with the condition's lock held.
 *
 * Returns: true to end the wait
 */
typedef gboolean (*AsabPredicateFunc) (gpointer user_data);

/**
 * AsabMutatorFunc:
 * @user_data: (closure): the data given with the function
 *
 * Changes what a condition guards; called with its lock held.
 */
typedef void (*AsabMutatorFunc) (gpointer user_data);

ASAB_AVAILABLE_IN_ALL
AsabCondition *asab_condition_new        (AsabLock           *lock) G_GNUC_WARN_UNUSED_RESULT;
ASAB_AVAILABLE_IN_ALL
AsabLock      *asab_condition_get_lock   (AsabCondition      *self);
ASAB_AVAILABLE_IN_ALL
AsabFuture    *asab_condition_wait       (AsabCondition      *self) G_GNUC_WARN_UNUSED_RESULT;
ASAB_AVAILABLE_IN_ALL
AsabFuture    *asab_condition_wait_for   (AsabCondition      *self,
                                          AsabPredicateFunc   predicate,
                                          gpointer            user_data,
                                          GDestroyNotify      destroy) G_GNUC_WARN_UNUSED_RESULT;
ASAB_AVAILABLE_IN_ALL
gboolean       asab_condition_await      (AsabCondition      *self,
                                          GError            **error);
ASAB_AVAILABLE_IN_ALL
gboolean       asab_condition_notify     (AsabCondition      *self,
                                          guint               n,
                                          GError            **error);
ASAB_AVAILABLE_IN_ALL
gboolean       asab_condition_notify_all (AsabCondition      *self,
                                          GError            **error);
ASAB_AVAILABLE_IN_ALL
AsabFuture    *asab_condition_update     (AsabCondition      *self,
                                          AsabMutatorFunc     mutator,
                                          gpointer            user_data,
                                          GDestroyNotify      destroy) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
