/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "asab-web-access-log-private.h"

#include <asab-glib/log/asab-log.h>

#define MAX_DIGITS 24

/* Writes the digits of @number in front of @end; printf() would take longer than all the rest of a log call. */
static char *
write_digits (char    *end,
              guint64  number,
              guint    min_digits)
{
  do
    {
      *--end = (char) ('0' + number % 10);
      number /= 10;
      min_digits -= min_digits > 0;
    }
  while (number > 0 || min_digits > 0);

  return end;
}

static GLogField
make_number (const char *key,
             guint64     number,
             char        buffer[MAX_DIGITS])
{
  char *end = buffer + MAX_DIGITS;
  char *start = write_digits (end, number, 1);

  return (GLogField) { key, start, end - start };
}

static GLogField
make_seconds (const char *key,
              gint64      microseconds,
              char        buffer[MAX_DIGITS])
{
  char *end = buffer + MAX_DIGITS;
  char *start = write_digits (end, (guint64) microseconds % G_USEC_PER_SEC, 6);

  *--start = '.';
  start = write_digits (start, (guint64) microseconds / G_USEC_PER_SEC, 1);

  return (GLogField) { key, start, end - start };
}

/* Logs a request in the form of ASAB: no message, only structured data. */
void
asab_web_access_log (const AsabWebAccess *access)
{
  char status[MAX_DIGITS], duration[MAX_DIGITS], request_size[MAX_DIGITS], answer_size[MAX_DIGITS];
  GLogField fields[12] = {
    { "PRIORITY", "5", 1 },
    { "GLIB_DOMAIN", "asab.web.al", -1 },
    { "MESSAGE", "", -1 },
    { ASAB_LOG_DEFERRED, fields, 0 }, /* the engine flushes it before it waits */
    { "I", access->remote_address, -1 },
    { "al.m", access->method, -1 },
    { "al.p", access->path, -1 },
    make_number ("al.c", access->status, status),
    make_seconds ("D", access->duration, duration),
  };
  gsize n_fields = 9;

  if (access->request_size > 0)
    fields[n_fields++] = make_number ("al.B", access->request_size, request_size);
  fields[n_fields++] = make_number ("al.b", access->answer_size, answer_size);
  if (access->user_agent != NULL)
    fields[n_fields++] = (GLogField) { "al.A", access->user_agent, -1 };

  g_log_structured_array (G_LOG_LEVEL_MESSAGE, fields, n_fields);
}
