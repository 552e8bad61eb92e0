/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/asab-version-macros.h>
#include <gio/gio.h>

G_BEGIN_DECLS

#define ASAB_TYPE_FUTURE (asab_future_get_type ())

/**
 * AsabFutureStatus:
 * @ASAB_FUTURE_PENDING: not completed yet
 * @ASAB_FUTURE_RESOLVED: completed with a value, which may be none
 * @ASAB_FUTURE_REJECTED: completed with an error
 *
 * The states of an [struct@Future].
 */
typedef enum
{
  ASAB_FUTURE_PENDING,
  ASAB_FUTURE_RESOLVED,
  ASAB_FUTURE_REJECTED,
} AsabFutureStatus;

typedef struct _AsabFuture AsabFuture;

/**
 * AsabFutureCallback:
 * @future: the completed future
 * @user_data: (closure): the data given to [method@Future.when_done]
 *
 * Called once, from the main context in which it was registered, when @future is completed.
 */
typedef void (*AsabFutureCallback) (AsabFuture *future,
                                    gpointer    user_data);

/**
 * AsabFutureFunc: (skip)
 * @future: the completed future
 * @user_data: the data given with the function
 * @error: return location for an error
 *
 * The step of [method@Future.then] and its like, called when @future is completed.
 *
 * Returns: (transfer full) (nullable): the future to go on with; %NULL without @error is done without a value
 */
typedef AsabFuture *(*AsabFutureFunc) (AsabFuture  *future,
                                       gpointer     user_data,
                                       GError     **error);

/**
 * AsabAsyncFunc:
 * @user_data: (closure): the data given with the function
 * @error: return location for an error
 *
 * A function that may take time.
 *
 * Returns: (transfer full) (nullable): a future of the result; %NULL without @error is done without a value
 */
typedef AsabFuture *(*AsabAsyncFunc) (gpointer   user_data,
                                      GError   **error);

/**
 * AsabUnhandledErrorFunc:
 * @error: the error that nobody looked at
 * @name: (nullable): the name of the future
 * @site: (nullable): where the future was made, `file:line`
 * @user_data: (closure): the data given with the function
 *
 * Called, from no particular thread, for each rejection that nobody looked at.
 */
typedef void (*AsabUnhandledErrorFunc) (const GError *error,
                                        const char   *name,
                                        const char   *site,
                                        gpointer      user_data);

ASAB_AVAILABLE_IN_ALL
GType             asab_future_get_type       (void) G_GNUC_CONST;

ASAB_AVAILABLE_IN_ALL
AsabFuture       *asab_future_new_resolved   (const GValue         *value) G_GNUC_WARN_UNUSED_RESULT;
ASAB_AVAILABLE_IN_ALL
AsabFuture       *asab_future_new_rejected   (const GError         *error) G_GNUC_WARN_UNUSED_RESULT;
ASAB_AVAILABLE_IN_ALL
AsabFuture       *asab_future_new_take_error (GError               *error) G_GNUC_WARN_UNUSED_RESULT;
ASAB_AVAILABLE_IN_ALL
AsabFuture       *asab_future_ref            (AsabFuture           *self);
ASAB_AVAILABLE_IN_ALL
void              asab_future_unref          (AsabFuture           *self);

ASAB_AVAILABLE_IN_ALL
AsabFutureStatus  asab_future_get_status     (AsabFuture           *self);
ASAB_AVAILABLE_IN_ALL
gboolean          asab_future_is_done        (AsabFuture           *self);
ASAB_AVAILABLE_IN_ALL
gboolean          asab_future_is_resolved    (AsabFuture           *self);
ASAB_AVAILABLE_IN_ALL
gboolean          asab_future_is_rejected    (AsabFuture           *self);
ASAB_AVAILABLE_IN_ALL
gboolean          asab_future_is_cancelled   (AsabFuture           *self);

