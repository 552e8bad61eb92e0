/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/app/asab-module.h>
#include <asab-glib/app/asab-service.h>
#include <asab-glib/async/asab-timer.h>
#include <asab-glib/config/asab-config.h>
#include <asab-glib/pubsub/asab-pubsub.h>

G_BEGIN_DECLS

#define ASAB_TYPE_APPLICATION (asab_application_get_type ())
ASAB_AVAILABLE_IN_ALL
G_DECLARE_DERIVABLE_TYPE (AsabApplication, asab_application, ASAB, APPLICATION, GApplication)

/**
 * AsabApplicationPhase:
 * @ASAB_APPLICATION_PHASE_NEW: not started yet
 * @ASAB_APPLICATION_PHASE_INIT: init-time: components become ready
 * @ASAB_APPLICATION_PHASE_RUN: run-time
 * @ASAB_APPLICATION_PHASE_EXIT: exit-time: components terminate
 * @ASAB_APPLICATION_PHASE_DONE: ended
 *
 * The phases in the life of an [class@Application].
 */
typedef enum
{
  ASAB_APPLICATION_PHASE_NEW,
  ASAB_APPLICATION_PHASE_INIT,
  ASAB_APPLICATION_PHASE_RUN,
  ASAB_APPLICATION_PHASE_EXIT,
  ASAB_APPLICATION_PHASE_DONE,
} AsabApplicationPhase;

/**
 * AsabDirectory:
 * @ASAB_DIRECTORY_STATE: for what is to last
 * @ASAB_DIRECTORY_RUNTIME: for sockets and the like, gone when the application or the machine has ended
 * @ASAB_DIRECTORY_LOGS: for log files
 * @ASAB_DIRECTORY_CACHE: for what can be made again
 *
 * What a directory of an [class@Application] is for.
 */
typedef enum
{
  ASAB_DIRECTORY_STATE,
  ASAB_DIRECTORY_RUNTIME,
  ASAB_DIRECTORY_LOGS,
  ASAB_DIRECTORY_CACHE,
} AsabDirectory;

struct _AsabApplicationClass
{
  GApplicationClass parent_class;

  /**
   * AsabApplicationClass::initialize:
   * @self: an application
   *
   * Prepares the application, at init-time.
   *
   * The configuration is loaded, and the components registered so far are ready. Those that this function registers are
   * initialized after it, still at init-time.
   *
   * Returns: (transfer full) (nullable): a future that is completed when that is done, or %NULL if it is done
   */
  AsabFuture *(*initialize) (AsabApplication *self);

  /**
   * AsabApplicationClass::main:
   * @self: an application
   *
   * The work of the application, at run-time.
   *
   * The application runs on when this function has ended, until it is stopped. If it fails, the application ends, and
   * its exit code is not 0.
   *
   * Returns: (transfer full) (nullable): a future that is completed when that is done, or %NULL if it is done
   */
  AsabFuture *(*main) (AsabApplication *self);

  /**
   * AsabApplicationClass::terminate:
   * @self: an application
   *
   * Ends what `initialize` began, at exit-time, before components are terminated.
   *
   * It is not called if `initialize` was not called or failed.
   *
   * Returns: (transfer full) (nullable): a future that is completed when that is done, or %NULL if it is done
   */
  AsabFuture *(*terminate) (AsabApplication *self);

  /*< private >*/
  gpointer padding[8];
};

ASAB_AVAILABLE_IN_ALL
AsabApplication      *asab_application_new             (const char        *application_id,
                                                        GApplicationFlags  flags) G_GNUC_WARN_UNUSED_RESULT;
ASAB_AVAILABLE_IN_ALL
AsabApplication      *asab_application_get_default     (void);
ASAB_AVAILABLE_IN_ALL
int                   asab_application_run             (AsabApplication  *self,
                                                        int               argc,
                                                        char            **argv);
ASAB_AVAILABLE_IN_ALL
void                  asab_application_stop            (AsabApplication  *self,
                                                        int               exit_code);
ASAB_AVAILABLE_IN_ALL
gboolean              asab_application_reload          (AsabApplication  *self,
                                                        GError          **error);

ASAB_AVAILABLE_IN_ALL
AsabConfig           *asab_application_get_config      (AsabApplication  *self);
ASAB_AVAILABLE_IN_ALL
AsabPubSub           *asab_application_get_pubsub      (AsabApplication  *self);
ASAB_AVAILABLE_IN_ALL
AsabApplicationPhase  asab_application_get_phase       (AsabApplication  *self);
ASAB_AVAILABLE_IN_ALL
int                   asab_application_get_exit_code   (AsabApplication  *self);
ASAB_AVAILABLE_IN_ALL
void                  asab_application_set_exit_code   (AsabApplication  *self,
                                                        int               exit_code,
                                                        gboolean          force);
ASAB_AVAILABLE_IN_ALL
const char           *asab_application_get_description (AsabApplication  *self);
ASAB_AVAILABLE_IN_ALL
void                  asab_application_set_description (AsabApplication  *self,
                                                        const char       *description);
ASAB_AVAILABLE_IN_ALL
const char           *asab_application_get_version     (AsabApplication  *self);
ASAB_AVAILABLE_IN_ALL
void                  asab_application_set_version     (AsabApplication  *self,
                                                        const char       *version);

ASAB_AVAILABLE_IN_ALL
gboolean              asab_application_add_service     (AsabApplication  *self,
                                                        AsabService      *service,
                                                        GError          **error);
ASAB_AVAILABLE_IN_ALL
AsabService          *asab_application_get_service     (AsabApplication  *self,
                                                        const char       *name);
ASAB_AVAILABLE_IN_ALL
GPtrArray            *asab_application_list_services   (AsabApplication  *self);
ASAB_AVAILABLE_IN_ALL
AsabFuture           *asab_application_require_service (AsabApplication  *self,
                                                        const char       *name) G_GNUC_WARN_UNUSED_RESULT;
ASAB_AVAILABLE_IN_ALL
AsabModule           *asab_application_add_module      (AsabApplication  *self,
                                                        GType             type,
                                                        GError          **error);
ASAB_AVAILABLE_IN_ALL
AsabModule           *asab_application_load_module     (AsabApplication  *self,
                                                        const char       *name,
                                                        GError          **error);
ASAB_AVAILABLE_IN_ALL
GPtrArray            *asab_application_list_modules    (AsabApplication  *self);
ASAB_AVAILABLE_IN_ALL
void                  asab_application_add_timer       (AsabApplication  *self,
                                                        AsabTimer        *timer);

ASAB_AVAILABLE_IN_ALL
char *asab_application_ensure_directory (AsabApplication  *self,
                                         AsabDirectory     directory,
                                         GError          **error);

G_END_DECLS
