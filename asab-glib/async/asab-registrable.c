/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * One list of all registered instances, in the order of their registration. What is in the registry of a class are
 * those of its type. Keys may change at any time and may be computed by code of a language, so there is no table of
 * them: who asks takes references under the lock, and asks for the keys without it.
 *
 * An entry belongs to its instance, and goes when that is finalized; from the time it is disposed of until then the
 * weak reference is empty.
 */

#include "config.h"

#include <asab-glib/async/asab-registrable.h>

#include <asab-glib/async/asab-fiber.h>
#include <asab-glib/async/asab-registrable-private.h>
#include <asab-glib/core/asab-error.h>

#include <glib/gi18n-lib.h>

/**
 * AsabRegistrable:
 *
 * Instances that can be found by a key, as long as they live.
 *
 * A class that implements this interface has a registry of its instances, and those of its subclasses. An instance gets
 * there with [method@Registrable.register], which a class calls when the instance is constructed: in `constructed`, or
 * in `init` of [iface@Gio.Initable] if that may fail. The registry does not keep it alive.
 *
 * The key is, at any time, the value of the property that was declared with [func@Registrable.set_key_property].
 * Without one it is the default key: the name of the type, or what was declared with
 * [func@Registrable.set_default_key], with the number of instances that were registered before, as in `Worker_0`. Such
 * a number is not used again.
 *
 * Two instances may have the same key; the one that was registered last is found, and the older one again when that is
 * gone. In a strict class the second one cannot be registered.
 *
 * All functions can be called from any thread.
 *
 * ```c
 * asab_registrable_set_key_property (EXAMPLE_TYPE_PLANET, "name");
 * ```
 */

typedef struct
{
  GList link;        /* in entries; its data is this */
  GWeakRef instance;
  GType type;
  char *default_key; /* (owned) */
  gboolean is_listed;
} Entry;

static GMutex registry_lock;
static GQueue entries = G_QUEUE_INIT; /* guarded by registry_lock */

static G_DEFINE_QUARK (asab-registrable-entry, asab_registrable_entry)
G_DEFINE_INTERFACE (AsabRegistrable, asab_registrable, G_TYPE_OBJECT)

static char *
asab_registrable_real_dup_key (AsabRegistrable *self)
{
  const char *property_name = asab_registrable_get_key_property (G_OBJECT_TYPE (self));
  g_auto(GValue) value = G_VALUE_INIT;

  if (property_name == NULL || g_object_class_find_property (G_OBJECT_GET_CLASS (self), property_name) == NULL)
    return NULL;

  g_value_init (&value, G_TYPE_STRING);
  g_object_get_property (G_OBJECT (self), property_name, &value);

  return g_value_dup_string (&value);
}

static void
asab_registrable_default_init (AsabRegistrableInterface *iface)
{
  iface->dup_key = asab_registrable_real_dup_key;
}

static void
entry_set_listed (Entry    *self,
                  gboolean  is_listed)
{
  g_mutex_lock (&registry_lock);
  if (is_listed && !self->is_listed)
    g_queue_push_tail_link (&entries, &self->link);
  else if (!is_listed && self->is_listed)
    g_queue_unlink (&entries, &self->link);
  self->is_listed = is_listed;
  g_mutex_unlock (&registry_lock);
}

/* The notify of the instance's data: it is being finalized. */
static void
entry_free (gpointer data)
{
  Entry *self = data;

  entry_set_listed (self, FALSE);
  g_weak_ref_clear (&self->instance);
  g_free (self->default_key);
  g_free (self);
}

static Entry *
entry_new (AsabRegistrable *instance)
{
  Entry *self = g_new0 (Entry, 1);

  self->link.data = self;
  self->type = G_OBJECT_TYPE (instance);
  self->default_key = asab_registrable_new_default_key (self->type);
  g_weak_ref_init (&self->instance, instance);
  g_object_set_qdata_full (G_OBJECT (instance), asab_registrable_entry_quark (), self, entry_free);

  return self;
}

static Entry *
get_entry (AsabRegistrable *self)
{
  return g_object_get_qdata (G_OBJECT (self), asab_registrable_entry_quark ());
}

/* Takes a reference on each live instance of @type, in order of registration, up to but without the one of @end. */
static GPtrArray *
list_until (GType  type,
            Entry *end)
{
  GPtrArray *instances = g_ptr_array_new_with_free_func (g_object_unref);

  g_mutex_lock (&registry_lock);
  for (GList *l = entries.head; l != NULL && l->data != end; l = l->next)
    {
      Entry *entry = l->data;
      GObject *instance = g_type_is_a (entry->type, type) ? g_weak_ref_get (&entry->instance) : NULL;

      if (instance != NULL)
        g_ptr_array_add (instances, instance);
    }
  g_mutex_unlock (&registry_lock);

  return instances;
}

/* Finds the last one of @instances that has the key. Returns: (transfer none) (nullable): the instance */
static AsabRegistrable *
find_last (GPtrArray  *instances,
           const char *key)
{
  for (guint i = instances->len; i > 0; i--)
    {
      AsabRegistrable *instance = g_ptr_array_index (instances, i - 1);
      g_autofree char *its_key = asab_registrable_dup_registry_key (instance);

      if (g_strcmp0 (its_key, key) == 0)
        return instance;
    }

  return NULL;
}

