/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "asab-default-private.h"

#include <asab-glib/core/asab-context-private.h>

typedef struct
{
  GMainContext *context;
  GType type;
} Key;

static GMutex lock;
static GHashTable *objects; /* (owned) (element-type Key GObject): the objects are borrowed; guarded by lock */

static guint
key_hash (gconstpointer data)
{
  const Key *key = data;

  return g_direct_hash (key->context) ^ g_direct_hash (GSIZE_TO_POINTER (key->type));
}

static gboolean
key_equal (gconstpointer a,
           gconstpointer b)
{
  const Key *key = a;
  const Key *other = b;

  return key->context == other->context && key->type == other->type;
}

static void
forget_cb (gpointer  data,
           GObject  *object G_GNUC_UNUSED)
{
  g_mutex_lock (&lock);
  g_hash_table_remove (objects, data);
  g_mutex_unlock (&lock);
}

/* Gets the object of a type that is the thread-default main context's own, and makes it when there is none. It lives as
 * long as somebody holds it, and like the main context it belongs to one thread.
 *
 * Returns: (transfer full): the object */
GObject *
asab_default_dup (GType type)
{
  Key key = { asab_context_get_current ()->context, type };
  GObject *object;
  Key *owned;

  g_mutex_lock (&lock);
  if (objects == NULL)
    objects = g_hash_table_new_full (key_hash, key_equal, g_free, NULL);
  object = g_hash_table_lookup (objects, &key);
  g_mutex_unlock (&lock);

  if (object != NULL)
    return g_object_ref (object);

  object = g_object_new (type, NULL);
  owned = g_memdup2 (&key, sizeof key);
  g_object_weak_ref (object, forget_cb, owned);
  g_mutex_lock (&lock);
  g_hash_table_insert (objects, owned, object);
  g_mutex_unlock (&lock);

  return object;
}
