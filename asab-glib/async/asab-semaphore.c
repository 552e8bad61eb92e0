/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <asab-glib/async/asab-semaphore.h>

#include <asab-glib/async/asab-wait-queue-private.h>
#include <asab-glib/core/asab-error.h>

#include <glib/gi18n-lib.h>

/**
 * AsabSemaphore:
 *
 * A number of permits, given out first in, first out.
 *
 * A semaphore belongs to the main context in which it was made. When it is freed, those who wait are rejected with
 * %G_IO_ERROR_CANCELLED.
 */
struct _AsabSemaphore
{
  GObject parent_instance;

  guint permits;
  gboolean closed;
  AsabWaitQueue waiters;
};

G_DEFINE_FINAL_TYPE (AsabSemaphore, asab_semaphore, G_TYPE_OBJECT)

typedef enum
{
  PROP_PERMITS = 1,
} AsabSemaphoreProperty;

static GParamSpec *props[PROP_PERMITS + 1];

static void
asab_semaphore_finalize (GObject *object)
{
  AsabSemaphore *self = ASAB_SEMAPHORE (object);

  asab_wait_queue_reject_all (&self->waiters, asab_error_new_cancelled ("AsabSemaphore"));

  G_OBJECT_CLASS (asab_semaphore_parent_class)->finalize (object);
}

static void
asab_semaphore_get_property (GObject    *object,
                             guint       prop_id,
                             GValue     *value,
                             GParamSpec *pspec)
{
  AsabSemaphore *self = ASAB_SEMAPHORE (object);

  switch ((AsabSemaphoreProperty) prop_id)
    {
    case PROP_PERMITS:
      g_value_set_uint (value, self->permits);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
asab_semaphore_set_property (GObject      *object,
                             guint         prop_id,
                             const GValue *value,
                             GParamSpec   *pspec)
{
  AsabSemaphore *self = ASAB_SEMAPHORE (object);

  switch ((AsabSemaphoreProperty) prop_id)
    {
    case PROP_PERMITS:
      self->permits = g_value_get_uint (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
asab_semaphore_class_init (AsabSemaphoreClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = asab_semaphore_finalize;
  object_class->get_property = asab_semaphore_get_property;
  object_class->set_property = asab_semaphore_set_property;

  /**
   * AsabSemaphore:permits: (getter get_permits)
   *
   * The permits that can be had at once. Changes are not notified.
   */
  props[PROP_PERMITS] =
    g_param_spec_uint ("permits", NULL, NULL, 0, G_MAXUINT, 1,
                       G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);

  g_object_class_install_properties (object_class, G_N_ELEMENTS (props), props);
}

static void
asab_semaphore_init (AsabSemaphore *self G_GNUC_UNUSED)
{
}

/**
 * asab_semaphore_new:
 * @permits: how many permits there are
 *
 * Creates a semaphore.
 *
 * Returns: (transfer full): a new semaphore
 */
AsabSemaphore *
asab_semaphore_new (guint permits)
{
  return g_object_new (ASAB_TYPE_SEMAPHORE, "permits", permits, NULL);
}

static GError *
new_closed_error (void)
{
  return g_error_new_literal (ASAB_ERROR, ASAB_ERROR_CLOSED, _("The semaphore is closed"));
}

/**
 * asab_semaphore_acquire:
 * @self: a semaphore
 *
 * Waits for a permit. Once the future is resolved a permit is taken, until [method@Semaphore.release].
 *
 * A future that is cancelled, or dropped, before that is passed over.
 *
 * Returns: (transfer full): a future without a value, rejected with %ASAB_ERROR_CLOSED if the semaphore is closed
 */
AsabFuture *
asab_semaphore_acquire (AsabSemaphore *self)
{
  g_return_val_if_fail (ASAB_IS_SEMAPHORE (self), NULL);

  if (self->closed)
    return asab_future_new_take_error (new_closed_error ());
  if (self->permits == 0)
    return asab_wait_queue_add (&self->waiters);

  self->permits--;

  return asab_future_new_resolved (NULL);
}

/**
 * asab_semaphore_hold: (skip)
 * @self: a semaphore
 * @error: return location for %G_IO_ERROR_CANCELLED, %ASAB_ERROR_CLOSED or %ASAB_ERROR_NOT_FIBER
 *
 * Lets the running fiber wait for a permit.
 *
 * Returns: true if the fiber has a permit now
 */
gboolean
asab_semaphore_hold (AsabSemaphore  *self,
                     GError        **error)
{
  g_return_val_if_fail (ASAB_IS_SEMAPHORE (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (self->closed)
    {
      g_propagate_error (error, new_closed_error ());
      return FALSE;
    }
  if (self->permits > 0)
    {
      self->permits--;
      return TRUE;
    }

  return asab_wait_queue_await (&self->waiters, "a semaphore", error);
}

/**
 * asab_semaphore_release:
 * @self: a semaphore
 *
 * Gives a permit back, or on to the one who has waited longest.
 */
void
asab_semaphore_release (AsabSemaphore *self)
{
  g_return_if_fail (ASAB_IS_SEMAPHORE (self));
  g_return_if_fail (self->permits < G_MAXUINT);

  if (!asab_wait_queue_wake_first (&self->waiters, NULL))
    self->permits++;
}

/**
 * asab_semaphore_get_permits: (get-property permits)
 * @self: a semaphore
 *
 * Gets how many permits can be had at once.
 *
 * Returns: the number of permits
 */
guint
asab_semaphore_get_permits (AsabSemaphore *self)
{
  g_return_val_if_fail (ASAB_IS_SEMAPHORE (self), 0);

  return self->permits;
}

/**
 * asab_semaphore_close:
 * @self: a semaphore
 *
 * Rejects those who wait, and who come later, with %ASAB_ERROR_CLOSED. Permits can still be given back.
 */
void
asab_semaphore_close (AsabSemaphore *self)
{
  g_return_if_fail (ASAB_IS_SEMAPHORE (self));

  self->closed = TRUE;
  asab_wait_queue_reject_all (&self->waiters, new_closed_error ());
}
