/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The way of a state machine from one state to another: a fiber for each transition. */

#include "config.h"

#include <asab-glib/async/asab-state-machine-private.h>

#include <asab-glib/async/asab-fiber-private.h>

/* What the fiber works with. Functions of the user are called, and what they gave is dropped, on the native stack:
 * these fields are what both sides know. */
typedef struct
{
  AsabStateMachine *machine;   /* (owned) */
  AsabStateMachinePrivate *priv;
  GList link;                  /* in the queue of the machine */
  AsabFuture *future;          /* (not owned): of the fiber, which drops it after it has freed this */
  char *from;                  /* (nullable) before the state has changed */
  char *to;
  AsabCallback *callback;      /* (owned) (nullable): to be called next */
  AsabFuture *step;            /* (owned) (nullable): what it gave */
  GError *error;               /* (owned) (nullable): how it failed */
} Transition;

static void
transition_free (gpointer data)
{
  Transition *self = data;

  g_queue_unlink (&self->priv->transitions, &self->link);
  g_clear_pointer (&self->callback, asab_callback_unref);
  g_clear_pointer (&self->step, asab_future_unref);
  g_clear_error (&self->error);
  g_free (self->from);
  g_free (self->to);
  g_object_unref (self->machine);
  g_free (self);
}

/* Waits until this transition is the first one. Those ahead may leave in any order, as they may be cancelled. */
static gboolean
wait_for_turn (Transition  *self,
               GError     **error)
{
  while (self->link.prev != NULL)
    {
      Transition *ahead = self->link.prev->data;
      g_autoptr(AsabFuture) future = asab_future_ref (ahead->future);

      if (!asab_fiber_await_done (future, error))
        return FALSE;
    }

  return TRUE;
}

static void
call_condition_cb (gpointer data)
{
  Transition *self = data;
  AsabEdgeCondition condition = (AsabEdgeCondition) self->callback->func;

  g_clear_pointer (&self->step, asab_future_unref);
  self->step = condition (self->machine, self->priv->state, self->to, self->callback->user_data, &self->error);
  g_clear_pointer (&self->callback, asab_callback_unref);
}

static void
call_handler_cb (gpointer data)
{
  Transition *self = data;
  AsabStateHandler handler = (AsabStateHandler) self->callback->func;

  g_clear_pointer (&self->step, asab_future_unref);
  self->step = handler (self->machine, self->callback->user_data, &self->error);
  g_clear_pointer (&self->callback, asab_callback_unref);
}

static void
cancel_step_cb (gpointer data)
{
  asab_future_cancel (((Transition *) data)->step);
}

/* Waits until what was called is done; if the transition is cancelled meanwhile, it is too, and waited for all the
 * same, so that no other transition runs beside it. */
static gboolean
await_step (Transition  *self,
            GError     **error)
{
  AsabFiber *fiber = asab_fiber_get_current ();

  if (self->error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&self->error));
      return FALSE;
    }
  if (self->step != NULL && !asab_fiber_await_done (self->step, error))
    {
      if (asab_fiber_is_cancelled ())
        {
          g_auto(AsabShield) shield G_GNUC_UNUSED = asab_shield_begin ();

          asab_main_stack_call (cancel_step_cb, self);
          asab_fiber_await_done (self->step, NULL);
        }
      return FALSE;
    }
  if (asab_fiber_set_cancelled (fiber, error))
    return FALSE;

  return self->step == NULL || asab_future_is_resolved (self->step) || asab_fiber_fail_as (self->step, error);
}

/* Asks a condition. Returns: false if it failed, with @error */
static gboolean
ask (Transition    *self,
     AsabCallback  *condition,
     gboolean      *allowed,
     GError       **error)
{
  g_autoptr(GError) mismatch = NULL;

  self->callback = asab_callback_ref (condition);
  asab_main_stack_call (call_condition_cb, self);
  if (!await_step (self, error))
    return FALSE;
  if (self->step == NULL || asab_future_get_value (self->step, NULL) == NULL)
    return TRUE;

  *allowed = asab_future_get_boolean (self->step, &mismatch);
  if (mismatch == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&mismatch));

  return FALSE;
}

/* Finds out whether the transition is allowed from the present state. Returns: false if a condition failed, with
 * @error */
static gboolean
check_allowed (Transition  *self,
               gboolean    *allowed,
               GError     **error)
{
  AsabStateEdge *edge = asab_state_rules_lookup (&self->priv->rules, self->priv->state, self->to);

  *allowed = FALSE;
  if (edge == NULL)
    return TRUE;

  /* A condition may add others. */
  for (guint i = 0; !*allowed && !edge->is_unconditional && i < edge->conditions->len; i++)
    if (!ask (self, g_ptr_array_index (edge->conditions, i), allowed, error))
      return FALSE;
  if (edge->is_unconditional)
    *allowed = TRUE;

  return TRUE;
}

static gboolean
run_handler (Transition  *self,
             GHashTable  *handlers,
             GError     **error)
{
  AsabCallback *handler = g_hash_table_lookup (handlers, self->priv->state);

  if (handler == NULL)
    return TRUE;

  self->callback = asab_callback_ref (handler);
  asab_main_stack_call (call_handler_cb, self);

  return await_step (self, error);
}

static void
change_state_cb (gpointer data)
{
  Transition *self = data;

  self->from = asab_state_machine_change_state (self->machine, self->to);
}

static void
emit_transitioned_cb (gpointer data)
{
  Transition *self = data;

  asab_state_machine_emit_transitioned (self->machine, self->from, self->to);
}

static gboolean
transition_fiber (gpointer   data,
                  GValue    *result,
                  GError   **error)
{
  Transition *self = data;
  gboolean allowed;

  if (!wait_for_turn (self, error) || !check_allowed (self, &allowed, error))
    return FALSE;

  if (allowed)
    {
      if (!run_handler (self, self->priv->rules.on_exit, error))
        return FALSE;
      asab_main_stack_call (change_state_cb, self);
      if (!run_handler (self, self->priv->rules.on_enter, error))
        return FALSE;
      asab_main_stack_call (emit_transitioned_cb, self);
    }

  g_value_init (result, G_TYPE_BOOLEAN);
  g_value_set_boolean (result, allowed);

  return TRUE;
}

/* Queues a transition. Returns: (transfer full): a future of whether it was allowed */
AsabFuture *
asab_state_transition_start (AsabStateMachine *machine,
                             const char       *state)
{
  Transition *self = g_new (Transition, 1);

  *self = (Transition) {
    .machine = g_object_ref (machine),
    .priv = asab_state_machine_get_private (machine),
    .link.data = self,
    .to = g_strdup (state),
  };
  g_queue_push_tail_link (&self->priv->transitions, &self->link);
  self->future = asab_spawn (transition_fiber, self, transition_free);

  return self->future;
}
