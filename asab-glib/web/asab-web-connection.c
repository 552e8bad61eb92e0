/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A connection and the request that is under way on it, of which HTTP/1.1 has one at a time:
 *
 *     begin ─ the first line is there
 *     handle, 1st call ─ the headers are there: is there a route, is the body acceptable?
 *     handle, … ─ pieces of the body
 *     handle, last call ─ all is there: run the handler; suspend the connection if it waits, else send the answer
 *     complete ─ the answer is sent, or the connection is lost
 */

#include "config.h"

#include "asab-web-engine-private.h"

#include "asab-web-access-log-private.h"
#include "asab-web-framing-private.h"
#include "asab-web-request-private.h"
#include "asab-web-router-private.h"

#include <asab-glib/web/asab-web-error.h>

#include <glib/gi18n-lib.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

/* nginx's number for a client that did not wait for its answer. */
#define STATUS_CLIENT_GONE 499

struct _AsabWebConnection
{
  AsabWebEngine *engine;
  struct MHD_Connection *handle;
  int fd;
  GRefString *remote_address; /* (owned) */

  GQueue *queue; /* (nullable): where it is linked */
  GList link;
  gint64 deadline;

  /* The request under way */
  AsabWebRequest *request; /* (owned) (nullable) */
  gint64 started_at;
  gboolean is_routed;
  gboolean is_dispatched;
  gboolean is_last;   /* where the next request begins is not certain */
  gboolean is_lost;   /* the client is gone */
  AsabFuture *future; /* (owned) (nullable): of a handler that waits */
  guint future_id;
  struct MHD_Response *answer; /* (owned) (nullable): made, but not given to the engine yet */
  guint status;
  guint64 request_size;
  guint64 answer_size;
};

/* The time of this turn of the loop: exact enough for deadlines, and free. */
static void
set_queue (AsabWebConnection *self,
           GQueue            *queue,
           gint64             timeout)
{
  if (self->queue != NULL)
    g_queue_unlink (self->queue, &self->link);

  self->queue = queue;
  if (queue != NULL)
    {
      self->deadline = asab_web_engine_get_now (self->engine) + timeout;
      g_queue_push_tail_link (queue, &self->link);
    }
}

static GRefString *
format_address (struct MHD_Connection *handle)
{
  const union MHD_ConnectionInfo *info = MHD_get_connection_info (handle, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
  g_autoptr(GSocketAddress) address = NULL;
  g_autofree char *text = NULL;
  gsize size = info->client_addr->sa_family == AF_INET6 ? sizeof (struct sockaddr_in6) : sizeof (struct sockaddr_in);

  if (info->client_addr->sa_family == AF_UNIX)
    return g_ref_string_new_intern ("unix");

  address = g_socket_address_new_from_native (info->client_addr, size);
  if (address == NULL)
    return g_ref_string_new_intern ("unknown");

  text = g_inet_address_to_string (g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (address)));

  return g_ref_string_new (text);
}

/* The engine has read the first line of a request; what is returned becomes the context of the other callbacks.
 *
 * The query, of which we have a copy now, is wiped: the engine would parse it into the memory of the connection,
 * and forget the client when there is not enough (seen with libmicrohttpd 0.9.75). */
