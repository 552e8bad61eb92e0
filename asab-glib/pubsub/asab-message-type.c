/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "asab-message-private.h"

/* Interned types live as long as the process: a bus keeps an array by their index. */
static GMutex types_lock;
static GHashTable *types; /* (owned) (nullable) (element-type utf8 AsabMessageType): guarded by types_lock */

/**
 * asab_message_type: (skip)
 * @name: a message type, such as `Application.tick!`
 *
 * Interns a message type, for `asab_pubsub_publish_type ()`, which has to look nothing up.
 *
 * May be called in any thread. Interned types are never freed: do not intern what has an identifier in it.
 *
 * Returns: (transfer none): the interned type, the same for each call with the same @name
 */
const AsabMessageType *
asab_message_type (const char *name)
{
  AsabMessageType *type;

  g_return_val_if_fail (name != NULL, NULL);

  g_mutex_lock (&types_lock);

  if (types == NULL)
    types = g_hash_table_new (g_str_hash, g_str_equal);

  type = g_hash_table_lookup (types, name);
  if (type == NULL)
    {
      type = g_new (AsabMessageType, 1);
      type->name = g_ref_string_new (name);
      type->index = g_hash_table_size (types) + 1;
      g_hash_table_insert (types, type->name, type);
    }

  g_mutex_unlock (&types_lock);

  return type;
}

/**
 * asab_message_type_get_name: (skip)
 * @self: an interned message type
 *
 * Gets the message type as a string.
 *
 * Returns: the message type
 */
const char *
asab_message_type_get_name (const AsabMessageType *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->name;
}
