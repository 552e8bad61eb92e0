/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/async/asab-coroutine.h>
#include <asab-glib/async/asab-promise.h>

G_BEGIN_DECLS

typedef enum
{
  ASAB_COROUTINE_NEW,
  ASAB_COROUTINE_STARTED, /* and ended once its future is done */
  ASAB_COROUTINE_CLOSED,  /* before it was started */
} AsabCoroutineState;

typedef struct
{
  char *name;               /* (nullable) */
  AsabAsyncFunc func;       /* (nullable): the body … */
  AsabFiberFunc fiber_func; /* (nullable): … or the body on a fiber … */
  gpointer user_data;       /* … and its data, until it has ended */
  GDestroyNotify destroy;

  AsabCoroutineState state;
  AsabFuture *future;       /* (owned) (nullable): of the result, from the start on */
  GError *thrown;           /* (owned) (nullable): before the start, to reject it with */
  AsabPromise *asker;       /* (owned) (nullable): of the next value that the body yields, for who sent the last one */
  AsabPromise *answer;      /* (owned) (nullable): of what the body gets sent while it waits in a yield */
} AsabCoroutinePrivate;

AsabCoroutinePrivate *asab_coroutine_get_private (AsabCoroutine        *self);
gboolean              asab_coroutine_has_ended   (AsabCoroutinePrivate *priv);
AsabFuture           *asab_coroutine_refuse      (GQuark                domain,
                                                  int                   code,
                                                  const char           *message);

G_END_DECLS
