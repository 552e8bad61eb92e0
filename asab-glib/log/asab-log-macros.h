/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/asab-version-macros.h>
#include <glib.h>

G_BEGIN_DECLS

/*
 * Log calls for C: the quickest way, with structured data.
 *
 *   asab_log_info ("%u orders are left", n);
 *   asab_log_warning_with (ASAB_LOG_DATA (asab_log_text ("user", name), asab_log_number ("attempts", n)),
 *                          "The login failed");
 *
 * They log if the level of G_LOG_DOMAIN lets them; otherwise their arguments are not evaluated. None of them ends the
 * process.
 */

/**
 * AsabLogSite: (skip)
 *
 * A place in a program that logs. The macros make one each.
 */
typedef struct
{
  /*< private >*/
  const char *domain;
  const char *file;
  const char *line;
  const char *function;
  GLogLevelFlags level;
  int state;
} AsabLogSite;

/**
 * AsabLogValue: (skip)
 *
 * A name and a value of structured data.
 */
typedef struct
{
  /*< private >*/
  const char *key;
  int kind; /* the letter of a type: t, i, r or b */
  union
  {
    const char *text;
    gint64 integer;
    double real;
  } value;
} AsabLogValue;

ASAB_AVAILABLE_IN_ALL
gboolean asab_log_site_is_enabled (AsabLogSite        *site);
ASAB_AVAILABLE_IN_ALL
void     asab_log_site_write      (const AsabLogSite  *site,
                                   const AsabLogValue *data,
                                   const char         *format,
                                   ...) G_GNUC_PRINTF (3, 4);

/* Values of structured data. Keys and texts are borrowed until the record is made. They are not made by compound
 * literals, which the scanner of introspection cannot read, nor a compiler of C++. */

static inline AsabLogValue
asab_log_text (const char *key,
               const char *text)
{
  AsabLogValue value;

  value.key = key;
  value.kind = 't';
  value.value.text = text;

  return value;
}

static inline AsabLogValue
asab_log_number (const char *key,
                 gint64      number)
{
  AsabLogValue value;

  value.key = key;
  value.kind = 'i';
  value.value.integer = number;

  return value;
}

static inline AsabLogValue
asab_log_real (const char *key,
               double      real)
{
  AsabLogValue value;

  value.key = key;
  value.kind = 'r';
  value.value.real = real;

  return value;
}

static inline AsabLogValue
asab_log_boolean (const char *key,
                  gboolean    is_true)
{
  AsabLogValue value;

  value.key = key;
  value.kind = 'b';
  value.value.integer = is_true;

  return value;
}

/**
 * ASAB_LOG_DATA:
 * @...: values, made by `asab_log_text()`, `asab_log_number()`, `asab_log_real()` and `asab_log_boolean()`
 *
 * Structured data for a log macro: `ASAB_LOG_DATA (asab_log_text ("user", name), asab_log_number ("attempts", 3))`.
 */
#define ASAB_LOG_DATA(...) ((const AsabLogValue[]) { __VA_ARGS__, { NULL, 0, { NULL } } })

#define _ASAB_LOG(level, data, ...)                                            \
  G_STMT_START                                                                 \
    {                                                                          \
      static AsabLogSite _asab_log_site = { G_LOG_DOMAIN, __FILE__,            \
                                            G_STRINGIFY (__LINE__), G_STRFUNC, \
                                            (level), 0 };                      \
      if (asab_log_site_is_enabled (&_asab_log_site))                          \
        asab_log_site_write (&_asab_log_site, (data), __VA_ARGS__);            \
    }                                                                          \
  G_STMT_END

/**
 * asab_log_debug:
 * @...: a format of `printf()` and its arguments
 *
 * Logs a DEBUG of `G_LOG_DOMAIN`.
 */
#define asab_log_debug(...) _ASAB_LOG (G_LOG_LEVEL_DEBUG, NULL, __VA_ARGS__)

