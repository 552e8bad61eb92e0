/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What each main context has to know for its end: the open nurseries, what to do with failures, and how the main loop
 * ends. A shutdown
 *
 *   1. closes nurseries: all of them at the same time, or the one with the failure first,
 *   2. stops what tasks are left in others, one after another, the newest first,
 *   3. ends the main loop, if it was a failure or a signal that began it.
 *
 * There is one at a time; what else asks for one meanwhile has its way, too, in step 3.
 *
 * Signals are caught as long as a nursery is open, so that a program without one ends as usual. An application has its
 * own ways for the signals and for step 3; where one runs, no signals are caught here.
 */

#include "config.h"

#include <asab-glib/async/asab-shutdown.h>

#include <asab-glib/async/asab-future-set.h>
#include <asab-glib/async/asab-shutdown-private.h>
#include <asab-glib/async/asab-task-nursery-private.h>

#include <glib-unix.h>

#include <signal.h>
#include <sysexits.h>
#include <unistd.h>

#define EXIT_CODE_FAILURE 1
#define SIGNALS_TO_DIE 3

static const int caught[] = { SIGHUP, SIGINT, SIGTERM };

/* A function of the user, which may replace itself while it runs. */
typedef struct
{
  guint ref_count;
  GCallback func;
  gpointer user_data;
  GDestroyNotify destroy;
} Hook;

typedef struct
{
  AsabContext *context;          /* the owner */
  GQueue nurseries;              /* (element-type AsabTaskNursery) (not owned): open ones, they leave when they close */
  Hook *handler;                 /* (owned) (nullable): an AsabExceptionHandler in the place of the default one */
  Hook *func;                    /* (owned) (nullable): an AsabShutdownFunc, which ends the main loop */

  GSource *signals[G_N_ELEMENTS (caught)]; /* (owned) (nullable): while signals are caught */
  gboolean keeps_signals;        /* somebody asked for them, whether there are nurseries or not */
  guint n_signals;               /* that came */

  AsabPromise *promise;          /* (owned) (nullable): of the shutdown that goes on */
  AsabFuture *waits_for;         /* (owned) (nullable): its present step */
  gboolean ends_loop;
  int exit_code;
  int signal_number;             /* of the first signal, 0 without one */
} Shutdown;

static gint n_applications; /* (atomic): that run in the process */

static Hook *
hook_new (GCallback      func,
          gpointer       user_data,
          GDestroyNotify destroy)
{
  Hook *self = g_new (Hook, 1);

  *self = (Hook) { 1, func, user_data, destroy };

  return self;
}

static Hook *
hook_ref (Hook *self)
{
  self->ref_count++;

  return self;
}

static void
hook_unref (Hook *self)
{
  if (--self->ref_count > 0)
    return;

  if (self->destroy != NULL)
    self->destroy (self->user_data);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Hook, hook_unref)

static void
set_hook (Hook **place,
          Hook  *hook)
{
  g_autoptr(Hook) old G_GNUC_UNUSED = *place;

  *place = hook;
}

static void
remove_signals (Shutdown *self)
{
  for (gsize i = 0; i < G_N_ELEMENTS (caught); i++)
    {
      if (self->signals[i] == NULL)
        continue;
      g_source_destroy (self->signals[i]);
      g_clear_pointer (&self->signals[i], g_source_unref);
    }
}

/* Called when the main context is freed; an open nursery would keep it. */
static void
shutdown_free (gpointer data)
{
  Shutdown *self = data;

  g_assert (g_queue_is_empty (&self->nurseries));

  remove_signals (self);
  g_clear_pointer (&self->handler, hook_unref);
  g_clear_pointer (&self->func, hook_unref);
  g_free (self);
}

static Shutdown *
get_shutdown (AsabContext *context)
{
  Shutdown *self = context->shutdown;

  if (self == NULL)
    {
      self = g_new0 (Shutdown, 1);
      self->context = context;
      context->shutdown = self;
      context->shutdown_free = shutdown_free;
    }

  return self;
}

/* Without a nursery signals are what they were, unless somebody asked for them. */
static void
release_signals (Shutdown *self)
{
  if (g_queue_is_empty (&self->nurseries) && !self->keeps_signals && self->promise == NULL)
    remove_signals (self);
}

static void
call_func (Shutdown *self)
{
  g_autoptr(Hook) func = hook_ref (self->func);

  release_signals (self);
  ((AsabShutdownFunc) func->func) (self->exit_code, func->user_data);
}

