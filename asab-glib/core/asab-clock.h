/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/asab-version-macros.h>
#include <gio/gio.h>

G_BEGIN_DECLS

#define ASAB_TYPE_CLOCK (asab_clock_get_type ())
ASAB_AVAILABLE_IN_ALL
G_DECLARE_FINAL_TYPE (AsabClock, asab_clock, ASAB, CLOCK, GObject)

ASAB_AVAILABLE_IN_ALL
AsabClock *asab_clock_new      (void) G_GNUC_WARN_UNUSED_RESULT;
ASAB_AVAILABLE_IN_ALL
gint64     asab_clock_get_time (AsabClock    *self);
ASAB_AVAILABLE_IN_ALL
void       asab_clock_advance  (AsabClock    *self,
                                double        seconds);
ASAB_AVAILABLE_IN_ALL
void       asab_clock_install  (AsabClock    *self,
                                GMainContext *context);
ASAB_AVAILABLE_IN_ALL
void       asab_clock_uninstall (AsabClock   *self,
                                GMainContext *context);

ASAB_AVAILABLE_IN_ALL
gint64     asab_get_time       (void);

G_END_DECLS
