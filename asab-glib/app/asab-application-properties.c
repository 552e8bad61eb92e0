/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The properties of an application. */

#include "config.h"

#include <asab-glib/app/asab-application.h>

#include <asab-glib/async/asab-fiber.h>

#include "asab-application-private.h"

AsabRegistry *
asab_application_get_registry (AsabApplication *self)
{
  return asab_application_get_private (self)->registry;
}

/* At run-time only if nobody who was told first, such as a server that cannot start, ends it again as a failure. */
static void
tell_phase (AsabApplication      *self,
            AsabApplicationPhase  phase)
{
  AsabApplicationPrivate *priv = asab_application_get_private (self);

  if (phase == ASAB_APPLICATION_PHASE_RUN && priv->exit_code != 0 && asab_lifecycle_is_stopped (priv->lifecycle))
    return;

  if (phase == ASAB_APPLICATION_PHASE_RUN && priv->daemon != NULL)
    asab_daemon_set_ready (priv->daemon);
  asab_supervisor_enter_phase (priv->supervisor, phase);
}

/* Announces a phase, and the message that belongs to it, if there is one. */
void
asab_application_enter_phase (AsabApplication      *self,
                              AsabApplicationPhase  phase,
                              const char           *message_type)
{
  AsabApplicationPrivate *priv = asab_application_get_private (self);
  gboolean is_new = priv->phase != phase;

  if (is_new)
    {
      priv->phase = phase;
      g_object_notify (G_OBJECT (self), "phase");
    }
  if (message_type != NULL)
    asab_pubsub_publish (priv->pubsub, message_type);
  if (is_new)
    tell_phase (self, phase);
  if (phase == ASAB_APPLICATION_PHASE_DONE)
    g_application_quit (G_APPLICATION (self));
}

/**
 * asab_application_get_config: (get-property config)
 * @self: an application
 *
 * Gets the configuration of the process, as [func@Config.get_default] does.
 *
 * Returns: (transfer none): the configuration
 */
AsabConfig *
asab_application_get_config (AsabApplication *self)
{
  g_return_val_if_fail (ASAB_IS_APPLICATION (self), NULL);

  return asab_application_get_private (self)->config;
}

/**
 * asab_application_get_pubsub: (get-property pubsub)
 * @self: an application
 *
 * Gets the bus of the application.
 *
 * Returns: (transfer none): the bus
 */
AsabPubSub *
asab_application_get_pubsub (AsabApplication *self)
{
  g_return_val_if_fail (ASAB_IS_APPLICATION (self), NULL);

  return asab_application_get_private (self)->pubsub;
}

/**
 * asab_application_get_phase: (get-property phase)
 * @self: an application
 *
 * Gets the phase that the application is in.
 *
 * Returns: the phase
 */
AsabApplicationPhase
asab_application_get_phase (AsabApplication *self)
{
  g_return_val_if_fail (ASAB_IS_APPLICATION (self), ASAB_APPLICATION_PHASE_NEW);

  return asab_application_get_private (self)->phase;
}

/**
 * asab_application_get_exit_code: (get-property exit-code)
 * @self: an application
 *
 * Gets what [method@Application.run] will return.
 *
 * Returns: the exit code
 */
int
asab_application_get_exit_code (AsabApplication *self)
{
  g_return_val_if_fail (ASAB_IS_APPLICATION (self), 0);

  return asab_application_get_private (self)->exit_code;
}

static void
notify_exit_code (gpointer data)
{
  g_object_notify (data, "exit-code");
}

/**
 * asab_application_set_exit_code:
 * @self: an application
 * @exit_code: an exit code
 * @force: whether to set it even if it is not greater than the one that is set
 *
 * Raises the exit code: unless @force is true, a smaller one changes nothing.
 */
void
asab_application_set_exit_code (AsabApplication *self,
                                int              exit_code,
                                gboolean         force)
{
  AsabApplicationPrivate *priv;

  g_return_if_fail (ASAB_IS_APPLICATION (self));

  priv = asab_application_get_private (self);
  if (exit_code == priv->exit_code || (exit_code < priv->exit_code && !force))
    return;

  priv->exit_code = exit_code;
  asab_main_stack_call (notify_exit_code, self);
}

/**
 * asab_application_get_description: (get-property description)
 * @self: an application
 *
 * Gets what the program says of itself in its `--help`.
 *
 * Returns: the description
 */
const char *
asab_application_get_description (AsabApplication *self)
{
  g_return_val_if_fail (ASAB_IS_APPLICATION (self), NULL);

  return asab_application_get_private (self)->description;
}

/**
 * asab_application_set_description: (set-property description)
 * @self: an application
 * @description: (nullable): a text; its line ends are kept
 *
 * Sets what the program says of itself in its `--help`.
 */
void
asab_application_set_description (AsabApplication *self,
                                  const char      *description)
{
  AsabApplicationPrivate *priv;

  g_return_if_fail (ASAB_IS_APPLICATION (self));

  priv = asab_application_get_private (self);
  if (description == NULL)
    description = "";
  if (g_str_equal (priv->description, description))
    return;

  g_free (priv->description);
  priv->description = g_strdup (description);
  g_application_set_option_context_summary (G_APPLICATION (self), description);
  g_object_notify (G_OBJECT (self), "description");
}

/**
 * asab_application_get_version: (get-property version)
 * @self: an application
 *
 * Gets the version of the program.
 *
 * Returns: (nullable): the version
 */
const char *
asab_application_get_version (AsabApplication *self)
{
  g_return_val_if_fail (ASAB_IS_APPLICATION (self), NULL);

  return asab_application_get_private (self)->version;
}

/**
 * asab_application_set_version: (set-property version)
 * @self: an application
 * @version: (nullable): a version
 *
 * Sets the version of the program.
 */
void
asab_application_set_version (AsabApplication *self,
                              const char      *version)
{
  AsabApplicationPrivate *priv;

  g_return_if_fail (ASAB_IS_APPLICATION (self));

  priv = asab_application_get_private (self);
  if (g_strcmp0 (priv->version, version) == 0)
    return;

  g_free (priv->version);
  priv->version = g_strdup (version);
  g_object_notify (G_OBJECT (self), "version");
}