void *
asab_web_connection_begin (void                  *user_data G_GNUC_UNUSED,
                           const char            *target,
                           struct MHD_Connection *handle)
{
  AsabWebConnection *self = MHD_get_connection_info (handle, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
  char *query = strchr (target, '?');

  self->request = asab_web_request_new (target, handle, self->remote_address);
  if (query != NULL)
    memset (query, '\0', strlen (query));
  self->started_at = g_get_monotonic_time ();
  self->is_routed = FALSE;
  self->is_dispatched = FALSE;
  self->status = 0;
  self->request_size = 0;
  self->answer_size = 0;

  return self;
}

static void
free_answer_text (void *text)
{
  g_free (text);
}

static void
unref_answer_bytes (void *bytes)
{
  g_bytes_unref (bytes);
}

static struct MHD_Response *
make_body (AsabWebRequest *request)
{
  gsize size;
  gpointer data;
  GBytes *bytes;

  if (request->bytes != NULL)
    {
      bytes = g_steal_pointer (&request->bytes);
      data = (gpointer) g_bytes_get_data (bytes, &size);
      return MHD_create_response_from_buffer_with_free_callback_cls (size, data, unref_answer_bytes, bytes);
    }

  if (request->text != NULL)
    return MHD_create_response_from_buffer_with_free_callback (request->text_size, g_steal_pointer (&request->text),
                                                               free_answer_text);

  return MHD_create_response_from_buffer (0, (void *) "", MHD_RESPMEM_PERSISTENT);
}

/* Makes what the engine sends of what stands in the request now; what the handler does to it later is lost. */
static void
make_answer (AsabWebConnection *self)
{
  AsabWebRequest *request = self->request;
  GArray *headers = request->answer_headers;

  self->status = request->status;
  self->answer_size = request->bytes != NULL ? g_bytes_get_size (request->bytes) : request->text_size;
  self->answer = make_body (request);

  if (request->content_type != NULL)
    MHD_add_response_header (self->answer, MHD_HTTP_HEADER_CONTENT_TYPE, request->content_type);
  if (self->engine->options.server != NULL)
    MHD_add_response_header (self->answer, MHD_HTTP_HEADER_SERVER, self->engine->options.server);
  for (guint i = 0; headers != NULL && i < headers->len; i++)
    {
      AsabWebPair *pair = &g_array_index (headers, AsabWebPair, i);

      MHD_add_response_header (self->answer, pair->name, pair->value);
    }
  if (self->is_last || self->engine->stop_at != 0)
    MHD_add_response_header (self->answer, MHD_HTTP_HEADER_CONNECTION, "close");
}

static enum MHD_Result
send_answer (AsabWebConnection *self)
{
  struct MHD_Response *answer;
  enum MHD_Result result;

  if (self->is_lost)
    return MHD_NO;

  if (self->answer == NULL)
    make_answer (self);
  answer = g_steal_pointer (&self->answer);

  set_queue (self, NULL, 0); /* the engine itself sees to a client that does not read */
  result = MHD_queue_response (self->handle, self->status, answer);
  MHD_destroy_response (answer);

  return result;
}

/* The headers are there. What is refused now is told before the body comes, for which the connection has to be
 * closed. */
static enum MHD_Result
begin_request (AsabWebConnection *self,
               const char        *method,
               const char        *version)
{
  AsabWebRequest *request = self->request;
  gboolean has_body;
  gboolean is_fine = asab_web_framing_check (request, version, self->engine->options.body_max_size, &has_body);

  self->is_routed = TRUE;
  self->is_last = !is_fine;
  if (g_strlcpy (request->method, method, sizeof request->method) >= sizeof request->method)
    {
      asab_web_request_refuse (request, ASAB_WEB_ERROR_NOT_IMPLEMENTED, _("The method is not understood"));
      is_fine = FALSE;
    }
  is_fine = is_fine && asab_web_router_route (self->engine->router, request);

  return !is_fine && has_body ? send_answer (self) : MHD_YES;
}

/* Takes a piece of the body. One that turns out too large, as a chunked one may, is read to its end nevertheless,
 * because only then the engine lets us answer; how long that may go on is bounded by the idle timeout. */
static enum MHD_Result
receive_body (AsabWebConnection *self,
              const char        *data,
              size_t            *size)
{
  self->request_size += *size;
  if (self->request_size <= self->engine->options.body_max_size)
    asab_web_request_append_body (self->request, data, *size);
  else if (!asab_web_request_is_answered (self->request))
    asab_web_request_refuse (self->request, ASAB_WEB_ERROR_CONTENT_TOO_LARGE,
                             _("The body is larger than is accepted here"));
  *size = 0;

  return MHD_YES;
}

static void
resume (AsabWebConnection *self)
{
  epoll_ctl (self->engine->watch_fd, EPOLL_CTL_DEL, self->fd, NULL);
  set_queue (self, NULL, 0);
  MHD_resume_connection (self->handle);
  self->engine->is_woken = TRUE;
}

static void
handler_done_cb (AsabFuture *future,
                 gpointer    user_data)
{
  AsabWebConnection *self = user_data;

  asab_web_request_settle (self->request, future);
  g_clear_pointer (&self->future, asab_future_unref);
  make_answer (self);
  resume (self);
}

/* Lets go of a handler that waits. */
static void
cancel_handler (AsabWebConnection *self)
{
  asab_future_disconnect (self->future, self->future_id);
  asab_future_cancel (self->future);
  g_clear_pointer (&self->future, asab_future_unref);
}

/* The engine does not look at a suspended connection, neither at its clock nor at its socket, so we do. A client
 * that has closed only its own direction counts as gone, too: nobody can tell the difference before it is too
 * late. */
static void
suspend (AsabWebConnection *self)
{
  struct epoll_event event = { .events = EPOLLRDHUP, .data.ptr = self };

  MHD_suspend_connection (self->handle);
  set_queue (self, &self->engine->handling, self->engine->options.request_timeout);
  epoll_ctl (self->engine->watch_fd, EPOLL_CTL_ADD, self->fd, &event);
  self->future_id = asab_future_when_done (self->future, handler_done_cb, self, NULL);
}

static enum MHD_Result
dispatch (AsabWebConnection *self)
{
  g_autoptr(GError) error = NULL;

  self->is_dispatched = TRUE;
  if (self->engine->is_finishing)
    {
      asab_web_request_refuse (self->request, ASAB_WEB_ERROR_SERVICE_UNAVAILABLE, _("The server is stopping"));
      return send_answer (self);
    }

  self->future = asab_web_router_dispatch (self->engine->router, self->request, &error);

  if (self->future != NULL && !asab_future_is_done (self->future))
    {
      suspend (self);
      return MHD_YES;
    }

  if (error != NULL)
    asab_web_request_fail (self->request, error);
  else
    asab_web_request_settle (self->request, self->future);
  g_clear_pointer (&self->future, asab_future_unref);

  return send_answer (self);
}

enum MHD_Result
asab_web_connection_handle (void                   *user_data G_GNUC_UNUSED,
                            struct MHD_Connection  *handle G_GNUC_UNUSED,
                            const char             *url G_GNUC_UNUSED,
                            const char             *method,
                            const char             *version,
                            const char             *data,
                            size_t                 *size,
                            void                  **context)
{
  AsabWebConnection *self = *context;

  if (!self->is_routed)
    return begin_request (self, method, version);
  if (*size > 0)
    return receive_body (self, data, size);
  if (!self->is_dispatched && !asab_web_request_is_answered (self->request))
    return dispatch (self);

  return send_answer (self);
}

static void
log_access (AsabWebConnection *self)
{
  AsabWebAccess access = {
    .remote_address = self->remote_address,
    .method = self->request->method[0] != '\0' ? self->request->method : "-",
    .path = self->request->path,
    .user_agent = MHD_lookup_connection_value (self->handle, MHD_HEADER_KIND, MHD_HTTP_HEADER_USER_AGENT),
    .status = self->status,
    .duration = g_get_monotonic_time () - self->started_at,
    .request_size = self->request_size,
    .answer_size = self->answer_size,
  };
  const union MHD_ConnectionInfo *info = MHD_get_connection_info (self->handle, MHD_CONNECTION_INFO_HTTP_STATUS);

  /* What was not answered by us may have been refused by the engine. */
  if (access.status == 0)
    access.status = info != NULL && info->http_status != 0 ? info->http_status : STATUS_CLIENT_GONE;

  asab_web_access_log (&access);
}

static void
end_request (AsabWebConnection *self)
{
  if (self->is_lost)
    self->status = STATUS_CLIENT_GONE;
  log_access (self);

  g_clear_pointer (&self->answer, MHD_destroy_response);
  asab_web_request_detach (self->request);
  g_clear_pointer (&self->request, asab_web_request_unref);
}

void
asab_web_connection_complete (void                             *user_data G_GNUC_UNUSED,
                              struct MHD_Connection            *handle G_GNUC_UNUSED,
                              void                            **context,
                              enum MHD_RequestTerminationCode   code G_GNUC_UNUSED)
{
  AsabWebConnection *self = *context;

