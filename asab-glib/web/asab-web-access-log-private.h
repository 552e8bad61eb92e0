/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What is told of a request that is over. */
typedef struct
{
  const char *remote_address;
  const char *method;
  const char *path;
  const char *user_agent; /* (nullable) */
  guint status;
  gint64 duration; /* microseconds */
  guint64 request_size;  /* of the body, as is the next */
  guint64 answer_size;
} AsabWebAccess;

void asab_web_access_log (const AsabWebAccess *access);

G_END_DECLS
