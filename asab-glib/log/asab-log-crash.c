/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The last moment of a process: what is in the queue is written when a signal such as SIGSEGV ends it.
 *
 * The handler may do little, as it may have interrupted anything. But the thread that writes was not interrupted, so
 * the handler asks it to go on and waits until it has written all. Only if there is none, or it was the one that
 * failed, or it does not get on, the handler writes by itself: without locks and memory of the heap, in the default
 * layout, to the descriptors of the console and of the file, or to standard error if there is neither. What was half
 * written may then appear twice, but nothing is missing.
 *
 * Afterwards the former action of the signal is in place and the signal is on its way again.
 */

#include "config.h"

#include "asab-log-crash-private.h"

#include "asab-log-layout-private.h"
#include "asab-log-queue-private.h"
#include "asab-log-thread-private.h"
#include "asab-log-writer-private.h"

#include <errno.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#define MAX_ROUNDS 500 /* of a millisecond, in which nothing is written */

static const int watched[] = { SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV };
static const AsabLogTargetKind kinds[] = { ASAB_LOG_TARGET_CONSOLE, ASAB_LOG_TARGET_FILE };

static struct sigaction former[G_N_ELEMENTS (watched)];
static AsabLogLayout *layout; /* (owned): the default */
static char text[16 * 1024];
static char handler_stack[64 * 1024];
static int n_crashes; /* (atomic) */

static void
sleep_a_moment (void)
{
  nanosleep (&(struct timespec) { .tv_nsec = 1000 * 1000 }, NULL);
}

/* Returns: whether all is written */
static gboolean
let_thread_write (void)
{
  guint64 end = asab_log_queue_get_head ();
  guint64 tail = asab_log_queue_get_tail ();

  asab_log_thread_call_for_help ();
  for (int i = 0; tail < end && i < MAX_ROUNDS; i++)
    {
      guint64 former_tail = tail;

      sleep_a_moment ();
      tail = asab_log_queue_get_tail ();
      if (tail != former_tail)
        i = 0;
    }

  return tail >= end;
}

static void
write_to (int fd)
{
  AsabLogBuffer buffer = { .text = text, .capacity = sizeof text, .fd = fd };
  guint64 cursor = asab_log_queue_get_tail ();
  const AsabLogRecord *record;

  while ((record = asab_log_queue_next (&cursor)) != NULL)
    {
      if (record->kind == ASAB_LOG_RECORD_MESSAGE)
        asab_log_layout_append (layout, &buffer, record);
    }
  asab_log_buffer_write_out (&buffer);
}

static void
write_records (void)
{
  gboolean has_target = FALSE;

  if (asab_log_thread_can_help () && let_thread_write ())
    return;

  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      int fd = asab_log_writer_get_fd (kinds[i]);

      if (fd < 0)
        continue;
      write_to (fd);
      has_target = TRUE;
    }
  if (!has_target)
    write_to (STDERR_FILENO);
}

static void
crash_handler (int        signal_number,
               siginfo_t *info,
               void      *context G_GNUC_UNUSED)
{
  int saved_errno = errno;
  int nth = g_atomic_int_add (&n_crashes, 1);

  /* The thread that writes may fail over what the first one asked for. Any other waits for the end. */
  if (nth == 0 || !asab_log_thread_can_help ())
    write_records ();
  else
    for (int i = 0; i < 2 * MAX_ROUNDS; i++)
      sleep_a_moment ();

  for (gsize i = 0; i < G_N_ELEMENTS (watched); i++)
    {
      if (watched[i] == signal_number)
        sigaction (signal_number, &former[i], NULL);
    }

  /* A fault happens again, with the address that the former handler may want to know. */
  if (info->si_code <= 0)
    raise (signal_number);
  errno = saved_errno;
}

/* A fiber that overflows its stack has none left for the handler. */
static void
use_stack (void)
{
  stack_t current;

  if (sigaltstack (NULL, &current) == 0 && (current.ss_flags & SS_DISABLE) != 0)
    sigaltstack (&(stack_t) { .ss_sp = handler_stack, .ss_size = sizeof handler_stack }, NULL);
}

void
asab_log_crash_init (void)
{
  struct sigaction action = { .sa_sigaction = crash_handler, .sa_flags = SA_SIGINFO | SA_ONSTACK };

  layout = asab_log_layout_new_default ("sd");
  use_stack ();
  sigemptyset (&action.sa_mask);
  for (gsize i = 0; i < G_N_ELEMENTS (watched); i++)
    sigaction (watched[i], &action, &former[i]);
}
