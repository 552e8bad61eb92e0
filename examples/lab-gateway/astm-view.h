/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

#include "astm-message.h"

G_BEGIN_DECLS

/*
 * A walk over the records of a message, which knows above which records each one stands:
 *
 *     AstmWalk walk = { message };
 *
 *     while (astm_walk_next (&walk))
 *       if (astm_record_get_type_letter (walk.record) == 'R')
 *         show (walk.patient, walk.order, walk.record);
 */
typedef struct
{
  const AstmMessage *message;
  guint n_walked;
  AstmRecord *record;  /* the present one */
  AstmRecord *patient; /* (nullable) */
  AstmRecord *order;   /* (nullable) */
  AstmRecord *result;  /* (nullable) */
} AstmWalk;

gboolean     astm_walk_next              (AstmWalk          *self);

const char  *astm_patient_get_id         (const AstmRecord  *patient);
char        *astm_patient_dup_name       (const AstmRecord  *patient) G_GNUC_WARN_UNUSED_RESULT;
const char  *astm_record_get_test        (const AstmRecord  *record,
                                          guint              field,
                                          guint              repeat);
GDateTime   *astm_record_dup_time        (const AstmRecord  *record,
                                          guint              field,
                                          GError           **error) G_GNUC_WARN_UNUSED_RESULT;

const char  *astm_query_get_patient_id   (const AstmRecord  *query);
const char  *astm_query_get_specimen_id  (const AstmRecord  *query);
gboolean     astm_query_has_range        (const AstmRecord  *query);

AstmMessage *astm_answer_new             (const char        *sender,
                                          const char        *receiver) G_GNUC_WARN_UNUSED_RESULT;
AstmRecord  *astm_answer_add_patient     (AstmMessage       *answer,
                                          const char        *id,
                                          const char        *last_name,
                                          const char        *first_name);
AstmRecord  *astm_answer_add_order       (AstmMessage        *answer,
                                          const char         *specimen_id,
                                          const char * const *tests);
void         astm_answer_end             (AstmMessage        *answer,
                                          char                code);

G_END_DECLS
