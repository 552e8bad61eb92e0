/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "astm-message.h"

G_BEGIN_DECLS

GBytes *lab_sample_new           (const char       *analyser,
                                  guint             number) G_GNUC_WARN_UNUSED_RESULT;
GBytes *lab_sample_new_for_order (const char       *analyser,
                                  const AstmRecord *patient,
                                  const AstmRecord *order) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
