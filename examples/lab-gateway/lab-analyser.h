/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "astm-link.h"

G_BEGIN_DECLS

/* Where gateways listen, if nothing else is said. */
#define LAB_GATEWAY_PORT 15200

#define LAB_TYPE_ANALYSER (lab_analyser_get_type ())
G_DECLARE_FINAL_TYPE (LabAnalyser, lab_analyser, LAB, ANALYSER, AstmLink)

LabAnalyser *lab_analyser_new            (const char   *name) G_GNUC_WARN_UNUSED_RESULT;
AsabFuture  *lab_analyser_measure        (LabAnalyser  *self) G_GNUC_WARN_UNUSED_RESULT;
AsabFuture  *lab_analyser_measure_orders (LabAnalyser  *self) G_GNUC_WARN_UNUSED_RESULT;
AsabFuture  *lab_analyser_query          (LabAnalyser  *self,
                                          const char   *specimen) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
