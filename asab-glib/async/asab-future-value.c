/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a completed future holds, and how it is read. */

#include "config.h"

#include <asab-glib/async/asab-future.h>

#include <asab-glib/async/asab-future-private.h>
#include <asab-glib/core/asab-error.h>

#include <glib/gi18n-lib.h>

/* Tells whether there is a value to read; sets @error if there never will be one, or not yet. */
static gboolean
check_resolved (AsabFuture  *self,
                GError     **error)
{
  gint state = asab_future_get_state (self);

  if (G_LIKELY ((state & FUTURE_RESOLVED) != 0))
    return TRUE;

  if ((state & FUTURE_REJECTED) != 0)
    {
      asab_future_observe (self);
      if (error != NULL)
        *error = g_error_copy (self->error);
    }
  else
    {
      g_set_error_literal (error, ASAB_ERROR, ASAB_ERROR_PENDING, _("The future is not completed yet"));
    }

  return FALSE;
}

static gboolean
set_type_mismatch (AsabFuture  *self,
                   const char  *wanted,
                   GError     **error)
{
  g_set_error (error, ASAB_ERROR, ASAB_ERROR_TYPE_MISMATCH,
               _("The value is of type “%s”, not “%s”"),
               G_VALUE_TYPE (&self->value) != 0 ? G_VALUE_TYPE_NAME (&self->value) : "void", wanted);

  return FALSE;
}

static gboolean
check_type (AsabFuture  *self,
            GType        type,
            GError     **error)
{
  if (!check_resolved (self, error))
    return FALSE;
  if (!G_VALUE_HOLDS (&self->value, type))
    return set_type_mismatch (self, g_type_name (type), error);

  return TRUE;
}

/**
 * asab_future_get_value:
 * @self: a future
 * @error: return location for the error of the future, or %ASAB_ERROR_PENDING
 *
 * Gets the value of the future; from any thread.
 *
 * The error of a rejected future counts as looked at, also if @error is %NULL.
 *
 * Returns: (transfer none) (nullable): the value, as long as there is a reference on @self; %NULL without @error if
 *   there is none
 */
const GValue *
asab_future_get_value (AsabFuture  *self,
                       GError     **error)
{
  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (!check_resolved (self, error) || G_VALUE_TYPE (&self->value) == 0)
    return NULL;

  return &self->value;
}

/**
 * asab_future_get_boolean:
 * @self: a future
 * @error: return location for the error of the future, %ASAB_ERROR_PENDING or %ASAB_ERROR_TYPE_MISMATCH
 *
 * Gets the value of a future that holds a boolean; from any thread.
 *
 * Returns: the value, false with @error
 */
gboolean
asab_future_get_boolean (AsabFuture  *self,
                         GError     **error)
{
  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return check_type (self, G_TYPE_BOOLEAN, error) && g_value_get_boolean (&self->value);
}

/* Every integral type will do, as long as the number fits. */
static gboolean
read_integer (const GValue *value,
              gint64       *number)
{
  switch (G_TYPE_FUNDAMENTAL (G_VALUE_TYPE (value)))
    {
    case G_TYPE_CHAR:
      *number = g_value_get_schar (value);
      return TRUE;
    case G_TYPE_UCHAR:
      *number = g_value_get_uchar (value);
      return TRUE;
    case G_TYPE_INT:
      *number = g_value_get_int (value);
      return TRUE;
    case G_TYPE_UINT:
      *number = g_value_get_uint (value);
      return TRUE;
    case G_TYPE_LONG:
      *number = g_value_get_long (value);
      return TRUE;
    case G_TYPE_ULONG:
      *number = (gint64) g_value_get_ulong (value);
      return *number >= 0;
    case G_TYPE_INT64:
      *number = g_value_get_int64 (value);
      return TRUE;
    case G_TYPE_UINT64:
      *number = (gint64) g_value_get_uint64 (value);
      return *number >= 0;
    case G_TYPE_ENUM:
      *number = g_value_get_enum (value);
      return TRUE;
    case G_TYPE_FLAGS:
      *number = g_value_get_flags (value);
      return TRUE;
    default:
      return FALSE;
    }
}

/**
 * asab_future_get_int64:
 * @self: a future
 * @error: return location for the error of the future, %ASAB_ERROR_PENDING or %ASAB_ERROR_TYPE_MISMATCH
 *
 * Gets the value of a future that holds an integer of any type that fits; from any thread.
 *
 * Returns: the value, 0 with @error
 */