/**
 * asab_log_debug_with:
 * @data: structured data, see `ASAB_LOG_DATA()`
 * @...: a format of `printf()` and its arguments
 *
 * Logs a DEBUG of `G_LOG_DOMAIN` with structured data.
 */
#define asab_log_debug_with(data, ...) _ASAB_LOG (G_LOG_LEVEL_DEBUG, data, __VA_ARGS__)

/**
 * asab_log_info:
 * @...: a format of `printf()` and its arguments
 *
 * Logs an INFO of `G_LOG_DOMAIN`.
 */
#define asab_log_info(...) _ASAB_LOG (G_LOG_LEVEL_INFO, NULL, __VA_ARGS__)

/**
 * asab_log_info_with:
 * @data: structured data, see `ASAB_LOG_DATA()`
 * @...: a format of `printf()` and its arguments
 *
 * Logs an INFO of `G_LOG_DOMAIN` with structured data.
 */
#define asab_log_info_with(data, ...) _ASAB_LOG (G_LOG_LEVEL_INFO, data, __VA_ARGS__)

/**
 * asab_log_notice:
 * @...: a format of `printf()` and its arguments
 *
 * Logs a NOTICE of `G_LOG_DOMAIN`.
 */
#define asab_log_notice(...) _ASAB_LOG (G_LOG_LEVEL_MESSAGE, NULL, __VA_ARGS__)

/**
 * asab_log_notice_with:
 * @data: structured data, see `ASAB_LOG_DATA()`
 * @...: a format of `printf()` and its arguments
 *
 * Logs a NOTICE of `G_LOG_DOMAIN` with structured data.
 */
#define asab_log_notice_with(data, ...) _ASAB_LOG (G_LOG_LEVEL_MESSAGE, data, __VA_ARGS__)

/**
 * asab_log_warning:
 * @...: a format of `printf()` and its arguments
 *
 * Logs a WARNING of `G_LOG_DOMAIN`.
 */
#define asab_log_warning(...) _ASAB_LOG (G_LOG_LEVEL_WARNING, NULL, __VA_ARGS__)

/**
 * asab_log_warning_with:
 * @data: structured data, see `ASAB_LOG_DATA()`
 * @...: a format of `printf()` and its arguments
 *
 * Logs a WARNING of `G_LOG_DOMAIN` with structured data.
 */
#define asab_log_warning_with(data, ...) _ASAB_LOG (G_LOG_LEVEL_WARNING, data, __VA_ARGS__)

/**
 * asab_log_error:
 * @...: a format of `printf()` and its arguments
 *
 * Logs an ERROR of `G_LOG_DOMAIN`.
 */
#define asab_log_error(...) _ASAB_LOG (G_LOG_LEVEL_CRITICAL, NULL, __VA_ARGS__)

/**
 * asab_log_error_with:
 * @data: structured data, see `ASAB_LOG_DATA()`
 * @...: a format of `printf()` and its arguments
 *
 * Logs an ERROR of `G_LOG_DOMAIN` with structured data.
 */
#define asab_log_error_with(data, ...) _ASAB_LOG (G_LOG_LEVEL_CRITICAL, data, __VA_ARGS__)

/**
 * asab_log_critical:
 * @...: a format of `printf()` and its arguments
 *
 * Logs a CRITICAL of `G_LOG_DOMAIN`. Unlike `g_error()`, this does not end the process.
 */
#define asab_log_critical(...) _ASAB_LOG (G_LOG_LEVEL_ERROR, NULL, __VA_ARGS__)

/**
 * asab_log_critical_with:
 * @data: structured data, see `ASAB_LOG_DATA()`
 * @...: a format of `printf()` and its arguments
 *
 * Logs a CRITICAL of `G_LOG_DOMAIN` with structured data.
 */
#define asab_log_critical_with(data, ...) _ASAB_LOG (G_LOG_LEVEL_ERROR, data, __VA_ARGS__)

G_END_DECLS
