/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "astm-record.h"

G_BEGIN_DECLS

/* More fields, repeats or components than any record has; it keeps a hostile one small. */
#define ASTM_MAX_PLACE 1000

/* Something that a record says. What it leaves empty is not kept. */
typedef struct
{
  guint16 field;
  guint16 repeat;
  guint16 component;
  const char *text; /* (not owned): in the strings of the message */
} AstmValue;

struct _AstmRecord
{
  char type_letter;
  GArray *values;        /* (owned) (element-type AstmValue): in the order of their places */
  GStringChunk *strings; /* (not owned): of the message */
};

AstmRecord *astm_record_new  (char          type_letter,
                              GStringChunk *strings);
void        astm_record_free (AstmRecord   *self);

G_END_DECLS
