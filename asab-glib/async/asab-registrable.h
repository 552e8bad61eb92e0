/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/asab-version-macros.h>
#include <gio/gio.h>

G_BEGIN_DECLS

#define ASAB_TYPE_REGISTRABLE (asab_registrable_get_type ())
ASAB_AVAILABLE_IN_ALL
G_DECLARE_INTERFACE (AsabRegistrable, asab_registrable, ASAB, REGISTRABLE, GObject)

struct _AsabRegistrableInterface
{
  GTypeInterface parent_iface;

  /**
   * AsabRegistrableInterface::dup_key:
   * @self: an instance
   *
   * Gets the key of the instance; by default the value of the property that was set with
   * [func@Registrable.set_key_property].
   *
   * Called in the thread that asks, which may be any.
   *
   * Returns: (transfer full) (nullable): the key; %NULL or an empty string if it has none but the default one
   */
  char *(*dup_key) (AsabRegistrable *self);
};

ASAB_AVAILABLE_IN_ALL
gboolean         asab_registrable_register         (AsabRegistrable  *self,
                                                    GError          **error);
ASAB_AVAILABLE_IN_ALL
char            *asab_registrable_dup_registry_key (AsabRegistrable  *self);

ASAB_AVAILABLE_IN_ALL
void             asab_registrable_set_key_property (GType             type,
                                                    const char       *property_name);
ASAB_AVAILABLE_IN_ALL
void             asab_registrable_set_default_key  (GType             type,
                                                    const char       *default_key);
ASAB_AVAILABLE_IN_ALL
void             asab_registrable_set_strict       (GType             type,
                                                    gboolean          strict);

ASAB_AVAILABLE_IN_ALL
AsabRegistrable *asab_registrable_lookup           (GType             type,
                                                    const char       *key) G_GNUC_WARN_UNUSED_RESULT;
ASAB_AVAILABLE_IN_ALL
GPtrArray       *asab_registrable_list             (GType             type) G_GNUC_WARN_UNUSED_RESULT;
ASAB_AVAILABLE_IN_ALL
char           **asab_registrable_list_keys        (GType             type) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
