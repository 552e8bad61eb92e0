/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <asab-glib/async/asab-condition-property.h>

#include <asab-glib/async/asab-accessor-private.h>
#include <asab-glib/async/asab-object-accessor-private.h>
#include <asab-glib/core/asab-error.h>

#include <glib/gi18n-lib.h>

/**
 * AsabConditionProperty:
 *
 * Describes a property that is accessed through an [class@Accessor], which each object of a class has one of.
 *
 * A class makes the description once. [method@ConditionProperty.get] gives the accessor of an object, which is made
 * when it is asked for the first time and named after the property. The accessor does not keep the object; when the
 * object goes, those who wait are rejected with %G_IO_ERROR_CANCELLED, and whoever comes later with
 * %ASAB_ERROR_CLOSED.
 *
 * A description never changes: the functions that replace a part of it give a new one. For properties of GObject there
 * is [func@object_get_accessor]. In Python use the decorator `condition_property`, in JavaScript
 * `Asab.conditionProperty ()`. The semantics are those of `condition_property` of codestare.async_utils.
 *
 * ```c
 * level_property = asab_condition_property_new ("level", "How full it is", get_level, set_level, NULL);
 * ```
 */
struct _AsabConditionProperty
{
  GObject parent_instance;

  char *name;
  char *doc;                       /* (nullable) */
  AsabPropertyGetterFunc getter;   /* (nullable) */
  AsabPropertySetterFunc setter;   /* (nullable) */
  AsabPropertyDeleterFunc deleter; /* (nullable) */
};

G_DEFINE_FINAL_TYPE (AsabConditionProperty, asab_condition_property, G_TYPE_OBJECT)

static void
asab_condition_property_finalize (GObject *object)
{
  AsabConditionProperty *self = ASAB_CONDITION_PROPERTY (object);

  g_free (self->name);
  g_free (self->doc);

  G_OBJECT_CLASS (asab_condition_property_parent_class)->finalize (object);
}

static void
asab_condition_property_class_init (AsabConditionPropertyClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = asab_condition_property_finalize;
}

static void
asab_condition_property_init (AsabConditionProperty *self G_GNUC_UNUSED)
{
}

/**
 * asab_condition_property_new: (skip)
 * @name: the name of the property
 * @doc: (nullable): what it is
 * @getter: (nullable): reads it
 * @setter: (nullable): writes it
 * @deleter: (nullable): deletes it
 *
 * Describes a property.
 *
 * Returns: (transfer full): a new description
 */
AsabConditionProperty *
asab_condition_property_new (const char              *name,
                             const char              *doc,
                             AsabPropertyGetterFunc   getter,
                             AsabPropertySetterFunc   setter,
                             AsabPropertyDeleterFunc  deleter)
{
  AsabConditionProperty *self;

  g_return_val_if_fail (name != NULL, NULL);

  self = g_object_new (ASAB_TYPE_CONDITION_PROPERTY, NULL);
  self->name = g_strdup (name);
  self->doc = g_strdup (doc);
  self->getter = getter;
  self->setter = setter;
  self->deleter = deleter;

  return self;
}

/**
 * asab_condition_property_with_getter: (skip)
 * @self: a description
 * @getter: (nullable): reads the property
 *
 * Describes a property like @self with another getter.
 *
 * Returns: (transfer full): a new description
 */
AsabConditionProperty *
asab_condition_property_with_getter (AsabConditionProperty  *self,
                                     AsabPropertyGetterFunc  getter)
{
  g_return_val_if_fail (ASAB_IS_CONDITION_PROPERTY (self), NULL);

  return asab_condition_property_new (self->name, self->doc, getter, self->setter, self->deleter);
}

/**
 * asab_condition_property_with_setter: (skip)
 * @self: a description
 * @setter: (nullable): writes the property
 *
 * Describes a property like @self with another setter.
 *
 * Returns: (transfer full): a new description
 */
AsabConditionProperty *
asab_condition_property_with_setter (AsabConditionProperty  *self,
                                     AsabPropertySetterFunc  setter)
{
  g_return_val_if_fail (ASAB_IS_CONDITION_PROPERTY (self), NULL);

  return asab_condition_property_new (self->name, self->doc, self->getter, setter, self->deleter);
}

/**
 * asab_condition_property_with_deleter: (skip)
 * @self: a description
 * @deleter: (nullable): deletes the property
 *
 * Describes a property like @self with another deleter.
 *
 * Returns: (transfer full): a new description
 */
AsabConditionProperty *
asab_condition_property_with_deleter (AsabConditionProperty   *self,
                                      AsabPropertyDeleterFunc  deleter)
{
  g_return_val_if_fail (ASAB_IS_CONDITION_PROPERTY (self), NULL);

  return asab_condition_property_new (self->name, self->doc, self->getter, self->setter, deleter);
}

