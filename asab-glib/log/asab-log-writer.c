/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Writing: takes records from the queue and hands them to the targets, a batch at a time.
 *
 * That is done by one thread at a time, which holds the lock of this file, and no other.
 */

#include "config.h"

#include "asab-log-writer-private.h"

#include "asab-log-buffer-private.h"
#include "asab-log-queue-private.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#define LOG_DOMAIN "asab.log"
#define BATCH_SIZE (256 * 1024)
#define MAX_FORK_ROUNDS 500 /* of a millisecond, in which nothing is written */
#define MAX_FINISH (2 * G_USEC_PER_SEC)

static GMutex lock;
static GThread *owner; /* (atomic): who holds the lock */
static GPrivate helper = G_PRIVATE_INIT (NULL);
static AsabLogTarget *targets[ASAB_LOG_N_TARGETS]; /* (owned) (nullable): under the lock */
static gboolean wants_fields; /* (atomic) */
static int present;           /* (atomic): the bits of the kinds of targets that there are */
static gboolean stands_still; /* (atomic): nothing was written for so long that records are dropped */
static int n_dropped;         /* (atomic): since that was told */

static void
flush_targets (guint64 cursor)
{
  for (gsize i = 0; i < ASAB_LOG_N_TARGETS; i++)
    {
      if (targets[i] != NULL)
        targets[i]->klass->flush (targets[i]);
    }

  asab_log_queue_release (cursor);
  g_atomic_int_set (&stands_still, FALSE);
}

static void
reopen_targets (void)
{
  for (gsize i = 0; i < ASAB_LOG_N_TARGETS; i++)
    {
      if (targets[i] != NULL && targets[i]->klass->reopen != NULL)
        targets[i]->klass->reopen (targets[i]);
    }
}

static void
append_to_targets (const AsabLogRecord *record)
{
  for (gsize i = 0; i < ASAB_LOG_N_TARGETS; i++)
    {
      if (targets[i] != NULL)
        targets[i]->klass->append (targets[i], record);
    }
}

static void
tell_dropped (void)
{
  guint n = (guint) g_atomic_int_exchange (&n_dropped, 0);

  if (n > 0 &&
      !asab_log_writer_report (ASAB_LOG_SEVERITY_WARNING, "%u records were dropped, because the queue was full", n))
    g_atomic_int_add (&n_dropped, (int) n); /* it is full again */
}

/* Writes what is in the queue now, and what the targets add meanwhile. */
static void
write_records (void)
{
  guint64 begin = asab_log_queue_get_tail ();
  guint64 cursor = begin;
  const AsabLogRecord *record;
  gboolean is_reopen;

  while ((record = asab_log_queue_next (&cursor)) != NULL)
    {
      is_reopen = record->kind == ASAB_LOG_RECORD_REOPEN;
      if (!is_reopen)
        append_to_targets (record);
      if (!is_reopen && cursor - begin < BATCH_SIZE)
        continue;

      flush_targets (cursor);
      if (is_reopen)
        reopen_targets ();
      begin = cursor = asab_log_queue_get_tail ();
    }
  flush_targets (cursor);
  tell_dropped ();
}

/*
 * asab_log_writer_add_helper:
 *
 * Notes that the calling thread works for a target. Who holds the lock may wait for it, so what it logs, or a library
 * in it, cannot wait for the lock.
 */
void
asab_log_writer_add_helper (void)
{
  g_private_set (&helper, g_thread_self ());
}

/* Returns: whether the caller is just writing, or helps whoever is */
gboolean
asab_log_writer_is_caller (void)
{
  return g_atomic_pointer_get (&owner) == g_thread_self () || g_private_get (&helper) != NULL;
}

static void
begin_writing (void)
{
  g_mutex_lock (&lock);
  g_atomic_pointer_set (&owner, g_thread_self ());
}

static void
end_writing (void)
{
  g_atomic_pointer_set (&owner, NULL);
  g_mutex_unlock (&lock);
}

/* Writes until the queue is empty. */
void
asab_log_writer_drain (void)
{
  begin_writing ();
  do
    write_records ();
  while (asab_log_queue_get_tail () != asab_log_queue_get_head ());
  end_writing ();
}

/* Notes a record that found no room. */
void
asab_log_writer_count_dropped (void)
{
  g_atomic_int_inc (&n_dropped);
}

/* Lets records be dropped at once, until something is written again. */
void
asab_log_writer_set_stands_still (void)
{
  g_atomic_int_set (&stands_still, TRUE);
}

gboolean
asab_log_writer_stands_still (void)
{
  return g_atomic_int_get (&stands_still);
}

gboolean
asab_log_writer_has_target (AsabLogTargetKind kind)
{
  return (g_atomic_int_get (&present) & 1 << kind) != 0;
}

/* A program must not be ended because nobody reads what it complains about. */
static void
print_error (const char *message)
{
  g_autofree char *line = g_strconcat (message, "\n", NULL);
  gsize length = strlen (line);

  if (send (STDERR_FILENO, line, length, MSG_NOSIGNAL) < 0 && errno == ENOTSOCK)
    asab_log_write_all (STDERR_FILENO, line, length, NULL);
}

/*
 * asab_log_writer_report:
 * @severity: a severity
 * @format: a format of printf ()
 * @...: its arguments
 *
 * Logs something about the log itself; targets may call this, from any thread. Without a console it goes to standard
 * error as well, as nobody may be left to write it.
 *
 * Returns: false if there was no room in the queue, and nobody has been told
 */
