/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The log of an application.
 *
 * GLib's log functions are the front end, so every library that uses GLib logs through here:
 *
 *   g_info (), g_log_structured (), g_log_variant () …
 *        │
 *   write_record ()   the threshold; fields become a record
 *        │
 *   targets           today the console
 *
 * The writer of GLib is process-wide and can be set once only. It is therefore for the application to install, never
 * for a library.
 */

#include "config.h"

#include <asab-glib/log/asab-log.h>

#include "asab-log-console-private.h"
#include "asab-log-record-private.h"

#include <string.h>

static int threshold = G_LOG_LEVEL_MESSAGE; /* (atomic): a level; a less important one is a greater number */
static GLogLevelFlags fatal_mask; /* set before the first record, not changed later */
static gboolean has_debug_domains; /* whether G_MESSAGES_DEBUG is set; not changed later */

static gboolean
is_below_threshold (GLogLevelFlags level)
{
  int limit = g_atomic_int_get (&threshold);

  return limit != G_LOG_LEVEL_DEBUG && (int) (level & G_LOG_LEVEL_MASK) > limit;
}

static gboolean
is_old_api (const AsabLogRecord *record)
{
  for (gsize i = 0; i < record->n_fields; i++)
    {
      if (strcmp (record->fields[i].key, "GLIB_OLD_LOG_API") == 0)
        return TRUE;
    }

  return FALSE;
}

static GLogWriterOutput
write_record (GLogLevelFlags   level,
              const GLogField *fields,
              gsize            n_fields,
              gpointer         user_data G_GNUC_UNUSED)
{
  gboolean is_below = is_below_threshold (level);
  AsabLogRecord record;

  if (is_below && !has_debug_domains)
    return G_LOG_WRITER_HANDLED;

  asab_log_record_init (&record, g_get_real_time (), level, fields, n_fields);
  if (is_below && g_log_writer_default_would_drop (level, record.domain))
    return G_LOG_WRITER_HANDLED;

  asab_log_console_write (&record);

  /* G_DEBUG=fatal-warnings and the like are the writer's duty, but for g_log(), which sees to them itself. */
  if ((level & fatal_mask) != 0 && !is_old_api (&record))
    G_BREAKPOINT ();

  return G_LOG_WRITER_HANDLED;
}

/**
 * asab_log_install:
 *
 * Makes this library's log the writer of GLib's log functions.
 *
 * [class@Application] does so when it runs; a program without one may call it, before it starts threads. Only the
 * first call has an effect. A program that sets a writer of its own with [func@GLib.log_set_writer_func] cannot have
 * this one.
 *
 * What is logged goes to standard error as `DD-Mon-YYYY HH:MM:SS.ffffff LEVEL DOMAIN [sd key="value"] MESSAGE`. Levels
 * are named as in syslog: %G_LOG_LEVEL_MESSAGE is NOTICE, %G_LOG_LEVEL_CRITICAL is ERROR, and %G_LOG_LEVEL_ERROR, which
 * ends the process, is CRITICAL. Fields given to `g_log_structured()` beyond those that GLib documents become the
 * structured data.
 */
void
asab_log_install (void)
{
  static gsize is_installed;

  if (!g_once_init_enter (&is_installed))
    return;

  asab_log_console_init ();
  has_debug_domains = g_getenv ("G_MESSAGES_DEBUG") != NULL;
  fatal_mask = g_log_set_always_fatal (G_LOG_FATAL_MASK);
  g_log_set_always_fatal (fatal_mask);
  g_log_set_writer_func (write_record, NULL, NULL);

  g_once_init_leave (&is_installed, TRUE);
}

/**
 * asab_log_get_threshold:
 *
 * Gets the least important level that is logged.
 *
 * Returns: a level, at first %G_LOG_LEVEL_MESSAGE
 */
GLogLevelFlags
asab_log_get_threshold (void)
{
  return (GLogLevelFlags) g_atomic_int_get (&threshold);
}

/**
 * asab_log_set_threshold:
 * @level: a single level
 *
 * Sets the least important level that is logged.
 *
 * Domains named in the environment variable `G_MESSAGES_DEBUG` are logged whatever the threshold.
 */
void
asab_log_set_threshold (GLogLevelFlags level)
{
  g_return_if_fail ((level & G_LOG_LEVEL_MASK) != 0);

  g_atomic_int_set (&threshold, (int) (level & G_LOG_LEVEL_MASK));
}

/**
 * asab_log_parse_level:
 * @name: the name of a level, in any case
 * @level: (out): return location for the level
 *
 * Looks up a level by the name that it has in the log, such as `NOTICE`.
 *
 * Returns: true if there is a level of that name
 */
gboolean
asab_log_parse_level (const char     *name,
                      GLogLevelFlags *level)
{
  static const struct
  {
    const char *name;
    GLogLevelFlags level;
  } levels[] = {
    { "DEBUG", G_LOG_LEVEL_DEBUG },        { "INFO", G_LOG_LEVEL_INFO },      { "NOTICE", G_LOG_LEVEL_MESSAGE },
    { "LOG_NOTICE", G_LOG_LEVEL_MESSAGE }, { "WARNING", G_LOG_LEVEL_WARNING }, { "WARN", G_LOG_LEVEL_WARNING },
    { "ERROR", G_LOG_LEVEL_CRITICAL },     { "CRITICAL", G_LOG_LEVEL_ERROR }, { "FATAL", G_LOG_LEVEL_ERROR },
  };

  g_return_val_if_fail (name != NULL, FALSE);
  g_return_val_if_fail (level != NULL, FALSE);

  for (gsize i = 0; i < G_N_ELEMENTS (levels); i++)
    {
      if (g_ascii_strcasecmp (name, levels[i].name) == 0)
        {
          *level = levels[i].level;
          return TRUE;
        }
    }

  return FALSE;
}

/**
 * asab_log_flush:
 *
 * Writes the records of this thread that wait because they have the field %ASAB_LOG_DEFERRED.
 *
 * A thread that logs such records calls this before it waits for something. Records without that field are never kept,
 * and take those that wait along.
 */
void
asab_log_flush (void)
{
  asab_log_console_flush ();
}
