/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/async/asab-accessor.h>

G_BEGIN_DECLS

#define ASAB_TYPE_CONDITION_PROPERTY (asab_condition_property_get_type ())
ASAB_AVAILABLE_IN_ALL
G_DECLARE_FINAL_TYPE (AsabConditionProperty, asab_condition_property, ASAB, CONDITION_PROPERTY, GObject)

/**
 * AsabPropertyGetterFunc: (skip)
 * @object: the object
 * @value: an unset value, to be set to what is read; it stays unset if there is nothing
 * @error: return location for an error
 *
 * Reads a property of an object.
 *
 * Returns: false with @error if it cannot be read
 */
typedef gboolean (*AsabPropertyGetterFunc) (GObject       *object,
                                            GValue        *value,
                                            GError       **error);

/**
 * AsabPropertySetterFunc: (skip)
 * @object: the object
 * @value: (nullable): what is to be written, %NULL for nothing
 * @error: return location for an error
 *
 * Writes a property of an object.
 *
 * Returns: false with @error if it cannot be written
 */
typedef gboolean (*AsabPropertySetterFunc) (GObject       *object,
                                            const GValue  *value,
                                            GError       **error);

/**
 * AsabPropertyDeleterFunc: (skip)
 * @object: the object
 *
 * Deletes a property of an object.
 */
typedef void (*AsabPropertyDeleterFunc) (GObject *object);

ASAB_AVAILABLE_IN_ALL
AsabConditionProperty *asab_condition_property_new          (const char              *name,
                                                             const char              *doc,
                                                             AsabPropertyGetterFunc   getter,
                                                             AsabPropertySetterFunc   setter,
                                                             AsabPropertyDeleterFunc  deleter)
  G_GNUC_WARN_UNUSED_RESULT;
ASAB_AVAILABLE_IN_ALL
AsabConditionProperty *asab_condition_property_with_getter  (AsabConditionProperty   *self,
                                                             AsabPropertyGetterFunc   getter)
  G_GNUC_WARN_UNUSED_RESULT;
ASAB_AVAILABLE_IN_ALL
AsabConditionProperty *asab_condition_property_with_setter  (AsabConditionProperty   *self,
                                                             AsabPropertySetterFunc   setter)
  G_GNUC_WARN_UNUSED_RESULT;
ASAB_AVAILABLE_IN_ALL
AsabConditionProperty *asab_condition_property_with_deleter (AsabConditionProperty   *self,
                                                             AsabPropertyDeleterFunc  deleter)
  G_GNUC_WARN_UNUSED_RESULT;
ASAB_AVAILABLE_IN_ALL
const char            *asab_condition_property_get_name     (AsabConditionProperty   *self);
ASAB_AVAILABLE_IN_ALL
const char            *asab_condition_property_get_doc      (AsabConditionProperty   *self);
ASAB_AVAILABLE_IN_ALL
AsabAccessor          *asab_condition_property_get          (AsabConditionProperty   *self,
                                                             GObject                 *object);
ASAB_AVAILABLE_IN_ALL
gboolean               asab_condition_property_delete       (AsabConditionProperty   *self,
                                                             GObject                 *object,
                                                             GError                 **error);

G_END_DECLS
