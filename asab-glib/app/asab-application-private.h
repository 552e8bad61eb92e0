/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/app/asab-application.h>

#include "asab-daemon-private.h"
#include "asab-lifecycle-private.h"
#include "asab-options-private.h"
#include "asab-registry-private.h"
#include "asab-signals-private.h"
#include "asab-supervisor-private.h"

G_BEGIN_DECLS

typedef struct
{
  AsabConfig *config; /* (owned) */
  AsabPubSub *pubsub; /* (owned) */
  AsabRegistry *registry;
  AsabLifecycle *lifecycle;
  AsabOptions *options;
  AsabDaemon *daemon;   /* (nullable): if it runs in the background */
  AsabSignals *signals; /* (nullable): while it runs */
  AsabSupervisor *supervisor; /* (nullable): while it runs */
  GPtrArray *timers;    /* (element-type AsabTimer): to be stopped by a stop */
  char *description;
  char *version; /* (nullable) */
  AsabApplicationPhase phase;
  int exit_code;
} AsabApplicationPrivate;

AsabApplicationPrivate *asab_application_get_private   (AsabApplication       *self);
AsabRegistry           *asab_application_get_registry  (AsabApplication       *self);
void                    asab_application_enter_phase   (AsabApplication       *self,
                                                        AsabApplicationPhase   phase,
                                                        const char            *message_type);
void                    asab_application_handle_signal (int                    signal_number,
                                                        gpointer               user_data);
void                    asab_application_handle_shutdown (int                  exit_code,
                                                          gpointer             user_data);

G_END_DECLS
