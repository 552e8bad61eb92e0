/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "asab-delayed-call-private.h"

#include "asab-default-private.h"

#include <asab-glib/async/asab-timeout-private.h>
#include <asab-glib/core/asab-error.h>

#include <glib/gi18n-lib.h>

/**
 * AsabTaskQueue:
 *
 * The delayed calls that a [func@loop] runs.
 *
 * Calls are made in the order of their times, and those of the same time in the order in which they were asked for. The
 * main context that was thread-default when the queue was made makes them; while a [func@loop] runs, the calls of other
 * queues than its own have to wait.
 */
struct _AsabTaskQueue
{
  GObject parent_instance;

  AsabContext *context; /* kept alive by a reference on its GMainContext */
  GQueue pending;       /* (owned) (element-type AsabDelayedCall) */
  guint n_runs;         /* calls that were made */
};

G_DEFINE_FINAL_TYPE (AsabTaskQueue, asab_task_queue, G_TYPE_OBJECT)

/**
 * AsabDelayedCall:
 *
 * A call that is made later, see [func@call_later].
 */
struct _AsabDelayedCall
{
  GObject parent_instance;

  AsabTaskQueue *queue; /* (owned) */
  GList link;           /* in the queue, while it is pending */
  AsabTimeout timeout;
  double seconds;
  AsabDelayedFunc func; /* (nullable): NULL once it is over */
  gpointer user_data;
  GDestroyNotify destroy;
  gboolean is_cancelled;
};

G_DEFINE_FINAL_TYPE (AsabDelayedCall, asab_delayed_call, G_TYPE_OBJECT)

/* The queue of the innermost loop of this thread. */
static __thread AsabTaskQueue *running;
static __thread GError **running_error;
static __thread GPtrArray *held_back; /* (owned) (nullable) (element-type AsabDelayedCall): due, but of other queues */

static void
asab_task_queue_finalize (GObject *object)
{
  AsabTaskQueue *self = ASAB_TASK_QUEUE (object);

  /* Pending calls hold the queue, so there are none. */
  g_main_context_unref (self->context->context);

  G_OBJECT_CLASS (asab_task_queue_parent_class)->finalize (object);
}

static void
asab_task_queue_class_init (AsabTaskQueueClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = asab_task_queue_finalize;
}

static void
asab_task_queue_init (AsabTaskQueue *self)
{
  self->context = asab_context_get_current ();
  g_main_context_ref (self->context->context);
}

/**
 * asab_task_queue_new:
 *
 * Creates an empty queue.
 *
 * Returns: (transfer full): a new queue
 */
AsabTaskQueue *
asab_task_queue_new (void)
{
  return g_object_new (ASAB_TYPE_TASK_QUEUE, NULL);
}

/**
 * asab_task_queue_dup_default:
 *
 * Gets the queue of those calls of the thread-default main context that have no queue of their own.
 *
 * Returns: (transfer full): the queue
 */
AsabTaskQueue *
asab_task_queue_dup_default (void)
{
  return ASAB_TASK_QUEUE (asab_default_dup (ASAB_TYPE_TASK_QUEUE));
}

/**
 * asab_task_queue_get_n_pending:
 * @self: a queue
 *
 * Gets how many calls are still to be made.
 *
 * Returns: the number of calls
 */
guint
asab_task_queue_get_n_pending (AsabTaskQueue *self)
{
  g_return_val_if_fail (ASAB_IS_TASK_QUEUE (self), 0);

  return self->pending.length;
}

/* How many calls were made. */
guint
asab_task_queue_get_n_runs (AsabTaskQueue *self)
{
  return self->n_runs;
}

/* Takes the call out of its queue, which may be the end of both. */
static void
end (AsabDelayedCall *self)
{
  GDestroyNotify destroy = g_steal_pointer (&self->destroy);

  self->func = NULL;
  asab_timeout_stop (&self->timeout, self->queue->context);
  g_queue_unlink (&self->queue->pending, &self->link);
  if (destroy != NULL)
    destroy (g_steal_pointer (&self->user_data));
  g_object_unref (self);
}

