/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The life of an application, as one fiber: init-time, run-time, exit-time.
 *
 *   init-time   modules of the configuration; components; initialize(); the components that it brought; init!
 *   run-time    run!; ticks; main(); until a stop, or until main() fails
 *   exit-time   exit!; nurseries; terminate(); components in the opposite order in which they became ready
 *
 * Whatever happens in init-time or run-time, exit-time comes: for what was up. Each phase has a deadline. What does not
 * keep it is named, cancelled and left behind. A stop at init-time interrupts what it just waits for.
 */

#include "config.h"

#include "asab-lifecycle-private.h"

#include <asab-glib/async/asab-fiber.h>
#include <asab-glib/async/asab-shutdown.h>
#include <asab-glib/core/asab-error.h>

#include "asab-application-private.h"
#include "asab-component-private.h"
#include "asab-options-private.h"
#include "asab-run-time-private.h"
#include "asab-settings-private.h"
#include "asab-wait-private.h"

#include <glib/gi18n-lib.h>

#define STOPS_TO_CANCEL_MAIN 2

struct _AsabLifecycle
{
  AsabApplication *application; /* the owner */
  AsabRegistry *registry;       /* the application's */
  AsabRunTime *run_time;        /* (owned) */
  AsabFuture *fiber;            /* (owned) (nullable): once started */
  guint fiber_id;               /* our callback on fiber */
  AsabWait wait;
  guint n_stops;
  gboolean is_initialized; /* whether the application's initialize() succeeded */
};

typedef struct
{
  AsabLifecycle *self;
  AsabComponent *component;
} ComponentCall;

static AsabFuture *
call_initialize (gpointer data)
{
  AsabLifecycle *self = data;

  return ASAB_APPLICATION_GET_CLASS (self->application)->initialize (self->application);
}

static AsabFuture *
call_terminate (gpointer data)
{
  AsabLifecycle *self = data;

  return ASAB_APPLICATION_GET_CLASS (self->application)->terminate (self->application);
}

static AsabFuture *
call_close_nurseries (gpointer data G_GNUC_UNUSED)
{
  return asab_close_nurseries ();
}

static AsabFuture *
call_terminate_component (gpointer data)
{
  ComponentCall *call = data;

  return ASAB_COMPONENT_GET_CLASS (call->component)->terminate (call->component, call->self->application);
}

static void
call_abandon (gpointer data)
{
  asab_registry_abandon (data);
}

typedef struct
{
  AsabApplication *application;
  AsabApplicationPhase phase;
  const char *message_type;
} PhaseCall;

static void
call_enter_phase (gpointer data)
{
  PhaseCall *call = data;

  asab_application_enter_phase (call->application, call->phase, call->message_type);
}

static void
enter_phase (AsabLifecycle        *self,
             AsabApplicationPhase  phase,
             const char           *message_type)
{
  PhaseCall call = { self->application, phase, message_type };

  asab_main_stack_call (call_enter_phase, &call);
}

static void
begin_wait (AsabLifecycle *self,
            const char    *timeout_key)
{
  AsabConfig *config = asab_application_get_config (self->application);

  asab_wait_begin (&self->wait, asab_settings_get_positive (config, "application", timeout_key));
}

static gboolean
load_modules (AsabLifecycle  *self,
              GError        **error)
{
  AsabConfig *config = asab_application_get_config (self->application);
  g_auto(GStrv) names = asab_config_get_list (config, "general", "modules", error);

  if (names == NULL)
    return FALSE;

  for (gsize i = 0; names[i] != NULL; i++)
    {
      if (asab_application_load_module (self->application, names[i], error) == NULL)
        return FALSE;
    }

  return TRUE;
}

/* What a stop interrupted has not failed: there is no error then. */
static gboolean
fail_init_time (AsabLifecycle  *self,
                gboolean        hangs,
                GError         *reason,
                GError        **error)
{
  if (self->n_stops > 0 && (hangs || g_error_matches (reason, G_IO_ERROR, G_IO_ERROR_CANCELLED)))
    g_error_free (reason);
  else
    g_propagate_error (error, reason);

  return FALSE;
}

