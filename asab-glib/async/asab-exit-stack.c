/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Entries are done from the top, each when the one before has ended, whatever its outcome: also those that are pushed
 * meanwhile. Handlers and contexts get the current error, which they may replace by failing or end by resolving to
 * true; callbacks do not get it, but replace it when they fail.
 */

#include "config.h"

#include <asab-glib/async/asab-exit-stack-private.h>

#include <asab-glib/async/asab-future-private.h>
#include <asab-glib/core/asab-error.h>

typedef enum
{
  EXIT_OWN,
  EXIT_CALLBACK,
  EXIT_HANDLER,  /* from here on they may deal with the error */
  EXIT_CONTEXT,
} ExitKind;

typedef struct
{
  ExitKind kind;
  GCallback func;      /* (nullable): an AsabAsyncFunc or an AsabExitFunc */
  gpointer user_data;  /* of a context the context */
  GDestroyNotify destroy;
} ExitEntry;

static void
exit_entry_free (ExitEntry *self)
{
  if (self->destroy != NULL)
    self->destroy (self->user_data);
  g_free (self);
}

static void
push (AsabExitStack  *self,
      ExitKind        kind,
      GCallback       func,
      gpointer        user_data,
      GDestroyNotify  destroy)
{
  ExitEntry *entry = g_new (ExitEntry, 1);

  *entry = (ExitEntry) { kind, func, user_data, destroy };
  g_queue_push_head (&self->entries, entry);
}

/* Pushes a callback of the owner, which is called with it, and has no meaning for another. */
void
asab_exit_stack_push_own (AsabExitStack *self,
                          AsabAsyncFunc  func)
{
  push (self, EXIT_OWN, G_CALLBACK (func), NULL, NULL);
}

void
asab_exit_stack_push_callback (AsabExitStack  *self,
                               AsabAsyncFunc   func,
                               gpointer        user_data,
                               GDestroyNotify  destroy)
{
  push (self, EXIT_CALLBACK, G_CALLBACK (func), user_data, destroy);
}

void
asab_exit_stack_push_handler (AsabExitStack  *self,
                              AsabExitFunc    func,
                              gpointer        user_data,
                              GDestroyNotify  destroy)
{
  push (self, EXIT_HANDLER, G_CALLBACK (func), user_data, destroy);
}

void
asab_exit_stack_push_context (AsabExitStack    *self,
                              AsabAsyncContext *context)
{
  push (self, EXIT_CONTEXT, NULL, g_object_ref (context), g_object_unref);
}

gboolean
asab_exit_stack_is_empty (AsabExitStack *self)
{
  return g_queue_is_empty (&self->entries);
}

/* Moves all entries but those of the owner on top of @target. */
void
asab_exit_stack_move (AsabExitStack *self,
                      AsabExitStack *target)
{
  ExitEntry *entry;

  while ((entry = g_queue_pop_tail (&self->entries)) != NULL)
    {
      if (entry->kind == EXIT_OWN)
        exit_entry_free (entry);
      else
        g_queue_push_head (&target->entries, entry);
    }
}

/* Kept by the callback on what it waits for. */
typedef struct
{
  AsabExitStack *stack;
  AsabExitStackFunc ended;
  GObject *owner;        /* (owned): keeps the stack alive */
  AsabPromise *promise;  /* (owned) */
  ExitEntry *entry;      /* (owned) (nullable): what is just being done … */
  AsabFuture *outcome;   /* (owned) (nullable): … and its future */
  GError *error;         /* (owned) (nullable): the current one … */
  GValue exception;      /* … and the exception of a language behind it */
  GPtrArray *errors;     /* (element-type GError) (owned): all that led to it, in the order in which they happened */
  gboolean had_error;    /* from the beginning … */
  gboolean is_original;  /* … and that is still the current one */
} Unwinding;

static void
unwinding_forget_error (Unwinding *self)
{
  g_clear_error (&self->error);
  if (G_VALUE_TYPE (&self->exception) != 0)
    g_value_unset (&self->exception);
  self->is_original = FALSE;
}

static void
unwinding_free (Unwinding *self)
{
  unwinding_forget_error (self);
  g_ptr_array_unref (self->errors);
  asab_promise_unref (self->promise);
  g_object_unref (self->owner);
  g_free (self);
}

/* Makes @error, which is taken, the current one. */
static void
unwinding_fail (Unwinding    *self,
                GError       *error,
                const GValue *exception)
{
  unwinding_forget_error (self);
  self->error = error;
  g_ptr_array_add (self->errors, g_error_copy (error));
  if (exception != NULL)
    {
      g_value_init (&self->exception, G_VALUE_TYPE (exception));
      g_value_copy (exception, &self->exception);
    }
}

static gboolean
is_true (AsabFuture *outcome)
{
  const GValue *value = asab_future_get_value (outcome, NULL);

  return value != NULL && G_VALUE_HOLDS_BOOLEAN (value) && g_value_get_boolean (value);
}

