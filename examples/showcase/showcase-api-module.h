/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/asab-web.h>

G_BEGIN_DECLS

#define SHOWCASE_TYPE_API_MODULE (showcase_api_module_get_type ())
G_DECLARE_FINAL_TYPE (ShowcaseApiModule, showcase_api_module, SHOWCASE, API_MODULE, AsabModule)

ShowcaseApiModule *showcase_api_module_new (AsabApplication *application) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
