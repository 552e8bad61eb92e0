/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "asab-config-table-private.h"

#include <glib-object.h>

G_BEGIN_DECLS

gboolean asab_config_convert (const char            *section,
                              const AsabConfigEntry *entry,
                              GParamSpec            *pspec,
                              GValue                *value,
                              GPtrArray             *complaints);

G_END_DECLS
