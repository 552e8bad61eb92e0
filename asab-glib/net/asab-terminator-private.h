/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What ends a record: one of several sequences of bytes, a length, or nothing. */
typedef struct
{
  GPtrArray *sequences; /* (owned) (nullable) (element-type GBytes): none of them is empty */
  gsize length;         /* 0: none */
} AsabTerminator;

/* What stands at the beginning of some data. */
typedef struct
{
  gsize n_content;    /* bytes that belong to the present record … */
  gsize n_terminator; /* … and those of the terminator behind them */
  gboolean is_found;  /* else what is behind them may be the beginning of a terminator */
} AsabTerminatorMatch;

void                asab_terminator_clear  (AsabTerminator       *self);
void                asab_terminator_add    (AsabTerminator       *self,
                                            GBytes               *sequence);
AsabTerminatorMatch asab_terminator_match  (const AsabTerminator *self,
                                            const guint8         *data,
                                            gsize                 size,
                                            gsize                 n_before,
                                            gboolean              is_end);

G_END_DECLS
