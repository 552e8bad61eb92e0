/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <asab-glib/async/asab-state-machine.h>

#include <asab-glib/async/asab-state-machine-private.h>

/**
 * AsabStateMachine:
 *
 * A state that changes along declared transitions, guarded by conditions, with handlers that may take time.
 *
 * States are strings and need no declaration, transitions do: [method@StateMachine.add]. Of a transition with several
 * conditions one has to hold; they are asked in the order in which they were added, until one does. Without a condition
 * it is always allowed.
 *
 * Transitions run one after another, in the order in which they were asked for. Each calls the exit handler of the old
 * state and waits for it, changes the state, and does the same with the enter handler of the new one. If a condition or
 * the exit handler fails, or the transition is cancelled by then, the state stays as it was; after that it has changed.
 * A handler or a condition that is under way is cancelled with its transition, which waits until it has ended.
 *
 * A handler may ask for another transition, which runs after the present one, but may not wait for it: in a fiber that
 * is %ASAB_ERROR_DEADLOCK.
 *
 * A state machine belongs to one main context. Transitions that were asked for keep it alive. What is added or replaced
 * during a transition counts from the next condition or handler on.
 *
 * ```c
 * asab_state_machine_add (document, "draft", "review", NULL, NULL, NULL);
 * asab_state_machine_add (document, "review", "published", is_approved, &approvals, NULL);
 * asab_state_machine_on_enter (document, "review", tell, (gpointer) "please have a look", NULL);
 * ```
 */

G_DEFINE_TYPE_WITH_PRIVATE (AsabStateMachine, asab_state_machine, G_TYPE_OBJECT)

typedef enum
{
  PROP_STATE = 1,
} AsabStateMachineProperty;

typedef enum
{
  SIGNAL_TRANSITIONED,
} AsabStateMachineSignal;

static GParamSpec *props[PROP_STATE + 1];
static guint signals[SIGNAL_TRANSITIONED + 1];

static void
asab_state_machine_finalize (GObject *object)
{
  AsabStateMachinePrivate *priv = asab_state_machine_get_instance_private (ASAB_STATE_MACHINE (object));

  asab_state_rules_clear (&priv->rules);
  g_free (priv->state);

  G_OBJECT_CLASS (asab_state_machine_parent_class)->finalize (object);
}

