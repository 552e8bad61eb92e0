/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A document that is written, reviewed, and published if two people approve of it. */

#include <asab-glib/asab.h>

static gboolean
count_approvals (gpointer   data,
                 GValue    *result,
                 GError   **error)
{
  const int *approvals = data;

  /* Asking everybody takes a while. */
  if (!asab_fiber_sleep (0.001, error))
    return FALSE;

  g_value_init (result, G_TYPE_BOOLEAN);
  g_value_set_boolean (result, *approvals >= 2);

  return TRUE;
}

static AsabFuture *
is_approved (AsabStateMachine  *document,
             const char        *from,
             const char        *to,
             gpointer           approvals,
             GError           **error)
{
  return asab_spawn (count_approvals, approvals, NULL);
}

static AsabFuture *
tell (AsabStateMachine  *document,
      gpointer           message,
      GError           **error)
{
  g_print ("%s\n", (const char *) message);

  return NULL;
}

static gboolean
move (AsabStateMachine  *document,
      const char        *state,
      GError           **error)
{
  g_autoptr(AsabFuture) future = asab_state_machine_transition (document, state);

  if (!asab_await (future, error))
    return FALSE;
  g_print ("%s: %s\n", state, asab_future_get_boolean (future, NULL) ? "yes" : "no");

  return TRUE;
}

static gboolean
publish (gpointer   data,
         GValue    *result,
         GError   **error)
{
  g_autoptr(AsabStateMachine) document = asab_state_machine_new ("draft");
  int approvals = 0;

  asab_state_machine_add (document, "draft", "review", NULL, NULL, NULL);
  asab_state_machine_add (document, "review", "published", is_approved, &approvals, NULL);
  asab_state_machine_on_enter (document, "review", tell, (gpointer) "please have a look", NULL);
  asab_state_machine_on_exit (document, "review", tell, (gpointer) "thank you", NULL);

  if (!move (document, "published", error) ||
      !move (document, "review", error) ||
      !move (document, "published", error))
    return FALSE;

  approvals = 2;
  if (!move (document, "published", error))
    return FALSE;
  g_print ("it is %s\n", asab_state_machine_get_state (document));

  return TRUE;
}

int
main (void)
{
  g_autoptr(AsabFuture) future = asab_spawn (publish, NULL, NULL);
  g_autoptr(GError) error = NULL;

  if (!asab_run_until_complete (future, NULL, &error))
    g_error ("%s", error->message);

  return 0;
}
