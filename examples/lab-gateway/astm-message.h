/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "astm-error.h"
#include "astm-record.h"

G_BEGIN_DECLS

/**
 * AstmCharset:
 * @ASTM_CHARSET_UTF8: UTF-8
 * @ASTM_CHARSET_LATIN1: ISO 8859-1
 *
 * How the bytes of a message are to be read; the protocol does not say.
 */
typedef enum
{
  ASTM_CHARSET_UTF8,
  ASTM_CHARSET_LATIN1,
} AstmCharset;

typedef struct _AstmMessage AstmMessage;

AstmMessage *astm_message_new            (void) G_GNUC_WARN_UNUSED_RESULT;
AstmMessage *astm_message_parse          (const char         *text,
                                          gsize               size,
                                          GError            **error) G_GNUC_WARN_UNUSED_RESULT;
void         astm_message_free           (AstmMessage        *self);
GBytes      *astm_message_encode         (const AstmMessage  *self,
                                          AstmCharset         charset) G_GNUC_WARN_UNUSED_RESULT;
AstmCharset  astm_message_get_charset    (const AstmMessage  *self);
guint        astm_message_get_n_records  (const AstmMessage  *self);
AstmRecord  *astm_message_get_record     (const AstmMessage  *self,
                                          guint               index);
AstmRecord  *astm_message_add_record     (AstmMessage        *self,
                                          char                type_letter);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AstmMessage, astm_message_free)

G_END_DECLS
