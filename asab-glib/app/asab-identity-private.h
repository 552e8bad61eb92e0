/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>
#include <sys/types.h>

G_BEGIN_DECLS

/* Who a process is to be. */
typedef struct
{
  uid_t uid;
  gid_t gid;
  char *user_name; /* (owned) (nullable): whose further groups come along */
  gboolean is_other; /* whether that is somebody else than now */
} AsabIdentity;

gboolean asab_identity_init   (AsabIdentity        *self,
                               const char          *user,
                               const char          *group,
                               GError             **error);
void     asab_identity_clear  (AsabIdentity        *self);
gboolean asab_identity_assume (const AsabIdentity  *self,
                               GError             **error);

G_END_DECLS
