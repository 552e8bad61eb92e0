/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "lab-order.h"

G_BEGIN_DECLS

#define LAB_TYPE_ORDER_SERVICE (lab_order_service_get_type ())
G_DECLARE_FINAL_TYPE (LabOrderService, lab_order_service, LAB, ORDER_SERVICE, AsabService)

LabOrderService *lab_order_service_new     (AsabApplication  *application) G_GNUC_WARN_UNUSED_RESULT;
AsabFuture      *lab_order_service_add     (LabOrderService  *self,
                                            LabOrder         *order) G_GNUC_WARN_UNUSED_RESULT;
LabOrder        *lab_order_service_find    (LabOrderService  *self,
                                            const char       *specimen);
GPtrArray       *lab_order_service_list    (LabOrderService  *self);

G_END_DECLS
