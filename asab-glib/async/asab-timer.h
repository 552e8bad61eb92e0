/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/async/asab-future.h>

G_BEGIN_DECLS

#define ASAB_TYPE_TIMER (asab_timer_get_type ())
ASAB_AVAILABLE_IN_ALL
G_DECLARE_FINAL_TYPE (AsabTimer, asab_timer, ASAB, TIMER, GObject)

/**
 * AsabTimerFunc:
 * @timer: the timer
 * @user_data: (closure): the data given to [ctor@Timer.new]
 *
 * Called when a timer triggers.
 *
 * Returns: (transfer full) (nullable): a future of work that goes on, whose error is logged, or %NULL
 */
typedef AsabFuture *(*AsabTimerFunc) (AsabTimer *timer,
                                      gpointer   user_data);

ASAB_AVAILABLE_IN_ALL
AsabTimer *asab_timer_new              (AsabTimerFunc    handler,
                                        gpointer         user_data,
                                        GDestroyNotify   destroy,
                                        gboolean         auto_restart) G_GNUC_WARN_UNUSED_RESULT;
ASAB_AVAILABLE_IN_ALL
gboolean   asab_timer_start            (AsabTimer       *self,
                                        double           seconds,
                                        GError         **error);
ASAB_AVAILABLE_IN_ALL
gboolean   asab_timer_restart          (AsabTimer       *self,
                                        double           seconds,
                                        GError         **error);
ASAB_AVAILABLE_IN_ALL
void       asab_timer_stop             (AsabTimer       *self);
ASAB_AVAILABLE_IN_ALL
gboolean   asab_timer_is_started       (AsabTimer       *self);
ASAB_AVAILABLE_IN_ALL
gboolean   asab_timer_get_auto_restart (AsabTimer       *self);

G_END_DECLS
