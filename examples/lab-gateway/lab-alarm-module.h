/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/asab.h>

G_BEGIN_DECLS

#define LAB_TYPE_ALARM_MODULE (lab_alarm_module_get_type ())
G_DECLARE_FINAL_TYPE (LabAlarmModule, lab_alarm_module, LAB, ALARM_MODULE, AsabModule)

LabAlarmModule *lab_alarm_module_new (AsabApplication *application) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
