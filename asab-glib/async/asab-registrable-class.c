/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a class declares of its registry; subclasses inherit it. */

#include "config.h"

#include <asab-glib/async/asab-registrable.h>

#include <asab-glib/async/asab-registrable-private.h>

/* What was declared for a type, and counted. */
typedef struct
{
  gboolean has_key_property;
  const char *key_property; /* (interned) (nullable) */
  const char *default_key;  /* (interned) (nullable) */
  gboolean has_strict;
  gboolean strict;
  guint n_numbers;          /* that were given to default keys of this type */
} Declarations;

typedef gboolean (*DeclaresFunc) (const Declarations *self);

static GMutex declarations_lock;
static GHashTable *declarations; /* (element-type GType Declarations) (nullable): guarded by declarations_lock */

/* Gets what was declared for exactly this type; the caller holds the lock. */
static Declarations *
ensure_declarations (GType type)
{
  Declarations *self;

  if (declarations == NULL)
    declarations = g_hash_table_new (NULL, NULL);
  self = g_hash_table_lookup (declarations, GSIZE_TO_POINTER (type));
  if (self == NULL)
    {
      self = g_new0 (Declarations, 1);
      g_hash_table_insert (declarations, GSIZE_TO_POINTER (type), self);
    }

  return self;
}

/* Finds the declarations of the type or its next ancestor that has what is asked for; the caller holds the lock. */
static Declarations *
lookup_inherited (GType        type,
                  DeclaresFunc declares)
{
  if (declarations == NULL)
    return NULL;

  for (; type != 0; type = g_type_parent (type))
    {
      Declarations *found = g_hash_table_lookup (declarations, GSIZE_TO_POINTER (type));

      if (found != NULL && declares (found))
        return found;
    }

  return NULL;
}

static gboolean
declares_key_property (const Declarations *self)
{
  return self->has_key_property;
}

/* Gets the name of the property that is the key, NULL if there is none. */
const char *
asab_registrable_get_key_property (GType type)
{
  Declarations *found;
  const char *property_name;

  g_mutex_lock (&declarations_lock);
  found = lookup_inherited (type, declares_key_property);
  property_name = found != NULL ? found->key_property : NULL;
  g_mutex_unlock (&declarations_lock);

  return property_name;
}

static gboolean
declares_strict (const Declarations *self)
{
  return self->has_strict;
}

/* Tells whether the keys of the class are unique. */
gboolean
asab_registrable_is_strict (GType type)
{
  Declarations *found;
  gboolean strict;

  g_mutex_lock (&declarations_lock);
  found = lookup_inherited (type, declares_strict);
  strict = found != NULL && found->strict;
  g_mutex_unlock (&declarations_lock);

  return strict;
}

static gboolean
declares_default_key (const Declarations *self)
{
  return self->default_key != NULL;
}

/* Makes the default key of a new instance of exactly this type. */
char *
asab_registrable_new_default_key (GType type)
{
  Declarations *found;
  const char *default_key;
  guint number;

  g_mutex_lock (&declarations_lock);
  found = lookup_inherited (type, declares_default_key);
  if (found == NULL)
    found = ensure_declarations (type);
  default_key = found->default_key != NULL ? found->default_key : g_type_name (type);
  number = found->n_numbers++;
  g_mutex_unlock (&declarations_lock);

  return g_strdup_printf ("%s_%u", default_key, number);
}

/**
 * asab_registrable_set_key_property:
 * @type: a class that implements the interface
 * @property_name: (nullable): the name of a property that can become a string, %NULL for the default key
 *
 * Declares which property of the instances is the key, for the class and for subclasses that declare nothing else.
 *
 * While the property is %NULL or empty the default key counts.
 */
void
asab_registrable_set_key_property (GType       type,
                                   const char *property_name)
{
  Declarations *self;

  g_return_if_fail (g_type_is_a (type, ASAB_TYPE_REGISTRABLE));

  g_mutex_lock (&declarations_lock);
  self = ensure_declarations (type);
  self->has_key_property = TRUE;
  self->key_property = g_intern_string (property_name);
  g_mutex_unlock (&declarations_lock);
}

/**
 * asab_registrable_set_default_key:
 * @type: a class that implements the interface
 * @default_key: what default keys begin with
 *
 * Declares the default key, for the class and for subclasses that declare nothing else. They share the numbers.
 */
void
asab_registrable_set_default_key (GType       type,
                                  const char *default_key)
{
  g_return_if_fail (g_type_is_a (type, ASAB_TYPE_REGISTRABLE));
  g_return_if_fail (default_key != NULL);

  g_mutex_lock (&declarations_lock);
  ensure_declarations (type)->default_key = g_intern_string (default_key);
  g_mutex_unlock (&declarations_lock);
}

/**
 * asab_registrable_set_strict:
 * @type: a class that implements the interface
 * @strict: whether keys are unique
 *
 * Declares whether an instance with the key of another one is refused, for the class and for subclasses that declare
 * nothing else.
 */
void
asab_registrable_set_strict (GType    type,
                             gboolean strict)
{
  Declarations *self;

  g_return_if_fail (g_type_is_a (type, ASAB_TYPE_REGISTRABLE));

  g_mutex_lock (&declarations_lock);
  self = ensure_declarations (type);
  self->has_strict = TRUE;
  self->strict = strict;
  g_mutex_unlock (&declarations_lock);
}
