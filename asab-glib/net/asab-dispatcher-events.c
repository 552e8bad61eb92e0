/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a dispatcher makes of the events of its socket, and which of them it wants to hear of. */

#include "config.h"

#include "asab-dispatcher-private.h"

#include "asab-channel-map-private.h"
#include "asab-socket-private.h"

#include <asab-glib/async/asab-fiber.h>
#include <asab-glib/core/asab-error.h>

#include <errno.h>
#include <glib/gi18n-lib.h>

typedef gboolean (*Handler) (AsabDispatcher  *self,
                             GError         **error);

/* Calls to handlers by whoever may be a fiber. */
typedef struct
{
  AsabDispatcher *self;
  const GError *error; /* (nullable) */
} Call;

static void
call_handle_close (gpointer data)
{
  AsabDispatcher *self = ((Call *) data)->self;

  ASAB_DISPATCHER_GET_CLASS (self)->handle_close (self);
}

static void
call_handle_error (gpointer data)
{
  Call *call = data;
  AsabDispatcherOwner *owner = asab_dispatcher_get_private (call->self)->owner;

  if (owner != NULL && owner->funcs->failed != NULL)
    owner->funcs->failed (owner, call->self, call->error);
  ASAB_DISPATCHER_GET_CLASS (call->self)->handle_error (call->self, call->error);
}

/* Tells, once, that the connection is over. */
void
asab_dispatcher_hang_up (AsabDispatcher *self)
{
  AsabDispatcherPrivate *priv = asab_dispatcher_get_private (self);
  g_autoptr(AsabDispatcher) alive = NULL;

  if (priv->is_hung_up || priv->fd < 0)
    return;

  alive = g_object_ref (self);
  priv->is_hung_up = TRUE;
  asab_main_stack_call (call_handle_close, &(Call) { self, NULL });
  asab_dispatcher_update_interest (self); /* if it is still open, it has none any more */
}

gboolean
asab_dispatcher_is_about_lost_peer (const GError *error)
{
  return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED) ||
         g_error_matches (error, G_IO_ERROR, G_IO_ERROR_BROKEN_PIPE) ||
         g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_CONNECTED);
}

void
asab_dispatcher_tell_error (AsabDispatcher *self,
                            const GError   *error)
{
  asab_main_stack_call (call_handle_error, &(Call) { self, error });
}

/* Deals with an error that a handler did not. */
void
asab_dispatcher_fail (AsabDispatcher *self,
                      const GError   *error)
{
  if (asab_dispatcher_is_about_lost_peer (error))
    asab_dispatcher_hang_up (self);
  else
    asab_dispatcher_tell_error (self, error);
}

/* Calls a handler. Returns false, with @error, only if the loop is to be left. */
static gboolean
handle (AsabDispatcher  *self,
        Handler          handler,
        GError         **error)
{
  g_autoptr(GError) failure = NULL;

  if (handler (self, &failure))
    return TRUE;

  if (g_error_matches (failure, ASAB_ERROR, ASAB_ERROR_EXIT_NOW))
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return FALSE;
    }
  if (g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    return TRUE; /* somebody else has read it meanwhile */

  if (failure == NULL)
    g_set_error_literal (&failure, ASAB_ERROR, ASAB_ERROR_CALLBACK_FAILED,
                         _("A handler failed without saying why"));
  asab_dispatcher_fail (self, failure);

  return TRUE;
}

/* Connecting has ended, well or not. */
static gboolean
handle_connect_event (AsabDispatcher  *self,
                      GError         **error)
{
  AsabDispatcherPrivate *priv = asab_dispatcher_get_private (self);
  g_autoptr(GError) failure = NULL;
  int code = asab_socket_take_error (priv->fd);

  priv->is_connecting = FALSE;
  if (code != 0)
    {
      if (priv->tls != NULL)
        priv->tls->is_failed = TRUE;
      asab_socket_set_error (&failure, code, _("The connection failed"));
      asab_dispatcher_tell_error (self, failure);
      return TRUE;
    }

  if (priv->tls != NULL)
    {
      asab_dispatcher_handle_tls_begin (self);
      return TRUE;
    }

  priv->is_connected = TRUE;

  return handle (self, ASAB_DISPATCHER_GET_CLASS (self)->handle_connect, error);
}

static inline gboolean
is_closed (AsabDispatcherPrivate *priv)
{
  return priv->fd < 0;
}

/* Has yet to connect, or failed to. */
static inline gboolean
is_alone (AsabDispatcherPrivate *priv)
{
  return priv->is_stream && !priv->is_connected && !priv->is_accepting;
}

/* Tells a channel that there is somebody at the other end. */
void
asab_dispatcher_welcome (AsabDispatcher *self)
{
  AsabDispatcherPrivate *priv = asab_dispatcher_get_private (self);
  GError *error = NULL;

  if (!handle (self, ASAB_DISPATCHER_GET_CLASS (self)->handle_connect, &error))
    asab_channel_map_leave_loop (priv->map, error);

  /* A closed channel has no owner. */
  if (priv->owner != NULL && priv->owner->funcs->connected != NULL)
    priv->owner->funcs->connected (priv->owner, self);
}

