/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Fibers for tests of nurseries. Each is given the name by which it appears in the trace. */

#pragma once

#include <asab-glib/asab.h>

gboolean    task_sleep      (gpointer name, GValue *result, GError **error); /* until cancelled; traces its name then */
gboolean    task_swallow    (gpointer name, GValue *result, GError **error); /* the same, but returns “ok” */
gboolean    task_fail       (gpointer name, GValue *result, GError **error); /* ends with an error, its name */
gboolean    task_fail_late  (gpointer name, GValue *result, GError **error); /* when cancelled */
gboolean    task_clean_up   (gpointer name, GValue *result, GError **error); /* takes a second to end; traces then */
gboolean    task_stubborn   (gpointer promise, GValue *result, GError **error); /* waits for a future, shielded */

AsabFuture *spawn_task      (AsabTaskNursery *nursery, AsabFiberFunc func, const char *name);
AsabFuture *trace_exit_cb   (gpointer name, GError **error);                 /* traces its name */
AsabFuture *fail_exit_cb    (gpointer name, GError **error);                 /* the same, and fails with it */
void        assert_n_tasks  (AsabTaskNursery *nursery, guint n_tasks);
void        trace_exception (const char *message, const GError *error, AsabFuture *task, AsabFuture *sentinel,
                             gpointer user_data);                            /* traces “!” and the error */
