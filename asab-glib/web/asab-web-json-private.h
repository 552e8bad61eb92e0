/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

JsonNode *asab_web_json_parse (GBytes  *bytes,
                               GError **error);

G_END_DECLS
