/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <asab-glib/async/asab-event.h>

#include <asab-glib/async/asab-wait-queue-private.h>

/**
 * AsabEvent:
 *
 * Something that happens, and that any number of tasks wait for.
 *
 * While the event is set nobody waits. An event belongs to the main context in which it was made. When it is freed,
 * those who wait are rejected with %G_IO_ERROR_CANCELLED.
 */
struct _AsabEvent
{
  GObject parent_instance;

  gboolean is_set;
  AsabWaitQueue waiters;
};

G_DEFINE_FINAL_TYPE (AsabEvent, asab_event, G_TYPE_OBJECT)

static void
asab_event_finalize (GObject *object)
{
  AsabEvent *self = ASAB_EVENT (object);

  asab_wait_queue_reject_all (&self->waiters, asab_error_new_cancelled ("AsabEvent"));

  G_OBJECT_CLASS (asab_event_parent_class)->finalize (object);
}

static void
asab_event_class_init (AsabEventClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = asab_event_finalize;
}

static void
asab_event_init (AsabEvent *self G_GNUC_UNUSED)
{
}

/**
 * asab_event_new:
 *
 * Creates an event that is not set.
 *
 * Returns: (transfer full): a new event
 */
AsabEvent *
asab_event_new (void)
{
  return g_object_new (ASAB_TYPE_EVENT, NULL);
}

/**
 * asab_event_wait:
 * @self: an event
 *
 * Waits until the event is set.
 *
 * Returns: (transfer full): a future without a value
 */
AsabFuture *
asab_event_wait (AsabEvent *self)
{
  g_return_val_if_fail (ASAB_IS_EVENT (self), NULL);

  return self->is_set ? asab_future_new_resolved (NULL) : asab_wait_queue_add (&self->waiters);
}

/**
 * asab_event_await: (skip)
 * @self: an event
 * @error: return location for %G_IO_ERROR_CANCELLED or %ASAB_ERROR_NOT_FIBER
 *
 * Lets the running fiber wait until the event is set.
 *
 * Returns: false if the fiber was cancelled or the event is gone
 */
gboolean
asab_event_await (AsabEvent  *self,
                  GError    **error)
{
  g_return_val_if_fail (ASAB_IS_EVENT (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return self->is_set || asab_wait_queue_await (&self->waiters, "an event", error);
}

/**
 * asab_event_set:
 * @self: an event
 *
 * Sets the event; those who wait go on.
 */
void
asab_event_set (AsabEvent *self)
{
  g_return_if_fail (ASAB_IS_EVENT (self));

  self->is_set = TRUE;
  asab_wait_queue_wake_all (&self->waiters);
}

/**
 * asab_event_clear:
 * @self: an event
 *
 * Clears the event, so that it can be waited for again.
 */
void
asab_event_clear (AsabEvent *self)
{
  g_return_if_fail (ASAB_IS_EVENT (self));

  self->is_set = FALSE;
}

/**
 * asab_event_is_set:
 * @self: an event
 *
 * Tells whether the event is set.
 *
 * Returns: true if it is
 */
gboolean
asab_event_is_set (AsabEvent *self)
{
  g_return_val_if_fail (ASAB_IS_EVENT (self), FALSE);

  return self->is_set;
}
