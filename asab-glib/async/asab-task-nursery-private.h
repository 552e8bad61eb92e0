/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/async/asab-exit-stack-private.h>
#include <asab-glib/async/asab-future-private.h>
#include <asab-glib/async/asab-task-nursery.h>

G_BEGIN_DECLS

typedef struct _AsabSentinel AsabSentinel;

typedef struct
{
  AsabContext *context;     /* kept alive by a reference on its GMainContext */
  GList link;               /* in the list of open nurseries of the context; its data is the nursery */
  char *name;
  AsabNameFunc name_func;   /* (nullable): beats name, unless it gives nothing */
  gpointer name_data;
  GDestroyNotify name_destroy;
  double stop_timeout;
  gboolean stop_tasks_first;

  GQueue tasks;             /* (element-type Task): in order of creation, see asab-task-nursery-tasks.c */
  AsabExitStack stack;      /* not empty as long as the nursery is open, but for pop_all () */
  AsabSentinel *sentinel;   /* (owned) (nullable): NULL once the nursery is closed */
  AsabFuture *closing;      /* (owned) (nullable): from the beginning of its end on */
  AsabFuture *closer;       /* (owned) (nullable): the task that began it, which is not stopped */
  gboolean ends_as_sentinel; /* cancelling the sentinel began it, so that is told how it went */
} AsabTaskNurseryPrivate;

AsabTaskNurseryPrivate *asab_task_nursery_get_private (AsabTaskNursery  *self);

void        asab_task_nursery_add_task         (AsabTaskNursery  *self,
                                                AsabFuture       *future,
                                                const char       *name);
AsabFuture *asab_task_nursery_get_current_task (AsabTaskNursery  *self);
void        asab_task_nursery_move_tasks       (AsabTaskNursery  *self,
                                                AsabTaskNursery  *target);
AsabFuture *asab_task_nursery_stop_all         (AsabTaskNursery  *self);
AsabFuture *asab_task_nursery_stop_newest      (AsabTaskNursery  *self);

void        asab_task_nursery_open             (AsabTaskNursery  *self);
gboolean    asab_task_nursery_check_open       (AsabTaskNursery  *self,
                                                GError          **error);
gboolean    asab_task_nursery_check_not_closed (AsabTaskNursery  *self,
                                                GError          **error);
gboolean    asab_task_nursery_is_sentinel      (AsabFuture       *future);
AsabFuture *asab_task_nursery_begin_close      (AsabTaskNursery  *self,
                                                const GError     *error);
void        asab_task_nursery_emit_closed      (AsabTaskNursery  *self);
void        asab_task_nursery_emit_task_failed (AsabTaskNursery  *self,
                                                AsabFuture       *task,
                                                const GError     *error);

G_END_DECLS
