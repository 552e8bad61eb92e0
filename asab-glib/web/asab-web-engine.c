/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "asab-web-engine-private.h"

#include <asab-glib/log/asab-log.h>
#include <asab-glib/net/asab-listen.h>

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

/* How many clients are let in a turn, so that those who are in are not kept waiting. */
#define ACCEPTS_PER_TURN 64

/* How long to wait for file descriptors when there are no more. */
#define ACCEPT_PAUSE (G_USEC_PER_SEC / 10)

#define WATCH_EVENTS_PER_TURN 64

typedef struct
{
  GSource parent;

  AsabWebEngine *engine;
} EngineSource;

gint64
asab_web_engine_get_now (AsabWebEngine *self)
{
  return self->is_running ? g_source_get_time (self->source) : g_get_monotonic_time ();
}

static gint64
get_head_deadline (GQueue *queue)
{
  return queue->head != NULL ? asab_web_connection_get_deadline (queue->head->data) : G_MAXINT64;
}

/* When the engine has to run at the latest. */
static gint64
get_due (AsabWebEngine *self,
         gint64         now)
{
  gint64 due = MIN (get_head_deadline (&self->receiving), get_head_deadline (&self->handling));
  MHD_UNSIGNED_LONG_LONG timeout;

  if (self->is_woken)
    return now;

  if (MHD_get_timeout (self->daemon, &timeout) == MHD_YES)
    due = MIN (due, now + (gint64) MIN (timeout, G_MAXINT) * 1000);
  if (self->accept_again_at != 0)
    due = MIN (due, self->accept_again_at);
  if (self->stop_at != 0)
    due = MIN (due, self->stop_at);

  return due;
}

static gboolean
engine_source_prepare (GSource *source,
                       int     *timeout)
{
  AsabWebEngine *self = ((EngineSource *) source)->engine;
  gint64 now = g_source_get_time (source);
  gint64 due = get_due (self, now);

  if (due <= now)
    return TRUE;

  *timeout = due == G_MAXINT64 ? -1 : (int) MIN ((due - now + 999) / 1000, G_MAXINT);

  return FALSE;
}

static gboolean
has_client (AsabWebEngine *self)
{
  for (guint i = 0; self->sockets != NULL && i < self->sockets->len; i++)
    if (g_source_query_unix_fd (self->source, self->socket_tags[i]) != 0)
      return TRUE;

  return FALSE;
}

static gboolean
engine_source_check (GSource *source)
{
  AsabWebEngine *self = ((EngineSource *) source)->engine;
  gint64 now = g_source_get_time (source);

  return g_source_query_unix_fd (source, self->daemon_tag) != 0 ||
         g_source_query_unix_fd (source, self->watch_tag) != 0 ||
         has_client (self) || get_due (self, now) <= now;
}

static void
set_accepting (AsabWebEngine *self,
               gboolean       is_accepting)
{
  if (self->is_accepting == is_accepting)
    return;

  self->is_accepting = is_accepting;
  for (guint i = 0; i < self->sockets->len; i++)
    g_source_modify_unix_fd (self->source, self->socket_tags[i], is_accepting ? G_IO_IN : 0);
}

/* Lets one client in; false if there is none, or none can be. */
static gboolean
accept_client (AsabWebEngine *self,
               GSocket       *socket)
{
  struct sockaddr_storage address = { 0 };
  socklen_t size = sizeof address;
  int fd = accept4 (g_socket_get_fd (socket), (struct sockaddr *) &address, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);

  if (fd >= 0)
    {
      MHD_add_connection (self->daemon, fd, (struct sockaddr *) &address, size);
      return TRUE;
    }

  if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
    {
      g_debug ("Not accepting clients for a while: %s", g_strerror (errno));
      self->accept_again_at = asab_web_engine_get_now (self) + ACCEPT_PAUSE;
    }

  return errno == ECONNABORTED || errno == EINTR;
}

/* Lets clients in. Those who are too many wait in the backlog until somebody leaves. */
static void
accept_clients (AsabWebEngine *self)
{
  if (self->accept_again_at != 0 && self->accept_again_at <= asab_web_engine_get_now (self))
    self->accept_again_at = 0;

  for (guint i = 0; i < self->sockets->len; i++)
    {
      guint n_accepts = 0;

      if (g_source_query_unix_fd (self->source, self->socket_tags[i]) == 0)
        continue;
      while (self->n_connections < self->options.connection_limit && n_accepts++ < ACCEPTS_PER_TURN &&
             accept_client (self, g_ptr_array_index (self->sockets, i)))
        ;
    }
}

