/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <asab-glib/async/asab-async-function.h>

#include <asab-glib/async/asab-future-private.h>
#include <asab-glib/async/asab-thread.h>

#include <gobject/gvaluecollector.h>

/**
 * AsabAsyncFunction:
 *
 * A function that blocks, to be called where nothing may block: each call is made in a thread of the pool of
 * `asab_run_in_thread ()` and gives a future.
 *
 * `asab_make_async ()` makes one of any C function, of which it gets to know the type of the result only; those of the
 * arguments come with each call. As callbacks do, the function may leave out the last of its parameters: after the
 * arguments it is given a return location for an error and the user data.
 *
 * A function that gives a future is waited for to the end: the caller gets what that future gives.
 *
 * Cancelling the future of a call rejects it at once. A function that runs then is not interrupted, and its result is
 * dropped; one that did not begin yet never does.
 *
 * In other languages `make_async ()` takes a function of the language. Python calls it in the pool, under its global
 * lock; JavaScript cannot run in threads, and calls it in the main context, when that has nothing else to do.
 *
 * ```c
 * g_autoptr(AsabAsyncFunction) count = asab_make_async (G_CALLBACK (count_primes), G_TYPE_INT, NULL, NULL);
 * g_autoptr(AsabFuture) few = asab_async_function_call (count, NULL, G_TYPE_INT, 100, G_TYPE_INVALID);
 * ```
 */
struct _AsabAsyncFunction
{
  GObject parent_instance;

  GCallback func;
  GType return_type;
  gpointer user_data;
  GDestroyNotify destroy; /* (nullable) */
};

G_DEFINE_FINAL_TYPE (AsabAsyncFunction, asab_async_function, G_TYPE_OBJECT)

/* One call: what a thread needs. */
typedef struct
{
  AsabAsyncFunction *function; /* (owned) */
  guint n_args;
  GValue args[];               /* (owned): and one more, for the error */
} Call;

static void
asab_async_function_dispose (GObject *object)
{
  AsabAsyncFunction *self = ASAB_ASYNC_FUNCTION (object);
  GDestroyNotify destroy = g_steal_pointer (&self->destroy);

  if (destroy != NULL)
    destroy (self->user_data);

  G_OBJECT_CLASS (asab_async_function_parent_class)->dispose (object);
}

static void
asab_async_function_class_init (AsabAsyncFunctionClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = asab_async_function_dispose;
}

static void
asab_async_function_init (AsabAsyncFunction *self G_GNUC_UNUSED)
{
}

/**
 * asab_make_async: (skip)
 * @func: a function that blocks
 * @return_type: the type of its result, which it hands over; %G_TYPE_NONE for none
 * @user_data: the last argument of @func
 * @destroy: (nullable): called with @user_data when it is not needed any more
 *
 * Makes a function that blocks one that gives a future.
 *
 * Returns: (transfer full): a new function
 */
AsabAsyncFunction *
asab_make_async (GCallback      func,
                 GType          return_type,
                 gpointer       user_data,
                 GDestroyNotify destroy)
{
  AsabAsyncFunction *self;

  g_return_val_if_fail (func != NULL, NULL);
  g_return_val_if_fail (return_type == G_TYPE_NONE || G_TYPE_IS_VALUE (return_type), NULL);

  self = g_object_new (ASAB_TYPE_ASYNC_FUNCTION, NULL);
  self->func = func;
  self->return_type = return_type;
  self->user_data = user_data;
  self->destroy = destroy;

  return self;
}

/* In a thread of the pool. The closure is made for the call: one closure is not for many threads at once. */
static gboolean
run_call (gpointer       user_data,
          GCancellable  *cancellable G_GNUC_UNUSED,
          GValue        *result,
          GError       **error)
{
  Call *call = user_data;
  AsabAsyncFunction *self = call->function;
  GClosure *closure = g_cclosure_new (self->func, self->user_data, NULL);
  GError *local_error = NULL;

  g_closure_ref (closure);
  g_closure_sink (closure);
  g_value_set_pointer (&call->args[call->n_args], &local_error);
  if (self->return_type != G_TYPE_NONE)
    g_value_init (result, self->return_type);
  g_cclosure_marshal_generic (closure, self->return_type != G_TYPE_NONE ? result : NULL, call->n_args + 1, call->args,
                              NULL, NULL);
  g_closure_unref (closure);

  if (local_error != NULL)
    g_propagate_error (error, local_error);

  return local_error == NULL;
}

