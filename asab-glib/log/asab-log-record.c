/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "asab-log-record-private.h"

#include <stdio.h>
#include <string.h>

#define ROOT_LOGGER "root"
#define MAX_LENGTH (64 * 1024 * 1024) /* of a text; what is longer is cut */

/* In front of each datum, which is not aligned. */
typedef struct
{
  guint32 length;
  guint16 key_length;
  guint8 kind;
} DatumHeader;

static void
grow (AsabLogPacker *self,
      gsize          length)
{
  gsize capacity = MAX (2 * self->capacity, self->length + length);

  if (self->record == (AsabLogRecord *) self->scratch)
    {
      self->record = g_malloc (capacity);
      memcpy (self->record, self->scratch, self->length);
    }
  else
    {
      self->record = g_realloc (self->record, capacity);
    }
  self->capacity = capacity;
}

/* Returns: a place for @length bytes at the end */
static char *
reserve (AsabLogPacker *self,
         gsize          length)
{
  if (G_UNLIKELY (self->capacity - self->length < length))
    grow (self, length);

  return (char *) self->record + self->length;
}

/* Appends @text, which need not end with a NUL, and a NUL. */
static void
append_text (AsabLogPacker *self,
             const char    *text,
             gsize          length)
{
  char *place = reserve (self, length + 1);

  memcpy (place, text, length);
  place[length] = '\0';
  self->length += length + 1;
}

void
asab_log_packer_init (AsabLogPacker   *self,
                      AsabLogSeverity  severity,
                      gint64           time,
                      const char      *domain)
{
  gsize length;

  if (domain == NULL || domain[0] == '\0')
    domain = ROOT_LOGGER;
  length = MIN (strlen (domain), G_MAXUINT16);

  self->record = (AsabLogRecord *) self->scratch;
  self->capacity = sizeof self->scratch;
  self->length = sizeof (AsabLogRecord);
  *self->record = (AsabLogRecord) {
    .kind = ASAB_LOG_RECORD_MESSAGE,
    .severity = (guint8) severity,
    .domain_length = (guint16) length,
    .time = time,
  };
  append_text (self, domain, length);
}

void
asab_log_packer_add_message (AsabLogPacker *self,
                             const char    *message,
                             gsize          length)
{
  length = MIN (length, MAX_LENGTH);
  append_text (self, message, length);
  self->record->message_length = (guint32) length;
}

/* Formats in place; only what does not fit is formatted twice. */
void
asab_log_packer_format_message (AsabLogPacker *self,
                                const char    *format,
                                va_list        arguments)
{
  gsize room = self->capacity - self->length;
  va_list again;
  int length;

  va_copy (again, arguments);
  length = vsnprintf ((char *) self->record + self->length, room, format, arguments);
  if (length >= 0 && (gsize) length >= room)
    length = vsnprintf (reserve (self, (gsize) length + 1), (gsize) length + 1, format, again);
  va_end (again);

  if (length < 0)
    {
      /* As for characters that the locale cannot write. The format says more than nothing. */
      asab_log_packer_add_message (self, format, strlen (format));
      return;
    }

  length = MIN (length, MAX_LENGTH);
  ((char *) self->record)[self->length + (gsize) length] = '\0';
  self->length += (gsize) length + 1;
  self->record->message_length = (guint32) length;
}

void
asab_log_packer_add_datum (AsabLogPacker      *self,
                           const AsabLogDatum *datum)
{
  DatumHeader header = {
    .length = (guint32) MIN (datum->length, MAX_LENGTH),
    .key_length = (guint16) MIN (strlen (datum->key), G_MAXUINT16),
    .kind = (guint8) datum->kind,
  };
  gsize start = self->length;

  memcpy (reserve (self, sizeof header), &header, sizeof header);
  self->length += sizeof header;
  append_text (self, datum->key, header.key_length);
  append_text (self, datum->value, header.length);
  self->record->data_length += (guint32) (self->length - start);
}

/*
 * asab_log_packer_finish:
 * @self: a packer
 *
 * Ends the record.
 *
 * Returns: the record, which lives as long as the packer
 */
const AsabLogRecord *
asab_log_packer_finish (AsabLogPacker *self)
{
  gsize padding = -self->length % 8;

  reserve (self, padding);
  self->record->size = (guint32) (self->length + padding);

  return self->record;
}

void
asab_log_packer_clear (AsabLogPacker *self)
{
  if (self->record != (AsabLogRecord *) self->scratch)
    g_free (self->record);
}

const char *
asab_log_record_get_domain (const AsabLogRecord *self)
{
  return self->text;
}

const char *
asab_log_record_get_message (const AsabLogRecord *self)
{
  return self->text + self->domain_length + 1;
}

const char *
asab_log_record_get_level_name (const AsabLogRecord *self)
{
  switch ((AsabLogSeverity) self->severity)
    {
    case ASAB_LOG_SEVERITY_CRITICAL:
      return "CRITICAL";
    case ASAB_LOG_SEVERITY_ERROR:
      return "ERROR";
    case ASAB_LOG_SEVERITY_WARNING:
      return "WARNING";
    case ASAB_LOG_SEVERITY_NOTICE:
      return "NOTICE";
    case ASAB_LOG_SEVERITY_DEBUG:
      return "DEBUG";
    case ASAB_LOG_SEVERITY_INFO:
    default:
      return "INFO";
    }
}

/*
 * asab_log_record_next_datum:
 * @self: a record
 * @position: (inout): 0 for the first datum, then what the last call left
 * @datum: (out): a datum, borrowed from the record
 *
 * Walks through the data of a record.
 *
 * Returns: false if there are no more
 */
gboolean
asab_log_record_next_datum (const AsabLogRecord *self,
                            gsize               *position,
                            AsabLogDatum        *datum)
{
  const char *data = asab_log_record_get_message (self) + self->message_length + 1;
  DatumHeader header;

  if (*position >= self->data_length)
    return FALSE;

  memcpy (&header, data + *position, sizeof header);
  datum->kind = (AsabLogDatumKind) header.kind;
  datum->key = data + *position + sizeof header;
  datum->value = datum->key + header.key_length + 1;
  datum->length = header.length;
  *position += sizeof header + header.key_length + 1 + header.length + 1;

  return TRUE;
}