static void
check_key_property (AsabRegistrable *self)
{
  const char *property_name = asab_registrable_get_key_property (G_OBJECT_TYPE (self));

  if (property_name != NULL && g_object_class_find_property (G_OBJECT_GET_CLASS (self), property_name) == NULL)
    g_critical ("The key of %s is its property “%s”, but it has none of that name", G_OBJECT_TYPE_NAME (self),
                property_name);
}

/* Only who comes later is refused: of two threads with the same key one succeeds. */
static gboolean
check_unique (AsabRegistrable  *self,
              Entry            *entry,
              GError          **error)
{
  g_autofree char *key = asab_registrable_dup_registry_key (self);
  g_autoptr(GPtrArray) older = list_until (entry->type, entry);

  if (find_last (older, key) == NULL)
    return TRUE;

  g_set_error (error, ASAB_ERROR, ASAB_ERROR_EXISTS, _("There is a %s “%s” already"), G_OBJECT_TYPE_NAME (self), key);

  return FALSE;
}

/**
 * asab_registrable_register:
 * @self: an instance that is constructed
 * @error: return location for %ASAB_ERROR_EXISTS, in a strict class
 *
 * Makes the instance known to the registries of its class and its ancestors, until it is disposed of.
 *
 * It is for the class to call this, once an instance; a second call changes nothing.
 *
 * Returns: false if the key is taken
 */
gboolean
asab_registrable_register (AsabRegistrable  *self,
                           GError          **error)
{
  Entry *entry;

  g_return_val_if_fail (ASAB_IS_REGISTRABLE (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  entry = get_entry (self);
  if (entry != NULL && entry->is_listed)
    return TRUE;

  check_key_property (self);
  if (entry == NULL)
    entry = entry_new (self);
  entry_set_listed (entry, TRUE);
  if (!asab_registrable_is_strict (entry->type) || check_unique (self, entry, error))
    return TRUE;

  entry_set_listed (entry, FALSE);

  return FALSE;
}

typedef struct
{
  AsabRegistrable *self;
  char *key;
} DupKeyCall;

static void
call_dup_key (gpointer data)
{
  DupKeyCall *call = data;

  call->key = ASAB_REGISTRABLE_GET_IFACE (call->self)->dup_key (call->self);
}

/**
 * asab_registrable_dup_registry_key:
 * @self: an instance
 *
 * Gets the key by which the registry knows the instance now.
 *
 * Returns: (transfer full) (nullable): the key; %NULL if there is only a default key, and @self is not registered
 */
char *
asab_registrable_dup_registry_key (AsabRegistrable *self)
{
  DupKeyCall call = { self, NULL };
  Entry *entry;

  g_return_val_if_fail (ASAB_IS_REGISTRABLE (self), NULL);

  asab_main_stack_call (call_dup_key, &call);
  if (call.key != NULL && *call.key != '\0')
    return call.key;

  g_free (call.key);
  entry = get_entry (self);

  return entry != NULL ? g_strdup (entry->default_key) : NULL;
}

/**
 * asab_registrable_lookup:
 * @type: a class that implements the interface
 * @key: a key
 *
 * Finds the instance of a class, or a subclass of it, that has a key now; the one that was registered last, if several
 * have it.
 *
 * Returns: (transfer full) (nullable): the instance
 */
AsabRegistrable *
asab_registrable_lookup (GType       type,
                         const char *key)
{
  g_autoptr(GPtrArray) instances = NULL;
  AsabRegistrable *found;

  g_return_val_if_fail (g_type_is_a (type, ASAB_TYPE_REGISTRABLE), NULL);
  g_return_val_if_fail (key != NULL, NULL);

  instances = list_until (type, NULL);
  found = find_last (instances, key);

  return found != NULL ? g_object_ref (found) : NULL;
}

/**
 * asab_registrable_list:
 * @type: a class that implements the interface
 *
 * Gets the live instances of a class and its subclasses, in the order in which they were registered.
 *
 * Returns: (transfer container) (element-type GObject.Object): the instances
 */
GPtrArray *
asab_registrable_list (GType type)
{
  g_return_val_if_fail (g_type_is_a (type, ASAB_TYPE_REGISTRABLE), NULL);

  return list_until (type, NULL);
}

/**
 * asab_registrable_list_keys:
 * @type: a class that implements the interface
 *
 * Gets the keys of the live instances of a class and its subclasses, in the order in which they were registered.
 *
 * Returns: (transfer full) (array zero-terminated=1): the keys
 */
char **
asab_registrable_list_keys (GType type)
{
  g_autoptr(GPtrArray) instances = NULL;
  g_autoptr(GPtrArray) keys = NULL;

  g_return_val_if_fail (g_type_is_a (type, ASAB_TYPE_REGISTRABLE), NULL);

  instances = list_until (type, NULL);
  keys = g_ptr_array_new ();
  for (guint i = 0; i < instances->len; i++)
    g_ptr_array_add (keys, asab_registrable_dup_registry_key (g_ptr_array_index (instances, i)));
  g_ptr_array_add (keys, NULL);

  return (char **) g_ptr_array_free (g_steal_pointer (&keys), FALSE);
}