static Call *
call_new (AsabAsyncFunction *self,
          guint              n_args)
{
  Call *call = g_malloc0 (sizeof (Call) + (n_args + 1) * sizeof (GValue));

  call->function = g_object_ref (self);
  call->n_args = n_args;
  g_value_init (&call->args[n_args], G_TYPE_POINTER);

  return call;
}

static void
call_free (gpointer data)
{
  Call *call = data;

  for (guint i = 0; i <= call->n_args; i++)
    g_value_unset (&call->args[i]);
  g_object_unref (call->function);
  g_free (call);
}

/* The function has returned a future: what that gives is the result. */
static void
flatten_cb (AsabFuture *future,
            gpointer    user_data)
{
  const GValue *value = asab_future_get_value (future, NULL);
  AsabFuture *inner = value != NULL ? g_value_get_boxed (value) : NULL;

  if (inner != NULL)
    asab_promise_follow (user_data, inner);
  else if (value != NULL)
    asab_promise_resolve (user_data, NULL);
  else
    asab_future_copy_outcome (future, user_data);
}

static void
cancel_cb (GCancellable *cancellable G_GNUC_UNUSED,
           gpointer      user_data)
{
  asab_future_cancel (user_data);
}

static AsabFuture *
flatten (AsabFuture *future)
{
  g_autoptr(AsabPromise) promise = asab_promise_new ();

  g_signal_connect_data (asab_promise_get_cancellable (promise), "cancelled", G_CALLBACK (cancel_cb),
                         asab_future_ref (future), (GClosureNotify) (void (*)(void)) asab_future_unref, 0);
  asab_future_when_done (future, flatten_cb, asab_promise_ref (promise), (GDestroyNotify) asab_promise_unref);

  return asab_future_ref (asab_promise_get_future (promise));
}

static AsabFuture *
run (Call         *call,
     GCancellable *cancellable)
{
  gboolean gives_future = call->function->return_type == ASAB_TYPE_FUTURE;
  g_autoptr(AsabFuture) future = asab_run_in_thread (run_call, call, call_free, cancellable);

  return gives_future ? flatten (future) : g_steal_pointer (&future);
}

/**
 * asab_async_function_call: (skip)
 * @self: a function
 * @cancellable: (nullable): cancels the call
 * @first_type: the type of the first argument, %G_TYPE_INVALID if there is none
 * @...: the first argument, then types and arguments, up to %G_TYPE_INVALID
 *
 * Calls the function in a thread.
 *
 * The types have to be those of the parameters of the C function; strings and the like are copied.
 *
 * Returns: (transfer full): a future of the result
 */
AsabFuture *
asab_async_function_call (AsabAsyncFunction *self,
                          GCancellable      *cancellable,
                          GType              first_type,
                          ...)
{
  g_autoptr(GArray) args = NULL;
  va_list ap;

  g_return_val_if_fail (ASAB_IS_ASYNC_FUNCTION (self), NULL);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), NULL);

  args = g_array_new (FALSE, TRUE, sizeof (GValue));
  g_array_set_clear_func (args, (GDestroyNotify) g_value_unset);

  va_start (ap, first_type);
  for (GType type = first_type; type != G_TYPE_INVALID; type = va_arg (ap, GType))
    {
      g_autofree char *message = NULL;
      GValue value = G_VALUE_INIT;

      G_VALUE_COLLECT_INIT (&value, type, ap, 0, &message);
      if (message != NULL)
        {
          g_critical ("An argument of the type “%s” cannot be passed: %s", g_type_name (type), message);
          break;
        }
      g_array_append_val (args, value);
    }
  va_end (ap);

  return asab_async_function_callv (self, (const GValue *) (gpointer) args->data, args->len, cancellable);
}

/**
 * asab_async_function_callv: (rename-to asab_async_function_call)
 * @self: a function
 * @args: (array length=n_args) (nullable): the arguments
 * @n_args: how many
 * @cancellable: (nullable): cancels the call
 *
 * Calls the function in a thread, with copies of @args.
 *
 * Returns: (transfer full): a future of the result
 */
AsabFuture *
asab_async_function_callv (AsabAsyncFunction *self,
                           const GValue      *args,
                           guint              n_args,
                           GCancellable      *cancellable)
{
  Call *call;

  g_return_val_if_fail (ASAB_IS_ASYNC_FUNCTION (self), NULL);
  g_return_val_if_fail (args != NULL || n_args == 0, NULL);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), NULL);

  call = call_new (self, n_args);
  for (guint i = 0; i < n_args; i++)
    {
      g_value_init (&call->args[i], G_VALUE_TYPE (&args[i]));
      g_value_copy (&args[i], &call->args[i]);
    }

  return run (call, cancellable);
}
