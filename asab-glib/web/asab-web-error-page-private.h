/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

char *asab_web_error_page_new (const char  *accept,
                               guint        status,
                               const char  *message,
                               const char **content_type);

G_END_DECLS
