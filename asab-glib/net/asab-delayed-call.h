/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/asab-version-macros.h>
#include <gio/gio.h>

G_BEGIN_DECLS

#define ASAB_TYPE_TASK_QUEUE (asab_task_queue_get_type ())
ASAB_AVAILABLE_IN_ALL
G_DECLARE_FINAL_TYPE (AsabTaskQueue, asab_task_queue, ASAB, TASK_QUEUE, GObject)

#define ASAB_TYPE_DELAYED_CALL (asab_delayed_call_get_type ())
ASAB_AVAILABLE_IN_ALL
G_DECLARE_FINAL_TYPE (AsabDelayedCall, asab_delayed_call, ASAB, DELAYED_CALL, GObject)

/**
 * AsabDelayedFunc:
 * @user_data: (closure): the data given with the function
 * @error: return location for an error
 *
 * Something to be done later.
 *
 * Returns: false with @error set if it failed
 */
typedef gboolean (*AsabDelayedFunc) (gpointer   user_data,
                                     GError   **error);

ASAB_AVAILABLE_IN_ALL
AsabTaskQueue   *asab_task_queue_new            (void) G_GNUC_WARN_UNUSED_RESULT;
ASAB_AVAILABLE_IN_ALL
AsabTaskQueue   *asab_task_queue_dup_default    (void) G_GNUC_WARN_UNUSED_RESULT;
ASAB_AVAILABLE_IN_ALL
guint            asab_task_queue_get_n_pending  (AsabTaskQueue    *self);
ASAB_AVAILABLE_IN_ALL
void             asab_task_queue_cancel_all     (AsabTaskQueue    *self);

ASAB_AVAILABLE_IN_ALL
AsabDelayedCall *asab_call_later                (double            seconds,
                                                 AsabDelayedFunc   func,
                                                 gpointer          user_data,
                                                 GDestroyNotify    destroy,
                                                 AsabTaskQueue    *queue,
                                                 GError          **error);
ASAB_AVAILABLE_IN_ALL
gboolean         asab_delayed_call_is_pending   (AsabDelayedCall  *self);
ASAB_AVAILABLE_IN_ALL
gboolean         asab_delayed_call_is_cancelled (AsabDelayedCall  *self);
ASAB_AVAILABLE_IN_ALL
gboolean         asab_delayed_call_cancel       (AsabDelayedCall  *self,
                                                 GError          **error);
ASAB_AVAILABLE_IN_ALL
gboolean         asab_delayed_call_reset        (AsabDelayedCall  *self,
                                                 GError          **error);
ASAB_AVAILABLE_IN_ALL
gboolean         asab_delayed_call_delay        (AsabDelayedCall  *self,
                                                 double            seconds,
                                                 GError          **error);

G_END_DECLS
