/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <asab-glib/async/asab-accessor.h>

#include <asab-glib/async/asab-accessor-private.h>
#include <asab-glib/async/asab-awaitable-predicate-private.h>
#include <asab-glib/async/asab-closure-private.h>
#include <asab-glib/core/asab-error.h>

#include <glib/gi18n-lib.h>
#include <math.h>

/**
 * AsabAccessor:
 *
 * Shared access to a value, with readers that wait for the next write.
 *
 * [method@Accessor.get] waits until the value is written and gives what it is then. It can also wait until the value is
 * as somebody wants it, or not wait at all, see [method@Accessor.get_matching]; and a write can wait for a reader, see
 * [method@Accessor.set_when_read]. An accessor is a shared variable and no queue: of two writes that come one right
 * after the other a reader sees the last.
 *
 * The value is kept by the accessor, or by somebody else behind a getter and a setter. Each access is made with the
 * lock of a condition held, which is notified of each write. A condition can be shared by several accessors, and then a
 * read of one counts the notifications of all of them as writes. The functions may start reads and writes of the
 * accessor, but must not wait for them.
 *
 * The semantics are those of `accessor` of codestare.async_utils. An accessor belongs to the main context in which it
 * was made. When it is freed, those who wait are rejected with %G_IO_ERROR_CANCELLED.
 *
 * ```c
 * const GValue *value = asab_await_value (ASAB_TEMP (asab_accessor_get (user_data)), error);
 * ```
 */
G_DEFINE_FINAL_TYPE (AsabAccessor, asab_accessor, G_TYPE_OBJECT)

typedef enum
{
  PROP_CONDITION = 1,
  PROP_HAS_WAITING_READ,
  PROP_NAME,
  PROP_VALUE,
} AsabAccessorProperty;

static GParamSpec *props[PROP_VALUE + 1];

static void
asab_accessor_finalize (GObject *object)
{
  AsabAccessor *self = ASAB_ACCESSOR (object);

  asab_accessor_close (self);
  asab_guarded_ops_clear (&self->reads);
  asab_guarded_ops_clear (&self->writes);
  asab_user_func_clear (&self->getter);
  asab_user_func_clear (&self->setter);
  asab_value_clear (&self->value);
  g_clear_object (&self->has_waiting_read);
  g_clear_error (&self->read_refusal);
  g_clear_error (&self->write_refusal);
  g_object_unref (self->condition);
  g_free (self->name);

  G_OBJECT_CLASS (asab_accessor_parent_class)->finalize (object);
}

static void
asab_accessor_constructed (GObject *object)
{
  AsabAccessor *self = ASAB_ACCESSOR (object);

  if (self->condition == NULL)
    self->condition = asab_condition_new (NULL);

  G_OBJECT_CLASS (asab_accessor_parent_class)->constructed (object);
}

