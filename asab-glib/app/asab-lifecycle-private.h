/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/app/asab-application.h>

G_BEGIN_DECLS

typedef struct _AsabLifecycle AsabLifecycle;

AsabLifecycle *asab_lifecycle_new        (AsabApplication *application);
void           asab_lifecycle_free       (AsabLifecycle   *self);
void           asab_lifecycle_start      (AsabLifecycle   *self);
guint          asab_lifecycle_stop       (AsabLifecycle   *self);
gboolean       asab_lifecycle_is_stopped (AsabLifecycle *self);

G_END_DECLS