gint64
asab_future_get_int64 (AsabFuture  *self,
                       GError     **error)
{
  gint64 number;

  g_return_val_if_fail (self != NULL, 0);
  g_return_val_if_fail (error == NULL || *error == NULL, 0);

  if (!check_resolved (self, error))
    return 0;
  if (G_VALUE_TYPE (&self->value) == 0 || !read_integer (&self->value, &number))
    {
      set_type_mismatch (self, "gint64", error);
      return 0;
    }

  return number;
}

/**
 * asab_future_get_double:
 * @self: a future
 * @error: return location for the error of the future, %ASAB_ERROR_PENDING or %ASAB_ERROR_TYPE_MISMATCH
 *
 * Gets the value of a future that holds a number, which may be an integer; from any thread.
 *
 * Returns: the value, 0 with @error
 */
double
asab_future_get_double (AsabFuture  *self,
                        GError     **error)
{
  gint64 number;

  g_return_val_if_fail (self != NULL, 0);
  g_return_val_if_fail (error == NULL || *error == NULL, 0);

  if (!check_resolved (self, error))
    return 0;
  if (G_VALUE_HOLDS_DOUBLE (&self->value))
    return g_value_get_double (&self->value);
  if (G_VALUE_HOLDS_FLOAT (&self->value))
    return (double) g_value_get_float (&self->value);
  if (G_VALUE_TYPE (&self->value) != 0 && read_integer (&self->value, &number))
    return (double) number;

  set_type_mismatch (self, "gdouble", error);

  return 0;
}

/**
 * asab_future_dup_string:
 * @self: a future
 * @error: return location for the error of the future, %ASAB_ERROR_PENDING or %ASAB_ERROR_TYPE_MISMATCH
 *
 * Gets the value of a future that holds a string; from any thread.
 *
 * Returns: (transfer full) (nullable): the value, %NULL with @error
 */
char *
asab_future_dup_string (AsabFuture  *self,
                        GError     **error)
{
  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return check_type (self, G_TYPE_STRING, error) ? g_value_dup_string (&self->value) : NULL;
}

/**
 * asab_future_dup_object:
 * @self: a future
 * @error: return location for the error of the future, %ASAB_ERROR_PENDING or %ASAB_ERROR_TYPE_MISMATCH
 *
 * Gets the value of a future that holds an object; from any thread.
 *
 * Returns: (transfer full) (nullable): the value, %NULL with @error
 */
GObject *
asab_future_dup_object (AsabFuture  *self,
                        GError     **error)
{
  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return check_type (self, G_TYPE_OBJECT, error) ? g_value_dup_object (&self->value) : NULL;
}

/**
 * asab_future_dup_boxed: (skip)
 * @self: a future
 * @type: the boxed type
 * @error: return location for the error of the future, %ASAB_ERROR_PENDING or %ASAB_ERROR_TYPE_MISMATCH
 *
 * Gets the value of a future that holds a boxed value of @type; from any thread.
 *
 * Returns: (transfer full) (nullable): the value, %NULL with @error
 */
gpointer
asab_future_dup_boxed (AsabFuture  *self,
                       GType        type,
                       GError     **error)
{
  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (G_TYPE_IS_BOXED (type), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return check_type (self, type, error) ? g_value_dup_boxed (&self->value) : NULL;
}

/**
 * asab_future_dup_variant:
 * @self: a future
 * @error: return location for the error of the future, %ASAB_ERROR_PENDING or %ASAB_ERROR_TYPE_MISMATCH
 *
 * Gets the value of a future that holds a variant; from any thread.
 *
 * Returns: (transfer full) (nullable): the value, %NULL with @error
 */
GVariant *
asab_future_dup_variant (AsabFuture  *self,
                         GError     **error)
{
  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return check_type (self, G_TYPE_VARIANT, error) ? g_value_dup_variant (&self->value) : NULL;
}

/**
 * asab_future_dup_error:
 * @self: a future
 *
 * Gets the error of the future, which counts as looked at; from any thread.
 *
 * Returns: (transfer full) (nullable): the error, %NULL if the future is not rejected
 */
GError *
asab_future_dup_error (AsabFuture *self)
{
  const GError *error;

  g_return_val_if_fail (self != NULL, NULL);

  error = asab_future_peek_error (self);
  if (error == NULL)
    return NULL;
  asab_future_observe (self);

  return g_error_copy (error);
}

/**
 * asab_future_get_exception:
 * @self: a future
 *
 * Gets the exception that stands beside the error, if the future was rejected by a language that has exceptions; from
 * any thread.
 *
 * Returns: (transfer none) (nullable): the exception, as long as there is a reference on @self
 */
const GValue *
asab_future_get_exception (AsabFuture *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  if ((asab_future_get_state (self) & FUTURE_REJECTED) == 0 || G_VALUE_TYPE (&self->value) == 0)
    return NULL;

  return &self->value;
}
