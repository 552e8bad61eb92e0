/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/app/asab-application.h>

G_BEGIN_DECLS

/**
 * AsabHookFunc: (skip)
 * @application: the application
 * @error: return location for an error
 *
 * A part of an application's life as a function that runs on a fiber: it may wait, with [func@await] and its like.
 *
 * Returns: true if it succeeded
 */
typedef gboolean (*AsabHookFunc) (AsabApplication  *application,
                                  GError          **error);

/**
 * AsabHooks: (skip)
 * @size: the size of this struct; `asab_run()` sets it
 * @application_id: (nullable): an application identifier
 * @description: (nullable): see [property@Application:description]
 * @version: (nullable): see [property@Application:version]
 * @options: (nullable): options of the program, each with its `arg_data`; the last one is empty
 * @initialize: (nullable): see [vfunc@Application.initialize]
 * @main: (nullable): see [vfunc@Application.main]
 * @terminate: (nullable): see [vfunc@Application.terminate]
 * @data: (nullable): data for the functions, see `asab_hooks_get_data()`
 *
 * What makes up an application without a class of its own. Use `asab_run()` to fill it.
 */
typedef struct
{
  gsize size;
  const char *application_id;
  const char *description;
  const char *version;
  const GOptionEntry *options;
  AsabHookFunc initialize;
  AsabHookFunc main;
  AsabHookFunc terminate;
  gpointer data;
} AsabHooks;

ASAB_AVAILABLE_IN_ALL
int      asab_run_with_hooks (int               argc,
                              char            **argv,
                              const AsabHooks  *hooks);
ASAB_AVAILABLE_IN_ALL
gpointer asab_hooks_get_data (AsabApplication  *application);

/**
 * asab_run: (skip)
 * @argc: the number of arguments
 * @argv: the arguments
 * @...: members of [struct@Hooks], as in `.main = hello, .description = "Says hello"`
 *
 * Runs an application that consists of a few functions.
 *
 * Returns: the exit code, for `main ()` to return
 */
#define asab_run(argc, argv, ...) \
  asab_run_with_hooks ((argc), (argv), &(const AsabHooks) { .size = sizeof (AsabHooks), __VA_ARGS__ })

G_END_DECLS
