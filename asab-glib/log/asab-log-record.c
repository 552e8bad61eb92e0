/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "asab-log-record-private.h"

#include <asab-glib/log/asab-log.h>

#include <string.h>

/* The fields that GLib documents for g_log_structured(): they have their own place in a record or none at all. */
static const char *const well_known_fields[] = {
  "MESSAGE",
  "PRIORITY",
  "GLIB_DOMAIN",
  "GLIB_OLD_LOG_API",
  "CODE_FILE",
  "CODE_LINE",
  "CODE_FUNC",
  "ERRNO",
  "MESSAGE_ID",
  "SYSLOG_FACILITY",
  "SYSLOG_IDENTIFIER",
  "SYSLOG_PID",
};

/* A field of length 0 is a pointer for writers that know its key; its value must not be read. */
static gboolean
field_has_text (const GLogField *field)
{
  return field->length != 0 && field->value != NULL;
}

void
asab_log_record_init (AsabLogRecord   *self,
                      gint64           time,
                      GLogLevelFlags   level,
                      const GLogField *fields,
                      gsize            n_fields)
{
  *self = (AsabLogRecord) {
    .time = time,
    .level = level,
    .message = "",
    .fields = fields,
    .n_fields = n_fields,
  };

  for (gsize i = 0; i < n_fields; i++)
    {
      if (!field_has_text (&fields[i]))
        {
          self->is_deferred |= strcmp (fields[i].key, ASAB_LOG_DEFERRED) == 0;
          continue;
        }

      if (self->message_length == 0 && strcmp (fields[i].key, "MESSAGE") == 0)
        {
          self->message = fields[i].value;
          self->message_length = asab_log_field_get_length (&fields[i]);
        }
      else if (self->domain == NULL && fields[i].length < 0 && strcmp (fields[i].key, "GLIB_DOMAIN") == 0)
        {
          self->domain = fields[i].value;
        }
    }
}

const char *
asab_log_record_get_level_name (const AsabLogRecord *self)
{
  switch (g_bit_nth_lsf (self->level & G_LOG_LEVEL_MASK, -1))
    {
    case 2:
      return "CRITICAL"; /* G_LOG_LEVEL_ERROR ends the process */
    case 3:
      return "ERROR"; /* G_LOG_LEVEL_CRITICAL */
    case 4:
      return "WARNING";
    case 5:
      return "NOTICE"; /* G_LOG_LEVEL_MESSAGE */
    case 7:
      return "DEBUG";
    default:
      return "INFO";
    }
}

gboolean
asab_log_field_is_structured_data (const GLogField *field)
{
  if (!field_has_text (field))
    return FALSE;
  if (!g_ascii_isupper (field->key[0]) || !g_ascii_isupper (field->key[1]))
    return TRUE; /* none of the above looks so; this spares most fields the search */

  for (gsize i = 0; i < G_N_ELEMENTS (well_known_fields); i++)
    {
      if (strcmp (field->key, well_known_fields[i]) == 0)
        return FALSE;
    }

  return TRUE;
}

gsize
asab_log_field_get_length (const GLogField *field)
{
  return field->length < 0 ? strlen (field->value) : (gsize) field->length;
}
