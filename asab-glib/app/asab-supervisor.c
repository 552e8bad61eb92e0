/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What a service manager learns of the life of an application: when it is ready, reloads and ends, why it failed, that
 * its main loop still turns, and which process it is if it went into the background.
 *
 * The deadline of a phase may be later than the manager's own, which would then kill what is allowed to take its time.
 * So the manager is asked for as much time as the phase may take.
 */

#include "config.h"

#include "asab-supervisor-private.h"

#include "asab-application-private.h"
#include "asab-settings-private.h"
#include "asab-systemd-private.h"

#include <glib/gi18n-lib.h>
#include <unistd.h>

#define SECONDS_TO_SPARE 5

struct _AsabSupervisor
{
  AsabApplication *application; /* the owner */
  GSource *watchdog;            /* (owned) (nullable): if the manager watches */
};

G_GNUC_PRINTF (1, 2)
static void
notify (const char *format,
        ...)
{
  g_autofree char *state = NULL;
  va_list arguments;

  va_start (arguments, format);
  state = g_strdup_vprintf (format, arguments);
  va_end (arguments);

  asab_systemd_notify (state);
}

static gboolean
feed_watchdog_cb (gpointer user_data G_GNUC_UNUSED)
{
  asab_systemd_notify ("WATCHDOG=1");

  return G_SOURCE_CONTINUE;
}

/* From a plain source of the main loop, so that the manager hears nothing when the loop hangs. */
static void
start_watchdog (AsabSupervisor *self)
{
  guint64 usec = asab_systemd_get_watchdog ();

  if (usec == 0)
    return;

  self->watchdog = g_timeout_source_new ((guint) CLAMP (usec / 1000 / 2, 1, G_MAXUINT));
  g_source_set_static_name (self->watchdog, "[asab] watchdog");
  g_source_set_callback (self->watchdog, feed_watchdog_cb, NULL, NULL);
  g_source_attach (self->watchdog, NULL);
}

AsabSupervisor *
asab_supervisor_new (AsabApplication *application)
{
  AsabSupervisor *self = g_new0 (AsabSupervisor, 1);

  self->application = application;
  if (asab_application_get_private (application)->daemon != NULL)
    notify ("MAINPID=%d", (int) getpid ());
  start_watchdog (self);

  return self;
}

void
asab_supervisor_free (AsabSupervisor *self)
{
  if (self->watchdog != NULL)
    g_source_destroy (self->watchdog);
  g_clear_pointer (&self->watchdog, g_source_unref);
  g_free (self);
}

static double
get_timeout (AsabSupervisor *self,
             const char     *key)
{
  return asab_settings_get_positive (asab_application_get_config (self->application), "application", key);
}

static gint64
to_usec (double seconds)
{
  return (gint64) ((seconds + SECONDS_TO_SPARE) * G_USEC_PER_SEC);
}

static void
notify_stopping (double timeout)
{
  notify ("STOPPING=1\nEXTEND_TIMEOUT_USEC=%" G_GINT64_FORMAT, to_usec (timeout));
}

void
asab_supervisor_enter_phase (AsabSupervisor       *self,
                             AsabApplicationPhase  phase)
{
  switch (phase)
    {
    case ASAB_APPLICATION_PHASE_INIT:
      notify ("STATUS=%s\nEXTEND_TIMEOUT_USEC=%" G_GINT64_FORMAT, _("Initializing"),
              to_usec (get_timeout (self, "init_timeout")));
      break;
    case ASAB_APPLICATION_PHASE_RUN:
      notify ("READY=1\nSTATUS=%s", _("Running"));
      break;
    case ASAB_APPLICATION_PHASE_EXIT:
      notify_stopping (get_timeout (self, "exit_timeout"));
      break;
    case ASAB_APPLICATION_PHASE_NEW:
    case ASAB_APPLICATION_PHASE_DONE:
    default:
      break;
    }
}

/* main() has its time twice, see end_main() of run-time; then exit-time comes. */
void
asab_supervisor_begin_stop (AsabSupervisor *self)
{
  notify_stopping (2 * get_timeout (self, "stop_timeout"));
}

/* While it initializes or ends, an application must not claim to be ready. */
static gboolean
is_running (AsabSupervisor *self)
{
  return asab_application_get_phase (self->application) == ASAB_APPLICATION_PHASE_RUN;
}

void
asab_supervisor_begin_reload (AsabSupervisor *self)
{
  if (is_running (self))
    notify ("RELOADING=1\nMONOTONIC_USEC=%" G_GINT64_FORMAT, g_get_monotonic_time ());
}

/* Says what is wrong in one line, whatever its text looks like: a line would be another assignment. */
static void
notify_failure (const char *prefix,
                const char *failure)
{
  g_autofree char *line = g_strdelimit (g_strdup (failure), "\n", ' ');

  notify ("%sSTATUS=%s", prefix, line);
}

void
asab_supervisor_end_reload (AsabSupervisor *self,
                            const GError   *error)
{
  if (!is_running (self))
    return;

  if (error != NULL)
    notify_failure ("READY=1\n", error->message);
  else
    notify ("READY=1\nSTATUS=%s", _("Running"));
}

void
asab_supervisor_report (AsabSupervisor *self G_GNUC_UNUSED,
                        const char     *failure)
{
  notify_failure ("", failure);
}
