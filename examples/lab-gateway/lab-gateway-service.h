/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/asab.h>

G_BEGIN_DECLS

#define LAB_TYPE_GATEWAY_SERVICE (lab_gateway_service_get_type ())
G_DECLARE_FINAL_TYPE (LabGatewayService, lab_gateway_service, LAB, GATEWAY_SERVICE, AsabStreamServerService)

/* What has happened on all links, those that are closed included. */
typedef struct
{
  guint64 n_naks;
  guint64 n_queries;
} LabGatewayCounters;

LabGatewayService  *lab_gateway_service_new           (AsabApplication   *application) G_GNUC_WARN_UNUSED_RESULT;
char              **lab_gateway_service_dup_addresses (LabGatewayService *self) G_GNUC_WARN_UNUSED_RESULT;
GPtrArray          *lab_gateway_service_list_stations (LabGatewayService *self);
LabGatewayCounters  lab_gateway_service_get_counters  (LabGatewayService *self);

G_END_DECLS
