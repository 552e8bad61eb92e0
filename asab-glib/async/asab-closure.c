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

/* Calls @closure with @arg (nullable), as a null pointer if that holds nothing. Returns: (transfer full): its future,
 * which is rejected if it cannot be read now */
static AsabFuture *
invoke (GClosure     *closure,
        const GValue *arg)
{
  g_auto(GValue) returned = G_VALUE_INIT;
  GValue nothing = G_VALUE_INIT;
  AsabFuture *future;

  g_value_init (&nothing, G_TYPE_POINTER);
  g_value_init (&returned, ASAB_TYPE_FUTURE);
  g_closure_invoke (closure, &returned, 1, arg != NULL && G_VALUE_TYPE (arg) != 0 ? arg : &nothing, NULL);
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
                   const GValue *arg,
                   GValue       *result)
{
  g_autoptr(AsabFuture) future = invoke (closure, arg);
  const GValue *value;

  if (asab_future_is_rejected (future))
    return g_steal_pointer (&future);

  value = asab_future_get_value (future, NULL);
  if (value != NULL && result != NULL)
    {
      g_value_init (result, G_VALUE_TYPE (value));
      g_value_copy (value, result);
    }

  return NULL;
}

/* Calls @closure, on the native stack, for a boolean. Returns: (transfer full) (nullable): a rejected future, if it
 * failed */
AsabFuture *
asab_closure_test (GClosure     *closure,
                   const GValue *arg,
                   gboolean     *result)
{
  g_autoptr(AsabFuture) future = invoke (closure, arg);
  GError *error = NULL;

  if (asab_future_is_rejected (future))
    return g_steal_pointer (&future);

  *result = asab_future_get_boolean (future, &error);

  return error != NULL ? asab_future_new_take_error (error) : NULL;
}
