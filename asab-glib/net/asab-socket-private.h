/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* System calls on non-blocking sockets, with the errors of GIO. */

int             asab_socket_new          (GSocketFamily     family,
                                          GSocketType       type,
                                          GError          **error);
gboolean        asab_socket_bind         (int               fd,
                                          GSocketAddress   *address,
                                          GError          **error);
gboolean        asab_socket_connect      (int               fd,
                                          GSocketAddress   *address,
                                          GError          **error);
int             asab_socket_accept       (int               fd,
                                          GSocketAddress  **peer,
                                          GError          **error);
GSocketAddress *asab_socket_dup_own      (int               fd);
GSocketAddress *asab_socket_dup_peer     (int               fd);
gboolean        asab_socket_has_peer     (int               fd);
void            asab_socket_set_no_delay (int               fd);
gboolean        asab_socket_is_stream    (int               fd);
gboolean        asab_socket_is_listening (int               fd);
gboolean        asab_socket_is_lost      (int               code);
int             asab_socket_take_error   (int               fd);
void            asab_socket_set_error    (GError          **error,
                                          int               code,
                                          const char       *what);

G_END_DECLS
