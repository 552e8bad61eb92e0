/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Functions of other languages that give their result as a future, in which an exception arrives as it was raised. */

#include "config.h"

#include <asab-glib/async/asab-closure-private.h>

#include <asab-glib/async/asab-future-private.h>
#include <asab-glib/core/asab-error.h>

#include <glib/gi18n-lib.h>

/* Takes a reference on @closure, which may be a floating one. */
GClosure *
asab_closure_take (GClosure *closure)
{
  g_closure_ref (closure);
  g_closure_sink (closure);
  if (G_CLOSURE_NEEDS_MARSHAL (closure))
    g_closure_set_marshal (closure, g_cclosure_marshal_generic);

  return closure;
}

/* Calls @closure with @object and, if it is not NULL, @value, which is null if it holds nothing.
 * Returns: (transfer full): its future, which is rejected if it cannot be read now */
static AsabFuture *
invoke (GClosure     *closure,
        gpointer      object,
        const GValue *value)
{
  g_auto(GValue) returned = G_VALUE_INIT;
  GValue params[2] = { G_VALUE_INIT, G_VALUE_INIT };
  AsabFuture *future;

  g_value_init (&params[0], G_OBJECT_TYPE (object));
  g_value_set_object (&params[0], object);
  if (value != NULL && G_VALUE_TYPE (value) != 0)
    params[1] = *value; /* lent */
  else
    g_value_init (&params[1], G_TYPE_STRING); /* which is null in every language */
  g_value_init (&returned, ASAB_TYPE_FUTURE);
  g_closure_invoke (closure, &returned, value != NULL ? 2 : 1, params, NULL);
  g_value_unset (&params[0]);
  future = g_value_get_boxed (&returned);

  if (future == NULL)
    return asab_future_new_take_error (asab_error_new_callback ());
  if (!asab_future_is_done (future))
    return asab_future_new_take_error (g_error_new_literal (ASAB_ERROR, ASAB_ERROR_PENDING,
                                                            _("This function must not wait")));

  return asab_future_ref (future);
}

/* Calls @closure, on the native stack, and sets @result (nullable) to a copy of the value, if there is one.
 * Returns: (transfer full) (nullable): a rejected future, if it failed */
AsabFuture *
asab_closure_call (GClosure     *closure,
                   gpointer      object,
                   const GValue *value,
                   GValue       *result)
{
  g_autoptr(AsabFuture) future = invoke (closure, object, value);
  const GValue *returned;

  if (asab_future_is_rejected (future))
    return g_steal_pointer (&future);

  returned = asab_future_get_value (future, NULL);
  if (returned != NULL && result != NULL)
    {
      g_value_init (result, G_VALUE_TYPE (returned));
      g_value_copy (returned, result);
    }

  return NULL;
}

/* Calls @closure, on the native stack, for a boolean. Returns: (transfer full) (nullable): a rejected future, if it
 * failed */
AsabFuture *
asab_closure_test (GClosure     *closure,
                   gpointer      object,
                   const GValue *value,
                   gboolean     *result)
{
  g_autoptr(AsabFuture) future = invoke (closure, object, value);
  GError *error = NULL;

  if (asab_future_is_rejected (future))
    return g_steal_pointer (&future);

  *result = asab_future_get_boolean (future, &error);

  return error != NULL ? asab_future_new_take_error (error) : NULL;
}
