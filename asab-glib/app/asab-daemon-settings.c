/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The section “daemon” of the configuration: pidfile, uid, gid and working_dir. What it does not give is looked up in
 * the section “general”, where there are defaults.
 */

#include "config.h"

#include "asab-daemon-settings-private.h"

#include <unistd.h>

static const struct
{
  const char *key;
  const char *value;
} defaults[] = {
  { "pidfile", "!" },
  { "uid", "" },
  { "gid", "" },
  { "working_dir", "." },
};

void
asab_daemon_settings_add_defaults (AsabConfig *config)
{
  for (gsize i = 0; i < G_N_ELEMENTS (defaults); i++)
    {
      asab_config_add_default (config, "general", defaults[i].key, defaults[i].value);
      asab_config_declare (config, "general", defaults[i].key, ASAB_CONFIG_KIND_STRING);
      asab_config_declare (config, "daemon", defaults[i].key, ASAB_CONFIG_KIND_STRING);
    }
}

gboolean
asab_daemon_settings_get (AsabConfig  *config,
                          const char  *key,
                          char       **value,
                          GError     **error)
{
  const char *section = asab_config_has_key (config, "daemon", key) ? "daemon" : "general";

  *value = asab_config_get_string (config, section, key, error);

  return *value != NULL;
}

/* Where everybody looks for pidfiles; only root may write there. */
static char *
get_default_path (void)
{
  g_autofree char *name = g_strconcat (g_get_prgname (), ".pid", NULL);

  return g_build_filename (geteuid () == 0 ? "/run" : g_get_user_runtime_dir (), name, NULL);
}

/*
 * asab_daemon_settings_get_pidfile:
 * @config: the configuration
 * @path: (out) (nullable): return location for an absolute path, NULL if there is to be no file
 * @error: return location for an error
 *
 * Gets the path of the pidfile. “!” is the usual place; what is relative is in the working directory of the daemon.
 *
 * Returns: true if the configuration could be read
 */
gboolean
asab_daemon_settings_get_pidfile (AsabConfig  *config,
                                  char       **path,
                                  GError     **error)
{
  g_autofree char *value = NULL;
  g_autofree char *working_dir = NULL;
  g_autofree char *folder = NULL;

  if (!asab_daemon_settings_get (config, "pidfile", &value, error) ||
      !asab_daemon_settings_get (config, "working_dir", &working_dir, error))
    return FALSE;

  folder = g_canonicalize_filename (working_dir, NULL);
  if (*value == '\0')
    *path = NULL;
  else if (g_str_equal (value, "!"))
    *path = get_default_path ();
  else
    *path = g_canonicalize_filename (value, folder);

  return TRUE;
}
