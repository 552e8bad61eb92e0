/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/async/asab-shutdown.h>
#include <asab-glib/async/asab-task-nursery.h>

#include <asab-glib/core/asab-context-private.h>

G_BEGIN_DECLS

void asab_shutdown_add_nursery      (AsabContext     *context,
                                     AsabTaskNursery *nursery);
void asab_shutdown_remove_nursery   (AsabContext     *context,
                                     AsabTaskNursery *nursery);
void asab_shutdown_add_signals      (AsabContext     *context);
void asab_shutdown_handle_exception (AsabContext     *context,
                                     const char      *message,
                                     const GError    *error,
                                     AsabFuture      *task,
                                     AsabFuture      *sentinel);

void asab_shutdown_begin_application (AsabShutdownFunc func,
                                      gpointer         user_data);
void asab_shutdown_end_application   (void);

G_END_DECLS
