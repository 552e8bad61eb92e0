/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The console target: standard error, in colour if it is a terminal. */

#include "config.h"

#include "asab-log-console-private.h"

#include <errno.h>
#include <unistd.h>

typedef struct
{
  AsabLogTarget parent;

  AsabLogLayout *layout; /* (owned) */
  AsabLogBuffer batch;
} AsabLogConsole;

static void
asab_log_console_append (AsabLogTarget       *target,
                         const AsabLogRecord *record)
{
  AsabLogConsole *self = (AsabLogConsole *) target;

  asab_log_layout_append (self->layout, &self->batch, record);
}

/* There is nobody left to tell when standard error itself cannot be written, so that is not an error. */
static void
asab_log_console_flush (AsabLogTarget *target)
{
  AsabLogConsole *self = (AsabLogConsole *) target;
  int saved_errno = errno;

  asab_log_write_all (STDERR_FILENO, self->batch.text, self->batch.length, NULL);
  asab_log_buffer_empty (&self->batch);

  errno = saved_errno;
}

static void
asab_log_console_leave (AsabLogTarget *target)
{
  asab_log_buffer_empty (&((AsabLogConsole *) target)->batch);
}

static int
asab_log_console_get_fd (AsabLogTarget *target G_GNUC_UNUSED)
{
  return STDERR_FILENO;
}

static void
asab_log_console_free (AsabLogTarget *target)
{
  AsabLogConsole *self = (AsabLogConsole *) target;

  asab_log_layout_free (self->layout);
  asab_log_buffer_clear (&self->batch);
  g_free (self);
}

/* As no-color.org asks for it, any value but an empty one switches colours off. */
static gboolean
wants_colour (void)
{
  const char *no_colour = g_getenv ("NO_COLOR");

  return (no_colour == NULL || no_colour[0] == '\0') && g_log_writer_supports_color (STDERR_FILENO);
}

/*
 * asab_log_console_new:
 * @layout: (transfer full): how lines look
 *
 * Creates a console target.
 *
 * Returns: (transfer full): a target
 */
AsabLogTarget *
asab_log_console_new (AsabLogLayout *layout)
{
  static const AsabLogTargetClass klass = {
    .append = asab_log_console_append,
    .flush = asab_log_console_flush,
    .leave = asab_log_console_leave,
    .get_fd = asab_log_console_get_fd,
    .free = asab_log_console_free,
  };
  AsabLogConsole *self = g_new0 (AsabLogConsole, 1);

  self->parent.klass = &klass;
  self->parent.wants_fields = asab_log_layout_wants_fields (layout);
  self->layout = layout;
  self->batch = (AsabLogBuffer) ASAB_LOG_BUFFER_INIT;
  asab_log_layout_set_colour (layout, wants_colour ());

  return &self->parent;
}
