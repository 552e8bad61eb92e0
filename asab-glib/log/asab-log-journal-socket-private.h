/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>
#include <sys/uio.h>

G_BEGIN_DECLS

/* A connection to the socket of systemd-journald. All functions that can fail set errno. */
typedef struct
{
  char *path; /* (owned) */
  int fd;     /* -1: not connected */
} AsabLogJournalSocket;

void     asab_log_journal_socket_init    (AsabLogJournalSocket *self,
                                          const char           *path);
void     asab_log_journal_socket_clear   (AsabLogJournalSocket *self);
gboolean asab_log_journal_socket_connect (AsabLogJournalSocket *self);
void     asab_log_journal_socket_close   (AsabLogJournalSocket *self);
int      asab_log_journal_socket_send    (AsabLogJournalSocket *self,
                                          struct iovec         *datagrams,
                                          guint                 n_datagrams);
gboolean asab_log_journal_socket_wait    (AsabLogJournalSocket *self,
                                          int                   timeout_ms);

G_END_DECLS
