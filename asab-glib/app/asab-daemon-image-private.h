/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What it takes to start this process once more. */
typedef struct
{
  char **arguments;   /* (owned) */
  char **environment; /* (owned) */
} AsabDaemonImage;

gboolean asab_daemon_image_is_needed     (void);
gboolean asab_daemon_image_init          (AsabDaemonImage  *self,
                                          int               word_fd,
                                          GError          **error);
void     asab_daemon_image_clear         (AsabDaemonImage  *self);
void     asab_daemon_image_execute       (AsabDaemonImage  *self,
                                          int               word_fd);
int      asab_daemon_image_steal_word_fd (void);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (AsabDaemonImage, asab_daemon_image_clear)

G_END_DECLS
