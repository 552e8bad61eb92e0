/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <asab-glib/async/asab-future-set.h>

#include <asab-glib/async/asab-future-private.h>
#include <asab-glib/async/asab-timeout-private.h>
#include <asab-glib/core/asab-error.h>

#include <glib/gi18n-lib.h>

/**
 * AsabFutureSet:
 *
 * The outcomes of several futures, in the order in which they were given: what [func@Future.all] and
 * [func@Future.all_settled] resolve to.
 */
struct _AsabFutureSet
{
  gatomicrefcount ref_count;
  guint n_futures;
  AsabFuture *futures[]; /* (owned) */
};

G_DEFINE_BOXED_TYPE (AsabFutureSet, asab_future_set, asab_future_set_ref, asab_future_set_unref)

/* Takes references on the futures. */
AsabFutureSet *
asab_future_set_new (AsabFuture **futures,
                     gsize        n_futures)
{
  AsabFutureSet *self = g_malloc (sizeof (AsabFutureSet) + n_futures * sizeof (AsabFuture *));

  g_atomic_ref_count_init (&self->ref_count);
  self->n_futures = (guint) n_futures;
  for (gsize i = 0; i < n_futures; i++)
    self->futures[i] = asab_future_ref (futures[i]);

  return self;
}

/**
 * asab_future_set_ref:
 * @self: a set
 *
 * Takes a reference; from any thread.
 *
 * Returns: (transfer full): @self
 */
AsabFutureSet *
asab_future_set_ref (AsabFutureSet *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  g_atomic_ref_count_inc (&self->ref_count);

  return self;
}

/**
 * asab_future_set_unref:
 * @self: (transfer full): a set
 *
 * Drops a reference; from any thread.
 */
void
asab_future_set_unref (AsabFutureSet *self)
{
  g_return_if_fail (self != NULL);

  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  for (guint i = 0; i < self->n_futures; i++)
    asab_future_unref (self->futures[i]);
  g_free (self);
}

/**
 * asab_future_set_get_n_futures:
 * @self: a set
 *
 * Gets how many futures there are.
 *
 * Returns: the number of futures
 */
guint
asab_future_set_get_n_futures (AsabFutureSet *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->n_futures;
}

/**
 * asab_future_set_get_future:
 * @self: a set
 * @index: from 0 to one less than the number of futures
 *
 * Gets one of the futures.
 *
 * Returns: (transfer none): the future
 */
AsabFuture *
asab_future_set_get_future (AsabFutureSet *self,
                            guint          index)
{
  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (index < self->n_futures, NULL);

  return self->futures[index];
}

/**
 * asab_future_set_get_value:
 * @self: a set
 * @index: from 0 to one less than the number of futures
 * @error: return location for the error of the future
 *
 * Gets the value of one of the futures.
 *
 * Returns: (transfer none) (nullable): the value, as long as there is a reference on @self; %NULL without @error if
 *   there is none
 */
const GValue *
asab_future_set_get_value (AsabFutureSet  *self,
                           guint           index,
                           GError        **error)
{
  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (index < self->n_futures, NULL);

  return asab_future_get_value (self->futures[index], error);
}

typedef enum
{
  WAIT_ALL,
  WAIT_ALL_SETTLED,
  WAIT_ANY,
  WAIT_RACE,
} WaitKind;

/* Kept by the callbacks of the members, and gone with the last of them. */
typedef struct
{
  gatomicrefcount ref_count;
  WaitKind kind;
  AsabPromise *promise;  /* (owned): of the future that stands for the set */
  AsabFutureSet *set;    /* (owned) */
  guint *ids;            /* (owned): of the members' callbacks */
  guint n_pending;
  GPtrArray *errors;     /* (element-type GError) (owned): of WAIT_ANY, in the order in which they happened */
} WaitSet;

static WaitSet *
wait_set_ref (WaitSet *self)
{
  g_atomic_ref_count_inc (&self->ref_count);

  return self;
}

static void
wait_set_unref (gpointer data)
{
  WaitSet *self = data;

  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  asab_promise_unref (self->promise);
  asab_future_set_unref (self->set);
  g_clear_pointer (&self->errors, g_ptr_array_unref);
  g_free (self->ids);
  g_free (self);
}

/* Nobody waits for the other members any more. */
static void
wait_set_leave (WaitSet *self)
{
  wait_set_ref (self);
  for (guint i = 0; i < self->set->n_futures; i++)
    asab_future_disconnect (self->set->futures[i], self->ids[i]);
  wait_set_unref (self);
}

