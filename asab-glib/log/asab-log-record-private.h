/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>
#include <stdarg.h>

G_BEGIN_DECLS

/* Severities of syslog; that of a level of GLib is the number of its bit. */
typedef enum
{
  ASAB_LOG_SEVERITY_CRITICAL = 2, /* G_LOG_LEVEL_ERROR */
  ASAB_LOG_SEVERITY_ERROR,        /* G_LOG_LEVEL_CRITICAL */
  ASAB_LOG_SEVERITY_WARNING,
  ASAB_LOG_SEVERITY_NOTICE, /* G_LOG_LEVEL_MESSAGE */
  ASAB_LOG_SEVERITY_INFO,
  ASAB_LOG_SEVERITY_DEBUG,
} AsabLogSeverity;

typedef enum
{
  ASAB_LOG_RECORD_MESSAGE,
  ASAB_LOG_RECORD_REOPEN, /* tells the targets to open their files anew */
  ASAB_LOG_RECORD_OUTSIDE, /* of the queue only: the text is a pointer to the record */
  ASAB_LOG_RECORD_PADDING, /* of the queue only: skipped */
} AsabLogRecordKind;

/*
 * What one call of a log function says, in one piece of memory: the domain and the message, each with a NUL at its end,
 * and then the data.
 */
typedef struct
{
  guint32 size; /* of everything, a multiple of 8 */
  guint8 kind;
  guint8 severity;
  guint16 domain_length;
  gint64 time; /* microseconds since the epoch */
  guint32 message_length;
  guint32 data_length;
  char text[];
} AsabLogRecord;

typedef enum
{
  ASAB_LOG_DATUM_TEXT,
  ASAB_LOG_DATUM_NUMBER, /* a number, or true or false, of JSON */
  ASAB_LOG_DATUM_FIELD,  /* a field that GLib documents: for targets that have a place for it, not structured data */
} AsabLogDatumKind;

typedef struct
{
  AsabLogDatumKind kind;
  const char *key;
  const char *value; /* any bytes; there is a NUL behind them */
  gsize length;
} AsabLogDatum;

/* Packs a record on the stack of the caller, as long as it is not a big one. */
typedef struct
{
  AsabLogRecord *record;
  gsize length;
  gsize capacity;
  guint64 scratch[128];
} AsabLogPacker;

void        asab_log_packer_init           (AsabLogPacker       *self,
                                            AsabLogSeverity      severity,
                                            gint64               time,
                                            const char          *domain);
void        asab_log_packer_add_message    (AsabLogPacker       *self,
                                            const char          *message,
                                            gsize                length);
void        asab_log_packer_format_message (AsabLogPacker       *self,
                                            const char          *format,
                                            va_list              arguments)
                                            G_GNUC_PRINTF (2, 0) __attribute__ ((nonnull (2)));
void        asab_log_packer_add_datum      (AsabLogPacker       *self,
                                            const AsabLogDatum  *datum);
const AsabLogRecord *
            asab_log_packer_finish         (AsabLogPacker       *self);
void        asab_log_packer_clear          (AsabLogPacker       *self);

const char *asab_log_record_get_domain     (const AsabLogRecord *self);
const char *asab_log_record_get_message    (const AsabLogRecord *self);
const char *asab_log_record_get_level_name (const AsabLogRecord *self);
gboolean    asab_log_record_next_datum     (const AsabLogRecord *self,
                                            gsize               *position,
                                            AsabLogDatum        *datum);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (AsabLogPacker, asab_log_packer_clear)

G_END_DECLS
