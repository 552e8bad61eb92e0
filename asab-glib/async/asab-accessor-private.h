/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/async/asab-accessor.h>

#include <asab-glib/async/asab-guarded-op-private.h>

G_BEGIN_DECLS

/* A function of the user, in C or in another language. */
typedef struct
{
  gpointer func;          /* (nullable) */
  GClosure *closure;      /* (nullable): else; it is user_data as well, which owns it */
  gpointer user_data;
  GDestroyNotify destroy;
} AsabUserFunc;

struct _AsabAccessor
{
  GObject parent_instance;

  char *name;                               /* (nullable) */
  AsabCondition *condition;                 /* (owned) */
  AsabUserFunc getter;                      /* both or none */
  AsabUserFunc setter;
  GValue value;                             /* without them the value, else what the getter gave last */
  AsabAwaitablePredicate *has_waiting_read; /* (owned) (nullable): made when asked for */
  AsabGuardedOps reads;
  AsabGuardedOps writes;
  AsabWaitQueue held_back;                  /* writes that wait for a read */
  AsabGuardedOp *let;                       /* (not owned) (nullable): the one of them that goes ahead now */
  gboolean lets_writes;                     /* let_writes () is under way */
  GError *read_refusal;                     /* (owned) (nullable): why it can never be read … */
  GError *write_refusal;                    /* (owned) (nullable): … and written */
};

static inline gboolean
asab_user_func_is_set (const AsabUserFunc *func)
{
  return func->func != NULL || func->closure != NULL;
}

static inline void
asab_user_func_clear (AsabUserFunc *func)
{
  if (func->destroy != NULL)
    asab_main_stack_call (func->destroy, func->user_data);
}

static inline void
asab_value_clear (GValue *value)
{
  if (G_VALUE_TYPE (value) != 0)
    g_value_unset (value);
}

/* What holds nothing is NULL; JavaScript makes a pointer of its null. */
static inline const GValue *
asab_value_or_null (const GValue *value)
{
  if (value == NULL || G_VALUE_TYPE (value) == 0 ||
      (G_VALUE_HOLDS_POINTER (value) && g_value_get_pointer (value) == NULL))
    return NULL;

  return value;
}

static inline const GValue *
asab_value_or_unset (const GValue *value)
{
  static const GValue unset = G_VALUE_INIT;

  return value != NULL ? value : &unset;
}

static inline void
asab_value_copy (const GValue *from,
                 GValue       *to)
{
  g_value_init (to, G_VALUE_TYPE (from));
  g_value_copy (from, to);
}

/* A call of a function of the user on the native stack. */
typedef struct
{
  AsabAccessor *self;
  const AsabUserFunc *func;
  GValue *result;      /* of a getter */
  const GValue *value; /* (nullable): for a setter or a predicate */
  gboolean matches;
  AsabFuture *failure; /* (owned) (nullable): a rejected future */
} AsabAccessorCall;

AsabUserFunc asab_user_func_from_closure (GClosure     *closure);

AsabFuture  *asab_accessor_read          (AsabAccessor *self,
                                          GValue       *value);
gboolean     asab_accessor_is_waited_for (AsabAccessor *self);
void         asab_accessor_let_writes    (AsabAccessor *self);
void         asab_accessor_refuse        (AsabAccessor *self,
                                          GError       *read_refusal,
                                          GError       *write_refusal);

G_END_DECLS
