/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/app/asab-service.h>
#include <asab-glib/net/asab-stream-server.h>

G_BEGIN_DECLS

#define ASAB_TYPE_STREAM_SERVER_SERVICE (asab_stream_server_service_get_type ())
ASAB_AVAILABLE_IN_ALL
G_DECLARE_DERIVABLE_TYPE (AsabStreamServerService, asab_stream_server_service, ASAB, STREAM_SERVER_SERVICE,
                          AsabService)

struct _AsabStreamServerServiceClass
{
  AsabServiceClass parent_class;

  /*< private >*/
  gpointer padding[4];
};

ASAB_AVAILABLE_IN_ALL
AsabStreamServer *asab_stream_server_service_create_server (AsabStreamServerService  *self,
                                                            GType                     protocol,
                                                            const char               *addresses,
                                                            GError                  **error);
ASAB_AVAILABLE_IN_ALL
gboolean          asab_stream_server_service_add_server    (AsabStreamServerService  *self,
                                                            AsabStreamServer         *server,
                                                            const char               *addresses,
                                                            GError                  **error);
ASAB_AVAILABLE_IN_ALL
GPtrArray        *asab_stream_server_service_dup_servers   (AsabStreamServerService  *self) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
