/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/asab.h>

G_BEGIN_DECLS

#define LAB_TYPE_DEMO_MODULE (lab_demo_module_get_type ())
G_DECLARE_FINAL_TYPE (LabDemoModule, lab_demo_module, LAB, DEMO_MODULE, AsabModule)

LabDemoModule *lab_demo_module_new (AsabApplication *application) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
