/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/async/asab-future-set.h>
#include <asab-glib/async/asab-future.h>
#include <asab-glib/async/asab-promise.h>

#include <asab-glib/core/asab-context-private.h>

G_BEGIN_DECLS

typedef struct _AsabFutureWaiter AsabFutureWaiter;
typedef struct _AsabFutureExtra AsabFutureExtra;

/* Somebody who waits for a future: linked into it until it is completed, or longer if it says so. */
struct _AsabFutureWaiter
{
  AsabFutureWaiter *prev;
  AsabFutureWaiter *next;
  AsabFutureWaiter *next_woken;
  void (*wake) (AsabFutureWaiter *waiter); /* called once, in the thread that completes the future */
  gboolean stays_linked;                   /* until it unlinks itself */
};

typedef void (*AsabCancelFunc) (gpointer data);

enum
{
  FUTURE_LOCK_BIT = 0,

  FUTURE_RESOLVED  = 1 << 1,
  FUTURE_REJECTED  = 1 << 2,
  FUTURE_CANCELLED = 1 << 3, /* rejected with G_IO_ERROR_CANCELLED */
  FUTURE_OBSERVED  = 1 << 4, /* somebody looked at the error, or took responsibility for it */
  FUTURE_COMPLETED = FUTURE_RESOLVED | FUTURE_REJECTED,
};

/*
 * A future and its promise: one allocation, two counters.
 *
 * The producers hold one of the references together, so that a promise alone keeps its future, and "nobody consumes it"
 * can be told (one reference while there are producers). Before completion, all but the counters is guarded by the lock
 * bit of state; after completion, value, error and exception never change and are read without a lock.
 */
struct _AsabFuture
{
  gint n_refs;                /* (atomic) */
  gint n_producers;           /* (atomic) */
  gint state;                 /* (atomic): lock bit and flags */
  guint last_id;              /* of callbacks */
  AsabFutureWaiter *waiters;  /* in order of arrival … */
  AsabFutureWaiter *last_waiter;
  GValue value;               /* of a resolved future; the exception beside the error of a rejected one */
  GError *error;              /* (owned) (nullable) */
  const char *site;           /* (static) (nullable) */
  AsabFutureExtra *extra;     /* (owned) (nullable): what few futures have */
};

struct _AsabFutureExtra
{
  char *name;
  GCancellable *cancellable;
  AsabCancelFunc cancel;      /* (nullable): cancelling asks the producer instead of rejecting at once … */
  gpointer cancel_data;       /* … with this, which is valid until the future is completed */
  gboolean defers_cancel;     /* cancelling cancels the cancellable, and no more */
};

static inline AsabFuture *
asab_promise_as_future (AsabPromise *promise)
{
  return (AsabFuture *) promise;
}

static inline AsabPromise *
asab_future_as_promise (AsabFuture *future)
{
  return (AsabPromise *) future;
}

static inline gint
asab_future_get_state (AsabFuture *self)
{
  return g_atomic_int_get (&self->state);
}

static inline void
asab_future_lock (AsabFuture *self)
{
  g_bit_lock (&self->state, FUTURE_LOCK_BIT);
}

static inline void
asab_future_unlock (AsabFuture *self)
{
  g_bit_unlock (&self->state, FUTURE_LOCK_BIT);
}

AsabFuture      *asab_future_new_pending       (const char       *site);
AsabFutureExtra *asab_future_ensure_extra      (AsabFuture       *self);
gboolean         asab_future_complete          (AsabFuture       *self,
                                                const GValue     *value,
                                                GError           *error,
                                                const GValue     *exception);
gboolean         asab_future_add_waiter        (AsabFuture       *self,
                                                AsabFutureWaiter *waiter);
gboolean         asab_future_remove_waiter     (AsabFuture       *self,
                                                AsabFutureWaiter *waiter);
void             asab_future_unlink_waiter     (AsabFuture       *self,
                                                AsabFutureWaiter *waiter);
void             asab_future_observe           (AsabFuture       *self);
gboolean         asab_future_has_consumers     (AsabFuture       *self);
const GError    *asab_future_peek_error        (AsabFuture       *self);
void             asab_future_report_unhandled  (AsabFuture       *self);
void             asab_future_copy_outcome      (AsabFuture       *self,
                                                AsabPromise      *promise);
AsabFutureSet   *asab_future_set_new           (AsabFuture      **futures,
                                                gsize             n_futures);
void             asab_promise_set_cancel_func  (AsabPromise      *self,
                                                AsabCancelFunc    func,
                                                gpointer          data);

void             asab_future_log_failure       (AsabFuture       *self,
                                                const char       *what);

GError          *asab_error_new_cancelled      (const char       *what);
GError          *asab_error_new_callback       (void);

G_END_DECLS
