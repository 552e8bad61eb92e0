/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/app/asab-component.h>
#include <gmodule.h>

G_BEGIN_DECLS

#define ASAB_TYPE_MODULE (asab_module_get_type ())
ASAB_AVAILABLE_IN_ALL
G_DECLARE_DERIVABLE_TYPE (AsabModule, asab_module, ASAB, MODULE, AsabComponent)

struct _AsabModuleClass
{
  AsabComponentClass parent_class;

  /*< private >*/
  gpointer padding[4];
};

/**
 * ASAB_MODULE_ENTRY: (skip)
 * @get_type: the function that gives the type of a subclass of [class@Module]
 *
 * Makes a shared library one that [method@Application.load_module] can load: defines the function `asab_module_entry`,
 * which returns the type of the module.
 */
#define ASAB_MODULE_ENTRY(get_type)              \
  G_MODULE_EXPORT GType asab_module_entry (void); \
  GType                                          \
  asab_module_entry (void)                       \
  {                                              \
    return get_type ();                          \
  }

G_END_DECLS
