/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/async/asab-future.h>

G_BEGIN_DECLS

#define ASAB_TYPE_PROMISE (asab_promise_get_type ())

typedef struct _AsabPromise AsabPromise;

ASAB_AVAILABLE_IN_ALL
GType         asab_promise_get_type              (void) G_GNUC_CONST;

ASAB_AVAILABLE_IN_ALL
AsabPromise  *asab_promise_new                   (void) G_GNUC_WARN_UNUSED_RESULT;
ASAB_AVAILABLE_IN_ALL
AsabPromise  *asab_promise_new_at                (const char    *site) G_GNUC_WARN_UNUSED_RESULT;
ASAB_AVAILABLE_IN_ALL
AsabPromise  *asab_promise_ref                   (AsabPromise   *self);
ASAB_AVAILABLE_IN_ALL
void          asab_promise_unref                 (AsabPromise   *self);

ASAB_AVAILABLE_IN_ALL
AsabFuture   *asab_promise_get_future            (AsabPromise   *self);
ASAB_AVAILABLE_IN_ALL
GCancellable *asab_promise_get_cancellable       (AsabPromise   *self);
ASAB_AVAILABLE_IN_ALL
void          asab_promise_defer_cancel          (AsabPromise   *self);

ASAB_AVAILABLE_IN_ALL
gboolean      asab_promise_resolve               (AsabPromise   *self,
                                                  const GValue  *value);
ASAB_AVAILABLE_IN_ALL
gboolean      asab_promise_resolve_boolean       (AsabPromise   *self,
                                                  gboolean       value);
ASAB_AVAILABLE_IN_ALL
gboolean      asab_promise_resolve_int64         (AsabPromise   *self,
                                                  gint64         value);
ASAB_AVAILABLE_IN_ALL
gboolean      asab_promise_resolve_double        (AsabPromise   *self,
                                                  double         value);
ASAB_AVAILABLE_IN_ALL
gboolean      asab_promise_resolve_string        (AsabPromise   *self,
                                                  const char    *value);
ASAB_AVAILABLE_IN_ALL
gboolean      asab_promise_resolve_object        (AsabPromise   *self,
                                                  GObject       *value);
ASAB_AVAILABLE_IN_ALL
gboolean      asab_promise_resolve_variant       (AsabPromise   *self,
                                                  GVariant      *value);
ASAB_AVAILABLE_IN_ALL
gboolean      asab_promise_take_boxed            (AsabPromise   *self,
                                                  GType          type,
                                                  gpointer       value);
ASAB_AVAILABLE_IN_ALL
gboolean      asab_promise_reject                (AsabPromise   *self,
                                                  const GError  *error);
ASAB_AVAILABLE_IN_ALL
gboolean      asab_promise_take_error            (AsabPromise   *self,
                                                  GError        *error);
ASAB_AVAILABLE_IN_ALL
gboolean      asab_promise_reject_literal        (AsabPromise   *self,
                                                  GQuark         domain,
                                                  int            code,
                                                  const char    *message);
ASAB_AVAILABLE_IN_ALL
gboolean      asab_promise_reject_with_exception (AsabPromise   *self,
                                                  const GError  *error,
                                                  const GValue  *exception);
ASAB_AVAILABLE_IN_ALL
gboolean      asab_promise_follow                (AsabPromise   *self,
                                                  AsabFuture    *future);

/* In C a promise knows the line that made it. */
#define asab_promise_new() asab_promise_new_at (G_STRLOC)

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AsabPromise, asab_promise_unref)

G_END_DECLS