/**
 * asab_condition_property_get_name:
 * @self: a description
 *
 * Gets the name of the property.
 *
 * Returns: the name
 */
const char *
asab_condition_property_get_name (AsabConditionProperty *self)
{
  g_return_val_if_fail (ASAB_IS_CONDITION_PROPERTY (self), NULL);

  return self->name;
}

/**
 * asab_condition_property_get_doc:
 * @self: a description
 *
 * Gets what the property is.
 *
 * Returns: (nullable): a text
 */
const char *
asab_condition_property_get_doc (AsabConditionProperty *self)
{
  g_return_val_if_fail (ASAB_IS_CONDITION_PROPERTY (self), NULL);

  return self->doc;
}

static gpointer
bind (AsabConditionProperty *self,
      GObject               *object)
{
  return asab_bound_property_new (object, g_object_ref (self), g_object_unref, self->name);
}

static gboolean
get_bound (GValue    *value,
           gpointer   user_data,
           GError   **error)
{
  AsabBoundProperty *bound = user_data;
  AsabConditionProperty *property = bound->property;
  g_autoptr(GObject) object = asab_bound_property_ref_object (bound, error);

  return object != NULL && property->getter (object, value, error);
}

static gboolean
set_bound (const GValue  *value,
           gpointer       user_data,
           GError       **error)
{
  AsabBoundProperty *bound = user_data;
  AsabConditionProperty *property = bound->property;
  g_autoptr(GObject) object = asab_bound_property_ref_object (bound, error);

  return object != NULL && property->setter (object, value, error);
}

/* A read of what nobody can write would wait for ever. */
static GError *
new_read_refusal (AsabConditionProperty *self)
{
  if (self->getter == NULL)
    return g_error_new (ASAB_ERROR, ASAB_ERROR_UNREADABLE, _("The property “%s” has no getter"), self->name);
  if (self->setter == NULL)
    return g_error_new (ASAB_ERROR, ASAB_ERROR_UNREADABLE,
                        _("The property “%s” has no setter: a read would wait for a write that cannot come"),
                        self->name);

  return NULL;
}

static GError *
new_write_refusal (AsabConditionProperty *self)
{
  if (self->setter != NULL)
    return NULL;

  return g_error_new (ASAB_ERROR, ASAB_ERROR_READ_ONLY, _("The property “%s” has no setter"), self->name);
}

/**
 * asab_condition_property_get:
 * @self: a description
 * @object: an object that has the property
 *
 * Gets the accessor of an object's property.
 *
 * Without a setter reads and writes are refused with %ASAB_ERROR_UNREADABLE and %ASAB_ERROR_READ_ONLY, without a getter
 * reads are.
 *
 * Returns: (transfer none): the accessor, which is always the same
 */
AsabAccessor *
asab_condition_property_get (AsabConditionProperty *self,
                             GObject               *object)
{
  AsabAccessor *accessor;

  g_return_val_if_fail (ASAB_IS_CONDITION_PROPERTY (self), NULL);
  g_return_val_if_fail (G_IS_OBJECT (object), NULL);

  accessor = asab_object_lookup_accessor (object, self);
  if (accessor != NULL)
    return accessor;

  accessor = asab_accessor_new_with_funcs (self->name, NULL,
                                           get_bound, bind (self, object), asab_bound_property_free,
                                           set_bound, bind (self, object), asab_bound_property_free, NULL);
  asab_accessor_refuse (accessor, new_read_refusal (self), new_write_refusal (self));
  asab_object_take_accessor (object, self, accessor);

  return accessor;
}

typedef struct
{
  AsabConditionProperty *property;
  GObject *object;
} Deletion;

static void
call_deleter (gpointer data)
{
  Deletion *deletion = data;

  deletion->property->deleter (deletion->object);
}

/**
 * asab_condition_property_delete:
 * @self: a description
 * @object: an object that has the property
 * @error: return location for %ASAB_ERROR_READ_ONLY without a deleter
 *
 * Deletes the property of an object, and forgets its accessor: the next one that is asked for is a new one.
 *
 * Returns: false if there is no deleter
 */
gboolean
asab_condition_property_delete (AsabConditionProperty  *self,
                                GObject                *object,
                                GError                **error)
{
  g_return_val_if_fail (ASAB_IS_CONDITION_PROPERTY (self), FALSE);
  g_return_val_if_fail (G_IS_OBJECT (object), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (self->deleter == NULL)
    {
      g_set_error (error, ASAB_ERROR, ASAB_ERROR_READ_ONLY, _("The property “%s” cannot be deleted"), self->name);
      return FALSE;
    }

  asab_main_stack_call (call_deleter, &(Deletion) { self, object });
  asab_object_forget_accessor (object, self);

  return TRUE;
}
