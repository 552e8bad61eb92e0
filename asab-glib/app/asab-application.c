/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <asab-glib/app/asab-application.h>

#include <asab-glib/asab-enum-types.h>
#include <asab-glib/async/asab-fiber.h>
#include <asab-glib/async/asab-shutdown-private.h>
#include <asab-glib/log/asab-log.h>

#include "asab-application-private.h"
#include "asab-settings-private.h"
#include "asab-stall-detector-private.h"
#include "asab-standard-streams-private.h"

#include <glib/gi18n-lib.h>
#include <locale.h>

/**
 * AsabApplication:
 *
 * A program: its configuration, its services and modules, its bus, and its life.
 *
 * There is one application in a process. It lives through three phases. At init-time services and modules become
 * ready, one after another in the order in which they were registered, and `Application.init!` is published. At
 * run-time, which begins with `Application.run!`, the application ticks and [vfunc@Application.main] does its work.
 * When the application is stopped, by [method@Application.stop], SIGINT or SIGTERM, exit-time begins with
 * `Application.exit!`, and whatever became ready is terminated in the opposite order. The end of `main` alone does not
 * end the application.
 *
 * A failure at init-time, or of `main`, leads to exit-time too. It is logged once, with its causes, and the exit code
 * is then not 0. Each phase has a deadline, in the section `application` of the configuration: `init_timeout`,
 * `stop_timeout` for what `main` does after a stop, and `exit_timeout`. What does not end in time is named in the log
 * and left behind; at exit-time a single component may use half of what is left. After a second stop `main` is
 * cancelled, a third one ends the process at once, with status 70.
 *
 * A turn of the main loop that takes longer than `stall_threshold`, by default two seconds, is logged with the source
 * that held it up; 0 is for as long as it likes.
 *
 * The bus, [property@Application:pubsub], carries these messages of the application:
 *
 * - `Application.init!`, `Application.run!`, `Application.exit!`: the phases;
 * - `Application.stop!`: somebody asks the application to stop; its argument tells how often that has happened;
 * - `Application.hup!`: SIGHUP came, or [method@Application.reload] was called; the configuration has been read again;
 * - `Application.tick!` each `tick_period` (of the section `general`, by default a second), and `Application.tick/10!`,
 *   `/60!`, `/300!`, `/600!`, `/1800!`, `/3600!`, `/43200!`, `/86400!` each so many ticks.
 *
 * An application belongs to the main thread. As a [class@Gio.Application] it can have options and actions; it is not
 * unique unless it is constructed with other flags than %G_APPLICATION_NON_UNIQUE.
 */
G_DEFINE_TYPE_WITH_PRIVATE (AsabApplication, asab_application, G_TYPE_APPLICATION)

typedef enum
{
  PROP_CONFIG = 1,
  PROP_DESCRIPTION,
  PROP_EXIT_CODE,
  PROP_PHASE,
  PROP_PUBSUB,
  PROP_VERSION,
} AsabApplicationProperty;

static GParamSpec *props[PROP_VERSION + 1];

#define SECONDS_FOR_LAST_WORDS 1

/* The one of this process. Another one that is constructed meanwhile is told apart by not being this one. */
static AsabApplication *the_application;

AsabApplicationPrivate *
asab_application_get_private (AsabApplication *self)
{
  return asab_application_get_instance_private (self);
}

static void
asab_application_constructed (GObject *object)
{
  AsabApplication *self = ASAB_APPLICATION (object);

  G_OBJECT_CLASS (asab_application_parent_class)->constructed (object);

  if (the_application == NULL)
    the_application = self;
  else
    g_critical ("There can be one application in a process; a second %s object cannot run", G_OBJECT_TYPE_NAME (self));
}