ASAB_AVAILABLE_IN_ALL
const GValue     *asab_future_get_value      (AsabFuture           *self,
                                              GError              **error);
ASAB_AVAILABLE_IN_ALL
gboolean          asab_future_get_boolean    (AsabFuture           *self,
                                              GError              **error);
ASAB_AVAILABLE_IN_ALL
gint64            asab_future_get_int64      (AsabFuture           *self,
                                              GError              **error);
ASAB_AVAILABLE_IN_ALL
double            asab_future_get_double     (AsabFuture           *self,
                                              GError              **error);
ASAB_AVAILABLE_IN_ALL
char             *asab_future_dup_string     (AsabFuture           *self,
                                              GError              **error);
ASAB_AVAILABLE_IN_ALL
GObject          *asab_future_dup_object     (AsabFuture           *self,
                                              GError              **error);
ASAB_AVAILABLE_IN_ALL
gpointer          asab_future_dup_boxed      (AsabFuture           *self,
                                              GType                 type,
                                              GError              **error);
ASAB_AVAILABLE_IN_ALL
GVariant         *asab_future_dup_variant    (AsabFuture           *self,
                                              GError              **error);
ASAB_AVAILABLE_IN_ALL
GError           *asab_future_dup_error      (AsabFuture           *self);
ASAB_AVAILABLE_IN_ALL
const GValue     *asab_future_get_exception  (AsabFuture           *self);

ASAB_AVAILABLE_IN_ALL
const char       *asab_future_get_name       (AsabFuture           *self);
ASAB_AVAILABLE_IN_ALL
void              asab_future_set_name       (AsabFuture           *self,
                                              const char           *name);
ASAB_AVAILABLE_IN_ALL
const char       *asab_future_get_site       (AsabFuture           *self);

ASAB_AVAILABLE_IN_ALL
guint             asab_future_when_done      (AsabFuture           *self,
                                              AsabFutureCallback    callback,
                                              gpointer              user_data,
                                              GDestroyNotify        destroy);
ASAB_AVAILABLE_IN_ALL
guint             asab_future_when_done_closure (AsabFuture        *self,
                                                 GClosure          *closure);
ASAB_AVAILABLE_IN_ALL
void              asab_future_disconnect     (AsabFuture           *self,
                                              guint                 id);
ASAB_AVAILABLE_IN_ALL
void              asab_future_cancel         (AsabFuture           *self);
ASAB_AVAILABLE_IN_ALL
void              asab_future_ignore         (AsabFuture           *self);

ASAB_AVAILABLE_IN_ALL
void              asab_future_wait_async     (AsabFuture           *self,
                                              GCancellable         *cancellable,
                                              GAsyncReadyCallback   callback,
                                              gpointer              user_data);
ASAB_AVAILABLE_IN_ALL
const GValue     *asab_future_wait_finish    (AsabFuture           *self,
                                              GAsyncResult         *result,
                                              GError              **error);

ASAB_AVAILABLE_IN_ALL
AsabFuture       *asab_future_then           (AsabFuture           *self,
                                              AsabFutureFunc        func,
                                              gpointer              user_data,
                                              GDestroyNotify        destroy);
ASAB_AVAILABLE_IN_ALL
AsabFuture       *asab_future_catch          (AsabFuture           *self,
                                              AsabFutureFunc        func,
                                              gpointer              user_data,
                                              GDestroyNotify        destroy);
ASAB_AVAILABLE_IN_ALL
AsabFuture       *asab_future_finally        (AsabFuture           *self,
                                              AsabFutureFunc        func,
                                              gpointer              user_data,
                                              GDestroyNotify        destroy);

ASAB_AVAILABLE_IN_ALL
void              asab_set_unhandled_error_func (AsabUnhandledErrorFunc func,
                                                 gpointer               user_data,
                                                 GDestroyNotify         destroy);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AsabFuture, asab_future_unref)

G_END_DECLS
