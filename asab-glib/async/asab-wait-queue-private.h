/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/async/asab-fiber-private.h>

G_BEGIN_DECLS

typedef struct _AsabWaiter AsabWaiter;
typedef struct _AsabWaitQueue AsabWaitQueue;

/* Somebody in a queue: on the stack of a fiber, on the heap with a promise, or embedded in what brings a function. */
struct _AsabWaiter
{
  AsabWaiter *prev;
  AsabWaiter *next;
  AsabWaitQueue *queue;              /* NULL once it was taken off */
  guint64 turn;                      /* rises in order of arrival; once it was taken off, the last one in the queue */
  void (*wake) (AsabWaiter *waiter); /* (nullable): called when it was taken off */
  AsabFiber *fiber;                  /* (not owned): else, the fiber that waits … */
  GError *error;                     /* … and why it waited in vain */
  AsabPromise *promise;              /* (owned): else */
};

/*
 * Those who wait for a lock, an event and the like, in order of arrival: fibers, and futures for everybody else.
 * Belongs to its object and its thread. A waiter whose future was cancelled or dropped is passed over.
 */
struct _AsabWaitQueue
{
  AsabWaiter *first;
  AsabWaiter *last;
  guint64 last_turn;
  guint n_waiters;
  guint n_sweep;    /* so many waiters let us look for abandoned ones */
};

gboolean    asab_wait_queue_await       (AsabWaitQueue  *self,
                                         const char     *waits_for,
                                         GError        **error);
AsabFuture *asab_wait_queue_add         (AsabWaitQueue  *self);
void        asab_wait_queue_append      (AsabWaitQueue  *self,
                                         AsabWaiter     *waiter);
void        asab_wait_queue_take_off    (AsabWaiter     *waiter);
gboolean    asab_wait_queue_wake_first  (AsabWaitQueue  *self,
                                         AsabFiber     **fiber);
void        asab_wait_queue_pass_on     (AsabWaitQueue  *self,
                                         guint64         turn);
void        asab_wait_queue_wake_all    (AsabWaitQueue  *self);
void        asab_wait_queue_reject_all  (AsabWaitQueue  *self,
                                         GError         *error);

G_END_DECLS
