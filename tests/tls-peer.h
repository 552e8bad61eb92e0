/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Both ends of TLS connections in one thread. */

#pragma once

#include <asab-glib/asab.h>

G_BEGIN_DECLS

typedef struct _Peer Peer;

/* A conversation that keeps what it hears and what happens to it. */
struct _Peer
{
  AsabAsyncChat parent_instance;

  GString *received;
  GString *events;       /* “connect”, “close” and “error”, each with a semicolon */
  GError *error;         /* (nullable): the last */
  gsize read_size;       /* 0: as a conversation does; else so many bytes are received at once */
  gboolean is_echo;      /* sends back what it hears */
  gboolean is_deaf;      /* does not want to read */
  void (*hook) (Peer       *self,
                const char *event); /* (nullable): called after each, also after “read” */
};

typedef struct
{
  AsabStreamServer *server;
  GPtrArray *peers;      /* (element-type Peer): of all the clients there were */
  Peer sample;           /* the settings of each of them */
} PeerServer;

GType           peer_get_type              (void);

/* With the files of server.crt, or of none, and the authority or another one, if any. */
AsabTlsContext *peer_new_context           (const char        *certificate,
                                            const char        *authority,
                                            AsabTlsVerifyMode  verify_mode);

void            peer_server_start          (PeerServer        *self,
                                            AsabTlsContext    *context);
void            peer_server_stop           (PeerServer        *self);
Peer           *peer_server_get            (PeerServer        *self,
                                            guint              i);
GSocketAddress *peer_server_dup_address    (PeerServer        *self);

/* A client that speaks TLS unless @context is NULL, and believes in “server.test”. */
Peer           *peer_connect               (PeerServer        *server,
                                            AsabTlsContext    *context);
void            peer_wait_events           (Peer              *self,
                                            const char        *events);
void            peer_wait_received         (Peer              *self,
                                            gsize              size);
void            peer_free                  (Peer              *self);
void            peer_push                  (Peer              *self,
                                            const char        *text);


/* Until no thread works for a channel that was closed; all channels and servers have to be gone. */
void            peer_wait_end              (void);

G_END_DECLS
