/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Who writes, and when.
 *
 * At first that is whoever logs, before the call returns. Once a thread is allowed, which an application does after the
 * last fork, the first record starts it. A program that logs nothing has no thread.
 *
 * To wake the thread costs more than to log, so it is not woken for each record. When it has nothing left to do, it
 * dozes for a moment; what comes meanwhile is written in one go. Only if nothing came it sleeps, and the next record
 * wakes it.
 *
 *            nothing came            a record
 *    DOZING ─────────────▶ ASLEEP ─────────────▶ AWAKE
 *       ▲                                          │
 *       └──────────────────────────────────────────┘
 *                     all is written
 *
 * When the queue is full, callers wait for as long as the writer gets on with its work. If it stands still, because a
 * disk or whoever reads a pipe does, records up to NOTICE are counted and dropped, and the count is told as soon as
 * that is possible; warnings and worse wait.
 */

#include "config.h"

#include "asab-log-thread-private.h"

#include "asab-log-queue-private.h"
#include "asab-log-writer-private.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define DOZE_NS (G_GINT64_CONSTANT (1000) * 1000)
#define NS_OF_MS (G_GINT64_CONSTANT (1000) * 1000)
#define NS_OF_SECOND (1000 * NS_OF_MS)
#define MAX_STANDSTILL (G_USEC_PER_SEC / 50)
#define MAX_FLUSH_STANDSTILL (2 * G_USEC_PER_SEC)

typedef enum
{
  STATE_AWAKE,
  STATE_DOZING,
  STATE_ASLEEP,
} ThreadState;

static GMutex lock; /* held to start the thread */
static gboolean is_allowed; /* (atomic) */
static GThread *thread;     /* (atomic) (owned) (nullable) */
static pid_t thread_id;     /* (atomic): what gettid() says in it */
static gboolean should_end; /* (atomic) */
static int state;           /* (atomic): a ThreadState */
static int wake_fd = -1;
static gboolean is_writer_locked; /* around fork(), under the lock */

static void
kick (void)
{
  guint64 one = 1;

  if (write (wake_fd, &one, sizeof one) < 0)
    {
      /* The eventfd is at its limit, so it is awake already. */
    }
}

/* Wakes the thread if it sleeps. One caller does, so that not all pay for it. */
static void
wake_from (ThreadState from)
{
  if (g_atomic_int_get (&state) == (int) from && g_atomic_int_compare_and_exchange (&state, (int) from, STATE_AWAKE))
    kick ();
}

/* Waits for the eventfd and for what the targets wait for. */
static void
wait_for_events (gint64 timeout_ns)
{
  GPollFD fds[1 + ASAB_LOG_N_TARGETS] = { { .fd = wake_fd, .events = G_IO_IN } };
  int target_ms = asab_log_writer_prepare (fds + 1);
  struct timespec timeout;
  guint64 n_kicks;

  if (target_ms >= 0 && (timeout_ns < 0 || target_ms * NS_OF_MS < timeout_ns))
    timeout_ns = target_ms * NS_OF_MS;
  timeout = (struct timespec) { timeout_ns / NS_OF_SECOND, timeout_ns % NS_OF_SECOND };
  if (ppoll ((struct pollfd *) fds, G_N_ELEMENTS (fds), timeout_ns >= 0 ? &timeout : NULL, NULL) > 0 &&
      fds[0].revents != 0 && read (wake_fd, &n_kicks, sizeof n_kicks) < 0)
    {
      /* There was nothing to read, so there is nothing to forget. */
    }
}

static gboolean
is_idle (void)
{
  return asab_log_queue_get_tail () == asab_log_queue_get_head () && !g_atomic_int_get (&should_end);
}

static void
rest (void)
{
  g_atomic_int_set (&state, STATE_DOZING);
  wait_for_events (DOZE_NS);

  if (is_idle ())
    {
      /* Who pushes a record looks at the state after it, this looks at the queue after the state: one of both sees. */
      g_atomic_int_set (&state, STATE_ASLEEP);
      if (is_idle ())
        wait_for_events (-1);
    }
  g_atomic_int_set (&state, STATE_AWAKE);
}