/**
 * asab_task_queue_cancel_all:
 * @self: a queue
 *
 * Cancels all calls that are still to be made.
 */
void
asab_task_queue_cancel_all (AsabTaskQueue *self)
{
  g_autoptr(AsabTaskQueue) alive G_GNUC_UNUSED = NULL;

  g_return_if_fail (ASAB_IS_TASK_QUEUE (self));

  alive = g_object_ref (self);
  while (self->pending.head != NULL)
    asab_delayed_call_cancel (self->pending.head->data, NULL);
}

static void
asab_delayed_call_finalize (GObject *object)
{
  AsabDelayedCall *self = ASAB_DELAYED_CALL (object);

  g_clear_object (&self->queue);

  G_OBJECT_CLASS (asab_delayed_call_parent_class)->finalize (object);
}

static void
asab_delayed_call_class_init (AsabDelayedCallClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = asab_delayed_call_finalize;
}

static void
report (GError *error)
{
  if (running_error != NULL && *running_error == NULL)
    g_propagate_error (running_error, error);
  else
    {
      g_warning ("A delayed call failed: %s", error->message);
      g_error_free (error);
    }
}

static void
due_cb (AsabTimeout *timeout)
{
  AsabDelayedCall *self = (AsabDelayedCall *) ((guint8 *) timeout - G_STRUCT_OFFSET (AsabDelayedCall, timeout));
  g_autoptr(AsabDelayedCall) alive = g_object_ref (self);
  AsabDelayedFunc func = self->func;
  GError *error = NULL;

  if (running != NULL && running != self->queue)
    {
      g_ptr_array_add (held_back, g_steal_pointer (&alive));
      return;
    }

  self->func = NULL; /* it is over already while it runs */
  self->queue->n_runs++;
  if (!func (self->user_data, &error))
    {
      if (error == NULL)
        g_set_error_literal (&error, ASAB_ERROR, ASAB_ERROR_CALLBACK_FAILED, _("A delayed call failed"));
      report (error);
    }
  end (self);
}

static void
asab_delayed_call_init (AsabDelayedCall *self)
{
  self->timeout.func = due_cb;
  self->link.data = self;
}

/* While a loop runs, its own calls are made only, and it returns when one of them fails. */
void
asab_task_queue_enter (AsabTaskQueue      *self,
                       GError            **error,
                       AsabTaskQueueLoop  *outer)
{
  *outer = (AsabTaskQueueLoop) { running, running_error, held_back };
  running = self;
  running_error = error;
  held_back = g_ptr_array_new_with_free_func (g_object_unref);
}

void
asab_task_queue_leave (AsabTaskQueueLoop *outer)
{
  g_autoptr(GPtrArray) calls = held_back;

  running = outer->queue;
  running_error = outer->error;
  held_back = outer->held_back;

  for (guint i = 0; i < calls->len; i++)
    {
      AsabDelayedCall *call = g_ptr_array_index (calls, i);

      if (call->func != NULL && !asab_timeout_is_started (&call->timeout))
        asab_timeout_start (&call->timeout, call->queue->context, 0);
    }
}

/**
 * asab_call_later:
 * @seconds: how much later, zero or more
 * @func: (scope notified) (closure user_data) (destroy destroy): what to call
 * @user_data: data for @func
 * @destroy: (nullable): called with @user_data when the call was made or cancelled
 * @queue: (nullable): the queue, or %NULL for the default one
 * @error: return location for %G_IO_ERROR_INVALID_ARGUMENT
 *
 * Calls a function later, from the main loop or a [func@loop].
 *
 * Returns: (transfer full): the call, which needs not be held, or %NULL on error
 */