static void
wait_set_end (WaitSet *self)
{
  if (self->kind == WAIT_ANY)
    asab_promise_take_error (self->promise, asab_error_new_multiple (_("All futures were rejected"), self->errors));
  else
    asab_promise_take_boxed (self->promise, ASAB_TYPE_FUTURE_SET, asab_future_set_ref (self->set));
}

static gboolean
decides (WaitSet    *self,
         AsabFuture *member)
{
  switch (self->kind)
    {
    case WAIT_ALL:
      return asab_future_is_rejected (member);
    case WAIT_ANY:
      return asab_future_is_resolved (member);
    case WAIT_RACE:
      return TRUE;
    case WAIT_ALL_SETTLED:
    default:
      return FALSE;
    }
}

static void
member_cb (AsabFuture *member,
           gpointer    user_data)
{
  WaitSet *self = user_data;

  asab_future_observe (member);
  self->n_pending--;

  if (decides (self, member))
    {
      asab_future_copy_outcome (member, self->promise);
      wait_set_leave (self);
      return;
    }

  if (self->kind == WAIT_ANY)
    g_ptr_array_add (self->errors, asab_future_dup_error (member));
  if (self->n_pending == 0)
    wait_set_end (self);
}

static AsabFuture *
wait_for (WaitKind     kind,
          AsabFuture **futures,
          gsize        n_futures)
{
  WaitSet *self = g_new0 (WaitSet, 1);
  AsabFuture *future;

  g_atomic_ref_count_init (&self->ref_count);
  self->kind = kind;
  self->promise = asab_promise_new ();
  self->set = asab_future_set_new (futures, n_futures);
  self->ids = g_new (guint, n_futures);
  self->n_pending = (guint) n_futures;
  if (kind == WAIT_ANY)
    self->errors = g_ptr_array_new_with_free_func ((GDestroyNotify) g_error_free);

  future = asab_future_ref (asab_promise_get_future (self->promise));
  for (gsize i = 0; i < n_futures; i++)
    {
      /* A set answers for its members' errors, also for those that come after it was decided. */
      asab_future_observe (futures[i]);
      self->ids[i] = asab_future_when_done (futures[i], member_cb, wait_set_ref (self), wait_set_unref);
    }
  if (n_futures == 0)
    wait_set_end (self);
  wait_set_unref (self);

  return future;
}

/**
 * asab_future_all:
 * @futures: (array length=n_futures): the futures
 * @n_futures: how many
 *
 * Waits until all futures are resolved, or the first one is rejected; the others go on.
 *
 * Returns: (transfer full): a future of an [struct@FutureSet], or of the first error
 */
AsabFuture *
asab_future_all (AsabFuture **futures,
                 gsize        n_futures)
{
  g_return_val_if_fail (futures != NULL || n_futures == 0, NULL);

  return wait_for (WAIT_ALL, futures, n_futures);
}

/**
 * asab_future_all_settled:
 * @futures: (array length=n_futures): the futures
 * @n_futures: how many
 *
 * Waits until all futures are done.
 *
 * Returns: (transfer full): a future of an [struct@FutureSet]
 */
AsabFuture *
asab_future_all_settled (AsabFuture **futures,
                         gsize        n_futures)
{
  g_return_val_if_fail (futures != NULL || n_futures == 0, NULL);

  return wait_for (WAIT_ALL_SETTLED, futures, n_futures);
}

/**
 * asab_future_any:
 * @futures: (array length=n_futures): the futures
 * @n_futures: how many
 *
 * Waits until the first future is resolved; the others go on.
 *
 * Returns: (transfer full): a future of the first value, or of an %ASAB_ERROR_MULTIPLE with all errors in the order in
 *   which they happened, if there is no value
 */
AsabFuture *
asab_future_any (AsabFuture **futures,
                 gsize        n_futures)
{
  g_return_val_if_fail (futures != NULL || n_futures == 0, NULL);

  return wait_for (WAIT_ANY, futures, n_futures);
}

/**
 * asab_future_race:
 * @futures: (array length=n_futures): the futures, at least one
 * @n_futures: how many
 *
 * Waits until the first future is done; the others go on.
 *
 * Returns: (transfer full): a future with its outcome; %G_IO_ERROR_INVALID_ARGUMENT without futures
 */
AsabFuture *
asab_future_race (AsabFuture **futures,
                  gsize        n_futures)
{
  g_return_val_if_fail (futures != NULL || n_futures == 0, NULL);

  if (n_futures == 0)
    return asab_future_new_take_error (g_error_new_literal (G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                                                            _("A race needs at least one future")));

  return wait_for (WAIT_RACE, futures, n_futures);
}
