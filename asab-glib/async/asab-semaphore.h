/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/async/asab-future.h>

G_BEGIN_DECLS

#define ASAB_TYPE_SEMAPHORE (asab_semaphore_get_type ())
ASAB_AVAILABLE_IN_ALL
G_DECLARE_FINAL_TYPE (AsabSemaphore, asab_semaphore, ASAB, SEMAPHORE, GObject)

ASAB_AVAILABLE_IN_ALL
AsabSemaphore *asab_semaphore_new         (guint           permits) G_GNUC_WARN_UNUSED_RESULT;
ASAB_AVAILABLE_IN_ALL
AsabFuture    *asab_semaphore_acquire     (AsabSemaphore  *self) G_GNUC_WARN_UNUSED_RESULT;
ASAB_AVAILABLE_IN_ALL
gboolean       asab_semaphore_hold        (AsabSemaphore  *self,
                                           GError        **error);
ASAB_AVAILABLE_IN_ALL
void           asab_semaphore_release     (AsabSemaphore  *self);
ASAB_AVAILABLE_IN_ALL
guint          asab_semaphore_get_permits (AsabSemaphore  *self);
ASAB_AVAILABLE_IN_ALL
void           asab_semaphore_close       (AsabSemaphore  *self);

G_END_DECLS
