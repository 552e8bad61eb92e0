/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/async/asab-lock.h>

#include <asab-glib/async/asab-wait-queue-private.h>

G_BEGIN_DECLS

gboolean   asab_lock_take      (AsabLock   *self,
                                AsabWaiter *waiter);
AsabFiber *asab_lock_get_owner (AsabLock   *self);

G_END_DECLS