static gboolean
initialize_component (AsabLifecycle  *self,
                      AsabFuture     *ready,
                      GError        **error)
{
  g_autofree char *label = NULL;
  AsabComponent *hanging;
  GError *reason = NULL;
  gboolean hangs;

  if (asab_wait_future (&self->wait, ready, asab_wait_get_left (&self->wait), &hangs, &reason))
    return TRUE;

  hanging = hangs ? asab_registry_find_hanging (self->registry) : NULL;
  if (hanging != NULL)
    {
      label = asab_component_dup_label (hanging);
      g_clear_error (&reason);
      reason = g_error_new (G_IO_ERROR, G_IO_ERROR_TIMED_OUT, _("%s was not ready in time"), label);
    }

  return fail_init_time (self, hangs, reason, error);
}

static gboolean
initialize_components (AsabLifecycle  *self,
                       GError        **error)
{
  while (self->n_stops == 0)
    {
      g_autoptr(AsabFuture) ready = NULL;

      if (!asab_registry_check (self->registry, error))
        return FALSE;

      ready = asab_registry_initialize_next (self->registry);
      if (ready == NULL)
        return TRUE;
      if (!initialize_component (self, ready, error))
        return FALSE;
    }

  return FALSE;
}

static gboolean
initialize_application (AsabLifecycle  *self,
                        GError        **error)
{
  GError *reason = NULL;
  gboolean hangs;

  if (asab_wait_call (&self->wait, call_initialize, self, asab_wait_get_left (&self->wait), &hangs, &reason))
    {
      self->is_initialized = TRUE;
      return TRUE;
    }

  if (hangs)
    {
      g_clear_error (&reason);
      reason = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_TIMED_OUT, _("The application was not ready in time"));
    }
  else
    {
      g_prefix_error (&reason, "%s", _("The application failed to initialize: "));
    }

  return fail_init_time (self, hangs, reason, error);
}

/* Returns whether run-time may begin; false without an error says that a stop came before it. */
static gboolean
run_init_time (AsabLifecycle  *self,
               GError        **error)
{
  g_info ("The application is initializing");
  begin_wait (self, "init_timeout");
  enter_phase (self, ASAB_APPLICATION_PHASE_INIT, NULL);

  if (!load_modules (self, error) ||
      !initialize_components (self, error) ||
      !initialize_application (self, error) ||
      !initialize_components (self, error))
    return FALSE;

  enter_phase (self, ASAB_APPLICATION_PHASE_INIT, "Application.init!");

  return self->n_stops == 0;
}

static gboolean
run_run_time (AsabLifecycle  *self,
              GError        **error)
{
  g_info ("The application is running");
  enter_phase (self, ASAB_APPLICATION_PHASE_RUN, "Application.run!");

  return asab_run_time_run (self->run_time, &self->wait, error);
}

static void
report_failure (AsabLifecycle *self,
                GError        *failure)
{
  AsabApplicationPrivate *priv = asab_application_get_private (self->application);
  g_autoptr(GError) error = failure;
  g_autoptr(GPtrArray) causes = asab_error_get_errors (error);

  g_critical ("%s", error->message);
  if (g_error_matches (error, ASAB_ERROR, ASAB_ERROR_MULTIPLE))
    {
      for (guint i = 0; i < causes->len; i++)
        g_critical ("… %s", ((GError *) g_ptr_array_index (causes, i))->message);
    }

  asab_supervisor_report (priv->supervisor, error->message);
  if (priv->daemon != NULL)
    asab_daemon_report (priv->daemon, error->message);
  asab_application_set_exit_code (self->application, ASAB_EXIT_FAILURE, FALSE);
}

