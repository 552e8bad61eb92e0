/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/async/asab-fiber-private.h>

G_BEGIN_DECLS

typedef struct _AsabWaiter AsabWaiter;

/*
 * Those who wait for a lock, an event and the like, in order of arrival: fibers, and futures for everybody else.
 * Belongs to its object and its thread. A waiter whose future was cancelled or dropped is passed over.
 */
typedef struct
{
  AsabWaiter *first;
  AsabWaiter *last;
  guint n_waiters;
  guint n_sweep;    /* so many waiters let us look for abandoned ones */
} AsabWaitQueue;

gboolean    asab_wait_queue_await       (AsabWaitQueue  *self,
                                         const char     *waits_for,
                                         GError        **error);
AsabFuture *asab_wait_queue_add         (AsabWaitQueue  *self);
gboolean    asab_wait_queue_wake_first  (AsabWaitQueue  *self,
                                         AsabFiber     **fiber);
void        asab_wait_queue_wake_all    (AsabWaitQueue  *self);
void        asab_wait_queue_reject_all  (AsabWaitQueue  *self,
                                         GError         *error);

G_END_DECLS
