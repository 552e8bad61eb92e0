/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/async/asab-condition.h>

#include <asab-glib/async/asab-wait-queue-private.h>

G_BEGIN_DECLS

AsabWaitQueue *asab_condition_get_waiters (AsabCondition *self);

G_END_DECLS
