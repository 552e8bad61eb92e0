/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Errors that nobody looked at, and errors that several files make. */

#include "config.h"

#include <asab-glib/async/asab-future.h>

#include <asab-glib/async/asab-fiber.h>
#include <asab-glib/async/asab-future-private.h>
#include <asab-glib/core/asab-error.h>

#include <glib/gi18n-lib.h>

static GMutex unhandled_lock;
static AsabUnhandledErrorFunc unhandled_func;
static gpointer unhandled_data;
static GDestroyNotify unhandled_destroy;

typedef struct
{
  AsabUnhandledErrorFunc func;
  gpointer data;
  const GError *error;
  const char *name; /* (nullable) */
  const char *site; /* (nullable) */
} Report;

static void
report_thunk (gpointer data)
{
  Report *report = data;

  report->func (report->error, report->name, report->site, report->data);
}

/* Reports the error of a future that is being freed. */
void
asab_future_report_unhandled (AsabFuture *self)
{
  const char *name = self->extra != NULL ? self->extra->name : NULL;
  Report report = { .error = self->error, .name = name, .site = self->site };

  g_mutex_lock (&unhandled_lock);
  report.func = unhandled_func;
  report.data = unhandled_data;
  g_mutex_unlock (&unhandled_lock);

  /* The last reference may have been a fiber's. */
  if (report.func != NULL)
    asab_main_stack_call (report_thunk, &report);
  else
    g_warning ("Nobody looked at the error of the future “%s” made at %s: %s (%s, %d)",
               name != NULL ? name : "", self->site != NULL ? self->site : "?",
               self->error->message, g_quark_to_string (self->error->domain), self->error->code);

  if (g_strcmp0 (g_getenv ("ASAB_DEBUG"), "fatal-unhandled") == 0)
    g_error ("Nobody looked at the error: %s", self->error->message);
}

/**
 * asab_set_unhandled_error_func:
 * @func: (nullable) (scope notified) (closure user_data) (destroy destroy): called for each error that nobody looked
 *   at; %NULL logs a warning
 * @user_data: data for @func
 * @destroy: (nullable): called with @user_data when another function is set
 *
 * Sets what happens with the errors that nobody looked at, in the whole process.
 *
 * Set it once, early. With `ASAB_DEBUG=fatal-unhandled` in the environment the process aborts afterwards.
 */
void
asab_set_unhandled_error_func (AsabUnhandledErrorFunc func,
                               gpointer               user_data,
                               GDestroyNotify         destroy)
{
  GDestroyNotify old_destroy;
  gpointer old_data;

  g_mutex_lock (&unhandled_lock);
  old_destroy = unhandled_destroy;
  old_data = unhandled_data;
  unhandled_func = func;
  unhandled_data = user_data;
  unhandled_destroy = destroy;
  g_mutex_unlock (&unhandled_lock);

  if (old_destroy != NULL)
    old_destroy (old_data);
}

GError *
asab_error_new_cancelled (const char *what)
{
  if (what == NULL)
    return g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, _("The operation was cancelled"));

  return g_error_new (G_IO_ERROR, G_IO_ERROR_CANCELLED, _("%s is gone, nothing to wait for"), what);
}

/* The error of a callback that failed without setting one. */
GError *
asab_error_new_callback (void)
{
  return g_error_new_literal (ASAB_ERROR, ASAB_ERROR_CALLBACK_FAILED, _("A callback failed without an error"));
}
