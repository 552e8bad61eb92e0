/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/asab.h>

#include "astm-message.h"

G_BEGIN_DECLS

#define LAB_TYPE_RESULT (lab_result_get_type ())

/**
 * LabResult:
 * @id: its number; later results have higher ones
 * @received: when its message came, as ISO 8601
 * @analyser: who sent it
 * @patient: whose specimen it is
 * @specimen: what was examined
 * @test: what was measured
 * @value: what came out
 * @units: the units of @value
 * @range: what would be normal
 * @flags: what is not normal: L and LL are low, H and HH high
 * @status: F is final, P preliminary, C corrected
 * @completed: when it was measured, as the analyser says
 *
 * One result of a message. What the message does not tell is an empty text.
 */
typedef struct
{
  guint64 id;
  char *received;
  char *analyser;
  char *patient;
  char *specimen;
  char *test;
  char *value;
  char *units;
  char *range;
  char *flags;
  char *status;
  char *completed;
} LabResult;

GType      lab_result_get_type         (void) G_GNUC_CONST;
GPtrArray *lab_result_list_of_message  (const AstmMessage *message,
                                        guint64            first_id,
                                        const char        *received) G_GNUC_WARN_UNUSED_RESULT;
LabResult *lab_result_ref              (LabResult         *self);
void       lab_result_unref            (LabResult         *self);
GVariant  *lab_result_to_variant       (LabResult         *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (LabResult, lab_result_unref)

G_END_DECLS
