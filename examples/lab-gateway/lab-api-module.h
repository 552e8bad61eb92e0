/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/asab.h>

G_BEGIN_DECLS

#define LAB_TYPE_API_MODULE (lab_api_module_get_type ())
G_DECLARE_FINAL_TYPE (LabApiModule, lab_api_module, LAB, API_MODULE, AsabModule)

LabApiModule *lab_api_module_new (AsabApplication *application) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
