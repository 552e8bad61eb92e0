/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "asab-web-request-private.h"

G_BEGIN_DECLS

gboolean asab_web_framing_check (AsabWebRequest *request,
                                 const char     *version,
                                 guint64         body_max_size,
                                 gboolean       *has_body);

G_END_DECLS
