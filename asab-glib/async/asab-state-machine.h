/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/async/asab-future.h>

G_BEGIN_DECLS

#define ASAB_TYPE_STATE_MACHINE (asab_state_machine_get_type ())
ASAB_AVAILABLE_IN_ALL
G_DECLARE_DERIVABLE_TYPE (AsabStateMachine, asab_state_machine, ASAB, STATE_MACHINE, GObject)

/**
 * AsabStateHandler:
 * @machine: the state machine
 * @user_data: (closure): the data given with the handler
 * @error: return location for an error
 *
 * Called when a state is entered or left.
 *
 * Returns: (transfer full) (nullable): a future that the transition waits for; %NULL without @error is done already
 */
typedef AsabFuture *(*AsabStateHandler) (AsabStateMachine  *machine,
                                         gpointer           user_data,
                                         GError           **error);

/**
 * AsabEdgeCondition:
 * @machine: the state machine
 * @from_state: the present state
 * @to_state: the state that is to be entered
 * @user_data: (closure): the data given with the condition
 * @error: return location for an error
 *
 * Tells whether a transition is allowed.
 *
 * Returns: (transfer full) (nullable): a future of a boolean; %NULL without @error, or a future without a value, does
 *   not allow it
 */
typedef AsabFuture *(*AsabEdgeCondition) (AsabStateMachine  *machine,
                                          const char        *from_state,
                                          const char        *to_state,
                                          gpointer           user_data,
                                          GError           **error);

struct _AsabStateMachineClass
{
  GObjectClass parent_class;

  /**
   * AsabStateMachineClass::transitioned:
   * @self: a state machine
   * @from_state: the state that was left
   * @to_state: the state that was entered
   *
   * The default handler of [signal@StateMachine::transitioned].
   */
  void (*transitioned) (AsabStateMachine *self,
                        const char       *from_state,
                        const char       *to_state);

  /*< private >*/
  gpointer padding[8];
};

ASAB_AVAILABLE_IN_ALL
AsabStateMachine *asab_state_machine_new        (const char         *state) G_GNUC_WARN_UNUSED_RESULT;
ASAB_AVAILABLE_IN_ALL
const char       *asab_state_machine_get_state  (AsabStateMachine   *self);
ASAB_AVAILABLE_IN_ALL
void              asab_state_machine_add        (AsabStateMachine   *self,
                                                 const char         *from_state,
                                                 const char         *to_state,
                                                 AsabEdgeCondition   condition,
                                                 gpointer            user_data,
                                                 GDestroyNotify      destroy);
ASAB_AVAILABLE_IN_ALL
void              asab_state_machine_on_enter   (AsabStateMachine   *self,
                                                 const char         *state,
                                                 AsabStateHandler    handler,
                                                 gpointer            user_data,
                                                 GDestroyNotify      destroy);
ASAB_AVAILABLE_IN_ALL
void              asab_state_machine_on_exit    (AsabStateMachine   *self,
                                                 const char         *state,
                                                 AsabStateHandler    handler,
                                                 gpointer            user_data,
                                                 GDestroyNotify      destroy);
ASAB_AVAILABLE_IN_ALL
AsabFuture       *asab_state_machine_transition (AsabStateMachine   *self,
                                                 const char         *state) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
