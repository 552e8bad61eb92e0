/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <asab-glib/core/asab-error.h>

/* The list that ASAB_ERROR_MULTIPLE carries; NULL in errors of every other code. */
typedef struct
{
  GPtrArray *errors; /* (element-type GError) (nullable) */
} AsabErrorPrivate;

static void
asab_error_private_init (AsabErrorPrivate *priv)
{
  priv->errors = NULL;
}

static void
asab_error_private_copy (const AsabErrorPrivate *src,
                         AsabErrorPrivate       *dest)
{
  dest->errors = src->errors != NULL ? g_ptr_array_ref (src->errors) : NULL;
}

static void
asab_error_private_clear (AsabErrorPrivate *priv)
{
  g_clear_pointer (&priv->errors, g_ptr_array_unref);
}

G_DEFINE_EXTENDED_ERROR (AsabError, asab_error)

/* JavaScript and Python make errors from the name of a domain. GLib has to know by then that ours are larger than
 * others, or their private part is missing when they are freed. */
static void __attribute__ ((constructor))
asab_error_register (void)
{
  asab_error_quark ();
}

static gpointer
copy_error (gconstpointer error,
            gpointer      user_data G_GNUC_UNUSED)
{
  return g_error_copy (error);
}

/**
 * asab_error_new_multiple:
 * @message: what failed as a whole
 * @errors: (element-type GLib.Error): the errors in the order in which they happened; may be empty
 *
 * Creates an error that stands for several.
 *
 * Its domain is %ASAB_ERROR, its code %ASAB_ERROR_MULTIPLE. @errors is copied.
 *
 * Returns: (transfer full): a new error
 */
GError *
asab_error_new_multiple (const char *message,
                         GPtrArray  *errors)
{
  GError *error;

  g_return_val_if_fail (message != NULL, NULL);
  g_return_val_if_fail (errors != NULL, NULL);

  error = g_error_new_literal (ASAB_ERROR, ASAB_ERROR_MULTIPLE, message);
  asab_error_get_private (error)->errors = g_ptr_array_copy (errors, copy_error, NULL);
  g_ptr_array_set_free_func (asab_error_get_private (error)->errors, (GDestroyNotify) g_error_free);

  return error;
}

/**
 * asab_error_get_errors:
 * @error: an error
 *
 * Gets the errors that @error stands for: those of an %ASAB_ERROR_MULTIPLE in the order in which they happened, else
 * @error alone.
 *
 * Returns: (transfer container) (element-type GLib.Error): copies of the errors
 */
GPtrArray *
asab_error_get_errors (const GError *error)
{
  AsabErrorPrivate *priv;
  GPtrArray *errors;

  g_return_val_if_fail (error != NULL, NULL);

  if (g_error_matches (error, ASAB_ERROR, ASAB_ERROR_MULTIPLE))
    {
      priv = asab_error_get_private (error);
      if (priv->errors != NULL)
        {
          errors = g_ptr_array_copy (priv->errors, copy_error, NULL);
          g_ptr_array_set_free_func (errors, (GDestroyNotify) g_error_free);
          return errors;
        }
    }

  errors = g_ptr_array_new_with_free_func ((GDestroyNotify) g_error_free);
  g_ptr_array_add (errors, g_error_copy (error));

  return errors;
}
