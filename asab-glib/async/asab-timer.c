/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <asab-glib/async/asab-timer.h>

#include <asab-glib/async/asab-future-private.h>
#include <asab-glib/async/asab-timeout-private.h>
#include <asab-glib/core/asab-error.h>

#include <glib/gi18n-lib.h>
#include <math.h>

/**
 * AsabTimer:
 *
 * Calls a handler after a time, once or again and again.
 *
 * A timer is made stopped. When it triggers it is stopped before its handler is called, or started again if it restarts
 * by itself: the time that the handler takes does not count, and a handler that takes long runs beside the next one. A
 * period that was missed altogether, since the process or the machine stood still, is not made up for. An error of the
 * handler is logged and does not stop the timer.
 *
 * A timer never triggers early. In an idle main loop it triggers up to about a millisecond late, the unit in which main
 * loops wait; the periods of a timer that restarts by itself do not drift for that.
 *
 * A timer belongs to the main context in which it was made, and a started timer keeps itself alive.
 */
struct _AsabTimer
{
  GObject parent_instance;

  AsabContext *context;  /* kept alive by a reference on its GMainContext */
  AsabTimeout timeout;
  AsabTimerFunc handler;
  double seconds;        /* of the last start */
  gpointer user_data;
  GDestroyNotify destroy;
  gboolean auto_restart;
  gint is_orphaned;      /* (atomic): it is started, everybody else has left, and it holds itself */
};

G_DEFINE_FINAL_TYPE (AsabTimer, asab_timer, G_TYPE_OBJECT)

typedef enum
{
  PROP_AUTO_RESTART = 1,
} AsabTimerProperty;

static GParamSpec *props[PROP_AUTO_RESTART + 1];

/*
 * Comes back to life while it is started. So a start that somebody watches over, the usual one, need not take a
 * reference, and a stop need not drop it.
 *
 * The garbage collector of a language may drop the last reference in another thread, while the timer triggers in its
 * own. So both sides write first and look then: one of them at least sees the other.
 */
static void
asab_timer_dispose (GObject *object)
{
  AsabTimer *self = ASAB_TIMER (object);

  if (asab_timeout_is_started (&self->timeout))
    {
      g_object_ref (self);
      g_atomic_int_set (&self->is_orphaned, TRUE);
      if (asab_timeout_is_started (&self->timeout) ||
          !g_atomic_int_compare_and_exchange (&self->is_orphaned, TRUE, FALSE))
        return;
      g_object_unref (self);
    }

  G_OBJECT_CLASS (asab_timer_parent_class)->dispose (object);
}

static void
asab_timer_finalize (GObject *object)
{
  AsabTimer *self = ASAB_TIMER (object);

  if (self->destroy != NULL)
    self->destroy (self->user_data);
  g_main_context_unref (self->context->context);

  G_OBJECT_CLASS (asab_timer_parent_class)->finalize (object);
}