/* @outcome is done, or NULL with or without @failure, which is taken. */
static void
end_entry (Unwinding  *self,
           AsabFuture *outcome,
           GError     *failure)
{
  ExitEntry *entry = g_steal_pointer (&self->entry);

  if (failure != NULL)
    {
      unwinding_fail (self, failure, NULL);
    }
  else if (outcome != NULL && asab_future_is_rejected (outcome))
    {
      unwinding_fail (self, asab_future_dup_error (outcome), asab_future_get_exception (outcome));
    }
  else if (outcome != NULL && entry->kind >= EXIT_HANDLER && is_true (outcome))
    {
      unwinding_forget_error (self);
      g_ptr_array_set_size (self->errors, 0);
    }

  exit_entry_free (entry);
}

static AsabFuture *
begin_entry (Unwinding  *self,
             GError    **error)
{
  ExitEntry *entry = self->entry;

  switch (entry->kind)
    {
    case EXIT_OWN:
      return ((AsabAsyncFunc) entry->func) (self->owner, error);
    case EXIT_CALLBACK:
      return ((AsabAsyncFunc) entry->func) (entry->user_data, error);
    case EXIT_HANDLER:
      return ((AsabExitFunc) entry->func) (self->error, entry->user_data, error);
    case EXIT_CONTEXT:
    default:
      return asab_async_context_exit (entry->user_data, self->error);
    }
}

/* What the future is rejected with: the last error, which stands for all that led to it. */
static GError *
make_final_error (Unwinding *self)
{
  if (self->error == NULL || self->is_original)
    return NULL;
  if (self->errors->len == 1)
    return g_error_copy (self->error);

  return asab_error_new_multiple (self->error->message, self->errors);
}

static void
unwinding_end (Unwinding *self)
{
  g_autoptr(GError) error = make_final_error (self);

  self->ended (self->owner, error);
  if (error == NULL)
    asab_promise_resolve_boolean (self->promise, self->had_error && self->error == NULL);
  else
    asab_promise_reject_with_exception (self->promise, error,
                                        G_VALUE_TYPE (&self->exception) != 0 ? &self->exception : NULL);

  unwinding_free (self);
}

static void entry_done_cb (AsabFuture *outcome,
                           gpointer    user_data);

static void
unwind (Unwinding *self)
{
  while ((self->entry = g_queue_pop_head (&self->stack->entries)) != NULL)
    {
      GError *failure = NULL;

      self->outcome = begin_entry (self, &failure);
      if (self->outcome != NULL && failure == NULL)
        {
          asab_future_when_done (self->outcome, entry_done_cb, self, NULL);
          return;
        }

      g_clear_pointer (&self->outcome, asab_future_unref);
      end_entry (self, NULL, failure);
    }

  unwinding_end (self);
}

static void
entry_done_cb (AsabFuture *outcome,
               gpointer    user_data)
{
  Unwinding *self = user_data;

  end_entry (self, outcome, NULL);
  g_clear_pointer (&self->outcome, asab_future_unref);
  unwind (self);
}

static void
begin_cb (AsabFuture *nothing G_GNUC_UNUSED,
          gpointer    user_data)
{
  unwind (user_data);
}

/* The promise does not care: what is to be cleaned up is cleaned up. */
static void
cancel_nothing (gpointer data G_GNUC_UNUSED)
{
}

/*
 * asab_exit_stack_unwind:
 * @self: a stack
 * @error: (nullable): with what the owner ends
 * @ended: called with @owner in the end
 * @owner: the object to which the stack belongs
 *
 * Does everything on the stack, once control is back at the main loop. Nobody can cancel that.
 *
 * Returns: (transfer full): a future of whether @error was dealt with, rejected if there is another error in the end
 */
AsabFuture *
asab_exit_stack_unwind (AsabExitStack     *self,
                        const GError      *error,
                        AsabExitStackFunc  ended,
                        gpointer           owner)
{
  g_autoptr(AsabFuture) now = asab_future_new_resolved (NULL);
  Unwinding *unwinding = g_new0 (Unwinding, 1);

  unwinding->stack = self;
  unwinding->ended = ended;
  unwinding->owner = g_object_ref (owner);
  unwinding->promise = asab_promise_new ();
  unwinding->errors = g_ptr_array_new_with_free_func ((GDestroyNotify) g_error_free);
  asab_promise_set_cancel_func (unwinding->promise, cancel_nothing, NULL);
  if (error != NULL)
    {
      unwinding_fail (unwinding, g_error_copy (error), NULL);
      unwinding->had_error = TRUE;
      unwinding->is_original = TRUE;
    }

  asab_future_when_done (now, begin_cb, unwinding, NULL);

  return asab_future_ref (asab_promise_get_future (unwinding->promise));
}
