/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "astm-link.h"
#include "lab-order-service.h"
#include "lab-result-service.h"

G_BEGIN_DECLS

#define LAB_TYPE_STATION (lab_station_get_type ())
G_DECLARE_FINAL_TYPE (LabStation, lab_station, LAB, STATION, AstmLink)

LabStation *lab_station_new           (LabResultService *results,
                                       LabOrderService  *orders) G_GNUC_WARN_UNUSED_RESULT;
AsabFuture *lab_station_finish        (LabStation       *self) G_GNUC_WARN_UNUSED_RESULT;
const char *lab_station_get_name      (LabStation       *self);
guint64     lab_station_get_n_queries (LabStation       *self);
GVariant   *lab_station_to_variant    (LabStation       *self);

G_END_DECLS
