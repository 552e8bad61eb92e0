/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/net/asab-delayed-call.h>

G_BEGIN_DECLS

/* What was running when a loop began. */
typedef struct
{
  AsabTaskQueue *queue;
  GError **error;
  GPtrArray *held_back;
} AsabTaskQueueLoop;

void asab_task_queue_enter (AsabTaskQueue      *self,
                            GError            **error,
                            AsabTaskQueueLoop  *outer);
void asab_task_queue_leave (AsabTaskQueueLoop  *outer);
guint asab_task_queue_get_n_runs (AsabTaskQueue *self);

G_END_DECLS