/* Cancels the handlers of clients that have gone away. */
static void
check_watched (AsabWebEngine *self)
{
  struct epoll_event events[WATCH_EVENTS_PER_TURN];
  int n_events;

  if (g_source_query_unix_fd (self->source, self->watch_tag) == 0)
    return;

  n_events = epoll_wait (self->watch_fd, events, WATCH_EVENTS_PER_TURN, 0);
  for (int i = 0; i < n_events; i++)
    asab_web_connection_abandon (events[i].data.ptr);
}

static void
check_deadlines (AsabWebEngine *self)
{
  gint64 now = asab_web_engine_get_now (self);

  while (get_head_deadline (&self->handling) <= now)
    asab_web_connection_expire (self->handling.head->data);
  while (get_head_deadline (&self->receiving) <= now)
    asab_web_connection_close_idle (self->receiving.head->data);
}

static void
run_daemon (AsabWebEngine *self)
{
  self->is_woken = FALSE;
  MHD_run (self->daemon);
  asab_log_flush_deferred (); /* of the requests that it ended */
}

/* Ends the daemon, with what is still in flight. */
static void
finish (AsabWebEngine *self)
{
  self->is_finishing = TRUE;
  while (self->handling.head != NULL)
    asab_web_connection_expire (self->handling.head->data);
  run_daemon (self); /* sends what was just answered, as far as the sockets take it */

  g_clear_pointer (&self->daemon, MHD_stop_daemon);
  asab_log_flush_deferred ();
  g_source_destroy (self->source);
  if (self->stopped != NULL)
    asab_promise_resolve (self->stopped, NULL);
}

static void
engine_free (AsabWebEngine *self)
{
  if (self->daemon != NULL)
    finish (self);

  g_clear_pointer (&self->stopped, asab_promise_unref);
  g_clear_pointer (&self->source, g_source_unref);
  g_clear_object (&self->router);
  g_clear_pointer (&self->options.server, g_free);
  g_clear_pointer (&self->socket_tags, g_free);
  if (self->watch_fd >= 0)
    close (self->watch_fd);
  g_free (self);
}

static gboolean
engine_source_dispatch (GSource     *source,
                        GSourceFunc  callback G_GNUC_UNUSED,
                        gpointer     user_data G_GNUC_UNUSED)
{
  AsabWebEngine *self = ((EngineSource *) source)->engine;

  self->is_running = TRUE;

  if (self->sockets != NULL)
    accept_clients (self);
  check_watched (self);
  run_daemon (self);
  check_deadlines (self);
  if (self->sockets != NULL)
    set_accepting (self, self->n_connections < self->options.connection_limit && self->accept_again_at == 0);
  else if (self->n_connections == 0 || self->stop_at <= asab_web_engine_get_now (self))
    finish (self);

  self->is_running = FALSE;
  if (self->is_orphaned)
    engine_free (self);

  return G_SOURCE_CONTINUE;
}

static GSourceFuncs engine_source_funcs = {
  .prepare = engine_source_prepare,
  .check = engine_source_check,
  .dispatch = engine_source_dispatch,
};

/* Requests come to us as they were sent: the engine's own decoding would lose encoded slashes and NULs. */
static size_t
keep_encoded (void                  *user_data G_GNUC_UNUSED,
              struct MHD_Connection *handle G_GNUC_UNUSED,
              char                  *text)
{
  return strlen (text);
}

G_GNUC_PRINTF (2, 0)
static void
log_debug (void       *user_data G_GNUC_UNUSED,
           const char *format,
           va_list     arguments)
{
  g_autofree char *message = g_strdup_vprintf (format, arguments);

  g_debug ("%s", g_strchomp (message));
}