/* What comes from outside is for the threads of the program; what this thread does wrong comes to its handler. */
static void
block_signals (void)
{
  static const int own_faults[] = { SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV, SIGTRAP };
  sigset_t signals;

  sigfillset (&signals);
  for (gsize i = 0; i < G_N_ELEMENTS (own_faults); i++)
    sigdelset (&signals, own_faults[i]);
  pthread_sigmask (SIG_BLOCK, &signals, NULL);
}

static gpointer
run (gpointer data G_GNUC_UNUSED)
{
  block_signals ();
  g_atomic_int_set (&thread_id, gettid ());

  while (!g_atomic_int_get (&should_end))
    {
      asab_log_writer_drain ();
      rest ();
    }

  return NULL;
}

static void
start_thread (void)
{
  g_mutex_lock (&lock);
  if (g_atomic_pointer_get (&thread) == NULL && g_atomic_int_get (&is_allowed))
    {
      wake_fd = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
      if (wake_fd >= 0)
        g_atomic_pointer_set (&thread, g_thread_try_new ("asab-log", run, NULL, NULL));
      if (g_atomic_pointer_get (&thread) == NULL)
        g_atomic_int_set (&is_allowed, FALSE); /* without one it goes slower */
    }
  g_mutex_unlock (&lock);
}

/* Returns: whether there is a thread to write what is in the queue */
static gboolean
ensure_thread (void)
{
  if (G_LIKELY (g_atomic_pointer_get (&thread) != NULL))
    return TRUE;
  if (g_atomic_int_get (&is_allowed))
    start_thread ();

  return g_atomic_pointer_get (&thread) != NULL;
}

/*
 * asab_log_thread_allow:
 *
 * Lets the next record start the thread, or starts it if a target waits for something. The process will not fork to
 * become another one from here on.
 */
void
asab_log_thread_allow (void)
{
  GPollFD fds[ASAB_LOG_N_TARGETS];
  gboolean is_waiting;

  g_atomic_int_set (&is_allowed, TRUE);
  is_waiting = asab_log_writer_prepare (fds) >= 0;
  for (gsize i = 0; i < ASAB_LOG_N_TARGETS; i++)
    is_waiting |= fds[i].fd >= 0;
  if (is_waiting)
    ensure_thread ();
}

static gboolean
has_backlog (void)
{
  return asab_log_queue_get_head () - asab_log_queue_get_tail () > ASAB_LOG_QUEUE_SIZE / 2;
}

/* Returns: false if @record has to be dropped */
static gboolean
make_room (const AsabLogRecord *record,
           guint64              blocked_at)
{
  gboolean can_drop = record->severity > ASAB_LOG_SEVERITY_WARNING;

  if (asab_log_writer_is_caller ())
    return FALSE;
  if (!ensure_thread ())
    {
      asab_log_writer_drain ();
      return TRUE;
    }
  if (can_drop && asab_log_writer_stands_still ())
    return FALSE;

  wake_from (STATE_DOZING);
  wake_from (STATE_ASLEEP);
  if (asab_log_queue_wait (blocked_at, g_get_monotonic_time () + MAX_STANDSTILL))
    return TRUE;
  if (can_drop)
    asab_log_writer_set_stands_still ();

  return !can_drop;
}

static void
thread_ends_cb (gpointer data G_GNUC_UNUSED)
{
  asab_log_thread_wake ();
}

/* Lets the records that a thread deferred be written at its end. */
static void
note_deferred (void)
{
  static GPrivate has_deferred = G_PRIVATE_INIT (thread_ends_cb);

  if (g_private_get (&has_deferred) == NULL)
    g_private_set (&has_deferred, &has_deferred);
}

/*
 * asab_log_push:
 * @record: a record
 * @is_deferred: whether it may wait until somebody else is written, or until asab_log_thread_wake()
 *
 * Logs a copy of @record.
 */