static void
asab_application_get_property (GObject    *object,
                               guint       prop_id,
                               GValue     *value,
                               GParamSpec *pspec)
{
  AsabApplicationPrivate *priv = asab_application_get_private (ASAB_APPLICATION (object));

  switch ((AsabApplicationProperty) prop_id)
    {
    case PROP_CONFIG:
      g_value_set_object (value, priv->config);
      break;
    case PROP_DESCRIPTION:
      g_value_set_string (value, priv->description);
      break;
    case PROP_EXIT_CODE:
      g_value_set_int (value, priv->exit_code);
      break;
    case PROP_PHASE:
      g_value_set_enum (value, priv->phase);
      break;
    case PROP_PUBSUB:
      g_value_set_object (value, priv->pubsub);
      break;
    case PROP_VERSION:
      g_value_set_string (value, priv->version);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
asab_application_set_property (GObject      *object,
                               guint         prop_id,
                               const GValue *value,
                               GParamSpec   *pspec)
{
  AsabApplication *self = ASAB_APPLICATION (object);

  switch ((AsabApplicationProperty) prop_id)
    {
    case PROP_DESCRIPTION:
      asab_application_set_description (self, g_value_get_string (value));
      break;
    case PROP_VERSION:
      asab_application_set_version (self, g_value_get_string (value));
      break;
    case PROP_CONFIG:
    case PROP_EXIT_CODE:
    case PROP_PHASE:
    case PROP_PUBSUB:
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
asab_application_dispose (GObject *object)
{
  AsabApplication *self = ASAB_APPLICATION (object);
  AsabApplicationPrivate *priv = asab_application_get_private (self);

  if (the_application == self)
    the_application = NULL;

  g_clear_pointer (&priv->lifecycle, asab_lifecycle_free);
  g_clear_pointer (&priv->registry, asab_registry_free);
  g_ptr_array_set_size (priv->timers, 0);

  G_OBJECT_CLASS (asab_application_parent_class)->dispose (object);
}

static void
asab_application_finalize (GObject *object)
{
  AsabApplicationPrivate *priv = asab_application_get_private (ASAB_APPLICATION (object));

  asab_options_free (priv->options);
  g_clear_pointer (&priv->daemon, asab_daemon_free);
  g_ptr_array_unref (priv->timers);
  g_free (priv->description);
  g_free (priv->version);
  g_object_unref (priv->pubsub);
  g_object_unref (priv->config);

  G_OBJECT_CLASS (asab_application_parent_class)->finalize (object);
}

static gboolean
asab_application_local_command_line (GApplication   *application,
                                     char         ***arguments,
                                     int            *exit_status)
{
  AsabApplicationPrivate *priv = asab_application_get_private (ASAB_APPLICATION (application));
  gboolean is_handled;

  asab_options_begin (priv->options, arguments);
  is_handled = G_APPLICATION_CLASS (asab_application_parent_class)->local_command_line (application, arguments,
                                                                                        exit_status);
  asab_options_end (priv->options, exit_status);

  return is_handled;
}

static void
asab_application_startup (GApplication *application)
{
  AsabApplication *self = ASAB_APPLICATION (application);
  AsabApplicationPrivate *priv = asab_application_get_private (self);

  G_APPLICATION_CLASS (asab_application_parent_class)->startup (application);

  asab_shutdown_begin_application (asab_application_handle_shutdown, self);
  asab_log_start_thread (); /* nobody forks from here on */
  priv->signals = asab_signals_new (asab_application_handle_signal, self);
  priv->supervisor = asab_supervisor_new (self);
  asab_stall_detector_start (priv->config);
  g_application_hold (application);
  asab_lifecycle_start (priv->lifecycle);
}

/* A service has nothing to show; GApplication's own function would warn about that. */
static void
asab_application_activate (GApplication *application G_GNUC_UNUSED)
{
}

static void
asab_application_shutdown (GApplication *application)
{
  AsabApplication *self = ASAB_APPLICATION (application);
  AsabApplicationPrivate *priv = asab_application_get_private (self);

  /* If somebody left the main loop by g_application_quit(), what is up terminates all the same. */
  if (priv->phase != ASAB_APPLICATION_PHASE_DONE && !asab_lifecycle_is_stopped (priv->lifecycle))
    asab_application_stop (self, 0);
  while (priv->phase != ASAB_APPLICATION_PHASE_DONE)
    g_main_context_iteration (NULL, TRUE);

  /* What was left behind has been cancelled and may want to say its last words. */
  asab_context_drain (NULL, SECONDS_FOR_LAST_WORDS);
  asab_stall_detector_stop ();
  g_clear_pointer (&priv->supervisor, asab_supervisor_free);
  g_clear_pointer (&priv->signals, asab_signals_free);
  asab_shutdown_end_application ();

  G_APPLICATION_CLASS (asab_application_parent_class)->shutdown (application);
}

/* Defaults return a future, not NULL: a subclass in Python or JavaScript waits for what its parent returns. */
static AsabFuture *
asab_application_real_initialize (AsabApplication *self G_GNUC_UNUSED)
{
  return asab_future_new_resolved (NULL);
}

static AsabFuture *
asab_application_real_main (AsabApplication *self G_GNUC_UNUSED)
{
  return asab_future_new_resolved (NULL);
}

static AsabFuture *
asab_application_real_terminate (AsabApplication *self G_GNUC_UNUSED)
{
  return asab_future_new_resolved (NULL);
}

static void
asab_application_class_init (AsabApplicationClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GApplicationClass *application_class = G_APPLICATION_CLASS (klass);

  /* Not later: an application of GLib opens something as soon as it is constructed. */
  asab_standard_streams_fill ();

  object_class->constructed = asab_application_constructed;
  object_class->get_property = asab_application_get_property;
  object_class->set_property = asab_application_set_property;
  object_class->dispose = asab_application_dispose;
  object_class->finalize = asab_application_finalize;

  application_class->local_command_line = asab_application_local_command_line;
  application_class->startup = asab_application_startup;
  application_class->activate = asab_application_activate;
  application_class->shutdown = asab_application_shutdown;

  klass->initialize = asab_application_real_initialize;
  klass->main = asab_application_real_main;
  klass->terminate = asab_application_real_terminate;

  /**
   * AsabApplication:config: (getter get_config)
   *
   * The configuration of the process.
   */
  props[PROP_CONFIG] =
    g_param_spec_object ("config", NULL, NULL, ASAB_TYPE_CONFIG,
                         G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

  /**
   * AsabApplication:description: (getter get_description) (setter set_description)
   *
   * What the program is for, to be read in its `--help`; empty by default.
   */
  props[PROP_DESCRIPTION] =
    g_param_spec_string ("description", NULL, NULL, "",
                         G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);

  /**
   * AsabApplication:exit-code: (getter get_exit_code)
   *
   * What [method@Application.run] will return.
   */
  props[PROP_EXIT_CODE] =
    g_param_spec_int ("exit-code", NULL, NULL, G_MININT, G_MAXINT, 0,
                      G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);

  /**
   * AsabApplication:phase: (getter get_phase)
   *
   * The phase of its life that the application is in.
   */
  props[PROP_PHASE] =
    g_param_spec_enum ("phase", NULL, NULL, ASAB_TYPE_APPLICATION_PHASE, ASAB_APPLICATION_PHASE_NEW,
                       G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);

  /**
   * AsabApplication:pubsub: (getter get_pubsub)
   *
   * The bus of the application.
   */
  props[PROP_PUBSUB] =
    g_param_spec_object ("pubsub", NULL, NULL, ASAB_TYPE_PUBSUB,
                         G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

  /**
   * AsabApplication:version: (getter get_version) (setter set_version)
   *
   * The version of the program, to be read in its `--version`.
   */
  props[PROP_VERSION] =
    g_param_spec_string ("version", NULL, NULL, NULL,
                         G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);

  g_object_class_install_properties (object_class, G_N_ELEMENTS (props), props);
}

static void
asab_application_init (AsabApplication *self)
{
  AsabApplicationPrivate *priv = asab_application_get_private (self);

  g_application_set_flags (G_APPLICATION (self), G_APPLICATION_NON_UNIQUE);

  priv->config = g_object_ref (asab_config_get_default ());
  asab_settings_add_defaults (priv->config);
  priv->pubsub = asab_pubsub_new ();
  priv->timers = g_ptr_array_new_with_free_func (g_object_unref);
  priv->description = g_strdup ("");
  priv->registry = asab_registry_new ();
  priv->lifecycle = asab_lifecycle_new (self);
  priv->options = asab_options_new (self);
}

/**
 * asab_application_new:
 * @application_id: (nullable): an application identifier, see [func@Gio.Application.id_is_valid]
 * @flags: flags, usually %G_APPLICATION_NON_UNIQUE
 *
 * Creates an application that does nothing but tick.
 *
 * Returns: (transfer full): a new application
 */
AsabApplication *
asab_application_new (const char        *application_id,
                      GApplicationFlags  flags)
{
  return g_object_new (ASAB_TYPE_APPLICATION, "application-id", application_id, "flags", flags, NULL);
}

/**
 * asab_application_get_default:
 *
 * Gets the application of the process.
 *
 * Returns: (transfer none) (nullable): the application
 */
AsabApplication *
asab_application_get_default (void)
{
  return the_application;
}

/* In the language of the user, but with the numbers of a program: LC_NUMERIC would change what printf () writes. */
static void
set_locale (void)
{
  setlocale (LC_CTYPE, "");
  setlocale (LC_MESSAGES, "");
  bindtextdomain (GETTEXT_PACKAGE, ASAB_LOCALE_DIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
}

/**
 * asab_application_run:
 * @self: an application
 * @argc: the number of arguments
 * @argv: (array length=argc) (element-type filename) (nullable): the arguments, with the name of the program
 *
 * Runs the application, until it has ended.
 *
 * The language of messages is that of the user: this calls `setlocale()` for `LC_CTYPE` and `LC_MESSAGES`.
 *
 * Returns: the exit code, for `main ()` to return: that of [property@Application:exit-code]; 2 after a mistake on the
 *   command line; 1 if the configuration cannot be used; 70 if there is another application in this process or this one
 *   has run before
 */
int
asab_application_run (AsabApplication  *self,
                      int               argc,
                      char            **argv)
{
  AsabApplicationPrivate *priv;
  g_autoptr(AsabApplication) alive = NULL;
  int status;

  g_return_val_if_fail (ASAB_IS_APPLICATION (self), ASAB_EXIT_SOFTWARE);

  priv = asab_application_get_private (self);
  if (self != the_application || priv->phase != ASAB_APPLICATION_PHASE_NEW)
    {
      g_printerr ("%s\n", _("There can be one application in a process, and it runs once"));
      return ASAB_EXIT_SOFTWARE;
    }

  set_locale ();
  alive = g_object_ref (self);
  status = g_application_run (G_APPLICATION (self), argc, argv);
  if (priv->phase == ASAB_APPLICATION_PHASE_DONE)
    status = priv->exit_code;
  if (priv->daemon != NULL)
    asab_daemon_end (priv->daemon, status);

  return status;
}
