/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/async/asab-future.h>

G_BEGIN_DECLS

#define ASAB_TYPE_LOCK (asab_lock_get_type ())
ASAB_AVAILABLE_IN_ALL
G_DECLARE_FINAL_TYPE (AsabLock, asab_lock, ASAB, LOCK, GObject)

ASAB_AVAILABLE_IN_ALL
AsabLock   *asab_lock_new       (void) G_GNUC_WARN_UNUSED_RESULT;
ASAB_AVAILABLE_IN_ALL
AsabFuture *asab_lock_acquire   (AsabLock  *self) G_GNUC_WARN_UNUSED_RESULT;
ASAB_AVAILABLE_IN_ALL
gboolean    asab_lock_hold      (AsabLock  *self,
                                 GError   **error);
ASAB_AVAILABLE_IN_ALL
void        asab_lock_release   (AsabLock  *self);
ASAB_AVAILABLE_IN_ALL
gboolean    asab_lock_is_locked (AsabLock  *self);

/**
 * AsabLockGuard: (skip)
 *
 * Releases a lock at the end of a scope; declare it with `g_auto`.
 */
typedef struct
{
  /*< private >*/
  AsabLock *lock;
} AsabLockGuard;

ASAB_AVAILABLE_IN_ALL
AsabLockGuard asab_lock_guard     (AsabLock       *self,
                                   GError        **error);
ASAB_AVAILABLE_IN_ALL
void          asab_lock_guard_end (AsabLockGuard  *guard);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (AsabLockGuard, asab_lock_guard_end)

G_END_DECLS