static struct MHD_Daemon *
start_daemon (AsabWebEngine *self)
{
  const AsabWebOptions *options = &self->options;
  unsigned int seconds = (unsigned int) ((options->idle_timeout + G_USEC_PER_SEC - 1) / G_USEC_PER_SEC);

  return MHD_start_daemon (MHD_USE_EPOLL | MHD_USE_NO_LISTEN_SOCKET | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG, 0,
                           NULL, NULL, asab_web_connection_handle, self,
                           MHD_OPTION_EXTERNAL_LOGGER, log_debug, NULL,
                           MHD_OPTION_UNESCAPE_CALLBACK, keep_encoded, NULL,
                           MHD_OPTION_URI_LOG_CALLBACK, asab_web_connection_begin, self,
                           MHD_OPTION_NOTIFY_CONNECTION, asab_web_connection_notify, self,
                           MHD_OPTION_NOTIFY_COMPLETED, asab_web_connection_complete, self,
                           MHD_OPTION_CONNECTION_LIMIT, options->connection_limit,
                           MHD_OPTION_PER_IP_CONNECTION_LIMIT, options->address_connection_limit,
                           MHD_OPTION_CONNECTION_MEMORY_LIMIT, options->connection_memory,
                           MHD_OPTION_CONNECTION_TIMEOUT, seconds,
                           MHD_OPTION_END);
}

static void
attach_source (AsabWebEngine *self)
{
  int daemon_fd = MHD_get_daemon_info (self->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;

  self->source = g_source_new (&engine_source_funcs, sizeof (EngineSource));
  ((EngineSource *) self->source)->engine = self;
  g_source_set_static_name (self->source, "asab-web-engine");

  self->daemon_tag = g_source_add_unix_fd (self->source, daemon_fd, G_IO_IN);
  self->watch_tag = g_source_add_unix_fd (self->source, self->watch_fd, G_IO_IN);
  self->socket_tags = g_new (gpointer, self->sockets->len);
  for (guint i = 0; i < self->sockets->len; i++)
    self->socket_tags[i] = g_source_add_unix_fd (self->source, g_socket_get_fd (g_ptr_array_index (self->sockets, i)),
                                                 G_IO_IN);
  self->is_accepting = TRUE;

  g_source_attach (self->source, g_main_context_get_thread_default ());
}

/* Starts to serve @sockets in the thread-default context; takes what @options holds. */
AsabWebEngine *
asab_web_engine_new (AsabWebRouter   *router,
                     AsabWebOptions  *options,
                     GPtrArray       *sockets,
                     GError         **error)
{
  AsabWebEngine *self = g_new0 (AsabWebEngine, 1);

  self->router = g_object_ref (router);
  self->options = *options;
  options->server = NULL;
  self->sockets = g_ptr_array_ref (sockets);
  self->watch_fd = epoll_create1 (EPOLL_CLOEXEC);
  self->daemon = self->watch_fd >= 0 ? start_daemon (self) : NULL;

  if (self->daemon == NULL)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, _("The web server cannot be started"));
      g_clear_pointer (&self->sockets, g_ptr_array_unref);
      engine_free (self);
      return NULL;
    }

  attach_source (self);

  return self;
}

static void
stop_listening (AsabWebEngine *self)
{
  if (self->sockets == NULL)
    return;

  for (guint i = 0; i < self->sockets->len; i++)
    g_source_remove_unix_fd (self->source, self->socket_tags[i]);
  asab_listen_close (self->sockets);
  g_clear_pointer (&self->sockets, g_ptr_array_unref);
}

/* Closes the engine, and drops what is in flight. */
void
asab_web_engine_free (AsabWebEngine *self)
{
  stop_listening (self);
  if (self->is_running)
    self->is_orphaned = TRUE;
  else
    engine_free (self);
}

/* Takes no more clients, lets requests in flight be answered for @timeout microseconds, and drops them then. */
AsabFuture *
asab_web_engine_stop (AsabWebEngine *self,
                      gint64         timeout)
{
  GList *next;

  if (self->stopped == NULL)
    {
      self->stopped = asab_promise_new ();
      self->stop_at = asab_web_engine_get_now (self) + timeout;
      self->is_woken = TRUE;
      stop_listening (self);

      for (GList *link = self->receiving.head; link != NULL; link = next)
        {
          next = link->next;
          if (asab_web_connection_is_idle (link->data))
            asab_web_connection_close_idle (link->data);
        }
    }

  return asab_future_ref (asab_promise_get_future (self->stopped));
}
