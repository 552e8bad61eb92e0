/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/async/asab-promise.h>
#include <asab-glib/async/asab-timeout-private.h>
#include <asab-glib/net/asab-channel-map-private.h>
#include <asab-glib/net/asab-dispatcher-private.h>
#include <asab-glib/net/asab-stream-client.h>
#include <asab-glib/net/asab-tls-context.h>

G_BEGIN_DECLS

typedef enum
{
  ASAB_CLIENT_STOPPED,
  ASAB_CLIENT_WAITING,    /* for the next attempt */
  ASAB_CLIENT_CONNECTING, /* its channel is not connected yet */
  ASAB_CLIENT_CONNECTED,
  ASAB_CLIENT_STOPPING,   /* its channel comes to its end */
} AsabClientState;

struct _AsabStreamClient
{
  GObject parent_instance;

  AsabContext *context;       /* kept alive by a reference on its GMainContext */
  AsabChannelMap *map;        /* (owned) */
  GType protocol;
  AsabClientProtocolFactory factory; /* (nullable): instead of protocol */
  gpointer factory_data;
  GDestroyNotify factory_destroy;

  char *address;              /* (owned) (nullable) */
  double connect_timeout;     /* seconds, as all of them */
  double min_delay;
  double max_delay;
  double jitter;              /* the share of a delay that is left to chance */
  double idle_timeout;        /* 0: none */
  double stop_timeout;
  AsabTlsContext *tls;        /* (owned) (nullable) */
  char *server_identity;      /* (owned) (nullable): NULL for the host of the address */

  AsabClientState state;
  AsabDispatcherOwner owner;
  AsabDispatcher *channel;    /* (owned) (nullable): while it connects, is connected, or stops */
  AsabFuture *attempt;        /* (owned) (nullable): while it connects */
  guint attempt_id;           /* of its callback */
  AsabTimeout retry;
  AsabTimeout idle;
  AsabTimeout drain;          /* gives the channel up when it is stopping */
  guint n_failures;           /* since a connection that lasted; the next delay grows with them */
  gboolean is_outage;         /* which was logged */
  gboolean is_connected;      /* which was told */
  gint64 connected_since;     /* microseconds by the clock of the context */
  gint64 last_event;          /* likewise */
  GError *loss;               /* (owned) (nullable): what the channel failed of */
  AsabPromise *connected;     /* (owned) (nullable): for those who wait for a connection */
  AsabPromise *stopped;       /* (owned) (nullable): while it is stopping */
};

/* The connection */

void asab_stream_client_init_connection   (AsabStreamClient *self);
void asab_stream_client_begin             (AsabStreamClient *self);
void asab_stream_client_forget_attempt    (AsabStreamClient *self);
void asab_stream_client_give_up           (AsabStreamClient *self);

/* Starting and stopping */

void asab_stream_client_init_run          (AsabStreamClient *self);
void asab_stream_client_fail_waiting      (AsabStreamClient *self);
void asab_stream_client_finish_stopping   (AsabStreamClient *self);

/* What the connection tells */

void asab_stream_client_emit_connected    (AsabStreamClient *self);
void asab_stream_client_emit_disconnected (AsabStreamClient *self,
                                           const GError     *error);

G_END_DECLS
