/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

gssize      asab_web_percent_decode (char        *dest,
                                     const char  *source,
                                     gsize        length,
                                     gboolean     plus_is_space);
gboolean    asab_web_uri_check      (const char  *part,
                                     GError     **error);
const char *asab_web_uri_find_path  (const char  *address);
gboolean    asab_web_path_decode    (const char  *path,
                                     gsize        length,
                                     char        *segments,
                                     guint       *n_segments,
                                     GError     **error);

G_END_DECLS
