/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/async/asab-condition-private.h>

G_BEGIN_DECLS

typedef struct _AsabGuardedOp AsabGuardedOp;

/* The operations of an object that are under way; a field of the object, to be initialized with it. */
typedef struct
{
  AsabContext *context; /* of the object, kept alive by a reference on its GMainContext */
  AsabGuardedOp *first;
  AsabGuardedOp *last;
} AsabGuardedOps;

typedef enum
{
  ASAB_GUARDED_OP_HELD_BACK, /* in a queue of its object */
  ASAB_GUARDED_OP_LOCKING,   /* waits for the lock, or was given it */
  ASAB_GUARDED_OP_RUNNING,
  ASAB_GUARDED_OP_WAITING,   /* for a notification, or was notified */
  ASAB_GUARDED_OP_ENDED,
} AsabGuardedOpState;

typedef struct
{
  /* With the lock held; sets value or failure. Returns: false to be called again after the next notification */
  gboolean (*run)     (AsabGuardedOp *op);

  /* (nullable): it has begun to wait for a notification, or has ended, and its object is still there */
  void     (*settled) (AsabGuardedOp *op);

  /* (nullable): frees what was added to the structure, on the native stack */
  void     (*clear)   (AsabGuardedOp *op);
} AsabGuardedOpFuncs;

/* The first field of each operation. */
struct _AsabGuardedOp
{
  const AsabGuardedOpFuncs *funcs;
  gpointer object;          /* (not owned) (nullable): the object whose operation it is, NULL once that is gone */
  AsabCondition *condition; /* (not owned): of the object, (owned) once that is gone */
  gboolean calls_out;       /* runs code of others, who may drop the object */
  GValue value;             /* the result … */
  const GValue *lent_value; /* (nullable): … or where it is, until the lock is released … */
  AsabFuture *failure;      /* (owned) (nullable): … or a rejected future with what went wrong */

  /*< private >*/
  AsabGuardedOpState state;
  guint n_refs;             /* one until it has ended, one for each queued item, one while it listens */
  AsabPromise *promise;     /* (owned) (nullable): until it has ended */
  AsabContext *context;     /* of ops, kept alive by a reference on its GMainContext once the object is gone */
  AsabGuardedOps *ops;
  AsabGuardedOp *prev;
  AsabGuardedOp *next;
  AsabReadyItem item;       /* queued when it was woken */
  AsabWaiter place;         /* where it waits */
  AsabReadyItem done_item;  /* queued when others have completed its future */
  AsabFutureWaiter done;
  gboolean outlives_object; /* so condition is (owned), and context kept alive */
  gboolean listens;         /* is linked into its future by done */
  AsabTimeout timeout;
  double seconds;           /* how long it may wait, infinity for ever */
};

gpointer    asab_guarded_op_new        (gsize                     size,
                                        const AsabGuardedOpFuncs *funcs,
                                        gpointer                  object,
                                        AsabGuardedOps           *ops,
                                        AsabCondition            *condition);
AsabFuture *asab_guarded_op_start      (AsabGuardedOp            *op,
                                        double                    seconds);
AsabFuture *asab_guarded_op_hold_back  (AsabGuardedOp            *op,
                                        AsabWaitQueue            *queue);
void        asab_guarded_op_let_first  (AsabWaitQueue            *queue,
                                        AsabGuardedOp           **let);
gboolean    asab_guarded_op_is_waiting (AsabGuardedOp            *op);
void        asab_guarded_ops_init      (AsabGuardedOps           *self);
void        asab_guarded_ops_reject    (AsabGuardedOps           *self,
                                        GError                   *error);
void        asab_guarded_ops_clear     (AsabGuardedOps           *self);

G_END_DECLS