/* What hangs may use half of the time that is left, so that those behind it get their turn. */
static void
terminate (AsabLifecycle *self,
           AsabWaitFunc   func,
           gpointer       data,
           const char    *label)
{
  GError *reason = NULL;
  gboolean hangs;

  if (asab_wait_call (&self->wait, func, data, asab_wait_get_left (&self->wait) / 2, &hangs, &reason))
    return;

  if (hangs)
    {
      g_clear_error (&reason);
      reason = g_error_new (G_IO_ERROR, G_IO_ERROR_TIMED_OUT, _("%s did not terminate in time"), label);
    }
  else
    {
      g_prefix_error (&reason, _("%s failed to terminate: "), label);
    }

  report_failure (self, reason);
}

static void
run_exit_time (AsabLifecycle *self)
{
  AsabComponent *component;

  g_info ("The application is exiting");
  begin_wait (self, "exit_timeout");
  enter_phase (self, ASAB_APPLICATION_PHASE_EXIT, "Application.exit!");

  asab_main_stack_call (call_abandon, self->registry);
  terminate (self, call_close_nurseries, NULL, _("The nurseries"));
  if (self->is_initialized)
    terminate (self, call_terminate, self, _("The application"));
  while ((component = asab_registry_steal_last_ready (self->registry)) != NULL)
    {
      g_autofree char *label = asab_component_dup_label (component);
      ComponentCall call = { self, component };

      terminate (self, call_terminate_component, &call, label);
    }
}

static gboolean
live (gpointer   data,
      GValue    *result G_GNUC_UNUSED,
      GError   **error G_GNUC_UNUSED)
{
  AsabLifecycle *self = data;
  GError *failure = NULL;

  if ((!run_init_time (self, &failure) || !run_run_time (self, &failure)) && failure != NULL)
    report_failure (self, failure);
  run_exit_time (self);

  return TRUE;
}

static void
lived_cb (AsabFuture *future,
          gpointer    user_data)
{
  AsabLifecycle *self = user_data;
  GError *error = asab_future_dup_error (future);

  /* Only a fiber that could not begin fails. */
  if (error != NULL)
    report_failure (self, error);
  asab_application_enter_phase (self->application, ASAB_APPLICATION_PHASE_DONE, NULL);
}

AsabLifecycle *
asab_lifecycle_new (AsabApplication *application)
{
  AsabLifecycle *self = g_new0 (AsabLifecycle, 1);

  self->application = application;
  self->registry = asab_application_get_registry (application);
  self->run_time = asab_run_time_new (application);

  return self;
}

void
asab_lifecycle_free (AsabLifecycle *self)
{
  if (self->fiber != NULL)
    asab_future_disconnect (self->fiber, self->fiber_id);
  g_clear_pointer (&self->fiber, asab_future_unref);
  asab_run_time_free (self->run_time);
  g_free (self);
}

/*
 * asab_lifecycle_start:
 * @self: a lifecycle
 *
 * Lets init-time begin when control returns to the main loop. When all is over the application enters the phase `done`.
 */
void
asab_lifecycle_start (AsabLifecycle *self)
{
  self->fiber = asab_spawn_full (NULL, "application", G_PRIORITY_DEFAULT, 0, NULL, live, self, NULL);
  self->fiber_id = asab_future_when_done (self->fiber, lived_cb, self, NULL);
}

/*
 * asab_lifecycle_stop:
 * @self: a lifecycle
 *
 * Lets exit-time come, from whatever phase.
 *
 * Returns: how often this was asked for
 */
guint
asab_lifecycle_stop (AsabLifecycle *self)
{
  self->n_stops++;
  asab_run_time_stop (self->run_time);
  if (self->n_stops == STOPS_TO_CANCEL_MAIN)
    asab_run_time_cancel_main (self->run_time);
  if (asab_application_get_phase (self->application) == ASAB_APPLICATION_PHASE_INIT)
    asab_wait_interrupt (&self->wait);

  return self->n_stops;
}

gboolean
asab_lifecycle_is_stopped (AsabLifecycle *self)
{
  return self->n_stops > 0;
}
