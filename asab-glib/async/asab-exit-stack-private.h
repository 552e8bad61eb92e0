/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/async/asab-async-context.h>
#include <asab-glib/async/asab-task-nursery.h>

G_BEGIN_DECLS

/* What is to be done when a nursery is closed, the last first. Belongs to its owner and its thread. */
typedef struct
{
  GQueue entries; /* (element-type ExitEntry) (owned): the top is the head */
} AsabExitStack;

/* Called on the native stack with the owner when everything was done, just before the future is completed. @error is
 * what the future is rejected with, if it is. */
typedef void (*AsabExitStackFunc) (gpointer      owner,
                                   const GError *error);

void        asab_exit_stack_push_own      (AsabExitStack     *self,
                                           AsabAsyncFunc      func);
void        asab_exit_stack_push_callback (AsabExitStack     *self,
                                           AsabAsyncFunc      func,
                                           gpointer           user_data,
                                           GDestroyNotify     destroy);
void        asab_exit_stack_push_handler  (AsabExitStack     *self,
                                           AsabExitFunc       func,
                                           gpointer           user_data,
                                           GDestroyNotify     destroy);
void        asab_exit_stack_push_context  (AsabExitStack     *self,
                                           AsabAsyncContext  *context);
gboolean    asab_exit_stack_is_empty      (AsabExitStack     *self);
void        asab_exit_stack_move          (AsabExitStack     *self,
                                           AsabExitStack     *target);
AsabFuture *asab_exit_stack_unwind        (AsabExitStack     *self,
                                           const GError      *error,
                                           AsabExitStackFunc  ended,
                                           gpointer           owner);

G_END_DECLS
