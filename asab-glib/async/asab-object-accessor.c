/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The accessors that belong to an object, and those to its properties. */

#include "config.h"

#include <asab-glib/async/asab-object-accessor.h>

#include <asab-glib/async/asab-accessor-private.h>
#include <asab-glib/async/asab-object-accessor-private.h>
#include <asab-glib/core/asab-error.h>

#include <glib/gi18n-lib.h>

/* The accessors of an object by what they give access to. */
static G_DEFINE_QUARK (asab-object-accessors, asab_object_accessors)

AsabAccessor *
asab_object_lookup_accessor (GObject       *object,
                             gconstpointer  key)
{
  GHashTable *accessors = g_object_get_qdata (object, asab_object_accessors_quark ());

  return accessors != NULL ? g_hash_table_lookup (accessors, key) : NULL;
}

/* When the object is disposed of; it frees the table later. */
static void
close_all_cb (gpointer  data,
              GObject  *object G_GNUC_UNUSED)
{
  GHashTableIter iter;
  gpointer accessor;

  g_hash_table_iter_init (&iter, data);
  while (g_hash_table_iter_next (&iter, NULL, &accessor))
    asab_accessor_close (accessor);
}

/* Takes @accessor, which is closed when the object goes. */
void
asab_object_take_accessor (GObject       *object,
                           gconstpointer  key,
                           AsabAccessor  *accessor)
{
  GHashTable *accessors = g_object_get_qdata (object, asab_object_accessors_quark ());

  if (accessors == NULL)
    {
      accessors = g_hash_table_new_full (NULL, NULL, NULL, g_object_unref);
      g_object_set_qdata_full (object, asab_object_accessors_quark (), accessors,
                               (GDestroyNotify) g_hash_table_unref);
      g_object_weak_ref (object, close_all_cb, accessors);
    }
  g_hash_table_insert (accessors, (gpointer) key, accessor);
}

void
asab_object_forget_accessor (GObject       *object,
                             gconstpointer  key)
{
  GHashTable *accessors = g_object_get_qdata (object, asab_object_accessors_quark ());

  if (accessors != NULL)
    g_hash_table_remove (accessors, key);
}

/* Takes the reference on @property. */
gpointer
asab_bound_property_new (GObject        *object,
                         gpointer        property,
                         GDestroyNotify  unref,
                         const char     *name)
{
  AsabBoundProperty *self = g_new (AsabBoundProperty, 1);

  g_weak_ref_init (&self->object, object);
  self->property = property;
  self->unref = unref;
  self->name = name;

  return self;
}

void
asab_bound_property_free (gpointer data)
{
  AsabBoundProperty *self = data;

  g_weak_ref_clear (&self->object);
  self->unref (self->property);
  g_free (self);
}

GObject *
asab_bound_property_ref_object (AsabBoundProperty  *self,
                                GError            **error)
{
  GObject *object = g_weak_ref_get (&self->object);

  if (object == NULL)
    g_set_error (error, ASAB_ERROR, ASAB_ERROR_CLOSED, _("The object whose property is “%s” is gone"), self->name);

  return object;
}

static gpointer
bind (GObject    *object,
      GParamSpec *pspec)
{
  return asab_bound_property_new (object, g_param_spec_ref (pspec), (GDestroyNotify) g_param_spec_unref, pspec->name);
}

static gboolean
get_property (GValue    *value,
              gpointer   user_data,
              GError   **error)
{
  AsabBoundProperty *bound = user_data;
  g_autoptr(GObject) object = asab_bound_property_ref_object (bound, error);

  if (object == NULL)
    return FALSE;

  g_value_init (value, G_PARAM_SPEC (bound->property)->value_type);
  g_object_get_property (object, bound->name, value);

  return TRUE;
}

/* Integers are 64 bits wide in Python and JavaScript, and GValue cuts off what does not fit. */
static gboolean
is_cut_off (const GValue *value,
            const GValue *converted)
{
  g_auto(GValue) back = G_VALUE_INIT;

  if (!G_VALUE_HOLDS_INT64 (value))
    return FALSE;

  g_value_init (&back, G_TYPE_INT64);

  return g_value_transform (converted, &back) && g_value_get_int64 (&back) != g_value_get_int64 (value);
}

