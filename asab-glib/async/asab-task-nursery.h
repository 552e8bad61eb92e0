/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/async/asab-async-context.h>
#include <asab-glib/async/asab-coroutine.h>
#include <asab-glib/async/asab-fiber.h>

G_BEGIN_DECLS

/**
 * AsabNameFunc:
 * @user_data: (closure): the data given with the function
 *
 * Tells the name of something, which may change.
 *
 * Returns: (transfer full) (nullable): the name
 */
typedef char *(*AsabNameFunc) (gpointer user_data);

/**
 * AsabExitFunc:
 * @error: (nullable): the error with which a scope ends, %NULL if it ends well
 * @user_data: (closure): the data given with the function
 * @failure: return location for an error, which takes the place of @error
 *
 * Called when a scope ends.
 *
 * Returns: (transfer full) (nullable): a future of whether @error is dealt with; %NULL if not
 */
typedef AsabFuture *(*AsabExitFunc) (const GError  *error,
                                     gpointer       user_data,
                                     GError       **failure);

#define ASAB_TYPE_TASK_NURSERY (asab_task_nursery_get_type ())
ASAB_AVAILABLE_IN_ALL
G_DECLARE_DERIVABLE_TYPE (AsabTaskNursery, asab_task_nursery, ASAB, TASK_NURSERY, GObject)

struct _AsabTaskNurseryClass
{
  GObjectClass parent_class;

  /**
   * AsabTaskNurseryClass::task_failed:
   * @self: a nursery
   * @task: the task
   * @error: its error
   *
   * The handler of [signal@TaskNursery::task-failed], which by default calls the exception handler of the main context.
   */
  void (*task_failed) (AsabTaskNursery *self,
                       AsabFuture      *task,
                       const GError    *error);

  /*< private >*/
  gpointer padding[8];
};

ASAB_AVAILABLE_IN_ALL
AsabTaskNursery *asab_task_nursery_new                   (const char        *name) G_GNUC_WARN_UNUSED_RESULT;
ASAB_AVAILABLE_IN_ALL
char            *asab_task_nursery_dup_name              (AsabTaskNursery   *self);
ASAB_AVAILABLE_IN_ALL
void             asab_task_nursery_set_name_func         (AsabTaskNursery   *self,
                                                          AsabNameFunc       name_func,
                                                          gpointer           user_data,
                                                          GDestroyNotify     destroy);
ASAB_AVAILABLE_IN_ALL
GPtrArray       *asab_task_nursery_list_tasks            (AsabTaskNursery   *self);
ASAB_AVAILABLE_IN_ALL
AsabFuture      *asab_task_nursery_get_sentinel_task     (AsabTaskNursery   *self);
ASAB_AVAILABLE_IN_ALL
gboolean         asab_task_nursery_is_open               (AsabTaskNursery   *self);
ASAB_AVAILABLE_IN_ALL
double           asab_task_nursery_get_stop_timeout      (AsabTaskNursery   *self);
ASAB_AVAILABLE_IN_ALL
void             asab_task_nursery_set_stop_timeout      (AsabTaskNursery   *self,
                                                          double             seconds);
ASAB_AVAILABLE_IN_ALL
gboolean         asab_task_nursery_get_stop_tasks_first  (AsabTaskNursery   *self);
ASAB_AVAILABLE_IN_ALL
void             asab_task_nursery_set_stop_tasks_first  (AsabTaskNursery   *self,
                                                          gboolean           stop_tasks_first);

ASAB_AVAILABLE_IN_ALL
AsabFuture      *asab_task_nursery_create_task           (AsabTaskNursery   *self,
                                                          AsabCoroutine     *coroutine,
                                                          const char        *name,
                                                          GError           **error);
ASAB_AVAILABLE_IN_ALL
AsabFuture      *asab_task_nursery_spawn                 (AsabTaskNursery   *self,
                                                          const char        *name,
                                                          AsabFiberFunc      func,
                                                          gpointer           user_data,
                                                          GDestroyNotify     destroy,
                                                          GError           **error);
ASAB_AVAILABLE_IN_ALL
AsabFuture      *asab_task_nursery_adopt                 (AsabTaskNursery   *self,
                                                          AsabFuture        *task,
                                                          const char        *name,
                                                          GError           **error);
ASAB_AVAILABLE_IN_ALL
AsabFuture      *asab_task_nursery_stop_task             (AsabTaskNursery   *self,
                                                          AsabFuture        *task,
                                                          GError           **error);

ASAB_AVAILABLE_IN_ALL
gboolean         asab_task_nursery_push_callback         (AsabTaskNursery   *self,
                                                          AsabAsyncFunc      func,
                                                          gpointer           user_data,
                                                          GDestroyNotify     destroy,
                                                          GError           **error);
ASAB_AVAILABLE_IN_ALL
gboolean         asab_task_nursery_push_exit             (AsabTaskNursery   *self,
                                                          AsabExitFunc       func,
                                                          gpointer           user_data,
                                                          GDestroyNotify     destroy,
                                                          GError           **error);
ASAB_AVAILABLE_IN_ALL
AsabFuture      *asab_task_nursery_enter_context         (AsabTaskNursery   *self,
                                                          AsabAsyncContext  *context);

ASAB_AVAILABLE_IN_ALL
AsabFuture      *asab_task_nursery_close                 (AsabTaskNursery   *self);
ASAB_AVAILABLE_IN_ALL
AsabTaskNursery *asab_task_nursery_pop_all               (AsabTaskNursery   *self,
                                                          GError           **error);
ASAB_AVAILABLE_IN_ALL
void             asab_task_nursery_add_shutdown_handling (GMainContext      *context);

G_END_DECLS
