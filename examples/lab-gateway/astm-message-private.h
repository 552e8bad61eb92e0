/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "astm-message.h"
#include "astm-record-private.h"

G_BEGIN_DECLS

struct _AstmMessage
{
  GPtrArray *records;    /* (owned) (element-type AstmRecord) */
  GStringChunk *strings; /* (owned): of all records */
  AstmCharset charset;   /* of the text that it was read from */
};

AstmRecord *astm_message_append (AstmMessage *self,
                                 char         type_letter);

G_END_DECLS