static gboolean
convert (const GValue  *value,
         GParamSpec    *pspec,
         GValue        *converted,
         GError       **error)
{
  g_value_init (converted, pspec->value_type);

  if (value != NULL ? !g_value_transform (value, converted) : !g_value_fits_pointer (converted))
    {
      g_set_error (error, ASAB_ERROR, ASAB_ERROR_TYPE_MISMATCH, _("The property “%s” is of the type %s, not %s"),
                   pspec->name, g_type_name (pspec->value_type), value != NULL ? G_VALUE_TYPE_NAME (value) : "null");
      return FALSE;
    }

  /* Validation makes another value of one that is not allowed. */
  if ((value != NULL && is_cut_off (value, converted)) || g_param_value_validate (pspec, converted))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, _("The value is none of the property “%s”"),
                   pspec->name);
      return FALSE;
    }

  return TRUE;
}

static gboolean
set_property (const GValue  *value,
              gpointer       user_data,
              GError       **error)
{
  AsabBoundProperty *bound = user_data;
  g_autoptr(GObject) object = asab_bound_property_ref_object (bound, error);
  g_auto(GValue) converted = G_VALUE_INIT;

  if (object == NULL || !convert (value, bound->property, &converted, error))
    return FALSE;

  g_object_set_property (object, bound->name, &converted);

  return TRUE;
}

/* Those who wait take the lock before they look. */
static void
notify_cb (AsabAccessor *accessor)
{
  asab_wait_queue_wake_all (asab_condition_get_waiters (asab_accessor_get_condition (accessor)));
}

static GError *
new_read_refusal (GParamSpec *pspec)
{
  if ((pspec->flags & G_PARAM_READABLE) != 0)
    return NULL;

  return g_error_new (ASAB_ERROR, ASAB_ERROR_UNREADABLE, _("The property “%s” cannot be read"), pspec->name);
}

static GError *
new_write_refusal (GParamSpec *pspec)
{
  if ((pspec->flags & (G_PARAM_WRITABLE | G_PARAM_CONSTRUCT_ONLY)) == G_PARAM_WRITABLE)
    return NULL;

  return g_error_new (ASAB_ERROR, ASAB_ERROR_READ_ONLY, _("The property “%s” cannot be written"), pspec->name);
}

static AsabAccessor *
new_accessor (GObject    *object,
              GParamSpec *pspec)
{
  g_autofree char *signal = g_strconcat ("notify::", pspec->name, NULL);
  AsabAccessor *accessor;

  accessor = asab_accessor_new_with_funcs (pspec->name, NULL,
                                           get_property, bind (object, pspec), asab_bound_property_free,
                                           set_property, bind (object, pspec), asab_bound_property_free, NULL);
  asab_accessor_refuse (accessor, new_read_refusal (pspec), new_write_refusal (pspec));
  g_signal_connect_object (object, signal, G_CALLBACK (notify_cb), accessor, G_CONNECT_SWAPPED);

  return accessor;
}

/**
 * asab_object_get_accessor:
 * @object: an object
 * @property_name: a property of @object
 * @error: return location for %ASAB_ERROR_NO_SUCH_KEY without such a property
 *
 * Gets an accessor to a property of a GObject.
 *
 * It reads and writes the property. Those who wait are woken by each notification of the property, too, so that it does
 * not matter who has changed it. The accessor belongs to the object and does not keep it; when the object goes, those
 * who wait are rejected with %G_IO_ERROR_CANCELLED.
 *
 * Returns: (transfer none): the accessor, which is always the same, %NULL with @error
 */
AsabAccessor *
asab_object_get_accessor (GObject     *object,
                          const char  *property_name,
                          GError     **error)
{
  GParamSpec *pspec;
  AsabAccessor *accessor;

  g_return_val_if_fail (G_IS_OBJECT (object), NULL);
  g_return_val_if_fail (property_name != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  pspec = g_object_class_find_property (G_OBJECT_GET_CLASS (object), property_name);
  if (pspec == NULL)
    {
      g_set_error (error, ASAB_ERROR, ASAB_ERROR_NO_SUCH_KEY, _("The class “%s” has no property “%s”"),
                   G_OBJECT_TYPE_NAME (object), property_name);
      return NULL;
    }

  accessor = asab_object_lookup_accessor (object, pspec);
  if (accessor == NULL)
    {
      accessor = new_accessor (object, pspec);
      asab_object_take_accessor (object, pspec, accessor);
    }

  return accessor;
}
