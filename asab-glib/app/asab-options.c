/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The command line of every application, and what it leads to: the log, the configuration, and the options that end the
 * program at once.
 *
 * GApplication parses. Its signal `handle-local-options` tells that parsing went well, so two handlers are connected
 * to each application: one that runs first and takes note, and one that runs after those of the program, which may thus
 * add defaults to the configuration before it is loaded. They are connected, not overridden, because a subclass in an
 * interpreter overrides that function without calling its parent's.
 */

#include "config.h"

#include "asab-options-private.h"

#include <asab-glib/asab-version.h>
#include <asab-glib/log/asab-log-settings-private.h>
#include <asab-glib/log/asab-log.h>

#include "asab-application-private.h"
#include "asab-daemon-private.h"
#include "asab-settings-private.h"
#include "asab-systemd-private.h"

#include <glib/gi18n-lib.h>

struct _AsabOptions
{
  AsabApplication *application; /* the owner */
  char ***arguments;            /* (nullable): those of the command line that are not options, while it is parsed */
  gboolean is_parsed;

  char *config_file; /* (owned) (nullable) */
  char *log_file;    /* (owned) (nullable) */
  gboolean check_config;
  gboolean daemonize;
  gboolean dump_config;
  gboolean kill;
  gboolean syslog;
  gboolean verbose;
  gboolean version;
};

static gboolean
is_usage_error (AsabOptions *self)
{
  GApplicationFlags flags = g_application_get_flags (G_APPLICATION (self->application));

  return self->arguments != NULL && (*self->arguments)[0] != NULL && (*self->arguments)[1] != NULL &&
         (flags & (G_APPLICATION_HANDLES_OPEN | G_APPLICATION_HANDLES_COMMAND_LINE)) == 0;
}

static void
print_usage (void)
{
  g_printerr (_("Usage: %s [OPTION…]\n"), g_get_prgname ());
  g_printerr (_("Try “%s --help” for more information.\n"), g_get_prgname ());
}

static void
print_version (AsabOptions *self)
{
  const char *version = asab_application_get_version (self->application);

  if (version != NULL)
    g_print ("%s %s (asab-glib %s)\n", g_get_prgname (), version, ASAB_VERSION_S);
  else
    g_print ("%s (asab-glib %s)\n", g_get_prgname (), ASAB_VERSION_S);
}

static gboolean
load_config (AsabOptions  *self,
             GError      **error)
{
  AsabConfig *config = asab_application_get_config (self->application);

  if (self->verbose)
    asab_config_set_override (config, "logging", "verbose", "true", NULL);
  if (self->syslog)
    asab_config_set_override (config, "logging:syslog", "enabled", "true", NULL);
  if (self->log_file != NULL)
    {
      /* A daemon may work in another folder than the one that its caller thought of. */
      g_autofree char *path = g_canonicalize_filename (self->log_file, NULL);

      asab_config_set_override (config, "logging:file", "path", path, NULL);
    }

  return asab_config_load (config, self->config_file, error) && asab_settings_check (config, error);
}

static int
print_config (AsabOptions *self)
{
  g_autofree char *text = asab_config_dump (asab_application_get_config (self->application));

  g_print ("%s", text);

  return 0;
}

static int
check_config (AsabOptions *self)
{
  g_autoptr(GError) error = NULL;

  if (!asab_config_check (asab_application_get_config (self->application), &error))
    {
      g_printerr ("%s: %s\n", g_get_prgname (), error->message);
      return ASAB_EXIT_FAILURE;
    }

  g_print (_("The configuration is valid\n"));

  return 0;
}

/* Nothing that starts a thread or a connection comes before this. */
static int
begin (AsabOptions *self)
{
  AsabApplicationPrivate *priv = asab_application_get_private (self->application);
  g_autoptr(GError) error = NULL;

  /* What is in there for this process is not for the daemon, which has another number. */
  asab_systemd_take_environment ();

  if (self->daemonize)
    {
      priv->daemon = asab_daemon_new ();
      if (!asab_daemon_start (priv->daemon, priv->config, &error))
        {
          g_printerr ("%s: %s\n", g_get_prgname (), error->message);
          return ASAB_EXIT_FAILURE;
        }
    }

  if (!asab_log_settings_apply (priv->config, &error))
    {
      g_printerr ("%s: %s\n", g_get_prgname (), error->message);
      return ASAB_EXIT_FAILURE;
    }

  return -1;
}

