/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* A connection to a server that only listens. Nothing here blocks but asab_log_connection_close(). */
typedef struct
{
  GIOStream *stream; /* (owned) */
  GSocket *socket;   /* what is below it */
  gboolean is_datagram;
  guint n_untried; /* other addresses that are left to try, if nobody is there */
} AsabLogConnection;

AsabLogConnection *asab_log_connection_new        (GIOStream          *stream,
                                                   GSocket            *socket);
void               asab_log_connection_free       (AsabLogConnection  *self);
gboolean           asab_log_connection_check      (AsabLogConnection  *self,
                                                   GError            **error);
gssize             asab_log_connection_send       (AsabLogConnection  *self,
                                                   const char         *text,
                                                   gsize               length,
                                                   GError            **error);
gboolean           asab_log_connection_is_settled (AsabLogConnection  *self);
gboolean           asab_log_connection_close      (AsabLogConnection  *self,
                                                   gint64              deadline,
                                                   GError            **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AsabLogConnection, asab_log_connection_free)

G_END_DECLS
