/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/app/asab-service.h>
#include <asab-glib/net/asab-stream-client.h>

G_BEGIN_DECLS

#define ASAB_TYPE_STREAM_CLIENT_SERVICE (asab_stream_client_service_get_type ())
ASAB_AVAILABLE_IN_ALL
G_DECLARE_DERIVABLE_TYPE (AsabStreamClientService, asab_stream_client_service, ASAB, STREAM_CLIENT_SERVICE,
                          AsabService)

struct _AsabStreamClientServiceClass
{
  AsabServiceClass parent_class;

  /*< private >*/
  gpointer padding[4];
};

ASAB_AVAILABLE_IN_ALL
AsabStreamClient *asab_stream_client_service_create_client (AsabStreamClientService  *self,
                                                            GType                     protocol,
                                                            const char               *address,
                                                            GError                  **error);
ASAB_AVAILABLE_IN_ALL
gboolean          asab_stream_client_service_add_client    (AsabStreamClientService  *self,
                                                            AsabStreamClient         *client,
                                                            const char               *address,
                                                            GError                  **error);
ASAB_AVAILABLE_IN_ALL
GPtrArray        *asab_stream_client_service_dup_clients   (AsabStreamClientService  *self) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
