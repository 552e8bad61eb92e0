/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/async/asab-promise.h>
#include <asab-glib/web/asab-web-router.h>

#include <microhttpd.h>

G_BEGIN_DECLS

/* The settings of an engine, taken when it starts. */
typedef struct
{
  guint connection_limit;
  guint address_connection_limit; /* 0: none */
  gsize connection_memory;        /* bounds the headers of a request */
  gint64 idle_timeout;            /* microseconds, as is the next */
  gint64 request_timeout;
  guint64 body_max_size;
  char *server; /* (owned) (nullable): the value of the header of this name */
} AsabWebOptions;

typedef struct _AsabWebConnection AsabWebConnection;

/* libmicrohttpd and what it lacks, behind one GSource.
 *
 *     listening sockets ─┐
 *     engine's epoll set ┼─ GSource ─ MHD_run () ─ connections ─ router ─ handlers
 *     watched clients ───┘
 *
 * The engine reads, parses and writes. Ours are: accepting, because there may be several addresses and limits to
 * wait at; the deadlines, because a client that sends a byte now and then never times out with the engine; and
 * watching the clients whose handlers wait, because the engine does not look at them then. */
typedef struct
{
  GSource *source;           /* (owned) */
  struct MHD_Daemon *daemon; /* (owned) */
  AsabWebRouter *router;     /* (owned) */
  AsabWebOptions options;
  GPtrArray *sockets;        /* (owned) (nullable) (element-type GSocket): NULL when it is stopping */
  gpointer *socket_tags;     /* (owned): of sockets, in the source */
  gpointer daemon_tag;
  gpointer watch_tag;
  int watch_fd; /* an epoll set of the clients whose handlers wait */

  guint n_connections;
  GQueue receiving; /* (element-type AsabWebConnection): idle or sending a request, by deadline */
  GQueue handling;  /* (element-type AsabWebConnection): with a handler that waits, by deadline */

  gboolean is_woken;     /* there is work that no file descriptor tells of */
  gboolean is_running;   /* within the engine, where it may not be stopped */
  gboolean is_accepting;
  gboolean is_orphaned;  /* to be freed when it no longer runs */
  gboolean is_finishing; /* no handler is called any more: a daemon with suspended connections cannot be stopped */
  gint64 accept_again_at; /* when to try again after file descriptors ran out, or 0 */
  gint64 stop_at;        /* when to give up on what is in flight, or 0 */
  AsabPromise *stopped;  /* (owned) (nullable) */
} AsabWebEngine;

AsabWebEngine     *asab_web_engine_new             (AsabWebRouter      *router,
                                                    AsabWebOptions     *options,
                                                    GPtrArray          *sockets,
                                                    GError            **error);
void               asab_web_engine_free            (AsabWebEngine      *self);
AsabFuture        *asab_web_engine_stop            (AsabWebEngine      *self,
                                                    gint64              timeout);
gint64             asab_web_engine_get_now         (AsabWebEngine      *self);

/* The callbacks of the engine */

void               asab_web_connection_notify      (void               *user_data,
                                                    struct MHD_Connection *handle,
                                                    void              **context,
                                                    enum MHD_ConnectionNotificationCode code);
void              *asab_web_connection_begin       (void               *user_data,
                                                    const char         *target,
                                                    struct MHD_Connection *handle);
enum MHD_Result    asab_web_connection_handle      (void               *user_data,
                                                    struct MHD_Connection *handle,
                                                    const char         *url,
                                                    const char         *method,
                                                    const char         *version,
                                                    const char         *data,
                                                    size_t             *size,
                                                    void              **context);
void               asab_web_connection_complete    (void               *user_data,
                                                    struct MHD_Connection *handle,
                                                    void              **context,
                                                    enum MHD_RequestTerminationCode code);

/* What the engine does to a connection */

gboolean           asab_web_connection_is_idle     (AsabWebConnection  *self);
void               asab_web_connection_close_idle  (AsabWebConnection  *self);
void               asab_web_connection_expire      (AsabWebConnection  *self);
void               asab_web_connection_abandon     (AsabWebConnection  *self);
gint64             asab_web_connection_get_deadline (AsabWebConnection *self);

G_END_DECLS
