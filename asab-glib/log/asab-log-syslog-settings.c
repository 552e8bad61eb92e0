/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "asab-log-syslog-settings-private.h"

#include "asab-log-section-private.h"
#include "asab-log-syslog-private.h"

#include <glib/gi18n-lib.h>

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

static void
values_init (Values     *self,
             AsabConfig *config)
{
  *self = (Values) {
    .address = asab_log_section_get_string (config, ASAB_LOG_SYSLOG_SECTION, "address"),
    .app_name = asab_log_section_get_string (config, ASAB_LOG_SECTION, "app_name"),
    .facility = asab_log_section_get_string (config, ASAB_LOG_SYSLOG_SECTION, "facility"),
    .framing = asab_log_section_get_string (config, ASAB_LOG_SYSLOG_SECTION, "framing"),
    .sd_id = asab_log_section_get_string (config, ASAB_LOG_SECTION, "sd_id"),
    .style = asab_log_section_get_string (config, ASAB_LOG_SYSLOG_SECTION, "format"),
    .tls_files = {
      .cafile = asab_log_section_get_string (config, ASAB_LOG_SYSLOG_SECTION, "cafile"),
      .cert = asab_log_section_get_string (config, ASAB_LOG_SYSLOG_SECTION, "cert"),
      .key = asab_log_section_get_string (config, ASAB_LOG_SYSLOG_SECTION, "key"),
    },
  };
}

static gboolean
set_format (AsabLogSyslogFormat  *format,
            const Values         *values,
            AsabConfig           *config,
            GError              **error)
{
  if (!asab_log_syslog_parse_style (values->style, &format->style))
    return asab_log_section_refuse (config, ASAB_LOG_SYSLOG_SECTION, "format", error);
  if (!asab_log_syslog_parse_facility (values->facility, &format->facility))
    return asab_log_section_refuse (config, ASAB_LOG_SYSLOG_SECTION, "facility", error);

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
  if (!set_format (&options.format, &values, config, error))
    return NULL;

  target = asab_log_syslog_new (&options, error);
  if (target == NULL)
    g_prefix_error (error, _("Section “%s”: "), ASAB_LOG_SYSLOG_SECTION);

  return target;
}
