/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/net/asab-dispatcher.h>

G_BEGIN_DECLS

#define ASAB_TYPE_STREAM_SERVER (asab_stream_server_get_type ())
ASAB_AVAILABLE_IN_ALL
G_DECLARE_FINAL_TYPE (AsabStreamServer, asab_stream_server, ASAB, STREAM_SERVER, GObject)

/**
 * AsabProtocolFactory:
 * @server: the server that has a new client
 * @user_data: (closure): the data given with the function
 * @error: return location for an error
 *
 * Makes the channel of a client.
 *
 * Returns: (transfer full) (nullable): a channel without a socket, or %NULL with @error set to turn the client away
 */
typedef AsabDispatcher *(*AsabProtocolFactory) (AsabStreamServer  *server,
                                                gpointer           user_data,
                                                GError           **error);

ASAB_AVAILABLE_IN_ALL
AsabStreamServer *asab_stream_server_new                 (GType                 protocol) G_GNUC_WARN_UNUSED_RESULT;
ASAB_AVAILABLE_IN_ALL
AsabStreamServer *asab_stream_server_new_with_factory    (AsabProtocolFactory   factory,
                                                          gpointer              user_data,
                                                          GDestroyNotify        destroy) G_GNUC_WARN_UNUSED_RESULT;
ASAB_AVAILABLE_IN_ALL
gboolean          asab_stream_server_start               (AsabStreamServer     *self,
                                                          GError              **error);
ASAB_AVAILABLE_IN_ALL
AsabFuture       *asab_stream_server_stop                (AsabStreamServer     *self) G_GNUC_WARN_UNUSED_RESULT;
ASAB_AVAILABLE_IN_ALL
gboolean          asab_stream_server_is_running          (AsabStreamServer     *self);
ASAB_AVAILABLE_IN_ALL
char            **asab_stream_server_dup_addresses       (AsabStreamServer     *self) G_GNUC_WARN_UNUSED_RESULT;
ASAB_AVAILABLE_IN_ALL
guint             asab_stream_server_get_n_connections   (AsabStreamServer     *self);
ASAB_AVAILABLE_IN_ALL
GPtrArray        *asab_stream_server_dup_connections     (AsabStreamServer     *self) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
