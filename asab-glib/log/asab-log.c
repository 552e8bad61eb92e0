/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The log of an application.
 *
 *   g_info (), g_log_structured () …     asab_log_info () …     asab_log_write ()
 *        │                                    │                      │
 *        └──────────────── levels ────────────┴──────────────────────┘
 *                             │
 *                       a record, packed on the stack of the caller
 *                             │
 *                       the queue, a ring
 *                             │
 *                       the writer, a thread
 *                             │
 *              console · file · syslog · journal
 *
 * GLib's log functions are the front end, so every library that uses GLib logs through here. The writer of GLib is
 * process-wide and can be set once only. It is therefore for the application to install, never for a library.
 */

#include "config.h"

#include <asab-glib/log/asab-log.h>

#include "asab-log-console-private.h"
#include "asab-log-crash-private.h"
#include "asab-log-level-private.h"
#include "asab-log-macros.h"
#include "asab-log-thread-private.h"
#include "asab-log-writer-private.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#define SD_ID "sd"

static GLogLevelFlags fatal_mask; /* set before the first record, not changed later */

/* GLib's log functions */

typedef enum
{
  FIELD_DATA, /* of the program: structured data */
  FIELD_DEFERRED,
  FIELD_DOMAIN,
  FIELD_KNOWN, /* to GLib, with a place of its own in some targets */
  FIELD_MESSAGE,
  FIELD_OLD_API,
} FieldKind;

/* The fields that GLib documents for g_log_structured(), and ours. */
static const struct
{
  const char *key;
  FieldKind kind;
} known_fields[] = {
  { ASAB_LOG_DEFERRED, FIELD_DEFERRED },
  { "CODE_FILE", FIELD_KNOWN },
  { "CODE_FUNC", FIELD_KNOWN },
  { "CODE_LINE", FIELD_KNOWN },
  { "ERRNO", FIELD_KNOWN },
  { "GLIB_DOMAIN", FIELD_DOMAIN },
  { "GLIB_OLD_LOG_API", FIELD_OLD_API },
  { "MESSAGE", FIELD_MESSAGE },
  { "MESSAGE_ID", FIELD_KNOWN },
  { "PRIORITY", FIELD_KNOWN },
  { "SYSLOG_FACILITY", FIELD_KNOWN },
  { "SYSLOG_IDENTIFIER", FIELD_KNOWN },
  { "SYSLOG_PID", FIELD_KNOWN },
};

/* What one call of a log function of GLib says. */
typedef struct
{
  const char *domain;       /* (nullable) */
  const GLogField *message; /* (nullable) */
  gsize n_data;
  gboolean is_deferred;
  gboolean is_old_api;
} Call;

/* This sees each field that is logged: most keys are told apart by a character or two. */
static FieldKind
get_kind (const char *key)
{
  if (!g_ascii_isupper (key[0]) || !g_ascii_isupper (key[1]))
    return FIELD_DATA;

  for (gsize i = 0; i < G_N_ELEMENTS (known_fields); i++)
    {
      if (known_fields[i].key[0] == key[0] && strcmp (known_fields[i].key, key) == 0)
        return known_fields[i].kind;
    }

  return FIELD_DATA;
}

/* A field of length 0 is a pointer for writers that know its key; its value must not be read. */
static gboolean
has_text (const GLogField *field)
{
  return field->length != 0 && field->value != NULL;
}

static gsize
get_length (const GLogField *field)
{
  return field->length < 0 ? strlen (field->value) : (gsize) field->length;
}

static void
scan_field (Call            *self,
            const GLogField *field)
{
  switch (get_kind (field->key))
    {
    case FIELD_DEFERRED:
      self->is_deferred = TRUE;
      break;
    case FIELD_DOMAIN:
      if (self->domain == NULL && field->length < 0)
        self->domain = field->value;
      break;
    case FIELD_MESSAGE:
      if (self->message == NULL && has_text (field))
        self->message = field;
      break;
    case FIELD_OLD_API:
      self->is_old_api = TRUE;
      break;
    case FIELD_DATA:
      self->n_data++;
      break;
    case FIELD_KNOWN:
    default:
      break;
    }
}

