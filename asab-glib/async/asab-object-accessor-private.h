/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/async/asab-object-accessor.h>

G_BEGIN_DECLS

/* A property of one object, which it does not keep alive. */
typedef struct
{
  GWeakRef object;
  gpointer property;    /* (owned): its description */
  GDestroyNotify unref;
  const char *name;     /* (not owned): of the description */
} AsabBoundProperty;

gpointer      asab_bound_property_new        (GObject            *object,
                                              gpointer            property,
                                              GDestroyNotify      unref,
                                              const char         *name);
void          asab_bound_property_free       (gpointer            data);
GObject      *asab_bound_property_ref_object (AsabBoundProperty  *self,
                                              GError            **error);

AsabAccessor *asab_object_lookup_accessor (GObject       *object,
                                           gconstpointer  key);
void          asab_object_take_accessor   (GObject       *object,
                                           gconstpointer  key,
                                           AsabAccessor  *accessor);
void          asab_object_forget_accessor (GObject       *object,
                                           gconstpointer  key);

G_END_DECLS
