/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* How an accumulator calls its callbacks: at once, or one after another while other things go on. */

#include "config.h"

#include <asab-glib/async/asab-callback-accumulator.h>

#include <asab-glib/async/asab-callback-accumulator-private.h>
#include <asab-glib/async/asab-future-private.h>
#include <asab-glib/async/asab-thread.h>
#include <asab-glib/core/asab-error.h>

#include <glib/gi18n-lib.h>

/* One turn at calling the callbacks. */
typedef struct
{
  AsabCallbackAccumulator *accumulator;
  GVariant *args;           /* (owned) (nullable) */
  GError *scope_error;      /* (owned) (nullable) */
  gboolean keep;            /* callbacks stay in the accumulator … */
  GQueue snapshot;          /* (element-type AsabCallback): … and these are to be called */
  AsabCallback *callback;   /* (owned) (nullable): the present one */
  guint n_called;
  GVariant *result;         /* (owned) (nullable): of the last one */
  GError *error;            /* (owned) (nullable): of the last one */
  gboolean failed;
} Run;

static void
run_init (Run                     *self,
          AsabCallbackAccumulator *accumulator,
          gboolean                 keep,
          GVariant                *args,
          const GError            *scope_error)
{
  *self = (Run) {
    .accumulator = g_object_ref (accumulator),
    .args = args != NULL ? g_variant_ref_sink (args) : NULL,
    .scope_error = scope_error != NULL ? g_error_copy (scope_error) : NULL,
    .keep = keep,
    .snapshot = G_QUEUE_INIT,
  };

  if (keep)
    for (GList *link = accumulator->callbacks.head; link != NULL; link = link->next)
      g_queue_push_tail (&self->snapshot, asab_callback_ref (link->data));
}

static void
run_clear (Run *self)
{
  g_clear_pointer (&self->callback, asab_callback_unref);
  g_queue_clear_full (&self->snapshot, (GDestroyNotify) asab_callback_unref);
  g_clear_pointer (&self->args, g_variant_unref);
  g_clear_pointer (&self->result, g_variant_unref);
  g_clear_error (&self->scope_error);
  g_clear_error (&self->error);
  g_clear_object (&self->accumulator);
}

static void
run_free (gpointer data)
{
  run_clear (data);
  g_free (data);
}

static gboolean
run_take_next (Run *self)
{
  GQueue *callbacks = self->keep ? &self->snapshot : &self->accumulator->callbacks;

  g_clear_pointer (&self->callback, asab_callback_unref);
  self->callback = g_queue_pop_head (callbacks);

  return self->callback != NULL;
}

/* Calls the present callback, on the native stack of whatever thread. */
static void
run_call (gpointer data)
{
  Run *self = data;
  AsabAccumulatedFunc func = (AsabAccumulatedFunc) self->callback->func;

  g_clear_pointer (&self->result, g_variant_unref);
  self->n_called++;
  self->failed = !func (self->args, self->scope_error, self->callback->user_data, &self->result, &self->error);
  if (self->result != NULL)
    g_variant_take_ref (self->result);
}

static void
run_call_all (gpointer data)
{
  Run *self = data;

  while (!self->failed && run_take_next (self))
    run_call (self);
}

static void
run_call_next (gpointer data)
{
  Run *self = data;

  if (run_take_next (self))
    run_call (self);
}

/* Sets @error if a callback has failed. */
static gboolean
run_check (Run     *self,
           GError **error)
{
  if (!self->failed)
    {
      g_clear_error (&self->error);
      return TRUE;
    }
  g_propagate_error (error, self->error != NULL ? g_steal_pointer (&self->error) : asab_error_new_callback ());

  return FALSE;
}

/* Returns: (transfer full) (nullable): what the turn, which went well, has to say */
static GVariant *
run_get_result (Run *self)
{
  GVariant *result = self->result;

  if (self->n_called == 0 || self->keep)
    result = self->accumulator->default_value;

  return result != NULL ? g_variant_ref (result) : NULL;
}

/* Calls @func, which calls callbacks, on the native stack. */
static gboolean
run_now (Run        *self,
         AsabThunk   func,
         GVariant  **result,
         GError    **error)
{
  gboolean succeeded;

  asab_main_stack_call (func, self);
  succeeded = run_check (self, error);
  if (succeeded && result != NULL)
    *result = run_get_result (self);
  run_clear (self);

  return succeeded;
}

/**
 * asab_callback_accumulator_invoke:
 * @self: an accumulator
 * @args: (nullable): the arguments, a tuple; a floating reference is taken
 * @result: (out) (optional) (nullable) (transfer full): return location for what the last callback has to say, or the
 *   default value
 * @error: return location for the error of a callback, %ASAB_ERROR_CALLBACK_FAILED if it gave none
 *
 * Calls the callbacks, the oldest first, until one fails.
 *
 * Returns: true if none has failed
 */
