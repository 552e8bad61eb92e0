/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/asab.h>

G_BEGIN_DECLS

/* Listens for @component at @address. */
typedef gboolean (*LabListenFunc) (AsabComponent  *component,
                                   const char     *address,
                                   GError        **error);

gboolean lab_port_has_address (AsabComponent  *component);
gboolean lab_port_listen      (AsabComponent  *component,
                               const char     *port_key,
                               LabListenFunc   func,
                               GError        **error);

G_END_DECLS
