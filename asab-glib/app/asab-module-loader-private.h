/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

GType asab_module_loader_load (const char  *name,
                               GError     **error);

G_END_DECLS
