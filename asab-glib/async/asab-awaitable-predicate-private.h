/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/async/asab-awaitable-predicate.h>

G_BEGIN_DECLS

void asab_awaitable_predicate_close (AsabAwaitablePredicate *self);

G_END_DECLS
