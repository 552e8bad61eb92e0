/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* How callbacks get into an accumulator: functions, and action signals, which C has for methods that are known by their
 * names only. */

#include "config.h"

#include <asab-glib/async/asab-callback-accumulator.h>

#include <asab-glib/async/asab-callback-accumulator-private.h>
#include <asab-glib/core/asab-error.h>

#include <glib/gi18n-lib.h>

typedef struct
{
  GObject *object; /* (owned) */
  GSignalQuery query;
} Action;

static void
action_free (gpointer data)
{
  Action *self = data;

  g_object_unref (self->object);
  g_free (self);
}

static void
unset_values (GValue *values,
              guint   n_values)
{
  for (guint i = 0; i < n_values; i++)
    if (G_VALUE_TYPE (&values[i]) != 0)
      g_value_unset (&values[i]);
}

/* Makes @value, of the type of a parameter, of an argument. */
static gboolean
set_param (GValue   *value,
           GType     type,
           GVariant *arg)
{
  g_auto(GValue) converted = G_VALUE_INIT;

  g_dbus_gvariant_to_gvalue (arg, &converted);
  g_value_init (value, type);

  return g_value_transform (&converted, value);
}

static gboolean
set_params (Action        *self,
            GValue        *params,
            GVariant      *args,
            const GError  *scope_error,
            GError       **error)
{
  guint n_args = args != NULL ? g_variant_n_children (args) : 0;
  gboolean matches = n_args == self->query.n_params;

  /* Whoever is to know the error of the scope has one parameter, or none if it does not care. */
  if (args == NULL && self->query.n_params == 1 && self->query.param_types[0] == G_TYPE_ERROR)
    {
      g_value_init (params, G_TYPE_ERROR);
      g_value_set_boxed (params, scope_error);
      return TRUE;
    }

  for (guint i = 0; matches && i < n_args; i++)
    {
      g_autoptr(GVariant) arg = g_variant_get_child_value (args, i);

      matches = set_param (&params[i], self->query.param_types[i] & ~G_SIGNAL_TYPE_STATIC_SCOPE, arg);
    }
  if (!matches)
    g_set_error (error, ASAB_ERROR, ASAB_ERROR_TYPE_MISMATCH,
                 _("The signal “%s” of “%s” does not take these arguments"),
                 self->query.signal_name, G_OBJECT_TYPE_NAME (self->object));

  return matches;
}

static gboolean
emit (GVariant      *args,
      const GError  *scope_error,
      gpointer       user_data,
      GVariant     **result G_GNUC_UNUSED,
      GError       **error)
{
  Action *self = user_data;
  g_autofree GValue *values = g_new0 (GValue, self->query.n_params + 1);
  g_auto(GValue) returned = G_VALUE_INIT;
  GType return_type = self->query.return_type & ~G_SIGNAL_TYPE_STATIC_SCOPE;
  gboolean emitted;

  if (return_type != G_TYPE_NONE)
    g_value_init (&returned, return_type);
  g_value_init_from_instance (values, self->object);

  emitted = set_params (self, values + 1, args, scope_error, error);
  if (emitted)
    g_signal_emitv (values, self->query.signal_id, 0, &returned);
  unset_values (values, self->query.n_params + 1);

  return emitted;
}

/* Makes a callback that emits the action signal @name of @object, which it keeps alive. Returns: (nullable): NULL if
 * there is no such signal */
static AsabCallback *
bind_action (GObject    *object,
             const char *name)
{
  guint id = g_signal_is_valid_name (name) ? g_signal_lookup (name, G_OBJECT_TYPE (object)) : 0;
  GSignalQuery query = { 0 };
  Action *action;

  if (id != 0)
    g_signal_query (id, &query);
  if ((query.signal_flags & G_SIGNAL_ACTION) == 0)
    return NULL;

  action = g_new (Action, 1);
  action->object = g_object_ref (object);
  action->query = query;

  return asab_callback_new (G_CALLBACK (emit), action, action_free);
}

static gboolean
is_full (AsabCallbackAccumulator *self)
{
  return self->max_length >= 0 && self->callbacks.length >= (guint) self->max_length;
}

/* Takes @callback. */
static void
append (AsabCallbackAccumulator *self,
        AsabCallback            *callback)
{
  AsabCallback *dropped = NULL;

  if (self->max_length == 0)
    {
      asab_callback_unref (callback);
      return;
    }

  if (is_full (self))
    dropped = g_queue_pop_head (&self->callbacks);
  g_queue_push_tail (&self->callbacks, callback);
  if (dropped != NULL)
    asab_callback_unref (dropped);
}

