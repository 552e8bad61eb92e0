/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <asab-glib/async/asab-task-nursery.h>

#include <asab-glib/async/asab-registrable.h>
#include <asab-glib/async/asab-shutdown-private.h>
#include <asab-glib/async/asab-task-nursery-private.h>

#include <math.h>

#define STOP_TIMEOUT 10.0

/**
 * AsabTaskNursery:
 *
 * The owner of a set of tasks, which none of them outlives, and of what is to be cleaned up after them.
 *
 * A task is a coroutine, a fiber or whatever else has a future. When it fails the exception handler of the main context
 * is called, see [func@set_exception_handler]; the default one closes the nursery, stops all other tasks and ends the
 * main loop, so that no failure goes unnoticed. A task that is cancelled has not failed.
 *
 * A nursery is closed with [method@TaskNursery.close], when its sentinel is cancelled, or when the process is asked to
 * end. Then contexts are exited and callbacks are called, the last first, and then the tasks are cancelled and waited
 * for; with [property@TaskNursery:stop-tasks-first] it is the other way round. A task that does not end within
 * [property@TaskNursery:stop-timeout] is reported and left behind. As an asynchronous context a nursery is closed at
 * the end of a scope, with its error.
 *
 * The first nursery in a main context lets SIGINT, SIGTERM and SIGHUP close all of its nurseries as long as there is
 * one. Where an [class@Application] runs, that has the signals, and closes the nurseries at exit-time, before anything
 * else is terminated.
 *
 * Nurseries are registered by their names, which ought to be unique. An open nursery keeps itself alive. It belongs to
 * the main context that was thread-default when it was made; only its sentinel may be cancelled from other threads.
 *
 * ```c
 * asab_task_nursery_push_callback (nursery, close_database, NULL, NULL, NULL);
 * asab_future_unref (asab_task_nursery_spawn (nursery, "watcher", watch, NULL, NULL, NULL));
 * counter = asab_task_nursery_spawn (nursery, "counter", count, NULL, NULL, NULL);
 * ```
 *
 * The behaviour is that of TaskNursery in codestare.async_utils.
 */

static void asab_task_nursery_async_context_init (AsabAsyncContextInterface *iface);

G_DEFINE_TYPE_WITH_CODE (AsabTaskNursery, asab_task_nursery, G_TYPE_OBJECT,
                         G_ADD_PRIVATE (AsabTaskNursery)
                         G_IMPLEMENT_INTERFACE (ASAB_TYPE_REGISTRABLE, NULL)
                         G_IMPLEMENT_INTERFACE (ASAB_TYPE_ASYNC_CONTEXT, asab_task_nursery_async_context_init))

typedef enum
{
  PROP_NAME = 1,
  PROP_SENTINEL_TASK,
  PROP_STOP_TASKS_FIRST,
  PROP_STOP_TIMEOUT,
} AsabTaskNurseryProperty;

typedef enum
{
  SIGNAL_CLOSED,
  SIGNAL_TASK_FAILED,
  N_SIGNALS,
} AsabTaskNurserySignal;

static GParamSpec *props[PROP_STOP_TIMEOUT + 1];
static guint signals[N_SIGNALS];
static gint n_nameless; /* (atomic): how many nurseries got a default name */

AsabTaskNurseryPrivate *
asab_task_nursery_get_private (AsabTaskNursery *self)
{
  return asab_task_nursery_get_instance_private (self);
}

static void
warn_if_taken (const char *name)
{
  g_autoptr(AsabRegistrable) namesake = asab_registrable_lookup (ASAB_TYPE_TASK_NURSERY, name);

  if (namesake != NULL && asab_task_nursery_is_open (ASAB_TASK_NURSERY (namesake)))
    g_warning ("There is an open nursery “%s” already, which is not found by that name as long as the new one lives",
               name);
}

static void
asab_task_nursery_constructed (GObject *object)
{
  AsabTaskNursery *self = ASAB_TASK_NURSERY (object);
  AsabTaskNurseryPrivate *priv = asab_task_nursery_get_private (self);

  G_OBJECT_CLASS (asab_task_nursery_parent_class)->constructed (object);

  if (priv->name != NULL)
    warn_if_taken (priv->name);
  else
    priv->name = g_strdup_printf ("TaskNursery-%d", g_atomic_int_add (&n_nameless, 1));

  asab_registrable_register (ASAB_REGISTRABLE (self), NULL);
  asab_task_nursery_open (self);
}

