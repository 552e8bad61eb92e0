/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/core/asab-context-private.h>
#include <asab-glib/net/asab-channel-map.h>

#include <sys/epoll.h>

G_BEGIN_DECLS

struct _AsabChannelMap
{
  GObject parent_instance;

  AsabContext *context; /* kept alive by a reference on its GMainContext */
  GSource *source;      /* (owned) (nullable): from the first channel on */
  GQueue channels;      /* (owned) (element-type AsabDispatcher): in order of their opening */
  GPtrArray *to_ask;    /* (owned) (element-type AsabDispatcher): whose interest may have changed */
  int epoll_fd;

  GQueue handshakes[2];  /* (element-type AsabTlsLink): that wait for their turn, of servers and of clients … */
  guint n_handshakes[2]; /* … and how many have it */

  guint n_passes;       /* in which channels were served */
  guint n_loops;        /* that run the map, one inside the other */
  gboolean is_quitting; /* the innermost of them is to return … */
  GError *exit_error;   /* (owned) (nullable): … with this error */
};

void      asab_channel_map_add        (AsabChannelMap  *self,
                                       AsabDispatcher  *channel,
                                       GList           *link);
void      asab_channel_map_remove     (AsabChannelMap  *self,
                                       GList           *link);
gboolean  asab_channel_map_watch      (AsabChannelMap  *self,
                                       AsabDispatcher  *channel,
                                       int              fd,
                                       guint32          old_events,
                                       guint32          events);
void      asab_channel_map_ask        (AsabChannelMap  *self,
                                       AsabDispatcher  *channel);
void      asab_channel_map_leave_loop (AsabChannelMap  *self,
                                       GError          *error);
void      asab_channel_map_serve      (AsabChannelMap  *self,
                                       AsabDispatcher  *channel,
                                       gboolean       (*handler) (AsabDispatcher  *channel,
                                                                  GError         **error));

/* What a dispatcher does for its map */

void      asab_dispatcher_ask         (AsabDispatcher  *self);
gboolean  asab_dispatcher_handle_in   (AsabDispatcher  *self,
                                       GError         **error);
gboolean  asab_dispatcher_handle_out  (AsabDispatcher  *self,
                                       GError         **error);
gboolean  asab_dispatcher_handle_rest (AsabDispatcher  *self,
                                       guint32          events,
                                       GError         **error);

G_END_DECLS
