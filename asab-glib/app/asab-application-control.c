/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What is asked of an application while it runs: to stop, and to reload. */

#include "config.h"

#include <asab-glib/app/asab-application.h>

#include <asab-glib/async/asab-fiber.h>
#include <asab-glib/log/asab-log-settings-private.h>
#include <asab-glib/log/asab-log.h>

#include "asab-application-private.h"
#include "asab-settings-private.h"

#include <signal.h>
#include <unistd.h>

#define STOPS_TO_DIE 3

/* SIGINT and SIGTERM stop the application, SIGHUP reloads its configuration. */
void
asab_application_handle_signal (int      signal_number,
                                gpointer user_data)
{
  AsabApplication *self = user_data;
  g_autoptr(GError) error = NULL;

  if (signal_number != SIGHUP)
    asab_application_stop (self, 0);
  else if (!asab_application_reload (self, &error))
    g_critical ("%s", error->message);
}

/* A task of a nursery has failed, and all nurseries are closed; this is no stop that somebody asked for. */
void
asab_application_handle_shutdown (int      exit_code,
                                  gpointer user_data)
{
  AsabApplication *self = user_data;

  if (asab_lifecycle_is_stopped (asab_application_get_private (self)->lifecycle))
    asab_application_set_exit_code (self, exit_code, FALSE);
  else
    asab_application_stop (self, exit_code);
}

typedef struct
{
  AsabApplication *self;
  int exit_code;
} StopCall;

static void
call_stop (gpointer data)
{
  StopCall *call = data;
  AsabApplicationPrivate *priv = asab_application_get_private (call->self);
  guint n_stops;

  asab_application_set_exit_code (call->self, call->exit_code, FALSE);
  for (guint i = 0; i < priv->timers->len; i++)
    asab_timer_stop (g_ptr_array_index (priv->timers, i));

  n_stops = asab_lifecycle_stop (priv->lifecycle);
  if (n_stops == 1 && priv->supervisor != NULL)
    asab_supervisor_begin_stop (priv->supervisor);
  asab_pubsub_publish_with (priv->pubsub, "Application.stop!", G_TYPE_UINT, n_stops, G_TYPE_INVALID);

  if (n_stops >= STOPS_TO_DIE)
    {
      g_critical ("Emergency exit: the application was asked to stop %u times", n_stops);
      asab_log_flush ();
      if (priv->daemon != NULL)
        asab_daemon_end (priv->daemon, ASAB_EXIT_SOFTWARE);
      _exit (ASAB_EXIT_SOFTWARE);
    }
}

/**
 * asab_application_stop:
 * @self: an application
 * @exit_code: an exit code, see [method@Application.set_exit_code]
 *
 * Ends run-time, so that exit-time can begin; at init-time, ends that.
 *
 * `main` may go on for a while; after a second stop it is cancelled. A third stop ends the process at once, with status
 * 70. Each stop publishes `Application.stop!` with its number.
 */
void
asab_application_stop (AsabApplication *self,
                       int              exit_code)
{
  StopCall call = { self, exit_code };

  g_return_if_fail (ASAB_IS_APPLICATION (self));

  asab_main_stack_call (call_stop, &call);
}

/**
 * asab_application_reload:
 * @self: an application
 * @error: return location for an error
 *
 * Reads the configuration again and publishes `Application.hup!`, as SIGHUP does.
 *
 * A broken configuration is refused as a whole. The message is published all the same, for those who reopen files.
 *
 * Returns: true if the configuration was read
 */
gboolean
asab_application_reload (AsabApplication  *self,
                         GError          **error)
{
  AsabApplicationPrivate *priv;
  GError *reason = NULL;

  g_return_val_if_fail (ASAB_IS_APPLICATION (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  priv = asab_application_get_private (self);
  if (priv->supervisor != NULL)
    asab_supervisor_begin_reload (priv->supervisor);
  asab_log_reopen ();
  if (asab_config_reload (priv->config, &reason) && asab_log_settings_apply (priv->config, &reason))
    g_info ("The configuration was read again");
  asab_pubsub_publish (priv->pubsub, "Application.hup!");
  if (priv->supervisor != NULL)
    asab_supervisor_end_reload (priv->supervisor, reason);

  if (reason == NULL)
    return TRUE;

  g_propagate_error (error, reason);

  return FALSE;
}

/**
 * asab_application_add_timer:
 * @self: an application
 * @timer: a timer
 *
 * Lets each stop of the application stop @timer.
 */
void
asab_application_add_timer (AsabApplication *self,
                            AsabTimer       *timer)
{
  AsabApplicationPrivate *priv;

  g_return_if_fail (ASAB_IS_APPLICATION (self));
  g_return_if_fail (ASAB_IS_TIMER (timer));

  priv = asab_application_get_private (self);
  if (!g_ptr_array_find (priv->timers, timer, NULL))
    g_ptr_array_add (priv->timers, g_object_ref (timer));
}
