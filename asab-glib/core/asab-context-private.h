/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/core/asab-clock.h>
#include <asab-glib/core/asab-ready-queue-private.h>
#include <asab-glib/core/asab-stack-private.h>

G_BEGIN_DECLS

typedef struct _AsabContext AsabContext;

/*
 * What the library keeps for each GMainContext that it works in. It lives as long as the GMainContext: whoever needs
 * it later than now (a fiber, a waiting callback) holds a reference on the GMainContext.
 *
 * Only the thread that owns the GMainContext touches the fields; the ready queues have their own rules.
 */
struct _AsabContext
{
  GMainContext *context; /* (not owned) */
  AsabReadyQueue *ready; /* (owned by its source): the queue of G_PRIORITY_DEFAULT, which nearly everybody uses */
  GSList *other_ready;   /* (element-type AsabReadyQueue): of other priorities, guarded by a global lock */
  gint64 dispatch_time;  /* of the system's clock, when the last dispatch of a ready queue began */
  GMainContext *ambient_context;     /* (nullable): what is thread-default during the present dispatch of one … */
  GCancellable *ambient_cancellable; /* (nullable): … and what is current, outside of fibers */
  guint64 quick_cycles;  /* of the processor's counter, when … */
  gint64 quick_time;     /* … the system's clock was read last by asab_context_get_quick_time () */
  AsabStackPool stacks;
  gpointer clock;        /* (atomic) (owned) (nullable): AsabClock, NULL is the system's monotonic clock */
  gpointer timeouts;     /* (owned by its source) (nullable): the timers, see asab-timeout.c */
  GMutex fibers_lock;    /* guards fibers: a fiber may be started from any thread */
  gpointer fibers;       /* (not owned): the list of live fibers, see asab-fiber.c */
  gpointer shutdown;     /* (owned) (nullable): the open nurseries, see asab-shutdown.c … */
  GDestroyNotify shutdown_free; /* … and what frees it */
};

AsabContext    *asab_context_get         (GMainContext *context);
AsabContext    *asab_context_get_current (void);
AsabReadyQueue *asab_context_get_ready   (AsabContext  *self,
                                          int           priority);
gint64          asab_context_get_time    (AsabContext  *self);
gint64          asab_context_get_quick_time (AsabContext *self);
gboolean        asab_context_push        (AsabContext  *self);
void            asab_context_pop         (AsabContext  *self,
                                          gboolean      pushed);

G_END_DECLS
