/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/async/asab-future.h>

G_BEGIN_DECLS

/**
 * AsabExceptionHandler:
 * @message: what failed, for people
 * @error: the error
 * @task: (nullable): the task that failed, if it was one
 * @sentinel: (nullable): the sentinel of the nursery to which the task belongs, if it is open; cancelling it closes the
 *   nursery
 * @user_data: (closure): the data given with the function
 *
 * Called for each failure that nobody else looks after.
 */
typedef void (*AsabExceptionHandler) (const char   *message,
                                      const GError *error,
                                      AsabFuture   *task,
                                      AsabFuture   *sentinel,
                                      gpointer      user_data);

/**
 * AsabShutdownFunc:
 * @exit_code: with what the process should end: 0 after a signal, 1 after a failure
 * @user_data: (closure): the data given with the function
 *
 * Called when everything is shut down, to end the main loop.
 */
typedef void (*AsabShutdownFunc) (int      exit_code,
                                  gpointer user_data);

ASAB_AVAILABLE_IN_ALL
void        asab_set_exception_handler (GMainContext         *context,
                                        AsabExceptionHandler  handler,
                                        gpointer              user_data,
                                        GDestroyNotify        destroy);
ASAB_AVAILABLE_IN_ALL
void        asab_set_shutdown_func     (GMainContext         *context,
                                        AsabShutdownFunc      func,
                                        gpointer              user_data,
                                        GDestroyNotify        destroy);
ASAB_AVAILABLE_IN_ALL
AsabFuture *asab_close_nurseries       (void) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
