/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/async/asab-future.h>
#include <asab-glib/net/asab-tls-context.h>
#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _AsabChannelMap AsabChannelMap;

#define ASAB_TYPE_DISPATCHER (asab_dispatcher_get_type ())
ASAB_AVAILABLE_IN_ALL
G_DECLARE_DERIVABLE_TYPE (AsabDispatcher, asab_dispatcher, ASAB, DISPATCHER, GObject)

/**
 * AsabDispatcherClass:
 * @readable: whether the channel is to be watched for input; by default it is
 * @writable: whether the channel is to be watched for room for output; by default it is
 * @handle_connect: the connection has been made, called once for each connection
 * @handle_accept: a client waits to be accepted; by default it is accepted and dropped
 * @handle_read: there is something to read, or the end of it
 * @handle_write: there is room for output
 * @handle_exception: there is urgent data
 * @handle_close: the connection is closed, or broken; by default the channel is closed
 * @handle_error: a handler failed with @error; by default the error is logged and the channel is closed
 *
 * A handler that returns false has failed; with an error that says that the peer is gone it is `handle_close` that is
 * called, with %ASAB_ERROR_EXIT_NOW the loop is left, and `handle_error` is called with any other.
 */
struct _AsabDispatcherClass
{
  GObjectClass parent_class;

  gboolean (*readable)         (AsabDispatcher  *self);
  gboolean (*writable)         (AsabDispatcher  *self);
  gboolean (*handle_connect)   (AsabDispatcher  *self,
                                GError         **error);
  gboolean (*handle_accept)    (AsabDispatcher  *self,
                                GError         **error);
  gboolean (*handle_read)      (AsabDispatcher  *self,
                                GError         **error);
  gboolean (*handle_write)     (AsabDispatcher  *self,
                                GError         **error);
  gboolean (*handle_exception) (AsabDispatcher  *self,
                                GError         **error);
  void     (*handle_close)     (AsabDispatcher  *self);
  void     (*handle_error)     (AsabDispatcher  *self,
                                const GError    *error);

  /*< private >*/
#ifdef __GI_SCANNER__ /* which would make a method of it that other languages override */
  gpointer reset;
#else
  void     (*reset)            (AsabDispatcher  *self);
#endif
  gpointer padding[7];
};

ASAB_AVAILABLE_IN_ALL
AsabDispatcher *asab_dispatcher_new             (GSocket          *socket,
                                                 AsabChannelMap   *map) G_GNUC_WARN_UNUSED_RESULT;
ASAB_AVAILABLE_IN_ALL
AsabChannelMap *asab_dispatcher_get_map         (AsabDispatcher   *self);
ASAB_AVAILABLE_IN_ALL
GSocket        *asab_dispatcher_get_socket      (AsabDispatcher   *self);
ASAB_AVAILABLE_IN_ALL
GSocketAddress *asab_dispatcher_get_address     (AsabDispatcher   *self);
ASAB_AVAILABLE_IN_ALL
gboolean        asab_dispatcher_is_connected    (AsabDispatcher   *self);
ASAB_AVAILABLE_IN_ALL
gboolean        asab_dispatcher_is_accepting    (AsabDispatcher   *self);
ASAB_AVAILABLE_IN_ALL
gboolean        asab_dispatcher_is_closed       (AsabDispatcher   *self);
ASAB_AVAILABLE_IN_ALL
char           *asab_dispatcher_describe        (AsabDispatcher   *self) G_GNUC_WARN_UNUSED_RESULT;

ASAB_AVAILABLE_IN_ALL
gboolean        asab_dispatcher_create_socket   (AsabDispatcher   *self,
                                                 GSocketFamily     family,
                                                 GSocketType       type,
                                                 GError          **error);
ASAB_AVAILABLE_IN_ALL
void            asab_dispatcher_set_reuse_addr  (AsabDispatcher   *self);
ASAB_AVAILABLE_IN_ALL
gboolean        asab_dispatcher_bind            (AsabDispatcher   *self,
                                                 GSocketAddress   *address,
                                                 GError          **error);
ASAB_AVAILABLE_IN_ALL
gboolean        asab_dispatcher_listen          (AsabDispatcher   *self,
                                                 int               backlog,
                                                 GError          **error);
ASAB_AVAILABLE_IN_ALL
GSocket        *asab_dispatcher_accept          (AsabDispatcher   *self,
                                                 GSocketAddress  **peer,
                                                 GError          **error);
ASAB_AVAILABLE_IN_ALL
gboolean        asab_dispatcher_connect_to      (AsabDispatcher   *self,
                                                 GSocketAddress   *address,
                                                 GError          **error);
ASAB_AVAILABLE_IN_ALL
AsabFuture     *asab_dispatcher_connect_to_host (AsabDispatcher   *self,
                                                 const char       *address,
                                                 guint16           default_port,
                                                 double            timeout) G_GNUC_WARN_UNUSED_RESULT;
ASAB_AVAILABLE_IN_ALL
gssize          asab_dispatcher_send            (AsabDispatcher   *self,
                                                 const guint8     *data,
                                                 gsize             size,
                                                 GError          **error);
ASAB_AVAILABLE_IN_ALL
gssize          asab_dispatcher_send_bytes      (AsabDispatcher   *self,
                                                 GBytes           *bytes,
                                                 GError          **error);
ASAB_AVAILABLE_IN_ALL
gssize          asab_dispatcher_recv            (AsabDispatcher   *self,
                                                 guint8           *buffer,
                                                 gsize             size,
                                                 GError          **error);
ASAB_AVAILABLE_IN_ALL
GBytes         *asab_dispatcher_recv_bytes      (AsabDispatcher   *self,
                                                 gsize             max_size,
                                                 GError          **error);
ASAB_AVAILABLE_IN_ALL
void            asab_dispatcher_close           (AsabDispatcher   *self);
ASAB_AVAILABLE_IN_ALL
void            asab_dispatcher_update_interest (AsabDispatcher   *self);

/* TLS */

ASAB_AVAILABLE_IN_ALL
gboolean         asab_dispatcher_start_tls_client     (AsabDispatcher   *self,
                                                       AsabTlsContext   *context,
                                                       const char       *server_name,
                                                       GError          **error);
ASAB_AVAILABLE_IN_ALL
gboolean         asab_dispatcher_start_tls_server     (AsabDispatcher   *self,
                                                       AsabTlsContext   *context,
                                                       GError          **error);
ASAB_AVAILABLE_IN_ALL
gboolean         asab_dispatcher_is_secure            (AsabDispatcher   *self);
ASAB_AVAILABLE_IN_ALL
GTlsCertificate *asab_dispatcher_get_peer_certificate (AsabDispatcher   *self);

G_END_DECLS
