/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/async/asab-awaitable-predicate.h>

G_BEGIN_DECLS

#define ASAB_TYPE_ACCESSOR (asab_accessor_get_type ())
ASAB_AVAILABLE_IN_ALL
G_DECLARE_FINAL_TYPE (AsabAccessor, asab_accessor, ASAB, ACCESSOR, GObject)

/**
 * AsabWaitForWrite:
 * @ASAB_WAIT_FOR_WRITE_DEFAULT: wait unless there is a predicate
 * @ASAB_WAIT_FOR_WRITE_YES: wait for a write, whatever the value is now
 * @ASAB_WAIT_FOR_WRITE_NO: the value as it is will do
 *
 * Whether a read waits for the next write, see [method@Accessor.get_matching].
 */
typedef enum
{
  ASAB_WAIT_FOR_WRITE_DEFAULT,
  ASAB_WAIT_FOR_WRITE_YES,
  ASAB_WAIT_FOR_WRITE_NO,
} AsabWaitForWrite;

/**
 * AsabGetterFunc: (skip)
 * @value: an unset value, to be set to what is read; it stays unset if there is nothing
 * @user_data: the data given with the function
 * @error: return location for an error
 *
 * Reads what an [class@Accessor] gives access to; called with the lock held, or by [method@Accessor.get_value].
 *
 * Returns: false with @error if it cannot be read
 */
typedef gboolean (*AsabGetterFunc) (GValue    *value,
                                    gpointer   user_data,
                                    GError   **error);

/**
 * AsabSetterFunc: (skip)
 * @value: (nullable): what is to be written, %NULL for nothing
 * @user_data: the data given with the function
 * @error: return location for an error
 *
 * Writes what an [class@Accessor] gives access to; called with the lock held.
 *
 * Returns: false with @error if it cannot be written
 */
typedef gboolean (*AsabSetterFunc) (const GValue  *value,
                                    gpointer       user_data,
                                    GError       **error);

/**
 * AsabValuePredicateFunc:
 * @value: (nullable): what was read, %NULL for nothing
 * @user_data: (closure): the data given with the function
 * @error: return location for an error
 *
 * Tells whether a value is the one that somebody waits for; called with the lock held.
 *
 * Returns: true if so; false with @error ends the wait
 */
typedef gboolean (*AsabValuePredicateFunc) (const GValue  *value,
                                            gpointer       user_data,
                                            GError       **error);

ASAB_AVAILABLE_IN_ALL
AsabAccessor           *asab_accessor_new                  (const char              *name,
                                                            AsabCondition           *condition)
  G_GNUC_WARN_UNUSED_RESULT;
ASAB_AVAILABLE_IN_ALL
AsabAccessor           *asab_accessor_new_with_funcs       (const char              *name,
                                                            AsabCondition           *condition,
                                                            AsabGetterFunc           getter,
                                                            gpointer                 getter_data,
                                                            GDestroyNotify           getter_destroy,
                                                            AsabSetterFunc           setter,
                                                            gpointer                 setter_data,
                                                            GDestroyNotify           setter_destroy,
                                                            GError                 **error)
  G_GNUC_WARN_UNUSED_RESULT;
ASAB_AVAILABLE_IN_ALL
AsabAccessor           *asab_accessor_new_with_closures    (const char              *name,
                                                            AsabCondition           *condition,
                                                            GClosure                *getter,
                                                            GClosure                *setter,
                                                            GError                 **error)
  G_GNUC_WARN_UNUSED_RESULT;
ASAB_AVAILABLE_IN_ALL
const char             *asab_accessor_get_name             (AsabAccessor            *self);
ASAB_AVAILABLE_IN_ALL
AsabCondition          *asab_accessor_get_condition        (AsabAccessor            *self);
ASAB_AVAILABLE_IN_ALL
AsabAwaitablePredicate *asab_accessor_get_has_waiting_read (AsabAccessor            *self);
ASAB_AVAILABLE_IN_ALL
gboolean                asab_accessor_has_custom_funcs     (AsabAccessor            *self);
ASAB_AVAILABLE_IN_ALL
const GValue           *asab_accessor_get_value            (AsabAccessor            *self,
                                                            GError                 **error);
ASAB_AVAILABLE_IN_ALL
gboolean                asab_accessor_set_value            (AsabAccessor            *self,
                                                            const GValue            *value,
                                                            GError                 **error);
ASAB_AVAILABLE_IN_ALL
void                    asab_accessor_close                (AsabAccessor            *self);
ASAB_AVAILABLE_IN_ALL
AsabFuture             *asab_accessor_get                  (AsabAccessor            *self)
  G_GNUC_WARN_UNUSED_RESULT;
ASAB_AVAILABLE_IN_ALL
AsabFuture             *asab_accessor_get_matching         (AsabAccessor            *self,
                                                            AsabValuePredicateFunc   predicate,
                                                            gpointer                 user_data,
                                                            GDestroyNotify           destroy,
                                                            AsabWaitForWrite         wait_for_write)
  G_GNUC_WARN_UNUSED_RESULT;
ASAB_AVAILABLE_IN_ALL
AsabFuture             *asab_accessor_get_matching_closure (AsabAccessor            *self,
                                                            GClosure                *predicate,
                                                            AsabWaitForWrite         wait_for_write)
  G_GNUC_WARN_UNUSED_RESULT;
ASAB_AVAILABLE_IN_ALL
AsabFuture             *asab_accessor_set                  (AsabAccessor            *self,
                                                            const GValue            *value)
  G_GNUC_WARN_UNUSED_RESULT;
ASAB_AVAILABLE_IN_ALL
AsabFuture             *asab_accessor_set_when_read        (AsabAccessor            *self,
                                                            const GValue            *value)
  G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
