/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <asab-glib/async/asab-coroutine-private.h>

#include <asab-glib/async/asab-fiber-private.h>
#include <asab-glib/core/asab-error.h>

#include <glib/gi18n-lib.h>

/**
 * AsabCoroutine:
 *
 * A piece of asynchronous work as an object: a coroutine that can have fields and helpers of its own.
 *
 * Work that is too much for one function derives a class. In C it overrides `run`, which is called on a fiber and waits
 * like any function of a fiber; other languages override `work`, which gives a future, with an asynchronous function.
 * What is one function already is wrapped by [ctor@Coroutine.new] or `asab_coroutine_new_for_fiber ()`.
 *
 * Nothing runs before [method@Coroutine.start], and a coroutine runs once. It keeps itself alive while it runs.
 * [method@Coroutine.close] ends it early.
 *
 * One whose body is on a fiber can also be used as a generator: each [method@Coroutine.send] runs it to its next
 * `asab_coroutine_yield ()`, and [method@Coroutine.throw] lets that, or any other wait, fail.
 *
 * A coroutine belongs to the thread that starts it.
 *
 * It does what `CoroutineWrapper` of Python's codestare.async_utils does. The body of one that prints numbers:
 *
 * ```c
 * static gboolean
 * example_filter_run (AsabCoroutine  *coroutine,
 *                     GValue         *result,
 *                     GError        **error)
 * {
 *   ExampleFilter *self = EXAMPLE_FILTER (coroutine);
 *   GError *local_error = NULL;
 *   int length;
 *
 *   while (example_filter_next_range (self, &length, &local_error))
 *     for (int n = 0; n < length; n++)
 *       if (example_filter_accepts (n))
 *         example_filter_process (n);
 *
 *   if (local_error != NULL)
 *     g_propagate_error (error, local_error);
 *
 *   return local_error == NULL;
 * }
 * ```
 */
typedef enum
{
  PROP_NAME = 1,
} AsabCoroutineProperty;

static GParamSpec *props[PROP_NAME + 1];

G_DEFINE_TYPE_WITH_PRIVATE (AsabCoroutine, asab_coroutine, G_TYPE_OBJECT)

AsabCoroutinePrivate *
asab_coroutine_get_private (AsabCoroutine *self)
{
  return asab_coroutine_get_instance_private (self);
}

AsabFuture *
asab_coroutine_refuse (GQuark      domain,
                       int         code,
                       const char *message)
{
  return asab_future_new_take_error (g_error_new_literal (domain, code, message));
}

gboolean
asab_coroutine_has_ended (AsabCoroutinePrivate *priv)
{
  return priv->state == ASAB_COROUTINE_CLOSED || (priv->future != NULL && asab_future_is_done (priv->future));
}

static void
drop_user_data (AsabCoroutinePrivate *priv)
{
  GDestroyNotify destroy = g_steal_pointer (&priv->destroy);

  if (destroy != NULL)
    asab_main_stack_call (destroy, priv->user_data);
  priv->user_data = NULL;
}

static void
asab_coroutine_dispose (GObject *object)
{
  AsabCoroutinePrivate *priv = asab_coroutine_get_private (ASAB_COROUTINE (object));

  drop_user_data (priv);

  G_OBJECT_CLASS (asab_coroutine_parent_class)->dispose (object);
}

static void
asab_coroutine_finalize (GObject *object)
{
  AsabCoroutine *self = ASAB_COROUTINE (object);
  AsabCoroutinePrivate *priv = asab_coroutine_get_private (self);

  if (priv->state == ASAB_COROUTINE_NEW)
    g_debug ("The coroutine “%s” was never started", asab_coroutine_get_name (self));

  g_clear_pointer (&priv->future, asab_future_unref);
  g_clear_error (&priv->thrown);
  g_free (priv->name);

  G_OBJECT_CLASS (asab_coroutine_parent_class)->finalize (object);
}