static void
asab_task_nursery_finalize (GObject *object)
{
  AsabTaskNurseryPrivate *priv = asab_task_nursery_get_private (ASAB_TASK_NURSERY (object));

  g_clear_pointer (&priv->closing, asab_future_unref);
  if (priv->name_destroy != NULL)
    priv->name_destroy (priv->name_data);
  g_free (priv->name);
  g_main_context_unref (priv->context->context);

  G_OBJECT_CLASS (asab_task_nursery_parent_class)->finalize (object);
}

static void
asab_task_nursery_get_property (GObject    *object,
                                guint       prop_id,
                                GValue     *value,
                                GParamSpec *pspec)
{
  AsabTaskNursery *self = ASAB_TASK_NURSERY (object);

  switch ((AsabTaskNurseryProperty) prop_id)
    {
    case PROP_NAME:
      g_value_take_string (value, asab_task_nursery_dup_name (self));
      break;
    case PROP_SENTINEL_TASK:
      g_value_set_boxed (value, asab_task_nursery_get_sentinel_task (self));
      break;
    case PROP_STOP_TASKS_FIRST:
      g_value_set_boolean (value, asab_task_nursery_get_stop_tasks_first (self));
      break;
    case PROP_STOP_TIMEOUT:
      g_value_set_double (value, asab_task_nursery_get_stop_timeout (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
asab_task_nursery_set_property (GObject      *object,
                                guint         prop_id,
                                const GValue *value,
                                GParamSpec   *pspec)
{
  AsabTaskNursery *self = ASAB_TASK_NURSERY (object);

  switch ((AsabTaskNurseryProperty) prop_id)
    {
    case PROP_NAME:
      asab_task_nursery_get_private (self)->name = g_value_dup_string (value);
      break;
    case PROP_STOP_TASKS_FIRST:
      asab_task_nursery_set_stop_tasks_first (self, g_value_get_boolean (value));
      break;
    case PROP_STOP_TIMEOUT:
      asab_task_nursery_set_stop_timeout (self, g_value_get_double (value));
      break;
    case PROP_SENTINEL_TASK:
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
asab_task_nursery_real_task_failed (AsabTaskNursery *self,
                                    AsabFuture      *task,
                                    const GError    *error)
{
  g_autofree char *name = asab_task_nursery_dup_name (self);
  g_autofree char *message = g_strdup_printf ("The task “%s” of the nursery “%s” has failed",
                                              asab_future_get_name (task), name);

  asab_shutdown_handle_exception (asab_task_nursery_get_private (self)->context, message, error, task,
                                  asab_task_nursery_get_sentinel_task (self));
}

static AsabFuture *
asab_task_nursery_enter (AsabAsyncContext *context)
{
  g_autoptr(AsabPromise) promise = asab_promise_new ();

  asab_promise_resolve_object (promise, G_OBJECT (context));

  return asab_future_ref (asab_promise_get_future (promise));
}

static AsabFuture *
asab_task_nursery_exit (AsabAsyncContext *context,
                        const GError     *error)
{
  return asab_task_nursery_begin_close (ASAB_TASK_NURSERY (context), error);
}

static void
asab_task_nursery_async_context_init (AsabAsyncContextInterface *iface)
{
  iface->enter = asab_task_nursery_enter;
  iface->exit = asab_task_nursery_exit;
}

static void
install_properties (GObjectClass *object_class)
{
  /**
   * AsabTaskNursery:name:
   *
   * The name, by which the nursery is registered; by default “TaskNursery-” and a number.
   */
  props[PROP_NAME] =
    g_param_spec_string ("name", NULL, NULL, NULL,
                         G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);

  /**
   * AsabTaskNursery:sentinel-task: (getter get_sentinel_task)
   *
   * The task that closes the nursery when it is cancelled; %NULL once the nursery is closed.
   */
  props[PROP_SENTINEL_TASK] =
    g_param_spec_boxed ("sentinel-task", NULL, NULL, ASAB_TYPE_FUTURE, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

  /**
   * AsabTaskNursery:stop-tasks-first: (getter get_stop_tasks_first) (setter set_stop_tasks_first)
   *
   * Whether tasks are stopped before contexts are exited and callbacks are called, and not afterwards.
   */
  props[PROP_STOP_TASKS_FIRST] =
    g_param_spec_boolean ("stop-tasks-first", NULL, NULL, FALSE,
                          G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);

  /**
   * AsabTaskNursery:stop-timeout: (getter get_stop_timeout) (setter set_stop_timeout)
   *
   * How many seconds a task that is stopped may take to end; infinity for as long as it likes.
   */
  props[PROP_STOP_TIMEOUT] =
    g_param_spec_double ("stop-timeout", NULL, NULL, 0, INFINITY, STOP_TIMEOUT,
                         G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);

  g_object_class_install_properties (object_class, G_N_ELEMENTS (props), props);
}

static void
install_signals (GType type)
{
  /**
   * AsabTaskNursery::closed:
   * @self: the nursery
   *
   * Emitted when the nursery is closed.
   */
  signals[SIGNAL_CLOSED] = g_signal_new ("closed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);

  /**
   * AsabTaskNursery::task-failed:
   * @self: the nursery
   * @task: the task
   * @error: its error
   *
   * Emitted when a task has ended with an error, if it was not cancelled.
   *
   * The default handler calls the exception handler of the main context.
   */
  signals[SIGNAL_TASK_FAILED] =
    g_signal_new ("task-failed", type, G_SIGNAL_RUN_LAST, G_STRUCT_OFFSET (AsabTaskNurseryClass, task_failed),
                  NULL, NULL, NULL, G_TYPE_NONE, 2, ASAB_TYPE_FUTURE, G_TYPE_ERROR);
}

static void
asab_task_nursery_class_init (AsabTaskNurseryClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->constructed = asab_task_nursery_constructed;
  object_class->finalize = asab_task_nursery_finalize;
  object_class->get_property = asab_task_nursery_get_property;
  object_class->set_property = asab_task_nursery_set_property;
  klass->task_failed = asab_task_nursery_real_task_failed;

  install_properties (object_class);
  install_signals (G_OBJECT_CLASS_TYPE (klass));
  asab_registrable_set_key_property (G_OBJECT_CLASS_TYPE (klass), "name");
}

static void
asab_task_nursery_init (AsabTaskNursery *self)
{
  AsabTaskNurseryPrivate *priv = asab_task_nursery_get_private (self);

  priv->context = asab_context_get_current ();
  g_main_context_ref (priv->context->context);
  priv->stop_timeout = STOP_TIMEOUT;
}

/* Emissions do not begin on a fiber: they come from callbacks of futures. */
void
asab_task_nursery_emit_closed (AsabTaskNursery *self)
{
  g_signal_emit (self, signals[SIGNAL_CLOSED], 0);
}

void
asab_task_nursery_emit_task_failed (AsabTaskNursery *self,
                                    AsabFuture      *task,
                                    const GError    *error)
{
  g_signal_emit (self, signals[SIGNAL_TASK_FAILED], 0, task, error);
}

/**
 * asab_task_nursery_new:
 * @name: (nullable): its name, which ought to be unique; %NULL for a default one
 *
 * Creates a nursery that is open.
 *
 * Returns: (transfer full): a new nursery, which keeps itself alive until it is closed
 */
AsabTaskNursery *
asab_task_nursery_new (const char *name)
{
  return g_object_new (ASAB_TYPE_TASK_NURSERY, "name", name, NULL);
}

typedef struct
{
  AsabTaskNurseryPrivate *priv;
  char *name;
} NameCall;

static void
call_name_func (gpointer data)
{
  NameCall *call = data;

  call->name = call->priv->name_func (call->priv->name_data);
}

/**
 * asab_task_nursery_dup_name: (get-property name)
 * @self: a nursery
 *
 * Gets the name as it is now.
 *
 * Returns: (transfer full): the name
 */
char *
asab_task_nursery_dup_name (AsabTaskNursery *self)
{
  NameCall call = { NULL, NULL };

  g_return_val_if_fail (ASAB_IS_TASK_NURSERY (self), NULL);

  call.priv = asab_task_nursery_get_private (self);
  if (call.priv->name_func != NULL)
    asab_main_stack_call (call_name_func, &call);

  return call.name != NULL ? call.name : g_strdup (call.priv->name);
}

/**
 * asab_task_nursery_set_name_func:
 * @self: a nursery
 * @name_func: (scope notified) (closure user_data) (destroy destroy): called whenever the name is asked for; when it
 *   gives nothing, the name is what it was before
 * @user_data: data for @name_func
 * @destroy: (nullable): called with @user_data when the nursery is freed, or another function is set
 *
 * Gives the nursery a name that may change.
 */
void
asab_task_nursery_set_name_func (AsabTaskNursery *self,
                                 AsabNameFunc     name_func,
                                 gpointer         user_data,
                                 GDestroyNotify   destroy)
{
  AsabTaskNurseryPrivate *priv;
  GDestroyNotify old_destroy;
  gpointer old_data;

  g_return_if_fail (ASAB_IS_TASK_NURSERY (self));
  g_return_if_fail (name_func != NULL);

  priv = asab_task_nursery_get_private (self);
  old_destroy = priv->name_destroy;
  old_data = priv->name_data;
  priv->name_func = name_func;
  priv->name_data = user_data;
  priv->name_destroy = destroy;

  if (old_destroy != NULL)
    asab_main_stack_call (old_destroy, old_data);
}

typedef struct
{
  AsabTaskNursery *self;
  GParamSpec *pspec;
} NotifyCall;

static void
call_notify (gpointer data)
{
  NotifyCall *call = data;

  g_object_notify_by_pspec (G_OBJECT (call->self), call->pspec);
}

static void
notify (AsabTaskNursery         *self,
        AsabTaskNurseryProperty  property)
{
  NotifyCall call = { self, props[property] };

  asab_main_stack_call (call_notify, &call);
}

/**
 * asab_task_nursery_get_stop_timeout: (get-property stop-timeout)
 * @self: a nursery
 *
 * Gets how long a task that is stopped may take to end.
 *
 * Returns: the time in seconds
 */
double
asab_task_nursery_get_stop_timeout (AsabTaskNursery *self)
{
  g_return_val_if_fail (ASAB_IS_TASK_NURSERY (self), 0);

  return asab_task_nursery_get_private (self)->stop_timeout;
}

/**
 * asab_task_nursery_set_stop_timeout: (set-property stop-timeout)
 * @self: a nursery
 * @seconds: zero or more; infinity for as long as it likes
 *
 * Sets how long a task that is stopped may take to end, before it is reported and left behind.
 */
void
asab_task_nursery_set_stop_timeout (AsabTaskNursery *self,
                                    double           seconds)
{
  AsabTaskNurseryPrivate *priv;

  g_return_if_fail (ASAB_IS_TASK_NURSERY (self));
  g_return_if_fail (seconds >= 0);

  priv = asab_task_nursery_get_private (self);
  if (priv->stop_timeout == seconds)
    return;

  priv->stop_timeout = seconds;
  notify (self, PROP_STOP_TIMEOUT);
}

/**
 * asab_task_nursery_get_stop_tasks_first: (get-property stop-tasks-first)
 * @self: a nursery
 *
 * Tells whether tasks are stopped before all else.
 *
 * Returns: true if they are
 */
gboolean
asab_task_nursery_get_stop_tasks_first (AsabTaskNursery *self)
{
  g_return_val_if_fail (ASAB_IS_TASK_NURSERY (self), FALSE);

  return asab_task_nursery_get_private (self)->stop_tasks_first;
}

/**
 * asab_task_nursery_set_stop_tasks_first: (set-property stop-tasks-first)
 * @self: a nursery
 * @stop_tasks_first: whether to stop tasks before all else
 *
 * Sets whether tasks are stopped before contexts are exited and callbacks are called, and not afterwards.
 */
void
asab_task_nursery_set_stop_tasks_first (AsabTaskNursery *self,
                                        gboolean         stop_tasks_first)
{
  AsabTaskNurseryPrivate *priv;

  g_return_if_fail (ASAB_IS_TASK_NURSERY (self));

  priv = asab_task_nursery_get_private (self);
  stop_tasks_first = !!stop_tasks_first;
  if (priv->stop_tasks_first == stop_tasks_first)
    return;

  priv->stop_tasks_first = stop_tasks_first;
  notify (self, PROP_STOP_TASKS_FIRST);
}
