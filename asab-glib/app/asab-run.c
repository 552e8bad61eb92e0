/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <asab-glib/app/asab-run.h>

#include <asab-glib/async/asab-fiber.h>

/* The application that consists of hooks: each virtual function runs its hook on a fiber. */
#define ASAB_TYPE_HOOKS_APPLICATION (asab_hooks_application_get_type ())
G_DECLARE_FINAL_TYPE (AsabHooksApplication, asab_hooks_application, ASAB, HOOKS_APPLICATION, AsabApplication)

struct _AsabHooksApplication
{
  AsabApplication parent_instance;

  const AsabHooks *hooks; /* the caller's; it waits for the application to end */
};

G_DEFINE_FINAL_TYPE (AsabHooksApplication, asab_hooks_application, ASAB_TYPE_APPLICATION)

static gboolean
initialize_fiber (gpointer   data,
                  GValue    *result G_GNUC_UNUSED,
                  GError   **error)
{
  return ASAB_HOOKS_APPLICATION (data)->hooks->initialize (data, error);
}

static gboolean
main_fiber (gpointer   data,
            GValue    *result G_GNUC_UNUSED,
            GError   **error)
{
  return ASAB_HOOKS_APPLICATION (data)->hooks->main (data, error);
}

static gboolean
terminate_fiber (gpointer   data,
                 GValue    *result G_GNUC_UNUSED,
                 GError   **error)
{
  return ASAB_HOOKS_APPLICATION (data)->hooks->terminate (data, error);
}

static AsabFuture *
asab_hooks_application_initialize (AsabApplication *application)
{
  AsabHooksApplication *self = ASAB_HOOKS_APPLICATION (application);

  return self->hooks->initialize != NULL ? asab_spawn (initialize_fiber, self, NULL) : NULL;
}

static AsabFuture *
asab_hooks_application_main (AsabApplication *application)
{
  AsabHooksApplication *self = ASAB_HOOKS_APPLICATION (application);

  return self->hooks->main != NULL ? asab_spawn (main_fiber, self, NULL) : NULL;
}

static AsabFuture *
asab_hooks_application_terminate (AsabApplication *application)
{
  AsabHooksApplication *self = ASAB_HOOKS_APPLICATION (application);

  return self->hooks->terminate != NULL ? asab_spawn (terminate_fiber, self, NULL) : NULL;
}

static void
asab_hooks_application_class_init (AsabHooksApplicationClass *klass)
{
  AsabApplicationClass *application_class = ASAB_APPLICATION_CLASS (klass);

  application_class->initialize = asab_hooks_application_initialize;
  application_class->main = asab_hooks_application_main;
  application_class->terminate = asab_hooks_application_terminate;
}

static void
asab_hooks_application_init (AsabHooksApplication *self G_GNUC_UNUSED)
{
}

/**
 * asab_run_with_hooks: (skip)
 * @argc: the number of arguments
 * @argv: the arguments
 * @hooks: what the application consists of
 *
 * Runs an application; the function behind `asab_run()`.
 *
 * Returns: the exit code
 */
int
asab_run_with_hooks (int               argc,
                     char            **argv,
                     const AsabHooks  *hooks)
{
  g_autoptr(AsabHooksApplication) self = NULL;

  g_return_val_if_fail (hooks != NULL, EXIT_FAILURE);
  g_return_val_if_fail (hooks->size == sizeof (AsabHooks), EXIT_FAILURE);

  self = g_object_new (ASAB_TYPE_HOOKS_APPLICATION, "application-id", hooks->application_id, "version", hooks->version,
                       "description", hooks->description, NULL);
  self->hooks = hooks;
  if (hooks->options != NULL)
    g_application_add_main_option_entries (G_APPLICATION (self), hooks->options);

  return asab_application_run (ASAB_APPLICATION (self), argc, argv);
}

/**
 * asab_hooks_get_data: (skip)
 * @application: the application that a hook was called with
 *
 * Gets the data that was given to `asab_run()`.
 *
 * Returns: (nullable): the data
 */
gpointer
asab_hooks_get_data (AsabApplication *application)
{
  g_return_val_if_fail (ASAB_IS_HOOKS_APPLICATION (application), NULL);

  return ASAB_HOOKS_APPLICATION (application)->hooks->data;
}
