/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <asab-glib/async/asab-callback-accumulator.h>

#include <asab-glib/async/asab-callback-accumulator-private.h>

/**
 * AsabCallbackAccumulator:
 *
 * Callbacks that are gathered, at most so many, and called one after another when a scope ends.
 *
 * Callbacks are functions, or methods that are gathered from objects by their name: in C an object's method is an
 * action signal, which is emitted; in Python and JavaScript it is a method. A callback keeps its object alive. When
 * there is no room for one more, the oldest callback is dropped.
 *
 * They are called by [method@CallbackAccumulator.invoke] with arguments of the caller's, or at the end of a scope by
 * [method@CallbackAccumulator.exit]: with what the default getter gives. Without one, the callbacks of an accumulator
 * with the name “exit” are told the error with which the scope ends, and those of others nothing.
 *
 * An accumulator that calls once takes each callback out before it calls it: a callback that fails is gone, the ones
 * behind it stay for the next time, and one that is added meanwhile is called too. Otherwise all of them stay, and one
 * that is added meanwhile waits for the next time. Nothing is called any more when the accumulator is freed.
 *
 * An accumulator belongs to one thread.
 *
 * ```c
 * asab_callback_accumulator_add_callback (devices, switch_off, (gpointer) "lamp", NULL);
 * asab_callback_accumulator_add_callback (devices, switch_off, (gpointer) "oven", NULL);
 * ```
 */

G_DEFINE_FINAL_TYPE (AsabCallbackAccumulator, asab_callback_accumulator, G_TYPE_OBJECT)

typedef enum
{
  PROP_NAME = 1,
  PROP_MAX_LENGTH,
  PROP_CALL_ONCE,
  PROP_DEFAULT_VALUE,
} AsabCallbackAccumulatorProperty;

static GParamSpec *props[PROP_DEFAULT_VALUE + 1];

static void
asab_callback_accumulator_finalize (GObject *object)
{
  AsabCallbackAccumulator *self = ASAB_CALLBACK_ACCUMULATOR (object);

  asab_callback_accumulator_clear (self);
  g_clear_pointer (&self->default_callback, asab_callback_unref);
  g_clear_pointer (&self->default_getter, asab_callback_unref);
  g_clear_pointer (&self->default_value, g_variant_unref);
  g_free (self->name);

  G_OBJECT_CLASS (asab_callback_accumulator_parent_class)->finalize (object);
}