/**
 * asab_callback_accumulator_add:
 * @self: an accumulator
 * @object: an object
 * @error: return location for %ASAB_ERROR_NO_SUCH_METHOD
 *
 * Adds the method of @object that has the accumulator's name, or the default callback if there is no such method.
 *
 * In C this is an action signal. It is emitted with the arguments, or, if it has one parameter of type #GError and
 * there are no arguments, with the error of the scope; what it returns is ignored.
 *
 * Returns: true if there is something to call
 */
gboolean
asab_callback_accumulator_add (AsabCallbackAccumulator  *self,
                               GObject                  *object,
                               GError                  **error)
{
  AsabCallback *callback;

  g_return_val_if_fail (ASAB_IS_CALLBACK_ACCUMULATOR (self), FALSE);
  g_return_val_if_fail (G_IS_OBJECT (object), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  callback = bind_action (object, self->name);
  if (callback == NULL && self->default_callback != NULL)
    callback = asab_callback_ref (self->default_callback);
  if (callback == NULL)
    {
      g_set_error (error, ASAB_ERROR, ASAB_ERROR_NO_SUCH_METHOD, _("“%s” has no action signal “%s”"),
                   G_OBJECT_TYPE_NAME (object), self->name);
      return FALSE;
    }
  append (self, callback);

  return TRUE;
}

/**
 * asab_callback_accumulator_offer_last:
 * @self: an accumulator
 * @object: an object
 * @error: return location for %ASAB_ERROR_NO_SUCH_METHOD
 *
 * As [method@CallbackAccumulator.add], but drops nothing.
 *
 * Returns: true if it was added; false without @error if there is no room
 */
gboolean
asab_callback_accumulator_offer_last (AsabCallbackAccumulator  *self,
                                      GObject                  *object,
                                      GError                  **error)
{
  g_return_val_if_fail (ASAB_IS_CALLBACK_ACCUMULATOR (self), FALSE);

  return !is_full (self) && asab_callback_accumulator_add (self, object, error);
}

/**
 * asab_callback_accumulator_add_callback:
 * @self: an accumulator
 * @func: (scope notified) (closure user_data) (destroy destroy): the callback
 * @user_data: data for @func
 * @destroy: (nullable): called with @user_data when it is no longer needed
 *
 * Adds a callback.
 */
void
asab_callback_accumulator_add_callback (AsabCallbackAccumulator *self,
                                        AsabAccumulatedFunc      func,
                                        gpointer                 user_data,
                                        GDestroyNotify           destroy)
{
  g_return_if_fail (ASAB_IS_CALLBACK_ACCUMULATOR (self));
  g_return_if_fail (func != NULL);

  append (self, asab_callback_new (G_CALLBACK (func), user_data, destroy));
}

/**
 * asab_callback_accumulator_offer_callback:
 * @self: an accumulator
 * @func: (scope notified) (closure user_data) (destroy destroy): the callback
 * @user_data: data for @func
 * @destroy: (nullable): called with @user_data when it is no longer needed, also when there is no room
 *
 * As [method@CallbackAccumulator.add_callback], but drops nothing.
 *
 * Returns: true if there was room
 */
gboolean
asab_callback_accumulator_offer_callback (AsabCallbackAccumulator *self,
                                          AsabAccumulatedFunc      func,
                                          gpointer                 user_data,
                                          GDestroyNotify           destroy)
{
  AsabCallback *callback;

  g_return_val_if_fail (ASAB_IS_CALLBACK_ACCUMULATOR (self), FALSE);
  g_return_val_if_fail (func != NULL, FALSE);

  callback = asab_callback_new (G_CALLBACK (func), user_data, destroy);
  if (is_full (self))
    {
      asab_callback_unref (callback);
      return FALSE;
    }
  append (self, callback);

  return TRUE;
}

/**
 * asab_callback_accumulator_add_thread_callback: (skip)
 * @self: an accumulator
 * @func: the callback
 * @user_data: data for @func
 * @destroy: (nullable): called with @user_data, in the thread of the accumulator, when it is no longer needed
 *
 * As [method@CallbackAccumulator.add_callback], for a callback that may block:
 * [method@CallbackAccumulator.exit_async] calls it in another thread.
 */
void
asab_callback_accumulator_add_thread_callback (AsabCallbackAccumulator *self,
                                               AsabAccumulatedFunc      func,
                                               gpointer                 user_data,
                                               GDestroyNotify           destroy)
{
  AsabCallback *callback;

  g_return_if_fail (ASAB_IS_CALLBACK_ACCUMULATOR (self));
  g_return_if_fail (func != NULL);

  callback = asab_callback_new (G_CALLBACK (func), user_data, destroy);
  callback->any_thread = TRUE;
  append (self, callback);
}