/* Is connected, and to speak TLS, but cannot yet. */
static inline gboolean
is_shaking_hands (AsabDispatcherPrivate *priv)
{
  return G_UNLIKELY (priv->tls != NULL) && !priv->is_connected && !priv->tls->is_failed;
}

static inline void
tell_owner (AsabDispatcher        *self,
            AsabDispatcherPrivate *priv)
{
  if (priv->owner != NULL && priv->owner->funcs->active != NULL)
    priv->owner->funcs->active (priv->owner, self);
}

/* The socket can be read. */
gboolean
asab_dispatcher_handle_in (AsabDispatcher  *self,
                           GError         **error)
{
  AsabDispatcherPrivate *priv = asab_dispatcher_get_private (self);
  AsabDispatcherClass *klass = ASAB_DISPATCHER_GET_CLASS (self);

  if (is_closed (priv))
    return TRUE;
  tell_owner (self, priv);
  if (priv->is_accepting)
    return handle (self, klass->handle_accept, error);
  if (G_UNLIKELY (priv->is_connecting) && !handle_connect_event (self, error))
    return FALSE;

  /* What the connect event did may have been its end. */
  if (is_closed (priv))
    return TRUE;
  if (is_shaking_hands (priv))
    {
      asab_dispatcher_handle_tls_begin (self);
      return TRUE;
    }

  return is_alone (priv) || handle (self, klass->handle_read, error);
}

/* The socket can be written. */
gboolean
asab_dispatcher_handle_out (AsabDispatcher  *self,
                            GError         **error)
{
  AsabDispatcherPrivate *priv = asab_dispatcher_get_private (self);
  AsabDispatcherClass *klass = ASAB_DISPATCHER_GET_CLASS (self);

  if (is_closed (priv) || priv->is_accepting)
    return TRUE;
  tell_owner (self, priv);
  if (G_UNLIKELY (priv->is_connecting) && !handle_connect_event (self, error))
    return FALSE;
  if (is_closed (priv) || is_alone (priv))
    return TRUE;
  if ((priv->tls != NULL && !asab_dispatcher_flush_tls (self)) || !klass->writable (self))
    return TRUE;

  return handle (self, klass->handle_write, error);
}

/* Urgent data, or the end of the connection; what can still be read was offered before. */
gboolean
asab_dispatcher_handle_rest (AsabDispatcher  *self,
                             guint32          events,
                             GError         **error)
{
  AsabDispatcherPrivate *priv = asab_dispatcher_get_private (self);

  if (is_closed (priv))
    return TRUE;
  if ((events & EPOLLPRI) != 0)
    return handle (self, ASAB_DISPATCHER_GET_CLASS (self)->handle_exception, error);
  if (G_UNLIKELY (priv->is_connecting))
    return handle_connect_event (self, error);
  if ((events & EPOLLIN) == 0 && !is_alone (priv))
    asab_dispatcher_hang_up (self);

  return TRUE;
}

static guint32
get_interest (AsabDispatcher *self)
{
  AsabDispatcherPrivate *priv = asab_dispatcher_get_private (self);
  AsabDispatcherClass *klass = ASAB_DISPATCHER_GET_CLASS (self);
  guint32 events = 0;

  if (G_UNLIKELY (priv->is_connecting))
    return EPOLLIN | EPOLLOUT;
  if (is_shaking_hands (priv))
    return asab_dispatcher_get_tls_interest (self, 0);
  if (is_alone (priv) || priv->is_hung_up)
    return 0; /* epoll would report the end of what has not begun, or again and again */

  if (klass->readable (self))
    events |= EPOLLIN;
  if (!priv->is_accepting && klass->writable (self))
    events |= EPOLLOUT;
  if (G_UNLIKELY (priv->tls != NULL))
    events = asab_dispatcher_get_tls_interest (self, events);

  return events != 0 ? events | EPOLLPRI : 0;
}

/* Asks the channel what it is interested in, and has that watched. */
void
asab_dispatcher_ask (AsabDispatcher *self)
{
  AsabDispatcherPrivate *priv = asab_dispatcher_get_private (self);
  guint32 events;

  priv->is_to_ask = FALSE;
  if (priv->fd < 0)
    return;

  events = get_interest (self);
  if (events == priv->events || priv->fd < 0)
    return;

  if (asab_channel_map_watch (priv->map, self, priv->fd, priv->events, events))
    priv->events = events;
  else
    g_critical ("A channel cannot be watched: %s", g_strerror (errno));
}

/**
 * asab_dispatcher_update_interest:
 * @self: a channel
 *
 * Has `readable` and `writable` asked before the main loop waits again, because the answer may have changed.
 */
void
asab_dispatcher_update_interest (AsabDispatcher *self)
{
  AsabDispatcherPrivate *priv;

  g_return_if_fail (ASAB_IS_DISPATCHER (self));

  priv = asab_dispatcher_get_private (self);
  if (priv->fd < 0 || priv->is_to_ask)
    return;

  priv->is_to_ask = TRUE;
  asab_channel_map_ask (priv->map, self);
}
