/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "lab-result.h"

G_BEGIN_DECLS

#define LAB_TYPE_RESULT_SERVICE (lab_result_service_get_type ())
G_DECLARE_FINAL_TYPE (LabResultService, lab_result_service, LAB, RESULT_SERVICE, AsabService)

/* What has happened since the start. */
typedef struct
{
  guint64 n_messages;   /* that were kept */
  guint64 n_duplicates; /* that had been kept before */
  guint64 n_refused;    /* that could not be written */
  guint64 n_unreadable; /* of those kept: nobody knows what they say */
} LabResultCounters;

LabResultService        *lab_result_service_new           (AsabApplication   *application) G_GNUC_WARN_UNUSED_RESULT;
AsabFuture              *lab_result_service_keep          (LabResultService  *self,
                                                           const char        *address,
                                                           const char        *text,
                                                           const AstmMessage *message) G_GNUC_WARN_UNUSED_RESULT;
guint64                  lab_result_service_get_last_id   (LabResultService  *self);
GPtrArray               *lab_result_service_list          (LabResultService  *self,
                                                           guint64            after,
                                                           guint              limit) G_GNUC_WARN_UNUSED_RESULT;
const LabResultCounters *lab_result_service_get_counters  (LabResultService  *self);
gboolean                 lab_result_service_is_healthy    (LabResultService  *self);

G_END_DECLS
