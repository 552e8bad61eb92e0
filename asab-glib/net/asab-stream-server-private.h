/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/async/asab-promise.h>
#include <asab-glib/async/asab-timeout-private.h>
#include <asab-glib/net/asab-channel-map-private.h>
#include <asab-glib/net/asab-dispatcher-private.h>
#include <asab-glib/net/asab-stream-server.h>

G_BEGIN_DECLS

struct _AsabStreamServer
{
  GObject parent_instance;

  AsabContext *context;       /* kept alive by a reference on its GMainContext */
  AsabChannelMap *map;        /* (owned) */
  GType protocol;
  AsabProtocolFactory factory; /* (nullable): instead of protocol */
  gpointer factory_data;
  GDestroyNotify factory_destroy;

  char *listen;               /* (owned) (nullable) */
  guint backlog;
  guint connection_limit;
  guint address_connection_limit; /* 0: none */
  double idle_timeout;        /* seconds; 0: none */
  double stop_timeout;
  AsabTlsContext *tls;        /* (owned) (nullable): with which connections are to be protected */

  GPtrArray *sockets;         /* (owned) (nullable) (element-type GSocket): while it runs … */
  GPtrArray *listeners;       /* (owned) (nullable) (element-type AsabDispatcher): … and their channels */
  GStrv addresses;            /* (owned) (nullable) */
  guint n_connections;
  AsabDispatcherOwner owner;  /* of channels of which there is nothing to know */
  GQueue tracked;             /* (element-type AsabDispatcher): the others, by the time of their last event */
  GHashTable *by_address;     /* (owned) (nullable) (element-type GBytes guint): connections of each address */
  AsabTimeout idle;           /* looks at the first of those that are tracked */
  AsabTimeout pause;          /* while no file descriptors are left */
  AsabTimeout drain;          /* gives the connections up when it is stopping */
  AsabPromise *stopped;       /* (owned) (nullable) */
};

AsabDispatcher *asab_stream_listener_new             (AsabStreamServer  *server,
                                                      GSocket           *socket);

/* Clients that come */

gboolean        asab_stream_server_can_accept        (AsabStreamServer  *self);
void            asab_stream_server_accept            (AsabStreamServer  *self,
                                                      int                fd,
                                                      GSocketAddress    *peer);
void            asab_stream_server_pause             (AsabStreamServer  *self,
                                                      const GError      *error);
void            asab_stream_server_pause_cb          (AsabTimeout       *timeout);
void            asab_stream_server_update_listeners  (AsabStreamServer  *self);

/* Connections */

GBytes         *asab_stream_server_get_address       (GSocketAddress    *peer);
gboolean        asab_stream_server_is_address_full   (AsabStreamServer  *self,
                                                      GBytes            *address);
void            asab_stream_server_add_connection    (AsabStreamServer  *self,
                                                      AsabDispatcher    *channel,
                                                      GBytes            *address);
void            asab_stream_server_connection_closed (AsabStreamServer  *self);
void            asab_stream_server_init_connections  (AsabStreamServer  *self);
void            asab_stream_server_clear_connections (AsabStreamServer  *self);

G_END_DECLS
