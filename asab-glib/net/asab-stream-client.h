/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/net/asab-dispatcher.h>

G_BEGIN_DECLS

#define ASAB_TYPE_STREAM_CLIENT (asab_stream_client_get_type ())
ASAB_AVAILABLE_IN_ALL
G_DECLARE_FINAL_TYPE (AsabStreamClient, asab_stream_client, ASAB, STREAM_CLIENT, GObject)

/**
 * AsabClientProtocolFactory:
 * @client: the client that is about to connect
 * @user_data: (closure): the data given with the function
 * @error: return location for an error
 *
 * Makes the channel of an attempt to connect.
 *
 * Returns: (transfer full) (nullable): a channel without a socket, or %NULL with @error set, which fails the attempt
 */
typedef AsabDispatcher *(*AsabClientProtocolFactory) (AsabStreamClient  *client,
                                                      gpointer           user_data,
                                                      GError           **error);

ASAB_AVAILABLE_IN_ALL
AsabStreamClient *asab_stream_client_new              (GType                       protocol) G_GNUC_WARN_UNUSED_RESULT;
ASAB_AVAILABLE_IN_ALL
AsabStreamClient *asab_stream_client_new_with_factory (AsabClientProtocolFactory   factory,
                                                       gpointer                    user_data,
                                                       GDestroyNotify              destroy) G_GNUC_WARN_UNUSED_RESULT;
ASAB_AVAILABLE_IN_ALL
gboolean          asab_stream_client_start            (AsabStreamClient           *self,
                                                       GError                    **error);
ASAB_AVAILABLE_IN_ALL
AsabFuture       *asab_stream_client_stop             (AsabStreamClient           *self) G_GNUC_WARN_UNUSED_RESULT;
ASAB_AVAILABLE_IN_ALL
gboolean          asab_stream_client_is_running       (AsabStreamClient           *self);
ASAB_AVAILABLE_IN_ALL
gboolean          asab_stream_client_is_connected     (AsabStreamClient           *self);
ASAB_AVAILABLE_IN_ALL
AsabDispatcher   *asab_stream_client_dup_channel      (AsabStreamClient           *self) G_GNUC_WARN_UNUSED_RESULT;
ASAB_AVAILABLE_IN_ALL
AsabFuture       *asab_stream_client_wait_connected   (AsabStreamClient           *self) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
