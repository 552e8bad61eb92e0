/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _AsabStack AsabStack;
typedef void (*AsabStackFunc) (gpointer data);

/* Stacks that wait for their next use. Belongs to the thread of its context. */
typedef struct
{
  AsabStack *free;   /* the one used last comes first, its pages are warm */
  guint n_free;
  guint n_used;
  gsize stack_size;  /* bytes of the stacks that are made without a size of their own */
} AsabStackPool;

void       asab_stack_pool_init    (AsabStackPool  *pool);
void       asab_stack_pool_clear   (AsabStackPool  *pool);
void       asab_stack_pool_set_size (AsabStackPool *pool,
                                     gsize          size);
AsabStack *asab_stack_pool_acquire (AsabStackPool  *pool,
                                    gsize           size,
                                    GError        **error);
void       asab_stack_pool_release (AsabStackPool  *pool,
                                    AsabStack      *stack);

gboolean   asab_stack_resume       (AsabStack      *self,
                                    AsabStackFunc   func,
                                    gpointer        data,
                                    const char     *name);
void       asab_stack_suspend      (void);
gboolean   asab_stack_is_current   (void);
gsize      asab_stack_get_used     (AsabStack      *self);
gboolean   asab_stack_refuse_main_loop (void);

G_END_DECLS
