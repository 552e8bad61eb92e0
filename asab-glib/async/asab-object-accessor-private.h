/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/async/asab-object-accessor.h>

G_BEGIN_DECLS

AsabAccessor *asab_object_lookup_accessor (GObject       *object,
                                           gconstpointer  key);
void          asab_object_take_accessor   (GObject       *object,
                                           gconstpointer  key,
                                           AsabAccessor  *accessor);
void          asab_object_forget_accessor (GObject       *object,
                                           gconstpointer  key);

G_END_DECLS
