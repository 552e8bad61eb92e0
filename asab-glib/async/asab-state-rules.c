/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a state machine was told: which transitions are declared, their conditions, the handlers of states. */

#include "config.h"

#include <asab-glib/async/asab-state-machine-private.h>

static void
edge_free (gpointer data)
{
  AsabStateEdge *edge = data;

  g_ptr_array_unref (edge->conditions);
  g_free (edge);
}

static AsabStateEdge *
edge_new (void)
{
  AsabStateEdge *edge = g_new0 (AsabStateEdge, 1);

  edge->conditions = g_ptr_array_new_with_free_func ((GDestroyNotify) asab_callback_unref);

  return edge;
}

void
asab_state_rules_init (AsabStateRules *self)
{
  GDestroyNotify unref = (GDestroyNotify) asab_callback_unref;

  self->edges = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_hash_table_unref);
  self->on_enter = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, unref);
  self->on_exit = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, unref);
}

void
asab_state_rules_clear (AsabStateRules *self)
{
  g_clear_pointer (&self->edges, g_hash_table_unref);
  g_clear_pointer (&self->on_enter, g_hash_table_unref);
  g_clear_pointer (&self->on_exit, g_hash_table_unref);
}

static AsabStateEdge *
ensure_edge (AsabStateRules *self,
             const char     *from_state,
             const char     *to_state)
{
  GHashTable *targets = g_hash_table_lookup (self->edges, from_state);
  AsabStateEdge *edge;

  if (targets == NULL)
    {
      targets = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, edge_free);
      g_hash_table_insert (self->edges, g_strdup (from_state), targets);
    }
  edge = g_hash_table_lookup (targets, to_state);
  if (edge == NULL)
    {
      edge = edge_new ();
      g_hash_table_insert (targets, g_strdup (to_state), edge);
    }

  return edge;
}

static gboolean
callback_equal (gconstpointer a,
                gconstpointer b)
{
  const AsabCallback *left = a;
  const AsabCallback *right = b;

  return left->func == right->func && left->user_data == right->user_data;
}

/* Declares a transition. Takes @condition (nullable), of which an equal one is kept once. */
void
asab_state_rules_add (AsabStateRules *self,
                      const char     *from_state,
                      const char     *to_state,
                      AsabCallback   *condition)
{
  AsabStateEdge *edge = ensure_edge (self, from_state, to_state);

  if (condition == NULL)
    edge->is_unconditional = TRUE;
  else if (g_ptr_array_find_with_equal_func (edge->conditions, condition, callback_equal, NULL))
    asab_callback_unref (condition);
  else
    g_ptr_array_add (edge->conditions, condition);
}

/* Gets what was declared of a transition, NULL if nothing was. */
AsabStateEdge *
asab_state_rules_lookup (AsabStateRules *self,
                         const char     *from_state,
                         const char     *to_state)
{
  GHashTable *targets = g_hash_table_lookup (self->edges, from_state);

  return targets != NULL ? g_hash_table_lookup (targets, to_state) : NULL;
}