AsabDelayedCall *
asab_call_later (double            seconds,
                 AsabDelayedFunc   func,
                 gpointer          user_data,
                 GDestroyNotify    destroy,
                 AsabTaskQueue    *queue,
                 GError          **error)
{
  AsabDelayedCall *self;

  g_return_val_if_fail (func != NULL, NULL);
  g_return_val_if_fail (queue == NULL || ASAB_IS_TASK_QUEUE (queue), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (!asab_timeout_check_seconds (seconds, error))
    {
      if (destroy != NULL)
        destroy (user_data);
      return NULL;
    }

  self = g_object_new (ASAB_TYPE_DELAYED_CALL, NULL);
  self->queue = queue != NULL ? g_object_ref (queue) : asab_task_queue_dup_default ();
  self->seconds = seconds;
  self->func = func;
  self->user_data = user_data;
  self->destroy = destroy;
  g_queue_push_tail_link (&self->queue->pending, &self->link);
  asab_timeout_start (&self->timeout, self->queue->context, seconds);

  return g_object_ref (self); /* the first reference is the queue's */
}

/**
 * asab_delayed_call_is_pending:
 * @self: a call
 *
 * Tells whether the call is still to be made.
 *
 * Returns: true if it was neither made nor cancelled
 */
gboolean
asab_delayed_call_is_pending (AsabDelayedCall *self)
{
  g_return_val_if_fail (ASAB_IS_DELAYED_CALL (self), FALSE);

  return self->func != NULL;
}

/**
 * asab_delayed_call_is_cancelled:
 * @self: a call
 *
 * Tells whether the call was cancelled.
 *
 * Returns: true if it was cancelled
 */
gboolean
asab_delayed_call_is_cancelled (AsabDelayedCall *self)
{
  g_return_val_if_fail (ASAB_IS_DELAYED_CALL (self), FALSE);

  return self->is_cancelled;
}

static gboolean
check_pending (AsabDelayedCall  *self,
               GError          **error)
{
  if (self->func != NULL)
    return TRUE;

  g_set_error_literal (error, ASAB_ERROR, ASAB_ERROR_CLOSED,
                       self->is_cancelled ? _("The call was cancelled") : _("The call was made already"));

  return FALSE;
}

/**
 * asab_delayed_call_cancel:
 * @self: a call
 * @error: return location for %ASAB_ERROR_CLOSED
 *
 * Cancels the call.
 *
 * Returns: true if it was pending
 */
gboolean
asab_delayed_call_cancel (AsabDelayedCall  *self,
                          GError          **error)
{
  g_return_val_if_fail (ASAB_IS_DELAYED_CALL (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (!check_pending (self, error))
    return FALSE;

  self->is_cancelled = TRUE;
  end (self);

  return TRUE;
}

static void
restart (AsabDelayedCall *self)
{
  asab_timeout_stop (&self->timeout, self->queue->context);
  asab_timeout_start (&self->timeout, self->queue->context, self->seconds);
}

/**
 * asab_delayed_call_reset:
 * @self: a call
 * @error: return location for %ASAB_ERROR_CLOSED
 *
 * Lets the time until the call begin anew.
 *
 * Returns: true if the call is pending
 */
gboolean
asab_delayed_call_reset (AsabDelayedCall  *self,
                         GError          **error)
{
  g_return_val_if_fail (ASAB_IS_DELAYED_CALL (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (!check_pending (self, error))
    return FALSE;

  restart (self);

  return TRUE;
}

/**
 * asab_delayed_call_delay:
 * @self: a call
 * @seconds: the time from now until the call, zero or more
 * @error: return location for %ASAB_ERROR_CLOSED or %G_IO_ERROR_INVALID_ARGUMENT
 *
 * Sets a new time.
 *
 * Returns: true if the call is pending
 */
gboolean
asab_delayed_call_delay (AsabDelayedCall  *self,
                         double            seconds,
                         GError          **error)
{
  g_return_val_if_fail (ASAB_IS_DELAYED_CALL (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (!check_pending (self, error) || !asab_timeout_check_seconds (seconds, error))
    return FALSE;

  self->seconds = seconds;
  restart (self);

  return TRUE;
}