static void
asab_state_machine_get_property (GObject    *object,
                                 guint       prop_id,
                                 GValue     *value,
                                 GParamSpec *pspec)
{
  AsabStateMachinePrivate *priv = asab_state_machine_get_instance_private (ASAB_STATE_MACHINE (object));

  switch ((AsabStateMachineProperty) prop_id)
    {
    case PROP_STATE:
      g_value_set_string (value, priv->state);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
asab_state_machine_set_property (GObject      *object,
                                 guint         prop_id,
                                 const GValue *value,
                                 GParamSpec   *pspec)
{
  AsabStateMachinePrivate *priv = asab_state_machine_get_instance_private (ASAB_STATE_MACHINE (object));

  switch ((AsabStateMachineProperty) prop_id)
    {
    case PROP_STATE:
      priv->state = g_value_get_string (value) != NULL ? g_value_dup_string (value) : g_strdup ("");
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
asab_state_machine_class_init (AsabStateMachineClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = asab_state_machine_finalize;
  object_class->get_property = asab_state_machine_get_property;
  object_class->set_property = asab_state_machine_set_property;

  /**
   * AsabStateMachine:state: (getter get_state)
   *
   * The present state; set when the machine is made, then changed by its transitions.
   */
  props[PROP_STATE] =
    g_param_spec_string ("state", NULL, NULL, "",
                         G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);

  g_object_class_install_properties (object_class, G_N_ELEMENTS (props), props);

  /**
   * AsabStateMachine::transitioned:
   * @self: the state machine
   * @from_state: the state that was left
   * @to_state: the state that was entered
   *
   * Emitted when a transition has ended well, after the enter handler.
   */
  signals[SIGNAL_TRANSITIONED] =
    g_signal_new ("transitioned", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST,
                  G_STRUCT_OFFSET (AsabStateMachineClass, transitioned), NULL, NULL, NULL,
                  G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_STRING);
}

static void
asab_state_machine_init (AsabStateMachine *self)
{
  AsabStateMachinePrivate *priv = asab_state_machine_get_instance_private (self);

  asab_state_rules_init (&priv->rules);
  g_queue_init (&priv->transitions);
}

AsabStateMachinePrivate *
asab_state_machine_get_private (AsabStateMachine *self)
{
  return asab_state_machine_get_instance_private (self);
}

/* Returns: (transfer full): the state that was left */
char *
asab_state_machine_change_state (AsabStateMachine *self,
                                 const char       *state)
{
  AsabStateMachinePrivate *priv = asab_state_machine_get_instance_private (self);
  char *from = g_steal_pointer (&priv->state);

  priv->state = g_strdup (state);
  if (!g_str_equal (from, state))
    g_object_notify_by_pspec (G_OBJECT (self), props[PROP_STATE]);

  return from;
}

void
asab_state_machine_emit_transitioned (AsabStateMachine *self,
                                      const char       *from_state,
                                      const char       *to_state)
{
  g_signal_emit (self, signals[SIGNAL_TRANSITIONED], 0, from_state, to_state);
}

/**
 * asab_state_machine_new:
 * @state: the state to begin with, whose enter handler is not called
 *
 * Creates a state machine without any transitions.
 *
 * Returns: (transfer full): a new state machine
 */
AsabStateMachine *
asab_state_machine_new (const char *state)
{
  g_return_val_if_fail (state != NULL, NULL);

  return g_object_new (ASAB_TYPE_STATE_MACHINE, "state", state, NULL);
}

/**
 * asab_state_machine_get_state: (get-property state)
 * @self: a state machine
 *
 * Gets the present state.
 *
 * Returns: the state, until the next one
 */
const char *
asab_state_machine_get_state (AsabStateMachine *self)
{
  AsabStateMachinePrivate *priv = asab_state_machine_get_instance_private (self);

  g_return_val_if_fail (ASAB_IS_STATE_MACHINE (self), NULL);

  return priv->state;
}

/**
 * asab_state_machine_add:
 * @self: a state machine
 * @from_state: a state
 * @to_state: a state, which may be the same
 * @condition: (nullable) (scope notified) (closure user_data) (destroy destroy): tells whether the transition is
 *   allowed; %NULL for always
 * @user_data: data for @condition
 * @destroy: (nullable): called with @user_data when it is no longer needed
 *
 * Declares a transition, or adds a condition to it: one of its conditions has to hold.
 *
 * A condition that was added before, with the same data, is not added again.
 */
void
asab_state_machine_add (AsabStateMachine  *self,
                        const char        *from_state,
                        const char        *to_state,
                        AsabEdgeCondition  condition,
                        gpointer           user_data,
                        GDestroyNotify     destroy)
{
  AsabStateMachinePrivate *priv = asab_state_machine_get_instance_private (self);
  AsabCallback *callback = NULL;

  g_return_if_fail (ASAB_IS_STATE_MACHINE (self));
  g_return_if_fail (from_state != NULL);
  g_return_if_fail (to_state != NULL);

  if (condition != NULL)
    callback = asab_callback_new (G_CALLBACK (condition), user_data, destroy);
  asab_state_rules_add (&priv->rules, from_state, to_state, callback);
}

static void
set_handler (GHashTable       *handlers,
             const char       *state,
             AsabStateHandler  handler,
             gpointer          user_data,
             GDestroyNotify    destroy)
{
  if (handler == NULL)
    g_hash_table_remove (handlers, state);
  else
    g_hash_table_replace (handlers, g_strdup (state),
                          asab_callback_new (G_CALLBACK (handler), user_data, destroy));
}

/**
 * asab_state_machine_on_enter:
 * @self: a state machine
 * @state: a state
 * @handler: (nullable) (scope notified) (closure user_data) (destroy destroy): called when @state was entered; %NULL
 *   for no handler
 * @user_data: data for @handler
 * @destroy: (nullable): called with @user_data when it is no longer needed
 *
 * Sets the enter handler of a state, in place of the one that it had.
 */
void
asab_state_machine_on_enter (AsabStateMachine *self,
                             const char       *state,
                             AsabStateHandler  handler,
                             gpointer          user_data,
                             GDestroyNotify    destroy)
{
  AsabStateMachinePrivate *priv = asab_state_machine_get_instance_private (self);

  g_return_if_fail (ASAB_IS_STATE_MACHINE (self));
  g_return_if_fail (state != NULL);

  set_handler (priv->rules.on_enter, state, handler, user_data, destroy);
}

/**
 * asab_state_machine_on_exit:
 * @self: a state machine
 * @state: a state
 * @handler: (nullable) (scope notified) (closure user_data) (destroy destroy): called before @state is left; %NULL for
 *   no handler
 * @user_data: data for @handler
 * @destroy: (nullable): called with @user_data when it is no longer needed
 *
 * Sets the exit handler of a state, in place of the one that it had.
 */
void
asab_state_machine_on_exit (AsabStateMachine *self,
                            const char       *state,
                            AsabStateHandler  handler,
                            gpointer          user_data,
                            GDestroyNotify    destroy)
{
  AsabStateMachinePrivate *priv = asab_state_machine_get_instance_private (self);

  g_return_if_fail (ASAB_IS_STATE_MACHINE (self));
  g_return_if_fail (state != NULL);

  set_handler (priv->rules.on_exit, state, handler, user_data, destroy);
}

/**
 * asab_state_machine_transition:
 * @self: a state machine
 * @state: the state to enter
 *
 * Changes the state, after the transitions that were asked for before.
 *
 * It starts from the state that those have led to. Cancelling the future takes the transition back while the state is
 * still the old one, and else only its enter handler.
 *
 * Returns: (transfer full): a future of whether the transition was allowed and the state is @state now, or of the
 *   error of a condition or a handler
 */
AsabFuture *
asab_state_machine_transition (AsabStateMachine *self,
                               const char       *state)
{
  g_return_val_if_fail (ASAB_IS_STATE_MACHINE (self), NULL);
  g_return_val_if_fail (state != NULL, NULL);

  return asab_state_transition_start (self, state);
}
