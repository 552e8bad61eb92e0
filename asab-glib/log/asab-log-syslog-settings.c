/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "asab-log-syslog-settings-private.h"

#include "asab-log-syslog-private.h"

#include <glib/gi18n-lib.h>

#define SECTION "logging"

typedef struct
{
  char *address;  /* (owned) */
  char *app_name; /* (owned) */
  char *facility; /* (owned) */
  char *framing;  /* (owned) */
  char *sd_id;    /* (owned) */
  char *style;    /* (owned) */
  AsabLogTlsFiles tls_files;
} Values;

static void
values_clear (Values *self)
{
  g_free (self->address);
  g_free (self->app_name);
  g_free (self->facility);
  g_free (self->framing);
  g_free (self->sd_id);
  g_free (self->style);
  asab_log_tls_files_clear (&self->tls_files);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Values, values_clear)

static char *
get_string (AsabConfig *config,
            const char *section,
            const char *key)
{
  char *value = asab_config_get_string (config, section, key, NULL);

  return value != NULL ? value : g_strdup ("");
}

static void
values_init (Values     *self,
             AsabConfig *config)
{
  *self = (Values) {
    .address = get_string (config, ASAB_LOG_SYSLOG_SECTION, "address"),
    .app_name = get_string (config, SECTION, "app_name"),
    .facility = get_string (config, ASAB_LOG_SYSLOG_SECTION, "facility"),
    .framing = get_string (config, ASAB_LOG_SYSLOG_SECTION, "framing"),
    .sd_id = get_string (config, SECTION, "sd_id"),
    .style = get_string (config, ASAB_LOG_SYSLOG_SECTION, "format"),
    .tls_files = {
      .ca_file = get_string (config, ASAB_LOG_SYSLOG_SECTION, "ca_file"),
      .certificate_file = get_string (config, ASAB_LOG_SYSLOG_SECTION, "certificate_file"),
      .key_file = get_string (config, ASAB_LOG_SYSLOG_SECTION, "key_file"),
    },
  };
}

static gboolean
fail (const char  *key,
      const char  *value,
      GError     **error)
{
  g_set_error (error, ASAB_CONFIG_ERROR, ASAB_CONFIG_ERROR_INVALID_VALUE, _("“%s” in section “%s” cannot be “%s”"),
               key, ASAB_LOG_SYSLOG_SECTION, value);

  return FALSE;
}

static gboolean
set_format (AsabLogSyslogFormat  *format,
            const Values         *values,
            GError              **error)
{
  if (!asab_log_syslog_parse_style (values->style, &format->style))
    return fail ("format", values->style, error);
  if (!asab_log_syslog_parse_facility (values->facility, &format->facility))
    return fail ("facility", values->facility, error);

  return TRUE;
}

/*
 * asab_log_syslog_new_from_config:
 * @config: the configuration
 * @error: return location for a [error@ConfigError]
 *
 * Creates what the section for syslog describes, whether it is enabled or not.
 *
 * Returns: (transfer full): a target, or %NULL with @error set
 */
AsabLogTarget *
asab_log_syslog_new_from_config (AsabConfig  *config,
                                 GError     **error)
{
  g_auto(Values) values;
  const char *program = g_get_prgname () != NULL ? g_get_prgname () : "";
  AsabLogSyslogOptions options;
  AsabLogTarget *target;

  values_init (&values, config);
  options = (AsabLogSyslogOptions) {
    .address = values.address,
    .framing = values.framing,
    .buffer_size = (gsize) asab_config_get_size (config, ASAB_LOG_SYSLOG_SECTION, "buffer_size", NULL),
    .tls_files = values.tls_files,
    .format = {
      .host_name = (char *) g_get_host_name (),
      .app_name = values.app_name[0] != '\0' ? values.app_name : (char *) program,
      .sd_id = values.sd_id,
    },
  };
  if (!set_format (&options.format, &values, error))
    return NULL;

  target = asab_log_syslog_new (&options, error);
  if (target == NULL)
    g_prefix_error (error, _("Section “%s”: "), ASAB_LOG_SYSLOG_SECTION);

  return target;
}
