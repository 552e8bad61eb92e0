/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/async/asab-callback-private.h>
#include <asab-glib/async/asab-state-machine.h>

G_BEGIN_DECLS

/* What was declared of a pair of states. It only grows, and stays as long as its rules. */
typedef struct
{
  gboolean is_unconditional;
  GPtrArray *conditions;  /* (element-type AsabCallback) */
} AsabStateEdge;

typedef struct
{
  GHashTable *edges;      /* (element-type utf8 GHashTable): from the one state, to the other, an AsabStateEdge */
  GHashTable *on_enter;   /* (element-type utf8 AsabCallback) */
  GHashTable *on_exit;    /* (element-type utf8 AsabCallback) */
} AsabStateRules;

typedef struct
{
  char *state;
  AsabStateRules rules;
  GQueue transitions;     /* (not owned): the first one runs, the others wait for their turn */
} AsabStateMachinePrivate;

void           asab_state_rules_init   (AsabStateRules *self);
void           asab_state_rules_clear  (AsabStateRules *self);
void           asab_state_rules_add    (AsabStateRules *self,
                                        const char     *from_state,
                                        const char     *to_state,
                                        AsabCallback   *condition);
AsabStateEdge *asab_state_rules_lookup (AsabStateRules *self,
                                        const char     *from_state,
                                        const char     *to_state);

AsabStateMachinePrivate *asab_state_machine_get_private       (AsabStateMachine *self);
char                    *asab_state_machine_change_state      (AsabStateMachine *self,
                                                               const char       *state);
void                     asab_state_machine_emit_transitioned (AsabStateMachine *self,
                                                               const char       *from_state,
                                                               const char       *to_state);
AsabFuture              *asab_state_transition_start          (AsabStateMachine *machine,
                                                               const char       *state);

G_END_DECLS
