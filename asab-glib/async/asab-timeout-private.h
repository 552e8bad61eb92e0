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
  guint32 place;        /* in the heap; 0 while it is stopped */
  guint32 turn;         /* equal times are due in the order in which they were started */
};

gboolean asab_timeout_refuse_seconds (double       seconds,
                                      GError     **error);
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

/* Tells whether @seconds is a duration: zero or more, or infinity for never; sets @error if not. */
static inline gboolean
asab_timeout_check_seconds (double    seconds,
                            GError  **error)
{
  return G_LIKELY (seconds >= 0) || asab_timeout_refuse_seconds (seconds, error);
}

G_END_DECLS
