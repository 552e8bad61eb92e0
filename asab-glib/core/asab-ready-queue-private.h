/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _AsabContext AsabContext;
typedef struct _AsabReadyQueue AsabReadyQueue;
typedef struct _AsabReadyItem AsabReadyItem;

/* Embedded in what can become ready; in at most one queue at a time. */
struct _AsabReadyItem
{
  AsabReadyItem *next;
  void (*run) (AsabReadyItem *item);
};

AsabReadyQueue *asab_ready_queue_new  (AsabContext    *context,
                                       int             priority,
                                       GDestroyNotify  destroy);
int             asab_ready_queue_get_priority (AsabReadyQueue *self);
void            asab_ready_queue_push (AsabReadyQueue *self,
                                       AsabReadyItem  *item);

/* A thread-local variable that is read in nearly every operation: no call into the dynamic linker for it. */
#define ASAB_THREAD_LOCAL static __thread __attribute__ ((tls_model ("initial-exec")))

G_END_DECLS
