/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/asab-web.h>

G_BEGIN_DECLS

#define SHOWCASE_TYPE_APPLICATION (showcase_application_get_type ())
G_DECLARE_FINAL_TYPE (ShowcaseApplication, showcase_application, SHOWCASE, APPLICATION, AsabApplication)

AsabApplication *showcase_application_new (void) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
