/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The fields that records have by E1394. The first one of each is its type, the second its number among its like. */
typedef enum
{
  ASTM_HEADER_CONTROL_ID = 3,
  ASTM_HEADER_SENDER = 5,
  ASTM_HEADER_RECEIVER = 10,
  ASTM_HEADER_PROCESSING_ID = 12,
  ASTM_HEADER_VERSION = 13,
  ASTM_HEADER_TIME = 14,
} AstmHeaderField;

typedef enum
{
  ASTM_PATIENT_PRACTICE_ID = 3,
  ASTM_PATIENT_LABORATORY_ID = 4,
  ASTM_PATIENT_THIRD_ID = 5,
  ASTM_PATIENT_NAME = 6, /* last, first, middle, suffix, title */
  ASTM_PATIENT_BIRTH_DATE = 8,
  ASTM_PATIENT_SEX = 9,
  ASTM_PATIENT_PHYSICIAN = 14,
  ASTM_PATIENT_LOCATION = 26,
} AstmPatientField;

typedef enum
{
  ASTM_ORDER_SPECIMEN_ID = 3,
  ASTM_ORDER_INSTRUMENT_ID = 4,
  ASTM_ORDER_TEST = 5,
  ASTM_ORDER_PRIORITY = 6,
  ASTM_ORDER_REQUEST_TIME = 7,
  ASTM_ORDER_COLLECTION_TIME = 8,
  ASTM_ORDER_ACTION = 12,
  ASTM_ORDER_SPECIMEN_TYPE = 16,
  ASTM_ORDER_REPORT_TYPE = 26,
} AstmOrderField;

typedef enum
{
  ASTM_RESULT_TEST = 3,
  ASTM_RESULT_VALUE = 4,
  ASTM_RESULT_UNITS = 5,
  ASTM_RESULT_RANGE = 6,
  ASTM_RESULT_FLAGS = 7,
  ASTM_RESULT_STATUS = 9,
  ASTM_RESULT_OPERATOR = 11,
  ASTM_RESULT_START_TIME = 12,
  ASTM_RESULT_TIME = 13,
  ASTM_RESULT_INSTRUMENT = 14,
} AstmResultField;

typedef enum
{
  ASTM_COMMENT_SOURCE = 3,
  ASTM_COMMENT_TEXT = 4,
  ASTM_COMMENT_TYPE = 5,
} AstmCommentField;

typedef enum
{
  ASTM_QUERY_FIRST_ID = 3, /* patient, specimen */
  ASTM_QUERY_LAST_ID = 4,
  ASTM_QUERY_TEST = 5,
  ASTM_QUERY_STATUS = 13,
} AstmQueryField;

typedef enum
{
  ASTM_TERMINATOR_CODE = 3,
} AstmTerminatorField;

typedef struct _AstmRecord AstmRecord;

char         astm_record_get_type_letter (const AstmRecord *self);
const char  *astm_record_get             (const AstmRecord *self,
                                          guint             field);
const char  *astm_record_get_part        (const AstmRecord *self,
                                          guint             field,
                                          guint             repeat,
                                          guint             component);
guint        astm_record_get_n_fields    (const AstmRecord *self);
guint        astm_record_get_n_repeats   (const AstmRecord *self,
                                          guint             field);
void         astm_record_set             (AstmRecord       *self,
                                          guint             field,
                                          const char       *value);
void         astm_record_set_part        (AstmRecord       *self,
                                          guint             field,
                                          guint             repeat,
                                          guint             component,
                                          const char       *value);

G_END_DECLS
