/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/async/asab-fiber.h>

G_BEGIN_DECLS

/**
 * ASAB_CANCELLABLE: (skip)
 *
 * The cancellable of the running fiber, or %NULL within a shield.
 */
#define ASAB_CANCELLABLE (asab_fiber_op_cancellable ())

/**
 * ASAB_CALLBACK: (skip)
 *
 * The last two arguments of a GIO-style function, a callback and its data, that wake the running fiber.
 */
#define ASAB_CALLBACK (asab_fiber_op_ready), (asab_fiber_op_arm (G_STRLOC))

/**
 * ASAB_READY: (skip)
 *
 * The last three arguments of a GIO-style function: cancellable, callback and data.
 */
#define ASAB_READY ASAB_CANCELLABLE, ASAB_CALLBACK

/**
 * ASAB_RESULT: (skip)
 *
 * The result of the operation that was started with %ASAB_READY; waits until it is there, also when the fiber is
 * cancelled: the operation has the fiber's cancellable and ends soon.
 */
#define ASAB_RESULT (asab_fiber_op_wait ())

ASAB_AVAILABLE_IN_ALL
GCancellable *asab_fiber_op_cancellable (void);
ASAB_AVAILABLE_IN_ALL
void          asab_fiber_op_ready       (GObject       *source,
                                         GAsyncResult  *result,
                                         gpointer       token);
ASAB_AVAILABLE_IN_ALL
gpointer      asab_fiber_op_arm         (const char    *site);
ASAB_AVAILABLE_IN_ALL
GAsyncResult *asab_fiber_op_wait        (void);

/**
 * AsabPending: (skip)
 *
 * One of several operations that a fiber has under way at once; declare it with `g_auto`.
 */
typedef struct
{
  /*< private >*/
  gpointer token;
  GCancellable *cancellable;
  gulong cancel_id;
  GAsyncResult *result;
} AsabPending;

/**
 * ASAB_PENDING_INIT: (skip)
 *
 * The initial value of an `AsabPending`.
 */
#define ASAB_PENDING_INIT { NULL, NULL, 0, NULL }

/**
 * ASAB_START: (skip)
 * @pending: an `AsabPending`
 *
 * The last three arguments of a GIO-style function whose result is taken with `ASAB_JOIN`.
 */
#define ASAB_START(pending) \
  (asab_pending_cancellable (pending)), (asab_fiber_op_ready), (asab_pending_arm ((pending), G_STRLOC))

/**
 * ASAB_JOIN: (skip)
 * @pending: an `AsabPending`
 *
 * The result of the operation that was started with `ASAB_START`.
 */
#define ASAB_JOIN(pending) (asab_pending_wait (pending))

ASAB_AVAILABLE_IN_ALL
GCancellable *asab_pending_cancellable  (AsabPending   *pending);
ASAB_AVAILABLE_IN_ALL
gpointer      asab_pending_arm          (AsabPending   *pending,
                                         const char    *site);
ASAB_AVAILABLE_IN_ALL
GAsyncResult *asab_pending_wait         (AsabPending   *pending);
ASAB_AVAILABLE_IN_ALL
void          asab_pending_clear        (AsabPending   *pending);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (AsabPending, asab_pending_clear)

ASAB_AVAILABLE_IN_ALL
AsabFuture   *asab_future_new_for_callback (GAsyncReadyCallback *callback,
                                            gpointer            *callback_data);

ASAB_AVAILABLE_IN_ALL
void          asab_fiber_run_task       (GTask          *task,
                                         AsabFiberFunc   func,
                                         gpointer        user_data,
                                         GDestroyNotify  destroy);

G_END_DECLS
