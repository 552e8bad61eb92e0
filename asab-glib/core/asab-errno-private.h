/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

gboolean asab_set_errno_error (GError     **error,
                               const char  *format,
                               ...) G_GNUC_PRINTF (2, 3);

G_END_DECLS
