/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/async/asab-fiber.h>

#include <asab-glib/async/asab-future-private.h>
#include <asab-glib/async/asab-timeout-private.h>

G_BEGIN_DECLS

typedef enum
{
  FIBER_READY,    /* in the ready queue */
  FIBER_RUNNING,  /* on its stack */
  FIBER_CALLING,  /* its resumer calls a function for it on the native stack */
  FIBER_WAITING,  /* for somebody to wake it */
  FIBER_ENDED,
} AsabFiberState;

/* Takes back what would wake a waiting fiber. Returns: false if it is too late for that. */
typedef gboolean (*AsabWithdrawFunc) (gpointer wait);

struct _AsabFiber
{
  AsabReadyItem item;         /* queued while the fiber is ready */
  AsabReadyItem cancel_item;  /* queued once, when it is cancelled */
  gint n_refs;                /* (atomic) */
  gint cancelled;             /* (atomic): G_IO_ERROR_CANCELLED + 1, G_IO_ERROR_TIMED_OUT + 1, or 0 */

  AsabContext *context;       /* kept alive by a reference on its GMainContext */
  AsabReadyQueue *queue;
  AsabFiber *prev;            /* in the list of live fibers of the context, guarded by its lock */
  AsabFiber *next;

  const char *name;
  char *owned_name;           /* (nullable) */
  const char *site;           /* (static) (nullable) */
  AsabPromise *promise;       /* (owned) */
  AsabFiberFunc func;
  gpointer user_data;
  GDestroyNotify destroy;
  GValue result;
  GError *error;
  AsabFuture *cause;          /* (owned) (nullable): rejected; a failed fiber ends as it did, with its exception */
  gboolean succeeded;

  AsabFiberState state;
  AsabStack *stack;           /* (owned): from the first run on */
  gsize stack_size;
  AsabThunk thunk;            /* what the resumer is to call … */
  gpointer thunk_data;        /* … with this */

  GCancellable *cancellable;  /* (owned) (nullable): made when asked for */
  gulong cancellable_id;
  GCancellable *parent;       /* (owned) (nullable) */
  gulong parent_id;
  guint shield_depth;
  GError *thrown;             /* (owned) (nullable): for the next wait that it can end */
  AsabTimeout deadline;

  AsabWithdrawFunc withdraw;  /* (nullable) while it waits: how to end the wait early … */
  gpointer wait;              /* … with this */
  gboolean withdrawn;         /* the wait was ended early */
  const char *waits_for;      /* (static) */
  AsabFuture *awaited;        /* (not owned) (nullable) */
  gint64 since;               /* the time of the dispatch in which the wait began */
  GPtrArray *temps;           /* (element-type AsabFuture) (owned) (nullable) */

  guint op_serial;            /* of the operation under way, see asab-fiber-gio.c */
  GAsyncResult *op_result;    /* (owned) (nullable) */
  gboolean op_waiting;

  GCancellable *slice_cancellable;  /* current when the fiber was resumed */
  gboolean slice_reported;
};

AsabFiber *asab_fiber_ref           (AsabFiber         *self);
void       asab_fiber_unref         (AsabFiber         *self);
gboolean   asab_fiber_check_running (GError           **error);
gboolean   asab_fiber_suspend       (AsabFiber         *self,
                                     const char        *waits_for,
                                     AsabWithdrawFunc   withdraw,
                                     gpointer           wait,
                                     GError           **error);
void       asab_fiber_wake          (AsabFiber         *self);
void       asab_fiber_drop_temps    (AsabFiber         *self);
gboolean   asab_fiber_await_done    (AsabFuture        *future,
                                     GError           **error);
gboolean   asab_fiber_fail_as       (AsabFuture        *rejected,
                                     GError           **error);

void       asab_fiber_allow_cancel  (AsabFiber         *self);
void       asab_fiber_set_parent    (AsabFiber         *self,
                                     GCancellable      *parent);
void       asab_fiber_end_cancel    (AsabFiber         *self);
void       asab_fiber_cancel        (AsabFiber         *self);
void       asab_fiber_throw         (AsabFiber         *self,
                                     GError            *error);
gboolean   asab_fiber_set_cancelled (AsabFiber         *self,
                                     GError           **error);
AsabFiber *asab_fiber_lookup        (AsabFuture        *future,
                                     AsabContext       *context);

G_END_DECLS