static void
asab_accessor_get_property (GObject    *object,
                            guint       prop_id,
                            GValue     *value,
                            GParamSpec *pspec)
{
  AsabAccessor *self = ASAB_ACCESSOR (object);
  g_autoptr(GError) error = NULL;

  switch ((AsabAccessorProperty) prop_id)
    {
    case PROP_CONDITION:
      g_value_set_object (value, self->condition);
      break;
    case PROP_HAS_WAITING_READ:
      g_value_set_object (value, asab_accessor_get_has_waiting_read (self));
      break;
    case PROP_NAME:
      g_value_set_string (value, self->name);
      break;
    case PROP_VALUE:
      g_value_set_boxed (value, asab_accessor_get_value (self, &error));
      if (error != NULL)
        g_warning ("The value of the accessor “%s” cannot be read: %s", self->name != NULL ? self->name : "",
                   error->message);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
asab_accessor_set_property (GObject      *object,
                            guint         prop_id,
                            const GValue *value,
                            GParamSpec   *pspec)
{
  AsabAccessor *self = ASAB_ACCESSOR (object);

  switch ((AsabAccessorProperty) prop_id)
    {
    case PROP_CONDITION:
      self->condition = g_value_dup_object (value);
      break;
    case PROP_NAME:
      self->name = g_value_dup_string (value);
      break;
    case PROP_HAS_WAITING_READ:
    case PROP_VALUE:
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
asab_accessor_class_init (AsabAccessorClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = asab_accessor_finalize;
  object_class->constructed = asab_accessor_constructed;
  object_class->get_property = asab_accessor_get_property;
  object_class->set_property = asab_accessor_set_property;

  /**
   * AsabAccessor:condition: (getter get_condition)
   *
   * The condition whose lock guards the value, and that is notified of writes.
   */
  props[PROP_CONDITION] =
    g_param_spec_object ("condition", NULL, NULL, ASAB_TYPE_CONDITION,
                         G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);

  /**
   * AsabAccessor:has-waiting-read: (getter get_has_waiting_read)
   *
   * Whether a reader waits for a write, as something that can be waited for.
   */
  props[PROP_HAS_WAITING_READ] =
    g_param_spec_object ("has-waiting-read", NULL, NULL, ASAB_TYPE_AWAITABLE_PREDICATE,
                         G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

  /**
   * AsabAccessor:name: (getter get_name)
   *
   * What the accessor is called in reports.
   */
  props[PROP_NAME] =
    g_param_spec_string ("name", NULL, NULL, NULL,
                         G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);

  /**
   * AsabAccessor:value: (getter get_value)
   *
   * The value as it is now. Nobody is notified of changes, who waits for them calls [method@Accessor.get].
   */
  props[PROP_VALUE] =
    g_param_spec_boxed ("value", NULL, NULL, G_TYPE_VALUE, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

  g_object_class_install_properties (object_class, G_N_ELEMENTS (props), props);
}

static void
asab_accessor_init (AsabAccessor *self)
{
  asab_guarded_ops_init (&self->reads);
  asab_guarded_ops_init (&self->writes);
}

/**
 * asab_accessor_new:
 * @name: (nullable): what it is called in reports
 * @condition: (nullable): the condition, %NULL for one of its own
 *
 * Creates an accessor to a value of its own, which is nothing at first.
 *
 * Returns: (transfer full): a new accessor
 */
AsabAccessor *
asab_accessor_new (const char    *name,
                   AsabCondition *condition)
{
  g_return_val_if_fail (condition == NULL || ASAB_IS_CONDITION (condition), NULL);

  return g_object_new (ASAB_TYPE_ACCESSOR, "name", name, "condition", condition, NULL);
}

/* Takes the functions. */
static AsabAccessor *
create (const char     *name,
        AsabCondition  *condition,
        AsabUserFunc    getter,
        AsabUserFunc    setter,
        GError        **error)
{
  AsabAccessor *self;

  if (asab_user_func_is_set (&getter) != asab_user_func_is_set (&setter))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                   asab_user_func_is_set (&getter) ? _("The accessor “%s” has a getter, but no setter")
                                                   : _("The accessor “%s” has a setter, but no getter"),
                   name != NULL ? name : "");
      asab_user_func_clear (&getter);
      asab_user_func_clear (&setter);
      return NULL;
    }

  self = asab_accessor_new (name, condition);
  self->getter = getter;
  self->setter = setter;

  return self;
}

/**
 * asab_accessor_new_with_funcs: (skip)
 * @name: (nullable): what it is called in reports
 * @condition: (nullable): the condition, %NULL for one of its own
 * @getter: (nullable): reads the value; %NULL with no @setter either
 * @getter_data: data for @getter
 * @getter_destroy: (nullable): called with @getter_data when the accessor is freed
 * @setter: (nullable): writes the value; %NULL with no @getter either
 * @setter_data: data for @setter
 * @setter_destroy: (nullable): called with @setter_data when the accessor is freed
 * @error: return location for %G_IO_ERROR_INVALID_ARGUMENT with only one of the functions
 *
 * Creates an accessor to a value that somebody else keeps.
 *
 * Returns: (transfer full): a new accessor, %NULL with @error
 */
AsabAccessor *
asab_accessor_new_with_funcs (const char      *name,
                              AsabCondition   *condition,
                              AsabGetterFunc   getter,
                              gpointer         getter_data,
                              GDestroyNotify   getter_destroy,
                              AsabSetterFunc   setter,
                              gpointer         setter_data,
                              GDestroyNotify   setter_destroy,
                              GError         **error)
{
  g_return_val_if_fail (condition == NULL || ASAB_IS_CONDITION (condition), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return create (name, condition,
                 (AsabUserFunc) { getter, NULL, getter_data, getter_destroy },
                 (AsabUserFunc) { setter, NULL, setter_data, setter_destroy }, error);
}

/* Takes a reference on @closure (nullable). */
AsabUserFunc
asab_user_func_from_closure (GClosure *closure)
{
  if (closure == NULL)
    return (AsabUserFunc) { .func = NULL };

  return (AsabUserFunc) { .closure = closure,
                          .user_data = asab_closure_take (closure),
                          .destroy = (GDestroyNotify) g_closure_unref };
}

/**
 * asab_accessor_new_with_closures:
 * @name: (nullable): what it is called in reports
 * @condition: (nullable): the condition, %NULL for one of its own
 * @getter: (nullable): takes the accessor, returns a future of the value that is there already
 * @setter: (nullable): takes the accessor and the value, returns a future that is done already
 * @error: return location for %G_IO_ERROR_INVALID_ARGUMENT with only one of the functions
 *
 * As `asab_accessor_new_with_funcs ()` with closures, for language bindings: an exception that they raise arrives at
 * those who wait as it was raised.
 *
 * Returns: (transfer full): a new accessor, %NULL with @error
 */
AsabAccessor *
asab_accessor_new_with_closures (const char     *name,
                                 AsabCondition  *condition,
                                 GClosure       *getter,
                                 GClosure       *setter,
                                 GError        **error)
{
  g_return_val_if_fail (condition == NULL || ASAB_IS_CONDITION (condition), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return create (name, condition, asab_user_func_from_closure (getter), asab_user_func_from_closure (setter), error);
}

/**
 * asab_accessor_get_name: (get-property name)
 * @self: an accessor
 *
 * Gets what the accessor is called in reports.
 *
 * Returns: (nullable): the name
 */
const char *
asab_accessor_get_name (AsabAccessor *self)
{
  g_return_val_if_fail (ASAB_IS_ACCESSOR (self), NULL);

  return self->name;
}

/**
 * asab_accessor_get_condition: (get-property condition)
 * @self: an accessor
 *
 * Gets the condition whose lock guards the value.
 *
 * Returns: (transfer none): the condition
 */
AsabCondition *
asab_accessor_get_condition (AsabAccessor *self)
{
  g_return_val_if_fail (ASAB_IS_ACCESSOR (self), NULL);

  return self->condition;
}

/* The predicate is closed before its accessor goes. */
static gboolean
has_waiting_read (gpointer   user_data,
                  GError   **error G_GNUC_UNUSED)
{
  return asab_accessor_is_waited_for (user_data);
}

/**
 * asab_accessor_get_has_waiting_read: (get-property has-waiting-read)
 * @self: an accessor
 *
 * Gets a predicate that is true while somebody waits for a write.
 *
 * Returns: (transfer none): the predicate
 */
AsabAwaitablePredicate *
asab_accessor_get_has_waiting_read (AsabAccessor *self)
{
  g_return_val_if_fail (ASAB_IS_ACCESSOR (self), NULL);

  if (self->has_waiting_read == NULL)
    self->has_waiting_read = asab_awaitable_predicate_new (has_waiting_read, self, NULL, NULL, INFINITY, NULL);

  return self->has_waiting_read;
}

/**
 * asab_accessor_has_custom_funcs:
 * @self: an accessor
 *
 * Tells whether the value is read and written by functions that were given with the accessor.
 *
 * Returns: false if the accessor keeps the value
 */
gboolean
asab_accessor_has_custom_funcs (AsabAccessor *self)
{
  g_return_val_if_fail (ASAB_IS_ACCESSOR (self), FALSE);

  return asab_user_func_is_set (&self->getter);
}

/**
 * asab_accessor_get_value: (get-property value)
 * @self: an accessor
 * @error: return location for an error of the getter
 *
 * Gets the value as it is now; it is safe from others only while the caller holds the lock of the condition.
 *
 * Returns: (transfer none) (nullable): the value, until the next use of the accessor; %NULL without @error for nothing
 */
const GValue *
asab_accessor_get_value (AsabAccessor  *self,
                         GError       **error)
{
  g_autoptr(AsabAccessor) kept G_GNUC_UNUSED = NULL;
  g_autoptr(AsabFuture) failure = NULL;
  GValue value = G_VALUE_INIT;

  g_return_val_if_fail (ASAB_IS_ACCESSOR (self), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (self->read_refusal != NULL)
    {
      g_propagate_error (error, g_error_copy (self->read_refusal));
      return NULL;
    }

  if (asab_user_func_is_set (&self->getter))
    {
      kept = g_object_ref (self);
      failure = asab_accessor_read (self, &value);
      if (failure != NULL)
        return asab_future_get_value (failure, error);
      asab_value_clear (&self->value);
      self->value = value;
    }

  return G_VALUE_TYPE (&self->value) != 0 ? &self->value : NULL;
}

/* Makes reads fail from now on with @read_refusal, and writes with @write_refusal; (nullable), they are taken. */
void
asab_accessor_refuse (AsabAccessor *self,
                      GError       *read_refusal,
                      GError       *write_refusal)
{
  g_clear_error (&self->read_refusal);
  g_clear_error (&self->write_refusal);
  self->read_refusal = read_refusal;
  self->write_refusal = write_refusal;
}

/**
 * asab_accessor_close:
 * @self: an accessor
 *
 * Ends the accessor, as what it gives access to goes.
 *
 * Those who wait are rejected with %G_IO_ERROR_CANCELLED, and whoever comes later with %ASAB_ERROR_CLOSED.
 */
void
asab_accessor_close (AsabAccessor *self)
{
  GError *error;

  g_return_if_fail (ASAB_IS_ACCESSOR (self));

  error = g_error_new (ASAB_ERROR, ASAB_ERROR_CLOSED, _("What the accessor “%s” gave access to is gone"),
                       self->name != NULL ? self->name : "");
  asab_accessor_refuse (self, g_error_copy (error), error);
  asab_guarded_ops_reject (&self->reads, asab_error_new_cancelled ("AsabAccessor"));
  asab_guarded_ops_reject (&self->writes, asab_error_new_cancelled ("AsabAccessor"));
  if (self->has_waiting_read != NULL)
    asab_awaitable_predicate_close (self->has_waiting_read);
}
