/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Run-time: ticks and main() beside each other.
 *
 * It ends with a stop or when main() fails, not when main() has done its work. A stop ends the ticks but leaves main()
 * its time; only then is it cancelled, and in the end left behind.
 */

#include "config.h"

#include "asab-run-time-private.h"

#include <asab-glib/async/asab-fiber.h>
#include <asab-glib/async/asab-promise.h>

#include "asab-application-private.h"
#include "asab-settings-private.h"
#include "asab-ticker-private.h"

#include <glib/gi18n-lib.h>

struct _AsabRunTime
{
  AsabApplication *application; /* the owner */
  AsabTicker *ticker;           /* (owned) */
  gulong config_id;
  gboolean is_running;
  gboolean is_stopped;

  AsabPromise *end;      /* (owned): resolved by a stop, or when main() failed */
  AsabPromise *main_end; /* (owned): completed as main is */
  AsabFuture *main;      /* (owned) (nullable): what main() returned, while it lasts */
  guint main_id;         /* our callback on main */
};

static void
start_ticker (AsabRunTime *self)
{
  AsabConfig *config = asab_application_get_config (self->application);

  asab_ticker_start (self->ticker, asab_settings_get_positive (config, "general", "tick_period"));
}

static void
config_changed_cb (AsabConfig *config G_GNUC_UNUSED,
                   const char *section G_GNUC_UNUSED,
                   const char *key,
                   gpointer    user_data)
{
  AsabRunTime *self = user_data;

  if (self->is_running && g_str_equal (key, "tick_period"))
    start_ticker (self);
}

AsabRunTime *
asab_run_time_new (AsabApplication *application)
{
  AsabRunTime *self = g_new0 (AsabRunTime, 1);

  self->application = application;
  self->ticker = asab_ticker_new (asab_application_get_pubsub (application));
  self->end = asab_promise_new ();
  self->main_end = asab_promise_new ();
  self->config_id = g_signal_connect (asab_application_get_config (application), "changed::general",
                                      G_CALLBACK (config_changed_cb), self);

  /* An application that never comes to run-time breaks these promises, and nobody minds. */
  asab_future_ignore (asab_promise_get_future (self->end));
  asab_future_ignore (asab_promise_get_future (self->main_end));

  return self;
}

static void
leave_main (gpointer data)
{
  AsabRunTime *self = data;

  if (self->main == NULL)
    return;

  asab_future_disconnect (self->main, self->main_id);
  asab_future_ignore (self->main);
  g_clear_pointer (&self->main, asab_future_unref);
}

void
asab_run_time_free (AsabRunTime *self)
{
  g_signal_handler_disconnect (asab_application_get_config (self->application), self->config_id);
  leave_main (self);
  asab_promise_unref (self->main_end);
  asab_promise_unref (self->end);
  asab_ticker_free (self->ticker);
  g_free (self);
}

static void
main_done_cb (AsabFuture *future,
              gpointer    user_data)
{
  AsabRunTime *self = user_data;
  GError *error = asab_future_dup_error (future);

  g_clear_pointer (&self->main, asab_future_unref);
  if (error == NULL)
    {
      asab_promise_resolve (self->main_end, NULL);
      return;
    }

  asab_promise_take_error (self->main_end, error);
  asab_promise_resolve (self->end, NULL);
}

static void
call_main (gpointer data)
{
  AsabRunTime *self = data;

  self->main = ASAB_APPLICATION_GET_CLASS (self->application)->main (self->application);
  if (self->main != NULL)
    self->main_id = asab_future_when_done (self->main, main_done_cb, self, NULL);
  else
    asab_promise_resolve (self->main_end, NULL);
}

static void
call_cancel_main (gpointer data)
{
  asab_run_time_cancel_main (data);
}

static gboolean
wait_main_end (AsabRunTime  *self,
               AsabWait     *wait,
               gboolean     *hangs,
               GError      **error)
{
  AsabFuture *main_end = asab_promise_get_future (self->main_end);
  AsabConfig *config = asab_application_get_config (self->application);
  GError *reason = NULL;

  asab_wait_begin (wait, asab_settings_get_positive (config, "application", "stop_timeout"));
  if (asab_wait_future (wait, main_end, asab_wait_get_left (wait), hangs, &reason))
    return TRUE;

  if (!*hangs && self->is_stopped && g_error_matches (reason, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      g_error_free (reason);
      return TRUE;
    }

  g_propagate_prefixed_error (error, reason, _("The main function failed: "));

  return FALSE;
}

static gboolean
end_main (AsabRunTime  *self,
          AsabWait     *wait,
          GError      **error)
{
  gboolean hangs;

  for (int i = 0; i < 2; i++)
    {
      g_clear_error (error);
      if (wait_main_end (self, wait, &hangs, error))
        return TRUE;
      if (!hangs)
        return FALSE;

      asab_main_stack_call (call_cancel_main, self);
    }

  asab_main_stack_call (leave_main, self);
  g_clear_error (error);
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT, _("The main function did not end in time"));

  return FALSE;
}

/*
 * asab_run_time_run:
 * @self: a run-time
 * @wait: the patience of the application
 * @error: return location for an error
 *
 * Waits on a fiber until run-time is over.
 *
 * Returns: true if main() did not fail
 */
gboolean
asab_run_time_run (AsabRunTime  *self,
                   AsabWait     *wait,
                   GError      **error)
{
  AsabRegistry *registry = asab_application_get_registry (self->application);

  self->is_running = TRUE;
  asab_registry_set_running (registry, TRUE);
  start_ticker (self);
  asab_main_stack_call (call_main, self);

  asab_await (asab_promise_get_future (self->end), NULL);

  self->is_running = FALSE;
  asab_ticker_stop (self->ticker);
  asab_registry_set_running (registry, FALSE);

  return end_main (self, wait, error);
}

void
asab_run_time_stop (AsabRunTime *self)
{
  self->is_stopped = TRUE;
  asab_ticker_stop (self->ticker);
  asab_promise_resolve (self->end, NULL);
}

void
asab_run_time_cancel_main (AsabRunTime *self)
{
  if (self->main != NULL)
    asab_future_cancel (self->main);
}