gboolean
asab_log_writer_report (AsabLogSeverity  severity,
                        const char      *format,
                        ...)
{
  g_auto(AsabLogPacker) packer;
  gboolean is_heard = asab_log_writer_has_target (ASAB_LOG_TARGET_CONSOLE);
  guint64 blocked_at;
  va_list arguments;

  asab_log_packer_init (&packer, severity, g_get_real_time (), LOG_DOMAIN);
  va_start (arguments, format);
  asab_log_packer_format_message (&packer, format, arguments);
  va_end (arguments);

  if (!is_heard)
    print_error (asab_log_record_get_message (packer.record));

  return asab_log_queue_push (asab_log_packer_finish (&packer), &blocked_at) || !is_heard;
}

/*
 * asab_log_writer_give_up:
 *
 * Tells on standard error, at the end of the process, what is not written, because the writer stands still.
 */
void
asab_log_writer_give_up (void)
{
  guint n_lost = (guint) g_atomic_int_get (&n_dropped);
  guint64 cursor = asab_log_queue_get_tail ();
  g_autofree char *message = NULL;

  while (asab_log_queue_next (&cursor) != NULL)
    n_lost++;
  message = g_strdup_printf ("The log cannot be written; up to %u records were lost", n_lost);
  print_error (message);
}

static void
finish_target (AsabLogTarget *target)
{
  if (target != NULL && target->klass->finish != NULL)
    target->klass->finish (target, g_get_monotonic_time () + MAX_FINISH);
}

/*
 * asab_log_writer_set_target:
 * @kind: which target
 * @target: (transfer full) (nullable): the target, which is open, or nothing
 *
 * Replaces a target. What was logged before still goes to the former one.
 */
void
asab_log_writer_set_target (AsabLogTargetKind  kind,
                            AsabLogTarget     *target)
{
  AsabLogTarget *former;
  gboolean wants = FALSE;
  int kinds = 0;

  begin_writing ();
  write_records ();
  former = targets[kind];
  finish_target (former);
  targets[kind] = target;
  for (gsize i = 0; i < ASAB_LOG_N_TARGETS; i++)
    {
      kinds |= targets[i] != NULL ? 1 << i : 0;
      wants |= targets[i] != NULL && targets[i]->wants_fields;
    }
  g_atomic_int_set (&present, kinds);
  g_atomic_int_set (&wants_fields, wants);
  end_writing ();

  if (former != NULL)
    former->klass->free (former);
}

/* Returns: whether there is a target with a place for data that are fields */
gboolean
asab_log_writer_wants_fields (void)
{
  return g_atomic_int_get (&wants_fields);
}

/*
 * asab_log_writer_prepare:
 * @fds: (out): for each target what it waits for
 *
 * Asks the targets what they wait for.
 *
 * Returns: after how many milliseconds to write at the latest, or -1
 */
int
asab_log_writer_prepare (GPollFD fds[ASAB_LOG_N_TARGETS])
{
  int timeout_ms = -1;

  begin_writing ();
  for (gsize i = 0; i < ASAB_LOG_N_TARGETS; i++)
    {
      int target_ms = -1;

      fds[i] = (GPollFD) { .fd = -1 };
      if (targets[i] != NULL && targets[i]->klass->prepare != NULL)
        target_ms = targets[i]->klass->prepare (targets[i], &fds[i]);
      if (target_ms >= 0 && (timeout_ms < 0 || target_ms < timeout_ms))
        timeout_ms = target_ms;
    }
  end_writing ();

  return timeout_ms;
}

/* At the end of the process: writes all that there is, and what the targets have to say of their end. */
void
asab_log_writer_finish (void)
{
  begin_writing ();
  write_records ();
  for (gsize i = 0; i < ASAB_LOG_N_TARGETS; i++)
    finish_target (targets[i]);
  write_records ();
  end_writing ();
}

/*
 * asab_log_writer_lock:
 *
 * Locks around fork(), so that no batch is half made in a child. It does not wait for a writer that stands still: that
 * one is in a system call, and would keep for as long whoever forks.
 *
 * Returns: true if it is locked
 */
gboolean
asab_log_writer_lock (void)
{
  guint64 tail = asab_log_queue_get_tail ();
  int n_rounds = 0;

  while (!g_mutex_trylock (&lock))
    {
      guint64 former_tail = tail;

      g_usleep (1000);
      tail = asab_log_queue_get_tail ();
      n_rounds = tail == former_tail ? n_rounds + 1 : 0;
      if (n_rounds == MAX_FORK_ROUNDS)
        return FALSE;
    }

  return TRUE;
}

void
asab_log_writer_unlock (void)
{
  g_mutex_unlock (&lock);
}

/* In a child, whose parent goes on to write what the targets have. Whoever has the lock is not here. */
void
asab_log_writer_leave (gboolean is_locked)
{
  for (gsize i = 0; i < ASAB_LOG_N_TARGETS; i++)
    {
      if (targets[i] != NULL && targets[i]->klass->leave != NULL)
        targets[i]->klass->leave (targets[i]);
    }

  if (!is_locked)
    {
      g_mutex_init (&lock);
      g_mutex_lock (&lock);
      owner = NULL;
    }
}

/* Gives a descriptor for lines to the handler of a signal, or -1. */
int
asab_log_writer_get_fd (AsabLogTargetKind kind)
{
  AsabLogTarget *target = targets[kind];

  return target != NULL && target->klass->get_fd != NULL ? target->klass->get_fd (target) : -1;
}