gboolean
asab_callback_accumulator_invoke (AsabCallbackAccumulator  *self,
                                  GVariant                 *args,
                                  GVariant                **result,
                                  GError                  **error)
{
  Run run;

  g_return_val_if_fail (ASAB_IS_CALLBACK_ACCUMULATOR (self), FALSE);
  g_return_val_if_fail (args == NULL || g_variant_is_of_type (args, G_VARIANT_TYPE_TUPLE), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  run_init (&run, self, !self->call_once, args, NULL);

  return run_now (&run, run_call_all, result, error);
}

/**
 * asab_callback_accumulator_steal_next:
 * @self: an accumulator
 * @args: (nullable): the arguments, a tuple; a floating reference is taken
 * @result: (out) (optional) (nullable) (transfer full): return location for what the callback has to say, or the
 *   default value if there is none
 * @error: return location for the error of the callback, %ASAB_ERROR_CALLBACK_FAILED if it gave none
 *
 * Takes the oldest callback out, if there is one, and calls it.
 *
 * Returns: true if it has not failed
 */
gboolean
asab_callback_accumulator_steal_next (AsabCallbackAccumulator  *self,
                                      GVariant                 *args,
                                      GVariant                **result,
                                      GError                  **error)
{
  Run run;

  g_return_val_if_fail (ASAB_IS_CALLBACK_ACCUMULATOR (self), FALSE);
  g_return_val_if_fail (args == NULL || g_variant_is_of_type (args, G_VARIANT_TYPE_TUPLE), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  run_init (&run, self, FALSE, args, NULL);

  return run_now (&run, run_call_next, result, error);
}

typedef struct
{
  AsabCallback *getter;
  GVariant *args;
  GError *error;
} GetterCall;

static void
call_getter (gpointer data)
{
  GetterCall *call = data;
  AsabArgumentsFunc getter = (AsabArgumentsFunc) call->getter->func;

  call->args = getter (call->getter->user_data, &call->error);
  if (call->args != NULL)
    g_variant_take_ref (call->args);
  asab_callback_unref (call->getter);
}

/* Prepares the turn at the end of a scope. Returns: false, with @error, if there are no arguments */
static gboolean
run_init_exit (Run                      *self,
               AsabCallbackAccumulator  *accumulator,
               const GError             *scope_error,
               GError                  **error)
{
  GetterCall call = { NULL };

  if (accumulator->default_getter == NULL)
    {
      gboolean tell = g_str_equal (accumulator->name, "exit") || g_str_equal (accumulator->name, "__exit__");

      run_init (self, accumulator, !accumulator->call_once, NULL, tell ? scope_error : NULL);
      return TRUE;
    }

  call.getter = asab_callback_ref (accumulator->default_getter);
  asab_main_stack_call (call_getter, &call);
  if (call.error == NULL && call.args != NULL && !g_variant_is_of_type (call.args, G_VARIANT_TYPE_TUPLE))
    g_set_error_literal (&call.error, ASAB_ERROR, ASAB_ERROR_TYPE_MISMATCH, _("The arguments are no tuple"));
  if (call.error != NULL)
    {
      g_clear_pointer (&call.args, g_variant_unref);
      g_propagate_error (error, call.error);
      return FALSE;
    }
  run_init (self, accumulator, !accumulator->call_once, call.args, NULL);
  g_clear_pointer (&call.args, g_variant_unref);

  return TRUE;
}

/**
 * asab_callback_accumulator_exit:
 * @self: an accumulator
 * @scope_error: (nullable): the error with which the scope ends; it stays the caller's business
 * @result: (out) (optional) (nullable) (transfer full): return location for what the last callback has to say, or the
 *   default value
 * @error: return location for the error of the default getter, or of a callback
 *
 * Calls the callbacks at the end of a scope.
 *
 * Returns: true if nothing has failed
 */
gboolean
asab_callback_accumulator_exit (AsabCallbackAccumulator  *self,
                                const GError             *scope_error,
                                GVariant                **result,
                                GError                  **error)
{
  Run run;

  g_return_val_if_fail (ASAB_IS_CALLBACK_ACCUMULATOR (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return run_init_exit (&run, self, scope_error, error) && run_now (&run, run_call_all, result, error);
}

static gboolean
call_in_thread (gpointer       data,
                GCancellable  *cancellable G_GNUC_UNUSED,
                GValue        *result G_GNUC_UNUSED,
                GError       **error G_GNUC_UNUSED)
{
  run_call (data);

  return TRUE;
}

/* Calls the present callback where it belongs, and waits until it has returned, come what may. */
static void
await_call (Run *self)
{
  g_auto(AsabShield) shield G_GNUC_UNUSED = asab_shield_begin ();

  if (self->callback->any_thread)
    asab_await (ASAB_TEMP (asab_run_in_thread (call_in_thread, self, NULL, NULL)), NULL);
  else
    asab_main_stack_call (run_call, self);
}

static gboolean
exit_fiber (gpointer   data,
            GValue    *result,
            GError   **error)
{
  Run *self = data;
  g_autoptr(GVariant) said = NULL;

  while (run_take_next (self))
    {
      await_call (self);
      if (!run_check (self, error) || !asab_fiber_yield (error))
        return FALSE;
    }

  said = run_get_result (self);
  if (said != NULL)
    {
      g_value_init (result, G_TYPE_VARIANT);
      g_value_set_variant (result, said);
    }

  return TRUE;
}

/**
 * asab_callback_accumulator_exit_async:
 * @self: an accumulator
 * @scope_error: (nullable): the error with which the scope ends; it stays the caller's business
 *
 * Calls the callbacks at the end of a scope, and lets other things go on meanwhile: callbacks that may block are called
 * in another thread, of the others one in each turn of the main loop.
 *
 * When the future is cancelled, the callback that is being called is waited for, and the ones behind it are not called.
 *
 * Returns: (transfer full): a future of the result, as of [method@CallbackAccumulator.exit]
 */
AsabFuture *
asab_callback_accumulator_exit_async (AsabCallbackAccumulator *self,
                                      const GError            *scope_error)
{
  GError *error = NULL;
  Run *run;

  g_return_val_if_fail (ASAB_IS_CALLBACK_ACCUMULATOR (self), NULL);

  run = g_new (Run, 1);
  if (!run_init_exit (run, self, scope_error, &error))
    {
      g_free (run);
      return asab_future_new_take_error (error);
    }

  return asab_spawn (exit_fiber, run, run_free);
}
