/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "asab-log-record-private.h"

G_BEGIN_DECLS

/*
 * Where records go. A target is a struct that begins with an AsabLogTarget, made by a function of its own, which opens
 * it and may fail, and handed to asab_log_writer_set_target().
 *
 * All functions are called by one thread at a time: by the writer, or before it has started by the one who logs. They
 * must not log, but for asab_log_writer_report(), and should not block: while they do, the queue fills.
 */
typedef struct _AsabLogTarget AsabLogTarget;

typedef struct
{
  /* Takes a record, into a batch. */
  void (*append)  (AsabLogTarget       *self,
                   const AsabLogRecord *record);

  /* Writes the batch, as far as that is possible now. Comes after all that was in the queue, and each time that what
   * prepare() told has happened. */
  void (*flush)   (AsabLogTarget       *self);

  /* (nullable): Opens files anew; it has been flushed before. */
  void (*reopen)  (AsabLogTarget       *self);

  /* (nullable): Tells what the target waits for before it can flush more: @fd, which is -1 at first, with its events.
   * Returns: after how many milliseconds at the latest flush() is to be called, or -1 */
  int  (*prepare) (AsabLogTarget       *self,
                   GPollFD             *fd);

  /* (nullable): Writes what it still has, by a time of the monotonic clock at the latest: the process ends, or the
   * target is replaced. */
  void (*finish)  (AsabLogTarget       *self,
                   gint64               deadline);

  /* (nullable): Forgets what it has: this is a child that was forked, and that is its parent's to write. */
  void (*leave)   (AsabLogTarget       *self);

  /* (nullable): Gives a descriptor to which lines can be written when the process crashes, or -1. Must be
   * async-signal-safe. */
  int  (*get_fd)  (AsabLogTarget       *self);

  void (*free)    (AsabLogTarget       *self);
} AsabLogTargetClass;

struct _AsabLogTarget
{
  const AsabLogTargetClass *klass;
  gboolean wants_fields; /* has a place for data that are fields; changes only before it is set */
};

/* There is one of each. */
typedef enum
{
  ASAB_LOG_TARGET_CONSOLE,
  ASAB_LOG_TARGET_FILE,
  ASAB_LOG_TARGET_SYSLOG,
  ASAB_LOG_TARGET_JOURNAL,
  ASAB_LOG_N_TARGETS,
} AsabLogTargetKind;

G_END_DECLS
