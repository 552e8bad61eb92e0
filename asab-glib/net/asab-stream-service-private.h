/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/app/asab-component.h>
#include <asab-glib/async/asab-future.h>

G_BEGIN_DECLS

/* What the services of servers and of clients do alike. */

typedef AsabFuture *(*AsabStreamStopFunc) (gpointer object);

void        asab_stream_service_declare  (AsabComponent       *component,
                                          GParamSpec          *changed,
                                          GType                type);
gboolean    asab_stream_service_set_up   (AsabComponent       *component,
                                          GObject             *object,
                                          const char          *property,
                                          const char          *address,
                                          GError             **error);
AsabFuture *asab_stream_service_stop_all (GPtrArray           *objects,
                                          AsabStreamStopFunc   stop);

G_END_DECLS