/* The process ends by the signal after all, as it would have without a nursery. */
static void
end_by_signal (Shutdown *self)
{
  remove_signals (self);
  raise (self->signal_number);
}

static void
end_shutdown (Shutdown *self)
{
  g_autoptr(AsabPromise) promise = g_steal_pointer (&self->promise);
  gboolean ends_loop = self->ends_loop;

  g_clear_pointer (&self->waits_for, asab_future_unref);
  self->ends_loop = FALSE;
  asab_promise_resolve (promise, NULL);

  if (ends_loop && self->func != NULL)
    call_func (self);
  else if (ends_loop && self->signal_number != 0)
    end_by_signal (self);
  else
    release_signals (self);
}

static AsabFuture *
stop_newest_task (Shutdown *self)
{
  for (GList *l = self->nurseries.tail; l != NULL; l = l->prev)
    {
      AsabFuture *end = asab_task_nursery_stop_newest (l->data);

      if (end != NULL)
        return end;
    }

  return NULL;
}

static void
step_done_cb (AsabFuture *future G_GNUC_UNUSED,
              gpointer    user_data)
{
  Shutdown *self = user_data;

  g_clear_pointer (&self->waits_for, asab_future_unref);
  self->waits_for = stop_newest_task (self);
  if (self->waits_for != NULL)
    asab_future_when_done (self->waits_for, step_done_cb, self, NULL);
  else
    end_shutdown (self);
}

/* Cancels the sentinels of all nurseries. Returns: (transfer full): a future of the end of all */
static AsabFuture *
cancel_sentinels (Shutdown *self)
{
  g_autoptr(GPtrArray) sentinels = g_ptr_array_new_with_free_func ((GDestroyNotify) asab_future_unref);

  for (GList *l = self->nurseries.head; l != NULL; l = l->next)
    g_ptr_array_add (sentinels, asab_future_ref (asab_task_nursery_get_sentinel_task (l->data)));
  for (guint i = 0; i < sentinels->len; i++)
    asab_future_cancel (g_ptr_array_index (sentinels, i));

  return asab_future_all_settled ((AsabFuture **) sentinels->pdata, sentinels->len);
}

static void
cancel_nothing (gpointer data G_GNUC_UNUSED)
{
}

/* @sentinel (nullable) is the one that goes first. */
static void
begin_shutdown (Shutdown   *self,
                AsabFuture *sentinel)
{
  if (self->promise != NULL)
    return;

  self->promise = asab_promise_new ();
  asab_promise_set_cancel_func (self->promise, cancel_nothing, NULL);
  if (sentinel != NULL)
    asab_future_cancel (sentinel);
  self->waits_for = sentinel != NULL ? asab_future_ref (sentinel) : cancel_sentinels (self);
  asab_future_when_done (self->waits_for, step_done_cb, self, NULL);
}

static gboolean
signal_cb (Shutdown *self,
           int       signal_number)
{
  self->n_signals++;
  if (self->n_signals >= SIGNALS_TO_DIE)
    {
      g_critical ("Emergency exit: the process was asked to end %u times", self->n_signals);
      _exit (EX_SOFTWARE);
    }

  if (self->n_signals == 1)
    {
      self->signal_number = signal_number;
      self->ends_loop = TRUE;
      begin_shutdown (self, NULL);
    }

  return G_SOURCE_CONTINUE;
}

static gboolean
sighup_cb (gpointer user_data)
{
  return signal_cb (user_data, SIGHUP);
}

static gboolean
sigint_cb (gpointer user_data)
{
  return signal_cb (user_data, SIGINT);
}

static gboolean
sigterm_cb (gpointer user_data)
{
  return signal_cb (user_data, SIGTERM);
}

static void
catch_signals (Shutdown *self)
{
  static const GSourceFunc callbacks[] = { sighup_cb, sigint_cb, sigterm_cb };

  if (self->signals[0] != NULL || g_atomic_int_get (&n_applications) > 0)
    return;

  self->n_signals = 0;
  for (gsize i = 0; i < G_N_ELEMENTS (caught); i++)
    {
      self->signals[i] = g_unix_signal_source_new (caught[i]);
      g_source_set_static_name (self->signals[i], "[asab] shutdown");
      g_source_set_callback (self->signals[i], callbacks[i], self, NULL);
      g_source_attach (self->signals[i], self->context->context);
    }
}

void
asab_shutdown_add_signals (AsabContext *context)
{
  Shutdown *self = get_shutdown (context);

  self->keeps_signals = TRUE;
  catch_signals (self);
}