static void
asab_timer_get_property (GObject    *object,
                         guint       prop_id,
                         GValue     *value,
                         GParamSpec *pspec)
{
  AsabTimer *self = ASAB_TIMER (object);

  switch ((AsabTimerProperty) prop_id)
    {
    case PROP_AUTO_RESTART:
      g_value_set_boolean (value, self->auto_restart);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
asab_timer_class_init (AsabTimerClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = asab_timer_dispose;
  object_class->finalize = asab_timer_finalize;
  object_class->get_property = asab_timer_get_property;

  /**
   * AsabTimer:auto-restart: (getter get_auto_restart)
   *
   * Whether the timer starts itself again when it triggers.
   */
  props[PROP_AUTO_RESTART] =
    g_param_spec_boolean ("auto-restart", NULL, NULL, FALSE, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

  g_object_class_install_properties (object_class, G_N_ELEMENTS (props), props);
}

/* The next time that is a whole number of periods after the last one and not in the past. */
static gint64
get_next_time (AsabTimer *self)
{
  gint64 period = MAX ((gint64) round (self->seconds * G_USEC_PER_SEC), 1);
  gint64 late = asab_context_get_time (self->context) - self->timeout.when;

  return self->timeout.when + (MAX (late, 0) / period + 1) * period;
}

/* To be called when it was stopped: an orphan has nothing to live for. */
static void
drop_orphan (AsabTimer *self)
{
  if (g_atomic_int_compare_and_exchange (&self->is_orphaned, TRUE, FALSE))
    g_object_unref (self);
}

static void
triggered_cb (AsabTimeout *timeout)
{
  AsabTimer *self = (AsabTimer *) ((guint8 *) timeout - G_STRUCT_OFFSET (AsabTimer, timeout));
  g_autoptr(AsabTimer) alive G_GNUC_UNUSED = g_object_ref (self);
  g_autoptr(AsabFuture) future = NULL;

  if (self->auto_restart)
    asab_timeout_start_at (&self->timeout, self->context, get_next_time (self));

  future = self->handler (self, self->user_data);
  asab_future_log_failure (future, _("The handler of a timer"));
  if (!asab_timeout_is_started (&self->timeout))
    drop_orphan (self);
}

static void
asab_timer_init (AsabTimer *self)
{
  self->context = asab_context_get_current ();
  g_main_context_ref (self->context->context);
  self->timeout.func = triggered_cb;
}

/**
 * asab_timer_new:
 * @handler: (scope notified) (closure user_data) (destroy destroy): called when the timer triggers
 * @user_data: data for @handler
 * @destroy: (nullable): called with @user_data when the timer is freed
 * @auto_restart: whether the timer starts itself again when it triggers
 *
 * Creates a timer that is stopped.
 *
 * Returns: (transfer full): a new timer
 */
AsabTimer *
asab_timer_new (AsabTimerFunc  handler,
                gpointer       user_data,
                GDestroyNotify destroy,
                gboolean       auto_restart)
{
  AsabTimer *self;

  g_return_val_if_fail (handler != NULL, NULL);

  self = g_object_new (ASAB_TYPE_TIMER, NULL);
  self->handler = handler;
  self->user_data = user_data;
  self->destroy = destroy;
  self->auto_restart = auto_restart;

  return self;
}

/**
 * asab_timer_start:
 * @self: a stopped timer
 * @seconds: the time until it triggers, zero or more; infinity is never
 * @error: return location for %ASAB_ERROR_ALREADY_STARTED or %G_IO_ERROR_INVALID_ARGUMENT
 *
 * Starts the timer.
 *
 * Returns: true if it was stopped
 */
gboolean
asab_timer_start (AsabTimer  *self,
                  double      seconds,
                  GError    **error)
{
  g_return_val_if_fail (ASAB_IS_TIMER (self), FALSE);
  g_return_val_if_fail (self->handler != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (asab_timeout_is_started (&self->timeout))
    {
      g_set_error_literal (error, ASAB_ERROR, ASAB_ERROR_ALREADY_STARTED, _("The timer is started already"));
      return FALSE;
    }
  if (!asab_timeout_check_seconds (seconds, error))
    return FALSE;

  self->seconds = seconds;
  asab_timeout_start (&self->timeout, self->context, seconds);

  return TRUE;
}

/**
 * asab_timer_restart:
 * @self: a timer
 * @seconds: the time until it triggers, zero or more; infinity is never
 * @error: return location for %G_IO_ERROR_INVALID_ARGUMENT
 *
 * Stops the timer if it is started, and starts it.
 *
 * Returns: false if @seconds is no duration; the timer goes on as it was
 */
gboolean
asab_timer_restart (AsabTimer  *self,
                    double      seconds,
                    GError    **error)
{
  g_return_val_if_fail (ASAB_IS_TIMER (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (!asab_timeout_check_seconds (seconds, error))
    return FALSE;

  g_object_ref (self);
  asab_timer_stop (self);
  asab_timer_start (self, seconds, NULL);
  g_object_unref (self);

  return TRUE;
}

/**
 * asab_timer_stop:
 * @self: a timer
 *
 * Stops the timer, if it is started. A handler that is under way goes on.
 */
void
asab_timer_stop (AsabTimer *self)
{
  g_return_if_fail (ASAB_IS_TIMER (self));

  if (!asab_timeout_is_started (&self->timeout))
    return;

  asab_timeout_stop (&self->timeout, self->context);
  drop_orphan (self);
}

/**
 * asab_timer_is_started:
 * @self: a timer
 *
 * Tells whether the timer is started.
 *
 * Returns: true if it is
 */
gboolean
asab_timer_is_started (AsabTimer *self)
{
  g_return_val_if_fail (ASAB_IS_TIMER (self), FALSE);

  return asab_timeout_is_started (&self->timeout);
}

/**
 * asab_timer_get_auto_restart: (get-property auto-restart)
 * @self: a timer
 *
 * Tells whether the timer starts itself again when it triggers.
 *
 * Returns: true if it does
 */
gboolean
asab_timer_get_auto_restart (AsabTimer *self)
{
  g_return_val_if_fail (ASAB_IS_TIMER (self), FALSE);

  return self->auto_restart;
}
