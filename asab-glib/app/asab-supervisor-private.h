/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/app/asab-application.h>

G_BEGIN_DECLS

typedef struct _AsabSupervisor AsabSupervisor;

AsabSupervisor *asab_supervisor_new          (AsabApplication      *application);
void            asab_supervisor_free         (AsabSupervisor       *self);
void            asab_supervisor_enter_phase  (AsabSupervisor       *self,
                                              AsabApplicationPhase  phase);
void            asab_supervisor_begin_stop   (AsabSupervisor       *self);
void            asab_supervisor_begin_reload (AsabSupervisor       *self);
void            asab_supervisor_end_reload   (AsabSupervisor       *self,
                                              const GError         *error);
void            asab_supervisor_report       (AsabSupervisor       *self,
                                              const char           *failure);

G_END_DECLS
