/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/async/asab-registrable.h>

G_BEGIN_DECLS

const char *asab_registrable_get_key_property (GType type);
gboolean    asab_registrable_is_strict        (GType type);
char       *asab_registrable_new_default_key  (GType type);

G_END_DECLS