static void
pack_fields (AsabLogPacker   *packer,
             const GLogField *fields,
             gsize            n_fields,
             gboolean         wants_known)
{
  for (gsize i = 0; i < n_fields; i++)
    {
      const GLogField *field = &fields[i];
      AsabLogDatum datum = { .key = field->key, .value = field->value };

      if (!has_text (field))
        continue;

      switch (get_kind (field->key))
        {
        case FIELD_DATA:
          datum.kind = ASAB_LOG_DATUM_TEXT;
          break;
        case FIELD_KNOWN:
          datum.kind = ASAB_LOG_DATUM_FIELD;
          if (wants_known)
            break;
          continue;
        default:
          continue;
        }

      datum.length = get_length (field);
      asab_log_packer_add_datum (packer, &datum);
    }
}

static void
log_call (AsabLogSeverity  severity,
          const Call      *call,
          const GLogField *fields,
          gsize            n_fields)
{
  g_auto(AsabLogPacker) packer;
  gboolean wants_known = asab_log_writer_wants_fields ();

  asab_log_packer_init (&packer, severity, g_get_real_time (), call->domain);
  if (call->message != NULL)
    asab_log_packer_add_message (&packer, call->message->value, get_length (call->message));
  else
    asab_log_packer_add_message (&packer, "", 0);
  if (call->n_data > 0 || wants_known)
    pack_fields (&packer, fields, n_fields, wants_known);
  asab_log_push (asab_log_packer_finish (&packer), call->is_deferred);
}

static GLogWriterOutput
write_fields (GLogLevelFlags   level,
              const GLogField *fields,
              gsize            n_fields,
              gpointer         user_data G_GNUC_UNUSED)
{
  AsabLogSeverity severity = asab_log_severity_from_level (level);
  gboolean is_fatal = (level & (fatal_mask | G_LOG_FLAG_FATAL)) != 0;
  int saved_errno = errno;
  Call call = { NULL };

  if (!asab_log_levels_may_pass (severity) && !is_fatal)
    return G_LOG_WRITER_HANDLED;

  for (gsize i = 0; i < n_fields; i++)
    scan_field (&call, &fields[i]);
  if (asab_log_levels_pass (severity, call.domain))
    log_call (severity, &call, fields, n_fields);
  errno = saved_errno;

  if (is_fatal)
    asab_log_thread_flush ();
  /* G_DEBUG=fatal-warnings and the like are the writer's duty, but for g_log(), which sees to them itself. */
  if ((level & fatal_mask) != 0 && !call.is_old_api)
    G_BREAKPOINT ();

  return G_LOG_WRITER_HANDLED;
}

/* The macros */

static void
pack_value (AsabLogPacker      *packer,
            const AsabLogValue *value)
{
  char digits[G_ASCII_DTOSTR_BUF_SIZE];
  AsabLogDatum datum = { .kind = ASAB_LOG_DATUM_NUMBER, .key = value->key, .value = digits };

  switch (value->kind)
    {
    case 'i':
      g_snprintf (digits, sizeof digits, "%" G_GINT64_FORMAT, value->value.integer);
      break;
    case 'r':
      g_ascii_dtostr (digits, sizeof digits, value->value.real);
      if (!isfinite (value->value.real))
        datum.kind = ASAB_LOG_DATUM_TEXT; /* JSON has no such numbers */
      break;
    case 'b':
      datum.value = value->value.integer ? "true" : "false";
      break;
    case 't':
    default:
      datum.kind = ASAB_LOG_DATUM_TEXT;
      datum.value = value->value.text != NULL ? value->value.text : "";
    }

  datum.length = strlen (datum.value);
  asab_log_packer_add_datum (packer, &datum);
}

static void
pack_text (AsabLogPacker    *packer,
           AsabLogDatumKind  kind,
           const char       *key,
           const char       *value)
{
  AsabLogDatum datum = { kind, key, value, strlen (value) };

  asab_log_packer_add_datum (packer, &datum);
}

/**
 * asab_log_site_write: (skip)
 * @site: the place that logs
 * @data: (nullable): structured data; the last key is %NULL
 * @format: a format of `printf()`
 * @...: its arguments
 *
 * Logs, whatever the level is. The macros ask for it before.
 */
void
asab_log_site_write (const AsabLogSite  *site,
                     const AsabLogValue *data,
                     const char         *format,
                     ...)
{
  g_auto(AsabLogPacker) packer;
  int saved_errno = errno;
  va_list arguments;

  asab_log_packer_init (&packer, asab_log_severity_from_level (site->level), g_get_real_time (), site->domain);
  va_start (arguments, format);
  asab_log_packer_format_message (&packer, format, arguments);
  va_end (arguments);

  for (const AsabLogValue *value = data; value != NULL && value->key != NULL; value++)
    pack_value (&packer, value);
  if (asab_log_writer_wants_fields ())
    {
      pack_text (&packer, ASAB_LOG_DATUM_FIELD, "CODE_FILE", site->file);
      pack_text (&packer, ASAB_LOG_DATUM_FIELD, "CODE_LINE", site->line);
      pack_text (&packer, ASAB_LOG_DATUM_FIELD, "CODE_FUNC", site->function);
    }

  asab_log_push (asab_log_packer_finish (&packer), FALSE);
  errno = saved_errno;
}

