/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/async/asab-timeout-private.h>
#include <asab-glib/net/asab-channel-map-private.h>
#include <asab-glib/net/asab-tls-context-private.h>

G_BEGIN_DECLS

/* Between a channel that speaks TLS and its socket; other channels have none. */
typedef struct
{
  AsabDispatcher *channel;    /* (nullable): NULL when the channel has closed, and the link is only to end well */
  AsabChannelMap *map;        /* (owned): of the channel */
  AsabTlsSettings *settings;  /* (owned) */
  char *server_name;          /* (owned) (nullable): for a client */
  GTlsConnection *connection; /* (owned) (nullable): from the handshake on */
  GCancellable *cancellable;  /* (owned) (nullable): with the connection */
  AsabTimeout timeout;        /* of the handshake; then of the end */
  AsabTimeout more;           /* to have the channel read what is in unread */
  GByteArray *unread;         /* (owned) (nullable): a record that was decrypted, but not received to its end */
  gsize n_received;           /* bytes of it */
  GBytes *unsent;             /* (owned) (nullable): taken to be sent, of which a part may be on its way */
  GError *error;              /* (owned) (nullable): of the handshake */
  guint is_client : 1;
  guint is_waiting : 1;       /* for its turn to shake hands */
  guint is_shaking_hands : 1; /* a thread of GIO has the socket */
  guint is_failed : 1;
} AsabTlsLink;

AsabTlsLink *asab_tls_link_new             (AsabDispatcher   *channel,
                                            AsabTlsSettings  *settings,
                                            const char       *server_name,
                                            gboolean          is_client);
void         asab_tls_link_free            (AsabTlsLink      *self);

/* The handshake */

void         asab_tls_link_start_timeout   (AsabTlsLink      *self);
gboolean     asab_tls_link_shake_hands     (AsabTlsLink      *self,
                                            GSocket          *socket,
                                            GError          **error);

gboolean     asab_tls_link_leave_queue     (AsabTlsLink      *self);

/* Data */

gssize       asab_tls_link_send            (AsabTlsLink      *self,
                                            const guint8     *data,
                                            gsize             size,
                                            GError          **error);
gboolean     asab_tls_link_flush           (AsabTlsLink      *self,
                                            GError          **error);
gssize       asab_tls_link_receive         (AsabTlsLink      *self,
                                            guint8           *buffer,
                                            gsize             size,
                                            GError          **error);

/* The end */

gboolean     asab_tls_link_close           (AsabTlsLink      *self,
                                            GSocket          *socket);

/* What a dispatcher does for its link */

gboolean     asab_dispatcher_handle_shaken (AsabDispatcher   *self,
                                            GError          **error);
gboolean     asab_dispatcher_handle_more   (AsabDispatcher   *self,
                                            GError          **error);

G_END_DECLS