  *context = NULL;
  end_request (self);
  set_queue (self, &self->engine->receiving, self->engine->options.idle_timeout);
}

static void
connection_open (AsabWebEngine          *engine,
                 struct MHD_Connection  *handle,
                 void                  **context)
{
  AsabWebConnection *self = g_new0 (AsabWebConnection, 1);

  self->engine = engine;
  self->handle = handle;
  self->fd = MHD_get_connection_info (handle, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
  self->remote_address = format_address (handle);
  self->link.data = self;
  set_queue (self, &engine->receiving, engine->options.idle_timeout);
  engine->n_connections++;
  *context = self;
}

static void
connection_close (AsabWebConnection *self)
{
  if (self->request != NULL) /* the engine does not complete all that it has begun */
    end_request (self);

  set_queue (self, NULL, 0);
  self->engine->n_connections--;
  self->engine->is_woken = TRUE; /* one may be waiting for the place, or for the last one to be gone */
  g_clear_pointer (&self->remote_address, g_ref_string_release);
  g_free (self);
}

void
asab_web_connection_notify (void                                *user_data,
                            struct MHD_Connection               *handle,
                            void                               **context,
                            enum MHD_ConnectionNotificationCode  code)
{
  if (code == MHD_CONNECTION_NOTIFY_STARTED)
    connection_open (user_data, handle, context);
  else
    connection_close (g_steal_pointer (context));
}

/* Closes a connection that waits for the next request, or is not worth waiting for one. The engine sees it as the
 * end of what the client sends. */
void
asab_web_connection_close_idle (AsabWebConnection *self)
{
  set_queue (self, NULL, 0);
  shutdown (self->fd, SHUT_RDWR);
}

gboolean
asab_web_connection_is_idle (AsabWebConnection *self)
{
  return self->request == NULL;
}

/* Answers a request whose handler takes too long. */
void
asab_web_connection_expire (AsabWebConnection *self)
{
  cancel_handler (self);
  asab_web_request_clear_answer (self->request);
  asab_web_request_refuse (self->request, ASAB_WEB_ERROR_SERVICE_UNAVAILABLE, _("The server takes too long"));
  make_answer (self);
  resume (self);
}

/* Gives up on a request whose client is gone. */
void
asab_web_connection_abandon (AsabWebConnection *self)
{
  cancel_handler (self);
  self->is_lost = TRUE;
  resume (self);
}

gint64
asab_web_connection_get_deadline (AsabWebConnection *self)
{
  return self->deadline;
}