void
asab_shutdown_add_nursery (AsabContext     *context,
                           AsabTaskNursery *nursery)
{
  Shutdown *self = get_shutdown (context);

  g_queue_push_tail (&self->nurseries, nursery);
  catch_signals (self);
}

void
asab_shutdown_remove_nursery (AsabContext     *context,
                              AsabTaskNursery *nursery)
{
  Shutdown *self = get_shutdown (context);

  g_queue_remove (&self->nurseries, nursery);
  release_signals (self);
}

/* Lets an application be what ends the main loop of this thread, and what gets the signals. */
void
asab_shutdown_begin_application (AsabShutdownFunc func,
                                 gpointer         user_data)
{
  Shutdown *self = get_shutdown (asab_context_get_current ());

  g_atomic_int_inc (&n_applications);
  remove_signals (self);
  set_hook (&self->func, hook_new (G_CALLBACK (func), user_data, NULL));
}

void
asab_shutdown_end_application (void)
{
  set_hook (&get_shutdown (asab_context_get_current ())->func, NULL);
  g_atomic_int_add (&n_applications, -1);
}

static void
shut_down_after_failure (Shutdown   *self,
                         AsabFuture *sentinel)
{
  self->ends_loop = TRUE;
  self->exit_code = EXIT_CODE_FAILURE;
  begin_shutdown (self, sentinel);
}

/* Calls the exception handler; on the native stack. */
void
asab_shutdown_handle_exception (AsabContext  *context,
                                const char   *message,
                                const GError *error,
                                AsabFuture   *task,
                                AsabFuture   *sentinel)
{
  Shutdown *self = get_shutdown (context);

  if (self->handler != NULL)
    {
      g_autoptr(Hook) handler = hook_ref (self->handler);

      ((AsabExceptionHandler) handler->func) (message, error, task, sentinel, handler->user_data);
      return;
    }

  g_critical ("%s: %s", message, error->message);
  if (sentinel != NULL)
    shut_down_after_failure (self, sentinel);
}

/**
 * asab_set_exception_handler:
 * @context: (nullable): a main context, %NULL for the thread-default one
 * @handler: (nullable) (scope notified) (closure user_data) (destroy destroy): called for each failure of a task of a
 *   [class@TaskNursery], and of what else has nobody to tell; %NULL for the default handler
 * @user_data: data for @handler
 * @destroy: (nullable): called with @user_data when another handler is set
 *
 * Sets what happens in a main context when something fails.
 *
 * The default handler logs the failure as critical. If it is that of a task of an open nursery, it closes that, then
 * stops all tasks of other nurseries, and ends the main loop, see [func@set_shutdown_func]. Another handler takes the
 * place of all that: after one that does nothing the nursery goes on.
 */
void
asab_set_exception_handler (GMainContext         *context,
                            AsabExceptionHandler  handler,
                            gpointer              user_data,
                            GDestroyNotify        destroy)
{
  AsabContext *state = context != NULL ? asab_context_get (context) : asab_context_get_current ();

  set_hook (&get_shutdown (state)->handler,
            handler != NULL ? hook_new (G_CALLBACK (handler), user_data, destroy) : NULL);
}

/**
 * asab_set_shutdown_func:
 * @context: (nullable): a main context, %NULL for the thread-default one
 * @func: (nullable) (scope notified) (closure user_data) (destroy destroy): called when everything is shut down after a
 *   failure or a signal
 * @user_data: data for @func
 * @destroy: (nullable): called with @user_data when another function is set
 *
 * Sets how the main loop of a main context is ended: for programs without an [class@Application], which is stopped
 * with the exit code.
 *
 * Without a function nothing happens after a failure, and a signal ends the process after all.
 */
void
asab_set_shutdown_func (GMainContext     *context,
                        AsabShutdownFunc  func,
                        gpointer          user_data,
                        GDestroyNotify    destroy)
{
  AsabContext *state = context != NULL ? asab_context_get (context) : asab_context_get_current ();

  set_hook (&get_shutdown (state)->func, func != NULL ? hook_new (G_CALLBACK (func), user_data, destroy) : NULL);
}

/**
 * asab_close_nurseries:
 *
 * Closes all nurseries of the thread-default main context, and stops what tasks are left then.
 *
 * Signals do this, and so does an application that is stopped.
 *
 * Returns: (transfer full): a future without a value, which nobody can cancel
 */
AsabFuture *
asab_close_nurseries (void)
{
  Shutdown *self = get_shutdown (asab_context_get_current ());

  begin_shutdown (self, NULL);

  return asab_future_ref (asab_promise_get_future (self->promise));
}
