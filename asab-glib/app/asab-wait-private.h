/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/async/asab-future.h>

G_BEGIN_DECLS

/* The patience of a phase: until when it waits at most, and for what right now. Used by one fiber. */
typedef struct
{
  gint64 deadline;
  AsabFuture *current; /* (nullable): borrowed from the stack of the fiber */
} AsabWait;

/* A function of the user, or one that calls it. */
typedef AsabFuture *(*AsabWaitFunc) (gpointer data);

void     asab_wait_begin     (AsabWait      *self,
                              double         seconds);
double   asab_wait_get_left  (AsabWait      *self);
gboolean asab_wait_future    (AsabWait      *self,
                              AsabFuture    *future,
                              double         seconds,
                              gboolean      *hangs,
                              GError       **error);
gboolean asab_wait_call      (AsabWait      *self,
                              AsabWaitFunc   func,
                              gpointer       data,
                              double         seconds,
                              gboolean      *hangs,
                              GError       **error);
void     asab_wait_interrupt (AsabWait      *self);

G_END_DECLS
