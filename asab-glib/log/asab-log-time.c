/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Times as text.
 *
 * The C library takes a lock to break a time down, so that must not happen in the handler of a signal. Here only the
 * offset of local time is asked for, once a second, and not at all in that handler; the rest is arithmetic. Names of
 * months are English whatever the locale is.
 */

#include "config.h"

#include "asab-log-time-private.h"

#include <locale.h>
#include <time.h>

#define SECONDS_OF_DAY 86400
#define FRACTION "%f"

static const char month_names[][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };

static struct tm local; /* the last time in the local zone; of use are its offset and its name */

static gint64
divide (gint64  number,
        gint64  divisor,
        gint64 *rest)
{
  gint64 quotient = number / divisor;

  *rest = number % divisor;
  if (*rest < 0)
    {
      *rest += divisor;
      quotient--;
    }

  return quotient;
}

/* The proleptic Gregorian calendar, in years that begin in March, so that the day that may be missing is the last. */
static void
set_date (struct tm *tm,
          gint64     days)
{
  gint64 day_of_era;
  gint64 era = divide (days + 719468, 146097, &day_of_era);
  gint64 year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  gint64 day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  gint64 month = (5 * day_of_year + 2) / 153;
  gint64 weekday;
  gboolean is_leap;

  divide (days + 4, 7, &weekday);
  tm->tm_mday = (int) (day_of_year - (153 * month + 2) / 5 + 1);
  tm->tm_mon = (int) (month < 10 ? month + 2 : month - 10);
  tm->tm_year = (int) (era * 400 + year_of_era + (tm->tm_mon < 2) - 1900);
  tm->tm_wday = (int) weekday;
  is_leap = g_date_is_leap_year ((GDateYear) (year_of_era % 400 + 400));
  tm->tm_yday = (int) (month < 10 ? day_of_year + 59 + is_leap : day_of_year - 306);
}

static void
break_down (struct tm *tm,
            gint64     second)
{
  gint64 rest;
  gint64 days = divide (second + tm->tm_gmtoff, SECONDS_OF_DAY, &rest);

  set_date (tm, days);
  tm->tm_hour = (int) (rest / 3600);
  tm->tm_min = (int) (rest / 60 % 60);
  tm->tm_sec = (int) (rest % 60);
}

static char *
write_digits (char  *place,
              guint  number,
              guint  n_digits)
{
  for (guint i = n_digits; i > 0; number /= 10)
    place[--i] = (char) ('0' + number % 10);

  return place + n_digits;
}

/* What strftime() would make of the default, without a doubt whether it may be called here. */
static void
format_default (AsabLogTimeFormat *self,
                const struct tm   *tm)
{
  char *p = write_digits (self->text, (guint) tm->tm_mday, 2);

  *p++ = '-';
  memcpy (p, month_names[tm->tm_mon], 3);
  p[3] = '-';
  p = write_digits (p + 4, (guint) tm->tm_year + 1900, 4);
  *p++ = ' ';
  p = write_digits (p, (guint) tm->tm_hour, 2);
  *p++ = ':';
  p = write_digits (p, (guint) tm->tm_min, 2);
  *p++ = ':';
  p = write_digits (p, (guint) tm->tm_sec, 2);
  *p++ = '.';
  self->fraction_at = (guint) (p - self->text);
  self->length = self->fraction_at + 6;
}

static void
format_pattern (AsabLogTimeFormat *self,
                const struct tm   *tm)
{
  static locale_t c_locale;
  gsize room = sizeof self->text - 6; /* of the fraction */
  gsize length;

  if (g_once_init_enter (&c_locale))
    g_once_init_leave (&c_locale, newlocale (LC_ALL_MASK, "C", NULL));

  length = strftime_l (self->text, room, self->before, tm, c_locale);
  self->fraction_at = (guint) length;
  if (self->has_fraction)
    length += 6;
  if (self->after != NULL)
    length += strftime_l (self->text + length, sizeof self->text - length, self->after, tm, c_locale);
  self->length = (guint) length;
}

static void
refresh (AsabLogTimeFormat *self,
         gint64             second,
         gboolean           is_crash)
{
  struct tm utc = { .tm_zone = "UTC" };
  struct tm *tm = self->is_utc ? &utc : &local;

  if (!self->is_utc && !is_crash)
    localtime_r (&(time_t) { (time_t) second }, &local);
  break_down (tm, second);

  if (self->before == NULL)
    format_default (self, tm);
  else
    format_pattern (self, tm);
  self->second = second;
}

/*
 * asab_log_time_format_init:
 * @self: a format
 * @pattern: a pattern of strftime(), in which `%f` may stand, once, for six digits of microseconds
 * @is_utc: whether times are of UTC, not local
 *
 * Returns: false if @pattern does not work or is too long
 */
gboolean
asab_log_time_format_init (AsabLogTimeFormat *self,
                           const char        *pattern,
                           gboolean           is_utc)
{
  const char *fraction = strstr (pattern, FRACTION);

  *self = (AsabLogTimeFormat) {
    .before = fraction != NULL ? g_strndup (pattern, (gsize) (fraction - pattern)) : g_strdup (pattern),
    .after = fraction != NULL ? g_strdup (fraction + strlen (FRACTION)) : NULL,
    .has_fraction = fraction != NULL,
    .is_utc = is_utc,
  };
  refresh (self, 0, FALSE);

  return (self->before[0] == '\0' || self->fraction_at > 0) &&
         (self->after == NULL || self->after[0] == '\0' || self->length > self->fraction_at + 6) &&
         (self->after == NULL || strstr (self->after, FRACTION) == NULL);
}

void
asab_log_time_format_clear (AsabLogTimeFormat *self)
{
  g_clear_pointer (&self->before, g_free);
  g_clear_pointer (&self->after, g_free);
}

/*
 * asab_log_append_time:
 * @buffer: where to append
 * @format: how it looks
 * @time: microseconds since the epoch
 *
 * Appends a time.
 */
void
asab_log_append_time (AsabLogBuffer     *buffer,
                      AsabLogTimeFormat *format,
                      gint64             time)
{
  gint64 fraction;
  gint64 second = divide (time, G_USEC_PER_SEC, &fraction);
  char *place = asab_log_buffer_reserve (buffer, sizeof format->text);

  if (G_UNLIKELY (second != format->second))
    refresh (format, second, buffer->fd >= 0);

  memcpy (place, format->text, sizeof format->text);
  if (format->has_fraction)
    write_digits (place + format->fraction_at, (guint) fraction, 6);
  buffer->length += format->length;
}