void
asab_log_push (const AsabLogRecord *record,
               gboolean             is_deferred)
{
  guint64 blocked_at;

  while (G_UNLIKELY (!asab_log_queue_push (record, &blocked_at)))
    {
      if (!make_room (record, blocked_at))
        {
          asab_log_writer_count_dropped ();
          return;
        }
    }

  if (is_deferred)
    note_deferred ();
  if (is_deferred && !has_backlog ())
    return;

  if (G_LIKELY (ensure_thread ()))
    {
      wake_from (STATE_ASLEEP);
      if (has_backlog ())
        wake_from (STATE_DOZING);
    }
  else if (!asab_log_writer_is_caller ()) /* which would find it by itself */
    {
      asab_log_writer_drain ();
    }
}

/*
 * asab_log_thread_wake:
 *
 * Lets what was deferred be written, and waits for that only if there is no thread.
 */
void
asab_log_thread_wake (void)
{
  if (asab_log_queue_get_tail () == asab_log_queue_get_head ())
    return;

  if (ensure_thread ())
    wake_from (STATE_ASLEEP);
  else if (!asab_log_writer_is_caller ())
    asab_log_writer_drain ();
}

/* Waits until all that was logged is written. Returns: false if the writer stands still */
static gboolean
flush_by_thread (void)
{
  guint64 end = asab_log_queue_get_head ();

  for (guint64 position = asab_log_queue_get_tail (); position < end; position = asab_log_queue_get_tail ())
    {
      kick ();
      if (!asab_log_queue_wait (position, g_get_monotonic_time () + MAX_FLUSH_STANDSTILL))
        return FALSE;
    }

  return TRUE;
}

/*
 * asab_log_thread_flush:
 *
 * Writes all that was logged before, or waits until the thread has done so; but not for ever, if it stands still.
 */
void
asab_log_thread_flush (void)
{
  if (asab_log_writer_is_caller ())
    return;

  if (g_atomic_pointer_get (&thread) != NULL)
    flush_by_thread ();
  else
    asab_log_writer_drain ();
}

static void
end_thread (void)
{
  g_atomic_int_set (&is_allowed, FALSE);
  if (g_atomic_pointer_get (&thread) == NULL)
    return;
  if (!flush_by_thread ())
    return; /* it hangs in a write, and would for ever */

  g_atomic_int_set (&should_end, TRUE);
  kick ();
  g_thread_join (thread);
  g_atomic_pointer_set (&thread, NULL);
}

/* At the end of the process. What is logged later, by other functions like this, is written at once again. */
static void
exit_cb (void)
{
  end_thread ();
  if (g_atomic_pointer_get (&thread) == NULL)
    asab_log_writer_finish ();
  else
    asab_log_writer_give_up ();
}

static void
prepare_fork (void)
{
  g_mutex_lock (&lock);
  is_writer_locked = asab_log_writer_lock ();
  asab_log_queue_lock ();
}

static void
unlock_parent (void)
{
  asab_log_queue_unlock ();
  if (is_writer_locked)
    asab_log_writer_unlock ();
  g_mutex_unlock (&lock);
}

/* A child has no thread, and what waits is for a thread of its parent to write, if there is one: that goes on. */
static void
unlock_child (void)
{
  asab_log_queue_reset ();
  if (thread != NULL || !is_writer_locked)
    asab_log_writer_leave (is_writer_locked);
  is_writer_locked = TRUE;
  thread = NULL;
  state = STATE_AWAKE;
  if (wake_fd >= 0)
    close (wake_fd);
  wake_fd = -1;
  unlock_parent ();
}

void
asab_log_thread_init (void)
{
  atexit (exit_cb);
  pthread_atfork (prepare_fork, unlock_parent, unlock_child);
}

/* Returns: whether there is a thread that can write, other than the calling one */
gboolean
asab_log_thread_can_help (void)
{
  return g_atomic_pointer_get (&thread) != NULL && g_atomic_int_get (&thread_id) != gettid ();
}

void
asab_log_thread_call_for_help (void)
{
  kick ();
}
