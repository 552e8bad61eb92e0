/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The memory of one stack. */
typedef struct
{
  guint8 *low;              /* the guard page is right below */
  gsize size;               /* without the guard page */
  gboolean guard_is_mapping;
} AsabStackMap;

gboolean asab_stack_map_init  (AsabStackMap  *self,
                               gsize          size,
                               GError       **error);
void     asab_stack_map_clear (AsabStackMap  *self);

G_END_DECLS
