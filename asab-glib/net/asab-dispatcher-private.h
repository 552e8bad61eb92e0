/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/net/asab-dispatcher.h>
#include <asab-glib/net/asab-tls-link-private.h>

G_BEGIN_DECLS

typedef struct _AsabDispatcherOwner AsabDispatcherOwner;

/* Who wants to know what happens to a channel. */
typedef struct
{
  void (*active) (AsabDispatcherOwner *self,
                  AsabDispatcher      *channel); /* (nullable): it has an event */
  void (*connected) (AsabDispatcherOwner *self,
                     AsabDispatcher      *channel); /* (nullable): it is connected, and was told so */
  void (*failed) (AsabDispatcherOwner *self,
                  AsabDispatcher      *channel,
                  const GError        *error); /* (nullable): it is about to handle an error; this logs it */
  void (*closed) (AsabDispatcherOwner *self,
                  AsabDispatcher      *channel); /* it was closed, and is not owned any more */
} AsabDispatcherOwnerFuncs;

struct _AsabDispatcherOwner
{
  const AsabDispatcherOwnerFuncs *funcs;
};

typedef struct
{
  AsabChannelMap *map;     /* (owned) */
  GSocketAddress *address; /* (owned) (nullable): the peer's, or its own */
  GSocket *socket;         /* (owned) (nullable): owns fd */
  AsabDispatcherOwner *owner; /* (nullable) */
  AsabTlsLink *tls;        /* (owned) (nullable): only if it speaks TLS */
  GList link;              /* in the map */
  int fd;                  /* -1: there is none */
  guint events : 3;        /* EPOLLIN, EPOLLOUT, EPOLLPRI: those that the map watches */
  guint n_sockets : 8;     /* that it has had: an event of one is none of the next */
  guint is_stream : 1;     /* has a connection */
  guint is_connected : 1;
  guint is_accepting : 1;
  guint is_connecting : 1; /* has yet to tell how connecting went */
  guint is_at_end : 1;     /* there is nothing more to receive: only an AsabAsyncChat cares */
  guint is_hung_up : 1;    /* handle_close was called */
  guint is_to_ask : 1;     /* is in the map's list of those */
} AsabDispatcherPrivate;

AsabDispatcherPrivate *asab_dispatcher_get_private (AsabDispatcher *self);

gboolean asab_dispatcher_open     (AsabDispatcher  *self,
                                   int              fd,
                                   GError         **error);
gssize   asab_dispatcher_receive  (AsabDispatcher  *self,
                                   guint8          *buffer,
                                   gsize            size,
                                   GError         **error);
void     asab_dispatcher_unwatch  (AsabDispatcher  *self);
void     asab_dispatcher_hang_up  (AsabDispatcher  *self);
void     asab_dispatcher_fail     (AsabDispatcher  *self,
                                   const GError    *error);
void     asab_dispatcher_tell_error         (AsabDispatcher  *self,
                                             const GError    *error);
void     asab_dispatcher_welcome            (AsabDispatcher  *self);
gboolean asab_dispatcher_is_about_lost_peer (const GError    *error);

/* TLS; only for channels that have a link, but for the last */

void     asab_dispatcher_handle_tls_begin   (AsabDispatcher  *self);
gboolean asab_dispatcher_flush_tls          (AsabDispatcher  *self);
guint32  asab_dispatcher_get_tls_interest   (AsabDispatcher  *self,
                                             guint32          events);
gssize   asab_dispatcher_send_tls           (AsabDispatcher  *self,
                                             const guint8    *data,
                                             gsize            size,
                                             GError         **error);
gssize   asab_dispatcher_receive_tls        (AsabDispatcher  *self,
                                             guint8          *buffer,
                                             gsize            size,
                                             GError         **error);
gboolean asab_dispatcher_is_sending         (AsabDispatcher  *self);

G_END_DECLS