/* Functions */

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
 *
 * What was logged is written when the process exits and also when a signal such as SIGSEGV ends it, whose former action
 * is then taken.
 */
void
asab_log_install (void)
{
  static gsize is_installed;

  if (!g_once_init_enter (&is_installed))
    return;

  asab_log_levels_init ();
  asab_log_thread_init ();
  asab_log_crash_init ();
  asab_log_writer_set_target (ASAB_LOG_TARGET_CONSOLE, asab_log_console_new (asab_log_layout_new_default (SD_ID)));
  fatal_mask = g_log_set_always_fatal (G_LOG_FATAL_MASK);
  g_log_set_always_fatal (fatal_mask);
  g_log_set_writer_func (write_fields, NULL, NULL);

  g_once_init_leave (&is_installed, TRUE);
}

/**
 * asab_log_start_thread:
 *
 * Lets a thread write what is logged.
 *
 * Before, each record is written before the call that logs it returns. [class@Application] calls this when it runs. The
 * thread starts with the next record. A process that forks afterwards, without executing a program, has a thread of its
 * own in the child.
 */
void
asab_log_start_thread (void)
{
  asab_log_thread_allow ();
}

/**
 * asab_log_write:
 * @domain: (nullable): a log domain
 * @level: a single level
 * @message: the message
 * @data: (array zero-terminated=1) (nullable): structured data: names, each followed by its value
 *
 * Logs a message, whatever the level of @domain is: [func@log_is_enabled] tells that.
 *
 * Names in @data such as `CODE_FILE`, which GLib documents for `g_log_structured()`, are not structured data.
 *
 * This is for bindings; in C there are macros such as `asab_log_info()`. It never ends the process.
 */
void
asab_log_write (const char        *domain,
                GLogLevelFlags     level,
                const char        *message,
                const char *const *data)
{
  gboolean wants_known = asab_log_writer_wants_fields ();
  g_auto(AsabLogPacker) packer;

  g_return_if_fail (message != NULL);

  asab_log_packer_init (&packer, asab_log_severity_from_level (level), g_get_real_time (), domain);
  asab_log_packer_add_message (&packer, message, strlen (message));
  for (gsize i = 0; data != NULL && data[i] != NULL && data[i + 1] != NULL; i += 2)
    {
      if (get_kind (data[i]) != FIELD_KNOWN)
        pack_text (&packer, ASAB_LOG_DATUM_TEXT, data[i], data[i + 1]);
      else if (wants_known)
        pack_text (&packer, ASAB_LOG_DATUM_FIELD, data[i], data[i + 1]);
    }
  asab_log_push (asab_log_packer_finish (&packer), FALSE);
}

/**
 * asab_log_reopen:
 *
 * Rotates log files, or just opens them anew, as [class@Application] does when SIGHUP comes.
 *
 * What was logged before goes to the old file.
 */
void
asab_log_reopen (void)
{
  g_auto(AsabLogPacker) packer;

  if (asab_log_writer_has_target (ASAB_LOG_TARGET_FILE))
    asab_log_info ("Rotating log files");
  asab_log_packer_init (&packer, ASAB_LOG_SEVERITY_WARNING, 0, NULL); /* so that it is not dropped */
  asab_log_packer_add_message (&packer, "", 0);
  packer.record->kind = ASAB_LOG_RECORD_REOPEN;
  asab_log_push (asab_log_packer_finish (&packer), FALSE);
}

/**
 * asab_log_flush:
 *
 * Waits until all that was logged before is written.
 */
void
asab_log_flush (void)
{
  asab_log_thread_flush ();
}

/**
 * asab_log_flush_deferred:
 *
 * Lets the records be written that wait because they have the field %ASAB_LOG_DEFERRED.
 *
 * A thread that logs such records calls this before it waits for something. Records without that field are never kept,
 * and take those that wait along. This does not wait until they are written, if a thread does that, see
 * [func@log_start_thread].
 */
void
asab_log_flush_deferred (void)
{
  asab_log_thread_wake ();
}
