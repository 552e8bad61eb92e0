/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/core/asab-clock.h>

G_BEGIN_DECLS

void asab_clock_forget_context (AsabClock    *self,
                                GMainContext *context);

G_END_DECLS