static void
asab_callback_accumulator_get_property (GObject    *object,
                                        guint       prop_id,
                                        GValue     *value,
                                        GParamSpec *pspec)
{
  AsabCallbackAccumulator *self = ASAB_CALLBACK_ACCUMULATOR (object);

  switch ((AsabCallbackAccumulatorProperty) prop_id)
    {
    case PROP_NAME:
      g_value_set_string (value, self->name);
      break;
    case PROP_MAX_LENGTH:
      g_value_set_int (value, self->max_length);
      break;
    case PROP_CALL_ONCE:
      g_value_set_boolean (value, self->call_once);
      break;
    case PROP_DEFAULT_VALUE:
      g_value_set_variant (value, self->default_value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
asab_callback_accumulator_set_property (GObject      *object,
                                        guint         prop_id,
                                        const GValue *value,
                                        GParamSpec   *pspec)
{
  AsabCallbackAccumulator *self = ASAB_CALLBACK_ACCUMULATOR (object);

  switch ((AsabCallbackAccumulatorProperty) prop_id)
    {
    case PROP_NAME:
      self->name = g_value_get_string (value) != NULL ? g_value_dup_string (value) : g_strdup ("");
      break;
    case PROP_MAX_LENGTH:
      self->max_length = g_value_get_int (value);
      break;
    case PROP_CALL_ONCE:
      self->call_once = g_value_get_boolean (value);
      break;
    case PROP_DEFAULT_VALUE:
      asab_callback_accumulator_set_default_value (self, g_value_get_variant (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
install_properties (GObjectClass *object_class)
{
  GParamFlags flags = G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS;

  /**
   * AsabCallbackAccumulator:name: (getter get_name)
   *
   * The name of the method that is gathered from objects.
   */
  props[PROP_NAME] = g_param_spec_string ("name", NULL, NULL, "", flags);

  /**
   * AsabCallbackAccumulator:max-length: (getter get_max_length)
   *
   * How many callbacks there can be; -1 is no limit.
   */
  props[PROP_MAX_LENGTH] = g_param_spec_int ("max-length", NULL, NULL, -1, G_MAXINT, -1, flags);

  /**
   * AsabCallbackAccumulator:call-once: (getter get_call_once)
   *
   * Whether a callback is called once only.
   */
  props[PROP_CALL_ONCE] = g_param_spec_boolean ("call-once", NULL, NULL, TRUE, flags);

  /**
   * AsabCallbackAccumulator:default-value: (getter get_default_value) (setter set_default_value)
   *
   * The result when there was nothing to call, or when callbacks are not called once only.
   */
  props[PROP_DEFAULT_VALUE] =
    g_param_spec_variant ("default-value", NULL, NULL, G_VARIANT_TYPE_ANY, NULL,
                          G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);

  g_object_class_install_properties (object_class, G_N_ELEMENTS (props), props);
}

static void
asab_callback_accumulator_class_init (AsabCallbackAccumulatorClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = asab_callback_accumulator_finalize;
  object_class->get_property = asab_callback_accumulator_get_property;
  object_class->set_property = asab_callback_accumulator_set_property;

  install_properties (object_class);
}

static void
asab_callback_accumulator_init (AsabCallbackAccumulator *self)
{
  g_queue_init (&self->callbacks);
}

/**
 * asab_callback_accumulator_new:
 * @name: the name of the method that is gathered from objects
 * @max_length: how many callbacks there can be, 0 or more; -1 is no limit
 * @call_once: whether a callback is called once only
 *
 * Creates an accumulator without callbacks.
 *
 * Returns: (transfer full): a new accumulator
 */
AsabCallbackAccumulator *
asab_callback_accumulator_new (const char *name,
                               int         max_length,
                               gboolean    call_once)
{
  g_return_val_if_fail (name != NULL, NULL);
  g_return_val_if_fail (max_length >= -1, NULL);

  return g_object_new (ASAB_TYPE_CALLBACK_ACCUMULATOR,
                       "name", name,
                       "max-length", max_length,
                       "call-once", call_once,
                       NULL);
}

/**
 * asab_callback_accumulator_get_name: (get-property name)
 * @self: an accumulator
 *
 * Gets the name of the method that is gathered from objects.
 *
 * Returns: the name
 */
const char *
asab_callback_accumulator_get_name (AsabCallbackAccumulator *self)
{
  g_return_val_if_fail (ASAB_IS_CALLBACK_ACCUMULATOR (self), NULL);

  return self->name;
}

/**
 * asab_callback_accumulator_get_max_length: (get-property max-length)
 * @self: an accumulator
 *
 * Gets how many callbacks there can be.
 *
 * Returns: the number, -1 for no limit
 */
int
asab_callback_accumulator_get_max_length (AsabCallbackAccumulator *self)
{
  g_return_val_if_fail (ASAB_IS_CALLBACK_ACCUMULATOR (self), 0);

  return self->max_length;
}

/**
 * asab_callback_accumulator_get_call_once: (get-property call-once)
 * @self: an accumulator
 *
 * Tells whether a callback is called once only.
 *
 * Returns: true if so
 */
gboolean
asab_callback_accumulator_get_call_once (AsabCallbackAccumulator *self)
{
  g_return_val_if_fail (ASAB_IS_CALLBACK_ACCUMULATOR (self), FALSE);

  return self->call_once;
}

/**
 * asab_callback_accumulator_get_default_value: (get-property default-value)
 * @self: an accumulator
 *
 * Gets the result when there was nothing to call, or when callbacks are not called once only.
 *
 * Returns: (transfer none) (nullable): the value
 */
GVariant *
asab_callback_accumulator_get_default_value (AsabCallbackAccumulator *self)
{
  g_return_val_if_fail (ASAB_IS_CALLBACK_ACCUMULATOR (self), NULL);

  return self->default_value;
}

/**
 * asab_callback_accumulator_set_default_value: (set-property default-value)
 * @self: an accumulator
 * @value: (nullable): the value; a floating reference is taken
 *
 * Sets the result when there was nothing to call, or when callbacks are not called once only.
 */
void
asab_callback_accumulator_set_default_value (AsabCallbackAccumulator *self,
                                             GVariant                *value)
{
  g_autoptr(GVariant) old = NULL;

  g_return_if_fail (ASAB_IS_CALLBACK_ACCUMULATOR (self));

  if (value == self->default_value)
    return;

  old = self->default_value;
  self->default_value = value != NULL ? g_variant_ref_sink (value) : NULL;
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_DEFAULT_VALUE]);
}

static void
replace_callback (AsabCallback   **callback,
                  GCallback        func,
                  gpointer         user_data,
                  GDestroyNotify   destroy)
{
  AsabCallback *old = *callback;

  *callback = func != NULL ? asab_callback_new (func, user_data, destroy) : NULL;
  if (old != NULL)
    asab_callback_unref (old);
}

/**
 * asab_callback_accumulator_set_default_callback:
 * @self: an accumulator
 * @func: (nullable) (scope notified) (closure user_data) (destroy destroy): the callback, %NULL for none
 * @user_data: data for @func
 * @destroy: (nullable): called with @user_data when it is no longer needed
 *
 * Sets what is added for an object that does not have the method.
 */
void
asab_callback_accumulator_set_default_callback (AsabCallbackAccumulator *self,
                                                AsabAccumulatedFunc      func,
                                                gpointer                 user_data,
                                                GDestroyNotify           destroy)
{
  g_return_if_fail (ASAB_IS_CALLBACK_ACCUMULATOR (self));

  replace_callback (&self->default_callback, G_CALLBACK (func), user_data, destroy);
}

/**
 * asab_callback_accumulator_set_default_getter:
 * @self: an accumulator
 * @getter: (nullable) (scope notified) (closure user_data) (destroy destroy): makes the arguments; %NULL for the
 *   default
 * @user_data: data for @getter
 * @destroy: (nullable): called with @user_data when it is no longer needed
 *
 * Sets what makes the arguments with which callbacks are called at the end of a scope.
 */
void
asab_callback_accumulator_set_default_getter (AsabCallbackAccumulator *self,
                                              AsabArgumentsFunc        getter,
                                              gpointer                 user_data,
                                              GDestroyNotify           destroy)
{
  g_return_if_fail (ASAB_IS_CALLBACK_ACCUMULATOR (self));

  replace_callback (&self->default_getter, G_CALLBACK (getter), user_data, destroy);
}

/**
 * asab_callback_accumulator_get_n_callbacks:
 * @self: an accumulator
 *
 * Counts the callbacks.
 *
 * Returns: how many there are now
 */
guint
asab_callback_accumulator_get_n_callbacks (AsabCallbackAccumulator *self)
{
  g_return_val_if_fail (ASAB_IS_CALLBACK_ACCUMULATOR (self), 0);

  return self->callbacks.length;
}

/**
 * asab_callback_accumulator_dup_callbacks:
 * @self: an accumulator
 *
 * Copies the accumulator with the callbacks that there are now; what is done to the copy leaves the original as it is.
 *
 * Returns: (transfer full): a new accumulator
 */
AsabCallbackAccumulator *
asab_callback_accumulator_dup_callbacks (AsabCallbackAccumulator *self)
{
  AsabCallbackAccumulator *copy;

  g_return_val_if_fail (ASAB_IS_CALLBACK_ACCUMULATOR (self), NULL);

  copy = asab_callback_accumulator_new (self->name, self->max_length, self->call_once);
  asab_callback_accumulator_set_default_value (copy, self->default_value);
  if (self->default_callback != NULL)
    copy->default_callback = asab_callback_ref (self->default_callback);
  if (self->default_getter != NULL)
    copy->default_getter = asab_callback_ref (self->default_getter);
  for (GList *link = self->callbacks.head; link != NULL; link = link->next)
    g_queue_push_tail (&copy->callbacks, asab_callback_ref (link->data));

  return copy;
}

/**
 * asab_callback_accumulator_clear:
 * @self: an accumulator
 *
 * Drops all callbacks without calling them.
 */
void
asab_callback_accumulator_clear (AsabCallbackAccumulator *self)
{
  AsabCallback *callback;

  g_return_if_fail (ASAB_IS_CALLBACK_ACCUMULATOR (self));

  while ((callback = g_queue_pop_head (&self->callbacks)) != NULL)
    asab_callback_unref (callback);
}
