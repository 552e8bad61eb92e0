/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What separates the parts of a record; a header says which ones its message has. */
typedef struct
{
  char field;
  char repeat;
  char component;
  char escape;
} AstmDelimiters;

extern const AstmDelimiters astm_standard_delimiters;

void astm_escape   (GString              *record,
                    const char           *text,
                    const AstmDelimiters *delimiters);
void astm_unescape (GString              *text,
                    const char           *escaped,
                    gsize                 size,
                    const AstmDelimiters *delimiters);

G_END_DECLS
