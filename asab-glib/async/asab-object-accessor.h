/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/async/asab-accessor.h>

G_BEGIN_DECLS

ASAB_AVAILABLE_IN_ALL
AsabAccessor *asab_object_get_accessor (GObject     *object,
                                        const char  *property_name,
                                        GError     **error);

G_END_DECLS