static int
note_options_cb (GApplication *application G_GNUC_UNUSED,
                 GVariantDict *options G_GNUC_UNUSED,
                 gpointer      user_data)
{
  AsabOptions *self = user_data;

  self->is_parsed = TRUE;

  return -1;
}

static int
handle_options_cb (GApplication *application G_GNUC_UNUSED,
                   GVariantDict *options G_GNUC_UNUSED,
                   gpointer      user_data)
{
  AsabOptions *self = user_data;
  g_autoptr(GError) error = NULL;

  if (is_usage_error (self))
    {
      g_printerr (_("%s: unexpected argument “%s”\n"), g_get_prgname (), (*self->arguments)[1]);
      print_usage ();
      return ASAB_EXIT_USAGE;
    }
  if (self->version)
    {
      print_version (self);
      return 0;
    }

  asab_log_install ();
  if (!load_config (self, &error))
    {
      g_printerr ("%s: %s\n", g_get_prgname (), error->message);
      return ASAB_EXIT_FAILURE;
    }

  if (self->dump_config)
    return print_config (self);
  if (self->check_config)
    return check_config (self);

  if (self->kill && !self->daemonize)
    return asab_daemon_kill (asab_application_get_config (self->application));

  return begin (self);
}

static void
add_entries (AsabOptions *self)
{
  const GOptionEntry entries[] = {
    { "config", 'c', G_OPTION_FLAG_NONE, G_OPTION_ARG_FILENAME, &self->config_file,
      _("Read the configuration from FILE"), _("FILE") },
    { "check-config", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &self->check_config,
      _("Check the configuration and exit"), NULL },
    { "daemonize", 'd', G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &self->daemonize,
      _("Go into the background"), NULL },
    { "dump-config", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &self->dump_config,
      _("Print the configuration, each value with its origin, and exit"), NULL },
    { "kill", 'k', G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &self->kill,
      _("End the program that runs in the background"), NULL },
    { "log-file", 'l', G_OPTION_FLAG_NONE, G_OPTION_ARG_FILENAME, &self->log_file,
      _("Log to FILE too"), _("FILE") },
    { "syslog", 's', G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &self->syslog,
      _("Log to the syslog server too"), NULL },
    { "verbose", 'v', G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &self->verbose,
      _("Log more, down to debug messages"), NULL },
    { "version", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &self->version,
      _("Print the version and exit"), NULL },
    { NULL },
  };

  g_application_add_main_option_entries (G_APPLICATION (self->application), entries);
}

AsabOptions *
asab_options_new (AsabApplication *application)
{
  AsabOptions *self = g_new0 (AsabOptions, 1);

  self->application = application;
  g_signal_connect (application, "handle-local-options", G_CALLBACK (note_options_cb), self);
  g_signal_connect_after (application, "handle-local-options", G_CALLBACK (handle_options_cb), self);

  return self;
}

void
asab_options_free (AsabOptions *self)
{
  g_free (self->config_file);
  g_free (self->log_file);
  g_free (self);
}

/*
 * asab_options_begin:
 * @self: options
 * @arguments: the arguments; what is understood will be taken out
 *
 * To be called before the arguments are parsed.
 */
void
asab_options_begin (AsabOptions   *self,
                    char        ***arguments)
{
  self->arguments = arguments;

  /* Not earlier: by now the locale is set, so that the help is in the language of the user. */
  add_entries (self);
}

/*
 * asab_options_end:
 * @self: options
 * @exit_status: (inout): the exit status that parsing came to
 *
 * To be called after the arguments were parsed. If that failed, GLib has printed why.
 */
void
asab_options_end (AsabOptions *self,
                  int         *exit_status)
{
  self->arguments = NULL;
  if (self->is_parsed || *exit_status == 0)
    return;

  print_usage ();
  *exit_status = ASAB_EXIT_USAGE;
}
