/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/core/asab-context-private.h>

G_BEGIN_DECLS

typedef struct _AsabTimeout AsabTimeout;
typedef void (*AsabTimeoutFunc) (AsabTimeout *timeout);

/* Something that is due at a time; embedded in its owner, who stops it before it goes. */
struct _AsabTimeout
{
  AsabTimeoutFunc func; /* called when it is due, after it was stopped */
  gint64 when;          /* microseconds by the clock of its context */
  guint32 place;        /* in the heap, from 1 on; 0 while it is stopped */
  guint32 turn;         /* equal times are due in the order in which they were started */
};

gboolean asab_timeout_check_seconds (double        seconds,
                                     GError      **error);
void     asab_timeout_start         (AsabTimeout  *self,
                                     AsabContext  *context,
                                     double        seconds);
void     asab_timeout_start_at      (AsabTimeout  *self,
                                     AsabContext  *context,
                                     gint64        when);
void     asab_timeout_stop          (AsabTimeout  *self,
                                     AsabContext  *context);

static inline gboolean
asab_timeout_is_started (AsabTimeout *self)
{
  return self->place != 0;
}

G_END_DECLS
