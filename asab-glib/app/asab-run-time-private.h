/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/app/asab-application.h>

#include "asab-wait-private.h"

G_BEGIN_DECLS

typedef struct _AsabRunTime AsabRunTime;

AsabRunTime *asab_run_time_new         (AsabApplication  *application);
void         asab_run_time_free        (AsabRunTime      *self);
gboolean     asab_run_time_run         (AsabRunTime      *self,
                                        AsabWait         *wait,
                                        GError          **error);
void         asab_run_time_stop        (AsabRunTime      *self);
void         asab_run_time_cancel_main (AsabRunTime      *self);

G_END_DECLS