static void
asab_coroutine_get_property (GObject    *object,
                             guint       prop_id,
                             GValue     *value,
                             GParamSpec *pspec)
{
  AsabCoroutine *self = ASAB_COROUTINE (object);

  switch ((AsabCoroutineProperty) prop_id)
    {
    case PROP_NAME:
      g_value_set_string (value, asab_coroutine_get_name (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
asab_coroutine_set_property (GObject      *object,
                             guint         prop_id,
                             const GValue *value,
                             GParamSpec   *pspec)
{
  AsabCoroutinePrivate *priv = asab_coroutine_get_private (ASAB_COROUTINE (object));

  switch ((AsabCoroutineProperty) prop_id)
    {
    case PROP_NAME:
      priv->name = g_value_dup_string (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static gboolean
asab_coroutine_real_run (AsabCoroutine  *self,
                         GValue         *result,
                         GError        **error)
{
  AsabCoroutinePrivate *priv = asab_coroutine_get_private (self);

  if (priv->fiber_func != NULL)
    return priv->fiber_func (priv->user_data, result, error);

  g_set_error (error, ASAB_ERROR, ASAB_ERROR_NOT_IMPLEMENTED, _("The class “%s” has no body to run"),
               G_OBJECT_TYPE_NAME (self));

  return FALSE;
}

static gboolean
run_fiber (gpointer   data,
           GValue    *result,
           GError   **error)
{
  AsabCoroutine *self = data;

  return ASAB_COROUTINE_GET_CLASS (self)->run (self, result, error);
}

static AsabFuture *
asab_coroutine_real_work (AsabCoroutine *self)
{
  AsabCoroutinePrivate *priv = asab_coroutine_get_private (self);
  GError *error = NULL;
  AsabFuture *future;

  if (priv->func == NULL)
    return asab_spawn_full (NULL, asab_coroutine_get_name (self), G_PRIORITY_DEFAULT, 0, NULL, run_fiber, self, NULL);

  future = priv->func (priv->user_data, &error);
  if (error == NULL)
    return future;

  g_clear_pointer (&future, asab_future_unref);

  return asab_future_new_take_error (error);
}

static void
asab_coroutine_class_init (AsabCoroutineClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = asab_coroutine_dispose;
  object_class->finalize = asab_coroutine_finalize;
  object_class->get_property = asab_coroutine_get_property;
  object_class->set_property = asab_coroutine_set_property;
  klass->run = asab_coroutine_real_run;
  klass->work = asab_coroutine_real_work;

  /**
   * AsabCoroutine:name: (getter get_name)
   *
   * What reports call the coroutine; by default the name of its class.
   */
  props[PROP_NAME] =
    g_param_spec_string ("name", NULL, NULL, NULL,
                         G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);

  g_object_class_install_properties (object_class, G_N_ELEMENTS (props), props);
}

static void
asab_coroutine_init (AsabCoroutine *self G_GNUC_UNUSED)
{
}

static AsabCoroutine *
new_with_data (const char     *name,
               gpointer        user_data,
               GDestroyNotify  destroy)
{
  AsabCoroutine *self = g_object_new (ASAB_TYPE_COROUTINE, "name", name, NULL);
  AsabCoroutinePrivate *priv = asab_coroutine_get_private (self);

  priv->user_data = user_data;
  priv->destroy = destroy;

  return self;
}

/**
 * asab_coroutine_new:
 * @name: (nullable): what reports call the coroutine
 * @func: (scope notified) (closure user_data) (destroy destroy): the body
 * @user_data: data for @func
 * @destroy: (nullable): called with @user_data when it is not needed any more
 *
 * Creates a coroutine of a function that gives a future.
 *
 * Returns: (transfer full): a new coroutine
 */
AsabCoroutine *
asab_coroutine_new (const char     *name,
                    AsabAsyncFunc   func,
                    gpointer        user_data,
                    GDestroyNotify  destroy)
{
  AsabCoroutine *self;

  g_return_val_if_fail (func != NULL, NULL);

  self = new_with_data (name, user_data, destroy);
  asab_coroutine_get_private (self)->func = func;

  return self;
}

/**
 * asab_coroutine_new_for_fiber: (skip)
 * @name: (nullable): what reports call the coroutine
 * @func: the body
 * @user_data: data for @func
 * @destroy: (nullable): called with @user_data when it is not needed any more
 *
 * Creates a coroutine of a function that runs on a fiber.
 *
 * Returns: (transfer full): a new coroutine
 */
AsabCoroutine *
asab_coroutine_new_for_fiber (const char     *name,
                              AsabFiberFunc   func,
                              gpointer        user_data,
                              GDestroyNotify  destroy)
{
  AsabCoroutine *self;

  g_return_val_if_fail (func != NULL, NULL);

  self = new_with_data (name, user_data, destroy);
  asab_coroutine_get_private (self)->fiber_func = func;

  return self;
}

/**
 * asab_coroutine_get_name: (get-property name)
 * @self: a coroutine
 *
 * Gets what reports call the coroutine.
 *
 * Returns: the name
 */
const char *
asab_coroutine_get_name (AsabCoroutine *self)
{
  AsabCoroutinePrivate *priv;

  g_return_val_if_fail (ASAB_IS_COROUTINE (self), NULL);

  priv = asab_coroutine_get_private (self);

  return priv->name != NULL ? priv->name : G_OBJECT_TYPE_NAME (self);
}

static void
call_work (gpointer data)
{
  AsabCoroutine *self = data;
  AsabFuture *future = ASAB_COROUTINE_GET_CLASS (self)->work (self);

  asab_coroutine_get_private (self)->future = future != NULL ? future : asab_future_new_resolved (NULL);
}

/* The first of those who are told that the coroutine has ended. */
static void
ended_cb (AsabFuture *future,
          gpointer    user_data)
{
  AsabCoroutinePrivate *priv = asab_coroutine_get_private (user_data);
  g_autoptr(AsabPromise) asker = g_steal_pointer (&priv->asker);

  drop_user_data (priv);

  if (asker == NULL)
    return;
  if (asab_future_is_rejected (future))
    asab_future_copy_outcome (future, asker);
  else
    asab_promise_reject_literal (asker, ASAB_ERROR, ASAB_ERROR_CLOSED, _("The coroutine has ended"));
}

/**
 * asab_coroutine_start:
 * @self: a coroutine
 *
 * Starts the coroutine, in the thread-default main context; the body of one on a fiber begins to run when the caller is
 * back in the main loop.
 *
 * Cancelling the future cancels the work.
 *
 * Returns: (transfer full): a future of the result; %ASAB_ERROR_ALREADY_STARTED or %ASAB_ERROR_CLOSED if there will be
 *   none
 */
AsabFuture *
asab_coroutine_start (AsabCoroutine *self)
{
  AsabCoroutinePrivate *priv;

  g_return_val_if_fail (ASAB_IS_COROUTINE (self), NULL);

  priv = asab_coroutine_get_private (self);
  if (priv->state == ASAB_COROUTINE_STARTED)
    return asab_coroutine_refuse (ASAB_ERROR, ASAB_ERROR_ALREADY_STARTED, _("A coroutine can be started only once"));
  if (priv->state == ASAB_COROUTINE_CLOSED)
    return asab_coroutine_refuse (ASAB_ERROR, ASAB_ERROR_CLOSED, _("The coroutine was closed before it was started"));

  priv->state = ASAB_COROUTINE_STARTED;
  if (priv->thrown != NULL)
    priv->future = asab_future_new_take_error (g_steal_pointer (&priv->thrown));
  else
    asab_main_stack_call (call_work, self);
  asab_future_when_done (priv->future, ended_cb, g_object_ref (self), g_object_unref);

  return asab_future_ref (priv->future);
}

/**
 * asab_coroutine_get_future:
 * @self: a coroutine
 *
 * Gets the future of the result of a coroutine that was started.
 *
 * Returns: (transfer none) (nullable): the future
 */
AsabFuture *
asab_coroutine_get_future (AsabCoroutine *self)
{
  g_return_val_if_fail (ASAB_IS_COROUTINE (self), NULL);

  return asab_coroutine_get_private (self)->future;
}

static void
resolve_closed_cb (AsabFuture *future G_GNUC_UNUSED,
                   gpointer    user_data)
{
  asab_promise_resolve (user_data, NULL);
}

/**
 * asab_coroutine_close:
 * @self: a coroutine
 *
 * Ends the coroutine early: cancels it if it runs, and if it was not started it never will be.
 *
 * Returns: (transfer full): a future that is resolved when the coroutine has ended, with whatever outcome
 */
AsabFuture *
asab_coroutine_close (AsabCoroutine *self)
{
  g_autoptr(AsabPromise) promise = NULL;
  AsabCoroutinePrivate *priv;

  g_return_val_if_fail (ASAB_IS_COROUTINE (self), NULL);

  priv = asab_coroutine_get_private (self);
  if (priv->state == ASAB_COROUTINE_NEW)
    {
      priv->state = ASAB_COROUTINE_CLOSED;
      drop_user_data (priv);
    }
  if (asab_coroutine_has_ended (priv))
    return asab_future_new_resolved (NULL);
  if (priv->future == NULL)
    return asab_coroutine_refuse (ASAB_ERROR, ASAB_ERROR_DEADLOCK,
                                  _("A coroutine cannot be closed while it is being started"));

  promise = asab_promise_new ();
  asab_future_cancel (priv->future);
  asab_future_when_done (priv->future, resolve_closed_cb, asab_promise_ref (promise),
                         (GDestroyNotify) asab_promise_unref);

  return asab_future_ref (asab_promise_get_future (promise));
}
