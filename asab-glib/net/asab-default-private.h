/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

GObject *asab_default_dup (GType type);

G_END_DECLS
