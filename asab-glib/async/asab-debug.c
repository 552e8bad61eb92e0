/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <asab-glib/async/asab-debug.h>

#include <asab-glib/async/asab-fiber-private.h>

static const char *
get_state_name (AsabFiber *fiber)
{
  switch (fiber->state)
    {
    case FIBER_READY:
      return "ready";
    case FIBER_RUNNING:
      return "running";
    case FIBER_CALLING:
      return "calling";
    case FIBER_WAITING:
      return "waiting";
    case FIBER_ENDED:
    default:
      return "ended";
    }
}

static void
dump_wait (AsabFiber *fiber,
           GString   *dump)
{
  double seconds = (double) (g_get_monotonic_time () - fiber->since) / G_USEC_PER_SEC;

  g_string_append_printf (dump, " for %s", fiber->waits_for);
  if (fiber->awaited != NULL)
    {
      const char *name = asab_future_get_name (fiber->awaited);
      const char *site = asab_future_get_site (fiber->awaited);

      g_string_append_printf (dump, " “%s” made at %s", name != NULL ? name : "", site != NULL ? site : "?");
    }
  g_string_append_printf (dump, ", %.3f s", seconds);
}

/**
 * asab_debug_dump:
 *
 * Describes the fibers of the thread-default main context: one line each with name, place of origin, state, what it
 * waits for and for how long, and how much of its stack was touched. For people to read; the form may change.
 *
 * Returns: (transfer full): the description, with a newline after each fiber
 */
char *
asab_debug_dump (void)
{
  AsabContext *context = asab_context_get_current ();
  GString *dump = g_string_new (NULL);

  g_mutex_lock (&context->fibers_lock);
  for (AsabFiber *fiber = context->fibers; fiber != NULL; fiber = fiber->next)
    {
      g_string_append_printf (dump, "fiber “%s” started at %s: %s", fiber->name,
                              fiber->site != NULL ? fiber->site : "?", get_state_name (fiber));
      if (fiber->state == FIBER_WAITING)
        dump_wait (fiber, dump);
      if (fiber->stack != NULL)
        g_string_append_printf (dump, ", %" G_GSIZE_FORMAT " KiB of stack", asab_stack_get_used (fiber->stack) / 1024);
      g_string_append_c (dump, '\n');
    }
  g_mutex_unlock (&context->fibers_lock);

  return g_string_free (dump, FALSE);
}

/**
 * asab_debug_count_fibers:
 *
 * Counts the fibers of the thread-default main context that have not ended.
 *
 * Returns: the number of fibers
 */
guint
asab_debug_count_fibers (void)
{
  AsabContext *context = asab_context_get_current ();
  guint n_fibers = 0;

  g_mutex_lock (&context->fibers_lock);
  for (AsabFiber *fiber = context->fibers; fiber != NULL; fiber = fiber->next)
    n_fibers++;
  g_mutex_unlock (&context->fibers_lock);

  return n_fibers;
}

/**
 * asab_debug_count_stacks:
 *
 * Counts the stacks that fibers of the thread-default main context use; a fiber has one from its first run on.
 *
 * Returns: the number of stacks, without those that wait for their next use
 */
guint
asab_debug_count_stacks (void)
{
  return asab_context_get_current ()->stacks.n_used;
}
